"""The card that shows what is wrong with a sketch's new code: file and line, the code, and what to do."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posekit.sketch.quiet_pygame import pygame

if TYPE_CHECKING:
    from posekit.errors import CodePlace

CODE_FONTS = (
    "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf",
    "/usr/share/fonts/TTF/DejaVuSansMono.ttf",
    "/usr/share/fonts/dejavu-sans-mono-fonts/DejaVuSansMono.ttf",
    "/usr/share/fonts/truetype/liberation/LiberationMono-Regular.ttf",
    "/System/Library/Fonts/Menlo.ttc",
    "/System/Library/Fonts/Monaco.ttf",
    "C:/Windows/Fonts/consola.ttf",
    "C:/Windows/Fonts/cour.ttf",
)
"""Where systems keep a font whose letters are all as wide; searching for one can take seconds."""
GROUND, EDGE, BAND = (20, 20, 27, 242), (62, 62, 76, 255), (255, 107, 107, 34)
RED, WHITE, DIM, CODE = (255, 107, 107), (244, 244, 248), (142, 142, 158), (206, 208, 220)
LETTERS_SHARE = 34
"""The canvas's shorter side in heights of the card's letters."""
SMALLEST, LARGEST = 13, 40
MOST_LINES = 4
"""Lines of the sentence."""


@dataclass(frozen=True)
class Trouble:
    """What is wrong, and what happens meanwhile."""

    sentence: str
    """Without the place, where that is known."""
    place: CodePlace | None
    meanwhile: str

    @classmethod
    def of(cls, error: BaseException, meanwhile: str, hint: str = "") -> Trouble:
        """Keep what an error says, and nothing of the code that raised it."""
        place: CodePlace | None = getattr(error, "place", None)
        return cls(f"{place.sentence if place else error}{hint}", place, meanwhile)


def draw_card(surface: Any, trouble: Trouble) -> None:
    """Draw a card at the bottom of a pygame surface."""
    card = _card(trouble, surface.get_size())
    width, height = surface.get_size()
    margin = (width - card.get_width()) // 2
    surface.blit(card, (margin, max(0, height - card.get_height() - max(margin // 2, 4))))


@lru_cache(maxsize=1)
def _card(trouble: Trouble, size: tuple[int, int]) -> Any:
    """Return the card as a surface; made once, for it is shown in every frame."""
    letters = round(min(LARGEST, max(SMALLEST, min(size) / LETTERS_SHARE)))
    return _Painter(letters, round(size[0] * 0.92), size[1]).paint(trouble)


class _Painter:
    """Paints one card with letters of one height."""

    def __init__(self, letters: int, width: int, most: int) -> None:
        pygame.font.init()
        path = next((font for font in CODE_FONTS if Path(font).is_file()), None)
        self._code = pygame.font.Font(path, letters)
        self._text = pygame.font.Font(None, round(letters * 1.5))
        self._small = pygame.font.Font(None, round(letters * 1.25))
        self._letters, self._width, self._most = letters, width, most
        self._pad = round(letters * 1.1)
        self._rows: list[tuple[Any, int, int]] = []
        """What is put on the card: pictures, from the left, from the top."""
        self._bands: list[tuple[int, int]] = []
        self._top = self._pad

    def paint(self, trouble: Trouble) -> Any:
        place = trouble.place
        if place is not None:
            self._row(self._text, f"{place.path.name}, line {place.line}", RED)
            self._space(0.35)
            for number, code in place.lines:
                self._code_row(number, code, place)
            self._space(0.55)
        for line in self._wrapped(self._text, trouble.sentence, MOST_LINES):
            self._row(self._text, line, WHITE)
        self._space(0.35)
        for line in self._wrapped(self._small, trouble.meanwhile, 2):
            self._row(self._small, line, DIM)
        return self._finish()

    def _row(self, font: Any, text: str, color: tuple[int, int, int], left: int = 0) -> None:
        made = font.render(_printable(text), True, color)
        self._rows.append((made, self._pad + left, self._top))
        self._top += round(made.get_height() * 1.12)

    def _code_row(self, number: int, code: str, place: CodePlace) -> None:
        is_meant = number == place.line
        gutter = self._code.size("0000")[0]
        high = self._code.get_linesize()
        if is_meant:
            self._bands.append((self._top, high))
        at = self._code.render(f"{number:4}"[-4:], True, RED if is_meant else DIM)
        self._rows.append((at, self._pad, self._top))
        left = gutter + round(self._letters * 0.9)
        shown = _printable(code)
        self._rows.append(
            (self._code.render(shown, True, WHITE if is_meant else CODE), self._pad + left, self._top)
        )
        self._top += high
        if is_meant and place.columns is not None:
            start, end = (self._code.size(f"{shown} "[:column])[0] for column in place.columns)
            mark = pygame.Surface((max(3, end - start), max(2, self._letters // 8)))
            mark.fill(RED)
            self._rows.append((mark, self._pad + left + start, self._top - max(2, self._letters // 7)))

    def _space(self, letters: float) -> None:
        self._top += round(self._letters * letters)

    def _wrapped(self, font: Any, text: str, most: int) -> list[str]:
        room = self._width - 2 * self._pad
        columns = max(8, int(len(text) * room / max(1, font.size(text)[0])) - 2)
        return textwrap.wrap(text, columns, max_lines=most, placeholder=" ...") or [""]

    def _finish(self) -> Any:
        height = self._top + self._pad - round(self._letters * 0.2)
        card = pygame.Surface((self._width, height), pygame.SRCALPHA)
        round_corner = self._letters // 2
        pygame.draw.rect(card, GROUND, card.get_rect(), border_radius=round_corner)
        for top, high in self._bands:
            band = pygame.Surface((self._width - 2, high), pygame.SRCALPHA)
            band.fill(BAND)
            card.blit(band, (1, top))
        for picture, left, top in self._rows:
            room = self._width - self._pad - left
            card.blit(picture, (left, top), (0, 0, max(0, room), picture.get_height()))
        pygame.draw.rect(card, EDGE, card.get_rect(), width=1, border_radius=round_corner)
        stripe = pygame.Rect(0, round_corner, max(3, self._letters // 5), height - 2 * round_corner)
        pygame.draw.rect(card, RED, stripe)
        return card


def _printable(text: str) -> str:
    """Return a line of code as pygame can write it."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)[:400]
