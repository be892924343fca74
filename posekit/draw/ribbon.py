"""Ribbons: lines that taper and fade towards their old end, as a hand leaves them behind."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from posekit.draw.clip import REACH
from posekit.draw.outline import SHIFT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posekit.draw.outline import Edges, Pixels

BANDS = 16
"""How many steps a ribbon fades in."""
STEP = 6.0
"""Pixels between two places of a ribbon at which it is smooth to the eye."""
MOST_POINTS = 128
"""Of a path of more points some are left out: a ribbon is not drawn more finely."""
ASIDE = np.array([-1.0, 1.0])
"""By what a direction with its x and y exchanged is multiplied to be turned by a quarter."""


@dataclass(frozen=True)
class Ribbon:
    """One line with what is left of its time at every place: it is drawn as coverage."""

    xy: NDArray[np.float64]
    """(BANDS * K + 1, 2) pixels, the oldest first."""
    across: NDArray[np.float64]
    """(BANDS * K + 1, 2): from the middle to one side, of a ribbon two pixels wide."""
    strength: list[float]
    """How opaque each band is, from 0 to 1, and last its young end."""
    width: float

    @property
    def edges(self) -> Edges:
        """What it covers, in pixels."""
        (left, top), (right, bottom) = self.xy.min(axis=0).tolist(), self.xy.max(axis=0).tolist()
        margin = self.width / 2
        return left - margin, top - margin, right + margin, bottom + margin

    def paint(self, target: Pixels, color: float, left: float, top: float) -> None:
        """Paint its coverage on `target`, at most `color`."""
        middle = (self.xy - (left, top)) * 2**SHIFT
        side = self.across * (self.width / 2 * 2**SHIFT)
        corners = np.rint(np.concatenate((middle + side, middle - side))).astype(np.int32)
        for band, strength in zip(corners[_rings(len(middle))], self.strength, strict=False):
            cv2.fillPoly(target, [band], color * strength, cv2.LINE_AA, SHIFT)
        x, y = np.rint(middle[-1]).astype(int).tolist()
        radius = round(self.width / 2 * 2**SHIFT * self.strength[-1] ** 0.5)
        cv2.circle(target, (x, y), radius, color * self.strength[-1], -1, cv2.LINE_AA, SHIFT)


def ribbon(path: NDArray[np.float64], width: float) -> Ribbon | None:
    """Return a ribbon along a path (N, 3): x, y, and what is left of its time, from 0 to 1; oldest first."""
    if len(path) < 2 or not 0 < width < REACH or np.abs(path[:, :2]).max() > REACH:
        return None
    if len(path) > MOST_POINTS:
        path = path[np.linspace(0, len(path) - 1, MOST_POINTS).astype(int)]
    steps = path[1:, :2] - path[:-1, :2]
    length = float(np.hypot(steps[:, 0], steps[:, 1]).sum())
    per_band = int(min(12, max(1, length // (STEP * BANDS))))
    line = _basis(len(path), per_band) @ path
    half = len(line) // 2
    xy, ahead, life = line[:half, :2], line[half:, :2], np.clip(line[:half, 2], 0, 1)
    taper = np.sqrt(life) / np.maximum(np.hypot(ahead[:, 0], ahead[:, 1]), 1e-9)
    across = ahead[:, ::-1] * ASIDE * taper[:, None]
    strength = [*((life[:-1:per_band] + life[per_band::per_band]) / 2).tolist(), float(life[-1])]
    return Ribbon(xy, across, strength, float(width))


@lru_cache(maxsize=256)
def _basis(count: int, per_band: int) -> NDArray[np.float64]:
    """Return what makes a smooth line of `count` points: first its places, then its directions.

    Catmull and Rom's splines ("A class of local interpolating splines", 1974) with even knots, because the
    points are evenly apart in time; at its ends the line goes on as it came.
    """
    places = np.linspace(0, count - 1, BANDS * per_band + 1)
    number = np.minimum(places.astype(int), count - 2)
    t = (places - number)[:, None]
    spline = np.array([[0, 2, 0, 0], [-1, 0, 1, 0], [2, -5, 4, -1], [-1, 3, -3, 1]]) / 2
    weights = np.concatenate((t**0, t, t**2, t**3), axis=1) @ spline
    slopes = np.concatenate((t * 0, t**0, 2 * t, 3 * t**2), axis=1) @ spline
    extended = np.zeros((count + 2, count))
    extended[1:-1] = np.eye(count)
    extended[0, :2], extended[-1, -2:] = (2, -1), (-1, 2)
    basis = np.zeros((2, len(places), count))
    for at in range(4):
        basis[0] += weights[:, at : at + 1] * extended[number + at]
        basis[1] += slopes[:, at : at + 1] * extended[number + at]
    return basis.reshape(-1, count)


@lru_cache(maxsize=16)
def _rings(count: int) -> NDArray[np.intp]:
    """Return for each band the corners around it, of `count` on one side and then as many on the other."""
    per_band = (count - 1) // BANDS
    along = np.arange(BANDS)[:, None] * per_band + np.arange(per_band + 1)
    return np.concatenate((along, along[:, ::-1] + count), axis=1)
