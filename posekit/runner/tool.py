"""What a tool is: something that lies over the canvas in the window and takes keys and mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from posekit.sketch.canvas import Canvas

Position = tuple[float, float]
LEFT, MIDDLE, RIGHT, WHEEL_UP, WHEEL_DOWN = range(1, 6)
"""The mouse's buttons as SDL counts them."""


class Shift:
    """Whether Shift was held when that happened which is being handled; by now it may be up again."""

    def __init__(self) -> None:
        self.is_held = False

    def __call__(self) -> bool:
        """Return whether it was."""
        return self.is_held


class Tool:
    """One tool of the window; `toolbox.py` says who gets a key first. Positions are canvas pixels.

    A tool that `has_mouse` is one that somebody works with: there is one at a time, the mouse is shown, and
    what is typed is not the sketch's. Any other only shows something, and the sketch comes before it.
    What a subclass leaves out does nothing.
    """

    name: str
    """What it is, in a word or two, for the help and for an error."""
    key_name: str
    """The key that opens and closes it, by pygame's name: `f3`, `tab`."""
    help: str = ""
    """What it is for, in a few words beside its key."""
    is_open: bool = False
    """Whether it is in use; the tool itself may end that too."""

    @property
    def has_mouse(self) -> bool:
        """Whether it wants the mouse now."""
        return False

    def open(self) -> None:
        """Begin; what it has to say of the time before is forgotten."""
        self.is_open = True

    def close(self) -> None:
        """End, and keep what is to be kept; twice is harmless."""
        self.is_open = False

    def finish(self) -> None:
        """Let go of everything: the run is over."""
        self.close()

    def key(self, name: str, text: str) -> bool:  # noqa: ARG002 (for subclasses)
        """Take a key while it is open, by pygame's name and the text it types; false: somebody else's."""
        return False

    def move(self, position: Position) -> None:
        """Take the mouse's place."""

    def press(self, position: Position, button: int) -> bool:  # noqa: ARG002 (for subclasses)
        """Take a mouse button that went down, the wheel's too; false: it is the sketch's."""
        return False

    def release(self) -> None:
        """Take a mouse button that went up."""

    def frame(self, canvas: Canvas, now: float) -> None:
        """Take note of a frame, open or not, as the sketch has drawn it; `now` is in seconds."""

    def draw(self, canvas: Canvas) -> None:
        """Draw over what is shown; it is taken away again, and is in no film and no picture."""
