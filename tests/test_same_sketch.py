"""Every estimator through the same sketch and the same OSC, without changing either."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from blazepose_bundle import find_bundle
from fault_world import Receiver
from own_models import reordered

from posekit.engine.prepare import prepare
from posekit.runner.feed import FeedAround, Update
from posekit.runner.inline_feed import InlineFeed
from posekit.runner.run import run_sketch
from posekit.settings import Settings
from posekit.sketch.loader import load_sketch

FRAMES = 24
SETTLED = 8
"""Frames until everybody who is there is known."""
SIZE = (640, 360)
SKETCH = """
import numpy as np

from posekit import Sketch


class Wrists(Sketch):
    size = (640, 360)

    def setup(self):
        self.trace, self.entered, self.painted = [], [], 0

    def on_enter(self, person):
        self.entered.append(person.id)
        person.memory.frames = 0

    def on_hands_raised(self, person):
        self.raised = person.id

    def draw(self, canvas, people, scene):
        canvas.background("black")
        for person in people:
            person.memory.frames += 1
            canvas.skeleton(person, "white")
            if person.left_wrist:
                canvas.circle(person.left_wrist, 9, "gold")
            if person.height:
                canvas.text(str(person.memory.frames), person.nose or person.center, 12)
        self.painted += int(canvas.pixels.any())
        seen = [person for person in people if person.raw.seen == scene.raw.captured]
        bodies = [np.array([(point.x, point.y) for point in person.keypoints]) for person in seen]
        self.trace.append((scene.raw.index, bodies))
"""
VARIANTS: dict[str, dict[str, Any]] = {
    "posenet": {"estimator": "posenet"},
    "movenet": {"estimator": "movenet"},
    "movenet, single": {"estimator": "movenet", "single": True},
    "blazepose": {"estimator": "blazepose"},
    "blazepose, two": {"estimator": "blazepose", "max_poses": 2},
    "own model": {"model": ""},
}
TORSO, WRISTS = [5, 6, 11, 12], [9, 10]


@dataclass
class Told:
    """What a sketch and a receiver learnt of a clip."""

    sketch: Any
    receiver: Receiver
    wrists: dict[int, tuple[float, float]]
    """Where slot 1's left wrist was said to be over OSC, by frame."""
    people: list[int]


class Heard(FeedAround):
    """Has a receiver take what was sent before more is sent."""

    def __init__(self, feed: InlineFeed, receiver: Receiver) -> None:
        super().__init__(feed)
        self.wrists: dict[int, tuple[float, float]] = {}
        self.people: list[int] = []
        self.receiver = receiver

    def poll(self) -> Update:
        update = self._feed.poll()
        last = self.receiver.hear().last
        self.people.append(len(update.scene.people) if update.scene else 0)
        if "/frame" in last:
            self.wrists[last["/frame"]] = last["/p1/left_wrist/x"], last["/p1/left_wrist/y"]
        return update


@pytest.fixture(scope="module")
def told(asset, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Told]:
    asset("models")
    find_bundle()
    folder = tmp_path_factory.mktemp("same")
    sketch = folder / "wrists.py"
    sketch.write_text(SKETCH)
    plain = {"source": str(asset("data/videos/crossing.mp4")), "headless": True, "size": SIZE}
    found = {}
    for name, options in VARIANTS.items():
        if name == "own model":
            original = Path(str(prepare(Settings(**plain, estimator="posenet")).model)).read_bytes()
            (folder / "own.tflite").write_bytes(reordered(original, (2, 0, 1)))
            options = {"model": str(folder / "own.tflite")}
        with closing(Receiver()) as receiver:
            settings = Settings(**plain, **options, frames=FRAMES, osc=(f"127.0.0.1:{receiver.port}",))
            loaded = load_sketch(str(sketch))
            with closing(InlineFeed(prepare(settings))) as feed:
                heard = Heard(feed, receiver)
                assert run_sketch(loaded, heard, settings) == FRAMES
            receiver.hear()
        found[name] = Told(loaded.sketch, receiver, heard.wrists, heard.people)
    return found


@pytest.mark.parametrize("name", VARIANTS)
def test_the_sketch_draws_whoever_is_seen(told: dict[str, Told], name: str) -> None:
    sketch = told[name].sketch
    assert len(sketch.trace) == FRAMES
    assert sketch.painted > FRAMES * 0.7
    assert len(sketch.entered) == len(set(sketch.entered)) == max(told[name].people) >= 1
    seen = [len(people) for _, people in sketch.trace[SETTLED:]]
    fewest, most = {"posenet": (2, 3), "own model": (2, 3), "movenet": (2, 3)}.get(name, (1, 2))
    assert all(fewest <= count <= most for count in seen)
    assert sum(seen) >= 0.9 * fewest * len(seen)


@pytest.mark.parametrize("name", VARIANTS)
def test_the_receiver_is_sent_the_same_addresses(told: dict[str, Told], name: str) -> None:
    def lasting(name: str) -> set[str]:
        return {address for address in told[name].receiver.last if "/event/" not in address}

    assert len(lasting("posenet")) > 100
    assert lasting(name) == lasting("posenet")
    assert told[name].receiver.counts["/p1/event/enter"]


@pytest.mark.parametrize("name", VARIANTS)
def test_the_same_body_is_in_the_same_place(told: dict[str, Told], name: str) -> None:
    """In canvas pixels; against PoseNet, of which nobody knows either that it is right."""
    apart, mirrored = [], []
    for (index, ours), (same_index, others) in zip(
        told[name].sketch.trace, told["posenet"].sketch.trace, strict=True
    ):
        assert index == same_index
        for body in ours if others else ():
            distances = [np.nanmean(_apart(body, other)[TORSO]) for other in others]
            nearest = others[int(np.nanargmin(distances))]
            apart += list(_apart(body, nearest)[WRISTS])
            mirrored += list(_apart(body, nearest[_exchanged()])[WRISTS])
    assert len(apart) >= FRAMES
    assert np.nanmedian(apart) < 0.035 * SIZE[1]
    assert np.nanmedian(mirrored) > 2 * np.nanmedian(apart)  # her left is left for everybody


@pytest.mark.parametrize("name", VARIANTS)
def test_sketch_and_receiver_are_told_the_same(told: dict[str, Told], name: str) -> None:
    one = told[name]
    distances = []
    for index, people in one.sketch.trace[SETTLED:]:
        if people and one.wrists[index] != (0, 0):
            place = np.array(one.wrists[index]) * SIZE
            distances.append(min(np.hypot(*(body[9] - place)) for body in people))
    assert len(distances) > 8
    assert np.nanmedian(distances) < 1.0


def _apart(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.hypot(*(one - other).T)


def _exchanged() -> list[int]:
    """Return the order of the keypoints with left and right exchanged."""
    return [0, *(at + 1 if at % 2 else at - 1 for at in range(1, 17))]
