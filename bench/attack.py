"""What an attack on the status page does to a show: the same real show alone, beside attackers, and attacked.

    python bench/attack.py [--seconds 5] [--rounds 8] [--priority -10]

`posekit gallery run` shows a crowd; its sketch keeps when each frame was drawn and how old its scene was. The
attackers run where nothing else wants the processor (SCHED_IDLE on Linux, else the lowest priority), because
those of another machine would take none of this one; on a machine that has other work they would then do
nothing, and `--attackers -5` gives them a priority. They are 200 WebSocket clients of whom half never read,
requests as fast as they are answered, writes, bodies that are too big, half requests that are never finished,
and noise.

In each round the show is left alone, then attacked, then the same attackers go at a bare server of no use
(*beside*), which lets as many connections through: so one sees what they cost by themselves. Figures are
ratios within a round, and their median over the rounds. All of it goes to loopback, and ends by itself.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
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
    parser.add_argument("--seconds", type=float, default=5.0, help="of each span")
    parser.add_argument("--rounds", type=int, default=8, help="of three spans each")
    parser.add_argument("--priority", type=int, default=0, help="of the show, for machines with other work")
    parser.add_argument("--attackers", type=int, help="their priority; idle unless it is given")
    parser.add_argument("--attack", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--bare", type=float, default=0.0, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.attack:
        asyncio.run(attack(given.attack, given.seconds, given.bare, given.attackers))
        return
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), given.seconds, given.rounds, given.priority, given.attackers)


def measure(folder: Path, seconds: float, rounds: int, priority: int, attackers: int | None) -> None:
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
        spans, told = [], ""
        for _ in range(rounds):
            one, bare = {}, 0.0
            for name in ("alone", "attacked", "beside"):
                before, start = processor(show.pid), time.perf_counter()
                if name == "alone":
                    time.sleep(seconds)
                else:
                    answers = run_attack(port, seconds, bare, attackers)
                    bare = answers["connections"] / seconds
                    told += f"{name}: {answers}; "
                end = time.perf_counter()
                share = (processor(show.pid) - before) / (end - start)
                one[name] = Span(start + 1, end - 0.3, share, psutil.Process(show.pid).memory_info().rss)
                time.sleep(0.5)
            spans.append(one)
        time.sleep(2)
        assert show.poll() is None, "the show ended"
        rows = np.loadtxt((folder / "frames.txt").read_text().splitlines()[:-1])
    finally:
        show.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            show.wait(15)
        if show.poll() is None:
            show.kill()
    tell(rows, spans, told)


@dataclass(frozen=True)
class Span:
    """One span of a round: from, to, and what the supervisor took in it."""

    start: float
    end: float
    share: float
    memory: int


def processor(process: int) -> float:
    """Return the seconds of processor that a process itself has taken."""
    times = psutil.Process(process).cpu_times()
    return float(times.user + times.system)


def tell(rows: np.ndarray, spans: list[dict[str, Span]], told: str) -> None:
    """Print medians over the rounds, so that one hiccup of the machine decides nothing."""
    print(f"the attacks: {told}\n")
    print("| | alone | beside / alone | attacked / alone | attacked / beside |\n|---|---|---|---|---|")
    rows = np.column_stack([rows, np.where(rows[:, 2] >= 0, rows[:, 2] - rows[:, 3], -1.0)])
    names = {1: "frame of the window", 3: "engine's latency", 4: "from engine to window", 2: "age when drawn"}
    for column, name in names.items():
        for percentile in (50, 99):
            found = [
                {of: figure(rows, span, column, percentile) for of, span in one.items()} for one in spans
            ]
            alone = np.median([one["alone"] for one in found]) * 1e3
            pairs = (("beside", "alone"), ("attacked", "alone"), ("attacked", "beside"))
            ratios = [np.median([one[of] / one[to] for one in found]) for of, to in pairs]
            cells = " | ".join(f"{ratio:.2f}" for ratio in ratios)
            print(f"| {name}, p{percentile} | {alone:.2f} ms | {cells} |")
    shares = {name: np.median([one[name].share for one in spans]) for name in spans[0]}
    print("\nthe supervisor's share of a core:", ", ".join(f"{at} {it:.1%}" for at, it in shares.items()))
    memory = [span.memory / 1e6 for one in spans for span in one.values()]
    print(f"the supervisor's memory: {min(memory):.0f} to {max(memory):.0f} MB")


def figure(rows: np.ndarray, span: Span, column: int, percentile: int) -> float:
    """Return a percentile of a column within a span."""
    inside = rows[(rows[:, 0] > span.start) & (rows[:, 0] < span.end)]
    return float(np.percentile(inside[inside[:, column] >= 0, column], percentile))


def run_attack(port: int, seconds: float, bare: float, priority: int | None) -> dict[str, int]:
    """Attack in a process of its own; return what it counts. With `bare` it attacks a server of its own."""
    command = [sys.executable, __file__, "--attack", str(port), "--seconds", str(seconds)]
    command += ["--bare", str(bare)] + ([] if priority is None else ["--attackers", str(priority)])
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60, check=True)
    found: dict[str, int] = json.loads(done.stdout)
    return found


def stand_back(priority: int | None) -> None:
    """Take nothing of this machine that anybody else wants, or as much as this priority gives."""
    if priority is not None:
        psutil.Process().nice(priority)
    elif hasattr(os, "SCHED_IDLE"):
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    elif hasattr(os, "nice"):
        os.nice(19)


class Bare:
    """A server that answers everything by the same few bytes, so many times a second."""

    def __init__(self, rate: float) -> None:
        self._every, self._next = 1 / max(rate, 1.0), time.perf_counter()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection when it is its turn."""
        self._next = max(time.perf_counter(), self._next + self._every)
        await asyncio.sleep(self._next - time.perf_counter())
        with suppress(OSError, asyncio.TimeoutError):
            await asyncio.wait_for(reader.read(65536), 2)
            writer.write(b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            await writer.drain()
        writer.close()


async def attack(port: int, seconds: float, bare: float, priority: int | None) -> None:
    """Do everything at once for so many seconds."""
    stand_back(priority)
    if bare:
        server = await asyncio.start_server(Bare(bare).answer, "127.0.0.1", 0, backlog=2048)
        port = server.sockets[0].getsockname()[1]
    end = time.perf_counter() + seconds
    counts = {"connections": 0, "requests": 0, "refused": 0, "watching": 0}
    jobs = [ask(port, end, counts, random.Random(at)) for at in range(ASKERS)]
    jobs += [watch(port, end, counts, reads=at % 2 == 0) for at in range(WATCHERS)]
    jobs += [half(port, end) for _ in range(HALVES)]
    jobs += [noise(port, end, random.Random(99))]
    await asyncio.gather(*jobs)
    print(json.dumps(counts))


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
        counts["connections"] += bool(answer)
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
            counts["connections"] += bool(answer)
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
