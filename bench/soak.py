"""Whether memory grows: python bench/soak.py [--minutes 20] [--settle 120] [--picture FILE.png].

Runs `posekit run` with a window (SDL's dummy driver) and its engine, which works without a pause on a looping
clip and sends OSC, and looks at both processes once a second: resident memory, open files, threads. The slope
of memory after the first two minutes is fitted with its 95 % interval, in which seconds that resemble each
other do not count as independent. Linux only: it reads /proc.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from posekit.bench.bare import BareEstimator
from posekit.bench.clip import read_frames, write_clip
from posekit.bench.measure import FASTER
from posekit.draw import write_picture
from posekit.engine.prepare import prepare
from posekit.settings import Settings

PAGE = os.sysconf("SC_PAGE_SIZE")
COLOURS = {"window": (214, 120, 40), "engine": (40, 110, 200)}
SIZE = (1200, 560)
MARGIN = (90, 40, 60, 70)
"""Pixels left, right, above and below the axes."""


@dataclass(frozen=True)
class Look:
    """One process at one moment."""

    seconds: float
    resident_mb: float
    files: int
    threads: int


@dataclass(frozen=True)
class Slope:
    """A line fitted through memory over time."""

    mb_per_hour: float
    low: float
    high: float
    """Ends of the 95 % interval."""
    start_mb: float


def look(process_id: int, seconds: float) -> Look:
    folder = Path(f"/proc/{process_id}")
    pages = int((folder / "statm").read_text().split()[1])
    return Look(
        seconds,
        pages * PAGE / 2**20,
        len(list((folder / "fd").iterdir())),
        len(list((folder / "task").iterdir())),
    )


def child_of(process_id: int, seconds: float = 20.0) -> int:
    """Return the engine that a runner has started."""
    children = Path(f"/proc/{process_id}/task/{process_id}/children")
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for child in children.read_text().split():
            if b"posekit.engine" in Path(f"/proc/{child}/cmdline").read_bytes():
                return int(child)
        time.sleep(0.05)
    raise SystemExit("posekit run has started no engine")


def soak(minutes: float, sketch: str, source: str | None) -> dict[str, list[Look]]:
    """Run and look once a second; `source` is played as it is, else the sample's frames without a pause."""
    settings = prepare(Settings(source=source or "sample"))
    looks: dict[str, list[Look]] = {"window": [], "engine": []}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        clip = source or str(flat_out_clip(settings, folder))
        # Nobody empties it: the system throws away what no longer fits.
        receiver = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        receiver.bind(("127.0.0.1", 0))
        target = f"127.0.0.1:{receiver.getsockname()[1]}"
        options = ["--source", clip, "--osc", target, "--estimator", settings.estimator]
        runner = subprocess.Popen(
            [sys.executable, "-m", "posekit", "run", sketch, "--model", str(settings.model), *options],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "SDL_VIDEODRIVER": "dummy"},
        )
        stack.callback(runner.wait)
        stack.callback(runner.terminate)
        processes = {"window": runner.pid, "engine": child_of(runner.pid)}
        begin = time.monotonic()
        while (seconds := time.monotonic() - begin) < minutes * 60:
            if runner.poll() is not None:
                raise SystemExit(f"posekit run ended by itself after {seconds:.0f} s")
            for name, process_id in processes.items():
                looks[name].append(look(process_id, seconds))
            time.sleep(max(0.0, 1.0 - (time.monotonic() - begin - seconds)))
    return looks


def flat_out_clip(settings: Settings, folder: Path) -> Path:
    frames = read_frames(settings.source)
    with closing(BareEstimator(settings)) as bare:
        estimate = statistics.median(bare.look(frames, 1.0).estimate)
    clip = folder / "flat-out.avi"
    write_clip(frames, FASTER / estimate, clip)
    return clip


def fit(looks: list[Look], settle: float) -> Slope:
    """Fit a line; the interval is widened by how alike neighbouring residuals are (an AR(1) process)."""
    settled = [one for one in looks if one.seconds >= settle]
    if len(settled) < 10:
        raise SystemExit(f"{len(settled)} looks after the first {settle:.0f} s are too few to fit a line")
    times = np.array([one.seconds / 3600 for one in settled])
    memory = np.array([one.resident_mb for one in settled])
    slope, offset = np.polyfit(times, memory, 1)
    residuals = memory - (slope * times + offset)
    spread = float(residuals @ residuals)
    alike = float(residuals[1:] @ residuals[:-1] / spread) if spread > 0 else 0.0
    alike = min(max(alike, 0.0), 0.99)
    independent = max(3.0, len(settled) * (1 - alike) / (1 + alike))
    variance = spread / len(settled) * independent / (independent - 2)
    error = np.sqrt(variance / (np.var(times) * independent))
    # 1.96 is the normal's; few independent looks have wider tails: a little more than Student's.
    half = float(error) * (1.96 + 5 / (independent - 2))
    return Slope(float(slope), float(slope) - half, float(slope) + half, float(offset))


