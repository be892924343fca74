"""A person arrives, stays, hides, returns and leaves; two people do not change names; things are nobody."""

from __future__ import annotations

import math

import numpy as np
import pytest
from builders import STANDING
from hypothesis import given, settings
from hypothesis import strategies as st

from posekit.engine.options import tracker_options
from posekit.errors import SettingsError, UnknownNameError
from posekit.events import Presence
from posekit.gathered import NOBODY
from posekit.pose import Pose
from posekit.scene import Person
from posekit.settings import Settings
from posekit.tracking import Tracked, Tracker, TrackerOptions, parse_ignore

SIZE = (640, 480)
AT_ONCE = TrackerOptions(min_age=0.0)
"""For what has nothing to do with how long somebody must be seen first."""


def a_body(
    x: float, y: float = 0.5, height: float = 0.5, score: float = 0.9, tremble: np.ndarray | float = 0.0
) -> Pose:
    """Return a standing body with its middle at (x, y), so many image heights tall."""
    shape = (STANDING - (0.0, 0.27)) / 0.56 * height * (0.75, 1.0)
    return Pose(shape + np.array((x, y)) + tremble, np.full(17, score), score)


def ids(people: tuple[Person, ...]) -> list[int]:
    return [person.id for person in people]


class Room:
    """Looks at poses frame by frame and keeps what happened."""

    def __init__(self, rate: float = 20.0, options: TrackerOptions | None = None, first: float = 0.0) -> None:
        self.tracker, self.presence = Tracker(options), Presence()
        self.step, self.time = 1 / rate, first - 1 / rate
        self.story: list[tuple[str, int, float]] = []
        self.tracked = Tracked(NOBODY, (), None)

    def look(self, *poses: Pose) -> tuple[Person, ...]:
        self.time += self.step
        self.tracked = self.tracker.update(poses, self.time, SIZE)
        for event in self.presence.update(self.tracked.people, self.time):
            if event.name in ("enter", "leave"):
                self.story.append((event.name, event.person_id, event.time))
        return self.tracked.people

    def watch(self, seconds: float, *poses: Pose) -> tuple[Person, ...]:
        for _ in range(round(seconds / self.step)):
            self.look(*poses)
        return self.tracked.people

    @property
    def names(self) -> list[tuple[str, int]]:
        return [(name, number) for name, number, _ in self.story]


RATES = pytest.mark.parametrize("rate", [5.0, 10.0, 30.0, 60.0])


@RATES
def test_the_life_of_a_visitor(rate: float) -> None:
    room = Room(rate)
    room.watch(1.0)
    assert room.look(a_body(0.5)) == ()
    assert len(room.tracked.candidates) == 1
    room.watch(1.0, a_body(0.5))
    (name, number, entered) = room.story[0]
    assert (name, number) == ("enter", 1)
    # She is believed in after 0.25 s, at the next frame that there is.
    assert 1.0 + 0.09 <= entered <= 1.0 + 0.25 + 1 / rate + 1e-6
    for at in range(round(2 * rate)):
        room.look(a_body(0.5 + 0.1 * at / rate))
    assert ids(room.watch(1.0)) == [1]
    room.watch(1.0, a_body(0.72))
    room.watch(4.0)
    assert room.names == [("enter", 1), ("leave", 1)]
    assert room.story[1][2] == pytest.approx(room.time - 4.0, abs=1.5 / rate)


def test_people_who_are_told_late_are_as_they_were() -> None:
    early, late = Room(), Room()
    story = [(a_body(0.2 + 0.01 * at), *([a_body(0.8)] if at % 7 < 4 else [])) for at in range(40)]
    told = [(early.look(*bodies), late.tracker.update(bodies, early.time, SIZE)) for bodies in story]
    assert [len(people) for people, _ in told][-20:] == [2] * 20
    for people, tracked in told:
        assert tracked.people is tracked.people
        assert ids(tracked.people) == ids(people)
        for one, same in zip(people, tracked.people, strict=True):
            assert (one.slot, one.age, one.seen, one.score) == (same.slot, same.age, same.seen, same.score)
            assert one.raw is same.raw
            np.testing.assert_array_equal(one.pose.xy, same.pose.xy)
            np.testing.assert_array_equal(one.velocity, same.velocity)
            assert not same.pose.xy.flags.writeable
            assert not same.pose.scores.flags.writeable


