"""The theremin's voice in SuperCollider and Pd: a sweep is sent as the sketch sends it, and they play it."""

from __future__ import annotations

import contextlib
import socket
import time
import wave

import numpy as np
import pytest
from receiver_world import RECEIVERS, Program, free_port, with_port
from test_osc_sender import is_bound
from test_receivers import PD_CONTROL, SC_CONTROL

from posekit.outputs.osc import parse_target
from posekit.outputs.osc.messages import OscMessages

SWEEP = (220.0, 330.0, 440.0, 660.0, 880.0)
"""Hz, each held for `HELD` seconds."""
HELD = 0.6


def play(port):
    """Send the sweep thirty times a second, then silence."""
    osc = OscMessages([parse_target(f"127.0.0.1:{port}")])
    try:
        for hertz in SWEEP:
            for _ in range(round(HELD * 30)):
                osc.send("/theremin/pitch", hertz)
                osc.send("/theremin/volume", 0.8)
                time.sleep(1 / 30)
        for _ in range(15):
            osc.send("/theremin/volume", 0.0)
            time.sleep(1 / 30)
        assert osc.errors == 0
    finally:
        osc.close()


def is_taken(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def is_whole(path):
    with contextlib.suppress(wave.Error, EOFError, FileNotFoundError), wave.open(str(path)) as file:
        return file.getnframes() > 0
    return False


def check(path):
    """Assert that every note of the sweep sounds, for its time and in its order, then nothing."""
    with wave.open(str(path)) as file:
        rate, channels = file.getframerate(), file.getnchannels()
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16).reshape(-1, channels) / 32768
    np.testing.assert_allclose(samples[:, 0], samples[:, 1], atol=2e-4)
    window = 4096
    pieces = np.stack([samples[at : at + window, 0] for at in range(0, len(samples) - window, 1024)])
    level = np.sqrt((pieces**2).mean(axis=1))
    spectrum = np.abs(np.fft.rfft(pieces * np.hanning(window), 1 << 16, axis=1))
    hertz = spectrum.argmax(axis=1) * rate / (1 << 16)
    sounding = level > 0.02
    assert sounding.sum() > 20
    reached = [np.flatnonzero(sounding & (np.abs(hertz / note - 1) < 0.015)) for note in SWEEP]
    print([len(at) for at in reached], np.round(hertz[sounding], 0))
    assert all(len(at) >= 4 for at in reached)
    assert [int(np.median(at)) for at in reached] == sorted(int(np.median(at)) for at in reached)
    assert level[-1] < 0.005
    assert hertz[sounding].max() < 900  # it glides up, and never beyond


def test_pd_plays_what_the_theremin_sends(tool, tmp_path):
    tool("pd")
    port, control = free_port(), free_port(socket.SOCK_STREAM)
    patch = with_port(RECEIVERS / "puredata/theremin.pd", "-u -b 7000;", f"-u -b {port};", tmp_path)
    (tmp_path / "control.pd").write_text(PD_CONTROL.format(port=control).lstrip())
    command = ["pd", "-nogui", "-noaudio", "-nomidi", "-stderr", "-open", str(patch), "-open", "control.pd"]
    sound = tmp_path / "played.wav"
    program = Program(command, tmp_path, "pd")
    with contextlib.ExitStack() as stack:
        stack.callback(program.close)
        program.wait_for(lambda _: is_bound(port) and is_taken(control), "listening Pd")
        door = stack.enter_context(socket.create_connection(("127.0.0.1", control), timeout=5))
        door.sendall(f"record open {sound};\nrecord start;\n".encode())
        play(port)
        door.sendall(b"record stop;\n")
        program.wait_for(lambda _: is_whole(sound), "finished sound file")
        door.sendall(b"quit;\n")
        program.wait()
    assert "error" not in program.log
    assert "couldn't create" not in program.log
    check(sound)


def test_supercollider_plays_what_the_theremin_sends(tool, tmp_path):
    for name in ("sclang", "scsynth", "jackd"):
        tool(name)
    port, server, sound = free_port(), f"sounds-{free_port()}", tmp_path / "played.wav"
    receiver = with_port(
        RECEIVERS / "supercollider/theremin.scd", "~port = 7000;", f"~port = {port};", tmp_path
    )
    where = {"receiver": receiver, "sound": sound, "port": port, "server": free_port()}
    (tmp_path / "control.scd").write_text(SC_CONTROL.format(**where))
    with contextlib.ExitStack() as stack:
        card = ["jackd", "-r", f"-n{server}", "--no-mlock", "-ddummy", "-r44100", "-p2048"]
        stack.callback(Program(card, tmp_path, "jackd", JACK_NO_AUDIO_RESERVATION="1").close)
        program = Program(
            ["sclang", "control.scd"],
            tmp_path,
            "sclang",
            QT_QPA_PLATFORM="offscreen",
            QTWEBENGINE_DISABLE_SANDBOX="1",
            JACK_DEFAULT_SERVER=server,
            JACK_NO_START_SERVER="1",
        )
        stack.callback(program.close)
        program.wait_for(lambda log: "recording to a file\n" in log, "recording SuperCollider")
        program.wait_for(lambda log: "the server plays" in log, "playing SuperCollider")
        play(port)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as telling:
            telling.sendto(b"/test/over\x00\x00,\x00\x00\x00", ("127.0.0.1", port))
        program.wait()
    assert "ERROR" not in program.log
    check(sound)


@pytest.mark.parametrize("name", ["puredata/theremin.pd", "supercollider/theremin.scd"])
def test_what_they_listen_to_is_what_the_sketch_sends(name):
    words = (RECEIVERS / name).read_text()
    sketch = (RECEIVERS.parent / "sketches/11_theremin.py").read_text()
    for part in ("pitch", "volume"):
        assert f'"/theremin/{part}"' in sketch
        assert part in words
    assert "theremin" in words
    assert "7000" in words
