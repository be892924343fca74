"""What the tests of faults share: a receiver of OSC, a show that is looked at, and what was left behind."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from pythonosc.osc_packet import OscPacket

from posekit.clock import SystemClock
from posekit.runner.engine_feed import EngineFeed
from posekit.runner.feed import Update
from posekit.scene import Event
from posekit.settings import Settings

RECOVERY_SECONDS = float(os.environ.get("FAULT_SECONDS", "6" if "PYTEST_XDIST_WORKER" in os.environ else "3"))
"""How long a fault may take to be over: three seconds; twice that beside other tests (`-n 0` has none)."""


class Receiver:
    """Hears OSC and remembers the last value of every address, and every event."""

    def __init__(self, port: int = 0) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", port))
        self._socket.setblocking(False)
        self.port = self._socket.getsockname()[1]
        self.last: dict[str, object] = {}
        self.counts: dict[str, list[int]] = {}
        self.events: list[tuple[str, int]] = []
        self.packets = 0

    def hear(self) -> Receiver:
        """Take in everything that has come; a receiver that is closed hears nothing."""
        while self._socket.fileno() >= 0:
            try:
                packet = self._socket.recv(65536)
            except BlockingIOError:
                break
            self.packets += 1
            for timed in OscPacket(packet).messages:
                address, values = timed.message.address, timed.message.params
                self.last[address] = values[0]
                if address.startswith("/event/"):
                    self.events.append((address.removeprefix("/event/"), values[1]))
                if "/event/" in address and address.startswith("/p"):
                    self.counts.setdefault(address, []).append(values[0])
        return self

    @property
    def is_live(self) -> bool:
        """Whether it was told that an engine runs and somebody is there."""
        return (self.last.get("/health/engine"), self.last.get("/p1/active")) == (1, 1)

    @property
    def is_neutral(self) -> bool:
        """Whether it was told that no engine runs, and that nobody is anywhere."""
        slots = [self.last.get(f"/p{slot}/active") for slot in range(1, 7)]
        places = [value for address, value in self.last.items() if address.startswith("/p1/left_wrist/")]
        return self.last.get("/health/engine") == 0 and slots == [0] * 6 and places == [0.0] * 3

    def close(self) -> None:
        self._socket.close()


@dataclass
class Show:
    """A feed that is looked at until something is true."""

    feed: EngineFeed
    receiver: Receiver
    events: list[Event] = field(default_factory=list)

    @property
    def entered(self) -> list[int]:
        return [event.person_id for event in self.events if event.name == "enter"]

    def left(self, reason: str = "") -> list[int]:
        """Everyone who has left (for a reason), as often as she did."""
        leaves = [event for event in self.events if event.name == "leave"]
        return [event.person_id for event in leaves if reason in ("", getattr(event, "reason", ""))]

    def until(self, what: Callable[[Update], object], seconds: float = 15.0) -> float:
        """Look until `what` holds; return how long it took."""
        start = time.monotonic()
        while time.monotonic() - start < seconds:
            update = self.feed.poll()
            self.receiver.hear()
            self.events += update.events
            if what(update):
                return time.monotonic() - start
            time.sleep(0.005)
        short = {name: value for name, value in self.receiver.last.items() if name.count("/") < 3}
        raise AssertionError(f"it did not happen within {seconds} s; {self.events}; {short}")

    def hears(self, what: Callable[[Receiver], object], seconds: float = RECOVERY_SECONDS) -> float:
        """Look until the receiver has heard something; return how long it took."""
        return self.until(lambda _: what(self.receiver), seconds)

    def waits(self, seconds: float) -> None:
        """Let time pass in which nobody looks at the feed."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.receiver.hear()
            time.sleep(0.005)

    def assert_everyone_left_once(self, known: list[int]) -> None:
        """Assert that of everyone who was known exactly one `leave` was told."""
        assert known
        left = Counter(self.left())
        assert {person: left[person] for person in known} == dict.fromkeys(known, 1)
        told = Counter(person for name, person in self.receiver.events if name == "leave")
        assert {person: told[person] for person in known} == dict.fromkeys(known, 1)


