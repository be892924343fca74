"""Somebody raises a hand, waves, jumps, is lost; two people meet; and what holds whatever anybody does."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from builders import a_person, a_pose
from hypothesis import given, settings
from hypothesis import strategies as st

from posekit.crowd import NONE, observe, scripted
from posekit.errors import UnknownNameError
from posekit.events.gestures import GestureOptions, Gestures
from posekit.events.history import FORMS
from posekit.events.machine import Machine, Who
from posekit.events.quantities import AT, QUANTITIES
from posekit.events.table import GESTURE_NAMES, GESTURES, PAIRS, Kind
from posekit.pose import Pose
from posekit.scene import Gesture, Person
from posekit.skeleton import COCO_17

SIZE = (1280, 720)
ASPECT = SIZE[0] / SIZE[1]
STILL = np.zeros((17, 2), np.float32)
ACTS = {
    "raise_right": {"right_hand_raised"},
    "raise_both": {"left_hand_raised", "right_hand_raised", "hands_raised"},
    "wave_left": {"left_wave", "wave"},
    "clap": {"clap"},
    "hands_together": {"hands_together"},
    "t_pose": {"t_pose"},
    "arms_crossed": {"arms_crossed"},
    "jump": {"jump"},
    "crouch": {"crouch"},
    "lean_left": {"lean_left"},
    "lean_right": {"lean_right"},
    "step_left": {"step_left"},
    "step_right": {"step_right"},
    "swipe_right_inward": {"swipe_left"},
    "swipe_right_outward": {"swipe_right"},
    "punch_left": {"left_punch", "punch"},
}
"""What the crowd's acts are called here."""
LEGS = {"jump", "crouch", "step_left", "step_right"}


def seen(stream):
    """Yield times and people of a stream of poses, each person known by the body it belongs to."""
    for moment in stream:
        found = sorted(zip(moment.origins, moment.poses, strict=True), key=lambda pair: pair[0])
        yield (
            moment.time,
            tuple(
                Person(body, body, pose.above(0.3), moment.time, STILL, moment.time)
                for body, pose in found
                if body
            ),
        )


def told(stream, gestures: Gestures | None = None) -> list[Gesture]:
    gestures = gestures or Gestures()
    return [event for time, people in stream for event in gestures.update(people, time, ASPECT)]


def starts(events) -> Counter[str]:
    return Counter(event.name for event in events if event.phase == "start")


@pytest.mark.parametrize("rate", [10.0, 30.0, 60.0])
@pytest.mark.parametrize("act", ACTS)
def test_each_act_is_told_by_its_name_and_by_no_other(act, rate):
    body = scripted(act, 0.5, begin=1.5, duration=2.5, total=5.5)
    events = told(seen(observe([body], rate, 5.5, SIZE, NONE, jitter=0.2)))
    assert ACTS[act] <= set(starts(events)) <= ACTS[act] | {"stillness"}
    for event in events:
        if event.phase == "start" and event.name in ACTS[act]:
            assert 1.5 <= event.time <= body.ground_truth[0].end + 0.6


@pytest.mark.parametrize("act", sorted(set(ACTS) - LEGS))
def test_a_child_and_somebody_seated_and_a_mirror(act):
    def flip(name):
        return name.replace("left", "?").replace("right", "left").replace("?", "right")

    forms = [
        (scripted(act, 0.4, "child", begin=1.5, duration=2.5, total=5.0), ACTS[act]),
        (scripted(act, 0.7, seated=True, begin=1.5, duration=2.5, total=5.0), ACTS[act]),
        (scripted(act, 0.5, mirrored=True, begin=1.5, duration=2.5, total=5.0), set(map(flip, ACTS[act]))),
    ]
    for body, names in forms:
        assert names <= set(starts(told(seen(observe([body], 30.0, 5.0, SIZE, NONE)))))


def happens_at(act: str, begin: float, facing: float = 0.0) -> Counter[str]:
    """Return what is told of an act, seconds after its body was first seen."""
    body = scripted(act, 0.5, begin=begin, duration=1.5, total=begin + 2.5, facing=facing)
    return starts(told(seen(observe([body], 30.0, begin + 2.5, SIZE, NONE))))


def test_who_comes_in_is_not_taken_for_one_who_leaps():
    """A body that grows into the picture rises, and its feet with it."""
    assert "jump" not in happens_at("jump", 0.1)
    assert "jump" in happens_at("jump", 1.5)


