"""F9: records a clip of the sketch, in a thread, so that the window never waits for it."""

from __future__ import annotations

import itertools
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import TYPE_CHECKING

from posekit.draw.video import VideoWriter, open_video
from posekit.errors import OutputError
from posekit.runner.card import GROUND, INK, letter_size, rounded, text_width, write
from posekit.runner.tool import Tool

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from posekit.geometry import Size
    from posekit.sketch.canvas import Canvas

RATE = 30.0
"""Frames per second of a clip: what browsers play everywhere, and half the work of a window's sixty."""
QUEUE_FRAMES = 8
"""Frames that wait for the disk; at 1280x720 they are 30 MB."""
CLOSE_SECONDS = 20.0
"""How long the end of the run waits for a clip to be finished."""
RED = (235, 64, 52)


class ClipRecorder(Tool):
    """Starts a clip and ends it; `hello-001.mp4` in the current folder. A red dot is shown, and not in it.

    Frames that the disk or the encoder cannot take in time are dropped, which is told at the end; so is a
    disk that is full. The show goes on in any case.
    """

    name, key_name = "clip", "f9"
    help = "record a clip, and end it"

    def __init__(self, stem: str, fps: float, report: Callable[[str], None]) -> None:
        self._stem, self._rate, self._report = stem, min(RATE, fps), report
        self._clips: list[_Clip] = []
        self._wants = False
        self._began = self._now = 0.0

    def open(self) -> None:
        """Begin with the next frame."""
        self.is_open = self._wants = True

    def close(self) -> None:
        """End the clip; the file is finished meanwhile, and told of then."""
        self.is_open = self._wants = False
        for clip in self._clips:
            clip.end()

    def finish(self) -> None:
        """End the clip, wait until the file is written, and say how it went."""
        self.close()
        for clip in self._clips:
            clip.thread.join(CLOSE_SECONDS)
        self._tell()

    def frame(self, canvas: Canvas, now: float) -> None:
        """Hand the frame on, if it is its turn."""
        self._now = now
        if self._wants:
            self._wants, self._began = False, now
            taken = {clip.path for clip in self._clips}
            path = next_free(self._stem, taken)
            self._clips.append(_Clip(path, canvas.size, self._rate, now))
        if self.is_open and self._clips:
            clip = self._clips[-1]
            if not clip.is_alive() or not clip.add(canvas, now):
                self.is_open = False
        if self._clips:
            self._tell()

    def draw(self, canvas: Canvas) -> None:
        """Draw the red dot and how long it has been."""
        unit = letter_size(canvas)
        seconds = int(self._now - self._began)
        words = f"{seconds // 60}:{seconds % 60:02}"
        width = text_width(words, unit) + unit * 1.9
        left, top = (canvas.width - width) / 2, unit * 0.7
        rounded(canvas, (left, top, width, unit * 1.3), GROUND, unit * 0.65, 0.75)
        canvas.circle((left + unit * 0.75, top + unit * 0.65), unit * 0.33, RED)
        write(canvas, words, left + unit * 1.35, top + unit * 0.65, unit, INK)

    def _tell(self) -> None:
        """Report what the threads have had to say; one that has ended is forgotten."""
        for clip in self._clips:
            for sentence in clip.news():
                self._report(sentence)
        self._clips = [clip for clip in self._clips if clip.is_alive()]


class _Clip:
    """One clip and the thread that writes it."""

    def __init__(self, path: Path, size: Size, rate: float, began: float) -> None:
        self.path, self._size, self._rate, self._began = path, size, rate, began
        self._frames: Queue[tuple[NDArray[np.uint8], float]] = Queue(QUEUE_FRAMES)
        self._said: Queue[str] = Queue()
        self._last = -1
        self._seconds = 0.0
        self._dropped = 0
        self._is_ending = False
        self.thread = Thread(target=self._write, name="clip", daemon=True)
        self.thread.start()

    def is_alive(self) -> bool:
        """Whether the thread still writes."""
        return self.thread.is_alive()

    def add(self, canvas: Canvas, now: float) -> bool:
        """Copy a frame for the thread unless it is not yet due; false when the canvas has another size."""
        if canvas.size != self._size:
            self.end()
            return False
        number = round((now - self._began) * self._rate)
        if number > self._last:
            self._last = number
            if self._frames.full():
                self._dropped += 1
            else:
                self._frames.put((canvas.pixels.copy(), now - self._began))
        return True

    def end(self) -> None:
        """Let the thread finish the file."""
        self._is_ending = True

    def news(self) -> list[str]:
        """Return what has been said since the last look."""
        said = []
        while True:
            try:
                said.append(self._said.get_nowait())
            except Empty:
                return said

    def _write(self) -> None:
        try:
            video = open_video(self.path, self._size, self._rate, self._said.put)
        except OutputError as error:
            self._said.put(f"no clip: {error}")
            return
        self._said.put(f"recording {self.path}; F9 ends it")
        try:
            self._write_frames(video)
            video.close()
        except OutputError as error:
            video.close(whole=False)
            self._said.put(f"{error}; the show goes on without it")
            return
        lost = f", {self._dropped} dropped because they came too fast" if self._dropped else ""
        self._said.put(f"saved {self.path}: {self._seconds + 1 / self._rate:.1f} seconds{lost}")

    def _write_frames(self, video: VideoWriter) -> None:
        while True:
            try:
                pixels, time = self._frames.get(timeout=0.1)
            except Empty:
                if self._is_ending:
                    return
                continue
            # Where every frame lasts as long, one that comes late stands for those that did not come.
            due = 1 if video.has_times else max(1, round(time * self._rate) + 1 - video.frames)
            for _ in range(due):
                if not video.has_room():
                    if video.frames:
                        video.close()
                    raise OutputError(f"{self.path} ends after {video.frames} frames: the disk is full")
                video.write(pixels, time)
            self._seconds = time


def next_free(stem: str, taken: set[Path]) -> Path:
    """Return the first free name for a clip in the current folder."""
    names = (Path(f"{stem}-{number:03}.mp4") for number in itertools.count(1))
    return next(path for path in names if path not in taken and not path.exists())
