"""What a packet says, as somebody else's program reads it."""

from __future__ import annotations

from pythonosc.osc_packet import OscPacket

Message = tuple[str, tuple[int | float, ...]]


def messages_of(packet: bytes) -> list[Message]:
    """Return a bundle's messages, address and values, as python-osc decodes them."""
    return [(timed.message.address, tuple(timed.message.params)) for timed in OscPacket(packet).messages]
