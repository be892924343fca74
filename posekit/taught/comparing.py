"""Poses taught by showing: what they are, and how like one pose is another.

Two poses are alike in so far as the one becomes the other by moving and scaling, without turning or
mirroring. With both centred and scaled to unit length (weighted by keypoint and confidence) that is their
cosine, as in pose matching since Google's Move Mirror (2018); the distance between them, sqrt(2 - 2 cos),
taken from 1 is the similarity. Noise of 3 % of the stature on every keypoint leaves 0.9, the same pose of a
child and an adult 0.95; arms that hang against arms that rest on the hips, 0.8.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from posekit.skeleton import COCO_17

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from posekit.scene import Person

WEIGHTS = np.array([0.5] * 5 + [1, 1, 2, 2, 3, 3, 1, 1, 1.5, 1.5, 1.5, 1.5], np.float64)
"""What each keypoint says about a pose: hands most, the face least."""
MIRRORED = np.array([0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15])
"""For every keypoint the one on the other side."""
ENOUGH = 0.6
"""The part of a pose's weight that must be seen in the other for a comparison to mean anything."""


class HasKeypoints(Protocol):
    """Anything with keypoints: a pose, a taught pose, a person in a sketch."""

    @property
    def xy(self) -> NDArray[np.float32]:
        """(17, 2), NaN where missing."""

    @property
    def scores(self) -> NDArray[np.float32]:
        """(17,) from 0 to 1."""


@dataclass(frozen=True, eq=False)
class Taught:
    """A pose that somebody showed."""

    name: str
    xy: NDArray[np.float32]
    """(17, 2) float32, isotropic: x to the right, y down, in image heights from its middle; NaN where
    missing."""
    scores: NDArray[np.float32]
    """(17,) float32 from 0 to 1: how sure the estimator was of each keypoint; 0 where missing."""

    def similarity(self, pose: HasKeypoints, *, aspect: float = 1.0, mirror: bool = False) -> float:
        """Return from 0 to 1 how like the taught pose another is; `aspect` as in `similarity`."""
        return _similarity(self.xy, self.scores, _isotropic(pose, aspect), pose.scores, mirror)


def similarity(one: HasKeypoints, other: HasKeypoints, *, aspect: float = 1.0, mirror: bool = False) -> float:
    """Return from 0 to 1 how like two poses are, wherever they stand and however big they look.

    `aspect` is the picture's width in heights, if the poses are image-normalised (`scene.aspect`); leave it
    out for places in pixels. A `Taught` pose is never scaled by it. With `mirror` the mirror image will do as
    well. 0 also if too little is seen of both to tell.
    """
    return _similarity(_isotropic(one, aspect), one.scores, _isotropic(other, aspect), other.scores, mirror)


def similarities(
    taught: Sequence[Taught], people: Sequence[Person], now: float, aspect: float
) -> NDArray[np.float32]:
    """Return (T, N) float32: how like each taught pose everybody is; NaN where too little is seen of her."""
    xy = np.array([person.pose.xy for person in people], np.float64) * (aspect, 1.0)
    scores = np.array([person.pose.scores for person in people], np.float64)
    scores[[now - person.seen > 1e-3 for person in people]] = 0.0
    shown = np.array([one.xy for one in taught], np.float64)
    sure = np.array([one.scores for one in taught], np.float64)
    return compare(shown, sure, xy, scores).astype(np.float32)


