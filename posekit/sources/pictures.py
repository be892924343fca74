"""Still pictures: one file, or a folder of them."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING

import cv2
import numpy as np

from posekit.errors import SourceError
from posekit.frame import Frame
from posekit.health import CameraState
from posekit.runtimes.quiet import quiet_stderr
from posekit.sources.adjust import UNTOUCHED, Adjustment
from posekit.sources.base import PICTURE_SUFFIXES
from posekit.sources.capture import to_rgb
from posekit.sources.depth import Depth
from posekit.sources.picture_size import MOST_PIXELS, stated_size

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from posekit.clock import Clock

READING = cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH
SHOWN_PER_SECOND = 10.0
"""How often a still picture is looked at again in a window: often enough for its sketch to feel alive."""


def read_picture(
    path: Path, adjustment: Adjustment = UNTOUCHED, depth: Depth | None = None, time: float = 0.0
) -> NDArray[np.uint8]:
    """Read a picture file as (H, W, 3) uint8 RGB, turned upright by its EXIF data and then adjusted.

    `depth` makes eight bits of sixteen, for pictures of some seconds that belong together. Raises
    `SourceError`.
    """
    try:
        # Through numpy, because OpenCV itself cannot open every name that Windows allows.
        data = np.fromfile(path, np.uint8)
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror}") from None
    size = stated_size(data.tobytes())
    if size is not None and size[0] * size[1] > MOST_PIXELS:
        raise SourceError(
            f"{path} has {size[0]}x{size[1]} pixels, more than the {MOST_PIXELS / 1e6:.0f} million that "
            "posekit reads; make it smaller first"
        )
    try:
        with quiet_stderr():  # libpng says what it misses, which is ours to say
            pixels = cv2.imdecode(data, READING) if len(data) else None
    except cv2.error:
        pixels = None
    if pixels is None:
        raise SourceError(f"{path} cannot be read as a picture; is the file whole?")
    return to_rgb((depth or Depth()).update(np.asarray(pixels), time), adjustment=adjustment)


class Pictures:
    """Yields each picture once, one second apart; in a window the files are shown again and again."""

    is_camera = False
    state = CameraState.OK

    def __init__(
        self, files: list[Path], name: str, clock: Clock | None, adjustment: Adjustment = UNTOUCHED
    ) -> None:
        self._files, self._adjustment = files, adjustment
        self._clock = clock
        self.rate = SHOWN_PER_SECOND if clock else 1.0
        self.description = f"{name}, {len(files)} picture{'s' if len(files) != 1 else ''}"
        self.count = None if clock else len(files)
        self.dropped = 0
        self._depth = Depth()
        self._closed = Event()

    def frames(self) -> Iterator[Frame]:
        """Yield the pictures in the order of their names."""
        if self._clock is not None:
            yield from self._shown(self._clock)
            return
        for index, path in enumerate(self._files):
            if self._closed.is_set():
                return
            pixels = read_picture(path, self._adjustment, self._depth, float(index))
            yield Frame(pixels, float(index), index, path.name)

    def _shown(self, clock: Clock) -> Iterator[Frame]:
        """Show each picture for a second, again and again."""
        index = 0
        while True:
            for path in self._files:
                pixels = read_picture(path, self._adjustment, self._depth, clock.now())
                for _ in range(int(SHOWN_PER_SECOND)):
                    if self._closed.is_set():
                        return
                    yield Frame(pixels, clock.now(), index, path.name)
                    index += 1
                    if self._closed.wait(1 / SHOWN_PER_SECOND):
                        return

    def close(self) -> None:
        """End `frames`, also while it waits."""
        self._closed.set()


def pictures_in(folder: Path) -> list[Path]:
    """Return the picture files of a folder by name; raises `SourceError` when there are none."""
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in PICTURE_SUFFIXES)
    if not files:
        raise SourceError(f"the folder {folder} holds no pictures ({', '.join(sorted(PICTURE_SUFFIXES))})")
    return files
