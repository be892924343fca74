"""A picture made of numbers, on which a pose network has something to say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SKIN, _SHIRT, _TROUSERS, _HAIR, _SHOE = (
    (214, 170, 140),
    (150, 50, 55),
    (45, 60, 105),
    (60, 42, 30),
    (30, 28, 28),
)

Limb = tuple[float, float, float, float, float, float, tuple[int, int, int]]

# A figure facing us, arms away from the body: (x0, y0, x1, y1, radius at both ends, colour), unit = its
# height, origin at the middle of the top. Later ones cover earlier ones.
_BODY: tuple[Limb, ...] = (
    (0.0, 0.16, 0.0, 0.12, 0.030, 0.030, _SKIN),
    (-0.055, 0.52, -0.075, 0.74, 0.052, 0.038, _TROUSERS),
    (0.055, 0.52, 0.075, 0.74, 0.052, 0.038, _TROUSERS),
    (-0.075, 0.74, -0.085, 0.94, 0.038, 0.026, _TROUSERS),
    (0.075, 0.74, 0.085, 0.94, 0.038, 0.026, _TROUSERS),
    (-0.085, 0.965, -0.115, 0.975, 0.020, 0.018, _SHOE),
    (0.085, 0.965, 0.115, 0.975, 0.020, 0.018, _SHOE),
    (-0.085, 0.215, -0.055, 0.49, 0.048, 0.048, _SHIRT),
    (0.085, 0.215, 0.055, 0.49, 0.048, 0.048, _SHIRT),
    (0.0, 0.22, 0.0, 0.49, 0.060, 0.060, _SHIRT),
    (-0.120, 0.210, -0.185, 0.345, 0.034, 0.027, _SHIRT),
    (0.120, 0.210, 0.185, 0.345, 0.034, 0.027, _SHIRT),
    (-0.185, 0.345, -0.215, 0.475, 0.024, 0.018, _SKIN),
    (0.185, 0.345, 0.215, 0.475, 0.024, 0.018, _SKIN),
    (-0.218, 0.500, -0.220, 0.515, 0.020, 0.016, _SKIN),
    (0.218, 0.500, 0.220, 0.515, 0.020, 0.016, _SKIN),
    (0.0, 0.055, 0.0, 0.065, 0.054, 0.050, _HAIR),
    (-0.050, 0.082, -0.050, 0.092, 0.010, 0.010, _SKIN),
    (0.050, 0.082, 0.050, 0.092, 0.010, 0.010, _SKIN),
    (0.0, 0.075, 0.0, 0.098, 0.046, 0.036, _SKIN),
    (-0.018, 0.074, -0.018, 0.074, 0.007, 0.007, _SHOE),
    (0.018, 0.074, 0.018, 0.074, 0.007, 0.007, _SHOE),
    (0.0, 0.090, 0.0, 0.096, 0.006, 0.008, (180, 130, 105)),
    (-0.012, 0.114, 0.012, 0.114, 0.004, 0.004, (150, 70, 70)),
)


def draw_test_picture(size: tuple[int, int]) -> NDArray[np.uint8]:
    """Return people before an uneven wall, (height, width, 3) uint8 RGB; `size` is (width, height).

    Two figures, one large, one small, so that the short and the long offsets have both signs. On this
    picture PoseNet at 481 x 353 gives every one of the 17 keypoints a score of 0.9 or more.
    """
    width, height = size
    picture = np.stack(
        [base + _soft_noise(size, seed) for seed, base in enumerate((168.0, 172.0, 160.0))], axis=-1
    )
    picture[int(0.84 * height) :] *= 0.72  # a floor
    for middle, top, tall in ((0.36 * width, 0.06, 0.86), (0.76 * width, 0.30, 0.56)):
        for limb in _BODY:
            _draw_limb(picture, limb, middle, top * height, tall * height)
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)


def _draw_limb(picture: NDArray[np.float64], limb: Limb, middle: float, top: float, tall: float) -> None:
    x0, y0, x1, y1, start, end = (tall * part for part in limb[:6])
    x0, y0, x1, y1 = x0 + middle, y0 + top, x1 + middle, y1 + top
    reach = max(start, end) + 1
    left, right = int(min(x0, x1) - reach), int(max(x0, x1) + reach) + 1
    upper, lower = int(min(y0, y1) - reach), int(max(y0, y1) + reach) + 1
    part = picture[max(upper, 0) : lower, max(left, 0) : right]
    y, x = np.mgrid[max(upper, 0) : max(upper, 0) + len(part), max(left, 0) : max(left, 0) + part.shape[1]]
    length = max((x1 - x0) ** 2 + (y1 - y0) ** 2, 1e-9)
    along = np.clip(((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / length, 0, 1)
    radius = start + (end - start) * along
    sideways = x - x0 - along * (x1 - x0)
    distance = np.hypot(sideways, y - y0 - along * (y1 - y0))
    cover = np.clip(radius - distance + 0.5, 0, 1)[..., None]
    # Round limbs: darker towards the rim and to the right, as under a lamp.
    light = 1.08 - 0.28 * np.clip(distance / radius, 0, 1) ** 2 - 1.2 * sideways / tall
    part += cover * (np.array(limb[6]) * light[..., None] - part)


def _soft_noise(size: tuple[int, int], seed: int) -> NDArray[np.float64]:
    """Return smooth noise of about +-25, (height, width)."""
    width, height = size
    generator = np.random.default_rng(seed)
    noise = np.zeros((height, width))
    for cells, strength in ((4, 14.0), (12, 7.0), (40, 5.0)):
        coarse = generator.uniform(-1, 1, (cells + 1, cells + 1))
        noise += strength * _stretch(_stretch(coarse, height).T, width).T
    return noise


def _stretch(values: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    """Interpolate along the first axis to `length` rows."""
    place = np.linspace(0, len(values) - 1, length)
    below = np.minimum(place.astype(np.intp), len(values) - 2)
    share = (place - below)[:, None]
    stretched: NDArray[np.float64] = values[below] * (1 - share) + values[below + 1] * share
    return stretched