def test_one_sighting_is_nobody_and_two_are_not_enough_at_a_high_rate() -> None:
    assert Room(60.0).look(a_body(0.5)) == ()
    assert Room(60.0).watch(0.05, a_body(0.5)) == ()
    seldom = Room(1.0)
    assert seldom.look(a_body(0.5)) == ()
    assert ids(seldom.look(a_body(0.5))) == [1]


def test_what_flashes_up_is_nobody() -> None:
    room = Room(30.0)
    for at in range(60):
        room.watch(0.07, a_body(0.1 + 0.013 * at, score=0.4))
        room.watch(0.4)
    assert room.story == []


def test_a_body_that_flickers_is_one_visit() -> None:
    room, numbers = Room(30.0), np.random.default_rng(4)
    for _ in range(600):
        room.look(
            *([a_body(0.5, tremble=numbers.normal(0, 0.004, (17, 2)))] if numbers.random() < 0.6 else [])
        )
    assert room.names == [("enter", 1)]


@RATES
def test_who_walks_behind_another_comes_out_as_herself(rate: float) -> None:
    room = Room(rate)
    before = a_body(0.5, 0.5, 0.9)
    for at in range(round(6 * rate)):
        x = 0.1 + 0.13 * at / rate
        room.look(before, *([] if 0.44 < x < 0.57 else [a_body(x, height=0.5)]))
    assert room.names == [("enter", 1), ("enter", 2)]
    assert len(room.tracked.people) == 2
    where = {person.id: person.center.x for person in room.tracked.people}
    assert where[1] > 0.8
    assert where[2] == pytest.approx(0.5, abs=0.05)


def test_who_is_hidden_is_waited_for_longer_than_who_is_gone() -> None:
    hidden = Room()
    hidden.watch(1.0, a_body(0.5, 0.55, 0.9), a_body(0.52, height=0.5))
    assert len(hidden.watch(3.5, a_body(0.5, 0.55, 0.9))) == 2
    assert len(hidden.watch(1.0, a_body(0.5, 0.55, 0.9), a_body(0.52, height=0.5))) == 2
    assert len(hidden.names) == 2
    gone = Room()
    gone.watch(1.0, a_body(0.2, 0.55, 0.9), a_body(0.8, height=0.5))
    assert len(gone.watch(2.5, a_body(0.2, 0.55, 0.9))) == 1


def test_who_walks_out_at_the_edge_leaves_soon_and_the_next_is_another() -> None:
    room = Room()
    for at in range(40):
        x = 0.5 + 0.012 * at
        room.look(a_body(x)) if x < 0.96 else room.look()
    room.watch(1.0)
    assert room.names == [("enter", 1), ("leave", 1)]
    for at in range(20):
        room.look(a_body(0.96 - 0.012 * at))
    assert room.names[2:] == [("enter", 2)]


@RATES
def test_who_comes_in_where_another_has_just_gone_out_is_another(rate: float) -> None:
    room = Room(rate)
    for at in range(round(1.5 * rate)):
        room.look(a_body(0.7 + 0.2 * at / rate))
    for at in range(round(2 * rate)):
        room.look(a_body(0.98 - 0.2 * at / rate, y=0.54, height=0.5))
    assert [number for name, number in room.names if name == "enter"] == [1, 2]


def test_who_is_strong_need_not_wait_for_somebody_missed_far_away() -> None:
    waits = []
    for missed in (True, False):
        room = Room(20.0)
        room.watch(1.0, a_body(0.2), a_body(0.5))
        begin = room.time
        while 3 not in ids(room.look(a_body(0.2), a_body(0.9), *([] if missed else [a_body(0.5)]))):
            assert room.time < begin + 1
        waits.append(room.time - begin)
    assert waits[0] == pytest.approx(waits[1])


def test_another_body_at_the_same_place_is_not_her() -> None:
    room = Room()
    room.watch(2.0, a_body(0.5, height=0.8))
    room.watch(0.5)
    room.watch(1.0, a_body(0.5, height=0.3))
    assert [number for name, number in room.names if name == "enter"] == [1, 2]


def test_two_people_cross_and_keep_their_names() -> None:
    room = Room(15.0)
    for at in range(75):
        way = 0.15 + 0.7 * at / 75
        room.look(a_body(way, 0.5), a_body(1 - way, 0.53))
    assert len(room.names) == 2
    where = {person.id: person.center.x for person in room.tracked.people}
    assert where[1] > 0.8
    assert where[2] < 0.2


