"""What the larger sketches do: a game is fair and begins anew, sparks flee, a flower grows again."""

from __future__ import annotations

import numpy as np
import pytest
from gallery_world import SMALL
from sketch_world import BODY, room, scene

from posekit.features import FEATURES, Features
from posekit.health import Health
from posekit.pose import Pose
from posekit.runner.feed import Update
from posekit.runner.loop import Loop
from posekit.scene import Empty, Enter, First, Gesture, Person
from posekit.sketch.canvas import Canvas
from posekit.sketch.loader import load_sketch
from posekit.sound import speaker

RATE = 30


@pytest.fixture(scope="module", autouse=True)
def _silence():
    yield
    speaker.close()


def standing(number, x, height, motion=0.0):
    """Return somebody who stands there, so high in picture heights; `motion` is what is said of her."""
    xy = (BODY * height * (0.75, 1.0) + (x, 0.5)).astype(np.float32)
    pose = Pose(xy, np.full(17, 0.9, np.float32), 0.9)
    features = Features(np.where(np.array(FEATURES) == "motion", motion, np.nan).astype(np.float32))
    return Person(number, number, pose, 0.0, np.zeros((17, 2), np.float32), features=features, seen=0.0)


def started(name):
    loop = Loop(load_sketch(name), Canvas(SMALL))
    loop.setup()
    return loop


def play(loop, people, frames, events=(), begin=0):
    """Let people stand there for so many frames; the events come with the first."""
    for at in range(begin, begin + frames):
        loop.frame(Update(scene(people, at, at / RATE), events, room(0.0), Health()), at / RATE)
        events = ()
    return begin + frames


def test_bubbles_rise_where_a_child_and_a_giant_can_reach():
    loop = started("bubbles")
    child, giant = people = standing(1, 0.15, 0.3), standing(2, 0.7, 0.9)
    play(loop, people, 150, tuple(Enter(one.id, one.slot, 0.0) for one in people))
    seen = {person.id: person for person in loop.scene.people}
    count = {child.id: 0, giant.id: 0}
    for x, _, radius, speed, _ in loop.loaded.sketch.bubbles:
        person = min(seen.values(), key=lambda one: abs(one.center.x - x) / one.height)
        unit = np.hypot(*(person.xy[5:7].mean(axis=0) - person.xy[11:13].mean(axis=0)))
        assert abs(x - person.center.x) < 1.7 * unit
        assert 0.15 * unit < radius < 0.6 * unit
        assert 0.4 * unit < speed < 1.4 * unit
        count[person.id] += 1
    assert min(count.values()) >= 3


def test_a_popped_bubble_counts_until_the_minute_is_over_and_raised_hands_begin_another():
    loop = started("bubbles")
    people = (standing(1, 0.5, 0.6),)
    at = play(loop, people, 2, (Enter(1, 1, 0.0),))
    sketch, memory = loop.loaded.sketch, loop.scene.people[0].memory
    sketch.bubbles = [(*loop.scene.people[0].left_wrist, 5.0, 1.0, 0.0)]
    at = play(loop, people, 1, begin=at)
    assert (memory.score, len(sketch.pops)) == (1, 1)
    memory.left = 0.5 / RATE
    at = play(loop, people, 3, begin=at)
    assert memory.left == 0
    sketch.bubbles = [(*loop.scene.people[0].left_wrist, 5.0, 1.0, 0.0)]
    at = play(loop, people, 1, begin=at)
    assert memory.score == 1
    play(loop, people, 1, (Gesture("hands_raised", 1, 1),), at)
    assert memory.score == 0
    assert memory.left > 59


def test_sparks_flee_from_whoever_moves_and_gather_where_somebody_rests():
    near = []
    for motion in (0.0, 0.8):
        loop = started("particles")
        play(loop, (standing(1, 0.5, 0.8, motion),), 120, (Enter(1, 1, 0.0),))
        sparks = loop.loaded.sketch.state.sparks[:, :2] * SMALL
        assert len(sparks) == 6000
        far = np.hypot(*(sparks[:, None] - loop.scene.people[0].xy[5:17]).transpose(2, 0, 1)).min(axis=1)
        near.append(np.mean(far < 0.06 * SMALL[1]))
    assert near[0] > 5 * near[1]


def test_the_dandelion_lets_go_and_grows_again():
    loop = started("attract")
    at = play(loop, (), 150)
    state = loop.loaded.sketch.state

    def ball():
        return np.hypot(*(state.tips - state.middle).T) / SMALL[1]

    whole = ball()
    assert whole.max() < 0.33
    person = standing(1, 0.2, 0.6)
    at = play(loop, (person,), 240, (Enter(1, 1, 0.0), First(1, 1, 0.0)), at)
    assert np.median(ball()) > 0.4
    play(loop, (), 240, (Empty(0.0),), at)
    assert ball().max() < 0.34


def test_a_sequin_turns_where_somebody_stands_and_nowhere_else():
    loop = started("mosaic")
    play(loop, (standing(1, 0.5, 0.8),), 40, (Enter(1, 1, 0.0),))
    turn = loop.loaded.sketch.state.turn
    rows, columns = turn.shape
    assert turn[rows // 2, columns // 2] == 1
    assert turn[:, : columns // 5].max() == 0
    assert 0.03 < (turn > 0.5).mean() < 0.4