def test_who_was_never_seen_standing_does_not_crouch():
    """Seen from above, or with knees put too high, somebody who stands looks as if she crouched."""
    crouching = scripted("crouch", 0.5, begin=0.0, duration=6.0, total=6.0)
    later = (
        (time - 2, people) for time, people in seen(observe([crouching], 30.0, 5.5, SIZE, NONE)) if time > 2
    )
    assert "crouch" not in starts(told(later))
    assert "crouch" in happens_at("crouch", 1.5)


def test_hands_that_meet_behind_a_back_are_guesses():
    assert "hands_together" not in happens_at("hands_together", 1.5, facing=180.0)
    assert "hands_together" in happens_at("hands_together", 1.5)


def test_a_raised_hand_from_its_start_to_its_end():
    body = scripted("raise_right", 0.5, begin=1.0, duration=3.0, total=6.0)
    events = told(
        seen(observe([body], 30.0, 6.0, SIZE, NONE)), Gestures(GestureOptions(("right_hand_raised",)))
    )
    phases = [event.phase for event in events]
    assert phases[0] == "start"
    assert phases[-1] == "end"
    assert phases.count("held") == 1
    assert phases.count("progress") >= 8
    first, last = events[0], events[-1]
    assert (first.person_id, first.slot, first.duration, first.signal) == (1, 1, 0.0, "right_hand_raised")
    assert 0 < first.strength <= 1
    assert last.signal == "right_hand_raised_end"
    assert last.duration == pytest.approx(last.time - first.time)
    held = next(event for event in events if event.phase == "held")
    assert held.duration == pytest.approx(1.0, abs=0.05)


def raised(time: float, **places: tuple[float, float]) -> tuple[Person, ...]:
    return (a_person(7, 2, a_pose(right_wrist=(0.42, 0.1), **places), seen=time),)


def test_who_leaves_in_the_middle_of_it_cancels_it_and_never_ends_it_twice():
    gestures = Gestures(GestureOptions(("right_hand_raised",)))
    events = [event for at in range(10) for event in gestures.update(raised(at / 10), at / 10, 1.0)]
    assert starts(events) == {"right_hand_raised": 1}
    (gone,) = gestures.update((), 1.0, 1.0)
    assert (gone.phase, gone.person_id, gone.slot) == ("cancelled", 7, 2)
    assert gone.duration == pytest.approx(1.0 - events[0].time)
    assert gestures.update((), 1.1, 1.0) == ()


def test_a_hidden_hand_is_forgiven_for_a_moment_and_cancels_in_the_end():
    gestures = Gestures(GestureOptions(("right_hand_raised",)))

    def look(at: int, **missing) -> list[Gesture]:
        return list(gestures.update(raised(at / 10, **missing), at / 10, 1.0))

    assert starts([event for at in range(10) for event in look(at)]) == {"right_hand_raised": 1}
    hidden = [event for at in range(10, 13) for event in look(at, missing=("right_wrist",))]
    assert [event.phase for event in look(13)] in ([], ["held"], ["progress"])
    lost = [event for at in range(14, 24) for event in look(at, missing=("right_wrist",))]
    assert "cancelled" not in [event.phase for event in hidden]
    assert [event.phase for event in lost if event.phase in ("end", "cancelled")] == ["cancelled"]


def test_an_old_pose_of_somebody_who_is_looked_for_does_nothing():
    gestures = Gestures(GestureOptions(("right_hand_raised",)))
    (person,) = raised(0.0)
    events = [event for at in range(20) for event in gestures.update((person,), at / 10, 1.0)]
    assert events == []


def test_stillness_starts_once_and_walking_ends_it():
    gestures = Gestures(GestureOptions(("stillness",)))
    body = scripted("still", 0.5, total=20.0)
    events = told(seen(observe([body], 10.0, 20.0, SIZE, seed=4)), gestures)
    assert starts(events) == {"stillness": 1}
    moved = [
        event
        for at in range(20)
        for event in gestures.update(
            (a_person(1, 1, a_pose(0.2 + 0.03 * at), seen=20 + at / 10),), 20 + at / 10, ASPECT
        )
    ]
    assert [event.phase for event in moved if event.phase != "progress"] == ["end"]


def two(gap: float, time: float, order: int = 1) -> list[Person]:
    ann = a_person(3, 1, a_pose(0.4), seen=time)
    bob = a_person(5, 2, a_pose(0.4 + gap), seen=time)
    return [ann, bob][::order]


