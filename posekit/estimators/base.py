"""What every estimator is: a frame in, poses out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from posekit.frame import Frame
    from posekit.geometry import Size
    from posekit.pose import Box, Pose
    from posekit.scene import Person


MAX_POSES = 10
"""Bodies that are looked for in one frame, where nobody says otherwise."""


@dataclass(frozen=True, eq=False)
class Estimate:
    """What an estimator sees in one frame."""

    poses: tuple[Pose, ...]
    """Best first. Every keypoint of the 17 has a place and a score, however low: judging is the tracker's."""
    mask: NDArray[np.uint8] | None = None
    """(H, W) uint8, 255 where a body is, 0 where none is, in the frame's proportions but smaller; nobody
    writes to it any more. All 0 when nobody is seen; None from who gives no silhouettes, or was not asked."""


@dataclass(frozen=True, eq=False)
class Hint:
    """Where the pipeline believes people to be, for crops and focus."""

    people: tuple[Person, ...]
    """Those of the frame before, longest here first."""

    @cached_property
    def boxes(self) -> tuple[Box, ...]:
        """One image-normalised box per person; worked out when somebody asks."""
        return tuple(person.box for person in self.people)


class Estimator(Protocol):
    """Finds bodies in frames. Used by one thread; `close` is called once, and nothing after it."""

    @property
    def name(self) -> str:
        """Its family: `posenet`, `blazepose` or `movenet`."""
        ...

    @property
    def input_size(self) -> Size:
        """Width and height in pixels of what the model sees of a frame."""
        ...

    @property
    def description(self) -> str:
        """One line for the user: family, input size (width x height), runtime, threads."""
        ...

    def estimate(self, frame: Frame, hint: Hint | None = None) -> Estimate:
        """Find the bodies in a frame; raises `EstimatorError` when the model fails."""
        ...

    def reset(self) -> None:
        """Forget earlier frames, as at a cut or another source."""
        ...

    def close(self) -> None:
        """Release the model; calling it twice is harmless."""
        ...
