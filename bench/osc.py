"""What a frame costs as OSC in the native dialect: python bench/osc.py [--json] [--minutes 10].

Scenes of people who move at random, one keypoint in ten missing, are encoded and sent to a socket of this
machine, one after the other, and counted as 60 a second; the refresh is among them. Then python-osc's own
builders make the same packets. With `--minutes` ten people are sent at real pace, 60 scenes a second, for so
long: whether the rate is kept, the memory stays, and nothing comes later and later.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import socket
import statistics
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
import psutil
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message_builder import OscMessageBuilder
from pythonosc.osc_packet import OscPacket

from posekit.clock import SystemClock
from posekit.outputs.osc import OscSender, parse_target
from posekit.outputs.osc.dialects import find_dialect
from posekit.pose import Pose
from posekit.scene import Person, Scene
from posekit.skeleton import COCO_17

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    Messages = list[tuple[str, list[int | float]]]

PEOPLE = (0, 1, 2, 6, 10)
LAYOUTS = ("split", "packed")
HERTZ = 60
SCENES = 60
WARM = 30
"""Scenes at the start that are not counted."""
ROUNDS = 5
BUILT = 5
"""Of so many scenes python-osc builds one."""


@dataclass(frozen=True)
class Cost:
    """What one scene costs; times are lower quartiles."""

    people: int
    packets: float
    """Mean, the refresh included."""
    encode_us: float
    """From a scene to packets."""
    send_us: float
    """Packets to the network."""
    core_percent: float
    """Share of one core at 60 scenes a second: CPU time of encoding and sending, mean."""
    python_osc_us: float
    """The same packets made by python-osc's builders."""

    @property
    def factor(self) -> float:
        """How many times longer python-osc's builders take."""
        return self.python_osc_us / self.encode_us


def measure(rounds: int = ROUNDS) -> dict[str, list[Cost]]:
    """Return the costs for every layout and number of people; slots are 6, or as many as the people."""
    return {layout: [_measure(layout, people, rounds) for people in PEOPLE] for layout in LAYOUTS}


