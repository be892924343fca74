"""`posekit listen`: a port of our own that shows what others send."""

from __future__ import annotations

import io
import os
import signal
import socket
import subprocess
import sys
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from posekit.cli.listen import Heard, listen
from posekit.errors import OutputError, SettingsError
from posekit.outputs.osc.encode import encode_bundle

PACKET = encode_bundle([("/p1/left_wrist/x", (0.25,)), ("/frame", (7,))])


def a_free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def keep_sending(port: int, done: threading.Event) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        while not done.wait(0.02):
            sender.sendto(PACKET, ("127.0.0.1", port))
            sender.sendto(b"no osc", ("127.0.0.1", port))


@pytest.fixture
def busy_port():
    """Yield a port at which packets keep arriving."""
    port, done = a_free_port(), threading.Event()
    sending = threading.Thread(target=keep_sending, args=(port, done))
    sending.start()
    yield port
    done.set()
    sending.join()


def test_what_arrives_is_printed_line_by_line(busy_port: int, capsys):
    listen(busy_port, seconds=0.3)
    printed = capsys.readouterr()
    assert printed.out.splitlines()[:2] == ["/p1/left_wrist/x 0.25", "/frame 7"]
    assert "not readable as OSC" in printed.err


def test_a_terminal_gets_a_table(busy_port: int, monkeypatch, capsys):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    listen(busy_port, seconds=0.5)
    table = capsys.readouterr().out
    assert "last value" in table
    assert "/p1/left_wrist/x" in table


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no SIGINT to one process")
def test_ctrl_c_ends_it_quietly(busy_port: int):
    code = f"from posekit.cli.listen import listen; listen({busy_port})"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout.readline() == b"/p1/left_wrist/x 0.25\n"
    os.kill(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=10)
    assert process.returncode == 0
    assert b"Traceback" not in told


def test_a_port_in_use_is_one_sentence():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        with pytest.raises(OutputError, match=f"^{port} is in use by another program: "):
            listen(port, seconds=0.1)


def test_a_host_that_is_not_ours_and_a_port_that_is_none():
    with pytest.raises(OutputError, match="cannot listen"):
        listen(7000, host="192.0.2.1", seconds=0.1)
    with pytest.raises(OutputError, match="cannot listen"):
        listen(7000, host="no-such-host.invalid", seconds=0.1)
    with pytest.raises(SettingsError):
        listen(70000)


def test_rates_count_the_last_second():
    heard = Heard()
    for number in range(90):
        heard.update(PACKET, number / 30)
    row = heard.rows["/frame"]
    assert (row.rate(89 / 30), row.value) == (30, "7")
    assert row.rate(10.0) == 0


def shown(heard: Heard, height: int) -> str:
    console = Console(width=80, file=io.StringIO())
    console.print(heard.table("OSC", 0.0, height))
    return console.file.getvalue()


def test_a_strangers_address_cannot_steer_the_terminal_or_the_markup():
    heard = Heard()
    heard.update(encode_bundle([("/\x1b[2J[red]", (1,))]), 0.0)
    text = shown(heard, 24)
    assert "\x1b[2J" not in text
    assert "[red]" in text


def test_more_addresses_than_lines_are_counted():
    heard = Heard()
    for number in range(50):
        heard.update(encode_bundle([(f"/a/{number}", (1,))]), 0.0)
    assert "36 more addresses" in shown(heard, 20)


@given(st.binary(max_size=80), st.integers(0, len(PACKET)))
def test_no_packet_can_stop_it(noise: bytes, at: int):
    heard = Heard()
    for packet in (noise, PACKET[:at] + noise, b"/a\0\0," + noise, b"#bundle\0" * 2000 + noise):
        heard.update(packet, 0.0)
    assert heard.packets == 4
