"""What `posekit estimate` writes: JSON lines, and skeletons drawn on pictures and films."""

from __future__ import annotations

import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

from posekit.cli.console import say
from posekit.errors import OutputError, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from posekit.cli.estimate_jobs import Job
    from posekit.draw import VideoWriter
    from posekit.frame import Frame
    from posekit.pose import Pose

DRAWN_SCORE = 0.3
"""Keypoints below this score are not drawn; in the JSON every keypoint stands with its score."""


class Drawing:
    """Skeletons drawn on frames, written as a picture or a video."""

    def __init__(self, job: Job, rate: float) -> None:
        assert job.drawing is not None
        self._path = job.drawing
        self._rate = rate
        self._is_picture = job.is_picture
        self._video: VideoWriter | None = None

    def draw(self, frame: Frame, poses: Sequence[Pose]) -> None:
        """Draw the poses of one frame; raises `OutputError` when the file cannot be written."""
        from posekit.draw import draw_poses, open_video, write_picture

        pixels = frame.pixels.copy()
        draw_poses(pixels, [pose.above(DRAWN_SCORE) for pose in poses])
        if self._is_picture:
            write_picture(self._path, pixels)
            return
        if self._video is None:
            self._video = open_video(self._path, frame.size, self._rate, say)
        self._video.write(pixels)

    def __enter__(self) -> Drawing:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._video is not None:
            self._video.close(whole=kind is None)


@contextmanager
def open_lines(target: str | None) -> Iterator[IO[str] | None]:
    """Open the JSON output: stdout, a file that appears only when it is whole, or nothing."""
    if target is None:
        yield None
        return
    if target == "-":
        yield sys.stdout
        sys.stdout.flush()
        return
    path = Path(target)
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        file = unfinished.open("w", encoding="utf-8")
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from None
    try:
        with file:
            yield file
    except SourceError:
        unfinished.replace(path)  # some inputs failed; what was found in the others is kept
        raise
    except BaseException:
        with suppress(OSError):
            unfinished.unlink()
        raise
    unfinished.replace(path)