def test_one_body_seen_twice_is_one_person() -> None:
    room = Room()
    for _ in range(40):
        weaker = a_body(0.505, score=0.6)
        lower = np.where(np.arange(17) < 11, 0.1, 0.7)
        half = Pose(a_body(0.5).xy + 0.004, lower, 0.31)
        room.look(a_body(0.5), weaker, half)
    assert room.names == [("enter", 1)]
    assert len(room.tracked.candidates) == 2


def test_a_weak_body_is_nobody_but_who_is_known_may_be_weak() -> None:
    room = Room()
    room.watch(1.0, a_body(0.5, score=0.22))
    assert room.story == []
    loose = Room(options=TrackerOptions(keypoint_score=0.1))
    loose.watch(1.0, a_body(0.5))
    assert ids(loose.watch(3.0, a_body(0.5, score=0.2))) == [1]
    assert loose.tracked.people[0].seen == loose.time


def test_thin_and_small_bodies_are_candidates() -> None:
    thin = Pose(a_body(0.5).xy, np.where(np.arange(17) < 3, 0.9, 0.1), 0.5)
    tracked = Tracker(AT_ONCE).update([thin, a_body(0.2, score=0.1), a_body(0.8, height=0.02)], 0.0, SIZE)
    assert tracked.people == ()
    assert len(tracked.candidates) == 3
    assert int(tracked.candidates[0].visible.sum()) == 3


def test_a_person_has_her_pose_without_weak_keypoints_and_the_raw_one() -> None:
    pose = Pose(a_body(0.5).xy, np.where(np.arange(17) < 12, 0.9, 0.1), 0.7)
    (person,) = Tracker(AT_ONCE).update([pose], 0.0, SIZE).people
    assert person.raw is pose
    assert person.pose.visible.tolist() == [True] * 12 + [False] * 5
    assert np.isnan(person.pose.xy[12:]).all()


def trembling(room: Room, seconds: float, x: float, **values: float) -> None:
    numbers = np.random.default_rng(5)
    for _ in range(round(seconds / room.step)):
        tremble = numbers.normal(0, 0.02 * values.get("height", 0.5), (17, 2))
        room.look(a_body(x, tremble=tremble, **values))


@pytest.mark.parametrize("height", [0.15, 0.8])
def test_a_coat_leaves_after_a_while_and_does_not_come_back(height: float) -> None:
    room = Room(10.0)
    trembling(room, 80.0, 0.3, height=height)
    assert room.names == [("enter", 1), ("leave", 1)]
    assert len(room.tracked.candidates) == 1
    room.watch(20.0)
    trembling(room, 80.0, 0.3, height=height)
    assert len(room.names) == 2


def test_a_coat_that_was_somebody_after_all_enters_when_she_moves() -> None:
    room = Room(10.0)
    trembling(room, 70.0, 0.3)
    for at in range(30):
        room.look(a_body(0.3 + 0.01 * at))
    assert room.names == [("enter", 1), ("leave", 1), ("enter", 2)]


def test_who_walked_in_stays_one_visit_for_ten_motionless_minutes() -> None:
    room = Room(5.0)
    for at in range(20):
        room.look(a_body(0.1 + 0.02 * at))
    trembling(room, 600.0, 0.48)
    assert room.names == [("enter", 1)]
    assert room.tracked.people[0].age > 590


def test_who_only_lifts_an_arm_is_no_coat() -> None:
    room = Room(10.0)
    trembling(room, 20.0, 0.5)
    lifted = a_body(0.5).xy.copy()
    lifted[[7, 9]] -= (0.0, 0.2)
    for _ in range(30):
        room.look(Pose(lifted, np.full(17, 0.9), 0.9))
    trembling(room, 80.0, 0.5)
    assert room.names == [("enter", 1)]


def test_a_minute_in_which_the_machine_slept_makes_nobody_a_coat() -> None:
    room = Room(10.0)
    trembling(room, 3.0, 0.3)
    room.time += 3600.0
    trembling(room, 50.0, 0.3)
    assert len(room.tracked.people) == 1
    trembling(room, 30.0, 0.3)
    assert room.tracked.people == ()


