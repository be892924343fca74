"""What `posekit estimate` writes: JSON lines, and skeletons drawn on pictures and films."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

from posekit.cli.console import say
from posekit.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Sequence

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


class Lines:
    """JSON lines: to stdout, or to a file that appears only when it is whole.

    A file takes the place of an older one when at least one line was written and nothing but an input failed.
    What is no ordinary file (a pipe, a device) is written to as it is. Raises `OutputError`.
    """

    def __init__(self, target: str) -> None:
        self.is_stdout = target == "-"
        self._name = "stdout" if self.is_stdout else target
        self._path = Path(target)
        self._unfinished: Path | None = None
        self._count = 0
        try:
            self._file = self._open()
        except OSError as error:
            raise self._refusal(error) from None

    def _open(self) -> IO[str]:
        if self.is_stdout:
            if sys.stdout is None:
                raise OSError("it is closed")
            return sys.stdout
        self._path = self._path.resolve()
        if self._path.exists() and not self._path.is_file():
            return self._path.open("w", encoding="utf-8")
        self._unfinished = self._path.with_name(f".{self._path.name}.{os.getpid()}.unfinished")
        return self._unfinished.open("w", encoding="utf-8")

    def write(self, line: str) -> None:
        """Write one line."""
        try:
            self._file.write(line)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise self._refusal(error) from None
        self._count += 1

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            self._file.flush()
            if not self.is_stdout:
                self._file.close()
            if self._unfinished is not None and kind is None and self._count:
                self._unfinished.replace(self._path)
        except BrokenPipeError:
            raise
        except OSError as error:
            if kind is None:
                raise self._refusal(error) from None
        finally:
            if self._unfinished is not None:
                with suppress(OSError):
                    self._unfinished.unlink(missing_ok=True)

    def _refusal(self, error: OSError) -> OutputError:
        if self.is_stdout:
            # Python would try once more at exit, and complain.
            with suppress(OSError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return OutputError(f"cannot write {self._name}: {error.strerror or error}")
