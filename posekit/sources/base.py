"""What every source is: a generator of frames with an owner who closes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

import numpy as np

from posekit.geometry import Size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from posekit.frame import Frame, Observed, Silence
    from posekit.health import CameraState

PICTURE_SUFFIXES = frozenset({".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})
"""Files that are still pictures, whatever their letters' case."""

Allocate = Callable[[Size], "NDArray[np.uint8]"]
"""Gives the memory, (H, W, 3) uint8, for a picture of (width, height): shared memory, so that it need not be
copied there later. It is written once, and may be written anew some frames later."""


def allocate_anew(size: Size) -> NDArray[np.uint8]:
    """Give memory that belongs to the picture alone."""
    return np.empty((size[1], size[0], 3), np.uint8)


class Source(Protocol):
    """Yields frames, or poses somebody has already seen.

    Used by one thread. A live source stamps frames with the clock's time at capture and drops what is late;
    a file read at its own pace yields every frame, stamped with its place in the file.
    """

    @property
    def description(self) -> str:
        """One line for the user: what it is, its size, its rate."""

    @property
    def is_camera(self) -> bool:
        """Whether it shows the room as it is now; cameras are mirrored by default, files are not."""

    @property
    def rate(self) -> float:
        """Frames per second, as far as that is known; else 30."""

    @property
    def count(self) -> int | None:
        """How many frames there are in all, as far as a file says so; None for what never ends."""

    @property
    def state(self) -> CameraState:
        """What it delivers just now."""

    @property
    def dropped(self) -> int:
        """Frames captured and not looked at, since the start."""

    def frames(self) -> Iterator[Frame | Observed | Silence]:
        """Yield frames until the source ends, `close` is called, or it fails with `SourceError`."""

    def close(self) -> None:
        """Release it and end `frames`; may be called from another thread, and twice."""
