"""How pictures are turned, flipped and cropped: for a camera that hangs sideways or sees too much."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from posekit.errors import SettingsError, UnknownNameError

if TYPE_CHECKING:
    from posekit.geometry import Size

Flip = Literal["none", "horizontal", "vertical", "both"]
ROTATIONS = (0, 90, 180, 270)
NUMBER = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(%?)")


class Crop(NamedTuple):
    """The part of a picture that is kept, in fractions of its width and height, (0, 0) top left."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Adjustment:
    """What is done to every picture before anyone looks at it: rotated, then flipped, then cropped.

    The crop is therefore given in the picture as it is seen upright. Raises `SettingsError`.
    """

    rotate: int = 0
    """Degrees clockwise: 0, 90, 180 or 270."""
    flip: Flip = "none"
    """Which sides are swapped: left and right ("horizontal"), top and bottom ("vertical"), "both"."""
    crop: Crop | None = None

    def __post_init__(self) -> None:
        if self.rotate not in ROTATIONS:
            raise SettingsError(f"rotate is {self.rotate}, but a picture turns by 0, 90, 180 or 270 degrees")
        if self.flip not in get_args(Flip):
            raise UnknownNameError("flip", str(self.flip), get_args(Flip))
        if self.crop is not None:
            _check_crop(self.crop, str(tuple(self.crop)))

    def size(self, size: Size) -> Size:
        """Return the width and height in pixels that a picture of `size` comes to have."""
        rows, columns = self.kept(size)
        kept = (columns.stop - columns.start, rows.stop - rows.start)
        return (kept[1], kept[0]) if self.is_transposed else kept

    @property
    def is_transposed(self) -> bool:
        """Whether rows become columns."""
        return self.rotate in (90, 270)

    @property
    def flips(self) -> tuple[bool, bool]:
        """Which sides are swapped after the transposition: a turn is a transposition and flips."""
        flip_x = (self.rotate in (90, 180)) != (self.flip in ("horizontal", "both"))
        flip_y = (self.rotate in (180, 270)) != (self.flip in ("vertical", "both"))
        return flip_x, flip_y

    def kept(self, size: Size) -> tuple[slice, slice]:
        """Return which rows and columns are kept of a picture of `size` as it comes."""
        if self.crop is None:
            return slice(0, size[1]), slice(0, size[0])
        width, height = (size[1], size[0]) if self.is_transposed else size
        flip_x, flip_y = self.flips
        columns = _span(self.crop.x, self.crop.width, width, flip_x)
        rows = _span(self.crop.y, self.crop.height, height, flip_y)
        return (columns, rows) if self.is_transposed else (rows, columns)


UNTOUCHED = Adjustment()


def parse_crop(text: str) -> Crop:
    """Read `x,y,width,height`, each a fraction or a percentage: `0.1,0,0.8,1` is `10%,0,80%,100%`.

    Raises `SettingsError`.
    """
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != 4:
        raise SettingsError(f"crop {text!r} has {len(parts)} parts; it is x,y,width,height: 10%,0%,80%,100%")
    return _check_crop(Crop(*(_read_fraction(part, text) for part in parts)), text)


def _read_fraction(part: str, text: str) -> float:
    matched = NUMBER.fullmatch(part)
    if matched is None:
        raise SettingsError(f"crop {text!r}: {part!r} is no fraction (0.25) and no percentage (25%)")
    value = float(matched[1]) / (100 if matched[2] else 1)
    if value > 1:
        raise SettingsError(
            f"crop {text!r}: {part} is more than the whole; give fractions (0.25) or percentages (25%)"
        )
    return value


def _check_crop(crop: Crop, text: str) -> Crop:
    if not (crop.width > 0 and crop.height > 0):
        raise SettingsError(f"crop {text!r} keeps nothing: width and height must be above 0")
    slack = 1e-6  # 0.7 + 0.3 is not 1 in every sum
    if not (min(crop) >= 0 and crop.x + crop.width <= 1 + slack and crop.y + crop.height <= 1 + slack):
        raise SettingsError(
            f"crop {text!r} reaches beyond the picture: x + width and y + height are 1 at most"
        )
    return crop


def _span(start: float, length: float, pixels: int, is_flipped: bool) -> slice:
    """Return which pixels a crop keeps of one side, one at least."""
    first = min(round(start * pixels), pixels - 1)
    last = min(max(round((start + length) * pixels), first + 1), pixels)
    return slice(pixels - last, pixels - first) if is_flipped else slice(first, last)
