"""Where OSC goes and comes in: ports, who has them, and whether a packet arrives on this machine at all."""

from __future__ import annotations

import ipaddress
import socket
from typing import TYPE_CHECKING, Any

import psutil

from posekit.doctor.finding import Finding, ok, trouble, warning
from posekit.doctor.firewall import find_firewall
from posekit.errors import PosekitError
from posekit.outputs.osc.encode import encode_bundle
from posekit.outputs.osc.opening import parse_targets
from posekit.ports import holder_of, is_free, own_addresses

if TYPE_CHECKING:
    from posekit.outputs.osc import Target
    from posekit.settings import Settings

ECHO_SECONDS = 1.0
ECHO = encode_bundle([("/ping", (1,))])


def check_targets(settings: Settings) -> list[Finding]:
    """Look at every target without sending to it: whether there is a receiver, or at least a way to it."""
    try:
        targets = parse_targets(settings.osc, settings.osc_for, settings.slots, settings.osc_template)
    except PosekitError as error:
        return [trouble("OSC out", str(error), "docs/osc.md has every dialect and key")]
    if not targets:
        return [ok("OSC out", "no target: nothing is sent")]
    return [_check_target(target) for target in targets]


def _check_target(target: Target) -> Finding:
    address = _address(target.host)
    if address is None:
        return ok("OSC out", f"{target}: the name {target.host} is not looked up here")
    if address.is_loopback or str(address) in own_addresses():
        if is_free(target.port, target.host):
            return warning(
                "OSC out",
                f"{target}: nobody listens at port {target.port} yet",
                f"start the receiving program, or see what is sent: posekit listen {target.port}",
            )
        holder = holder_of(target.port) or "a program"
        return ok("OSC out", f"{target}: {holder} listens at port {target.port}")
    if address.is_multicast or _is_near(address):
        return ok("OSC out", f"{target}: in a network of this machine", "the firewall there must let it in")
    return warning(
        "OSC out",
        f"{target}: {address} is in no network of this machine ({', '.join(own_addresses()) or 'none'})",
        "check the address; both computers in one network, without a guest network's isolation",
    )


def check_osc_in(settings: Settings) -> list[Finding]:
    """Look whether the port of OSC in is free."""
    from posekit.inputs.osc.place import AUTO, parse_place

    try:
        place = parse_place(settings.osc_in)
        if place is None:
            return []
        port = place.port
        if is_free(port, place.host):
            return [ok("OSC in", f"port {port} is free")]
    except PosekitError as error:
        what = str(error).removeprefix("osc-in: ").partition(";")[0]
        return [trouble("OSC in", what, "--osc-in 7101, or 0.0.0.0:7101 for every network, or off")]
    holder = holder_of(port) or "another program"
    found = f"port {port} is in use by {holder}"
    todo = f"close {holder}, or take another port: --osc-in {port + 100}"
    if settings.osc_in != AUTO:  # a port that was asked for by hand stops the start
        return [trouble("OSC in", found, todo)]
    if "posekit" in holder or "this very program" in holder:
        return [ok("OSC in", found)]
    return [warning("OSC in", found, todo)]


def check_web(settings: Settings) -> list[Finding]:
    """Look whether the port of the web server is free, where one is asked for."""
    from posekit.outputs.web.listening import open_sockets
    from posekit.outputs.web.opening import check_web as read_web

    try:
        address = read_web(settings)
        if address is None:
            return []
        for opened in open_sockets(address):
            opened.close()
    except PosekitError as error:
        found, _, todo = str(error).partition("; ")
        return [trouble("web", found, todo or "docs/web.md")]
    return [ok("web", f"port {address.port} is free")]


def check_echo() -> list[Finding]:
    """Send a packet to ourselves over UDP and see that it comes back."""
    try:
        with (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
        ):
            receiver.bind(("127.0.0.1", 0))
            receiver.settimeout(ECHO_SECONDS)
            sender.sendto(ECHO, receiver.getsockname())
            arrived = receiver.recv(len(ECHO) + 1) == ECHO
    except OSError as error:
        reason = "it did not arrive" if isinstance(error, TimeoutError) else error.strerror or str(error)
        return [_no_echo(reason)]
    return (
        [ok("echo", "a packet to ourselves over UDP came back")] if arrived else [_no_echo("it was changed")]
    )


def _no_echo(reason: str) -> Finding:
    todo = "a firewall or a security program stops packets within this machine: allow Python in it"
    return trouble("echo", f"a packet to ourselves over UDP did not come back ({reason})", todo)


def check_firewall(settings: Settings) -> list[Finding]:
    """Say what a firewall must be told on whichever computer receives from another."""
    firewall = find_firewall(_osc_in_port(settings))
    if not firewall.name:
        return [ok("firewall", "none was found on this machine")]
    todo = f"to receive from another computer: {firewall.hint}"
    return [ok("firewall", f"{firewall.name}; it leaves alone what stays on this machine", todo)]


def _osc_in_port(settings: Settings) -> int:
    from posekit.inputs.osc.place import DEFAULT_PLACE, parse_place

    try:
        return (parse_place(settings.osc_in) or DEFAULT_PLACE).port
    except PosekitError:
        return DEFAULT_PLACE.port


def _address(host: str) -> Any:
    """Return a host's IP address without asking anybody; None for a name."""
    try:
        return ipaddress.ip_address("127.0.0.1" if host == "localhost" else host.partition("%")[0])
    except ValueError:
        return None


def _is_near(address: Any) -> bool:
    """Whether an address is in one of this machine's networks."""
    for listed in psutil.net_if_addrs().values():
        for one in listed:
            if one.family in (socket.AF_INET, socket.AF_INET6) and one.netmask:
                try:
                    own = ipaddress.ip_interface(f"{one.address.partition('%')[0]}/{one.netmask}")
                except ValueError:
                    continue
                if address in own.network:
                    return True
    return False
