"""The edges of a room as a tiny map, and where a later map of the same room lies against it.

A cell holds how strong its edges are and which way they run, as a complex number whose angle is twice that of
the gradient: an edge stays the same when the light behind it and the light before it change places. Strengths
are saturated, so that a lamp that is switched on counts for no more than the furniture.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]
    Grey = NDArray[np.float64]
    Map = NDArray[np.complex128]

CELLS = 96
"""Along the longer side of a map."""
FINE = 2
"""Pixels of the small picture in a cell, each way."""
LUMA = (0.299, 0.587, 0.114)
DARK = 6.0
"""Grey values, of 255, below which a sensor's noise is all there is: added before the logarithm."""
NOISE = 0.02
"""Gradient of the logarithm, per pixel of the small picture, that noise alone can have."""
SOFT = 0.8
"""Cells, standard deviation of the blur that lets neighbouring cells answer for each other."""
FARTHEST = 0.3
"""Of the longer side: how far a camera can have been moved and still be recognised."""
TURNS = (-6.0, -3.0, 0.0, 3.0, 6.0)
"""Degrees that are tried first."""
ZOOMS = (0.9, 1.0, 1.1)
STEPS = ((1.5, 0.05), (1.0, 0.03), (0.5, 0.015))
"""By how much turn and zoom are changed then, each by itself."""


class Match(NamedTuple):
    """Where the picture's content went, and how well that explains what is seen."""

    score: float
    """Normalised correlation, at most 1."""
    x: float = 0.0
    """Share of the picture's width by which the content of its middle moved to the right."""
    y: float = 0.0
    """Share of the picture's height by which it moved down."""
    turn: float = 0.0
    """Degrees, clockwise as seen on the screen."""
    zoom: float = 1.0
    """Above 1 everything became larger."""


def map_size(width: int, height: int) -> tuple[int, int]:
    """Return rows and columns of the map of pictures of a size."""
    scale = CELLS / max(width, height)
    return max(8, round(height * scale)), max(8, round(width * scale))


