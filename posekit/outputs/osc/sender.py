"""Sends scenes to every target over UDP: never blocks, never raises, and leaves an empty room behind."""

from __future__ import annotations

import contextlib
import socket
from typing import TYPE_CHECKING

from posekit.errors import OutputError
from posekit.outputs.osc.dialects import find_dialect
from posekit.outputs.osc.receivers import receiver_hint

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from types import TracebackType

    from posekit.clock import Clock
    from posekit.health import Health
    from posekit.outputs.osc.target import Target
    from posekit.scene import Event, Scene


NEWS_SECONDS = 1.0
FAREWELLS = 9
"""How often the last word is said, because packets may be lost and no refresh follows: with 30 % lost
one word in 50,000 (0.3 ** 9) is not heard."""


class Outlet:
    """One target: its encoder, its resolved address, and what became of its packets."""

    def __init__(self, target: Target, counters: Mapping[str, int]) -> None:
        self.target = target
        self.family, self.address = resolve(target)
        self.encoder = find_dialect(target.dialect).encoder(target, counters)
        self.packets = 0
        """Packets handed to the network since the start."""
        self.errors = 0
        """Packets that the network refused since the start."""
        self.last_error = ""
        """The network's word for its latest refusal."""
        self._told = (0, False)

    def news(self) -> str | None:
        """Say when the network begins to refuse this target's packets, and when it takes them again."""
        errors, was_refused = self._told
        is_refused = self.errors > errors
        self._told = (self.errors, is_refused)
        if is_refused == was_refused:
            return None
        trouble = f"cannot be sent to ({self.last_error})" if is_refused else "can be sent to again"
        return f"OSC target {self.target} {trouble}"

    def send(self, to: socket.socket, packets: Iterable[bytes]) -> None:
        """Hand packets to the network; a refusal is only counted, because the next scene comes anyway."""
        for packet in packets:
            try:
                to.sendto(packet, self.address)
            except OSError as error:
                self.errors += 1
                self.last_error = error.strerror or str(error)
            else:
                self.packets += 1


class OscSender:
    """Sends every scene and every event to all targets; one socket per address family.

    Use it as a context manager: leaving it sends neutral values. Raises `OutputError` at the start when a
    host name does not resolve; afterwards nothing that the network does is raised. Not thread-safe.
    """

    def __init__(
        self,
        targets: Sequence[Target],
        clock: Clock,
        tool: str | None = None,
        counters: Mapping[str, int] | None = None,
    ) -> None:
        """Resolve the targets and open the sockets.

        `tool` is the receiving program that hints are for; `counters` are those of an earlier sender, so
        that `/p1/event/...` never counts down.
        """
        self._clock, self._tool = clock, tool
        self._start = self._looked = clock.now()
        self.outlets = tuple(Outlet(target, counters or {}) for target in targets)
        self._sockets: dict[int, socket.socket] = {}
        self._closed = False
        try:
            for family in {outlet.family for outlet in self.outlets}:
                self._sockets[family] = open_socket(family)
        except OSError as error:
            self._close_sockets()
            raise OutputError(f"no UDP socket can be opened for OSC: {error.strerror or error}") from error

    def __enter__(self) -> OscSender:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def packets(self) -> int:
        """Packets handed to the network since the start, all targets together."""
        return sum(outlet.packets for outlet in self.outlets)

    @property
    def errors(self) -> tuple[int, ...]:
        """Packets that the network refused since the start, for each target in its order."""
        return tuple(outlet.errors for outlet in self.outlets)

    @property
    def counters(self) -> dict[str, int]:
        """How often each event happened, for the sender that comes after this one."""
        told: dict[str, int] = {}
        for outlet in self.outlets:  # dialects without counters only hand on what they were given
            for name, count in outlet.encoder.counters.items():
                told[name] = max(count, told.get(name, 0))
        return told

    def update(self, scene: Scene | None, events: Sequence[Event] = (), health: Health | None = None) -> None:
        """Send a scene and what happened; `scene` None when nothing new was seen, as with a lost camera.

        Call it with None a few times a second while no scenes come, so that health still goes out.
        """
        if self._closed:
            return
        seconds = self._clock.now() - self._start
        for outlet in self.outlets:
            packets = outlet.encoder.update(seconds, scene, events, health)
            outlet.send(self._sockets[outlet.family], packets)

    def news(self) -> list[str]:
        """Return what there is to tell about the targets, in sentences; looks once a second at most."""
        now = self._clock.now()
        if now - self._looked < NEWS_SECONDS:
            return []
        self._looked = now
        return [sentence for outlet in self.outlets if (sentence := outlet.news())]

    def engine_lost(self) -> None:
        """Send neutral values and `/health/engine 0`; the next update starts afresh."""
        if self._closed:
            return
        seconds = self._clock.now() - self._start
        for outlet in self.outlets:
            outlet.send(self._sockets[outlet.family], outlet.encoder.neutral(seconds))

    def close(self) -> None:
        """Send neutral values and close the sockets; a second call does nothing."""
        try:
            for _ in range(FAREWELLS):
                self.engine_lost()
        finally:
            self._closed = True
            self._close_sockets()

    def describe(self) -> list[str]:
        """Return lines for the start: where it sends, and what to set in the receiver."""
        lines: list[str] = []
        for outlet in self.outlets:
            lines += [f"OSC to {outlet.target}", receiver_hint(self._tool, outlet.target)]
        return lines

    def _close_sockets(self) -> None:
        for opened in self._sockets.values():
            with contextlib.suppress(OSError):
                opened.close()
        self._sockets.clear()


def resolve(target: Target) -> tuple[int, tuple[object, ...]]:
    """Return the address family and socket address of a target's host, IPv4 first.

    IPv4 first because that is where creative software listens; `localhost` often resolves to ::1 as well.
    Raises `OutputError` when the name does not resolve.
    """
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "not a host name"
        raise OutputError(
            f"the OSC target's host {target.host!r} cannot be found ({reason}); "
            "check its spelling and the network, or write its IP address"
        ) from error
    family, _, _, _, address = min(found, key=lambda one: one[0] != socket.AF_INET)
    return family, address


def open_socket(family: int) -> socket.socket:
    """Open a non-blocking UDP socket that may broadcast, and whose multicasts stay in the local network."""
    opened = socket.socket(family, socket.SOCK_DGRAM)
    try:
        opened.setblocking(False)
        if family == socket.AF_INET:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            opened.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
        else:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 1)
    except OSError:
        opened.close()
        raise
    return opened
