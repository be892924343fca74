"""Parts of a picture that are worth a look of their own: around bodies, and swept one after the other.

Everything here is in pixels of the picture: x right, y down, (0, 0) top left.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from posekit.geometry import Size

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

    def holds(self, boxes: NDArray[np.float64], margin: float, picture: Size) -> bool:
        """Return whether boxes (N, 4) of left, top, right, bottom lie inside, as far as the picture goes."""
        space = margin * _tallest(boxes)
        low, high = boxes[:, :2].min(0) - space, boxes[:, 2:].max(0) + space
        right, bottom = self.left + self.width, self.top + self.height
        return bool(
            self.left <= max(low[0], 0)
            and self.top <= max(low[1], 0)
            and right >= min(high[0], picture[0])
            and bottom >= min(high[1], picture[1])
        )


def whole(picture: Size) -> Region:
    """Return the region that is all of a picture."""
    return Region(0, 0, *picture)


def around(boxes: NDArray[np.float64], picture: Size, model: Size) -> Region:
    """Return the region around boxes (N, 4) with their margin, in the model's proportions where it can."""
    space = MARGIN * _tallest(boxes)
    low, high = boxes[:, :2].min(0) - space, boxes[:, 2:].max(0) + space
    low, high = np.clip(low, 0, picture), np.clip(high, 0, picture)
    width, height = (high - low).tolist()
    # No smaller than what can still be seen better, and nothing of the model's input left unused.
    scale = min(model[0] / max(width, 1), model[1] / max(height, 1), MOST_SCALE)
    # Two more: the corner may lie up to a pixel before its place, and the other one no less far behind.
    sides = [min(math.ceil(side / scale) + 2, limit) for side, limit in zip(model, picture, strict=True)]
    corner = [
        min(max(0, math.floor(middle - side / 2)), limit - side)
        for middle, side, limit in zip(((low + high) / 2).tolist(), sides, picture, strict=True)
    ]
    return Region(corner[0], corner[1], sides[0], sides[1])


def regions_around(boxes: NDArray[np.float64], picture: Size, model: Size, most: int) -> tuple[Region, ...]:
    """Return one region around all boxes (N, 4), or up to `most` where several show bodies bigger."""
    groups = [boxes]
    while len(groups) < most:
        split = _best_split(groups, picture, model)
        if split is None:
            break
        at, parts = split
        groups[at : at + 1] = parts
    return tuple(around(group, picture, model) for group in groups)


def hold_all(regions: Sequence[Region], boxes: NDArray[np.float64], picture: Size) -> bool:
    """Return whether each of the boxes (N, 4) lies well inside one of the regions."""
    return all(any(region.holds(box[None], KEPT_MARGIN, picture) for region in regions) for box in boxes)


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


def _best_split(
    groups: Sequence[NDArray[np.float64]], picture: Size, model: Size
) -> tuple[int, tuple[NDArray[np.float64], NDArray[np.float64]]] | None:
    """Return which group to part, and how, so that bodies are seen best; None where it gains nothing."""
    best, found = math.log(SPLIT_GAIN), None
    for at, group in enumerate(groups):
        before = _clearness(group, picture, model)
        for axis in (0, 1, SIZE_AXIS):
            order = group[np.argsort(_along(group, axis), kind="stable")]
            for cut in range(1, len(order)):
                parts = order[:cut], order[cut:]
                gain = sum(_clearness(part, picture, model) for part in parts) - before
                if gain > best:
                    best, found = gain, (at, parts)
    return found


SIZE_AXIS = 2


def _along(boxes: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    """Return (N,) what boxes are parted by: where they are, or how tall."""
    if axis == SIZE_AXIS:
        return boxes[:, 3] - boxes[:, 1]
    return boxes[:, axis] + boxes[:, axis + 2]


def _clearness(boxes: NDArray[np.float64], picture: Size, model: Size) -> float:
    """Return how well bodies are seen in one region: the sum of logarithms of their heights in the model."""
    scale = around(boxes, picture, model).scale(model)
    tall = (boxes[:, 3] - boxes[:, 1]) * scale
    return float(np.log(np.minimum(np.maximum(tall, 1), ENOUGH)).sum())


def _tallest(boxes: NDArray[np.float64]) -> float:
    return float((boxes[:, 3] - boxes[:, 1]).max())
