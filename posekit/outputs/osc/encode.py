"""Messages to bytes: sizes, packing into bundles, and the bundles themselves.

A message is `(address, arguments)`, its arguments plain Python ints and floats: OSC's `i` and `f`. Nothing
else in posekit knows OSC's bytes, so that a faster way to write them touches this file alone. There are two
ways through it: messages, one at a time (`encode_messages`, `encode_bundle`, `pack_bundles`), and for what is
sent sixty times a second `Form`s, whose values `Packer` writes all at once. Both make the same bundles.
"""

from __future__ import annotations

import functools
import itertools
import math
import struct
from typing import TYPE_CHECKING

import numpy as np
from pythonosc.osc_message_builder import OscMessageBuilder

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    Values = NDArray[np.float64] | Sequence[float]
    Ends = NDArray[np.intp]

Argument = int | float
Message = tuple[str, tuple[Argument, ...]]
Bundle = list[Message]
Shape = tuple[str, str]
"""What a message looks like whatever its values: its address and type tags, `i` and `f`."""

BUNDLE_LIMIT = 1432
"""Bytes: the most a bundle may have, so that no network between here and the receiver splits the packet.

Ethernet's 1,500 less the headers of IPv6 (40) and UDP (8), and 20 to spare for tunnels.
"""
BUNDLE_HEAD = b"#bundle\x00" + struct.pack(">Q", 1)
"""How a bundle opens: its name, and the time tag 1, which OSC 1.0 defines as `immediately`."""

_LARGEST_FLOAT = 3.4028234e38
_INT_LIMITS = (-(2**31), 2**31 - 1)
_PLANS = 64
"""How many plans a packer remembers: with nobody coming or going, one for each group that is refreshed."""


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


def bundle_size(messages: Iterable[Message]) -> int:
    """Return the bytes of a bundle of these messages."""
    return len(BUNDLE_HEAD) + sum(message_size(address, len(values)) for address, values in messages)


# ---------------------------------------------------------------- forms: everything but the values


class Form:
    """Some messages whatever their values, best kept together in one bundle; told apart by identity."""

    def __init__(
        self, data: bytes, is_whole: NDArray[np.bool_], places: NDArray[np.intp], ends: Ends
    ) -> None:
        self.data = data
        """The messages as a bundle has them, every value 0."""
        self.is_whole = is_whole
        """(V,) which of the values are ints."""
        self.places = places
        """(V,) where they are in `data`, in words of four bytes."""
        self.ends = ends
        """(M + 1, 2) where each message begins, and the last one ends: in words, and in values."""

    @property
    def sizes(self) -> list[int]:
        """The bytes of each message."""
        sizes: list[int] = (np.diff(self.ends[:, 0]) * 4).tolist()
        return sizes


@functools.lru_cache(maxsize=4096)
def form_of(shapes: tuple[Shape, ...]) -> Form:
    """Return the form of messages of these shapes; the same one for the same shapes."""
    parts: list[bytes] = []
    places: list[int] = []
    ends = [(0, 0)]
    for address, tags in shapes:
        head, (at, count) = _head(address, tags), ends[-1]
        parts += (head, bytes(4 * len(tags)))
        first = at + len(head) // 4
        places += range(first, first + len(tags))
        ends.append((first + len(tags), count + len(tags)))
    is_whole = [tag == "i" for _, tags in shapes for tag in tags]
    return Form(b"".join(parts), np.array(is_whole, bool), np.array(places, np.intp), np.array(ends, np.intp))


def _joined(forms: Sequence[Form]) -> Form:
    """Return one form of all their messages."""
    ends, at = [np.zeros((1, 2), np.intp)], np.zeros(2, np.intp)
    places = [np.zeros(0, np.intp)]
    for form in forms:
        places.append(form.places + at[0])
        ends.append(form.ends[1:] + at)
        at = ends[-1][-1] if len(form.ends) > 1 else at
    is_whole = [np.zeros(0, bool), *(form.is_whole for form in forms)]
    return Form(
        b"".join([form.data for form in forms]),
        *(np.concatenate(is_whole), np.concatenate(places), np.concatenate(ends)),
    )


