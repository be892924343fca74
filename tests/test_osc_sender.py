"""OSC on real sockets: what leaves us is what other people's programs receive."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import time

import pytest
from builders import a_person, a_scene
from pythonosc.osc_packet import OscPacket

from posekit.clock import ManualClock, SystemClock
from posekit.errors import OutputError
from posekit.outputs.osc import OscSender, Target, parse_target
from posekit.outputs.osc.encode import encode_bundle
from posekit.scene import Enter, Leave

DEADLINE = 10.0
"""Seconds that a test waits for another program at most."""


@contextlib.contextmanager
def a_receiver(host: str = "127.0.0.1"):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as receiver:
        try:
            receiver.bind((host, 0))
        except OSError:
            pytest.skip(f"this machine has no {host}")
        receiver.settimeout(0.2)
        yield receiver


def port_of(receiver: socket.socket) -> int:
    return receiver.getsockname()[1]


def messages_at(receiver: socket.socket) -> list[tuple[str, tuple]]:
    """Return all messages that wait at a socket, as python-osc reads them."""
    heard = []
    with contextlib.suppress(BlockingIOError):
        receiver.setblocking(False)
        while True:
            packet = receiver.recv(65535)
            assert len(packet) <= 1432
            heard += [
                (timed.message.address, tuple(timed.message.params)) for timed in OscPacket(packet).messages
            ]
    return heard


@contextlib.contextmanager
def oscdump(program: str):
    """Start liblo's oscdump at a free port; yield its port and how to read its lines up to a mark."""
    with a_receiver() as free:
        port = port_of(free)
    process = subprocess.Popen([program, "-L", str(port)], stdout=subprocess.PIPE, text=True)
    knock = encode_bundle([("/knock", (1,))])

    def lines_until(mark: str) -> list[list[str]]:
        lines = []
        for line in process.stdout:
            words = line.split()[1:]
            if words[0] == mark:
                return lines
            lines.append(words)
        raise AssertionError(f"oscdump ended before {mark}")

    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as knocking:
            until = time.monotonic() + DEADLINE
            while time.monotonic() < until and not is_bound(port):
                time.sleep(0.02)
            knocking.sendto(knock, ("127.0.0.1", port))
        assert lines_until("/knock") == []
        yield port, lines_until
    finally:
        process.kill()
        process.wait(DEADLINE)
        process.stdout.close()


