"""`posekit listen`: shows the OSC that arrives at a port, whoever sends it."""

from __future__ import annotations

import contextlib
import fnmatch
import json
import sys
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from posekit.clock import SystemClock
from posekit.doctor.firewall import find_firewall
from posekit.doctor.heard import Heard, word
from posekit.ports import open_port, own_addresses

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

    from rich.console import RenderableType

LARGEST_PACKET = 65_535
WAIT = 0.2
"""Seconds between two looks at the clock while nothing arrives, and between two pictures of the table."""
SILENCE = 5.0
"""Seconds without a packet until it is said what to check."""
UNMATCHED = "no address matches --only {!r}; '*wrist*' matches what has wrist in it"
ANYWHERE = ("0.0.0.0", "::")  # noqa: S104 (only compared with)


def listen(
    port: int = 7000,
    host: str = "127.0.0.1",
    seconds: float | None = None,
    *,
    only: str = "*",
    as_json: bool = False,
) -> None:
    """Show what arrives at a port until Ctrl-C, or for so many seconds.

    In a terminal a table of addresses, elsewhere one line per message; with `as_json` one JSON object at the
    end. `host` is the address of this machine to listen on; `0.0.0.0` hears other machines too. `only` is a
    pattern of addresses to show. Raises `OutputError` when the port cannot be had, `SettingsError` when it
    is none.
    """
    console, heard, clock = Console(), Heard(), SystemClock()
    with open_port(port, host) as opened:
        opened.settimeout(WAIT)
        with contextlib.suppress(KeyboardInterrupt):
            if as_json:
                _take_in(opened, seconds, heard)
            elif console.is_terminal:
                _show_table(opened, seconds, heard, only, console)
            else:
                _print_lines(opened, seconds, heard, only)
    if as_json:
        told = {"host": host, "port": port, **heard.as_dict(clock.now())}
        sys.stdout.write(json.dumps(told, indent=2) + "\n")
    elif not console.is_terminal:
        said = summary(heard, clock.now())
        if heard.packets and not fnmatch.filter(heard.rows, only):
            said.append(UNMATCHED.format(only))
        sys.stderr.write("\n".join((*said, "")))


def packets(opened: socket.socket, seconds: float | None) -> Iterator[tuple[float, bytes | None, str]]:
    """Yield each packet with the time of its arrival and its sender, and None now and then without one."""
    clock = SystemClock()
    end = None if seconds is None else clock.now() + seconds
    while end is None or clock.now() < end:
        packet: bytes | None = None
        sender = ""
        # Windows reports here that somebody else's packet was refused; that is no concern of a listener.
        with contextlib.suppress(TimeoutError, ConnectionError):
            packet, address = opened.recvfrom(LARGEST_PACKET)
            sender = f"[{address[0]}]:{address[1]}" if ":" in address[0] else f"{address[0]}:{address[1]}"
        yield clock.now(), packet, sender


def summary(heard: Heard, now: float) -> list[str]:
    """Return lines that say what arrived: how much, from whom, in which dialect, and what was no OSC."""
    if not heard.packets:
        return ["nothing arrived"]
    dialects = " and ".join(heard.dialects) or "no dialect that posekit knows"
    senders = sorted(heard.senders.items(), key=lambda one: -one[1].count)
    more = f" and {len(senders) - 3} more" if len(senders) > 3 else ""
    named = ", ".join(name for name, _ in senders[:3]) + more
    lines = [
        f"{heard.packets} packet{'s' * (heard.packets != 1)}, {heard.rate.per_second(now)} per second, "
        f"from {named or 'nobody known'}",
        f"{len(heard.rows)} address{'es' * (len(heard.rows) != 1)}; looks like {dialects}",
    ]
    if heard.unreadable:
        lines.append(f"{heard.unreadable} not readable as OSC; the last: {heard.reason}")
    if heard.forgotten:
        lines.append(f"{heard.forgotten} addresses were given up: more came than can be kept")
    return lines


