"""What an attack on the status page does to a show: the same real show, in turn left alone and attacked.

    python bench/attack.py [--seconds 10] [--rounds 4] [--priority -10]

`posekit gallery run` shows a crowd; its sketch keeps when each frame was drawn and how old its scene was. The
attack comes from a process of lowest priority (another machine would take nothing from this one): 200
WebSocket clients of whom half never read, requests as fast as they are answered, writes, bodies that are too
big, half requests that are never finished, and noise. All of it goes to loopback, and ends by itself.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import psutil

SKETCH = """import time
from pathlib import Path

rows, last = [], [0.0, -1, 0.0]
kept = Path("frames.txt").open("w")

def draw(canvas, people, scene):
    now = time.perf_counter()
    raw = scene.raw
    new = raw is not None and raw.index != last[1]
    age = now - raw.captured if new else -1.0
    made = raw.published - raw.captured if new else -1.0
    rows.append(f"{now} {now - last[0]} {age} {made}\\n")
    last[0] = now
    if new:
        last[1] = raw.index
    if now - last[2] > 1:
        last[2] = now
        kept.writelines(rows)
        kept.flush()
        rows.clear()
    for person in people:
        canvas.skeleton(person)
"""
SETTINGS = """source = "synthetic:people=4,seed=8"
osc_in = "off"
size = "640x360"

[show]
sketch = "frames.py"

[status]
address = "127.0.0.1:{port}"
"""
WATCHERS, HALVES, ASKERS = 200, 60, 6
REQUESTS = (
    "GET /api/state",
    "GET /metrics",
    "GET /api/log?count=500",
    "GET /api/counts",
    "GET /openapi.json",
    "GET /main.js",
)


def main() -> None:
    """Run the show, attack it in every second span, and print both figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=10.0, help="of each span")
    parser.add_argument("--rounds", type=int, default=4, help="pairs of spans")
    parser.add_argument("--priority", type=int, default=0, help="of the show, for machines with other work")
    parser.add_argument("--attack", type=int, default=0, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.attack:
        asyncio.run(attack(given.attack, given.seconds))
        return
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), given.seconds, given.rounds, given.priority)


def measure(folder: Path, seconds: float, rounds: int, priority: int) -> None:
    """Run the show in a folder of its own."""
    port = free_port()
    (folder / "frames.py").write_text(SKETCH)
    (folder / "show.toml").write_text(SETTINGS.format(port=port))
    command = [sys.executable, "-m", "posekit", "gallery", "run", "--config", "show.toml"]
    environment = {**os.environ, "SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy"}
    show = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        if priority:
            psutil.Process(show.pid).nice(priority)  # engine, window and curtain inherit it
        wait_for(folder / "frames.txt")
        time.sleep(5)
        spans: dict[str, list[tuple[float, float]]] = {"alone": [], "attacked": []}
        sizes = []
        for _ in range(rounds):
            for name in spans:
                start = time.perf_counter()
                if name == "alone":
                    time.sleep(seconds)
                else:
                    told = run_attack(port, seconds)
                spans[name].append((start + 1, time.perf_counter() - 0.5))
                sizes.append(psutil.Process(show.pid).memory_info().rss / 1e6)
                time.sleep(1)
        time.sleep(2)
        assert show.poll() is None, "the show ended"
        rows = np.loadtxt((folder / "frames.txt").read_text().splitlines()[:-1])
    finally:
        show.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            show.wait(15)
        if show.poll() is None:
            show.kill()
    tell(rows, spans, told, sizes)


def tell(rows: np.ndarray, spans: dict, told: str, sizes: list[float]) -> None:
    """Print what was measured: medians over the spans, so that one hiccup of the machine decides nothing."""
    print(f"the attack: {told}")
    print(f"the supervisor's memory: {min(sizes):.0f} to {max(sizes):.0f} MB")
    print("\n| | alone | attacked | ratio |\n|---|---|---|---|")
    for name, column in (("frame of the window", 1), ("scene's age when drawn", 2), ("engine's latency", 3)):
        for share in (50, 99):
            figures = []
            for of in ("alone", "attacked"):
                each = []
                for start, end in spans[of]:
                    inside = rows[(rows[:, 0] > start) & (rows[:, 0] < end)]
                    each.append(np.percentile(inside[inside[:, column] >= 0, column], share))
                figures.append(float(np.median(each)) * 1e3)
            ratio = figures[1] / figures[0]
            print(f"| {name}, p{share} | {figures[0]:.2f} ms | {figures[1]:.2f} ms | {ratio:.2f} |")


