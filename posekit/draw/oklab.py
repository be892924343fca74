"""Colours as they are seen: OKLab, in which equal steps look equal, so that mixing makes no mud.

Björn Ottosson, "A perceptual color space for image processing" (2020).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Reals = NDArray[np.float64]

TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
FROM_LAB, FROM_CONES = np.linalg.inv(TO_LAB), np.linalg.inv(TO_CONES)


def linear_light(rgb: ArrayLike) -> Reals:
    """Return sRGB from 0 to 255 as light from 0 to 1 (IEC 61966-2-1); any shape."""
    part = np.asarray(rgb, np.float64) / 255
    light: Reals = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    return light


def to_oklab(light: Reals) -> Reals:
    """Return light (..., 3) from 0 to 1 as OKLab: lightness, green to red, blue to yellow."""
    lab: Reals = np.cbrt(light @ TO_CONES.T) @ TO_LAB.T
    return lab


def from_oklab(lab: Reals) -> Reals:
    """Return OKLab (..., 3) as sRGB from 0 to 255, brought inside where there is no such colour."""
    light = np.clip((lab @ FROM_LAB.T) ** 3 @ FROM_CONES.T, 0, 1)
    part = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    rgb: Reals = part * 255
    return rgb


def between(first: ArrayLike, second: ArrayLike, amount: ArrayLike) -> Reals:
    """Return the sRGB colours (N, 3) that lie `amount` (N,), from 0 to 1, of the way from one to another."""
    start, end = to_oklab(linear_light(first)), to_oklab(linear_light(second))
    return from_oklab(start + (end - start) * np.asarray(amount, np.float64)[..., None])
