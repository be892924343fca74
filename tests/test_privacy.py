"""No picture and no pose leaves the machine unless its owner sends it: shown by every system call."""

from __future__ import annotations

import ipaddress
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[1]
SECONDS = float(os.environ.get("POSEKIT_PRIVACY_SECONDS", "30"))

linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="strace is Linux's")


@dataclass(frozen=True)
class Talk:
    """One system call that named a place in a network."""

    call: str
    host: str
    port: int
    line: str


def talks(trace: str) -> list[Talk]:
    """Read what `strace -f -e trace=network` wrote: every call that named an IPv4 or IPv6 place."""
    found = []
    for line in trace.splitlines():
        call = re.search(r"\b([a-z0-9]+)\(", line)
        for port, host in re.findall(
            r"sin6?_port=htons\((\d+)\).*?(?:inet_addr\(|inet_pton\(AF_INET6, )\"([^\"]+)\"", line
        ):
            found.append(Talk(call[1] if call else "resumed", host, int(port), line))
    return found


def families(trace: str) -> set[str]:
    """Return the address families of all sockets that were opened."""
    return set(re.findall(r"\bsocket\((?:AF|PF)_(\w+)", trace))


OUTWARDS = ("connect", "sendto", "sendmsg", "sendmmsg", "resumed")
"""Calls that say where something goes; what `recvfrom` and `bind` name is nearer home."""


