"""A person arrives, stays, hides, returns and leaves; two people do not change names."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posekit.events import Presence
from posekit.pose import Pose
from posekit.scene import Person
from posekit.tracking import Tracker, TrackerOptions

SIZE = (640, 480)


def a_body(x: float, y: float = 0.5, height: float = 0.5, score: float = 0.9) -> Pose:
    """Return a standing body around (x, y), image-normalised."""
    across = np.linspace(-0.1, 0.1, 17) * height
    down = np.linspace(-0.5, 0.5, 17) * height
    return Pose(np.stack([x + across, y + down], axis=1), np.full(17, score), score)


def ids(people: tuple[Person, ...]) -> list[int]:
    return [person.id for person in people]


def test_the_life_of_a_visitor() -> None:
    tracker, presence = Tracker(), Presence(empty_after=2.0)
    story: list[str] = []

    def look(poses: list[Pose], time: float) -> tuple[Person, ...]:
        tracked = tracker.update(poses, time, SIZE)
        story.extend(event.name for event in presence.update(tracked.people, time))
        return tracked.people

    assert look([], 0.0) == ()
    (arrived,) = look([a_body(0.5)], 0.1)
    assert (arrived.id, arrived.slot, arrived.age) == (1, 1, 0.0)
    (stayed,) = look([a_body(0.52)], 0.2)
    assert stayed.id == 1
    assert stayed.age == pytest.approx(0.1)
    assert stayed.velocity[0, 0] > 0
    (hidden,) = look([], 0.5)
    assert hidden.id == 1
    assert hidden.seen == pytest.approx(0.2)
    (returned,) = look([a_body(0.53)], 0.6)
    assert returned.id == 1
    assert look([], 1.2) == ()
    assert look([], 3.3) == ()
    (other,) = look([a_body(0.5)], 3.4)
    assert (other.id, other.slot) == (2, 1)
    assert story == ["first", "enter", "leave", "empty", "first", "enter"]


def test_a_leave_tells_when_she_was_last_seen_and_how_long_she_stayed() -> None:
    tracker, presence = Tracker(), Presence()
    for time in (10.0, 10.5, 11.0):
        presence.update(tracker.update([a_body(0.5)], time, SIZE).people, time)
    (leave,) = presence.update(tracker.update([], 12.0, SIZE).people, 12.0)
    assert (leave.name, leave.person_id, leave.time, leave.value) == ("leave", 1, 11.0, pytest.approx(1.0))


def test_a_visit_ends_when_she_was_last_seen_not_when_she_was_given_up() -> None:
    tracker, presence = Tracker(), Presence()
    leaves = []
    for tenth in range(40):
        poses = [a_body(0.5)] if tenth <= 20 else []
        events = presence.update(tracker.update(poses, tenth / 10, SIZE).people, tenth / 10)
        leaves += [event for event in events if event.name == "leave"]
    (leave,) = leaves
    assert (leave.time, leave.value) == (pytest.approx(2.0), pytest.approx(2.0))


def test_a_body_that_stands_still_is_the_same_after_a_stall() -> None:
    tracker, numbers = Tracker(), np.random.default_rng(3)
    for tenth in range(20):
        trembling = Pose(a_body(0.5).xy + numbers.normal(0, 0.01, (17, 2)), np.full(17, 0.9), 0.9)
        tracker.update([trembling], tenth / 10, SIZE)
    assert ids(tracker.update([a_body(0.5)], 4.0, SIZE).people) == [1]


def test_two_people_keep_their_names_when_one_leaves() -> None:
    tracker = Tracker()
    people = tracker.update([a_body(0.2), a_body(0.8)], 0.0, SIZE).people
    assert ids(people) == [1, 2]
    people = tracker.update([a_body(0.79)], 1.0, SIZE).people
    assert ids(people) == [2]
    assert people[0].slot == 2


def test_people_beyond_the_slots_count_and_move_up() -> None:
    tracker = Tracker(TrackerOptions(slots=2))
    three = tracker.update([a_body(0.1), a_body(0.5), a_body(0.9)], 0.0, SIZE).people
    assert [person.slot for person in three] == [1, 2, None]
    rest = tracker.update([a_body(0.5), a_body(0.9)], 1.0, SIZE).people
    assert [(person.id, person.slot) for person in rest] == [(2, 2), (3, 1)]


def test_the_lead_stays_the_lead_until_she_leaves() -> None:
    tracker = Tracker()
    assert tracker.update([a_body(0.2, height=0.3)], 0.0, SIZE).lead_id == 1
    assert tracker.update([a_body(0.2, height=0.3), a_body(0.8, height=0.6)], 0.1, SIZE).lead_id == 1
    assert tracker.update([a_body(0.8, height=0.6)], 1.0, SIZE).lead_id == 2
    assert tracker.update([], 2.0, SIZE).lead_id is None


def test_thin_and_weak_bodies_are_candidates() -> None:
    thin = Pose(a_body(0.5).xy, np.where(np.arange(17) < 3, 0.9, 0.1), 0.5)
    weak = a_body(0.2, score=0.1)
    tracked = Tracker().update([thin, weak], 0.0, SIZE)
    assert tracked.people == ()
    assert len(tracked.candidates) == 2
    assert int(tracked.candidates[0].visible.sum()) == 3


def test_resetting_forgets_people_but_not_ids() -> None:
    tracker = Tracker(first_id=7)
    assert ids(tracker.update([a_body(0.5)], 5.0, SIZE).people) == [7]
    tracker.reset()
    assert ids(tracker.update([a_body(0.5)], 1.0, SIZE).people) == [8]


@settings(max_examples=30, deadline=None)
@given(order=st.permutations(range(4)), start=st.sampled_from([0.0, 1.0, 1e5]))
def test_the_order_of_poses_does_not_matter(order: list[int], start: float) -> None:
    tracker = Tracker()
    places = [0.1, 0.37, 0.63, 0.9]
    before = tracker.update([a_body(x, height=0.3) for x in places], start, SIZE).people
    after = tracker.update([a_body(places[at] + 0.01, height=0.3) for at in order], start + 0.1, SIZE).people
    assert ids(before) == ids(after) == [1, 2, 3, 4]
    where = {person.id: person.center.x for person in after}
    assert [where[number] for number in (1, 2, 3, 4)] == sorted(where.values())


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.floats(-1, 1), st.integers(0, 4)), min_size=1, max_size=30))
def test_ids_are_unique_and_never_come_back(steps: list[tuple[float, int]]) -> None:
    tracker, time = Tracker(), 0.0
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
