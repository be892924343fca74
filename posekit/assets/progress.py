"""How a long fetch shows that it moves, without knowing what a screen is."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Something that shows bytes arriving: `start`, any number of `advance`, `close`; then the next file."""

    def start(self, total: int | None, label: str) -> None:
        """Begin a file of `total` bytes, None where nobody knows."""

    def advance(self, amount: int) -> None:
        """`amount` more bytes are here; negative when a source failed and its bytes are given back."""

    def close(self) -> None:
        """End, done or not."""


class NoProgress:
    """Shows nothing."""

    def start(self, total: int | None, label: str) -> None:
        """Ignore."""

    def advance(self, amount: int) -> None:
        """Ignore."""

    def close(self) -> None:
        """Ignore."""