def test_nobody_is_seen_where_nobody_is_looked_for() -> None:
    room = Room(options=TrackerOptions(ignore=parse_ignore("0,0,30%,1; 0.8,0 1,0 1,1 0.8,1")))
    room.watch(1.0, a_body(0.15), a_body(0.5), a_body(0.9))
    assert [round(person.center.x, 1) for person in room.tracked.people] == [0.5]
    assert room.tracked.candidates == ()


@pytest.mark.parametrize("text", ["left", "0,0,1", "0,0 1,1", "0,0,0,1", "0,0,9,1", "nan,0,1,1"])
def test_a_wrong_place_to_ignore_says_how_it_is_written(text: str) -> None:
    with pytest.raises(SettingsError, match="no place to ignore"):
        parse_ignore(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("0,0,2,2", "2"),
        ("0,0,20%,1; 0.5,0,0.6,1", "1.1"),
        ("-0.2,0,0.5,1", "-0.2"),
        ("0,0,320,240", "320"),
        ("0,0 0.5,0 0.5,120%", "1.2"),
    ],
)
def test_a_place_outside_of_the_picture_is_none_to_ignore(text: str, found: str) -> None:
    with pytest.raises(SettingsError, match=rf"reaches outside of the picture \({found}\)"):
        parse_ignore(text)


@pytest.mark.parametrize("text", ["0,0,1.0001,0.5", "-0.0001,0,0.3,1", "66.67%,0,33.34%,1", "0,0,1,0.99"])
def test_a_little_rounding_is_no_place_outside(text: str) -> None:
    assert len(parse_ignore(text)) == 1


@pytest.mark.parametrize(
    "text", ["0,0,1,1", "0,0 1,0 1,1 0,1", "0,0,50%,1; 50%,0,50%,1", "0,0,99.95%,1", "0,0,1,0.6; 0,0.4,1,0.6"]
)
def test_who_ignores_the_whole_picture_would_see_nobody_ever(text: str) -> None:
    with pytest.raises(SettingsError, match=r"covers the whole picture, so nobody is ever seen"):
        parse_ignore(text)


def test_settings_reach_the_tracker() -> None:
    told = tracker_options(Settings(lead="nearest", ignore="0,0,1,0.2", still_after=0, pose_score=0.1))
    assert (told.lead, len(told.ignore), told.still_after) == ("nearest", 1, 0)
    assert (told.pose_score, told.keep_score) == (0.1, 0.1)
    assert tracker_options(Settings(source="picture.jpg")).min_age == 0
    with pytest.raises(UnknownNameError, match="nearest"):
        tracker_options(Settings(lead="nearst"))


def test_the_longest_here_leads_until_she_leaves() -> None:
    room = Room()
    room.watch(1.0, a_body(0.2, height=0.3))
    room.watch(2.0, a_body(0.2, height=0.3), a_body(0.7, height=0.8))
    assert room.tracked.lead_id == 1
    room.watch(3.0, a_body(0.7, height=0.8))
    assert room.tracked.lead_id == 2
    room.watch(5.0)
    assert room.tracked.lead_id is None


@pytest.mark.parametrize("lead", ["biggest", "nearest"])
def test_the_biggest_takes_the_lead_when_she_is_clearly_so_for_a_while(lead: str) -> None:
    room = Room(options=TrackerOptions(lead=lead))
    room.watch(1.0, a_body(0.2, height=0.5))
    room.watch(3.0, a_body(0.2, height=0.5), a_body(0.7, height=0.53))
    assert room.tracked.lead_id == 1
    room.watch(0.8, a_body(0.2, height=0.5), a_body(0.7, 0.55, height=0.9))
    assert room.tracked.lead_id == 1
    room.watch(2.0, a_body(0.2, height=0.5), a_body(0.7, 0.55, height=0.9))
    assert room.tracked.lead_id == 2


def test_whoever_is_in_the_zone_leads() -> None:
    within: dict[str, set[int]] = {"stage": set()}
    tracker = Tracker(TrackerOptions(lead="zone:stage", min_age=0), occupants=lambda name: within[name])
    leads = []
    for at, there in enumerate([set(), {2}, {1, 2}, {1}, {1}, {1}, set(), set(), set()]):
        within["stage"] = there
        leads.append(tracker.update([a_body(0.2), a_body(0.8)], 0.6 * at, SIZE).lead_id)
    assert leads == [None, 2, 2, 2, 1, 1, 1, None, None]


