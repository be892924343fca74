"""Whether a show under its supervisor stays flat: python bench/gallery_soak.py [--minutes 120]

    --json F      where to keep every figure, also while it runs
    --picture F   where to draw it, a .png
    --redraw F    run nothing: take the figures from F, which --json wrote

Runs `posekit gallery run` as a gallery would: a network camera on loopback that shows a real clip at 30
pictures a second ($POSEKIT_ASSETS), a sketch with the camera's picture, glowing skeletons and trails at 60
frames a second (SDL's dummy driver), OSC, a status page that somebody reads, heartbeats, and records. Every
15 s it looks at each process (resident memory, memory of its own, open files, threads), at /dev/shm, logs and
counts, and at what the show says of its speed. Lines are fitted as in bench/soak.py: the 95 % interval takes
into account that neighbouring looks resemble each other. Linux only.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from threading import Event, Thread
from urllib.error import HTTPError
from urllib.request import urlopen

import cv2
import psutil
import show_processes
from gallery_plot import draw
from gallery_story import Sample, Story, read, report, write
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from posekit.show.state_file import read_state

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from mjpeg import Camera, Wire

CLIP = "data/videos/one-by-one-person-detection.mp4"
RATE = 30.0
ASK_SECONDS = 5.0
"""How often whoever has the page open asks for all of it."""
FIRST_LOOK_SECONDS = 20.0
"""So long nobody looks: a process that is asked while it starts has holes in its figures."""
SKETCH = '''"""What a gallery shows: the room, everybody in light, and where hands went."""

background = "camera"


def draw(canvas, people):
    for person in people:
        for hand in (person.left_wrist, person.right_wrist):
            canvas.trail(hand, person.color, 10, 0.8, glow=24)
        canvas.skeleton(person, width=5, glow=24)
    canvas.text(f"{len(people)}", (24, 20), 36)
'''
SHOW = """source = "{camera}"
osc = ["{osc}"]
osc_in = "{osc_in}"
fps = 60
size = "1280x720"

[show]
sketch = "light.py"
title = "Soak"

[status]
address = "127.0.0.1:{port}"

[heartbeat]
every = 10.0
osc = ["{heartbeat}"]
"""


def pictures(clip: Path) -> list[bytes]:
    """Return a clip's pictures as JPEGs."""
    capture, found = cv2.VideoCapture(str(clip)), []
    try:
        while (read := capture.read())[0]:
            found.append(cv2.imencode(".jpg", read[1])[1].tobytes())
    finally:
        capture.release()
    if not found:
        raise SystemExit(f"{clip} holds no pictures")
    return found


def play(shown: list[bytes], wire: Wire) -> None:
    """Send pictures, one every thirtieth of a second, until nobody takes them any more."""
    begin, number = time.monotonic(), 0
    while True:
        number += 1
        late = time.monotonic() - begin - number / RATE
        wire.part(shown[number % len(shown)], max(0.0, -late))


class Reader(Thread):
    """Somebody who has the status page open: it asks now and then, and is told of every scene."""

    def __init__(self, address: str, story: Story) -> None:
        super().__init__(name="reader", daemon=True)
        self._address, self._story, self._over = address, story, Event()

    def run(self) -> None:
        while not self._over.wait(1.0):
            try:
                with connect(f"ws://{self._address}/api/live", origin=f"http://{self._address}") as live:
                    self._read(live)
            except (OSError, WebSocketException):
                self._story.page_failures += 1

    def close(self) -> None:
        self._over.set()
        self.join()

    def _read(self, live: ClientConnection) -> None:
        due = 0.0
        while not self._over.is_set():
            with suppress(TimeoutError):
                live.recv(timeout=1.0)
                self._story.page_messages += 1
            if time.monotonic() >= due:
                due = time.monotonic() + ASK_SECONDS
                for path in ("/", "/healthz", "/metrics", "/api/state", "/api/log", "/api/counts"):
                    self._ask(path)

    def _ask(self, path: str) -> None:
        try:
            with urlopen(f"http://{self._address}{path}", timeout=5) as answer:  # our own page
                answer.read()
            self._story.page_answers += 1
        except HTTPError as error:
            error.close()
            self._story.page_failures += 1


