"""The newest pictures, shared between two processes without a lock, a queue or a file on disk.

Three buffers in one piece of shared memory, each for a picture and its mask, are written in turn, so a reader
has two frames' time to copy one out before it is written again. Each begins with a stamp: odd while it is
being written, and never the same twice. A reader that finds another stamp after copying than before has been
overtaken and drops the copy.

The memory has no name that could outlive us: on Linux it is a `memfd`, on macOS a file that is deleted as
soon as it is open, on Windows a mapping that ends with its last user. However either side dies, nothing
remains.
"""

from __future__ import annotations

import math
import mmap
import os
import secrets
import struct
import sys
import tempfile
from contextlib import suppress
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posekit.geometry import Size

BUFFERS = 3
HEADER = struct.Struct("<QIIII")
"""Stamp, width and height of the picture, and of the mask; 0 where there is none."""
HEADER_BYTES = 64
LARGEST = (3840, 2160)
"""Pictures beyond this size are handed over shrunk; memory that is never touched costs nothing."""
LARGEST_MASK = (1024, 1024)
"""The same for masks, which are small already."""
MASK_START = HEADER_BYTES + LARGEST[0] * LARGEST[1] * 3
"""Where in a buffer its mask begins, behind whatever picture."""
BUFFER_BYTES = MASK_START + LARGEST_MASK[0] * LARGEST_MASK[1]
TOTAL_BYTES = BUFFERS * BUFFER_BYTES
EPOCH_STAMPS = 1 << 40
"""Stamps of one epoch: a thousand pictures a second for 17 years; a stamp has 64 bits."""


class SharedPictures:
    """Shared memory for pictures; one process writes, one reads."""

    def __init__(self, memory: mmap.mmap, handle: str, descriptor: int | None, epoch: int = 0) -> None:
        self.handle = handle
        """What the other process needs to open the same memory."""
        self.descriptor = descriptor
        """The open file behind it, to be passed on to the other process; None on Windows."""
        self._memory = memory
        self._stamp = epoch * EPOCH_STAMPS
        self._begun: NDArray[np.uint8] | None = None

    @classmethod
    def create(cls) -> SharedPictures:
        """Make new, empty shared memory."""
        if sys.platform == "win32":
            name = f"posekit-{secrets.token_hex(8)}"
            return cls(mmap.mmap(-1, TOTAL_BYTES, tagname=name), name, None)
        descriptor = _above_standard_streams(_nameless_file())
        os.ftruncate(descriptor, TOTAL_BYTES)
        return cls(mmap.mmap(descriptor, TOTAL_BYTES), str(descriptor), descriptor)

    @classmethod
    def open(cls, handle: str, epoch: int = 0) -> SharedPictures:
        """Open the memory that another process made.

        Whoever writes says of which `epoch` its pictures are: stamps of one are none of another's, so that a
        picture of an engine that has ended is never taken for one of the next.
        """
        if sys.platform == "win32":
            return cls(mmap.mmap(-1, TOTAL_BYTES, tagname=handle), handle, None, epoch)
        descriptor = int(handle)
        return cls(mmap.mmap(descriptor, TOTAL_BYTES), handle, descriptor, epoch)

    def allocate(self, size: Size) -> NDArray[np.uint8]:
        """Begin the next buffer and return its pixels, (H, W, 3) uint8, for somebody to fill.

        What is too large for a buffer gets memory of its own, and is copied, shrunk, by `publish`. The pixels
        keep still until two more buffers have been begun.
        """
        width, height = size
        if width * height > LARGEST[0] * LARGEST[1]:
            return np.empty((height, width, 3), np.uint8)
        self._stamp += 2
        start = self._stamp // 2 % BUFFERS * BUFFER_BYTES
        HEADER.pack_into(self._memory, start, self._stamp - 1, width, height, 0, 0)
        self._begun = self._view(start + HEADER_BYTES, (height, width, 3))
        return self._begun

    def publish(self, pixels: NDArray[np.uint8], mask: NDArray[np.uint8] | None = None) -> tuple[int, int]:
        """Finish a picture, (H, W, 3) uint8, and lay its mask, (h, w) uint8, beside it.

        Returns which buffer they are in, and its stamp. Pixels from the last `allocate` are where they have
        to be; others are copied, and so is the mask.
        """
        if self._begun is None or pixels is not self._begun:
            pixels = _shrink(pixels)
            self.allocate((pixels.shape[1], pixels.shape[0]))[:] = pixels
        buffer = self._stamp // 2 % BUFFERS
        start = buffer * BUFFER_BYTES
        (height, width), (rows, columns) = pixels.shape[:2], (0, 0)
        if mask is not None:
            mask = _shrink(mask, LARGEST_MASK)
            rows, columns = mask.shape
            self._view(start + MASK_START, (rows, columns))[:] = mask
        HEADER.pack_into(self._memory, start, self._stamp, width, height, columns, rows)
        self._begun = None
        return buffer, self._stamp

    def read(self, place: tuple[int, int]) -> NDArray[np.uint8] | None:
        """Copy out a picture, (H, W, 3) uint8; None when it has been overwritten meanwhile."""
        start, (stamp, width, height, *_) = self._header(place)
        if stamp != place[1]:
            return None
        pixels = self._view(start + HEADER_BYTES, (height, width, 3)).copy()
        return pixels if self._header(place)[1][0] == stamp else None

    def read_mask(self, place: tuple[int, int]) -> NDArray[np.uint8] | None:
        """Copy out a picture's mask, (h, w) uint8; None without one, or when it has been overwritten."""
        start, (stamp, _, _, columns, rows) = self._header(place)
        if stamp != place[1] or not columns:
            return None
        mask = self._view(start + MASK_START, (rows, columns)).copy()
        return mask if self._header(place)[1][0] == stamp else None

    def _header(self, place: tuple[int, int]) -> tuple[int, tuple[int, ...]]:
        """Return where a buffer begins, and what its header says now."""
        start = place[0] * BUFFER_BYTES
        return start, HEADER.unpack_from(self._memory, start)

    def _view(self, start: int, shape: tuple[int, ...]) -> NDArray[np.uint8]:
        return np.frombuffer(self._memory, np.uint8, math.prod(shape), start).reshape(shape)

    def close(self) -> None:
        """Let go of the memory; it is gone when both sides have."""
        self._begun = None
        # A frame that somebody still holds keeps its memory until it goes; ours is let go of all the same.
        with suppress(BufferError):
            self._memory.close()
        if self.descriptor is not None:
            os.close(self.descriptor)
            self.descriptor = None


def _above_standard_streams(descriptor: int) -> int:
    """Return the file under a number above 2.

    Where the standard streams are closed, as a daemon's may be, it could have got one of theirs, which the
    other process would lose to its own.
    """
    if descriptor > 2:
        return descriptor
    import fcntl

    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 3)
    os.close(descriptor)
    return moved


def _nameless_file() -> int:
    if sys.platform == "linux":
        return os.memfd_create("posekit")
    descriptor, path = tempfile.mkstemp(prefix="posekit-")
    os.unlink(path)  # noqa: PTH108 (a plain string from mkstemp)
    return descriptor


def _shrink(pixels: NDArray[np.uint8], largest: Size = LARGEST) -> NDArray[np.uint8]:
    height, width = pixels.shape[:2]
    if width * height <= largest[0] * largest[1]:
        return pixels
    scale = min(largest[0] / width, largest[1] / height)
    size = (max(1, int(width * scale)), max(1, int(height * scale)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