def _measure(layout: str, people: int, rounds: int) -> Cost:
    target = parse_target(f"7000,layout={layout},slots={max(6, people)}")
    encoder = find_dialect(target.dialect).encoder(target, {})
    scenes = _scenes(people)
    encoding, sending, burnt, building, packets = [], [], [], [], []
    with _pair() as (sender, address, receiver):
        number = 0
        for told in [WARM, *[SCENES] * rounds]:
            bundles = []
            for _ in range(told):
                scene = scenes[number % SCENES]
                cpu, begin = time.thread_time(), time.perf_counter()
                made = encoder.update(number / HERTZ, scene, (), None)
                encoded = time.perf_counter()
                for packet in made:
                    sender.sendto(packet, address)
                sending.append(time.perf_counter() - encoded)
                burnt.append(time.thread_time() - cpu)
                encoding.append(encoded - begin)
                packets.append(len(made))
                _drain(receiver)
                bundles.append(made)
                number += 1
            building += [_build_time(made) for made in bundles[::BUILT]]
    return Cost(
        people,
        packets=statistics.fmean(packets[WARM:]),
        encode_us=_usual_us(encoding[WARM:]),
        send_us=_usual_us(sending[WARM:]),
        core_percent=statistics.fmean(burnt[WARM:]) * HERTZ * 100,
        python_osc_us=_usual_us(building[WARM // BUILT :]),
    )


def _usual_us(seconds: Sequence[float]) -> float:
    """Return the lower quartile: others take the core away in between, most often from what takes long."""
    return statistics.quantiles(seconds, n=4)[0] * 1e6


def _build_time(packets: Sequence[bytes]) -> float:
    """Return the seconds that python-osc takes to build these packets; raises when it builds others."""
    bundles = [
        [(timed.message.address, list(timed.message.params)) for timed in OscPacket(packet).messages]
        for packet in packets
    ]
    begin = time.perf_counter()
    built = [_built(messages) for messages in bundles]
    taken = time.perf_counter() - begin
    if built != list(packets):
        raise RuntimeError("python-osc builds other packets than posekit")
    return taken


def _built(messages: Messages) -> bytes:
    bundle = OscBundleBuilder(IMMEDIATELY)
    for address, arguments in messages:
        message = OscMessageBuilder(address)
        for argument in arguments:
            message.add_arg(argument)
        bundle.add_content(message.build())
    return bundle.build().dgram


def _scenes(people: int) -> list[Scene]:
    random = np.random.default_rng(5)
    scenes = []
    for number in range(SCENES):
        crowd = tuple(_person(random, one, number / HERTZ) for one in range(1, people + 1))
        now = number / HERTZ
        scenes.append(Scene(number, (1280, 720), now, now, now, crowd, lead_id=1 if crowd else None))
    return scenes


def _person(random: np.random.Generator, number: int, age: float) -> Person:
    count = len(COCO_17)
    xy, scores = random.random((count, 2), np.float32), random.random(count, np.float32)
    gone = random.random(count) < 0.1
    xy[gone], scores[gone] = np.nan, 0.0
    velocity = random.normal(0.0, 0.3, (count, 2)).astype(np.float32)
    return Person(number, number, Pose(xy, scores, 0.8), age, velocity, age)


@contextlib.contextmanager
def _pair() -> Iterator[tuple[socket.socket, tuple[str, int], socket.socket]]:
    """Open a socket that sends and one that receives; yield them with the latter's address between."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver,
    ):
        receiver.bind(("127.0.0.1", 0))
        receiver.setblocking(False)
        yield sender, receiver.getsockname(), receiver


def _drain(receiver: socket.socket) -> None:
    with contextlib.suppress(BlockingIOError):
        while True:
            receiver.recv(2048)


def print_table(costs: dict[str, list[Cost]]) -> None:
    heads = ("layout", "people", "packets", "encode us", "send us", "core % at 60", "python-osc us", "factor")
    print("  ".join(heads))
    for layout, several in costs.items():
        for cost in several:
            numbers = (cost.packets, cost.encode_us, cost.send_us, cost.core_percent, cost.python_osc_us)
            cells = [layout, str(cost.people), *(f"{number:.1f}" for number in numbers), f"{cost.factor:.0f}"]
            print("  ".join(f"{cell:>{len(head)}}" for cell, head in zip(cells, heads, strict=True)))


# ---------------------------------------------------------------- at real pace


@dataclass(frozen=True)
class Stretch:
    """What a minute, or what is left of one, was like."""

    seconds: float
    """Since the start, at its end."""
    rate: float
    """Scenes per second."""
    late_ms: float
    """How long after its time a scene was sent: median."""
    latest_ms: float
    """The 99th percentile of that."""
    core_percent: float
    """Share of one core for encoding and sending."""
    memory_mb: float
    """Resident memory at its end."""
    errors: int
    """Packets that the network refused, since the start."""


def drift(minutes: float, people: int = 10) -> Iterator[Stretch]:
    """Send scenes of so many people at 60 a second; yield what each minute was like."""
    scenes, process = _scenes(people), psutil.Process()
    with _pair() as (_, address, receiver):
        target = parse_target(f"{address[1]},slots={people}")
        with OscSender([target], SystemClock()) as sender:
            start = time.perf_counter()
            for first in range(0, round(minutes * 60 * HERTZ), 60 * HERTZ):
                last = min(first + 60 * HERTZ, round(minutes * 60 * HERTZ))
                late, burnt, begun = [], 0.0, time.perf_counter()
                for number in range(first, last):
                    due = start + number / HERTZ
                    time.sleep(max(0.0, due - time.perf_counter()))
                    late.append(time.perf_counter() - due)
                    cpu = time.thread_time()
                    sender.update(scenes[number % SCENES])
                    burnt += time.thread_time() - cpu
                    _drain(receiver)
                end = time.perf_counter()
                lateness = statistics.quantiles(late, n=100)
                yield Stretch(
                    end - start,
                    rate=(last - first) / (end - begun),
                    late_ms=lateness[49] * 1e3,
                    latest_ms=lateness[98] * 1e3,
                    core_percent=burnt / (last - first) * HERTZ * 100,
                    memory_mb=process.memory_info().rss / 2**20,
                    errors=sum(sender.errors),
                )


def print_drift(minutes: float) -> None:
    heads = ("seconds", "scenes/s", "late ms", "p99 ms", "core %", "memory MB", "errors")
    print("  ".join(heads))
    for one in drift(minutes):
        numbers = (one.rate, one.late_ms, one.latest_ms, one.core_percent, one.memory_mb)
        cells = [f"{one.seconds:.0f}", *(f"{number:.2f}" for number in numbers), str(one.errors)]
        print("  ".join(f"{cell:>{len(head)}}" for cell, head in zip(cells, heads, strict=True)), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="What a frame costs as OSC in the native dialect.")
    parser.add_argument("--json", action="store_true", help="the costs as JSON")
    parser.add_argument("--minutes", type=float, help="send ten people at real pace for so long instead")
    chosen = parser.parse_args()
    if chosen.minutes:
        print_drift(chosen.minutes)
    elif chosen.json:
        told = {
            layout: [{**asdict(cost), "factor": cost.factor} for cost in several]
            for layout, several in measure().items()
        }
        print(json.dumps(told))
    else:
        print_table(measure())


if __name__ == "__main__":
    main()
