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