def is_bound(port: int) -> bool:
    """Return whether a program has taken a UDP port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("0.0.0.0", port))
        except OSError:
            return True
        return False


def test_liblo_and_python_osc_read_the_same(tool):
    keys = ",slots=2,prefix=/cam2"
    scene = a_scene(a_person(3, slot=1), a_person(4, slot=2, missing=["nose"]), index=77)
    with oscdump(tool("oscdump")) as (port, lines_until), a_receiver() as ours:
        for layout in ("split", "packed"):
            texts = [f"{number}{keys},layout={layout}" for number in (port, port_of(ours))]
            with OscSender([parse_target(text) for text in texts], ManualClock(5.0)) as sender:
                sender.update(scene, [Enter(3, 1)])
                sender.outlets[0].send(sender._sockets[socket.AF_INET], [encode_bundle([("/mark", (1,))])])
                theirs, heard = lines_until("/mark"), messages_at(ours)
                assert len(theirs) == len(heard) > 100
                for (address, types, *values), (our_address, our_values) in zip(theirs, heard, strict=True):
                    assert address == our_address
                    assert types == "".join("i" if type(value) is int else "f" for value in our_values)
                    assert [float(value) for value in values] == pytest.approx(our_values, abs=1e-6)
                assert ("/cam2/p1/id", (3,)) in heard
            messages_at(ours)
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as marking:
                marking.sendto(encode_bundle([("/end", (1,))]), ("127.0.0.1", port))
            assert ["/cam2/health/engine", "i", "0"] in lines_until("/end")


def test_two_targets_get_the_same_scene_each_in_its_way():
    with a_receiver() as plain, a_receiver() as odd:
        targets = [
            parse_target(f"{port_of(plain)}"),
            parse_target(f"{port_of(odd)},layout=packed,slots=1,mirror=on,only=nose,prefix=/b,rate=10"),
        ]
        clock = ManualClock(100.0)
        with OscSender(targets, clock) as sender:
            first, second = [], []
            for number in range(30):
                sender.update(a_scene(a_person(1, slot=1, x=0.25), a_person(2, slot=2), index=number))
                first += messages_at(plain)
                second += messages_at(odd)
                clock.advance(1 / 30)
        assert len({value for address, value in first if address == "/frame"}) == 30
        assert len({value for address, value in second if address == "/b/frame"}) == 10
        assert dict(first)["/p1/nose/x"] == (0.25,)
        assert dict(second)["/b/p1/nose"] == pytest.approx((0.75, 0.2, 0.9))
        assert dict(second)["/b/count"] == (2,)
        assert all(address.startswith("/b/") for address, _ in second)
        assert not any(address.startswith(("/b/p2", "/b/p1/left")) for address, _ in second)


def test_leaving_the_block_leaves_an_empty_room():
    with a_receiver() as receiver:
        with OscSender([parse_target(f"{port_of(receiver)},slots=2")], ManualClock()) as sender:
            sender.update(a_scene(a_person(1, slot=1)), [Enter(1, 1)])
            assert dict(messages_at(receiver))["/p1/active"] == (1,)
        last = dict(messages_at(receiver))
        assert (last["/p1/active"], last["/p1/nose/x"], last["/count"]) == ((0,), (0.0,), (0,))
        assert (last["/lead/active"], last["/health/engine"]) == ((0,), (0,))
        sender.close()
        sender.update(a_scene(a_person(1, slot=1)))
        sender.engine_lost()
        assert messages_at(receiver) == []


def test_an_error_in_the_block_leaves_an_empty_room_too():
    with a_receiver() as receiver:
        with pytest.raises(RuntimeError), OscSender([parse_target(f"{port_of(receiver)}")], ManualClock()):
            raise RuntimeError
        assert dict(messages_at(receiver))["/health/engine"] == (0,)


def test_a_lost_engine_is_told_and_the_next_one_goes_on():
    with a_receiver() as receiver:
        clock = ManualClock()
        with OscSender([parse_target(f"{port_of(receiver)}")], clock) as sender:
            sender.update(a_scene(a_person(1, slot=1)), [Enter(1, 1)])
            clock.advance(0.1)
            messages_at(receiver)
            sender.engine_lost()
            sender.update(None, [Leave(1, 1, reason="engine")])
            lost = dict(messages_at(receiver))
            assert (lost["/p1/active"], lost["/p1/nose/x"]) == ((0,), (0.0,))
            assert lost["/event/leave"][:2] == (1, 1)
            assert lost["/health/engine"] == (0,)
            counters = sender.counters
        with OscSender([parse_target(f"{port_of(receiver)}")], clock, counters=counters) as sender:
            messages_at(receiver)
            sender.update(a_scene(), [Enter(2, 1)])
            again = dict(messages_at(receiver))
            assert (again["/health/engine"], again["/p1/event/enter"]) == ((1,), (2,))


def test_counters_outlive_the_engine_whichever_target_comes_first():
    targets = [parse_target("7009:kinect"), parse_target("7010")]
    with OscSender(targets, ManualClock()) as sender:
        sender.update(a_scene(a_person(1, slot=1)), [Enter(1, 1)])
        counters = sender.counters
    assert counters["p1/enter"] == 1
    with OscSender(targets[:1], ManualClock(), counters=counters) as sender:
        assert sender.counters == counters


def test_nobody_listening_is_no_trouble():
    with a_receiver() as receiver:
        port = port_of(receiver)
    with OscSender([parse_target(f"{port}")], SystemClock()) as sender:
        for number in range(20):
            sender.update(a_scene(a_person(1, slot=1), index=number))
        assert sender.packets + sum(sender.errors) >= 20 * 4


def test_a_network_that_refuses_is_counted_for_its_target_alone():
    with a_receiver() as receiver:
        # No network takes a packet for port 0.
        targets = [Target("127.0.0.1", 0), Target("127.0.0.1", port_of(receiver))]
        with OscSender(targets, ManualClock()) as sender:
            sender.update(a_scene(index=5))
            refused, taken = sender.errors
            assert (refused > 0, taken) == (True, 0)
            assert sender.outlets[0].last_error
            assert ("/frame", (5,)) in messages_at(receiver)


def test_closing_is_safe_when_the_network_is_gone():
    sender = OscSender([Target("127.0.0.1", 7009)], ManualClock())
    sender._sockets[socket.AF_INET].close()
    sender.close()
    sender.close()
    assert sender.errors[0] > 0


def test_ipv6_broadcast_and_multicast_targets_open():
    with a_receiver("::1") as receiver:
        texts = [f"[::1]:{port_of(receiver)}", "255.255.255.255:7009", "239.1.2.3:7009"]
        with OscSender([parse_target(text) for text in texts], ManualClock()) as sender:
            sender.update(a_scene(index=4))
            assert ("/frame", (4,)) in messages_at(receiver)
            assert len(sender.errors) == 3
            ipv4 = sender._sockets[socket.AF_INET]
            assert ipv4.getsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST)
            assert ipv4.getsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL) == 1
            assert not ipv4.getblocking()


def test_a_multicast_reaches_who_joined():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("", 0))
        group = socket.inet_aton("239.255.7.7") + socket.inet_aton("0.0.0.0")
        try:
            receiver.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
        except OSError:
            pytest.skip("this machine has no multicast route")
        with OscSender([parse_target(f"239.255.7.7:{port_of(receiver)}")], ManualClock()) as sender:
            sender.update(a_scene(index=9))
            if any(sender.errors):
                pytest.skip("this machine has no multicast route")
            assert ("/frame", (9,)) in messages_at(receiver)


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a..b", "x" * 70])
def test_a_host_that_does_not_resolve_is_one_sentence(host: str):
    with pytest.raises(OutputError, match="cannot be found") as caught:
        OscSender([Target(host, 7000)], ManualClock())
    assert "\n" not in str(caught.value)


def test_no_targets_is_a_sender_that_says_nothing():
    with OscSender([], ManualClock()) as sender:
        sender.update(a_scene())
        assert (sender.errors, sender.packets, sender.counters, sender.describe()) == ((), 0, {}, [])


def test_the_start_says_where_it_sends_and_what_to_set():
    with OscSender([parse_target("127.0.0.1:7000,layout=packed")], ManualClock(), tool="max") as sender:
        first, second = sender.describe()
    assert first == "OSC to 127.0.0.1:7000:posekit,layout=packed"
    assert "[udpreceive 7000] into [route /p1/left_wrist]" in second
