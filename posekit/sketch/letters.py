"""Text as pixels, in pygame's own font, or where that lacks letters in one of the system's that has them."""

from __future__ import annotations

import warnings
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from posekit.sketch.quiet_pygame import pygame

if TYPE_CHECKING:
    from numpy.typing import NDArray

NONE = "\uffff"
"""What no font has a letter for: Unicode promises never to make it one."""
WIDEST = 16384
"""Pixels of a line of text beyond which it is left out: SDL makes no larger pictures."""
FINE = 4
"""How much larger small letters are made and then made smaller: a font sets them on whole pixels, which parts
`T ab` and `disp lay` at 16 pixels, and on quarters of one hardly."""
LARGE = 64
"""Pixels from which on whole ones do."""
OWN_SCALE = 0.6875
"""How much smaller than asked pygame makes its own font (font.c); others must follow to look as large."""
MANY_LETTERS = (
    "notosanscjksc", "notosanscjkjp", "notosanscjk", "sourcehansans", "arialunicode", "arialunicodems",
    "msyh", "microsoftyahei", "yugothic", "msgothic", "malgungothic", "hiraginosansgb", "pingfang",
    "wenquanyizenhei", "wenquanyimicrohei", "droidsansfallback", "unifont", "dejavusans", "freesans",
    "notosans", "segoeui", "segoeuisymbol", "segoeuihistoric", "nirmalaui", "leelawadeeui", "tahoma",
    "arial", "lucidagrande", "applesymbols", "geneva", "notosansarabic", "notosanshebrew",
    "notosansdevanagari", "notosansthai", "notosanssymbols",
)  # fmt: skip
"""Fonts with letters of many scripts, as pygame spells them, those with most first."""


@lru_cache(maxsize=256)
def letters(text: str, size: int, color: tuple[int, int, int]) -> NDArray[np.uint8]:
    """Return text, `size` pixels high, as (h, w, 4) uint8: blue, green, red, opacity; `color` is RGB."""
    # A font knows no NUL and no half of a surrogate pair.
    clean = text.replace("\0", "").encode("utf-16", "replace").decode("utf-16", "replace")
    name, lines = _name_for(frozenset(clean)), clean.split("\n")
    fine = FINE if size < LARGE and max(map(len, lines)) * size * FINE <= WIDEST else 1
    opacity = _opacity(lines, _font(name, size * fine))
    if fine > 1:
        smaller = -(-opacity.shape[1] // fine), -(-opacity.shape[0] // fine)
        edge = ((0, smaller[1] * fine - opacity.shape[0]), (0, smaller[0] * fine - opacity.shape[1]))
        opacity = np.asarray(cv2.resize(np.pad(opacity, edge), smaller, interpolation=cv2.INTER_AREA))
    result = np.empty((*opacity.shape, 4), np.uint8)
    result[:, :, :3], result[:, :, 3] = color[::-1], opacity
    return result


def _opacity(lines: list[str], font: Any) -> NDArray[np.uint8]:
    """Return lines of text as (h, w) uint8, as large as the font is."""
    widths = [font.size(line)[0] for line in lines]
    step = font.get_linesize()
    result = np.zeros((step * len(lines), max(1, min(max(widths), WIDEST))), np.uint8)
    for number, line in enumerate(lines):
        if 0 < widths[number] <= WIDEST:
            drawn = pygame.surfarray.array_alpha(font.render(line, True, "white")).T
            high, wide = min(step, drawn.shape[0]), min(result.shape[1], drawn.shape[1])
            result[number * step : number * step + high, :wide] = drawn[:high, :wide]
    return result


def _font(name: str | None, size: int) -> Any:
    if not pygame.font.get_init():
        forget_fonts()
        pygame.font.init()
    return _open_font(name, size)


@lru_cache(maxsize=32)
def _open_font(name: str | None, size: int) -> Any:
    # A font of a pygame that was ended crashes the process when it is used in the next one.
    pygame.register_quit(forget_fonts)
    return pygame.font.Font(name, size if name is None else max(1, round(size * OWN_SCALE)))


def forget_fonts() -> None:
    """Let go of every font, as has to be done before pygame, or its fonts, are ended."""
    _open_font.cache_clear()


@lru_cache(maxsize=1024)
def _name_for(characters: frozenset[str]) -> str | None:
    """Return the file of the font that has most of these characters; None is pygame's own, which is first."""
    wanted = frozenset(letter for letter in characters if letter.isprintable() and not letter.isspace())
    missing = _missing(None, wanted)
    if not missing:
        return None
    best = None
    for file in _system_fonts():
        lacks = _missing(file, wanted)
        if len(lacks) < len(missing):
            best, missing = file, lacks
        if not missing:
            break
    return best


def _missing(file: str | None, wanted: frozenset[str]) -> frozenset[str]:
    try:
        return frozenset(
            character for character in wanted if _picture(file, character) == _picture(file, NONE)
        )
    except (pygame.error, OSError, UnicodeError):
        return wanted


@lru_cache(maxsize=4096)
def _picture(file: str | None, character: str) -> bytes:
    """Return what a font draws for a character; for each that it lacks it is the same."""
    drawn = _font(file, 16).render(character, False, "white")
    return pygame.image.tobytes(drawn, "RGB")


@lru_cache(maxsize=1)
def _system_fonts() -> tuple[str, ...]:
    """Return the files of those of `MANY_LETTERS` that are here; looking takes a moment, so once."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pygame warns where it cannot look
            found = (pygame.font.match_font(name) for name in MANY_LETTERS)
            return tuple(dict.fromkeys(file for file in found if file))
    except Exception:
        # pygame asks the system in as many ways as there are systems; boxes for letters end no show.
        return ()
