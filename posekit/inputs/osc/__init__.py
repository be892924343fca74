"""OSC in: a port, the messages that arrive there, and what became of them."""

from __future__ import annotations

from posekit.inputs.osc.packet import Message, read_packet
from posekit.inputs.osc.place import DEFAULT_PLACE, Place, exact_place, parse_place
from posekit.inputs.osc.receiver import Letter, OscReceiver

__all__ = [
    "DEFAULT_PLACE",
    "Letter",
    "Message",
    "OscReceiver",
    "Place",
    "exact_place",
    "parse_place",
    "read_packet",
]
