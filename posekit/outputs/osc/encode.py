"""Messages to bytes: sizes, packing into bundles, and the bundles themselves.

A message is `(address, arguments)`, its arguments plain Python ints and floats: OSC's `i` and `f`. Nothing
else in posekit knows OSC's bytes, so that a faster way to write them touches this file alone.
"""

from __future__ import annotations

import functools
import math
import struct
from typing import TYPE_CHECKING

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
def _head(address: str, tags: str) -> tuple[bytes, struct.Struct]:
    """Return what precedes a message's arguments in a bundle, its length included, and how to write them.

    An address and its type tags never change, so python-osc's builder writes each of them once.
    """
    builder = OscMessageBuilder(address)
    for tag in tags:
        builder.add_arg(0, tag)
    empty = builder.build().dgram
    return struct.pack(">i", len(empty)) + empty[: len(empty) - 4 * len(tags)], struct.Struct(f">{tags}")


def _tags(arguments: tuple[Argument, ...]) -> str:
    if len(arguments) == 1:
        return "i" if type(arguments[0]) is int else "f"
    return "".join("i" if type(argument) is int else "f" for argument in arguments)


def message_size(message: Message) -> int:
    """Return the bytes that a message takes in a bundle: length, address, type tags and arguments.

    OSC ends every string with at least one zero byte and fills it up to four; addresses are ASCII.
    """
    address, arguments = message
    count = len(arguments)
    return 12 + len(address) // 4 * 4 + (count + 1) // 4 * 4 + count * 4


def bundle_size(messages: Iterable[Message]) -> int:
    """Return the bytes of a bundle of these messages."""
    return len(BUNDLE_HEAD) + sum(map(message_size, messages))


def encode_bundle(messages: Iterable[Message]) -> bytes:
    """Return a bundle's bytes, exactly as python-osc's `OscBundleBuilder(IMMEDIATELY)` builds them."""
    parts = [BUNDLE_HEAD]
    for address, arguments in messages:
        head, pack = _head(address, _tags(arguments))
        parts += (head, pack.pack(*arguments))
    return b"".join(parts)


def pack_bundles(header: Sequence[Message], chunks: Iterable[Sequence[Message]]) -> list[Bundle]:
    """Fill as few bundles as order allows, each opening with the header; at least one.

    A chunk is kept together where it can be: it starts a new bundle if it does not fit into the one at hand,
    and only one too large for any bundle is spread. The header and any one message must fit.
    """
    empty = bundle_size(header)
    bundles, size = [list(header)], empty
    for chunk in chunks:
        sizes = [message_size(message) for message in chunk]
        total = sum(sizes)
        if size + total <= BUNDLE_LIMIT:
            bundles[-1].extend(chunk)
            size += total
            continue
        for index, (message, length) in enumerate(zip(chunk, sizes, strict=True)):
            is_new_chunk = index == 0 and size > empty
            if is_new_chunk or size + length > BUNDLE_LIMIT:
                bundles.append(list(header))
                size = empty
            bundles[-1].append(message)
            size += length
    return bundles
