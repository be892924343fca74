"""The window's tools: who gets a key or a click first, and how they are drawn and taken away again."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from posekit.runner.tool import Shift

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import TracebackType

    from numpy.typing import NDArray

    from posekit.runner.tool import Position, Tool
    from posekit.sketch.canvas import Canvas


class Toolbox:
    """All tools of a window; leaving the `with` closes them.

    A key goes first to the tool that somebody works with (that `has_mouse`), else it could not be typed in;
    then to the sketch, then to the open tools, and last it may open or close one. What none of them wants is
    the window's. A tool that fails is closed, which is said; the show goes on.
    """

    def __init__(
        self,
        tools: Iterable[Tool] = (),
        report: Callable[[str], None] | None = None,
        shift: Shift | None = None,
    ) -> None:
        self.tools = list(tools)
        self.shift = shift or Shift()
        """What the window sets for every event, and tools ask."""
        self._report = report or (lambda _: None)
        self._before: NDArray[np.uint8] | None = None

    @property
    def at_work(self) -> Tool | None:
        """The tool that has mouse and keys now."""
        return next((tool for tool in self.tools if tool.is_open and tool.has_mouse), None)

    def find(self, name: str) -> Tool | None:
        """Return the tool of this name, if there is one."""
        return next((tool for tool in self.tools if tool.name == name), None)

    def key(self, name: str, text: str, sketch: Callable[[str], bool]) -> bool:
        """Hand a key on; whether somebody took it. `sketch` is asked whether the sketch wants it."""
        working = self.at_work
        if working is not None and self._offer(working, name, text):
            return True
        if working is not None and name == "escape":
            self.toggle(working)
            return True
        if sketch(name):
            return True
        for tool in self.tools:
            if tool is not working and tool.is_open and self._offer(tool, name, text):
                return True
        for tool in self.tools:
            if tool.key_name == name:
                self.toggle(tool)
                return True
        return False

    def toggle(self, tool: Tool) -> None:
        """Open a tool, or close it; a second one to work with closes the first."""
        if tool.is_open:
            with self._surviving(tool):
                tool.close()
            return
        working = self.at_work
        with self._surviving(tool):
            tool.open()
        if working is not None and tool.is_open and tool.has_mouse:
            working.close()

    def move(self, position: Position) -> None:
        """Tell where the mouse is."""
        if (working := self.at_work) is not None:
            with self._surviving(working):
                working.move(position)

    def press(self, position: Position, button: int) -> bool:
        """Hand a mouse button on that went down; whether a tool took it."""
        if (working := self.at_work) is None:
            return False
        with self._surviving(working):
            return working.press(position, button)
        return True

    def release(self) -> None:
        """Tell of a mouse button that went up."""
        if (working := self.at_work) is not None:
            with self._surviving(working):
                working.release()

    def frame(self, canvas: Canvas, now: float) -> None:
        """Show every tool a frame as the sketch has drawn it, at `now` seconds."""
        for tool in self.tools:
            with self._surviving(tool):
                tool.frame(canvas, now)

    @contextmanager
    def over(self, canvas: Canvas) -> Iterator[None]:
        """Draw the open tools on the canvas; take them away again after the `with`.

        A sketch that never clears its canvas would keep them for ever otherwise, and so would a film.
        """
        drawing = [tool for tool in self.tools if tool.is_open]
        if not drawing:
            yield
            return
        if self._before is None or self._before.shape != canvas.pixels.shape:
            self._before = np.empty_like(canvas.pixels)
        np.copyto(self._before, canvas.pixels)
        try:
            for tool in drawing:
                with self._surviving(tool):
                    tool.draw(canvas)
            yield
        finally:
            np.copyto(canvas.pixels, self._before)

    def __enter__(self) -> Toolbox:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for tool in self.tools:
            with self._surviving(tool):
                tool.finish()

    def _offer(self, tool: Tool, name: str, text: str) -> bool:
        with self._surviving(tool):
            return tool.key(name, text)
        return True

    @contextmanager
    def _surviving(self, tool: Tool) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            tool.is_open = False
            self._report(f"{tool.name} is closed, it failed: {type(error).__name__}: {error}")
