"""What every source is: a generator of frames with an owner who closes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from posekit.frame import Frame, Observed


class Source(Protocol):
    """Yields frames, or poses somebody has already seen.

    Used by one thread. A live source stamps frames with the clock's time at capture and drops what is late;
    a file read at its own pace yields every frame, stamped with its place in the file.
    """

    description: str
    """One line for the user: what it is, its size, its rate."""
    is_camera: bool
    """Whether it shows the room as it is now; cameras are mirrored by default, files are not."""
    rate: float
    """Frames per second, as far as that is known; else 30."""
    count: int | None
    """How many frames there are in all, as far as a file says so; None for what never ends."""
    dropped: int
    """Frames captured and not looked at, since the start."""

    def frames(self) -> Iterator[Frame | Observed]:
        """Yield frames until the source ends, `close` is called, or it fails with `SourceError`."""
        ...

    def close(self) -> None:
        """Release it and end `frames`; may be called from another thread, and twice."""
        ...