@pytest.mark.parametrize("order", [1, -1])
def test_two_who_come_near_and_touch_hands_are_told_once_by_whoever_is_longer_here(order):
    gestures = Gestures(GestureOptions(("near", "touch")))
    events = []
    for at in range(60):
        gap = max(0.18, 1.2 - 0.06 * at)
        events += gestures.update(two(gap, at / 10, order), at / 10, 1.0)
    assert starts(events) == {"near": 1, "touch": 1}
    assert {(event.person_id, event.partner_id, event.slot) for event in events} == {(3, 5, 1)}
    left = gestures.update([two(0.2, 6.0)[0]], 6.0, 1.0)
    assert sorted(event.name for event in left if event.phase == "cancelled") == ["near", "touch"]


def test_who_stands_farther_away_is_not_near():
    gestures = Gestures(GestureOptions(("near", "touch")))
    events = []
    for at in range(30):
        far = a_person(5, 2, a_pose(0.5, 0.3, scale=0.5), seen=at / 10)
        events += gestures.update([two(0.2, at / 10)[0], far], at / 10, 1.0)
    assert events == []


def test_only_what_is_asked_for_is_told_and_a_misspelt_name_helps():
    body = scripted("raise_both", 0.5, begin=0.5, duration=2.0, total=3.0)
    stream = list(seen(observe([body], 30.0, 3.0, SIZE, NONE)))
    assert starts(told(stream, Gestures(GestureOptions(("hands_raised",))))) == {"hands_raised": 1}
    assert told(stream, Gestures(GestureOptions(("off",)))) == []
    with pytest.raises(UnknownNameError, match="did you mean 'wave'"):
        Gestures(GestureOptions(("wavve",)))


@pytest.mark.parametrize(
    "names",
    [("crouch",), ("jump", "near"), ("left_wave", "stillness"), ("step_left", "clap"), ("swipe_left",)],
)
def test_what_is_left_out_changes_nothing_for_the_rest(names):
    acts = ("crouch", "jump", "wave_left", "step_left", "clap", "swipe_left_outward")
    bodies = [
        scripted(act, 0.4, at=(0.1 + 0.16 * at, 0.5), begin=1.0, duration=2.0, total=5.0, id=at + 1)
        for at, act in enumerate(acts)
    ]
    stream = list(seen(observe(bodies, 30.0, 5.0, SIZE, NONE)))
    rest = [event for event in told(stream) if event.name in names]
    assert {event.name for event in rest} == set(names)
    assert told(stream, Gestures(GestureOptions(names))) == rest


def test_the_table_is_in_order():
    assert len(set(GESTURE_NAMES)) == len(GESTURE_NAMES) >= 20
    for kind in (*GESTURES, *PAIRS):
        assert 0 <= kind.off < kind.on < 1
        assert kind.refractory > 0, "or an end and the next start would fall together"
        assert {name for name, _, _ in (*kind.measure, *kind.other)} <= set(QUANTITIES)
    assert all(kind.measure for kind in GESTURES)
    assert len(AT) == len(QUANTITIES)


places = st.floats(-0.5, 1.5, width=32) | st.just(float("nan"))
moves = st.lists(st.floats(-0.4, 0.6), min_size=3, max_size=25)


@settings(max_examples=25, deadline=None)
@given(steps=moves, seed=st.integers(0, 2**16), count=st.integers(1, 4))
def test_laws_of_phases_order_time_and_missing_keypoints(steps, seed, count):
    """Wild bodies at wild times: phases alternate, nobody's place in the list matters, nothing is raised."""
    random = np.random.default_rng(seed)
    straight, shuffled, again = Gestures(), Gestures(), Gestures()
    again.update([a_person(9, 1, seen=0.0)], 0.0, ASPECT)
    again.reset()
    time, open_gestures, size_before = 0.0, set(), None
    for at, step in enumerate(steps):
        time += step
        people = []
        for number in range(1, count + 1):
            if random.random() < 0.2:
                continue
            xy = random.normal(0.5, 0.3, (17, 2)).astype(np.float32)
            xy[random.random(17) < 0.2] = np.nan
            people.append(
                Person(number, number, Pose(xy, np.isfinite(xy[:, 0]) * 0.9, 0.9), 1.0, STILL, max(0.0, time))
            )
        events = straight.update(people, time, ASPECT)
        mixed = [people[place] for place in random.permutation(len(people))]
        assert shuffled.update(mixed, time, ASPECT) == events
        assert again.update(people, time, ASPECT) == events
        for event in events:
            assert np.isfinite([event.strength, event.duration]).all()
            key = (event.name, event.person_id, event.partner_id)
            assert (key in open_gestures) == (event.phase != "start"), f"{event} at {at}"
            if event.phase == "start":
                open_gestures.add(key)
            elif event.phase in ("end", "cancelled"):
                open_gestures.discard(key)
    closing = straight.update((), time + 1, ASPECT)
    assert {(event.name, event.person_id, event.partner_id) for event in closing} == open_gestures
    assert all(event.phase == "cancelled" for event in closing)
    assert size_before is None


