"""Turns what a perfect eye sees of a body into what PoseNet would tell of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from posekit.crowd import noise as fitted
from posekit.crowd.body import SWAPPED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posekit.crowd.camera import Seen
    from posekit.crowd.noise import Noise
    from posekit.geometry import Size


@dataclass(frozen=True, eq=False)
class Estimated:
    """One body over some instants, as an estimator tells of it."""

    xy: NDArray[np.float32]
    """(T, 17, 2) image-normalised, within the picture."""
    scores: NDArray[np.float32]
    """(T, 17)"""
    found: NDArray[np.bool_]
    """(T,) whether it is told of at all."""
    shows: NDArray[np.bool_]
    """(T, 17) which keypoints lie in the picture, uncovered and not behind the own body."""
    inside: NDArray[np.bool_]
    """(T, 17) which lie in the picture."""


class BodyNoise:
    """The noise on one body; it remembers, because errors are correlated in time."""

    def __init__(self, seed: int, body: int, noise: Noise, size: Size) -> None:
        self._random = np.random.default_rng((seed, body, 1))
        self._noise = noise
        self._aspect = size[0] / size[1]
        self._pixels = fitted.pixels_per_height(size)
        self._state = self._random.normal(size=_STATES)
        self._gross_left = np.zeros(17)
        self._gross_offset = np.zeros((17, 2))
        self._missing_left = 0.0

    def see(self, seen: Seen, covered: NDArray[np.bool_], elapsed: NDArray[np.float64]) -> Estimated:
        """Return what is told of a body.

        `covered` is (T, 17) bool, `elapsed` (T,) seconds since the frame before.
        """
        error, bias, wavering, body = self._waves(elapsed, _speeds(seen, self._aspect, elapsed))
        inside = within_picture(seen.xy)
        shows = inside & ~covered & (seen.exposed > 0)
        gross, offset = self._gross(seen, elapsed)
        logit = self._logit(seen, covered, inside, wavering, body) + fitted.GROSS_SCORE * gross
        scores = 1 / (1 + np.exp(-logit))
        small = self._small(scores, shows, error, bias)
        xy = seen.xy + (small + offset * seen.height[:, None, None]) / (self._aspect, 1.0)
        self._swap(xy, scores, seen)
        np.clip(xy, 0, 1, out=xy)
        found = seen.present & (scores.mean(axis=1) >= fitted.MINIMUM_SCORE) & ~self._dropped(seen, elapsed)
        found &= shows.mean(axis=1) + fitted.OPEN_SPREAD * self._noise.scores * body > fitted.OPEN_ENOUGH
        return Estimated(xy.astype(np.float32), scores.astype(np.float32), found, shows, inside)

    def _waves(
        self, elapsed: NDArray[np.float64], speeds: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], ...]:
        """Return processes of unit variance, each with its own correlation time (Ornstein, Uhlenbeck)."""
        count = len(elapsed)
        lasting = np.repeat(elapsed[:, None], _STATES, axis=1) / _SECONDS
        motion = np.minimum(speeds / fitted.FULL_MOTION, 1.0)
        lasting[:, :34] *= np.repeat(fitted.AT_REST + (1 - fitted.AT_REST) * motion, 2, axis=1)
        keep = np.exp(-lasting)
        add = np.sqrt(1 - keep * keep) * self._random.normal(size=(count, _STATES))
        waves = np.empty((count, _STATES))
        state = self._state
        for at in range(count):
            state = keep[at] * state + add[at]
            waves[at] = state
        self._state = state
        error, bias = waves[:, :34].reshape(count, 17, 2), waves[:, 34:68].reshape(count, 17, 2)
        return error, bias, waves[:, 68:85], waves[:, 85]

    def _logit(
        self,
        seen: Seen,
        covered: NDArray[np.bool_],
        inside: NDArray[np.bool_],
        wavering: NDArray[np.float64],
        body: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        logit = fitted.HIDDEN_SCORE + (fitted.SCORE - fitted.HIDDEN_SCORE) * seen.exposed
        logit = np.where(inside, logit, fitted.HIDDEN_SCORE)
        logit = np.where(covered, fitted.COVERED_SCORE, logit)
        wave = fitted.SCORE_SPREAD * wavering + fitted.BODY_SPREAD * body[:, None]
        wave += fitted.SCORE_WHITE * self._random.normal(size=logit.shape)
        return logit + self._noise.scores * wave

    def _small(
        self,
        scores: NDArray[np.float64],
        shows: NDArray[np.bool_],
        error: NDArray[np.float64],
        bias: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """Return (T, 17, 2) small errors in image heights."""
        less = 0.95 - np.minimum(scores, 0.95)
        grown = np.minimum(1 + fitted.GROWTH * less, fitted.GROWN)
        white = (fitted.WHITE * (1 + fitted.WHITE_GROWTH * less))[..., None] * self._random.normal(
            size=error.shape
        )
        stays = fitted.BIAS * np.where(shows, 1.0, fitted.GUESSED)
        off = (fitted.ERROR * grown)[..., None] * error + stays[..., None] * bias + white
        return off * (self._noise.error / self._pixels)

    def _gross(
        self, seen: Seen, elapsed: NDArray[np.float64]
    ) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
        """Return which keypoints (T, 17) are far off, and by how many statures (T, 17, 2), isotropic."""
        count = len(elapsed)
        rate = self._noise.gross * fitted.GROSS_RATE * (1 + fitted.GROSS_GROWTH * (1 - seen.exposed))
        starts, lengths = self._starts(rate, np.repeat(elapsed[:, None], 17, axis=1), fitted.GROSS_SECONDS)
        offsets = fitted.GROSS_SIZE * self._random.normal(size=(count, 17, 2))
        gross, offset = np.zeros((count, 17), bool), np.zeros((count, 17, 2))
        if not starts.any() and not (self._gross_left > 0).any():
            return gross, offset
        for at in range(count):
            self._gross_left = self._gross_left - elapsed[at]
            begun = starts[at] & (self._gross_left <= 0)
            self._gross_left = np.where(begun, lengths[at], self._gross_left)
            self._gross_offset = np.where(begun[:, None], offsets[at], self._gross_offset)
            gross[at] = self._gross_left > 0
            offset[at] = np.where(gross[at][:, None], self._gross_offset, 0)
        return gross, offset

    def _swap(self, xy: NDArray[np.float64], scores: NDArray[np.float64], seen: Seen) -> None:
        """Exchange left and right of some pairs, in place."""
        shoulders = np.abs(seen.xy[:, 5, 0] - seen.xy[:, 6, 0]) * self._aspect / seen.height
        profile = np.clip(1 - shoulders / 0.12, 0.0, 1.0)
        chance = self._noise.gross * (fitted.SWAP + (fitted.SWAP_IN_PROFILE - fitted.SWAP) * profile)
        pairs = self._random.random((len(xy), 6)) < chance[:, None]
        for at, pair in np.argwhere(pairs).tolist():
            ends = [5 + 2 * pair, 6 + 2 * pair]
            xy[at, ends], scores[at, ends] = xy[at, SWAPPED[ends]], scores[at, SWAPPED[ends]]

    def _dropped(self, seen: Seen, elapsed: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return (T,) bool: when the body vanishes for no reason."""
        small = np.maximum(1.0, fitted.DROPOUT_HEIGHT / (seen.height * self._pixels))
        rate = self._noise.misses * fitted.DROPOUT_RATE * np.minimum(small, 3.0) ** 3
        starts, lengths = self._starts(rate, elapsed, fitted.DROPOUT_SECONDS)
        dropped = []
        for start, length, passed in zip(starts.tolist(), lengths.tolist(), elapsed.tolist(), strict=True):
            self._missing_left -= passed
            if start and self._missing_left <= 0:
                self._missing_left = length
            dropped.append(self._missing_left > 0)
        return np.array(dropped)

    def _starts(
        self, rate: NDArray[np.float64], elapsed: NDArray[np.float64], mean: float
    ) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
        """Return whether something starts since the frame before, and how long from this frame on it lasts.

        What is over before the frame comes leaves a negative rest: it is seen at a high rate only.
        """
        chances = self._random.random((3, *elapsed.shape))
        return chances[0] < rate * elapsed, -mean * np.log1p(-chances[1]) - chances[2] * elapsed


_SECONDS = np.repeat((fitted.MOVING_SECONDS, fitted.BIAS_SECONDS, fitted.SCORE_SECONDS), (34, 34, 18))
_STATES = len(_SECONDS)


def _speeds(seen: Seen, aspect: float, elapsed: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (T, 17) statures per second."""
    speeds = np.zeros(seen.xy.shape[:2])
    if len(elapsed) > 1:
        moved = np.diff(seen.xy, axis=0) * (aspect, 1.0)
        apart = np.maximum(elapsed[1:, None], 1e-3) * seen.height[1:, None]
        speeds[1:] = np.sqrt((moved * moved).sum(axis=-1)) / apart
        speeds[0] = speeds[1]
    return speeds


def within_picture(xy: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return (...,) bool: which of the points (..., 2) lie in the picture."""
    return np.asarray(((xy >= 0) & (xy <= 1)).all(axis=-1))
