"""`posekit listen`: shows the OSC that arrives at a port, whoever sends it."""

from __future__ import annotations

import contextlib
import errno
import logging
import socket
import sys
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pythonosc.osc_packet import OscPacket, ParseError
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from posekit.clock import SystemClock
from posekit.errors import OutputError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

MOST_ADDRESSES = 10_000
"""Addresses remembered; more than any dialect has, and a bound on what a stranger can make us keep."""
LARGEST_PACKET = 65_535
WAIT = 0.2
"""Seconds between two looks at the clock while nothing arrives, and between two pictures of the table."""
_UNREADABLE = (ParseError, ValueError, IndexError, OverflowError, RecursionError)
"""What python-osc raises for bytes that are not OSC."""


@dataclass
class Row:
    """What is known of one address."""

    value: str = ""
    """The last arguments, as text."""
    times: deque[float] = field(default_factory=lambda: deque(maxlen=1000))
    """Seconds at which it arrived, over the last second or so."""

    def rate(self, now: float) -> int:
        """Return how often it arrived in the last second."""
        while self.times and self.times[0] <= now - 1.0:
            self.times.popleft()
        return len(self.times)


@dataclass
class Heard:
    """All that has arrived."""

    rows: dict[str, Row] = field(default_factory=dict)
    packets: int = 0
    unreadable: int = 0
    """Packets that are not OSC."""

    def update(self, packet: bytes, now: float) -> list[str]:
        """Take in a packet and return its messages as lines of text."""
        self.packets += 1
        logging.disable(logging.WARNING)  # python-osc tells the root logger about every bad packet
        try:
            messages = [timed.message for timed in OscPacket(packet).messages]
        except _UNREADABLE:
            self.unreadable += 1
            return []
        finally:
            logging.disable(logging.NOTSET)
        lines = []
        for message in messages:
            address, value = printable(message.address), " ".join(map(as_text, message.params))
            lines.append(f"{address} {value}")
            if address in self.rows or len(self.rows) < MOST_ADDRESSES:
                row = self.rows.setdefault(address, Row())
                row.value = value
                row.times.append(now)
        return lines

    def table(self, title: str, now: float, height: int) -> RenderableType:
        """Return the table that fits into `height` lines of a terminal."""
        room = max(1, height - 6)
        shown = sorted(self.rows)[:room]
        hidden = len(self.rows) - len(shown)
        told = f"{self.packets} packets, {self.unreadable} not readable as OSC"
        table = Table(
            title=Text(title), caption=Text(told + (f", {hidden} more addresses" if hidden else ""))
        )
        table.add_column("address")
        table.add_column("per second", justify="right")
        table.add_column("last value")
        for address in shown:
            row = self.rows[address]
            table.add_row(Text(address), str(row.rate(now)), Text(row.value))
        return Group(table, Text(told + (f", {hidden} more addresses" if hidden else "")))


def as_text(argument: Any) -> str:
    """Return one argument as text; floats with as many digits as a float32 has."""
    return f"{argument:.7g}" if isinstance(argument, float) else printable(str(argument))


def printable(text: str) -> str:
    """Return text from the network without anything that could steer the terminal."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


def listen(port: int = 7000, host: str = "127.0.0.1", seconds: float | None = None) -> None:
    """Show what arrives at a port until Ctrl-C, or for so many seconds.

    In a terminal a table of addresses, elsewhere one line per message. `host` is the address of this machine
    to listen on; `0.0.0.0` hears other machines too. Raises `OutputError` when the port cannot be had,
    `SettingsError` when it is none.
    """
    console = Console()
    where = f"{host}:{port}"
    with open_port(port, host) as opened, contextlib.suppress(KeyboardInterrupt):
        if console.is_terminal:
            _show_table(opened, seconds, console, f"OSC at {where} (Ctrl-C ends)")
        else:
            _print_lines(opened, seconds)


def open_port(port: int, host: str) -> socket.socket:
    """Bind a UDP socket; raises `OutputError` when the port is in use or the host is not this machine's."""
    if not 1 <= port <= 65535:
        raise SettingsError(f"{port} is not a port; choose a number from 1 to 65535")
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
        opened = socket.socket(family, socket.SOCK_DGRAM)
        try:
            opened.bind(address)
        except OSError:
            opened.close()
            raise
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            message = f"{port} is in use by another program: close it, or listen at another port"
            raise OutputError(message) from error
        reason = error.strerror or error
        raise OutputError(f"posekit cannot listen at {host}:{port} ({reason}); choose another") from error
    opened.settimeout(WAIT)
    return opened


def packets(opened: socket.socket, seconds: float | None) -> Iterator[tuple[float, bytes | None]]:
    """Yield each packet with the time of its arrival, and None now and then when there is none."""
    clock = SystemClock()
    end = None if seconds is None else clock.now() + seconds
    while end is None or clock.now() < end:
        packet: bytes | None = None
        # Windows reports here that somebody else's packet was refused; that is no concern of a listener.
        with contextlib.suppress(TimeoutError, ConnectionError):
            packet = opened.recv(LARGEST_PACKET)
        yield clock.now(), packet


def _print_lines(opened: socket.socket, seconds: float | None) -> None:
    heard = Heard()
    try:
        for now, packet in packets(opened, seconds):
            if packet is not None:
                lines = heard.update(packet, now)
                sys.stdout.write("".join(f"{line}\n" for line in lines))
                sys.stdout.flush()
    finally:
        if heard.unreadable:
            sys.stderr.write(f"{heard.unreadable} of {heard.packets} packets were not readable as OSC\n")


def _show_table(opened: socket.socket, seconds: float | None, console: Console, title: str) -> None:
    heard, shown_at = Heard(), -WAIT
    with Live(console=console, auto_refresh=False) as live:
        for now, packet in packets(opened, seconds):
            if packet is not None:
                heard.update(packet, now)
            if now >= shown_at + WAIT:
                live.update(heard.table(title, now, console.height), refresh=True)
                shown_at = now