def deaf(stack: ExitStack) -> tuple[socket.socket, str]:
    """Return a socket that takes packets; what nobody reads and no longer fits is thrown away."""
    receiver = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    receiver.bind(("127.0.0.1", 0))
    receiver.setblocking(False)
    return receiver, f"127.0.0.1:{receiver.getsockname()[1]}"


def soak(minutes: float, every: float, keep: Path | None) -> Story:
    """Run the show, look at it, and end it."""
    story = Story()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gallery-soak-")))
        shown = pictures(Path(os.environ["POSEKIT_ASSETS"]) / CLIP)
        camera = stack.enter_context(Camera(*[lambda wire: play(shown, wire)] * 1000))
        _, osc = deaf(stack)
        heartbeats, heartbeat = deaf(stack)
        port = show_processes.free_port(socket.SOCK_STREAM)
        words = {"camera": camera.address, "osc": osc, "heartbeat": heartbeat, "port": port}
        text = SHOW.format(**words, osc_in=show_processes.free_port())
        (folder / "show.toml").write_text(text)
        (folder / "light.py").write_text(SKETCH)
        log = stack.enter_context((folder / "said.txt").open("wb"))
        supervisor = subprocess.Popen(
            [sys.executable, "-m", "posekit", "gallery", "run", "--config", str(folder / "show.toml")],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, "SDL_VIDEODRIVER": "dummy"},
        )
        stack.callback(end, supervisor)
        reader = Reader(f"127.0.0.1:{port}", story)
        reader.start()
        stack.callback(reader.close)
        begin, written = time.monotonic(), 0.0
        time.sleep(min(FIRST_LOOK_SECONDS, every))
        while (seconds := time.monotonic() - begin) < minutes * 60:
            if supervisor.poll() is not None:
                raise SystemExit(
                    f"the supervisor ended by itself: {(folder / 'said.txt').read_text()[-2000:]}"
                )
            take(story, supervisor.pid, folder, seconds)
            with suppress(BlockingIOError):
                while heartbeats.recv(65536):
                    story.heartbeats += 1
            if keep is not None and seconds - written > 60:
                write(story, keep)
                written = seconds
            time.sleep(max(0.0, every - (time.monotonic() - begin - seconds)))
    return story


def end(supervisor: subprocess.Popen[bytes]) -> None:
    """End the show as a service manager does."""
    if supervisor.poll() is None:
        supervisor.terminate()
    supervisor.wait(30)


def take(story: Story, process_id: int, folder: Path, seconds: float) -> None:
    """Look at everything once."""
    for name, process in show_processes.family(process_id):
        with suppress(psutil.Error):
            story.looks.setdefault(name, []).append(show_processes.look(process, seconds))
    state, shared = read_state(folder), show_processes.shared_memory()
    records = folder / "records"
    story.samples.append(
        Sample(
            seconds=seconds,
            scenes_per_second=state.fps if state else 0.0,
            window_fps=state.window_fps if state else 0.0,
            shared_files=len(shared),
            shared_bytes=sum(shared.values()),
            log_bytes=show_processes.size_of(records / "logs", "*"),
            counts_bytes=show_processes.size_of(records, "counts.sqlite*"),
            visits=state.visits_today if state else 0,
            troubles=[trouble.name for trouble in state.troubles] if state else ["no state"],
            load=os.getloadavg()[0],
        )
    )


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    words.add_argument("--minutes", type=float, default=120.0)
    words.add_argument("--every", type=float, default=15.0, help="seconds between two looks")
    words.add_argument("--settle", type=float, default=300.0, help="seconds that are not fitted")
    words.add_argument("--json", type=Path, help="where to keep every figure")
    words.add_argument("--picture", type=Path, help="where to draw it, a .png")
    words.add_argument("--redraw", type=Path, metavar="F", help="run nothing; take the figures from F")
    given = words.parse_args()
    story = read(given.redraw) if given.redraw else soak(given.minutes, given.every, given.json)
    if given.json and not given.redraw:
        write(story, given.json)
    print(json.dumps(report(story, given.settle), indent=2))
    if given.picture:
        draw(story, report(story, given.settle), given.settle, given.picture)


if __name__ == "__main__":
    main()
