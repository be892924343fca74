"""What drawing calls take, for editors and type checkers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from posekit.keypoint import Vector

Point: TypeAlias = Vector | Sequence[float] | NDArray[Any]
"""Two numbers: a keypoint, a vector, a tuple, an array."""
Points: TypeAlias = Iterable[Point] | NDArray[Any]
"""Several points, of which some may be missing."""
Color: TypeAlias = str | Sequence[float] | NDArray[Any]
"""A name, "#rrggbb[aa]", or (red, green, blue[, alpha]) from 0 to 255."""
Pixels: TypeAlias = NDArray[np.uint8]
Align = Literal["left", "center", "right"]
ALIGNS: tuple[Align, ...] = ("left", "center", "right")
Blend = Literal[
    "normal", "add", "screen", "multiply", "overlay", "lighten", "darken", "difference", "subtract", "erase"
]
