"""What a source says when it has nothing to give."""

from __future__ import annotations


class SourceFailedError(Exception):
    """A source did not work; the message is a few words, and the next source is tried."""


def in_megabytes(size: int) -> str:
    """Return a size in words, such as `36 MB`."""
    if size < 1_000_000:
        return f"{max(1, round(size / 1000))} kB"
    return f"{size / 1e6:.1f} MB" if size < 10_000_000 else f"{size / 1e6:.0f} MB"
