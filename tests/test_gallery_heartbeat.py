"""Heartbeats to a real monitor on loopback, and the last will of a process that is really killed."""

from __future__ import annotations

import contextlib
import http.server
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from pythonosc.osc_message import OscMessage
from pythonosc.osc_packet import OscPacket

from posekit.clock import ManualClock, SystemClock
from posekit.gallery.beat import Beat
from posekit.gallery.heartbeat import Heartbeat
from posekit.gallery.last_will import ROUNDS
from posekit.gallery.tellers import FAREWELLS, LONGEST_SECONDS
from posekit.gallery.will import LastWill, LastWords, neutral_words
from posekit.settings import Settings
from posekit.show.state import ShowState, Trouble
from posekit.show.tables import HeartbeatTable

WAIT = 10.0
FAULT = (Trouble("camera_lost", "none", 0.0),)


class Monitor(http.server.ThreadingHTTPServer):
    """A venue's monitor: notes what is asked for, and answers as it is told to."""

    daemon_threads = True

    def __init__(self):
        self.asked = []
        self.status, self.onward = 200, None
        self.changed = threading.Condition()
        super().__init__(("127.0.0.1", 0), Answer)
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def wait(self, count):
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.asked) >= count, WAIT), self.asked
        return self.asked


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        with self.server.changed:  # before the answer, after which the other side goes on
            self.server.asked.append(self.path)
            self.server.changed.notify_all()
        self.send_response(self.server.status)
        if self.server.onward:
            self.send_header("Location", self.server.onward)
        self.end_headers()

    def log_message(self, *arguments): ...


class Desk:
    def __init__(self):
        self.now = ShowState("Ribbons", 0.0, phase="open", uptime=61.7, people=2, fps=24.5)

    def state(self):
        return self.now


class Show:
    """A show with a heartbeat."""

    def __init__(self, secrets=None, clock=None, **table):
        self.clock, self.desk, self.said = clock or ManualClock(), Desk(), []
        self.heart = Heartbeat(
            HeartbeatTable(**table), self.desk, self.clock, self.said.append, secrets=secrets
        )

    def beat(self):
        """Let it be time for the next beat, and wait until all were told."""
        self.heart.update()
        self.clock.advance(30.0)
        until = time.monotonic() + WAIT
        while any(teller._beat or teller._began is not None for teller in self.heart._tellers):
            assert time.monotonic() < until
            time.sleep(0.002)
        return self


@pytest.fixture
def monitor():
    server = Monitor()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def show():
    shows = []

    def make(**settings):
        shows.append(Show(**settings))
        return shows[-1]

    yield make
    for each in shows:
        each.heart.close(0.5)


@pytest.fixture
def ear():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.bind(("127.0.0.1", 0))
        opened.settimeout(WAIT)
        yield opened


def place(ear):
    return f"127.0.0.1:{ear.getsockname()[1]}"


def test_a_beat_says_how_the_show_is(show, ear):
    here = show(osc=[place(ear)])
    here.beat()
    message = OscMessage(ear.recv(1000))
    assert (message.address, message.params) == ("/posekit/heartbeat", [1, 61, 2, 24.5, "open"])
    here.desk.now = ShowState("Ribbons", 0.0, phase="card", uptime=90.0, troubles=FAULT)
    here.beat()
    assert OscMessage(ear.recv(1000)).params == [0, 90, 0, 0.0, "card"]


