"""Native libraries' chatter, kept off the terminal."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import tempfile
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_log = logging.getLogger(__name__)

# Descriptor 2 belongs to the whole process: two threads must not redirect it in each other's middle.
_lock = threading.Lock()


@contextlib.contextmanager
def quiet_stderr() -> Iterator[None]:
    """Send what native code writes to stderr meanwhile to the log instead, at level DEBUG.

    MediaPipe and TensorFlow Lite print their greetings straight to descriptor 2, with no switch that
    stops them. Meant for opening a model, not for every frame: for as long as it lasts, other threads' words
    on stderr are kept back too. Does nothing where there is no stderr.
    """
    with _lock:
        try:
            kept = os.dup(2)
        except OSError:  # a windowed program without a terminal
            yield
            return
        with tempfile.TemporaryFile() as words:
            try:
                _flush()
                os.dup2(words.fileno(), 2)
                try:
                    yield
                finally:
                    _flush()
                    os.dup2(kept, 2)
            finally:
                os.close(kept)
                words.seek(0)
                for line in words.read().decode(errors="replace").splitlines():
                    _log.debug("%s", line)


def _flush() -> None:
    if sys.stderr is not None:
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.flush()
