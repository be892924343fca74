"""Everything that arrived at a port, in bounded memory, whoever sends and whatever."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from posekit.doctor.recognise import dialects_of
from posekit.inputs.osc.packet import read_packet

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_ADDRESSES = 4_000
"""Addresses remembered: more than any dialect has, and a bound on what a stranger can make us keep."""
MOST_SENDERS = 64
LONGEST_ADDRESS = 200
LONGEST_VALUE = 400
"""Letters of a row that are kept."""
SHOWN_VALUES = 12
"""Arguments of a message that are kept; `/poses/arr` has hundreds."""
BUCKETS, BUCKET_SECONDS = 10, 0.1
LIVELY = 3
"""Messages per second from which an address is more than a refresh, or an event."""
_TAGS = ((bool, "T"), (int, "i"), (float, "f"), (str, "s"), (bytes, "b"), (type(None), "N"))


class Rate:
    """How often something came in the last second, in memory that does not grow."""

    __slots__ = ("_at", "_counts")

    def __init__(self) -> None:
        self._counts = [0] * (BUCKETS + 1)
        self._at = 0

    def add(self, now: float) -> None:
        """Count one, at `now` seconds."""
        self._roll(now)
        self._counts[self._at % len(self._counts)] += 1

    def per_second(self, now: float) -> int:
        """Return how many came in the last whole second; the tenth that is still going on is not counted."""
        self._roll(now)
        return sum(self._counts) - self._counts[self._at % len(self._counts)]

    def _roll(self, now: float) -> None:
        # A little more than `now`, as 0.3 seconds are 2.9999999 tenths.
        at = int(now / BUCKET_SECONDS + 1e-6)
        for step in range(max(self._at + 1, at - BUCKETS), at + 1):
            self._counts[step % len(self._counts)] = 0
        self._at = max(at, self._at)


@dataclass(slots=True)
class Row:
    """What is known of one address, or of one sender."""

    count: int = 0
    rate: Rate = field(default_factory=Rate)
    _numbers: Sequence[Any] | None = ()
    _text: tuple[str, str] = ("", "")

    def add(self, now: float) -> None:
        """Count one more."""
        self.count += 1
        self.rate.add(now)

    def keep(self, arguments: Sequence[Any]) -> None:
        """Keep the last arguments; a few numbers as they are, since most are never looked at."""
        if len(arguments) <= SHOWN_VALUES and all(type(one) in (int, float) for one in arguments):
            self._numbers = arguments
        else:
            self._numbers, self._text = None, (as_text(arguments), types_of(arguments))

    @property
    def value(self) -> str:
        """The last arguments, as text."""
        return self._text[0] if self._numbers is None else as_text(self._numbers)

    @property
    def types(self) -> str:
        """Their OSC types, as in `iif`."""
        return self._text[1] if self._numbers is None else types_of(self._numbers)


@dataclass
class Heard:
    """All that has arrived. Seconds are those of any clock, as long as it is one."""

    rows: dict[str, Row] = field(default_factory=dict)
    """By address; those heard last stand last."""
    senders: dict[str, Row] = field(default_factory=dict)
    """By `IP:PORT`; those heard last stand last."""
    packets: int = 0
    unreadable: int = 0
    """Packets that are not OSC."""
    reason: str = ""
    """Why the last of them is not."""
    forgotten: int = 0
    """Addresses that were given up for newer ones."""
    last: float | None = None
    """When the last packet came."""
    rate: Rate = field(default_factory=Rate)
    """Of packets."""

    def update(self, packet: bytes, now: float, sender: str = "") -> list[tuple[str, Sequence[Any]]]:
        """Take in a packet and return its messages: printable address, and arguments."""
        self.packets += 1
        self.last = now
        self.rate.add(now)
        if sender:
            self._find(self.senders, sender, MOST_SENDERS).add(now)
        messages = read_packet(packet)
        if messages is None:
            self.unreadable += 1
            self.reason = why_unreadable(packet)
            return []
        told: list[tuple[str, Sequence[Any]]] = []
        for message in messages:
            name = shown_address(message.address)
            row = self._find(self.rows, name, MOST_ADDRESSES)
            row.add(now)
            row.keep(message.arguments)
            told.append((name, message.arguments))
        return told

    def names(self, now: float) -> list[str]:
        """Return the addresses, those that keep coming first, then by people, the lead person last."""

        def place(name: str) -> tuple[bool, bool, Any]:
            # The lead person is one of the others, once more: a screen full of her hides everybody.
            return self.rows[name].rate.per_second(now) < LIVELY, "/lead/" in name, natural(name)

        return sorted(self.rows, key=place)

    @property
    def dialects(self) -> list[str]:
        """What it looks like, most of it first."""
        return dialects_of(self.rows)

    def as_dict(self, now: float) -> dict[str, Any]:
        """Return everything, for JSON."""
        return {
            "packets": self.packets,
            "packets_per_second": self.rate.per_second(now),
            "unreadable": self.unreadable,
            "unreadable_reason": self.reason,
            "dialects": self.dialects,
            "senders": [
                {"from": name, "packets": row.count, "per_second": row.rate.per_second(now)}
                for name, row in self.senders.items()
            ],
            "addresses": [
                {
                    "address": name,
                    "types": row.types,
                    "messages": row.count,
                    "per_second": row.rate.per_second(now),
                    "last": row.value,
                }
                for name, row in sorted(self.rows.items(), key=lambda one: natural(one[0]))
            ],
            "addresses_forgotten": self.forgotten,
        }

    def _find(self, rows: dict[str, Row], name: str, most: int) -> Row:
        """Return a row, the newest now; the one not heard of for longest makes room."""
        row = rows.pop(name, None) or Row()
        if len(rows) >= most:
            del rows[next(iter(rows))]
            self.forgotten += rows is self.rows
        rows[name] = row
        return row


@functools.lru_cache(maxsize=MOST_ADDRESSES)
def shown_address(address: str) -> str:
    """Return an address as it can be shown."""
    return shorten(printable(address), LONGEST_ADDRESS)


def why_unreadable(packet: bytes) -> str:
    """Say in words what a packet is that is no OSC."""
    start = printable(packet[:24].decode("latin-1"))
    if not packet:
        return "it was empty"
    if not packet.startswith((b"/", b"#bundle\0")):
        if packet.lstrip()[:1] in (b"{", b"["):
            return f"it is JSON, not OSC: {start}"
        is_text = all(32 <= byte < 127 or byte in (9, 10, 13) for byte in packet[:24])
        return f"it is text, not OSC: {start}" if is_text else "it begins with neither / nor #bundle"
    if len(packet) % 4:
        return f"it has {len(packet)} bytes, and OSC has a multiple of four: is it cut off?"
    address = packet.partition(b"\0")[0]
    if address.startswith(b"/") and not re.fullmatch(rb"[!-~]+", address):
        return f"its address has letters that OSC does not know: {start}"
    return f"it begins as OSC does, but does not hold what it announces: {start}"


def as_text(arguments: Sequence[Any]) -> str:
    """Return arguments as text of a bounded length."""
    text = " ".join(map(word, arguments[:SHOWN_VALUES]))
    more = f" ... ({len(arguments)} values)" if len(arguments) > SHOWN_VALUES else ""
    return shorten(text, LONGEST_VALUE) + more


def word(argument: Any) -> str:
    """Return one argument as text; floats with as many digits as a float32 has."""
    return f"{argument:.7g}" if isinstance(argument, float) else printable(str(argument))


def types_of(arguments: Sequence[Any]) -> str:
    """Return the OSC types of arguments, long runs counted: `iif`, `iii f*52`."""
    tags = "".join(
        next((tag for kind, tag in _TAGS if isinstance(one, kind)), "?") for one in arguments[:2000]
    )
    return re.sub(r"(.)\1{4,}", lambda run: f" {run[1]}*{len(run[0])}", tags).strip()


def printable(text: str) -> str:
    """Return text from the network without anything that could steer the terminal."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


def shorten(text: str, length: int) -> str:
    """Return text that is not longer than that."""
    return text if len(text) <= length else text[: length - 3] + "..."


def natural(text: str) -> tuple[tuple[int, int | str], ...]:
    """Return a key that sorts p2 before p10."""
    return tuple((0, int(part)) if part.isdecimal() else (1, part) for part in re.split(r"(\d{1,9})", text))
