"""Messages as python-osc writes them, words and all, for the dialects whose messages have any."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from pythonosc.osc_message_builder import OscMessageBuilder

from posekit.outputs.osc.encode import BUNDLE_HEAD, BUNDLE_LIMIT, real, whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Word = int | float | str
Line = tuple[str, tuple[Word, ...]]
"""A message: its address and arguments. An int is sent as `i`, a float as `f`, a string as `s`."""


def write_message(address: str, arguments: Iterable[Word]) -> bytes:
    """Return a message's bytes; what is not finite becomes 0, and what is too large the largest there is."""
    builder = OscMessageBuilder(address)
    for value in arguments:
        if isinstance(value, str):
            builder.add_arg(value, "s")
        elif isinstance(value, float):
            builder.add_arg(real(value), "f")
        else:
            builder.add_arg(whole(value), "i")
    return builder.build().dgram


def write_bundles(
    lines: Iterable[Line], header: Sequence[Line] = (), footer: Sequence[Line] = ()
) -> list[bytes]:
    """Return as few bundles as hold all lines in their order, each with header and footer; at least one.

    A message too large for a bundle has one for itself: it cannot be split.
    """
    front = BUNDLE_HEAD + b"".join(_element(line) for line in header)
    back = b"".join(_element(line) for line in footer)
    bundles: list[bytes] = []
    body = b""
    for line in lines:
        element = _element(line)
        if body and len(front) + len(body) + len(element) + len(back) > BUNDLE_LIMIT:
            bundles.append(front + body + back)
            body = b""
        body += element
    return [*bundles, front + body + back]


def _element(line: Line) -> bytes:
    message = write_message(*line)
    return struct.pack(">i", len(message)) + message
