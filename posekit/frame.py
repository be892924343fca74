"""What a source yields: a frame to look at, or poses that somebody has already seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from posekit.geometry import Size
    from posekit.health import CameraState


@dataclass(frozen=True, eq=False)
class Frame:
    """One camera picture, stamped at capture."""

    pixels: NDArray[np.uint8]
    """(H, W, 3) uint8 RGB, top row first, never mirrored; not to be written to."""
    time: float
    """Seconds on the pipeline's clock at which it was captured (a file: seconds from its start)."""
    index: int
    """Which frame of the source this is, from 0; a gap means that frames were dropped."""
    name: str = ""
    """The file it came from, where there is one."""
    is_cut: bool = False
    """It does not go on from the frame before: a film in a loop has begun anew."""

    @property
    def size(self) -> Size:
        """Width and height in pixels."""
        height, width = self.pixels.shape[:2]
        return width, height


@dataclass(frozen=True, eq=False)
class Observed:
    """Poses without a picture, from a recording or a synthetic crowd; they skip the estimator."""

    poses: tuple[Any, ...]
    """`Pose` values; typed loosely because poses are defined a layer above frames."""
    time: float
    """Seconds on the pipeline's clock."""
    size: Size
    """Width and height in pixels of the picture the poses were seen in."""
    index: int
    """Which observation of the source this is, from 0."""
    is_cut: bool = False
    """It does not go on from the one before: a recording in a loop has begun anew."""


@dataclass(frozen=True)
class Silence:
    """A live source has nothing to show; said a few times a second, so that time goes on without pictures."""

    time: float
    """Seconds on the pipeline's clock."""
    size: Size
    """Width and height in pixels of the pictures before."""
    index: int
    """Index of the last frame."""
    state: CameraState
    """Why: `LOST` or `FROZEN`."""
