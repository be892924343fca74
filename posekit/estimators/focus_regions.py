"""Parts of a picture that are worth a look of their own: around bodies, and swept one after the other.

Everything here is in pixels of the picture: x right, y down, (0, 0) top left.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from posekit.geometry import Size

    Bounds = Sequence[float]
    """Left, top, right, bottom of a body. Plain numbers: of a few bodies arrays cost more than they save."""
    _Group = tuple[int, ...]

MARGIN = 0.25
"""Free space around bodies, in heights of the tallest: for an arm that is raised and a step that is taken."""
KEPT_MARGIN = 0.08
"""A region is kept while this much space is left around everybody."""
LOOSE = 1.5
"""A region is left when a new one would show everybody this much bigger."""
SPLIT_GAIN = 1.4
"""A look more must show somebody this much bigger, or several a little."""
ENOUGH = 200.0
"""Height in pixels of the model from which on a body is seen no better."""
MOST_SCALE = 2.5
"""Most pixels of the model for one of the picture: more would only enlarge blur."""
TILE = 0.5
"""Side of what is swept, in sides of the picture."""


@dataclass(frozen=True)
class Region:
    """An upright part of a picture, on whole pixels."""

    left: int
    top: int
    width: int
    height: int

    def crop(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return a view of this part of a picture (H, W, 3)."""
        return pixels[self.top : self.top + self.height, self.left : self.left + self.width]

    def scale(self, model: Size) -> float:
        """Return how many pixels of a model's input show one of the picture."""
        return min(model[0] / self.width, model[1] / self.height)

    def holds(self, body: Bounds, margin: float, picture: Size) -> bool:
        """Return whether a body lies inside, with a margin in its heights, as far as the picture goes."""
        left, top, right, bottom = body
        space = margin * (bottom - top)
        return (
            self.left <= max(left - space, 0)
            and self.top <= max(top - space, 0)
            and self.left + self.width >= min(right + space, picture[0])
            and self.top + self.height >= min(bottom + space, picture[1])
        )


def whole(picture: Size) -> Region:
    """Return the region that is all of a picture."""
    return Region(0, 0, *picture)


def around(bodies: Sequence[Bounds], picture: Size, model: Size) -> Region:
    """Return the region around bodies with their margin, in the model's proportions where it can."""
    (left, right), (top, bottom), width, height = _layout(bodies, picture, model)
    return Region(
        _begin(left, right, width, picture[0]), _begin(top, bottom, height, picture[1]), width, height
    )


def _layout(
    bodies: Sequence[Bounds], picture: Size, model: Size
) -> tuple[tuple[float, float], tuple[float, float], int, int]:
    """Return what a region has to hold across and down, and its width and height."""
    space = 0.0
    left, top, right, bottom = bodies[0]
    for low_x, low_y, high_x, high_y in bodies:
        space = max(space, high_y - low_y)
        left, top = min(left, low_x), min(top, low_y)
        right, bottom = max(right, high_x), max(bottom, high_y)
    space *= MARGIN
    left, right = min(max(left - space, 0), picture[0]), min(max(right + space, 0), picture[0])
    top, bottom = min(max(top - space, 0), picture[1]), min(max(bottom + space, 0), picture[1])
    # No smaller than what can still be seen better, and nothing of the model's input left unused.
    scale = min(MOST_SCALE, model[0] / max(right - left, 1), model[1] / max(bottom - top, 1))
    # Two more: its begin may lie up to a pixel before its place, and its end no less far behind.
    width = min(math.ceil(model[0] / scale) + 2, picture[0])
    return (left, right), (top, bottom), width, min(math.ceil(model[1] / scale) + 2, picture[1])


def _begin(low: float, high: float, length: int, limit: int) -> int:
    """Return where a side of some length begins, around a span, within the picture."""
    return min(max(0, math.floor((low + high - length) / 2)), limit - length)


