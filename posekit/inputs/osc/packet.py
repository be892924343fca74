"""From a datagram to OSC messages: strict, bounded, and without an exception whatever the bytes are.

The format is that of the OSC 1.0 specification (opensoundcontrol.org, 2002) with the types of its 1.1: `i f s
b`, `h d T F N I` and arrays. Time tags are read over: what arrives is for now. A packet is taken whole or not
at all, because a sender that gets one length wrong has likely got the others wrong as well.
"""

from __future__ import annotations

import math
import re
import struct
from typing import NamedTuple

BUNDLE = b"#bundle\x00"
BUNDLE_HEAD = 16
"""Bytes of a bundle before its first element: its name and its time tag."""
DEEPEST = 8
"""How deep bundles, or arrays, may lie in each other; nobody needs more than two."""
MOST_MESSAGES = 1000
"""Messages in one packet; the largest datagram has room for 5,000 empty ones."""
MOST_ARGUMENTS = 8192
"""Type tags in one packet: those of arguments that take no bytes would let each letter cost an object."""

ADDRESS = re.compile(r"/[!-~]*")
"""What an address looks like: printable ASCII without spaces."""

_INT, _LONG = struct.Struct(">i"), struct.Struct(">q")
_FLOAT, _DOUBLE = struct.Struct(">f"), struct.Struct(">d")
_NUMBERS = {"i": _INT, "f": _FLOAT, "h": _LONG, "d": _DOUBLE}
_WORDS = {"T": True, "F": False, "N": None, "I": math.inf}

Argument = int | float | str | bytes | bool | None | tuple["Argument", ...]
"""One argument of a message; an array is a tuple, and OSC's infinitum is infinity."""


class Message(NamedTuple):
    """One OSC message."""

    address: str
    arguments: tuple[Argument, ...]
    tail: bytes = b""
    """All that came after the address: type tags and arguments, as they were."""

    def with_address(self, address: str) -> bytes:
        """Return the packet that says the same at another address."""
        name = address.encode()
        return name + bytes(4 - len(name) % 4) + self.tail


class _UnreadableError(Exception):
    """Bytes that are not OSC."""


def read_packet(packet: bytes) -> list[Message] | None:
    """Return a datagram's messages in their order, those of nested bundles too; None when it is not OSC."""
    reader = _Reader()
    try:
        reader.read(packet, 0)
    except (_UnreadableError, struct.error, UnicodeDecodeError):
        return None
    return reader.messages


class _Reader:
    """Gathers the messages of one packet, and counts what is in it."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self._arguments = 0

    def read(self, data: bytes, depth: int) -> None:
        """Read a message, or a bundle with all that is in it."""
        if len(data) % 4 or not data:
            raise _UnreadableError
        if not data.startswith(BUNDLE):
            self._read_message(data)
            return
        if depth >= DEEPEST or len(data) < BUNDLE_HEAD:
            raise _UnreadableError
        at = BUNDLE_HEAD
        while at < len(data):
            (size,) = _INT.unpack_from(data, at)
            at += 4
            if not 0 < size <= len(data) - at:
                raise _UnreadableError
            self.read(data[at : at + size], depth + 1)
            at += size

    def _read_message(self, data: bytes) -> None:
        address, at = _read_text(data, 0)
        if len(self.messages) >= MOST_MESSAGES or not ADDRESS.fullmatch(address):
            raise _UnreadableError
        arguments: tuple[Argument, ...] = ()
        tail = data[at:]
        if at < len(data):  # the 1.0 specification asks to be lenient with senders of no type tags
            tags, at = _read_text(data, at)
            self._arguments += len(tags)
            if not tags.startswith(",") or self._arguments > MOST_ARGUMENTS:
                raise _UnreadableError
            arguments, at = _read_arguments(data, at, tags)
        if at != len(data):
            raise _UnreadableError
        self.messages.append(Message(address, arguments, tail))


def _read_arguments(data: bytes, at: int, tags: str) -> tuple[tuple[Argument, ...], int]:
    open_lists: list[list[Argument]] = [[]]
    for tag in tags[1:]:
        if tag in _NUMBERS:
            form = _NUMBERS[tag]
            open_lists[-1].append(form.unpack_from(data, at)[0])
            at += form.size
        elif tag == "s":
            text, at = _read_text(data, at)
            open_lists[-1].append(text)
        elif tag in _WORDS:
            open_lists[-1].append(_WORDS[tag])
        elif tag == "b":
            (size,) = _INT.unpack_from(data, at)
            at += 4
            if not 0 <= size <= len(data) - at:
                raise _UnreadableError
            open_lists[-1].append(data[at : at + size])
            at += (size + 3) // 4 * 4
        elif tag == "[" and len(open_lists) <= DEEPEST:
            open_lists.append([])
        elif tag == "]" and len(open_lists) > 1:
            array = tuple(open_lists.pop())
            open_lists[-1].append(array)
        else:
            raise _UnreadableError
    if len(open_lists) != 1:
        raise _UnreadableError
    return tuple(open_lists[0]), at


def _read_text(data: bytes, at: int) -> tuple[str, int]:
    """Return the text at a place and where what comes after it begins."""
    end = data.find(b"\0", at)
    if end < 0:
        raise _UnreadableError
    return data[at:end].decode(), (end // 4 + 1) * 4
