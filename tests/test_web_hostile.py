"""What strangers may send: nothing is printed, nothing grows, and a good client is served meanwhile."""

from __future__ import annotations

import gc
import os
import random
import socket
import struct
import threading
import time
from contextlib import ExitStack, suppress

import psutil
import pytest
from builders import a_person, a_scene
from web_world import (
    PATIENCE,
    a_client,
    a_server,
    a_stuck_client,
    get,
    hear,
    hear_out,
    one_scene,
    say,
    status_of,
    upgrade,
    wait_until,
)

from posekit.outputs.web import guard

SECONDS = float(os.environ.get("POSEKIT_SOAK_SECONDS", "60"))


def masked(opcode: int, payload: bytes, *, fin: bool = True, length: int | None = None) -> bytes:
    """Return a WebSocket frame as a client sends it (RFC 6455, 5.2), with any length it likes to claim."""
    count = len(payload) if length is None else length
    head = bytes([(0x80 if fin else 0) | opcode])
    if count < 126:
        head += bytes([0x80 | count])
    elif count < 1 << 16:
        head += bytes([0x80 | 126]) + struct.pack(">H", count)
    else:
        head += bytes([0x80 | 127]) + struct.pack(">Q", count)
    return head + b"\0\0\0\0" + payload


POST = b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n"
HALF = [
    b"",
    b"G",
    b"GET / HTTP/1.1\r\n",
    get()[:-2],
    upgrade()[:-1],
    b"POST / HTTP/1.1\r\nContent-Length: 9\r\n",
]
WRONG = {
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "no version": b"GET /\r\n\r\n",
    "a line that is none": b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nnonsense\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "a huge header": get(X="y" * 100_000),
    "very many headers": get(**{f"X{number}": "y" for number in range(5000)}),
    "a huge path": get("/" + "a" * 100_000),
    "a path that is none": b"GET /\xff\xfe HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "a percent that is none": get("/%zz%00%ff"),
    "a length that is none": POST + b"Content-Length: -5\r\n\r\n",
    "two lengths": POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
    "a chunk that is none": POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a proxy's request": b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    "another method": b"DELETE / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
}
WRONG_UPGRADES = {
    "no key": upgrade().replace(b"Sec-WebSocket-Key", b"X"),
    "a key that is none": upgrade(Sec_WebSocket_Key="!!!"),
    "a short key": upgrade(Sec_WebSocket_Key="AAAA"),
    "two keys": upgrade()[:-2] + b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    "an old version": upgrade(Sec_WebSocket_Version="8"),
    "no version": upgrade().replace(b"Sec-WebSocket-Version", b"Y"),
    "by POST": upgrade().replace(b"GET", b"POST"),
    "another protocol": upgrade(Upgrade="h2c"),
}
WRONG_FRAMES = {
    "not masked": b"\x81\x05hello",
    "an opcode that is none": masked(0xB, b"x"),
    "reserved bits": bytes([0xF1, 0x81]) + b"\0\0\0\0x",
    "a long ping": masked(0x9, b"x" * 126),
    "a ping in parts": masked(0x9, b"x", fin=False),
    "a part of nothing": masked(0x0, b"x"),
    "no UTF-8": masked(0x1, b"\xff\xfe"),
    "no UTF-8, in parts": masked(0x1, b"\xc3", fin=False) + masked(0x0, b"\xc3"),
    "claims to be huge": masked(0x1, b"x", length=1 << 62),
    "a length with a sign": masked(0x2, b"x", length=1 << 63),
    "a close of one byte": masked(0x8, b"x"),
    "a close with a code that is none": masked(0x8, struct.pack(">H", 999)),
    "endless parts": b"".join(masked(0x1 if at == 0 else 0x0, b"x" * 500, fin=False) for at in range(50)),
    "noise": random.Random(5).randbytes(300),
}


@pytest.fixture
def told(capfd: pytest.CaptureFixture[str]):
    """Collect what the server tells its owner: nothing that strangers do is an exception, or is printed."""
    said: list[str] = []
    yield said
    assert [line for line in said if "refused" not in line] == []
    assert "".join(capfd.readouterr()) == ""


@pytest.fixture(scope="module")
def lasting():
    """Run one server for many small cases, and collect what it tells."""
    said: list[str] = []
    with a_server(report=said.append) as server:
        yield server, said


@pytest.fixture
def served(lasting, told: list[str]):
    """Return the lasting server; what it tells meanwhile is told."""
    server, said = lasting
    yield server
    told.extend(said)
    said.clear()


def serves(server, time: float) -> None:
    """Assert that a good client is served now."""
    with a_client(server) as client:
        server.publish(one_scene(time))
        while hear(client)["time"] != pytest.approx(time, abs=1e-3):
            pass


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_request_is_answered_and_ended(what: str, served) -> None:
    answer = say(served, WRONG[what])
    assert status_of(answer) in (0, 400, 403, 404, 405)
    serves(served, time.monotonic())


@pytest.mark.parametrize("what", WRONG_UPGRADES)
def test_a_wrong_upgrade_is_refused(what: str, served) -> None:
    wait_until(lambda: not served.hub.boxes)
    answer = say(served, WRONG_UPGRADES[what])
    assert status_of(answer) in (0, 200, 400, 405, 426)
    assert served.hub.boxes == set()
    serves(served, time.monotonic())