def regions_around(bodies: Sequence[Bounds], picture: Size, model: Size, most: int) -> tuple[Region, ...]:
    """Return one region around all bodies, or up to `most` where several show bodies bigger."""
    groups = [tuple(range(len(bodies)))]
    splits = _Splits(bodies, picture, model) if most > 1 < len(bodies) else None
    while splits is not None and len(groups) < most:
        split = splits.best(groups)
        if split is None:
            break
        at, parts = split
        groups[at : at + 1] = parts
    return tuple(around([bodies[at] for at in group], picture, model) for group in groups)


def hold_all(regions: Sequence[Region], bodies: Sequence[Bounds], picture: Size) -> bool:
    """Return whether each body lies well inside one of the regions."""
    return all(any(region.holds(body, KEPT_MARGIN, picture) for region in regions) for body in bodies)


def are_loose(regions: Sequence[Region], better: Sequence[Region], model: Size) -> bool:
    """Return whether others would be much better than the regions there are."""
    now, then = (sorted(region.scale(model) for region in some) for some in (regions, better))
    return len(then) > len(now) or any(new > LOOSE * old for old, new in zip(now, then, strict=False))


def tiles(picture: Size) -> tuple[Region, ...]:
    """Return overlapping parts that together are the whole picture, far ones after one another."""
    width, height = (max(1, round(TILE * side)) for side in picture)
    return tuple(
        Region(round(x * (picture[0] - width)), round(y * (picture[1] - height)), width, height)
        for y in (0.5, 0.0, 1.0)
        for x in (0.0, 1.0, 0.5)
    )


def overlap(one: Bounds, other: Bounds) -> float:
    """Return what two bodies' bounds share, of their union."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    areas = sum((body[2] - body[0]) * (body[3] - body[1]) for body in (one, other))
    return width * height / (areas - width * height)


class _Splits:
    """Ways to part bodies among regions; whatever was asked of a group before is known."""

    def __init__(self, bodies: Sequence[Bounds], picture: Size, model: Size) -> None:
        self._bodies, self._picture, self._model = bodies, picture, model
        self._orders = [
            sorted(range(len(bodies)), key=lambda at, along=along: along(bodies[at]))  # type: ignore[misc]
            for along in (_across, _down, _tall)
        ]
        self._clear: dict[int, float] = {}

    def best(self, groups: Sequence[_Group]) -> tuple[int, tuple[_Group, _Group]] | None:
        """Return which group to part, and how, so that bodies are seen best; None where it gains nothing."""
        best, found = math.log(SPLIT_GAIN), None
        for at, group in enumerate(groups):
            everybody = sum(1 << member for member in group)
            for order in self._orders:
                members = [member for member in order if everybody >> member & 1]
                some = 0
                for cut, member in enumerate(members[:-1], start=1):
                    some |= 1 << member
                    parts = self._clearness(some) + self._clearness(everybody ^ some)
                    gain = parts - self._clearness(everybody)
                    if gain > best:
                        best, found = gain, (at, (tuple(members[:cut]), tuple(members[cut:])))
        return found

    def _clearness(self, group: int) -> float:
        """Return how well bodies are seen in one region: the sum of logarithms of their heights in the model.

        Bodies are the bits of a number, the first one the lowest.
        """
        known = self._clear.get(group)
        if known is None:
            bodies = [body for at, body in enumerate(self._bodies) if group >> at & 1]
            _, _, width, height = _layout(bodies, self._picture, self._model)
            scale = min(self._model[0] / width, self._model[1] / height)
            heights = math.prod(min(max((body[3] - body[1]) * scale, 1.0), ENOUGH) for body in bodies)
            known = self._clear[group] = math.log(heights)
        return known


def _across(body: Bounds) -> float:
    return body[0] + body[2]


def _down(body: Bounds) -> float:
    return body[1] + body[3]


def _tall(body: Bounds) -> float:
    return body[3] - body[1]