class _Plan:
    """Bundles of certain forms, ready but for their values.

    From one frame to the next bundles change in nothing but numbers of four bytes, at places that stay the
    same: numpy puts them all there at once, many times quicker than a message is written.
    """

    def __init__(self, header: Form, body: Form, cuts: Sequence[int]) -> None:
        """Every bundle opens with the header; `cuts` are the body's messages that begin a bundle."""
        front = np.frombuffer(BUNDLE_HEAD + header.data, np.uint32)
        words = np.frombuffer(body.data, np.uint32)
        parts: list[NDArray[np.uint32]] = []
        places: list[NDArray[np.intp]] = []
        values: list[NDArray[np.intp]] = []
        bounds = [0]
        first = np.arange(len(header.places))
        for start, stop in zip(cuts, [*cuts[1:], len(body.ends) - 1], strict=True):
            (begin, low), (end, high) = body.ends[start].tolist(), body.ends[stop].tolist()
            at = bounds[-1]
            parts += (front, words[begin:end])
            places += (
                header.places + (at + len(BUNDLE_HEAD) // 4),
                body.places[low:high] + (at + len(front) - begin),
            )
            values += (first, np.arange(low, high) + len(first))
            bounds.append(at + len(front) + end - begin)
        self._words = np.concatenate(parts)
        self._places, self._values = np.concatenate(places), np.concatenate(values)
        self._whole = np.flatnonzero(np.concatenate((header.is_whole, body.is_whole)))
        self._bounds = [(4 * at, 4 * end) for at, end in itertools.pairwise(bounds)]

    def fill(self, values: NDArray[np.float64]) -> list[bytes]:
        """Return the bundles with the header's values and the body's; they may be written over.

        Every OSC `i` is exact as a float of 64 bits. What is not finite becomes 0, as with `real`.
        """
        if not np.maximum.reduce(np.abs(values), initial=0.0) <= _INT_LIMITS[1]:  # `not`, for NaN
            self._tame(values)
        bits = values.astype(">f4").view(np.uint32)
        bits[self._whole] = values[self._whole].astype(">i4").view(np.uint32)
        words = self._words.copy()
        words[self._places] = bits[self._values]
        packets = words.tobytes()
        return [packets[at:end] for at, end in self._bounds]

    def _tame(self, values: NDArray[np.float64]) -> None:
        """Make every value one that OSC can say, as `real` and `whole` do."""
        values[~np.isfinite(values)] = 0.0
        np.clip(values, -_LARGEST_FLOAT, _LARGEST_FLOAT, out=values)
        values[self._whole] = np.clip(values[self._whole], *_INT_LIMITS)


class Packer:
    """Writes bundles of forms; remembers how it did, since the same forms come again with every frame."""

    def __init__(self) -> None:
        self._plans: dict[tuple[Form, ...], _Plan] = {}

    def encode(self, header: Form, chunks: Sequence[Form], values: Sequence[Values]) -> list[bytes]:
        """Return the packets that `pack_bundles` and `encode_bundle` would make of these messages.

        `values` are those of the header and then of all chunks, in any number of pieces: one after the other
        they are as many as the forms have.
        """
        key = (header, *chunks)
        plan = self._plans.pop(key, None)
        if plan is None:
            cuts = _cuts(len(BUNDLE_HEAD) + len(header.data), [form.sizes for form in chunks])
            plan = _Plan(header, _joined(chunks), cuts)
        self._plans[key] = plan  # at the end: the first is the one not needed for longest
        if len(self._plans) > _PLANS:
            del self._plans[next(iter(self._plans))]
        return plan.fill(np.concatenate([np.asarray(piece, np.float64) for piece in values]))


# ---------------------------------------------------------------- messages, one at a time


@functools.lru_cache(maxsize=256)
def _plan(shapes: tuple[Shape, ...]) -> _Plan:
    return _Plan(form_of(()), form_of(shapes), [0])


def encode_messages(shapes: tuple[Shape, ...], values: Values) -> list[bytes]:
    """Return lone messages' bytes, exactly as python-osc's `OscMessageBuilder` builds them.

    `values` are those of all messages, one after the other; nothing here is kept below a size.
    """
    (packet,) = _plan(shapes).fill(np.array(values, np.float64))
    ends = itertools.accumulate(form_of(shapes).sizes, initial=len(BUNDLE_HEAD))
    return [packet[at + 4 : end] for at, end in itertools.pairwise(ends)]  # after each message's length


def encode_bundle(messages: Sequence[Message]) -> bytes:
    """Return a bundle's bytes, exactly as python-osc's `OscBundleBuilder(IMMEDIATELY)` builds them."""
    shapes = tuple((address, "".join(map(_tag, values))) for address, values in messages)
    values = [value for _, arguments in messages for value in arguments]
    (packet,) = _plan(shapes).fill(np.array(values, np.float64))
    return packet


def _tag(value: Argument) -> str:
    return "i" if type(value) is int else "f"


def pack_bundles(header: Sequence[Message], chunks: Iterable[Sequence[Message]]) -> list[Bundle]:
    """Fill as few bundles as order allows, each opening with the header; at least one.

    A chunk is kept together where it can be: it starts a new bundle if it does not fit into the one at hand,
    and only one too large for any bundle is spread. The header and any one message must fit.
    """
    listed = list(chunks)
    told = [message for chunk in listed for message in chunk]
    sizes = [[message_size(address, len(values)) for address, values in chunk] for chunk in listed]
    cuts = _cuts(bundle_size(header), sizes)
    return [[*header, *told[start:stop]] for start, stop in zip(cuts, [*cuts[1:], len(told)], strict=True)]


def _cuts(empty: int, chunks: Iterable[Sequence[int]]) -> list[int]:
    """Return the numbers of the messages that begin a bundle, the first being 0, from the messages' sizes.

    `empty` is the size of a bundle with nothing but its header.
    """
    cuts, size, at = [0], empty, 0
    for sizes in chunks:
        total = sum(sizes)
        is_torn = empty + total > BUNDLE_LIMIT
        if size > empty and size + total > BUNDLE_LIMIT:
            cuts.append(at)
            size = empty
        for length in sizes:
            if is_torn and size + length > BUNDLE_LIMIT:
                cuts.append(at)
                size = empty
            size += length
            at += 1
    return cuts