def run_attack(port: int, seconds: float) -> str:
    """Attack in a process of lowest priority; return what it says of itself."""
    command = [sys.executable, __file__, "--attack", str(port), "--seconds", str(seconds)]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=seconds + 60, check=True
    ).stdout.strip()


async def attack(port: int, seconds: float) -> None:
    """Do everything at once for so many seconds."""
    os.nice(19)
    end = time.perf_counter() + seconds
    counts = {"requests": 0, "refused": 0, "watching": 0}
    jobs = [ask(port, end, counts, random.Random(at)) for at in range(ASKERS)]
    jobs += [watch(port, end, counts, reads=at % 2 == 0) for at in range(WATCHERS)]
    jobs += [half(port, end) for _ in range(HALVES)]
    jobs += [noise(port, end, random.Random(99))]
    await asyncio.gather(*jobs)
    print(", ".join(f"{count} {name}" for name, count in counts.items()))


async def ask(port: int, end: float, counts: dict[str, int], source: random.Random) -> None:
    """Ask, write and send too much, as fast as it is answered."""
    big = b"x" * 300_000
    while time.perf_counter() < end:
        kind = source.random()
        if kind < 0.7:
            text = f"{source.choice(REQUESTS)} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
        else:
            body = big if kind > 0.95 else b'{"value": 1}'
            head = f"PUT /api/parameters/speed HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            text = head.encode() + body
        answer = await say(port, text, 2.0)
        counts["requests"] += 1
        counts["refused"] += not answer.startswith(b"HTTP/1.1 2")


async def say(port: int, text: bytes, seconds: float) -> bytes:
    """Say something and return the beginning of the answer."""
    writer = None
    try:
        reader, writer = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", port), seconds)
        writer.write(text)
        return await asyncio.wait_for(reader.read(65536), seconds)
    except (OSError, asyncio.TimeoutError):
        return b""
    finally:
        if writer is not None:
            writer.close()


async def watch(port: int, end: float, counts: dict[str, int], *, reads: bool) -> None:
    """Watch live, again and again where that is refused; or be let in, and never read."""
    head = (
        f"GET /api/live HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    )
    head += "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    is_in = False
    while time.perf_counter() < end:
        with suppress(OSError, asyncio.TimeoutError):
            opened = asyncio.open_connection("127.0.0.1", port, limit=4096)
            reader, writer = await asyncio.wait_for(opened, 2)
            writer.write(head.encode())
            answer = await asyncio.wait_for(reader.read(12), 5)
            if answer.endswith(b"101"):
                counts["watching"] += not is_in
                is_in = True
                while time.perf_counter() < end and (not reads or await reader.read(4096)):
                    await asyncio.sleep(0 if reads else 0.2)
            writer.close()
        await asyncio.sleep(0.5)


async def half(port: int, end: float) -> None:
    """Begin to ask, a letter at a time."""
    while time.perf_counter() < end:
        with suppress(OSError, asyncio.TimeoutError):
            _, writer = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", port), 2)
            for letter in "GET /api/state HTTP/1.1\r\nX: ":
                writer.write(letter.encode())
                await writer.drain()
                await asyncio.sleep(0.3)
                if time.perf_counter() > end:
                    break
            writer.close()


async def noise(port: int, end: float, source: random.Random) -> None:
    """Say what nobody understands."""
    while time.perf_counter() < end:
        await say(port, source.randbytes(source.randrange(1, 4000)), 0.3)


def wait_for(path: Path, seconds: float = 90.0) -> None:
    """Wait until the sketch has drawn something."""
    due = time.monotonic() + seconds
    while not path.exists() or not path.stat().st_size:
        if time.monotonic() > due:
            sys.exit("the show did not begin")
        time.sleep(0.2)


def free_port() -> int:
    """Return a port where nobody listens just now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


if __name__ == "__main__":
    main()
