"""Colours that are computed: by hue, and between two others."""

from __future__ import annotations

import colorsys
import math
from typing import TYPE_CHECKING

from posekit.draw.oklab import between
from posekit.sketch.colors import read_color

if TYPE_CHECKING:
    from posekit.sketch.kinds import Color

RGBA = tuple[int, int, int, int]


def hsv(hue: float, saturation: float = 1.0, value: float = 1.0, alpha: float = 1.0) -> RGBA:
    """Return a colour by its hue in degrees: 0 red, 60 yellow, 120 green, 240 blue, and round again.

    `saturation` is from 0, white, to 1, `value` from 0, black, to 1. A hue that is missing is 0.
    """
    turn = hue / 360 % 1 if math.isfinite(hue) else 0.0
    inside = [min(max(part, 0.0), 1.0) if part == part else 0.0 for part in (saturation, value, alpha)]
    red, green, blue = colorsys.hsv_to_rgb(turn, inside[0], inside[1])
    return round(red * 255), round(green * 255), round(blue * 255), round(inside[2] * 255)


def mix(color1: Color, color2: Color, amount: float = 0.5) -> RGBA:
    """Return the colour that lies `amount` of the way from one to another: 0 is the first, 1 the second.

    On the way no colour is darker or greyer than it has to be (`posekit.draw.oklab`).
    """
    first, second = read_color(color1), read_color(color2)
    part = min(max(amount, 0.0), 1.0) if amount == amount else 0.0
    red, green, blue = between(first[:3], second[:3], part).round().astype(int).tolist()
    return red, green, blue, round(first[3] + (second[3] - first[3]) * part)