@settings(max_examples=40, deadline=None)
@given(
    measures=st.lists(st.floats(0, 1) | st.just(float("nan")), min_size=1, max_size=80),
    steps=st.lists(st.floats(0, 0.4), min_size=80, max_size=80),
)
def test_every_start_has_one_end(measures, steps):
    machine = Machine([Kind("anything", after=0.1, release=0.1, refractory=0.2, held=0.5, lost=0.3)])
    now, phases, times = 0.0, [], []
    for measure, step in zip(measures, steps, strict=False):
        now += step
        for event in machine.update(np.array([[measure]]), [Who(1)], [None], now):
            phases.append(event.phase)
            times.append(event.time)
    phases += [event.phase for event in machine.update(np.empty((1, 0)), [], [], now + 1)]
    closed = [phase for phase in phases if phase in ("start", "end", "cancelled")]
    assert closed[::2] == ["start"] * (len(closed) // 2)
    assert all(phase in ("end", "cancelled") for phase in closed[1::2])
    assert len(closed) % 2 == 0
    assert times == sorted(times)


def test_a_clock_that_goes_back_or_stands_is_no_news():
    gestures = Gestures(GestureOptions(("right_hand_raised",)))
    times = [0.0, 0.1, 0.2, 0.2, 0.1, 0.0, 0.3, 0.4]
    events = [event for time in times for event in gestures.update(raised(time), time, 1.0)]
    assert starts(events) == {"right_hand_raised": 1}
    assert all(event.duration >= 0 for event in events)


def test_what_is_remembered_does_not_grow():
    gestures = Gestures()

    def remembered() -> int:
        machines = (gestures._machine, gestures._pair_machine)
        rows = [gestures._bodies._rows, *(machine._rows for machine in machines)]
        kept = sum(array.nbytes for row in rows for array in row.arrays.values())
        return kept + sum(len(machine._doings) for machine in machines)

    sizes = []
    for visit in range(40):
        for at in range(3):
            time = visit * 0.3 + at * 0.1
            people = [a_person(visit * 2 + one, one, seen=time, x=0.3 * one) for one in (1, 2)]
            gestures.update(people, time, ASPECT)
        sizes.append(remembered())
    assert len(sizes) == 40
    assert len(set(sizes)) == 1
    gestures.update((), 100.0, ASPECT)
    assert remembered() == 0


@pytest.mark.parametrize("act", ["wave_right", "swipe_left_outward", "punch_right", "clap", "jump"])
def test_who_looks_closer_all_the_time_sees_the_same(act):
    body = scripted(act, 0.6, begin=1.0, duration=1.5, total=3.5)
    stream = list(seen(observe([body], 30.0, 3.5, SIZE, seed=3)))
    always = Gestures()
    assert always._ramps._closer_off.size == 7
    always._ramps._closer_off[:] = -np.inf
    events = told(stream)
    assert len(events) > 0
    assert told(stream, always) == events


def test_keypoints_that_the_settings_call_missing_are_missing_in_raw_poses_too():
    def look(keypoint_score: float) -> list[Gesture]:
        gestures = Gestures(GestureOptions(("right_hand_raised",), keypoint_score=keypoint_score))
        events = []
        for at in range(20):
            (person,) = raised(at / 10)
            scores = person.pose.scores.copy()
            scores[COCO_17.find("right_wrist")] = 0.4
            weak = replace(person, raw=Pose(person.pose.xy, scores, 0.9))
            events += gestures.update((weak,), at / 10, 1.0)
        return events

    assert [event.phase for event in look(0.3) if event.phase in ("start", "cancelled")] == ["start"]
    assert [event.phase for event in look(0.5) if event.phase in ("start", "cancelled")] == [
        "start",
        "cancelled",
    ]


def test_infinite_places_are_survived():
    gestures = Gestures()
    for at in range(5):
        person = a_person(1, 1, seen=at / 10)
        xy = person.pose.xy.copy()
        xy[at] = np.inf
        gestures.update([replace(person, pose=Pose(xy, person.pose.scores, 0.9))], at / 10, ASPECT)
    assert set(FORMS) <= set(gestures._bodies._rows.arrays)
    assert COCO_17.find("left_wrist") == 9
