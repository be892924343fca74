"""Motion JPEG of the newest picture: encoded once for all who look, and not at all when nobody does."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

RATE = 30.0
"""Pictures per second, at most."""
LARGEST_SIDE = 1920
"""Pixels; what is larger is shared smaller."""
QUALITY = 80
"""Of the JPEGs, 0 to 100."""
BOUNDARY = "posekit"
CONTENT_TYPE = f"multipart/x-mixed-replace; boundary={BOUNDARY}"
SEPARATOR = f"--{BOUNDARY}\r\n".encode()


class Viewer:
    """Somebody who looks at a projector; of the pictures that he is too slow for he sees the newest."""

    def __init__(self) -> None:
        self._part: bytes | None = None
        self._is_over = False
        self._news = asyncio.Event()

    async def next(self) -> bytes | None:
        """Wait for the next part of the stream; None when no more will come."""
        await self._news.wait()
        self._news.clear()
        return None if self._is_over else self._part

    def put(self, part: bytes | None) -> None:
        """Show him the next part, or, with None, that it is over."""
        self._is_over = self._is_over or part is None
        self._part = part
        self._news.set()


class Projector:
    """Shows one stream of pictures to everybody who looks. All but `encode` runs in the server's loop."""

    def __init__(self, name: str = "picture") -> None:
        self.name = name
        """What is shown: `picture` or `mask`."""
        self.encoded = 0
        """How many pictures have been encoded since the start."""
        self.viewers: set[Viewer] = set()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="posekit-jpeg")
        self._picture: NDArray[np.uint8] | None = None
        self._part: bytes | None = None
        self._is_new = asyncio.Event()
        self._work: asyncio.Task[None] | None = None

    @property
    def has_picture(self) -> bool:
        """Whether there has ever been a picture."""
        return self._picture is not None

    def put(self, picture: NDArray[np.uint8]) -> None:
        """Show another picture: (H, W, 3) uint8 RGB, or (H, W) grey, that nobody writes to any more."""
        if picture is not self._picture:
            self._picture = picture
            self._is_new.set()

    def enter(self) -> Viewer:
        """Begin to look."""
        viewer = Viewer()
        self.viewers.add(viewer)
        if self._work is None:
            self._part = None  # what was encoded for earlier viewers is old
            if self._picture is not None:
                self._is_new.set()
            self._work = asyncio.get_running_loop().create_task(self._project())
        elif self._part is not None:
            viewer.put(self._part)
        return viewer

    def leave(self, viewer: Viewer) -> None:
        """Look away; twice is harmless."""
        self.viewers.discard(viewer)
        if not self.viewers and self._work is not None:
            self._work.cancel()
            self._work = None

    def close(self) -> None:
        """Let everybody go."""
        for viewer in list(self.viewers):
            viewer.put(None)
            self.leave(viewer)
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _project(self) -> None:
        """Encode the newest picture, again and again, no faster than `RATE`."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            await self._is_new.wait()
            await asyncio.sleep(max(0.0, due - loop.time()))
            self._is_new.clear()
            assert self._picture is not None
            due = max(due + 1 / RATE, loop.time())
            jpeg = await loop.run_in_executor(self._pool, encode, self._picture)
            self.encoded += 1
            self._part = _as_part(jpeg)
            for viewer in self.viewers:
                viewer.put(self._part)


def _as_part(jpeg: bytes) -> bytes:
    # The separator of the next follows at once: browsers show a picture when they have seen its end.
    head = f"Content-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n".encode()
    return b"".join((head, jpeg, b"\r\n", SEPARATOR))


def encode(picture: NDArray[np.uint8]) -> bytes:
    """Return a picture, (H, W, 3) uint8 RGB or (H, W) grey, as a JPEG, shrunk where it is large."""
    height, width = picture.shape[:2]
    scale = LARGEST_SIDE / max(height, width)
    if scale < 1:
        size = max(1, round(width * scale)), max(1, round(height * scale))
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    if picture.ndim == 3:
        picture = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), np.uint8)
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return data.tobytes()
