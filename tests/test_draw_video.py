import os
import sys
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest

from posekit.draw import open_video, write_picture
from posekit.errors import OutputError

FRAME = np.full((48, 64, 3), (200, 30, 10), np.uint8)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_video_appears_whole_when_it_is_closed(tmp_path):
    said = []
    with open_video(tmp_path / "out.mp4", (64, 48), 25.0, said.append) as video:
        for number in range(20):
            video.write(FRAME, number / 25)
            assert "out.mp4" not in files(tmp_path)
    assert files(tmp_path) == ["out.mp4"]
    assert len(said) <= 1
    capture = cv2.VideoCapture(str(tmp_path / "out.mp4"))
    assert capture.get(cv2.CAP_PROP_FRAME_COUNT) == 20
    assert capture.get(cv2.CAP_PROP_FPS) == pytest.approx(25, abs=0.01)
    found, frame = capture.read()
    capture.release()
    assert found
    blue, green, red = frame.mean(axis=(0, 1))
    assert red > 170 > 60 > max(blue, green)


def test_a_surfaces_four_channels_are_understood(tmp_path):
    bgrx = np.zeros((48, 64, 4), np.uint8)
    bgrx[..., 2] = 255
    with open_video(tmp_path / "red.mp4", (64, 48), 30) as video:
        video.write(bgrx)
        video.write(bgrx)
    capture = cv2.VideoCapture(str(tmp_path / "red.mp4"))
    assert capture.read()[1][..., 2].mean() > 220
    capture.release()


def test_a_broken_run_leaves_nothing(tmp_path):
    def run():
        with open_video(tmp_path / "out.mp4", (64, 48), 25) as video:
            video.write(FRAME)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run()
    assert files(tmp_path) == []


def test_a_broken_run_leaves_an_older_file_as_it_was(tmp_path):
    (tmp_path / "out.mp4").write_bytes(b"older")
    video = open_video(tmp_path / "out.mp4", (64, 48), 25)
    video.write(FRAME)
    video.close(whole=False)
    video.close(whole=False)
    assert (tmp_path / "out.mp4").read_bytes() == b"older"


def test_a_frame_of_another_size_is_refused(tmp_path):
    with pytest.raises(OutputError, match="got"), open_video(tmp_path / "out.mp4", (64, 50), 25) as video:
        video.write(FRAME)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("no_such/out.mp4", "there is no folder"),
        ("out.gif", "written as .mp4"),
        ("taken.mp4", "it is a folder"),
    ],
)
def test_what_cannot_be_written_is_said_before_the_first_frame(tmp_path, name, sentence):
    (tmp_path / "taken.mp4").mkdir()
    with pytest.raises(OutputError, match=sentence):
        open_video(tmp_path / name, (64, 48), 25)


def test_a_picture_is_written_as_it_is(tmp_path):
    write_picture(tmp_path / "a.png", FRAME)
    assert files(tmp_path) == ["a.png"]
    assert (cv2.imread(str(tmp_path / "a.png"))[..., ::-1] == FRAME).all()
    with pytest.raises(OutputError, match=r"try \.png"):
        write_picture(tmp_path / "a.xyz", FRAME)
    with pytest.raises(OutputError, match="no folder"):
        write_picture(tmp_path / "nowhere" / "a.png", FRAME)


@contextmanager
def nearly_full_disk(limit):
    """Let no file grow beyond `limit` bytes: to whoever writes it, a disk that is full."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("limit", [0, 1000, 60_000])
def test_a_disk_that_fills_up_leaves_no_unplayable_film(tmp_path, limit):
    noise = np.random.default_rng(1).integers(0, 255, (240, 320, 3), np.uint8)
    (tmp_path / "out.mp4").write_bytes(b"older")

    def record():
        with open_video(tmp_path / "out.mp4", (320, 240), 25) as video:
            for _ in range(40):
                video.write(noise)

    with nearly_full_disk(limit), pytest.raises(OutputError, match=r"cannot write .*out\.mp4"):
        record()
    assert files(tmp_path) == ["out.mp4"]
    assert (tmp_path / "out.mp4").read_bytes() == b"older"
    with nearly_full_disk(100), pytest.raises(OutputError, match="cannot write"):
        write_picture(tmp_path / "a.png", noise)
    assert files(tmp_path) == ["out.mp4"]


def test_a_film_without_a_frame_is_none(tmp_path):
    with pytest.raises(OutputError, match="not one frame"), open_video(tmp_path / "out.mp4", (64, 48), 25):
        pass
    assert files(tmp_path) == []


def test_a_size_that_mpeg4_cannot_say_is_given_as_the_reason(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(OutputError, match="at most 8190 pixels a side; 16384x16384 is too large"):
        open_video(tmp_path / "out.mp4", (16384, 16384), 25)
    assert files(tmp_path) == []


def record_one(path):
    with open_video(path, (64, 48), 25) as video:
        video.write(FRAME)


@pytest.mark.parametrize("name", ["out.png", "out.mp4"])
def test_a_link_is_written_through_and_stays_a_link(tmp_path, name):
    shelf, link = tmp_path / "shelf", tmp_path / name
    shelf.mkdir()
    write = record_one if name.endswith("mp4") else lambda path: write_picture(path, FRAME)
    link.symlink_to(Path("shelf") / name)
    for _ in range(2):  # before its target is there, and over it
        write(link)
        assert link.is_symlink()
        assert files(shelf) == [name]
        assert (shelf / name).stat().st_size > 50
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    round_trip = tmp_path / f"round{link.suffix}"
    round_trip.symlink_to(tmp_path / "a")
    with pytest.raises(OutputError, match="cannot write"):
        write(round_trip)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in folders")
@pytest.mark.parametrize("name", ["out.png", "out.mp4"])
def test_what_is_no_ordinary_file_is_refused_and_never_replaced(tmp_path, name):
    write = record_one if name.endswith("mp4") else lambda path: write_picture(path, FRAME)
    os.mkfifo(tmp_path / name)
    device = tmp_path / f"device{Path(name).suffix}"
    device.symlink_to("/dev/null")
    for path in (tmp_path / name, device):
        with pytest.raises(OutputError, match="a device or a pipe"):
            write(path)
    folder = tmp_path / f"folder{Path(name).suffix}"
    folder.mkdir()
    with pytest.raises(OutputError, match="it is a folder"):
        write(folder)
    assert (tmp_path / name).is_fifo()
    assert files(tmp_path) == sorted([name, device.name, folder.name])