def test_a_leave_tells_when_she_was_last_seen_and_how_long_she_stayed() -> None:
    tracker, presence = Tracker(AT_ONCE), Presence()
    for time in (10.0, 10.5, 11.0):
        presence.update(tracker.update([a_body(0.5)], time, SIZE).people, time)
    (leave,) = presence.update(tracker.update([], 14.0, SIZE).people, 14.0)
    assert (leave.name, leave.person_id, leave.time, leave.value) == ("leave", 1, 11.0, pytest.approx(1.0))


def test_a_visit_ends_when_she_was_last_seen_not_when_she_was_given_up() -> None:
    tracker, presence = Tracker(AT_ONCE), Presence()
    leaves = []
    for tenth in range(60):
        poses = [a_body(0.5)] if tenth <= 20 else []
        events = presence.update(tracker.update(poses, tenth / 10, SIZE).people, tenth / 10)
        leaves += [event for event in events if event.name == "leave"]
    (leave,) = leaves
    assert (leave.time, leave.value) == (pytest.approx(2.0), pytest.approx(2.0))


def test_a_body_that_stands_still_is_the_same_after_a_stall() -> None:
    tracker, numbers = Tracker(AT_ONCE), np.random.default_rng(3)
    for tenth in range(20):
        trembling = Pose(a_body(0.5).xy + numbers.normal(0, 0.01, (17, 2)), np.full(17, 0.9), 0.9)
        tracker.update([trembling], tenth / 10, SIZE)
    assert ids(tracker.update([a_body(0.5)], 4.0, SIZE).people) == [1]


def test_two_people_keep_their_names_when_one_leaves() -> None:
    tracker = Tracker(AT_ONCE)
    people = tracker.update([a_body(0.2), a_body(0.8)], 0.0, SIZE).people
    assert ids(people) == [1, 2]
    people = tracker.update([a_body(0.79)], 2.5, SIZE).people
    assert ids(people) == [2]
    assert people[0].slot == 2


def test_people_beyond_the_slots_count_and_move_up() -> None:
    tracker = Tracker(TrackerOptions(slots=2, min_age=0, grace=0.5))
    three = tracker.update([a_body(0.1), a_body(0.5), a_body(0.9)], 0.0, SIZE).people
    assert [person.slot for person in three] == [1, 2, None]
    rest = tracker.update([a_body(0.5), a_body(0.9)], 1.0, SIZE).people
    assert [(person.id, person.slot) for person in rest] == [(2, 2), (3, 1)]


def test_resetting_forgets_people_but_not_ids() -> None:
    tracker = Tracker(AT_ONCE, first_id=7)
    assert ids(tracker.update([a_body(0.5)], 5.0, SIZE).people) == [7]
    tracker.reset()
    assert ids(tracker.update([a_body(0.5)], 1.0, SIZE).people) == [8]


@settings(max_examples=30, deadline=None)
@given(order=st.permutations(range(4)), start=st.sampled_from([0.0, 1.0, 1e5]))
def test_the_order_of_poses_does_not_matter(order: list[int], start: float) -> None:
    tracker = Tracker(AT_ONCE)
    places = [0.1, 0.37, 0.63, 0.9]
    before = tracker.update([a_body(x, height=0.3) for x in places], start, SIZE).people
    after = tracker.update([a_body(places[at] + 0.01, height=0.3) for at in order], start + 0.1, SIZE).people
    assert ids(before) == ids(after) == [1, 2, 3, 4]
    where = {person.id: person.center.x for person in after}
    assert [where[number] for number in (1, 2, 3, 4)] == sorted(where.values())


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.floats(-1, 1), st.integers(0, 4)), min_size=1, max_size=30))
def test_ids_are_unique_and_never_come_back(steps: list[tuple[float, int]]) -> None:
    tracker, time = Tracker(AT_ONCE), 0.0
    gone: set[int] = set()
    last: set[int] = set()
    for elapsed, count in steps:
        time += elapsed  # also repeated and decreasing times
        tracked = tracker.update([a_body(0.1 + 0.2 * at, height=0.2) for at in range(count)], time, SIZE)
        here = set(ids(tracked.people))
        assert len(here) == len(tracked.people)
        assert not here & gone
        assert all(np.isfinite(person.velocity).all() for person in tracked.people)
        gone |= last - here
        last = here


