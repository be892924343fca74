"""The receivers of `receivers/` in their own programs: a real clip moves a wrist, and each of them says so.

One performance is sent to all of them at once by the real `posekit send`, through the model: Pd and
SuperCollider print and play it, Node and python-osc print it, a page in Chromium draws it. What each has
understood is compared with what python-osc reads at a port of our own.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import socket
import subprocess
import sys
import time
import wave
from dataclasses import dataclass, field

import numpy as np
import pytest
from receiver_world import RECEIVERS, Program, Truth, free_port, listening, perform, with_port
from test_osc_sender import is_bound

CLIP = "data/videos/sports2d_demo.mp4"
FRAMES = 90
TOP_NOTE, NOTES = 84, 24
"""The MIDI note of a left wrist at the top of the picture, and how many it falls to the bottom."""
PD_CONTROL = """
#N canvas 0 0 300 300 12;
#X obj 10 10 netreceive {port};
#X obj 10 40 route record quit;
#X obj 10 70 s posekit-record;
#X msg 100 70 \\; pd quit;
#X connect 0 0 1 0;
#X connect 1 0 2 0;
#X connect 1 1 3 0;
"""
"""A second patch that opens the door to the first: it starts and stops its recording, and ends Pd."""
SC_CONTROL = """
s.addr = NetAddr("127.0.0.1", {server});
s.recHeaderFormat = "wav"; s.recSampleFormat = "int16";
"{receiver}".load;
s.doWhenBooted({{ s.sync; s.record("{sound}"); 0.1.wait; s.sync; "recording to a file".postln }});
OSCFunc({{ fork {{ s.stopRecording; s.sync; s.quit; 0.2.wait; 0.exit }} }}, '/test/over', recvPort: {port});
"""
"""The same for SuperCollider: it loads the receiver and records what the server plays."""


@dataclass
class Heard:
    """What one receiver made of the performance."""

    log: str = ""
    sound: object = None
    """The file with what it played."""


@dataclass
class Performance:
    truth: Truth
    said: str
    heard: dict[str, Heard] = field(default_factory=dict)
    failed: dict[str, BaseException] = field(default_factory=dict)

    def of(self, name: str) -> Heard:
        if name in self.failed:
            raise self.failed[name]
        return self.heard[name]


# ---------------------------------------------------------------- starting each of them


class Pd:
    needs = ("pd",)
    keys = "layout=packed,only=left_wrist"

    def __init__(self, folder):
        self.port, control = free_port(), free_port(socket.SOCK_STREAM)
        patch = with_port(RECEIVERS / "puredata/posekit.pd", "-u -b 7000;", f"-u -b {self.port};", folder)
        (folder / "control.pd").write_text(PD_CONTROL.format(port=control).lstrip())
        command = ["pd", "-nogui", "-noaudio", "-nomidi", "-stderr", "-open", str(patch)]
        self.program = Program([*command, "-open", "control.pd"], folder, "pd")
        self.heard = Heard(sound=folder / "played.wav")
        self.program.wait_for(lambda _: is_bound(self.port) and self._connects(control), "listening Pd")
        self.say(f"record open {self.heard.sound}", "record start")

    def _connects(self, port):
        with contextlib.suppress(ConnectionRefusedError):
            self.control = socket.create_connection(("127.0.0.1", port), timeout=5)
            return True
        return False

    def _is_written(self):  # the number of its frames comes last
        with contextlib.suppress(wave.Error, EOFError), wave.open(str(self.heard.sound)) as file:
            return file.getnframes() > 0
        return False

    def say(self, *words):
        self.control.sendall("".join(f"{word};\n" for word in words).encode())

    def end(self):
        self.say("record stop")
        self.program.wait_for(lambda _: self._is_written(), "finished sound file")
        self.say("quit")
        self.program.wait()
        self.heard.log = self.program.log
        return self.heard

    def close(self):
        if hasattr(self, "control"):
            self.control.close()
        self.program.close()


class SuperCollider:
    needs = ("sclang", "scsynth", "jackd")
    keys = "layout=packed,only=left_wrist"

    def __init__(self, folder):
        self.port, server = free_port(), f"sounds-{free_port()}"
        receiver = with_port(
            RECEIVERS / "supercollider/posekit.scd", "~port = 7000;", f"~port = {self.port};", folder
        )
        self.heard = Heard(sound=folder / "played.wav")
        where = {"receiver": receiver, "sound": self.heard.sound}
        program = SC_CONTROL.format(**where, port=self.port, server=free_port())
        (folder / "control.scd").write_text(program)
        self.sounds = Program(  # a sound card that is not there
            ["jackd", "-r", f"-n{server}", "--no-mlock", "-ddummy", "-r44100", "-p2048"],
            folder,
            "jackd",
            JACK_NO_AUDIO_RESERVATION="1",
        )
        self.program = Program(
            ["sclang", "control.scd"],
            folder,
            "sclang",
            QT_QPA_PLATFORM="offscreen",
            QTWEBENGINE_DISABLE_SANDBOX="1",  # Debian's help browser otherwise refuses root
            JACK_DEFAULT_SERVER=server,
            JACK_NO_START_SERVER="1",
        )

    def ready(self):
        self.program.wait_for(lambda log: "recording to a file\n" in log, "recording SuperCollider")

    def end(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as telling:
            telling.sendto(b"/test/over\x00\x00,\x00\x00\x00", ("127.0.0.1", self.port))
        self.program.wait()
        self.heard.log = self.program.log
        return self.heard

    def close(self):
        self.program.close()
        self.sounds.close()


class Printer:
    """A receiver of one file that is told its port and prints."""

    def __init__(self, folder, program, path):
        self.port = free_port()
        self.program = Program([program, str(RECEIVERS / path), str(self.port)], folder, "printer")

    def ready(self):
        self.program.wait_for(lambda log: "listening at port" in log, "printing receiver")

    def end(self):
        return Heard(self.program.log)

    def close(self):
        self.program.close()


class Node(Printer):
    needs = ("node",)
    keys = "layout=packed"

    def __init__(self, folder):
        super().__init__(folder, "node", "node/receive.js")


class Python(Printer):
    needs = ()
    keys = "layout=packed"

    def __init__(self, folder):
        super().__init__(folder, sys.executable, "python/receive.py")


ALL = {"pd": Pd, "supercollider": SuperCollider, "node": Node, "python": Python}


@pytest.fixture(scope="module")
def performance(asset, tmp_path_factory) -> Performance:
    """Let all receivers that can be had here hear the same clip; one that fails does not spoil the others."""
    folder, clip = tmp_path_factory.mktemp("performance"), asset(CLIP)
    started, failed, targets = {}, {}, []
    with contextlib.ExitStack() as stack, listening() as (port, truth, hear):
        for name, kind in ALL.items():
            if all(map(shutil.which, kind.needs)):
                (folder / name).mkdir()
                with keeping(failed, name):
                    started[name] = kind(folder / name)
                    stack.callback(started[name].close)
        for name, one in started.items():
            with keeping(failed, name):
                getattr(one, "ready", lambda: None)()
                targets.append(f"{one.port},{one.keys}")
        source = ["--source", str(clip), "--frames", str(FRAMES)]
        said = perform([f"{port},layout=packed", *targets], source, folder, hear)
        time.sleep(0.3)  # until what was played last has sounded
        result = Performance(truth, said, failed=failed)
        for name in [name for name in started if name not in failed]:
            with keeping(failed, name):
                result.heard[name] = started[name].end()
    return result


@contextlib.contextmanager
def keeping(failed, name):
    try:
        yield
    except (AssertionError, OSError, subprocess.TimeoutExpired) as error:
        failed[name] = error


# ---------------------------------------------------------------- what they say


def told(log: str, name: str = "left_wrist") -> list[tuple[float, ...]]:
    """Return x, y, score of every line about a wrist, however the receiver writes it."""
    number = r"(-?[\d.]+(?:e-?\d+)?)"
    found = re.findall(rf"{name}:? {number} {number} {number}", log)
    return [tuple(map(float, line)) for line in found]


def check_log(log: str, truth: Truth) -> None:
    """Assert that what a receiver tells of the wrist is what was sent, in its order."""
    sent, heard = truth.wrist, told(log)
    shown = [line for line in log.splitlines() if re.search(r"left_wrist|enter|leave", line)]
    print("\n".join([*shown[:40], "...", *shown[-5:]]))
    assert len(sent) > 30  # a busy machine leaves frames out
    assert len(heard) >= 0.9 * len(sent)  # UDP may lose some of them
    at = 0
    for one in heard:
        while at < len(sent) and one != pytest.approx(sent[at], rel=2e-5, abs=2e-6):
            at += 1
        assert at < len(sent), f"{one} was never sent, or not then"
        at += 1
    seen = np.array([one for one in heard if one[2] > 0])
    assert len(seen) > 20
    assert ((seen > 0.0) & (seen <= 1.0)).all()
    assert np.ptp(seen[:, :2], axis=0).min() > 0.05  # the wrist that the clip moved
    assert heard[-1] == (0.0, 0.0, 0.0)  # and an empty room at the end


def sound_of(heard: Heard) -> tuple[np.ndarray, np.ndarray]:
    """Return MIDI notes and places (0 left, 1 right) of what sounded, 86 a second."""
    with wave.open(str(heard.sound)) as file:
        rate, count = file.getframerate(), file.getnframes()
        samples = np.frombuffer(file.readframes(count), np.int16).reshape(-1, file.getnchannels()) / 32768
    window, step = 2048, 512
    starts = range(0, len(samples) - window, step)
    pieces = np.stack([samples[at : at + window, :2] for at in starts]) * np.hanning(window)[:, None]
    levels = np.sqrt((pieces**2).mean(axis=1))
    spectrum = np.abs(np.fft.rfft(pieces.sum(axis=2), 16384, axis=1))
    notes = 69 + 12 * np.log2(np.maximum(spectrum.argmax(axis=1), 1) * rate / 16384 / 440)
    sounding = levels.max(axis=1) > 0.005
    return notes[sounding], (np.arctan2(levels[:, 1], levels[:, 0]) * 2 / np.pi)[sounding]


def check_sound(heard: Heard, truth: Truth) -> None:
    """Assert that pitch and place between the loudspeakers went the way of the wrist.

    Not when: a busy machine plays late. But what sounds together, a pitch and a place, is one point of the
    picture, and all of these must lie on the way that the wrist took.
    """
    notes, places = sound_of(heard)
    way = np.array([(TOP_NOTE - NOTES * y, x * NOTES) for x, y, score in truth.wrist if score > 0])
    played = np.column_stack([notes, places * NOTES])
    begins, steps = way[:-1], np.diff(way, axis=0)
    along = ((played[:, None] - begins) * steps).sum(axis=2) / np.maximum((steps**2).sum(axis=1), 1e-12)
    nearest = begins + np.clip(along, 0.0, 1.0)[..., None] * steps
    off = np.linalg.norm(played[:, None] - nearest, axis=2).min(axis=1)
    low, high = np.quantile(notes, [0.02, 0.98])
    print(
        f"{len(notes)} pieces sound, notes {low:.1f} to {high:.1f} (sent {way[:, 0].min():.1f} to "
        f"{way[:, 0].max():.1f}); off the way by {np.median(off):.3f}, 9 of 10 by less than "
        f"{np.quantile(off, 0.9):.3f}"
    )
    assert len(notes) > 30
    assert np.median(off) < 0.1
    assert np.quantile(off, 0.9) < 0.5
    assert high - low > 0.5 * np.ptp(way[:, 0]) > 1.0


def test_pd_prints_and_plays_the_wrist_of_a_real_clip(tool, performance):
    tool("pd")
    heard = performance.of("pd")
    check_log(heard.log, performance.truth)
    assert re.search(r"^event: enter 1 \d+ 1$", heard.log, re.MULTILINE)
    assert "error" not in heard.log
    assert "couldn't create" not in heard.log
    check_sound(heard, performance.truth)


def test_supercollider_prints_and_plays_the_wrist_of_a_real_clip(tool, performance):
    for program in SuperCollider.needs:
        tool(program)
    heard = performance.of("supercollider")
    check_log(heard.log, performance.truth)
    assert re.search(r"^enter: slot 1 person \d+$", heard.log, re.MULTILINE)
    assert "ERROR" not in heard.log
    check_sound(heard, performance.truth)


def test_node_prints_the_wrist_of_a_real_clip(tool, performance):
    tool("node")
    heard = performance.of("node")
    check_log(heard.log, performance.truth)
    assert "/event/enter slot 1" in heard.log


def test_python_osc_prints_the_wrist_of_a_real_clip(performance):
    heard = performance.of("python")
    check_log(heard.log, performance.truth)
    assert "/event/enter slot 1" in heard.log
