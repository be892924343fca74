"""How the command line speaks: words and progress on stderr, so that stdout belongs to results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from posekit.secret_values import hide_revealed

if TYPE_CHECKING:
    from rich.progress import TaskID

console = Console(stderr=True, highlight=False, soft_wrap=True)


def say(text: str) -> None:
    """Tell the user something, one line."""
    console.print(hide_revealed(text), markup=False)


class DownloadBar:
    """A progress bar for bytes, gone once the file is there; silent where stderr is no terminal."""

    def __init__(self) -> None:
        self._progress: Progress | None = None
        self._task: TaskID | None = None

    def start(self, total: int | None, label: str) -> None:
        """Begin a file of `total` bytes, None where nobody knows."""
        self.close()
        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
        self._progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._progress.start()
        self._task = self._progress.add_task(label, total=total)

    def advance(self, amount: int) -> None:
        """`amount` more bytes are here; negative when some are given back."""
        if self._progress is not None and self._task is not None:
            self._progress.advance(self._task, amount)

    def close(self) -> None:
        """End, done or not."""
        if self._progress is not None:
            self._progress.stop()
            self._progress = None


def frame_bar() -> Progress:
    """Return a bar that counts frames; silent where stderr is no terminal."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:.0f}/{task.total:.0f}"),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