def test_beats_come_every_so_often_and_not_more(show, monitor):
    here = show(http=[monitor.url], every=20)
    for _ in range(41):
        here.heart.update()
        monitor.wait(1 + int(here.clock.now() // 20))
        here.clock.advance(1.0)
    assert len(monitor.asked) == 3
    here.clock.advance(500.0)  # the machine slept
    here.heart.update()
    here.heart.update()
    assert len(monitor.wait(4)) == 4


def test_an_address_says_in_words_what_is_so_and_one_without_words_is_silent_about_faults(show, monitor):
    urls = [
        f"{monitor.url}/{path}" for path in ("plain", "s/{state}", "c/{code}", "push?status={up}&msg=$WORD")
    ]
    here = show(http=urls, secrets={"WORD": "hush-hush"})
    here.beat()
    here.beat()
    assert sorted(set(monitor.asked)) == ["/c/0", "/plain", "/push?status=up&msg=hush-hush", "/s/ok"]
    monitor.asked.clear()
    here.desk.now = ShowState("Ribbons", 0.0, troubles=FAULT)
    here.beat()
    assert sorted(monitor.asked) == ["/c/1", "/push?status=down&msg=hush-hush", "/s/fail"]
    monitor.asked.clear()
    here.heart.close()
    assert sorted(monitor.asked) == ["/c/1", "/push?status=down&msg=hush-hush", "/s/ended"]


def test_what_is_not_heard_is_told_after_the_second_time_without_its_secret_and_cleared(show, monitor):
    here = show(http=[f"{monitor.url}/$KEY"], secrets={"KEY": "hush-hush"})
    monitor.status = 500
    here.beat().heart.update()
    assert here.heart.sentence == ""
    here.beat().beat()
    assert here.heart.sentence == "the heartbeat is not heard (http://127.0.0.1: it answers 500)"
    monitor.status = 204
    here.beat().heart.update()
    assert here.heart.sentence == ""
    assert here.said == [
        "the heartbeat is not heard (http://127.0.0.1: it answers 500)",
        "the heartbeat is heard again",
    ]


def test_a_secret_that_is_missing_is_told_and_the_rest_goes_on(show, monitor):
    here = show(http=["http://127.0.0.1/$NO_SUCH_KEY_HERE", monitor.url])
    here.beat().heart.update()
    assert "$NO_SUCH_KEY_HERE is set nowhere" in here.heart.sentence
    assert monitor.asked == ["/"]


@pytest.mark.parametrize(
    ("onward", "is_heard"), [("/there", True), ("http://localhost:1/", False), ("ftp://127.0.0.1/", False)]
)
def test_redirects_are_followed_within_the_host_alone(show, monitor, onward, is_heard):
    def answer(self):
        self.server.onward = None if self.path == "/there" else onward
        self.server.status = 200 if self.path == "/there" else 302
        kind(self)

    kind = Answer.do_GET
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Answer, "do_GET", answer)
        here = show(http=[f"{monitor.url}/here"])
        here.beat().beat().heart.update()
        assert bool(here.heart.sentence) != is_heard
        assert is_heard == ("/there" in monitor.asked)


def test_a_server_without_an_answer_holds_nobody_up_and_is_left(show, ear):
    with socket.create_server(("127.0.0.1", 0)) as mute:
        here = show(http=[f"http://127.0.0.1:{mute.getsockname()[1]}"], osc=[place(ear)], every=10)
        began = time.perf_counter()
        here.heart.update()
        assert time.perf_counter() - began < 0.1
        assert ear.recv(1000)
        guest, _ = mute.accept()
        until = time.monotonic() + WAIT
        with guest:
            while here.heart._tellers[1]._connection is None or not guest.recv(1):
                assert time.monotonic() < until
            here.clock.advance(LONGEST_SECONDS + 1)
            # Before the round: that breaks it off, and its thread may have begun anew when the round ends.
            assert here.heart._tellers[1].failure == "no answer"
            here.heart.update()
            while not here.heart._tellers[1]._failures:
                assert time.monotonic() < until
                time.sleep(0.002)
        assert ear.recv(1000)  # the other one beats on


def test_the_end_is_said_several_times_and_waits_for_nobody_long(show, ear):
    with socket.create_server(("127.0.0.1", 0)) as mute:
        here = show(
            http=[f"http://127.0.0.1:{mute.getsockname()[1]}/" + "{state}"],
            osc=[place(ear)],
            clock=SystemClock(),
        )
        began = time.perf_counter()
        here.heart.close(0.6)
        assert time.perf_counter() - began < 1.5
        for _ in range(FAREWELLS):
            assert OscMessage(ear.recv(1000)).params == [0, 61, 0, 0.0, "ended"]
        here.heart.close()
        here.heart.update()


def test_a_changed_table_counts_at_once(show, monitor):
    here = show(http=[f"{monitor.url}/before"])
    here.beat()
    here.heart.use(HeartbeatTable(http=[f"{monitor.url}/after"]))
    here.beat()
    assert monitor.asked == ["/before", "/after"]


def test_changed_secrets_count_at_once(show, monitor):
    """Whoever writes an address and its key into two files has both, and not one of yesterday."""
    here = show(http=[f"{monitor.url}/$BEAT_KEY"], secrets={"BEAT_KEY": "before"})
    here.beat()
    table = HeartbeatTable(http=[f"{monitor.url}/$BEAT_KEY", f"{monitor.url}/$OTHER_KEY"])
    here.heart.use(table, {"BEAT_KEY": "after", "OTHER_KEY": "new"})
    here.beat()
    assert here.heart.sentence == ""
    assert monitor.asked[0] == "/before"
    assert sorted(monitor.asked[1:]) == ["/after", "/new"]


def test_a_secret_in_the_name_of_a_host_is_not_told(show):
    here = show(http=["http://$HOST_KEY.invalid:1/"], secrets={"HOST_KEY": "hiddenword"})
    for _ in range(3):
        here.beat()
    here.heart.update()
    assert "is not heard" in here.heart.sentence
    assert "hiddenword" not in here.heart.sentence


def test_beats_survive_numbers_that_are_none():
    beat = Beat.of(SimpleNamespace(is_healthy=True, uptime=1e12, people=1, fps=float("nan"), phase="open"))
    assert OscMessage(beat.packet).params == [1, 2**31 - 1, 1, 0.0, "open"]


# ---------------------------------------------------------------- the last will

OWNER = """
import sys, time
from posekit.clock import SystemClock
from posekit.gallery.will import LastWill, LastWords, neutral_words
from posekit.gallery.beat import Beat
from posekit.settings import Settings
clock = SystemClock()
will = LastWill(clock, print)
beat = Beat("lost", phase="lost")
port, url = int(sys.argv[1]), sys.argv[2]
will.write(
    LastWords((("127.0.0.1", port, (beat.packet,)),), (beat.url(url + "/{state}"),)),
    neutral_words(Settings(osc=(f"127.0.0.1:{port}",))),
)
print(will.process_id, flush=True)
if sys.stdin.readline():
    will.close()
"""


@contextlib.contextmanager
def owner(ear, monitor):
    """Start a process with a last will, and yield it with its watcher's id."""
    process = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(ear.getsockname()[1]), monitor.url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with process:
        try:
            yield process, psutil.Process(int(process.stdout.readline()))
        finally:
            process.kill()


def is_deaf_to(watcher, number):
    """Wait until a watcher takes no notice of a signal any more, where the system tells."""
    until = time.monotonic() + WAIT
    status = Path(f"/proc/{watcher.pid}/status")
    while status.exists():
        ignored = next(line for line in status.read_text().splitlines() if line.startswith("SigIgn"))
        if int(ignored.split()[1], 16) >> (number - 1) & 1:
            return
        assert time.monotonic() < until
        time.sleep(0.01)


def gone(watcher):
    """Wait for a watcher's end; a zombie is gone, since the one that would bury it was killed."""
    until = time.monotonic() + WAIT
    while watcher.is_running() and watcher.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < until
        time.sleep(0.02)


def messages_from(ear):
    """Return the values of all messages that have arrived, by address."""
    ear.setblocking(False)
    found = {}
    with contextlib.suppress(BlockingIOError):
        while True:
            for timed in OscPacket(ear.recv(70_000)).messages:
                found.setdefault(timed.message.address, []).append(timed.message.params)
    ear.settimeout(WAIT)
    return found


def test_who_is_killed_leaves_a_last_will(ear, monitor):
    with owner(ear, monitor) as (process, watcher):
        is_deaf_to(watcher, signal.SIGHUP)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            os.kill(watcher.pid, number)  # as a service manager ends all processes of a show
        assert watcher.memory_info().rss < 15_000_000
        assert messages_from(ear) == {}
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert ear.recv(1000)  # the first of several
        gone(watcher)
    told = messages_from(ear)
    assert told["/posekit/heartbeat"] == [[0, 0, 0, 0.0, "lost"]] * (ROUNDS - 1)
    assert told["/health/engine"] == [[0]] * ROUNDS
    assert set(map(tuple, told["/p1/active"])) == {(0,)}
    assert monitor.wait(1) == ["/lost"]


def test_who_says_goodbye_leaves_none(ear, monitor):
    with owner(ear, monitor) as (process, watcher):
        process.stdin.write(b"end\n")
        process.stdin.close()
        process.wait(WAIT)
        gone(watcher)
    assert messages_from(ear) == {}
    assert monitor.asked == []


def test_a_watcher_that_ended_is_followed_by_another_and_nothing_to_say_needs_none(ear):
    clock = ManualClock()
    will = LastWill(clock, print)
    try:
        will.write(LastWords())
        assert will.process_id is None
        will.write(neutral_words(Settings(osc=(place(ear),))))
        first = will.process_id
        psutil.Process(first).kill()
        until = time.monotonic() + WAIT
        while will.process_id is not None:
            assert time.monotonic() < until
        will.update()
        assert will.process_id is None
        clock.advance(31)
        will.update()
        assert will.process_id not in (None, first)
    finally:
        will.close()
        will.close()
    assert will.process_id is None
    assert messages_from(ear) == {}


@pytest.mark.skipif(os.name != "posix", reason="systemd is Linux's")
@pytest.mark.parametrize("can", [True, False])
def test_a_service_has_its_watcher_kept_apart_where_systemd_can(can, ear, tmp_path, monkeypatch):
    asked = tmp_path / "asked"
    able = f'echo "$@" > {asked}; while [ "${{1#--}}" != "$1" ]; do shift; done; exec "$@"'
    program = tmp_path / "systemd-run"
    program.write_text(f"#!/bin/sh\n{able if can else f'echo no > {asked}; exit 1'}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("POSEKIT_SERVICE", "posekit-ribbons")
    clock = ManualClock()
    will = LastWill(clock, print)
    try:
        will.write(neutral_words(Settings(osc=(place(ear),))))
        until = time.monotonic() + WAIT
        while not asked.exists() or (not can and will.process_id is not None):
            assert time.monotonic() < until
            time.sleep(0.01)
        if not can:
            clock.advance(31)
            will.update()
        is_deaf_to(psutil.Process(will.process_id), signal.SIGHUP)
        assert asked.read_text().startswith("--user --scope" if can else "no")
    finally:
        will.close()


# ---------------------------------------------------------------- the page

PAGE = (Path(__file__).parents[1] / "docs/hooks.md").read_text(encoding="utf-8")


def test_the_page_says_what_a_beat_says():
    table = PAGE.partition("| argument | type |")[2].partition("Over HTTP")[0]
    beat = OscMessage(Beat("ok", 1.0, 2, 3.0, "open").packet)
    kinds = {int: "i", float: "f", str: "s"}
    listed = re.findall(r"^\| \w+ \| ([ifs]) \|", table, re.MULTILINE)
    assert listed == [kinds[type(one)] for one in beat.params]
    rows = re.findall(r"^\| `(\{\w+\})` \| `(\w+)` \| `(\w+)` \| `(\w+)` \| `(\w+)` \|$", PAGE, re.MULTILINE)
    assert len(rows) == 3
    for place, *words in rows:
        assert [Beat(word).url(f"http://a/{place}") for word in ("ok", "fail", "ended", "lost")] == [
            f"http://a/{word}" for word in words
        ]
    words = ("ok", "fail", "ended", "lost")
    assert [Beat(word).url("http://a/") for word in words] == ["http://a/", None, None, None]
