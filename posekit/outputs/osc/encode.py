"""Messages to bytes: sizes, packing into bundles, and the bundles themselves.

A message is `(address, arguments)`, its arguments plain Python ints and floats: OSC's `i` and `f`. Nothing
else in posekit knows OSC's bytes, so that a faster way to write them touches this file alone.
"""

from __future__ import annotations

import functools
import math
import struct
from typing import TYPE_CHECKING

import numpy as np
from pythonosc.osc_message_builder import OscMessageBuilder

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Argument = int | float
Message = tuple[str, tuple[Argument, ...]]
Bundle = list[Message]

BUNDLE_LIMIT = 1432
"""Bytes: the most a bundle may have, so that no network between here and the receiver splits the packet.

Ethernet's 1,500 less the headers of IPv6 (40) and UDP (8), and 20 to spare for tunnels.
"""
BUNDLE_HEAD = b"#bundle\x00" + struct.pack(">Q", 1)
"""How a bundle opens: its name, and the time tag 1, which OSC 1.0 defines as `immediately`."""

_LARGEST_FLOAT = 3.4028234e38
_INT_LIMITS = (-(2**31), 2**31 - 1)


def whole(value: object) -> int:
    """Return a plain int that fits OSC's `i`, from any whole number, numpy's too."""
    number: int = int(value)  # type: ignore[call-overload]  # numpy's integers have no common static type
    return max(_INT_LIMITS[0], min(number, _INT_LIMITS[1]))


def real(value: object) -> float:
    """Return a plain float that fits OSC's `f`, from any number; NaN and infinity become 0."""
    number = float(value)  # type: ignore[arg-type]  # as above
    return max(-_LARGEST_FLOAT, min(number, _LARGEST_FLOAT)) if math.isfinite(number) else 0.0


@functools.lru_cache(maxsize=16384)
def _head(address: str, tags: str) -> bytes:
    """Return what precedes a message's arguments in a bundle, its length included.

    An address and its type tags never change, so python-osc's builder writes each of them once.
    """
    builder = OscMessageBuilder(address)
    for tag in tags:
        builder.add_arg(0, tag)
    empty = builder.build().dgram
    return struct.pack(">i", len(empty)) + empty[: len(empty) - 4 * len(tags)]


def message_size(address: str, count: int) -> int:
    """Return the bytes that a message takes in a bundle: length, address, type tags and arguments.

    OSC ends every string with at least one zero byte and fills it up to four; addresses are ASCII.
    """
    return 12 + len(address) // 4 * 4 + (count + 1) // 4 * 4 + count * 4


Form = tuple[tuple[str, ...], tuple[int, ...]]
"""What some messages look like whatever their values: the addresses, and how many arguments each has."""


def _form(messages: Iterable[Message]) -> Form:
    listed = list(messages)
    return tuple([message[0] for message in listed]), tuple([len(message[1]) for message in listed])


@functools.lru_cache(maxsize=4096)
def _form_size(form: Form) -> int:
    return sum(map(message_size, *form))


def bundle_size(messages: Iterable[Message]) -> int:
    """Return the bytes of a bundle of these messages."""
    return len(BUNDLE_HEAD) + _form_size(_form(messages))


class _Template:
    """A bundle of a certain form, ready but for its values.

    From one frame to the next a bundle changes in nothing but numbers of four bytes, at places that stay the
    same: numpy puts them all there at once, many times quicker than a message is written.
    """

    def __init__(self, form: Form, kinds: tuple[type, ...]) -> None:
        parts, places, at = [BUNDLE_HEAD], [], len(BUNDLE_HEAD)
        rest = iter(kinds)
        for address, count in zip(*form, strict=True):
            tags = "".join("i" if next(rest) is int else "f" for _ in range(count))
            head = _head(address, tags)
            parts += (head, bytes(4 * count))
            places += [(at + len(head)) // 4 + number for number in range(count)]
            at += len(head) + 4 * count
        self._words = np.frombuffer(b"".join(parts), ">u4")
        is_whole = np.array([kind is int for kind in kinds], bool)
        self._whole, self._real = np.flatnonzero(is_whole), np.flatnonzero(~is_whole)
        self._whole_places = np.array(places, np.intp)[self._whole]
        self._real_places = np.array(places, np.intp)[self._real]

    def fill(self, values: Sequence[Argument]) -> bytes:
        """Return the bundle with its values; every OSC `i` is exact as a float of 64 bits."""
        numbers = np.array(values, np.float64)
        words = self._words.copy()
        words.view(">f4")[self._real_places] = numbers[self._real]
        words.view(">i4")[self._whole_places] = numbers[self._whole]
        filled: bytes = words.tobytes()
        return filled


@functools.lru_cache(maxsize=1024)
def _template(form: Form, kinds: tuple[type, ...]) -> _Template:
    return _Template(form, kinds)


def encode_bundle(messages: Sequence[Message]) -> bytes:
    """Return a bundle's bytes, exactly as python-osc's `OscBundleBuilder(IMMEDIATELY)` builds them."""
    values = [value for message in messages for value in message[1]]
    return _template(_form(messages), tuple(map(type, values))).fill(values)


def pack_bundles(header: Sequence[Message], chunks: Iterable[Sequence[Message]]) -> list[Bundle]:
    """Fill as few bundles as order allows, each opening with the header; at least one.

    A chunk is kept together where it can be: it starts a new bundle if it does not fit into the one at hand,
    and only one too large for any bundle is spread. The header and any one message must fit.
    """
    empty = bundle_size(header)
    bundles, size = [list(header)], empty
    for chunk in chunks:
        total = _form_size(_form(chunk))
        if size + total <= BUNDLE_LIMIT:
            bundles[-1].extend(chunk)
            size += total
        elif empty + total <= BUNDLE_LIMIT:
            bundles.append([*header, *chunk])
            size = empty + total
        else:
            size = _spread(header, empty, chunk, bundles, size)
    return bundles


def _spread(
    header: Sequence[Message], empty: int, chunk: Sequence[Message], bundles: list[Bundle], size: int
) -> int:
    """Add a chunk that is too large for one bundle, message by message; returns the last bundle's size."""
    for index, message in enumerate(chunk):
        length = message_size(message[0], len(message[1]))
        if (index == 0 and size > empty) or size + length > BUNDLE_LIMIT:
            bundles.append(list(header))
            size = empty
        bundles[-1].append(message)
        size += length
    return size