class Program:
    """`python -m posekit ...` in a session of its own, with a temporary folder of its own.

    `inside` is a command that runs it, such as one that gives it a disk of its own.
    """

    def __init__(self, folder: Path, *arguments: str, inside: Sequence[str] = (), **environment: str) -> None:
        self.folder, self.temporary = folder, folder / "temporary"
        self.temporary.mkdir()
        self.said: list[str] = []
        hidden = ("DISPLAY", "WAYLAND_DISPLAY")
        clean = {name: value for name, value in os.environ.items() if name not in hidden}
        self.process = subprocess.Popen(
            [*inside, sys.executable, "-m", "posekit", *arguments],
            env={**clean, "SDL_VIDEODRIVER": "dummy", "TMPDIR": str(self.temporary), **environment},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._family = [psutil.Process(self.process.pid)]
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.said.append(line.rstrip())

    def has_said(self, words: str) -> bool:
        return any(words in line for line in self.said)

    def children(self) -> list[psutil.Process]:
        """Return its engine; whoever was seen once is looked for when it has ended."""
        try:
            found = self._family[0].children(recursive=True)
        except psutil.NoSuchProcess:
            return []
        self._family += [child for child in found if child not in self._family]
        return found

    def until(self, what: Callable[[], object], seconds: float = 20.0) -> float:
        """Wait until `what` holds, which may be at any moment but its end; return how long it took."""
        start = time.monotonic()
        while time.monotonic() - start < seconds:
            if what():
                self.children()
                return time.monotonic() - start
            assert self.process.poll() is None, self.said
            time.sleep(0.002)
        raise AssertionError(f"it did not happen within {seconds} s; said: {self.said}")

    def ends(self, seconds: float = RECOVERY_SECONDS) -> float:
        """Wait until it and all its children have ended; return how long it took."""
        start = time.monotonic()
        self.children()
        self.process.wait(seconds)
        _, alive = psutil.wait_procs(self._family[1:], seconds - (time.monotonic() - start))
        assert not alive, alive
        self._reader.join(1)
        assert not list(self.temporary.iterdir())
        assert not list(Path("/dev/shm").glob("*posekit*")) if Path("/dev/shm").is_dir() else True
        return time.monotonic() - start

    def __enter__(self) -> Program:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.children()
            for process in reversed(self._family):
                with suppress(psutil.NoSuchProcess):
                    process.kill()
            self.process.wait()
        self._reader.join(1)
        if self.process.stderr:
            self.process.stderr.close()


def people_are_here(update: Update) -> bool:
    return bool(update.health.engine and update.scene and update.scene.people)


def engine_is_lost(update: Update) -> bool:
    return not update.health.engine


@dataclass(frozen=True)
class Held:
    """What a process holds: children, open files, threads, mappings, UDP ports, and files of its own."""

    things: Counter[str]


def held() -> Held:
    """Look at what this process holds just now."""
    own = psutil.Process()
    things: Counter[str] = Counter(f"child {child.pid}" for child in own.children(recursive=True))
    things.update(f"thread {thread.name}" for thread in threading.enumerate())
    things.update(f"file {path}" for folder in temporary_folders() for path in folder.glob("*posekit*"))
    if Path("/proc/self/fd").exists():
        for descriptor in list(Path("/proc/self/fd").iterdir()):
            with suppress(OSError):  # the one that lists the folder is gone
                things[f"descriptor of {descriptor.readlink()}"] += 1
        maps = Path("/proc/self/maps").read_text().splitlines()
        things.update("mapping" for line in maps if "posekit (deleted)" in line)
    things.update(f"UDP port {port}" for port in udp_ports(own))
    return Held(things)


def temporary_folders() -> list[Path]:
    return [folder for folder in (Path("/dev/shm"), Path(tempfile.gettempdir())) if folder.is_dir()]


def udp_ports(process: psutil.Process) -> list[int]:
    """Return the UDP ports that a process has bound."""
    look = getattr(process, "net_connections", None) or process.connections
    return [found.laddr.port for found in look(kind="udp") if found.laddr]


def leftovers(before: Held, after: Held) -> list[str]:
    """Return what there is after that was not there before."""
    return sorted((after.things - before.things).elements())


def changed_python(folder: Path, code: str) -> str:
    """Have every Python that starts with the returned PYTHONPATH run some code first."""
    (folder / "sitecustomize.py").write_text(code, encoding="utf-8")
    return os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])


def record(fault: str, **seconds: float) -> None:
    """Note how long something took, in the file that $FAULT_TIMES names: for docs/faults.md."""
    if path := os.environ.get("FAULT_TIMES"):
        spent = ", ".join(f"{name.replace('_', ' ')} {value:.2f} s" for name, value in seconds.items())
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(f"{fault}: {spent}\n")


@contextmanager
def opened(settings: Settings, receiver: Receiver, **more: Any) -> Iterator[Show]:
    """Open a show that sends to a receiver; when it is closed nothing is left of it."""
    before = held()
    settings = settings.model_copy(update={"osc": (*settings.osc, f"127.0.0.1:{receiver.port}")})
    with closing(EngineFeed(settings, SystemClock(), **more)) as feed:
        show = Show(feed, receiver)
        yield show
    assert leftovers(before, held()) == []
    show.receiver.hear()
    assert show.receiver.is_neutral


def survive(show: Show, fault: str, harm: Callable[[], object]) -> None:
    """Do harm to a show with people in it; it is noticed, told, and over within three seconds."""
    show.until(people_are_here)
    show.hears(lambda receiver: receiver.is_live)
    first = show.feed._engine.process_id
    harm()
    noticed = show.until(engine_is_lost)
    known = sorted(set(show.entered))
    show.assert_everyone_left_once(known)
    show.hears(lambda receiver: receiver.is_neutral, 1.0)
    back = show.until(people_are_here, RECOVERY_SECONDS)
    show.hears(lambda receiver: receiver.is_live)
    record(fault, noticed=noticed, people_again=back)
    show.assert_everyone_left_once(known)
    assert noticed < RECOVERY_SECONDS
    assert min(set(show.entered) - set(known)) > max(known)
    assert not psutil.pid_exists(first)
