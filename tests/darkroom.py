"""Pictures as a camera would have taken them in other light: darker, noisier, foggy, backlit, infrared.

Light adds up, so everything happens in linear light: the picture's sRGB values are undone, photons are
counted (Poisson), the sensor's electronics add their own noise, a gain follows, and eight bits are left.
Figures of the sensor are those of a small webcam pixel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]

FULL_WELL = 6000.0
"""Electrons of a pixel that is white at the exposure the picture was taken with."""
READ_NOISE = 4.0
"""Electrons, standard deviation: the sensor's electronics."""
INFRARED_OF_RGB = (0.6, 0.3, 0.1)
"""Cloth and skin reflect infrared much as they reflect red."""


def to_linear(picture: Picture) -> NDArray[np.float64]:
    """Return light from 0 to 1 of sRGB values (IEC 61966-2-1)."""
    value = np.arange(256) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)[picture]


def to_srgb(light: NDArray[np.float64]) -> Picture:
    """Return sRGB values of light; what is brighter than 1 is white."""
    light = light.clip(0, 1)
    value = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.rint(value * 255).astype(np.uint8)


def exposed(
    light: NDArray[np.float64], rng: np.random.Generator, stops: float = 0.0, gain: float = 0.0
) -> Picture:
    """Return what a sensor makes of light: `stops` less of it, and `gain` stops of amplification after it."""
    electrons = rng.poisson(light * 2.0**-stops * FULL_WELL) + rng.normal(0, READ_NOISE, light.shape)
    return to_srgb(electrons / FULL_WELL * 2.0**gain)


def darker(picture: Picture, stops: float, seed: int = 0) -> Picture:
    """Return the picture with less light and no gain: a locked exposure when lamps are dimmed."""
    return exposed(to_linear(picture), np.random.default_rng(seed), stops)


def noisier(picture: Picture, stops: float, seed: int = 0) -> Picture:
    """Return the picture with less light and as much gain: a dark room and an automatic exposure."""
    return exposed(to_linear(picture), np.random.default_rng(seed), stops, stops)


def brighter(picture: Picture, stops: float, seed: int = 0) -> Picture:
    """Return the picture over-exposed: what is bright is white."""
    return exposed(to_linear(picture), np.random.default_rng(seed), 0, stops)


def foggy(picture: Picture, share: float, seed: int = 0) -> Picture:
    """Return the picture with a share of its light replaced by scattered light: fog, a dirty lens."""
    light = to_linear(picture) * (1 - share) + share * 0.4
    return exposed(light, np.random.default_rng(seed))


def backlit(picture: Picture, stops: float, seed: int = 0) -> Picture:
    """Return the picture with its middle so many stops darker, and its edges twice as bright."""
    darkness = 2.0 ** (1 - (stops + 1) * _middle(picture.shape[:2]))
    return exposed(to_linear(picture) * darkness[..., None], np.random.default_rng(seed))


def infrared(picture: Picture, seed: int = 0) -> Picture:
    """Return the picture as an infrared camera with its own lamp: grey, dark edges, a bright foreground."""
    light = to_linear(picture) @ np.array(INFRARED_OF_RGB)
    height, width = light.shape
    near = np.linspace(0.15, 0.9, height)[:, None] ** 2
    lamp = near * (0.15 + 0.85 * _middle((height, width)))
    grey = exposed(light * lamp, np.random.default_rng(seed), 0, 1)
    return np.repeat(grey[..., None], 3, axis=2)


def grey(picture: Picture, seed: int = 0) -> Picture:
    """Return the picture without its colours."""
    light = to_linear(picture) @ np.array((0.2126, 0.7152, 0.0722))
    return np.repeat(exposed(light, np.random.default_rng(seed))[..., None], 3, axis=2)


def _middle(shape: tuple[int, int]) -> NDArray[np.float64]:
    """Return 1 in the middle of a picture and 0 at its edges, softly."""
    y, x = (np.linspace(-1, 1, side) for side in shape)
    away = np.maximum(np.abs(y)[:, None], np.abs(x)[None])
    return 0.5 + 0.5 * np.cos(np.pi * ((away - 0.5) / 0.45).clip(0, 1))


LIGHTS: dict[str, Callable[[Picture, int], Picture]] = {
    "as it is": lambda picture, _: picture,
    **{
        f"dark {stops}": lambda picture, seed, stops=stops: darker(picture, stops, seed)
        for stops in (1, 2, 3, 4, 5, 6)
    },
    **{
        f"gain {stops}": lambda picture, seed, stops=stops: noisier(picture, stops, seed)
        for stops in (3, 5, 6, 7)
    },
    "bright 2": lambda picture, seed: brighter(picture, 2, seed),
    "fog": lambda picture, seed: foggy(picture, 0.7, seed),
    "backlit": lambda picture, seed: backlit(picture, 4, seed),
    "infrared": infrared,
    "grey": grey,
}
"""What is measured, by name: a picture and a seed in, the picture in another light out."""