def run_traced(
    arguments: list[str], strace: str, trace: Path, ends: Callable[[], bool], **environment: str
) -> str:
    """Run posekit under strace until `ends`, end it as Ctrl-C does, and return the trace."""
    clean = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
    command = [
        *(strace, "-f", "-qq", "-s", "64", "-e", "trace=network", "-e", "signal=none", "-o", str(trace)),
        *(sys.executable, "-m", "posekit", *arguments),
    ]
    with subprocess.Popen(
        command,
        env={**clean, "SDL_VIDEODRIVER": "dummy", **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        try:
            while process.poll() is None and not ends():
                pass
            assert process.poll() is None, process.stderr and process.stderr.read().decode()
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGINT)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                raise
    return trace.read_text()


class Receiver:
    """An OSC receiver, and whether it has heard enough."""

    def __init__(self, seconds: float) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(0.5)
        self.port = self.socket.getsockname()[1]
        self.packets = 0
        self._seconds = seconds
        self._first: float | None = None
        self._patience = time.monotonic() + 60

    def heard_enough(self) -> bool:
        """Wait for a packet; true when they have come for long enough, or nothing comes at all."""
        try:
            self.socket.recv(65536)
        except TimeoutError:
            return time.monotonic() > self._patience
        self.packets += 1
        self._first = self._first or time.monotonic()
        return time.monotonic() - self._first >= self._seconds


@pytest.fixture
def strace(tool, tmp_path: Path) -> str:
    """Return strace, where it may be used: some containers forbid it."""
    found = tool("strace")
    tried = subprocess.run(
        [found, "-f", "-o", str(tmp_path / "try"), sys.executable, "-c", ""], capture_output=True, text=True
    )
    if tried.returncode:
        pytest.skip(f"strace may not look at processes here: {tried.stderr.strip()}")
    return found


def look_for_strangers(
    arguments: list[str], strace: str, tmp_path: Path, clip: Path, seconds: float
) -> list[Talk]:
    """Run with one OSC target and return every call that went anywhere else."""
    receiver = Receiver(seconds)
    with receiver.socket:
        options = ["--source", str(clip), "--osc", f"127.0.0.1:{receiver.port}"]
        trace = run_traced([*arguments, *options], strace, tmp_path / "trace", receiver.heard_enough)
    assert receiver.packets > 10
    found = talks(trace)
    # Whoever may steer the show (OSC in) is on this machine, unless its owner says otherwise.
    assert all(ipaddress.ip_address(talk.host).is_loopback for talk in found if talk.call == "bind")
    said = [talk for talk in found if talk.call in OUTWARDS]
    ours = [talk for talk in said if (talk.host, talk.port) == ("127.0.0.1", receiver.port)]
    # The trace has seen what arrived: it is no empty proof.
    assert len(ours) >= receiver.packets
    # What else a process may talk to on the same machine: the kernel, and programs through files.
    assert families(trace) <= {"INET", "UNIX", "LOCAL", "NETLINK"}
    return [talk for talk in said if talk not in ours]


SHOWS = {
    "send without a window": ["send", "--no-preview"],
    "send with its preview": ["send"],
    "a sketch in a window": ["run", "skeleton"],
}


@linux_only
@pytest.mark.parametrize("show", SHOWS)
def test_nothing_leaves_but_to_the_targets(show: str, strace: str, tmp_path: Path, asset) -> None:
    clip = asset("data/videos/crossing.mp4")
    assert look_for_strangers(SHOWS[show], strace, tmp_path, clip, seconds=0.5) == []


@linux_only
@pytest.mark.soak
@pytest.mark.timeout(0)
@pytest.mark.parametrize(
    "estimator", [["posenet", "litert"], ["posenet", "mediapipe"], ["blazepose", "auto"]]
)
def test_nothing_leaves_for_a_while_in_any_runtime(estimator, strace: str, tmp_path: Path, asset) -> None:
    family, runtime = estimator
    clip = asset("data/videos/crossing.mp4")
    arguments = ["run", "skeleton", "--estimator", family, "--runtime", runtime]
    assert look_for_strangers(arguments, strace, tmp_path, clip, SECONDS) == []


@linux_only
@pytest.mark.parametrize(
    ("place", "hosts"), [("off", set()), ("{}", {"127.0.0.1"}), ("0.0.0.0:{}", {"0.0.0.0"})]
)
def test_it_listens_where_it_was_told_and_nowhere_else(
    place: str, hosts: set[str], strace: str, tmp_path: Path
) -> None:
    receiver = Receiver(0.1)
    with receiver.socket:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        crowd = ["--source", "synthetic:people=1,seed=1", "--osc", f"127.0.0.1:{receiver.port}"]
        arguments = ["send", "--no-preview", *crowd, "--osc-in", place.format(port)]
        trace = run_traced(arguments, strace, tmp_path / "trace", receiver.heard_enough)
    binds = {(talk.host, talk.port) for talk in talks(trace) if talk.call == "bind"}
    assert binds == {(host, port) for host in hosts}


@linux_only
def test_the_trace_would_show_a_stranger(strace: str, tmp_path: Path) -> None:
    """The proof itself is tried: whoever talks to a stranger, also by name, is seen."""
    program = (
        "import socket\n"
        "one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        "one.sendto(b'x', ('127.0.0.2', 5))\n"
        "two = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)\n"
        "try:\n"
        "    two.connect(('::1', 6))\n"
        "except OSError:\n"
        "    pass\n"
        "three = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        "three.connect(('127.0.0.3', 7))\n"
    )
    trace = tmp_path / "trace"
    subprocess.run(
        [strace, "-f", "-e", "trace=network", "-o", str(trace), sys.executable, "-c", program], check=True
    )
    seen = {(talk.host, talk.port) for talk in talks(trace.read_text()) if talk.call in OUTWARDS}
    assert {("127.0.0.2", 5), ("127.0.0.3", 7)} <= seen
    assert not socket.has_ipv6 or ("::1", 6) in seen or "EAFNOSUPPORT" in trace.read_text()
    assert all(ipaddress.ip_address(host).is_loopback for host, _ in seen)


def test_mediapipe_stays_at_the_last_version_that_phones_nobody() -> None:
    """From 0.10.35 on its library carries a client that uploads metrics, and there is no switch for it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    wanted = [line for group in groups for line in group if re.match(r"mediapipe\b", line)]
    assert len(wanted) >= 1
    for line in wanted:
        assert "<0.10.32" in line.replace(" ", ""), line


def test_the_mediapipe_that_is_installed_has_no_client_that_uploads() -> None:
    spec = pytest.importorskip("importlib.util").find_spec("mediapipe")
    if spec is None:
        pytest.skip("MediaPipe is not installed")
    libraries = [
        file
        for file in Path(spec.origin).parent.rglob("*")
        if file.suffix in (".so", ".dylib", ".dll", ".pyd") and file.is_file()
    ]
    assert libraries
    # The collector's host, its name and the library it is reached with, as 1.2.2 carries all three.
    for file in libraries:
        data = file.read_bytes()
        for word in (b"play.googleapis.com", b"clearcut", b"curl_easy"):
            assert word not in data.lower(), f"{file.name} speaks of {word.decode()}"
