"""Pictures, folders, videos: every frame once, in order; and a sentence that helps when there is none."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest

from posekit.clock import ManualClock, SystemClock
from posekit.errors import SourceError
from posekit.frame import Frame
from posekit.sources import is_live, open_source


def write_picture(path: Path, color: tuple[int, int, int], size: tuple[int, int] = (64, 48)) -> Path:
    """Write a picture of one RGB colour."""
    pixels = np.full((size[1], size[0], 3), color[::-1], np.uint8)
    assert cv2.imwrite(str(path), pixels)
    return path


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a clip of 12 frames at 25 fps that grow brighter."""
    path = tmp_path_factory.mktemp("clip") / "grow.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 25.0, (64, 48))
    for level in range(12):
        writer.write(np.full((48, 64, 3), level * 20, np.uint8))
    writer.release()
    return path


def all_frames(text: str | Path) -> list[Frame]:
    source = open_source(str(text), ManualClock(), every_frame=True)
    try:
        return [frame for frame in source.frames() if isinstance(frame, Frame)]
    finally:
        source.close()


def test_a_picture_is_one_frame_in_rgb(tmp_path: Path) -> None:
    (frame,) = all_frames(write_picture(tmp_path / "red.png", (250, 10, 20)))
    assert frame.pixels.shape == (48, 64, 3)
    assert frame.pixels[0, 0].tolist() == [250, 10, 20]
    assert (frame.size, frame.index, frame.time, frame.name) == ((64, 48), 0, 0.0, "red.png")


def test_a_folder_yields_its_pictures_by_name_and_nothing_else(tmp_path: Path) -> None:
    for name in ("b.jpg", "a.png", "c.bmp"):
        write_picture(tmp_path / name, (9, 9, 9))
    (tmp_path / "notes.txt").write_text("no picture")
    assert [frame.name for frame in all_frames(tmp_path)] == ["a.png", "b.jpg", "c.bmp"]


def test_grey_and_transparent_pictures_become_rgb(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "grey.png"), np.full((5, 7), 77, np.uint8))
    cv2.imwrite(str(tmp_path / "alpha.png"), np.full((5, 7, 4), 77, np.uint8))
    cv2.imwrite(str(tmp_path / "deep.png"), np.full((5, 7, 3), 77 * 257, np.uint16))
    frames = all_frames(tmp_path)
    assert len(frames) == 3
    assert all(frame.pixels.shape == (5, 7, 3) and (frame.pixels == 77).all() for frame in frames)


def test_a_video_yields_every_frame_with_its_time(clip: Path) -> None:
    frames = all_frames(clip)
    assert len(frames) == 12
    assert [frame.index for frame in frames] == list(range(12))
    assert np.allclose([frame.time for frame in frames], np.arange(12) / 25, atol=0.002)
    assert [int(frame.pixels.mean()) for frame in frames] == pytest.approx(
        [20 * at for at in range(12)], abs=4
    )


def test_a_played_video_goes_round_and_time_goes_on(clip: Path) -> None:
    source = open_source(str(clip), SystemClock())
    frames = list(islice(source.frames(), 15))
    source.close()
    assert len(frames) == 15
    assert [frame.index for frame in frames] == list(range(15))
    times = [frame.time for frame in frames]
    assert times == sorted(times)
    assert frames[12].pixels.mean() < frames[11].pixels.mean()


class JumpingClock(ManualClock):
    """A clock that moves on a little whenever somebody looks."""

    def __init__(self, step: float) -> None:
        super().__init__()
        self._step = step

    def now(self) -> float:
        self.advance(self._step)
        return super().now()


def test_a_late_video_drops_frames_instead_of_falling_behind(clip: Path) -> None:
    source = open_source(str(clip), JumpingClock(0.05))
    frames = list(islice(source.frames(), 8))
    source.close()
    assert len(frames) == 8
    assert source.dropped > 0


def test_a_video_that_is_read_too_slowly_still_shows_something_four_times_a_second(tmp_path: Path) -> None:
    path = tmp_path / "long.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 25.0, (64, 48))
    for _ in range(300):
        writer.write(np.zeros((48, 64, 3), np.uint8))
    writer.release()
    source = open_source(str(path), JumpingClock(0.045))  # a picture is due every 0.04 seconds
    frames = [frame for frame in islice(source.frames(), 20) if isinstance(frame, Frame)]
    source.close()
    assert len(frames) == 20
    assert source.dropped > 0
    gaps = np.diff([frame.time for frame in frames])
    assert gaps.max() < 0.5  # an engine that shows nothing for two seconds is replaced


def test_closing_ends_the_frames(tmp_path: Path) -> None:
    source = open_source(str(write_picture(tmp_path / "a.png", (1, 2, 3))), SystemClock())
    frames = source.frames()
    next(frames)
    source.close()
    assert list(frames) == []


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("empty.png", b"", "cannot be read as a picture"),
        ("text.jpg", b"hello", "cannot be read as a picture"),
        ("text.mp4", b"hello", "cannot be read as a video"),
        ("words.txt", b"hello", "cannot be read as a video"),
    ],
)
def test_a_file_that_is_no_picture(tmp_path: Path, name: str, content: bytes, sentence: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match=sentence):
        all_frames(tmp_path / name)


def test_a_video_cut_in_half_is_read_as_far_as_it_goes_or_refused(clip: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.avi"
    cut.write_bytes(clip.read_bytes()[: clip.stat().st_size // 2])
    try:
        assert 0 < len(all_frames(cut)) < 12
    except SourceError as error:
        assert "whole" in str(error)


def test_a_wrong_path_gets_the_nearest_right_one(clip: Path) -> None:
    with pytest.raises(SourceError, match=r"did you mean .*grow\.avi"):
        open_source(str(clip.with_name("grov.avi")), ManualClock())
    with pytest.raises(SourceError, match="did you mean sample"):
        open_source("smaple", ManualClock())
    with pytest.raises(SourceError, match="nor a folder"):
        open_source("/nowhere/at/all.mp4", ManualClock())


def test_an_empty_folder_says_what_it_lacks(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="holds no pictures"):
        open_source(str(tmp_path), ManualClock())


def test_a_camera_that_is_not_there_says_what_to_do() -> None:
    with pytest.raises(SourceError, match="--source sample"):
        open_source("77", SystemClock())


def test_a_stream_that_nobody_sends_fails_at_once() -> None:
    with pytest.raises(SourceError, match="is the address right"):
        open_source("http://127.0.0.1:9/nobody", SystemClock())


@pytest.mark.parametrize(
    ("text", "live"),
    [("0", True), ("camera:x", True), ("rtsp://a/b", True), ("a.mp4", False), ("sample", False)],
)
def test_what_is_live(text: str, live: bool) -> None:
    assert is_live(text) is live


def test_a_real_clip(asset) -> None:
    frames = list(
        islice(
            open_source(str(asset("data/videos/crossing.mp4")), ManualClock(), every_frame=True).frames(), 5
        )
    )
    assert len(frames) == 5
    assert frames[4].time == pytest.approx(4 / 30, abs=0.01)
    assert frames[0].size == (960, 540)
