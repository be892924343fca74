"""The film of a run: when the disk is full a show goes on without it, and a render ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posekit.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    import numpy as np
    from numpy.typing import NDArray

    from posekit.draw import VideoWriter

WITHOUT_IT = "the show goes on without it"


class Film:
    """Writes a run's frames to `video`, if there is one; leaving the `with` finishes it.

    What is `live` is kept as far as it came when somebody ends it, or the disk is full; anything else is
    whole or not there. With `goes_on` a film that fails is reported at once and is `failure` from then on,
    else that is raised.
    """

    def __init__(
        self,
        video: VideoWriter | None,
        *,
        live: bool,
        goes_on: bool,
        report: Callable[[str], None],
    ) -> None:
        self._video, self._live, self._goes_on, self._report = video, live, goes_on, report
        self.failure: OutputError | None = None
        """Why there is no film, or not of everything."""

    def add(self, pixels: NDArray[np.uint8], time: float) -> None:
        """Add a frame, (H, W, 4) BGRX, seen at `time` seconds; may raise `OutputError`."""
        if self._video is None:
            return
        try:
            if self._live and not self._video.has_room():
                self._end_early(self._video)
            self._video.write(pixels, time)
        except OutputError as error:
            self._video = None
            if not self._goes_on:
                raise
            # A new one: the traceback of that one holds the pixels, which would lock the canvas from now on.
            self.failure = OutputError(str(error))
            self._report(f"{error}; {WITHOUT_IT}")

    def __enter__(self) -> Film:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        video, self._video = self._video, None
        if video is None:
            return
        # A live recording ends when somebody ends it; a file that was not rendered to its end is not whole.
        is_ended = isinstance(error, KeyboardInterrupt) and self._live and video.frames > 0
        video.close(whole=error is None or is_ended)

    def _end_early(self, video: VideoWriter) -> None:
        """Keep what there is while there is room for the file's end, and raise why it ends here."""
        if video.frames:
            video.close()
            raise OutputError(f"{video.path} ends after {video.frames} frames: the disk is full")