def advice(host: str, port: int) -> list[str]:
    """Return what to check when nothing arrives."""
    elsewhere = own_addresses()
    lines = [
        f"nothing arrives at {host}:{port}. What to check:",
        f"- does anything send? in another terminal: posekit send --source sample --osc {port}",
        f"- does it send to port {port}? the sender says so when it starts",
    ]
    if host in ANYWHERE:
        there = " or ".join(elsewhere) or "this machine's address"
        lines.append(f"- another computer must send to {there}, in the same network")
        lines.append(f"- firewall: {find_firewall(port).hint}")
    else:
        wider = f"posekit listen {'[::]' if ':' in host else ANYWHERE[0]}:{port}"
        lines.append(f"- only {host} is heard; for other computers: {wider}")
    return lines


def table(heard: Heard, where: tuple[str, int], only: str, now: float, height: int) -> RenderableType:
    """Return the picture that fits into `height` lines of a terminal."""
    host, port = where
    silence = None if heard.last is None else now - heard.last
    below = summary(heard, now) if heard.packets else advice(host, port)
    if silence is not None and silence > SILENCE:
        below = [*below, f"nothing for {silence:.0f} s: has the sender stopped?"]
    title, lines = Text(f"OSC at {host}:{port} (Ctrl-C ends)"), Text("\n".join(below))
    if not heard.packets:
        return Group(title, lines)
    names = fnmatch.filter(heard.names(now), only)
    if not names:
        lines.append(f"\n{UNMATCHED.format(only)}")
    room = max(1, height - 7 - len(below))
    grid = Table(title=title, title_justify="left", expand=True, box=SIMPLE_HEAD)
    grid.add_column("address", no_wrap=True, overflow="ellipsis", max_width=48)
    grid.add_column("per second", justify="right", no_wrap=True)
    grid.add_column("types", no_wrap=True, overflow="ellipsis", min_width=5, max_width=14)
    grid.add_column("last value", no_wrap=True, overflow="ellipsis", ratio=1)
    shown = names if len(names) <= room else names[: room - 1]
    for name in shown:
        row = heard.rows[name]
        grid.add_row(Text(name), str(row.rate.per_second(now)), Text(row.types), Text(row.value))
    if len(shown) < len(names):
        more = f"{len(names) - len(shown)} more addresses"
        grid.add_row(Text(more, style="dim"), "", "", Text("--only '*wrist*' chooses", style="dim"))
    return Group(grid, lines)


def _take_in(opened: socket.socket, seconds: float | None, heard: Heard) -> None:
    for now, packet, sender in packets(opened, seconds):
        if packet is not None:
            heard.update(packet, now, sender)


def _print_lines(opened: socket.socket, seconds: float | None, heard: Heard, only: str) -> None:
    began = SystemClock().now()
    is_advised = False
    host, port = opened.getsockname()[:2]
    for now, packet, sender in packets(opened, seconds):
        if packet is not None:
            told = heard.update(packet, now, sender)
            lines = [
                " ".join((address, *map(word, arguments))) + "\n"
                for address, arguments in told
                if fnmatch.fnmatchcase(address, only)
            ]
            sys.stdout.write("".join(lines))
            sys.stdout.flush()
        elif not heard.packets and not is_advised and now - began > SILENCE:
            is_advised = True
            sys.stderr.write("\n".join((*advice(host, port), "")))


def _show_table(
    opened: socket.socket, seconds: float | None, heard: Heard, only: str, console: Console
) -> None:
    began = shown_at = SystemClock().now()
    where = opened.getsockname()[:2]
    with Live(console=console, auto_refresh=False) as live:
        for now, packet, sender in packets(opened, seconds):
            if packet is not None:
                heard.update(packet, now, sender)
            if now < shown_at + WAIT:
                continue
            shown_at = now
            if heard.packets or now - began > SILENCE:
                live.update(table(heard, where, only, now, console.height), refresh=True)
            else:
                live.update(Text(f"listening at {where[0]}:{where[1]} (Ctrl-C ends)"), refresh=True)