def a_scramble(seed: int, count: int) -> list[list[Pose]]:
    """Return frames of bodies that walk about, with misses and noise."""
    numbers = np.random.default_rng(seed)
    places, pace = numbers.uniform(0.1, 0.9, count), numbers.uniform(-0.01, 0.01, count)
    frames = []
    for _ in range(40):
        places += pace
        frames.append(
            [
                a_body(float(x), 0.4 + 0.05 * at, 0.3 + 0.05 * at, tremble=numbers.normal(0, 0.004, (17, 2)))
                for at, x in enumerate(places)
                if numbers.random() > 0.15
            ]
        )
    return frames


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), count=st.integers(1, 5), start=st.sampled_from([0.0, 3.0, 1e5]))
def test_neither_the_order_of_poses_nor_the_time_of_day_changes_who_is_who(
    seed: int, count: int, start: float
) -> None:
    numbers = np.random.default_rng(seed + 1)
    plain, mixed = Tracker(), Tracker()
    told = 0
    for at, poses in enumerate(a_scramble(seed, count)):
        other = [poses[place] for place in numbers.permutation(len(poses))]
        one = plain.update(poses, at / 16, SIZE).people
        two = mixed.update(other, start + at / 16, SIZE).people
        assert [(person.id, person.slot) for person in one] == [(person.id, person.slot) for person in two]
        assert all(np.array_equal(a.raw.xy, b.raw.xy) for a, b in zip(one, two, strict=True))
        told += len(one)
    assert told > 0


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_after_a_reset_it_is_as_new(seed: int) -> None:
    used, frames = Tracker(), a_scramble(seed, 3)
    for at, poses in enumerate(a_scramble(seed + 1, 4)):
        used.update(poses, 50 + at / 20, SIZE)
    used.reset()
    new = Tracker(first_id=used.update([], 0.0, SIZE) and used._next_id)
    for at, poses in enumerate(frames):
        one, two = used.update(poses, at / 20, SIZE), new.update(poses, at / 20, SIZE)
        assert ids(one.people) == ids(two.people)
        assert one.lead_id == two.lead_id
        assert [person.age for person in one.people] == [person.age for person in two.people]
    assert one.people


@settings(max_examples=25, deadline=None)
@given(
    steps=st.lists(st.sampled_from([0.0, 0.02, 0.05, 0.3, -0.03, -0.5, -50.0, 4.0]), min_size=5, max_size=40),
    seed=st.integers(0, 1000),
)
def test_whatever_time_does_and_whatever_is_nan_people_are_sound(steps: list[float], seed: int) -> None:
    numbers, tracker, time = np.random.default_rng(seed), Tracker(), 0.0
    gone: set[int] = set()
    last: set[int] = set()
    for step in steps:
        time += step
        poses = []
        for x in (0.3, 0.6):
            xy, scores = a_body(x).xy.copy(), np.full(17, 0.9, np.float32)
            xy[numbers.random(17) < 0.2] = numbers.choice([np.nan, np.inf, -np.inf, 1e30])
            scores[numbers.random(17) < 0.1] = np.nan
            poses.append(Pose(xy, scores, float(numbers.choice([0.9, 0.9, math.nan]))))
        tracked = tracker.update(poses, time, SIZE)
        here = set(ids(tracked.people))
        assert len(here) == len(tracked.people)
        assert not here & gone
        gone |= last - here
        last = here
        for person in tracked.people:
            assert np.isfinite(person.velocity).all()
            assert math.isfinite(person.age)
            assert person.age >= 0
            assert math.isfinite(person.seen)
            assert person.pose.visible.sum() >= 3
            assert np.isnan(person.pose.xy[~person.pose.visible]).all()


def test_a_clock_that_went_far_back_keeps_people_and_goes_on() -> None:
    room = Room(first=1000.0)
    room.watch(2.0, a_body(0.5))
    room.time = 3.0
    assert ids(room.watch(1.0, a_body(0.5))) == [1]
    assert room.tracked.people[0].seen == pytest.approx(4.0)
    room.watch(3.0)
    assert room.names == [("enter", 1), ("leave", 1)]


def test_what_is_remembered_does_not_grow_with_the_run() -> None:
    room, numbers = Room(20.0), np.random.default_rng(6)
    most = 0
    for _ in range(2000):
        room.look(*(a_body(float(x), float(y)) for x, y in numbers.uniform(0.1, 0.9, (3, 2))))
        most = max(most, len(room.tracker._rows))
    assert 3 <= most <= 64