@pytest.mark.parametrize("what", WRONG_FRAMES)
def test_a_wrong_frame_ends_that_client_alone(what: str, served) -> None:
    wait_until(lambda: not served.hub.boxes)
    with a_client(served) as good:
        with socket.create_connection(("127.0.0.1", served.port), timeout=PATIENCE) as client:
            client.sendall(upgrade())
            wait_until(lambda: len(served.hub.boxes) == 2)
            client.sendall(WRONG_FRAMES[what])
            client.shutdown(socket.SHUT_WR)
            heard = hear_out(client)
        assert heard.startswith(b"HTTP/1.1 101")
        wait_until(lambda: len(served.hub.boxes) == 1)
        now = time.monotonic()
        served.publish(one_scene(now))
        while hear(good)["time"] != pytest.approx(now, abs=1e-3):
            pass


def test_whoever_does_not_say_what_he_wants_is_hung_up_on(told, monkeypatch) -> None:
    monkeypatch.setattr(guard, "REQUEST_SECONDS", 0.3)
    with a_server(report=told.append) as server, ExitStack() as stack:
        slow = []
        for half in HALF * 3:
            client = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=5))
            client.sendall(half)
            slow.append(client)
        serves(server, 2.0)
        start = time.monotonic()
        for client in slow:
            with suppress(OSError):
                client.sendall(b"X")  # a byte now and then does not help
            assert hear_out(client) == b""
        assert time.monotonic() - start < 3


def test_idle_connections_without_end_leave_room_for_a_good_client(told) -> None:
    with a_server(report=told.append) as server, ExitStack() as stack:
        for _ in range(guard.CONNECTION_LIMIT + 100):
            stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=5))
        serves(server, 2.0)


def test_whoever_takes_nothing_is_hung_up_on(told, monkeypatch) -> None:
    monkeypatch.setattr(guard, "STUCK_SECONDS", 0.3)
    crowd = [a_person(at, at, x=at / 12) for at in range(1, 11)]
    with a_server(report=told.append) as server, a_stuck_client(server, upgrade()):
        wait_until(lambda: len(server.hub.boxes) == 1)
        at = 0

        def gone() -> bool:
            nonlocal at
            at += 1
            server.publish(a_scene(*crowd, time=at))
            return not server.hub.boxes

        wait_until(gone)
        serves(server, 1e6)


def test_pings_without_end_by_somebody_who_does_not_read_are_not_answered_without_end(told) -> None:
    with a_server(report=told.append) as server, a_stuck_client(server, upgrade()) as client:
        wait_until(lambda: len(server.hub.boxes) == 1)
        client.settimeout(0.3)
        sent = 0
        ping = masked(0x9, b"x" * 125) * 100
        with suppress(OSError):
            while sent < 30_000_000:
                sent += client.send(ping)
        wait_until(lambda: not server.hub.boxes)
        assert sent < 30_000_000
        serves(server, 2.0)


def storm(server, random_source: random.Random, until) -> int:
    """Send whatever comes to mind until `until`; return how many connections that took."""
    good = [*WRONG.values(), *WRONG_UPGRADES.values(), get(), upgrade(), upgrade() + masked(0x1, b"hello")]
    count = 0
    while not until():
        count += 1
        text = bytearray(random_source.choice(good)[:20_000])
        kind = random_source.randrange(4)
        if kind == 0:
            text = bytearray(random_source.randbytes(random_source.randrange(1, 3000)))
        elif kind == 1:
            for _ in range(random_source.randrange(1, 10)):
                text[random_source.randrange(len(text))] = random_source.randrange(256)
        elif kind == 2:
            del text[random_source.randrange(len(text)) :]
        else:
            text = bytearray(upgrade()) + random_source.randbytes(random_source.randrange(1, 500))
        with suppress(OSError), socket.create_connection(("127.0.0.1", server.port), timeout=0.05) as client:
            client.sendall(bytes(text))
            if random_source.randrange(2):
                client.shutdown(socket.SHUT_WR)
            client.recv(65536)
    return count


def weather(seconds: float, told: list[str]) -> tuple[int, int, float]:
    """Serve a good client in a storm; return the connections, its messages, and the growth in MB."""
    with a_server(shares=["picture"], report=told.append) as server, a_client(server) as good:
        storms: list[int] = []
        end = time.monotonic() + seconds
        settled = time.monotonic() + seconds / 3

        def blow(seed: int) -> None:
            storms.append(storm(server, random.Random(seed), lambda: time.monotonic() > end))

        threads = [threading.Thread(target=blow, args=(seed,)) for seed in (1, 2)]
        for thread in threads:
            thread.start()
        messages, before, at = 0, 0, 0.0
        while time.monotonic() < end:
            at += 1
            server.publish(one_scene(at))
            while hear(good)["time"] != at:
                pass
            messages += 1
            if not before and time.monotonic() > settled:
                gc.collect()
                before = psutil.Process().memory_info().rss
            time.sleep(0.005)
        for thread in threads:
            thread.join()
        gc.collect()
        grown = (psutil.Process().memory_info().rss - before) / 1e6
        serves(server, 1e6)
        wait_until(lambda: len(server.hub.boxes) == 1)
    return sum(storms), messages, grown


def test_a_good_client_is_served_in_a_storm(told) -> None:
    connections, messages, grown = weather(2.0, told)
    assert connections > 50
    assert messages > 30
    assert grown < 20


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_a_good_client_is_served_in_a_long_storm(told, capfd) -> None:
    connections, messages, grown = weather(SECONDS, told)
    with capfd.disabled():
        print(f"\n{connections} connections, {messages} scenes served, {grown:.1f} MB grown")
    assert connections > 50 * SECONDS / 10
    assert grown < 10
