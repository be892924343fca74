"""A thread for what may take its time, such as reading files, with a short queue before it."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from posekit.errors import OutputError
from posekit.status.answers import ProblemError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

WAITING = 8
"""Jobs that may wait."""
PATIENCE = 5.0
"""Seconds after which somebody is told that it takes too long."""


class Background:
    """Does one thing after the other, off the server's loop; who comes when too many wait is sent away."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="posekit-status")
        self._waiting = 0

    async def do(self, work: Callable[[], T]) -> T:
        """Do it and return what comes of it; raises `ProblemError` 503 when that takes too long, or fails."""
        if self._waiting >= WAITING:
            raise ProblemError(503, "too many ask for this just now", {"retry-after": "2"})
        self._waiting += 1
        try:
            job = asyncio.get_running_loop().run_in_executor(self._pool, work)
        except RuntimeError:  # it was closed: the show ends
            self._waiting -= 1
            raise ProblemError(503, "the show is ending") from None
        job.add_done_callback(self._is_done)
        try:
            return await asyncio.wait_for(asyncio.shield(job), PATIENCE)
        except asyncio.TimeoutError:
            raise ProblemError(503, "this takes too long just now", {"retry-after": "5"}) from None
        except OutputError as error:
            raise ProblemError(503, str(error)) from None
        except (OSError, ValueError, LookupError) as error:
            raise ProblemError(503, f"this cannot be read just now ({type(error).__name__})") from None

    def close(self) -> None:
        """Begin nothing more."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _is_done(self, job: asyncio.Future[T]) -> None:
        self._waiting -= 1
        if not job.cancelled():
            job.exception()  # it is known: whoever waited has been told, or has gone
