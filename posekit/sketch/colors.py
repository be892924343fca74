"""Colours as sketches write them: names, numbers and hexadecimal."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from posekit.errors import SettingsError, UnknownNameError, nearest_name
from posekit.sketch.quiet_pygame import pygame

RGBA = tuple[int, int, int, int]
HEXADECIMAL = re.compile(r"#([0-9a-f]{3}|[0-9a-f]{4}|[0-9a-f]{6}|[0-9a-f]{8})")

SOME_NAMES = (
    "black",
    "white",
    "gray",
    "red",
    "orange",
    "gold",
    "yellow",
    "green",
    "cyan",
    "blue",
    "purple",
    "pink",
)
"""Offered when a name resembles none of the several hundred."""


def read_color(color: Any) -> RGBA:
    """Return (red, green, blue, alpha), each from 0 to 255.

    Takes a CSS name (`"gold"`, `"dark orange"`), `"#rgb"`, `"#rrggbb"` or `"#rrggbbaa"`, or three or four
    numbers from 0 to 255, of which those outside are brought inside. Raises `UnknownNameError` for a name
    that is none, with the nearest, and `SettingsError` for anything else.
    """
    if isinstance(color, str):
        return _read_text(color)
    try:
        if type(color) is tuple:
            return _read_numbers(color)
        return _read_numbers(tuple(color))
    except (TypeError, ValueError):
        raise SettingsError(
            f"{color!r} is not a colour; write a name such as 'gold', '#ffcc00' or (255, 204, 0)"
        ) from None


@lru_cache(maxsize=1024)
def _read_numbers(numbers: tuple[Any, ...]) -> RGBA:
    if len(numbers) not in (3, 4):
        raise ValueError
    red, green, blue, alpha = (_channel(number) for number in (*numbers, 255)[:4])
    return red, green, blue, alpha


def is_color(text: str) -> bool:
    """Whether a text is a colour, without the search for the nearest name."""
    name = _plain(text)
    return name in pygame.colordict.THECOLORS or name == "transparent" or bool(HEXADECIMAL.fullmatch(name))


def _plain(text: str) -> str:
    return text.strip().lower().replace(" ", "").replace("_", "")


@lru_cache(maxsize=1024)
def _read_text(text: str) -> RGBA:
    name = _plain(text)
    if name.startswith("#"):
        return _read_hexadecimal(text, name[1:])
    if name == "transparent":
        return 0, 0, 0, 0
    known = pygame.colordict.THECOLORS
    if name not in known:
        raise UnknownNameError("colour", text, known if nearest_name(name, known) else SOME_NAMES)
    red, green, blue, alpha = known[name]
    return red, green, blue, alpha


def _read_hexadecimal(text: str, digits: str) -> RGBA:
    if len(digits) in (3, 4):
        digits = "".join(digit * 2 for digit in digits)
    if len(digits) not in (6, 8) or not set(digits) <= set("0123456789abcdef"):
        raise SettingsError(f"{text!r} is not a colour; after # come 3, 6 or 8 digits from 0 to f")
    red, green, blue, alpha = bytes.fromhex(digits.ljust(8, "f"))
    return red, green, blue, alpha


def _channel(number: Any) -> int:
    if number != number:  # NaN, and no integer is too large for this
        return 0
    return round(float(min(255, max(0, number))))