def report(looks: dict[str, list[Look]], settle: float) -> dict[str, dict[str, object]]:
    result: dict[str, dict[str, object]] = {}
    for name, process in looks.items():
        slope = fit(process, settle)
        settled = [one for one in process if one.seconds >= settle]
        result[name] = {
            "mb_per_hour": round(slope.mb_per_hour, 2),
            "interval": [round(slope.low, 2), round(slope.high, 2)],
            "resident_mb": round(settled[-1].resident_mb, 1),
            "files": sorted({one.files for one in settled}),
            "threads": sorted({one.threads for one in settled}),
        }
    return result


def draw(looks: dict[str, list[Look]], settle: float, path: Path) -> None:
    """Write a picture of memory over time with the fitted lines."""
    width, height = SIZE
    left, right, top, bottom = MARGIN
    picture = np.full((height, width, 3), 255, np.uint8)
    last = max(one.seconds for process in looks.values() for one in process)
    most = max(one.resident_mb for process in looks.values() for one in process) * 1.15

    def place(seconds: float, memory: float) -> tuple[int, int]:
        x = left + seconds / last * (width - left - right)
        return round(x), round(height - bottom - memory / most * (height - top - bottom))

    def write(text: str, x: int, y: int, colour: tuple[int, int, int] = (60, 60, 60)) -> None:
        cv2.putText(picture, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, 0.5, colour, 1, cv2.LINE_AA)

    for memory in np.arange(0, most, tick(most)):
        cv2.line(picture, place(0, memory), place(last, memory), (230, 230, 230), 1)
        write(f"{memory:.0f} MB", 12, place(0, memory)[1] + 5)
    for minute in np.arange(0, last / 60 + 1e-9, tick(last / 60)):
        x, y = place(minute * 60, 0)
        cv2.line(picture, (x, y), (x, y + 6), (120, 120, 120), 1)
        write(f"{minute:g} min", x - 20, y + 24)
    for at, (name, process) in enumerate(looks.items()):
        line = np.array([place(one.seconds, one.resident_mb) for one in process], np.int32)
        cv2.polylines(picture, [line], isClosed=False, color=COLOURS[name], thickness=2, lineType=cv2.LINE_AA)
        slope = fit(process, settle)
        ends = [place(at, slope.start_mb + slope.mb_per_hour * at / 3600) for at in (settle, last)]
        cv2.line(picture, *ends, (30, 30, 30), 1, cv2.LINE_AA)
        found = report({name: process}, settle)[name]
        text = (
            f"{name}: {slope.mb_per_hour:+.1f} MB/h (95 %: {slope.low:+.1f} to {slope.high:+.1f}), "
            f"files {span(found['files'])}, threads {span(found['threads'])}"
        )
        write(text, left, 24 + 22 * at, COLOURS[name])
    write(f"resident memory of each process; lines fitted from second {settle:.0f} on", left, height - 14)
    write_picture(path, picture)


def span(values: list[int]) -> str:
    return f"{values[0]}" if len(values) == 1 else f"{values[0]} to {values[-1]}"


def tick(most: float) -> float:
    """Return a round distance that cuts an axis into about six."""
    rough = most / 6
    power = 10 ** np.floor(np.log10(rough))
    return float(min((step * power for step in (1, 2, 5, 10)), key=lambda step: abs(step - rough)))


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    words.add_argument("--minutes", type=float, default=20.0)
    words.add_argument("--settle", type=float, default=120.0, help="seconds that are not fitted")
    words.add_argument("--sketch", default="skeleton")
    words.add_argument("--source", help="play this, instead of the sample's frames without a pause")
    words.add_argument("--picture", type=Path, help="where to draw it, a .png")
    given = words.parse_args()
    looks = soak(given.minutes, given.sketch, given.source)
    print(json.dumps(report(looks, given.settle), indent=2))
    if given.picture:
        draw(looks, given.settle, given.picture)


if __name__ == "__main__":
    main()
