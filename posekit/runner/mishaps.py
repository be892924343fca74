"""What a sketch's own code raises while its window is open: said once, shown, counted, and survived."""

from __future__ import annotations

import textwrap
import traceback
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from posekit.runner.trouble_card import Trouble, draw_card

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from posekit.clock import Clock
    from posekit.errors import HookError
    from posekit.sketch.canvas import Canvas

OVER_SECONDS = 1.0
"""So long without it, and an error counts as over: in every other frame it is not news each time."""
MANY = 50
"""Errors that are kept apart at a time; code that fails in ever new ways must not fill the memory."""
LETTERS_SHARE = 24
"""The canvas's height in heights of the banner's letters."""
SMALLEST_LETTERS = 20
LETTER_WIDTH = 0.36
"""How wide a letter of pygame's own font is on average, in what is called its height; "m" has 0.6."""
MOST_LINES = 4

Kind = tuple[object, ...]


@dataclass
class _Mishap:
    sentence: str
    count: int
    last: float


class Mishaps:
    """Takes the errors of a show that goes on.

    Each is reported when it begins, and when it ends with how often it happened. Two are the same when the
    same line raised the same type, whatever numbers their words have.
    """

    def __init__(self, clock: Clock, report: Callable[[str], None]) -> None:
        self._clock, self._report = clock, report
        self._known: dict[Kind, _Mishap] = {}
        self._noted: list[tuple[str, HookError]] = []
        self._shown = ""
        self._failing: HookError | None = None
        self.count = 0
        """Errors so far, each as often as it happened."""
        self.lasting: Trouble | None = None
        """What is shown in every frame, in a banner's place, until it is taken away."""

    @property
    def failing(self) -> HookError | None:
        """What failed in the last frame, or since."""
        return self._noted[0][1] if self._noted else self._failing

    @property
    def sentence(self) -> str:
        """What goes wrong just now, again and again perhaps; empty while nothing does."""
        newest = max(self._known.values(), key=lambda one: one.last, default=None)
        return newest.sentence if newest is not None else ""

    def note(self, error: HookError) -> None:
        """Take an error, and let go of everything that its traceback holds on to."""
        kind, now = _kind(error), self._clock.now()
        let_go(error)
        mishap = self._known.get(kind)
        if mishap is None:
            if len(self._known) >= MANY:
                self._tell_end(next(iter(self._known)))
            mishap = self._known[kind] = _Mishap(str(error), 0, now)
            self._report(f"{error}; the show goes on")
        mishap.count += 1
        self.count += 1
        mishap.last = now
        self._noted.append((mishap.sentence, error))
        del self._noted[1:]  # the first one of a frame is often why the others followed

    def end_frame(self) -> None:
        """Note that a frame is done: what failed in it is shown with it, and not with the next."""
        self._shown, self._failing = self._noted[0] if self._noted else ("", None)
        self._noted.clear()
        if self._known:
            now = self._clock.now()
            for kind in [kind for kind, one in self._known.items() if now - one.last > OVER_SECONDS]:
                self._tell_end(kind)

    @contextmanager
    def banner(self, canvas: Canvas) -> Iterator[None]:
        """Write on the canvas what failed in this frame; take it away again after the `with`.

        A sketch that never clears its canvas would keep it for ever otherwise.
        """
        if not (self._shown or self.lasting):
            yield
            return
        before = canvas.pixels.copy()
        with suppress(Exception):  # a banner without a font must not do what the error was kept from doing
            if self.lasting is not None:
                draw_card(canvas.surface, self.lasting)
            else:
                draw_banner(canvas, self._shown)
        try:
            yield
        finally:
            canvas.pixels[:] = before

    def close(self) -> None:
        """Say how often everything happened that has not been said yet."""
        for kind in list(self._known):
            self._tell_end(kind)

    def _tell_end(self, kind: Kind) -> None:
        mishap = self._known.pop(kind)
        if mishap.count > 1:
            self._report(f"the error happened {mishap.count} times: {mishap.sentence}")


def draw_banner(canvas: Canvas, sentence: str) -> None:
    """Write a sentence across the bottom of a canvas, in as many lines as it needs, up to `MOST_LINES`."""
    size = max(SMALLEST_LETTERS, canvas.height / LETTERS_SHARE)
    columns = max(10, int((canvas.width - size) / (size * LETTER_WIDTH)))
    lines = textwrap.wrap(sentence, columns, max_lines=MOST_LINES, placeholder=" ...")
    high = (len(lines) * 0.75 + 0.5) * size
    top = canvas.height - high
    canvas.rect((0, top, canvas.width, high), "black", alpha=0.8)
    canvas.rect((0, top, canvas.width, max(2, size / 8)), "tomato")
    for number, line in enumerate(lines):
        canvas.text(line, (size / 2, top + (0.35 + number * 0.75) * size), size=size)


def _kind(error: HookError) -> Kind:
    """Return what tells one error from another: its type and line, or, where no line raised, its words."""
    cause = error.__cause__
    step = cause.__traceback__ if cause is not None else None
    if step is None:
        return (str(error),)
    while step.tb_next is not None:
        step = step.tb_next
    return (type(cause), step.tb_frame.f_code.co_filename, step.tb_lineno)


def let_go(error: BaseException) -> None:
    """Empty the frames of a traceback: a picture among their locals would lock the canvas for ever.

    So would one that lacks an attribute, which the error holds on to as well.
    """
    told: set[int] = set()
    left: list[BaseException | None] = [error]
    while left:
        one = left.pop()
        if one is not None and id(one) not in told:
            told.add(id(one))
            traceback.clear_frames(one.__traceback__)
            if isinstance(one, AttributeError):
                one.obj = None
            left += [one.__cause__, one.__context__]