def compare(
    shown: NDArray[np.float64],
    sure: NDArray[np.float64],
    xy: NDArray[np.float64],
    scores: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return (T, N) similarities of T poses (T, 17, 2) with N others (N, 17, 2), NaN where nobody can tell.

    All isotropic. Every sum over shared keypoints is a product of two matrices.
    """
    one, a = _weigh(shown, sure)
    other, b = _weigh(xy, scores)
    first, second = WEIGHTS * one, other
    total = first @ second.T
    covered = ((WEIGHTS * (one > 0)) @ (other > 0).T) / np.maximum(WEIGHTS @ (one > 0).T, 1e-9)[:, None]
    with np.errstate(all="ignore"):
        product = squares_a = squares_b = -0.0 * total
        for axis in (0, 1):
            along, across = a[..., axis], b[..., axis]
            sum_a, sum_b = (first * along) @ second.T, first @ (second * across).T
            product = product + (first * along) @ (second * across).T - sum_a * sum_b / total
            squares_a = squares_a + (first * along * along) @ second.T - sum_a * sum_a / total
            squares_b = squares_b + first @ (second * across * across).T - sum_b * sum_b / total
        cosine = product / np.sqrt(squares_a * squares_b)
        alike = 1 - np.sqrt(2 * (1 - np.clip(cosine, -1, 1)))
    is_telling = (covered >= ENOUGH) & (total > 0)
    return np.where(is_telling, np.clip(alike, 0, 1), np.nan)


def average(
    name: str, xy: NDArray[np.floating], scores: NDArray[np.floating], aspect: float
) -> tuple[Taught, float]:
    """Return the middle of what was shown, and how much it moved meanwhile (in its own size, 0 is a statue).

    `xy` (T, 17, 2) is image-normalised, NaN where missing, `scores` (T, 17). A keypoint that is missing half
    of the time is left out. The median forgives moments in which the estimator erred.
    """
    placed = np.asarray(xy, np.float64) * (aspect, 1.0)
    seen = np.isfinite(placed[..., 0]) & (np.asarray(scores) > 0)
    kept = seen.mean(axis=0) >= 0.5
    points, sure = np.full((len(COCO_17), 2), np.nan), np.zeros(len(COCO_17))
    moved = 0.0
    for at in np.flatnonzero(kept).tolist():
        shown = placed[seen[:, at], at]
        points[at] = np.median(shown, axis=0)
        sure[at] = np.median(np.asarray(scores, np.float64)[seen[:, at], at])
        moved = max(moved, float(np.median(np.hypot(*(shown - points[at]).T))))
    if kept.any():
        points -= np.nanmean(points, axis=0)
        moved /= max(float(np.sqrt(np.nanmean((points * points).sum(axis=-1)))), 1e-6)
    return Taught(name, points.astype(np.float32), np.where(kept, sure, 0.0).astype(np.float32)), moved


def _similarity(
    one: NDArray[np.floating],
    sure: NDArray[Any],
    other: NDArray[np.float64],
    scores: NDArray[Any],
    mirror: bool,
) -> float:
    found = compare(_row(one), _row(sure), _row(other), _row(scores))[0, 0]
    if mirror:
        flipped = np.asarray(other)[MIRRORED] * (-1.0, 1.0)
        turned = compare(_row(one), _row(sure), _row(flipped), _row(np.asarray(scores)[MIRRORED]))[0, 0]
        found = np.fmax(found, turned)
    return 0.0 if math.isnan(found) else float(found)


def _row(values: NDArray[Any]) -> NDArray[np.float64]:
    return np.asarray(values, np.float64)[None]


def _isotropic(pose: HasKeypoints, aspect: float) -> NDArray[np.float64]:
    xy = np.asarray(pose.xy, np.float64)
    return xy if isinstance(pose, Taught) else xy * (aspect, 1.0)


def _weigh(
    xy: NDArray[np.float64], scores: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return confidences (N, 17), 0 where missing, and centred places (N, 17, 2) without NaN."""
    seen = np.isfinite(xy).all(axis=-1) & (scores > 0)
    places = np.where(seen[..., None], xy, 0.0)
    count = np.maximum(seen.sum(axis=-1), 1)
    middle = places.sum(axis=-2) / count[:, None]
    weights = np.where(seen, np.minimum(scores, 1.0), 0.0)
    return weights, np.where(seen[..., None], places - middle[:, None], 0.0)
