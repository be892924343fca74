"""Messages of a sketch's own, to the same receivers as its poses, from a socket of the runner's."""

from __future__ import annotations

import math
import numbers
import re
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from pythonosc.osc_message_builder import OscMessageBuilder

from posekit.errors import SettingsError
from posekit.outputs.osc.sender import open_socket, resolve

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterable, Sequence

    from posekit.outputs.osc.target import Target

ADDRESS = re.compile(r"/[!\"$-)+\-.-Z\\^_`a-z|~/]*")
"""An address without the letters that mean something in a pattern: space # * , ? [ ] { }."""
LARGEST_PACKET = 65_507
"""Bytes that a UDP packet over IPv4 can carry: 65,535 less the headers of IP and UDP (RFC 768, RFC 791)."""
LARGEST_INT = 2**31 - 1
LARGEST_LONG = 2**63 - 1
Tagged = tuple[str, int | float | str | bytes]


class OscMessages:
    """What `self.osc` is in a sketch. Sends at once, and the network's trouble is only counted.

    Raises `OutputError` when a target's host cannot be found or no socket opened.
    """

    def __init__(self, targets: Sequence[Target] = (), report: Callable[[str], None] | None = None) -> None:
        self.targets = tuple(targets)
        self.packets = 0
        """Messages handed to the network since the start, for each receiver."""
        self.errors = 0
        """Messages that the network refused since the start."""
        self.skipped = 0
        """Messages not sent because a number in them was not there (NaN)."""
        self._report = report or (lambda _: None)
        self._said: set[object] = set()
        self._receivers = tuple(dict.fromkeys(resolve(target) for target in self.targets))
        self._own = tuple(
            dict.fromkeys(
                (*resolve(target), target.prefix) for target in self.targets if target.dialect == "posekit"
            )
        )
        self._sockets: dict[int, socket.socket] = {}
        try:
            for family, _ in self._receivers:
                if family not in self._sockets:
                    self._sockets[family] = open_socket(family)
        except OSError:
            self.close()
            raise

    def send(self, address: str, *arguments: Any) -> None:
        """Send a message to every receiver that the run's OSC targets name, at once.

        An argument is a number, a text, True or False (sent as 1 and 0), bytes, or some of them: a point,
        such as `person.left_wrist`, is two numbers. A message with a number that is not there (NaN), as of a
        keypoint that is not seen, is not sent, as nothing is drawn there. Raises `SettingsError` for what is
        no address or cannot be sent; nothing for what the network does.
        """
        check_address(address)
        tagged = tag_arguments(arguments)
        if tagged is None:
            self.skipped += 1
            return
        if not self._receivers:
            self._say("none", "osc.send: nothing is sent, because no OSC target is set; --osc 7000 sets one")
            return
        packet = build_message(address, tagged)
        if len(packet) > LARGEST_PACKET:
            raise SettingsError(
                f"osc.send: {address} is {len(packet):,} bytes long, and a packet holds {LARGEST_PACKET:,}; "
                "send it in parts"
            )
        for family, place in self._receivers:
            self._send(packet, family, place)

    def tell(self, lines: Iterable[tuple[str, Sequence[Any]]]) -> None:
        """Send messages of posekit's own vocabulary, to those targets that speak it, with their prefixes."""
        for address, arguments in lines:
            tagged = tag_arguments(arguments)
            for family, place, prefix in self._own if tagged else ():
                self._send(build_message(prefix + address, tagged or []), family, place)

    def close(self) -> None:
        """Close the sockets; what is sent after that is lost."""
        for opened in self._sockets.values():
            with suppress(OSError):
                opened.close()
        self._sockets.clear()

    def _send(self, packet: bytes, family: int, place: Any) -> None:
        opened = self._sockets.get(family)
        if opened is None:
            return
        try:
            opened.sendto(packet, place)
        except OSError as error:
            self.errors += 1
            reason = error.strerror or error
            self._say(place, f"osc.send to {place[0]}:{place[1]} fails ({reason}); what goes there is lost")
        else:
            self.packets += 1

    def _say(self, about: object, sentence: str) -> None:
        if about not in self._said:
            self._said.add(about)
            self._report(sentence)


def build_message(address: str, tagged: Iterable[Tagged]) -> bytes:
    """Return a message's bytes."""
    builder = OscMessageBuilder(address)
    for tag, value in tagged:
        builder.add_arg(value, tag)
    return builder.build().dgram


@lru_cache(maxsize=1024)
def check_address(address: str) -> None:
    """Raise `SettingsError` for what cannot be an address."""
    if not isinstance(address, str):
        raise SettingsError(f"an OSC address is a text such as '/ball/x'; found {_shown(address)}")
    if not address.startswith("/"):
        near = re.sub(r"[\s#*,?\[\]{}]+", "_", address.strip())
        raise SettingsError(f"an OSC address begins with /; found {address!r}, write '/{near}'")
    if not ADDRESS.fullmatch(address):
        raise SettingsError(
            f"an OSC address has plain letters, no spaces, and none of # * , ? [ ] {{ }}; found {address!r}"
        )


def tag_arguments(arguments: Iterable[Any]) -> list[Tagged] | None:
    """Return each argument with OSC's letter for its type; None when a number is not finite.

    What can be counted through is taken apart. Raises `SettingsError` for what cannot be sent.
    """
    tagged: list[Tagged] = []
    for argument in arguments:
        for part in _parts(argument):
            one = _tag(part)
            if isinstance(one[1], float) and not math.isfinite(one[1]):
                return None
            tagged.append(one)
    return tagged


def _parts(argument: Any) -> Iterable[Any]:
    if isinstance(argument, (str, bytes, bytearray, memoryview)) or not hasattr(argument, "__iter__"):
        return (argument,)
    if isinstance(argument, np.ndarray):
        return tuple(argument.ravel().tolist())
    return tuple(argument) if not isinstance(argument, (dict, set)) else (argument,)


def _tag(value: Any) -> Tagged:
    if isinstance(value, np.ndarray) and not value.ndim:
        value = value.item()
    if isinstance(value, (bool, np.bool_)):
        return "i", int(value)  # T and F are not known everywhere
    if isinstance(value, numbers.Integral):
        whole = int(value)
        if -LARGEST_INT - 1 <= whole <= LARGEST_INT:
            return "i", whole
        if -LARGEST_LONG - 1 <= whole <= LARGEST_LONG:
            return "h", whole
        raise SettingsError(f"an int sent over OSC has 64 bits at most; found {_shown(value)}")
    if isinstance(value, (numbers.Real, np.floating)):
        return "f", _as_float32(float(value))
    if isinstance(value, str):
        if "\0" in value:
            raise SettingsError("a text sent over OSC ends at its first zero letter; leave it out")
        if not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in value):
            raise SettingsError(f"a text sent over OSC has whole letters only; found {ascii(value)[:40]}")
        return "s", value
    if isinstance(value, (bytes, bytearray, memoryview)) and value:
        return "b", bytes(value)
    raise SettingsError(
        f"osc.send takes numbers, texts, True and False, bytes, and points; found {_shown(value)}"
    )


def _as_float32(number: float) -> float:
    """Return a number that fits OSC's `f`: too large ones become infinite, which is not sent."""
    return number if abs(number) < 3.4028235e38 or number != number else math.inf


def _shown(value: object) -> str:
    text = " ".join(repr(value).split())
    return f"{type(value).__name__} {text if len(text) <= 40 else text[:37] + '...'}"