def small_grey(pixels: Picture) -> Grey:
    """Return a picture (H, W, 3) RGB as few grey values, from 0 to 255, that noise is averaged out of."""
    rows, columns = map_size(pixels.shape[1], pixels.shape[0])
    if (
        min(pixels.shape[0] // rows, pixels.shape[1] // columns) > 3 * FINE
    ):  # every other pixel of a large picture is enough, at a quarter of the time
        pixels = pixels[::2, ::2]
    rows, columns = rows * FINE, columns * FINE
    grey: Grey = _shrunk(_shrunk(pixels, rows, 0), columns, 1) @ np.array(LUMA)
    return grey


def edge_map(grey: Grey) -> Map:
    """Return the map of a small grey picture, half of its size."""
    light = np.log(_blurred(grey, 1.0) + DARK)
    across, down = np.zeros_like(light), np.zeros_like(light)
    across[:, 1:-1] = (light[:, 2:] - light[:, :-2]) / 2
    down[1:-1] = (light[2:] - light[:-2]) / 2
    power = across**2 + down**2
    floor = NOISE**2 + 0.5 * float(np.mean(power))
    doubled = (across + 1j * down) ** 2 / (power + floor)
    rows, columns = light.shape
    edges: Map = doubled.reshape(rows // FINE, FINE, columns // FINE, FINE).mean(axis=(1, 3))
    return edges


def find(before: Map, after: Map) -> Match:
    """Return the move that brings `before` nearest to `after`: looked for coarsely, then near the best."""
    rough, fine = _Search(_halved(after)), _Search(after)
    halved = _halved(before)
    _, turn, zoom = max((rough.best(halved, turn, zoom), turn, zoom) for turn in TURNS for zoom in ZOOMS)
    found = fine.best(before, turn, zoom)
    for step_turn, step_zoom in STEPS:
        near = (
            (turn - step_turn, zoom),
            (turn + step_turn, zoom),
            (turn, zoom - step_zoom),
            (turn, zoom + step_zoom),
        )
        tried = [(fine.best(before, *move), *move) for move in near]
        found, turn, zoom = max([(found, turn, zoom), *tried])
    score, x, y = found
    return Match(score, x, y, turn, zoom)


def fit(before: Map, after: Map, within: float = 0.0) -> float:
    """Return how well two maps fit as they lie, or moved by no more than a share of the width."""
    search = _Search(after)
    return search.best(before, 0.0, 1.0, within)[0]


class _Search:
    """Correlates maps with one map, by Fourier transforms."""

    def __init__(self, after: Map) -> None:
        self._shape = after.shape
        rows, columns = after.shape
        reach = int(max(rows, columns) * FARTHEST)
        self._padded = tuple(_even(side + reach + 2) for side in after.shape)
        after = _blurred(after, SOFT)
        self._after = np.fft.fft2(after, self._padded)
        self._power = np.fft.rfft2(np.abs(after) ** 2, self._padded)
        self._inside = np.fft.rfft2(np.ones((rows, columns)), self._padded)
        self._down = np.r_[0 : min(reach, rows // 2) + 1, -min(reach, rows // 2) : 0]
        self._across = np.r_[0 : min(reach, columns // 2) + 1, -min(reach, columns // 2) : 0]

    def best(self, before: Map, turn: float, zoom: float, within: float = 1.0) -> tuple[float, float, float]:
        """Return the best score, and how far to the right and down it is, in shares of the sides."""
        rows, columns = self._shape
        moved, inside = _warped(before, turn, zoom)
        moved = _blurred(moved, SOFT)
        shape = self._padded
        both = np.fft.ifft2(self._after * np.conj(np.fft.fft2(moved, shape))).real
        ours = np.fft.irfft2(self._power * np.conj(np.fft.rfft2(inside, shape)), shape)
        theirs = np.fft.irfft2(self._inside * np.conj(np.fft.rfft2(np.abs(moved) ** 2, shape)), shape)
        grid = np.ix_(self._down, self._across)
        floor = 0.2 * float(np.sqrt(ours[0, 0] * theirs[0, 0])) + 1e-9
        scores = both[grid] / np.maximum(np.sqrt(np.maximum(ours[grid] * theirs[grid], 0.0)), floor)
        far = np.hypot(self._down[:, None], self._across[None]) > within * max(rows, columns) + 1e-6
        scores[far] = -1.0
        at = np.unravel_index(int(np.argmax(scores)), scores.shape)
        down, across = int(self._down[at[0]]), int(self._across[at[1]])
        return float(scores[at]), across / columns, down / rows


def _halved(edges: Map) -> Map:
    """Return a map of half as many cells each way."""
    rows, columns = (side // 2 for side in edges.shape)
    halved: Map = edges[: 2 * rows, : 2 * columns].reshape(rows, 2, columns, 2).mean(axis=(1, 3))
    return halved


@lru_cache(maxsize=128)
def _places(
    shape: tuple[int, int], turn: float, zoom: float
) -> tuple[NDArray[np.intp], Grey, NDArray[np.bool_]]:
    """Return where each cell's content was before: four neighbours, their weights, and who has any."""
    rows, columns = shape
    y, x = np.mgrid[0:rows, 0:columns]
    middle_x, middle_y = (columns - 1) / 2, (rows - 1) / 2
    angle = math.radians(turn)
    cosine, sine = math.cos(angle) / zoom, math.sin(angle) / zoom
    was_x = cosine * (x - middle_x) + sine * (y - middle_y) + middle_x
    was_y = -sine * (x - middle_x) + cosine * (y - middle_y) + middle_y
    inside = (was_x >= 0) & (was_x <= columns - 1) & (was_y >= 0) & (was_y <= rows - 1)
    left = np.clip(np.floor(was_x).astype(np.intp), 0, columns - 2)
    top = np.clip(np.floor(was_y).astype(np.intp), 0, rows - 2)
    a, b = np.clip(was_x - left, 0, 1), np.clip(was_y - top, 0, 1)
    index = np.stack([top * columns + left, top * columns + left + 1])
    index = np.concatenate([index, index + columns])
    weights = np.stack([(1 - a) * (1 - b), a * (1 - b), (1 - a) * b, a * b])
    return index, weights, inside


def _warped(before: Map, turn: float, zoom: float) -> tuple[Map, Grey]:
    """Return a map turned and zoomed around its middle, and which of its cells have content."""
    if turn == 0.0 and zoom == 1.0:
        return before, np.ones(before.shape)
    index, weights, inside = _places(before.shape, turn, zoom)
    moved = (before.ravel()[index] * weights).sum(axis=0) * inside
    return moved * np.exp(2j * math.radians(turn)), inside.astype(float)


def _shrunk(values: NDArray[np.generic], count: int, axis: int) -> Grey:
    """Return means of as many neighbouring values, along an axis."""
    length = values.shape[axis]
    if length < count:
        return (
            np.repeat(values, -(-count // length), axis=axis)
            .take(np.linspace(0, length * -(-count // length) - 1, count).astype(int), axis=axis)
            .astype(np.float64)
        )
    edges = np.linspace(0, length, count + 1).astype(np.intp)
    sums = np.add.reduceat(values, edges[:-1], axis=axis, dtype=np.float64)
    shape = [1] * values.ndim
    shape[axis] = count
    return sums / np.diff(edges).reshape(shape)


def _blurred(values: NDArray[Any], deviation: float) -> NDArray[Any]:
    """Return values under a Gaussian, the edges repeated."""
    reach = max(1, round(2.5 * deviation))
    bell = np.exp(-0.5 * (np.arange(-reach, reach + 1) / deviation) ** 2)
    bell /= bell.sum()
    for axis in (0, 1):
        pad = [(reach, reach) if one == axis else (0, 0) for one in (0, 1)]
        wide = np.pad(values, pad, mode="edge")
        length = values.shape[axis]
        values = sum(
            weight * wide.take(np.arange(at, at + length), axis=axis) for at, weight in enumerate(bell)
        )
    return values


def _even(length: int) -> int:
    """Return the next length that Fourier transforms are quick at."""
    while True:
        rest = length
        for factor in (2, 3, 5):
            while rest % factor == 0:
                rest //= factor
        if rest == 1:
            return length
        length += 1
