"""`posekit listen`: a port of our own that shows what others send."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading

import psutil
import pytest
from builders import a_person, a_scene
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from posekit.cli.listen import advice, listen, summary, table
from posekit.clock import ManualClock
from posekit.doctor.firewall import find_firewall
from posekit.doctor.heard import LONGEST_ADDRESS, MOST_ADDRESSES, MOST_SENDERS, Heard, why_unreadable
from posekit.doctor.recognise import SIGNS, dialects_of
from posekit.errors import OutputError, SettingsError
from posekit.outputs.osc import OscSender, parse_target
from posekit.outputs.osc.dialects import DIALECTS
from posekit.outputs.osc.encode import encode_bundle
from posekit.ports import PortTakenError, _script_name, holder_of, is_free, open_port, program_name

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


def test_the_lead_person_does_not_hide_everybody_else():
    heard = Heard()
    packet = encode_bundle([("/lead/nose/x", (0.5,)), ("/p2/nose/x", (0.5,)), ("/p1/nose/x", (0.5,))])
    for at in range(10):
        heard.update(packet, at / 10)
    heard.update(encode_bundle([("/event/enter", (1, 1, 1.0))]), 0.95)
    assert heard.names(1.0) == ["/p1/nose/x", "/p2/nose/x", "/lead/nose/x", "/event/enter"]


def test_what_arrives_is_printed_line_by_line(busy_port: int, capsys):
    listen(busy_port, seconds=0.3)
    printed = capsys.readouterr()
    assert printed.out.splitlines()[:2] == ["/p1/left_wrist/x 0.25", "/frame 7"]
    assert "not readable as OSC" in printed.err


def test_a_terminal_gets_a_table(busy_port: int, monkeypatch, capsys):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    listen(busy_port, seconds=0.5)
    picture = capsys.readouterr().out
    assert "last value" in picture
    assert "looks like posekit" in picture
    assert "/p1/left_wrist/x" in picture


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no SIGINT to one process")
def test_ctrl_c_ends_it_quietly(busy_port: int):
    code = f"from posekit.cli.listen import listen; listen({busy_port})"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout.readline() == b"/p1/left_wrist/x 0.25\n"
    os.kill(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=10)
    assert process.returncode == 0
    assert b"Traceback" not in told


def test_a_port_in_use_is_one_sentence_with_who_has_it_and_the_way_out():
    code = "import socket, sys; s = socket.socket(type=2); s.bind(('127.0.0.1', 0)); "
    code += "print(s.getsockname()[1], flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        port = int(other.stdout.readline())
        with pytest.raises(PortTakenError) as found:
            listen(port, seconds=0.1)
        holder = program_name(other.pid)
        assert not is_free(port)
        other.stdin.close()
    assert "python" in holder.lower()
    assert str(found.value) == (
        f"{port} is in use by {holder}: add a second target where you send, --osc {port} --osc {port + 1}, "
        f"and listen there: posekit listen {port + 1}"
    )
    assert is_free(port)


@pytest.mark.parametrize(
    ("name", "words", "called"),
    [
        ("TouchDesigner", [], "TouchDesigner"),
        ("python3.11", ["python3.11", "-u", "paint.py", "--fast"], "python3.11 paint.py"),
        ("python", ["python", "-m", "posekit", "send", "--osc", "7000"], "another posekit (send)"),
        ("posekit", ["/usr/bin/python", "/home/me/bin/posekit", "listen"], "another posekit (listen)"),
        ("python", ["python", "-m", "posekit.engine"], "another posekit"),
        ("python", ["python", "-c", "print()"], "python"),
        ("node", ["node", "C:\\sketch\\server.js"], "node server.js"),
    ],
)
def test_programs_are_called_what_people_call_them(name: str, words: list[str], called: str):
    assert _script_name(name, words) == called


def test_a_system_that_tells_of_our_own_processes_only_is_asked_one_by_one(monkeypatch):
    def refuse(kind: str):
        raise psutil.AccessDenied

    monkeypatch.setattr(psutil, "net_connections", refuse)
    with open_port(a_free_port()) as opened:
        assert holder_of(opened.getsockname()[1]) == "this very program"
    assert holder_of(a_free_port()) == ""


def test_no_port_is_ever_shared():
    with open_port(a_free_port()) as opened:
        assert opened.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR) == 0
        with pytest.raises(OutputError, match="in use by this very program"):
            open_port(opened.getsockname()[1])
        with pytest.raises(OutputError, match="in use by"):
            open_port(opened.getsockname()[1], "0.0.0.0")


def test_a_multicast_group_is_joined():
    port = a_free_port()
    with (
        open_port(port, "239.77.12.3") as opened,
        OscSender([parse_target(f"239.77.12.3:{port}")], ManualClock()) as sender,
    ):
        opened.settimeout(2)
        sender.update(None)
        if sender.errors != (0,):
            pytest.skip("this machine has no way for multicasts")
        assert opened.recv(65535).startswith(b"#bundle")


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
    assert (row.rate.per_second(89 / 30), row.value, row.types) == (30, "7", "i")
    assert row.rate.per_second(10.0) == 0


def shown(heard: Heard, height: int, now: float = 0.0, only: str = "*") -> str:
    console = Console(width=100, file=io.StringIO())
    console.print(table(heard, ("127.0.0.1", 7000), only, now, height))
    return console.file.getvalue()


def test_a_strangers_address_cannot_steer_the_terminal_or_the_markup():
    heard = Heard()
    heard.update(encode_bundle([("/[red]", (1,))]), 0.0, "10.0.0.9:5")
    heard.update(b"/\x1b[2J\0\0\0,\0\0\0", 0.0, "10.0.0.9:5")
    heard.update(b"/a\0\0,s\0\0\x1b[2J\0\0\0\0", 0.0, "10.0.0.9:5")
    text = shown(heard, 24)
    assert "\x1b[2J" not in text
    assert "[red]" in text
    assert "letters that OSC does not know" in text


def test_the_picture_fits_the_terminal_and_says_what_it_leaves_out():
    heard = Heard()
    for number in range(50):
        heard.update(encode_bundle([(f"/a/{number}", (1,))]), 0.0, "127.0.0.1:9")
    text = shown(heard, 20)
    assert len(text.splitlines()) <= 20
    rows = re.findall(r"/a/\d+", text)
    assert f"{50 - len(rows)} more addresses" in text
    assert rows == [f"/a/{number}" for number in range(len(rows))]  # 2 before 10
    assert re.findall(r"/a/\d+", shown(heard, 20, only="*/4?")) == [f"/a/{n}" for n in range(40, 50)]


def test_it_says_from_whom_in_which_dialect_and_what_was_no_osc():
    heard = Heard()
    for number in range(30):
        heard.update(PACKET, number / 10, "10.0.0.7:4000")
    heard.update(b'{"poses": []}', 3.0, "10.0.0.8:80")
    assert summary(heard, 3.0) == [
        "31 packets, 10 per second, from 10.0.0.7:4000, 10.0.0.8:80",
        "2 addresses; looks like posekit",
        '1 not readable as OSC; the last: it is JSON, not OSC: {"poses": []}',
    ]
    assert "nothing for 7 s" in shown(heard, 30, 10.0)
    told = heard.as_dict(3.0)
    assert json.loads(json.dumps(told)) == told
    assert told["senders"][0] == {"from": "10.0.0.7:4000", "packets": 30, "per_second": 10}
    assert [row["address"] for row in told["addresses"]] == ["/frame", "/p1/left_wrist/x"]
    assert told["addresses"][1] | {"per_second": 0} == {
        "address": "/p1/left_wrist/x",
        "types": "f",
        "messages": 30,
        "per_second": 0,
        "last": "0.25",
    }


def test_what_to_check_names_port_command_and_firewall():
    said = "\n".join(advice("127.0.0.1", 7010))
    assert "posekit send --source sample --osc 7010" in said
    assert "posekit listen 0.0.0.0:7010" in said
    assert "firewall" in "\n".join(advice("0.0.0.0", 7010))
    assert "What to check" in shown(Heard(), 24)
    for platform, word in (("win32", "Windows"), ("darwin", "System Settings"), ("linux", "7010")):
        assert word in find_firewall(7010, platform).hint


def test_a_flood_of_addresses_does_not_grow_and_loses_nothing_that_keeps_coming():
    heard = Heard()
    for number in range(3 * MOST_ADDRESSES):
        stranger = f"/{number:07}{'x' * 300}".encode() + bytes(4) + b",i\0\0\0\0\0\1"
        heard.update(stranger, number / 1000, f"10.0.0.1:{number % 5000}")
        if number % 1000 == 0:
            heard.update(PACKET, number / 1000, "127.0.0.1:7")
    assert len(heard.rows) == MOST_ADDRESSES
    assert len(heard.senders) == MOST_SENDERS
    assert {"/p1/left_wrist/x", "/frame"} <= set(heard.rows)
    assert max(map(len, heard.rows)) == LONGEST_ADDRESS
    assert heard.forgotten == 2 * MOST_ADDRESSES + 2
    assert "given up" in "\n".join(summary(heard, 12.0))


@pytest.mark.parametrize(
    ("packet", "reason"),
    [
        (b"", "empty"),
        (b"hello\n", "text, not OSC: hello"),
        (b"\x80\x7f" * 30, "neither / nor #bundle"),
        (PACKET[:-3], "is it cut off"),
        (b"/a\0\0,b\0\0\0\0\0\x7f", "does not hold what it announces: /a"),
    ],
)
def test_a_packet_that_is_no_osc_is_explained(packet: bytes, reason: str):
    heard = Heard()
    assert heard.update(packet, 0.0) == []
    assert (heard.packets, heard.unreadable) == (1, 1)
    assert reason.lower() in heard.reason.lower()


def test_a_control_character_in_a_reason_is_not_printed():
    assert "\x1b" not in why_unreadable(b"he\x1b[2Jllo")


@pytest.mark.parametrize("text", [*(name for name in DIALECTS if name != "template"), "poseosc,mode=addr"])
def test_every_dialect_is_recognised_by_what_it_really_sends(text: str):
    name = text.partition(",")[0]
    heard = Heard()
    encoder = DIALECTS[name].encoder(parse_target(f"7000:{text}"), {})
    scene = a_scene(a_person(1, 1), a_person(2, 2, x=0.7))
    packets = [packet for second in range(3) for packet in encoder.update(second / 10, scene, (), None)]
    assert packets
    for packet in packets:
        heard.update(packet, 0.0)
    assert heard.unreadable == 0
    assert heard.dialects[0] == ("poseosc (mode=addr)" if "addr" in text else name)


def test_two_dialects_at_one_port_are_both_named_and_a_stranger_is_none():
    assert dialects_of(["/p1/hand_r:tx", "/p1/active", "/p2/active"]) == ["posekit", "kinect"]
    assert dialects_of(["/1/fader1", "/p1/x", "/accxyz"]) == []
    assert set(DIALECTS) - {"template"} <= set(SIGNS)


def test_elsewhere_than_in_a_terminal_a_summary_follows_and_json_is_json(busy_port: int, capsys):
    listen(busy_port, seconds=0.4, only="/p1/*")
    printed = capsys.readouterr()
    assert set(printed.out.splitlines()) == {"/p1/left_wrist/x 0.25"}
    assert "looks like posekit" in printed.err
    assert "it is text, not OSC: no osc" in printed.err
    listen(busy_port, seconds=0.4, only="left_wrist")
    assert "no address matches --only 'left_wrist'" in capsys.readouterr().err
    listen(busy_port, seconds=0.4, as_json=True)
    printed = capsys.readouterr()
    told = json.loads(printed.out)
    assert (told["port"], told["dialects"]) == (busy_port, ["posekit"])
    assert told["unreadable"] >= 1
    assert printed.err == ""


def test_silence_is_answered_with_what_to_check(capsys, monkeypatch):
    monkeypatch.setattr("posekit.cli.listen.SILENCE", 0.05)
    listen(a_free_port(), seconds=0.5)
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("What to check") == 1
    assert printed.err.endswith("nothing arrived\n")


@given(st.binary(max_size=80), st.integers(0, len(PACKET)))
def test_no_packet_can_stop_it(noise: bytes, at: int):
    heard = Heard()
    for packet in (noise, PACKET[:at] + noise, b"/a\0\0," + noise, b"#bundle\0" * 2000 + noise):
        heard.update(packet, 0.0)
    assert heard.packets == 4
