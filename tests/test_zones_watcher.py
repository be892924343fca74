"""Who is in which zone: life stories of visitors, and laws of stays."""

from __future__ import annotations

import math
from collections import defaultdict

import numpy as np
import pytest
from builders import a_person, a_pose
from hypothesis import given
from hypothesis import strategies as st

from posekit.events.zones import ZoneOptions, Zones
from posekit.pose import Pose
from posekit.scene import Person
from posekit.zones import Zone

ASPECT = 16 / 9
STAGE = Zone("stage", ((0.4, 0.5), (0.8, 0.5), (0.8, 1.0), (0.4, 1.0)))
FEET_Y = 0.55
"""How far the ankles are below the nose of `a_pose`."""


def walker(x: float, time: float, person_id: int = 1, y: float = 0.8, **values) -> Person:
    """Return somebody whose feet are at (x, y)."""
    return a_person(person_id, person_id, x=x, y=y - FEET_Y, seen=time, **values)


def told(events):
    return [(event.name, event.person_id, event.zone) for event in events]


class Visit:
    """Lets people be where they are told, `rate` times a second, and keeps what happened."""

    def __init__(self, *zones: Zone, rate: float = 30, options: ZoneOptions | None = None) -> None:
        self.watcher = Zones(zones or (STAGE,), options)
        self.step, self.now, self.events = 1 / rate, 0.0, []

    def go(self, seconds: float, where, person_id: int = 1, **values) -> Visit:
        """Let one person be at `where`, an x or a function of time that gives one."""
        until = self.now + seconds
        while self.now < until - 1e-9:
            x = where(self.now) if callable(where) else where
            people = () if x is None else (walker(x, self.now, person_id, **values),)
            self.events += self.watcher.update(people, self.now, ASPECT)
            self.now += self.step
        return self

    @property
    def told(self):
        return told(self.events)


@pytest.mark.parametrize("rate", [5, 10, 30, 60, 200])
def test_a_visit_has_an_enter_a_dwell_and_a_leave(rate):
    visit = Visit(rate=rate).go(1, 0.2).go(4, 0.6).go(1, 0.2)
    assert visit.told == [(f"zone_{what}", 1, "stage") for what in ("enter", "dwell", "leave")]
    enter, dwell, leave = visit.events
    assert enter.time == pytest.approx(1, abs=1 / rate + 1e-6)
    assert dwell.time == pytest.approx(4, abs=1 / rate + 1e-6)
    assert leave.time == pytest.approx(5, abs=1 / rate + 1e-6)
    assert (enter.occupancy, dwell.occupancy, leave.occupancy) == (1, 1, 0)
    assert leave.stay == pytest.approx(leave.time - enter.time)
    assert dwell.stay >= 3
    assert [event.value for event in visit.events] == [1.0, dwell.stay, leave.stay]
    assert [event.signal for event in visit.events] == ["stage_enter", "stage_dwell", "stage_leave"]
    assert {event.slot for event in visit.events} == {1}


def test_a_short_stay_never_dwells_and_a_zone_has_its_own_patience():
    quick = Zone("quick", STAGE.points, dwell=0.5)
    visit = Visit(STAGE, quick).go(0.5, 0.1).go(1, 0.6).go(1, 0.1)
    assert [one for one in visit.told if one[0] == "zone_dwell"] == [("zone_dwell", 1, "quick")]
    assert len(visit.events) == 5


def test_trembling_on_the_border_is_one_stay():
    noise = np.random.default_rng(4)
    visit = Visit(rate=60).go(1, 0.2).go(60, lambda _: 0.4 + noise.normal(0, 0.004)).go(1, 0.2)
    assert visit.told == [(f"zone_{what}", 1, "stage") for what in ("enter", "dwell", "leave")]


def test_one_wild_frame_is_no_visit():
    visit = Visit().go(1, 0.2).go(1 / 30, 0.6).go(1, 0.2)
    assert visit.events == []


def test_slow_walkers_leave_when_they_are_a_margin_outside():
    # She is 0.56 heights high: out by 0.05 of that is out.
    near = Visit().go(1, 0.6).go(9, 0.4 - 0.9 * 0.05 * 0.56 / ASPECT)
    assert ("zone_leave", 1, "stage") not in near.told
    far = Visit().go(1, 0.6).go(9, 0.4 - 1.2 * 0.05 * 0.56 / ASPECT)
    assert far.told[-1] == ("zone_leave", 1, "stage")
    assert far.events[-1].time == pytest.approx(1, abs=0.04)


def test_who_leaves_the_room_ends_her_stays_when_she_was_last_seen():
    visit = Visit().go(1, 0.6)
    for _ in range(10):  # the tracker holds her: her pose stands, and was seen a while ago
        visit.events += visit.watcher.update((walker(0.6, 1.0),), visit.now, ASPECT)
        visit.now += 1 / 30
    assert visit.told == [("zone_enter", 1, "stage")]
    visit.go(0.1, None)
    assert visit.told == [("zone_enter", 1, "stage"), ("zone_leave", 1, "stage")]
    assert visit.events[-1].time == 1.0
    assert visit.events[-1].stay == 1.0
    assert visit.events[-1].slot == 1
    assert visit.watcher.state[0].ids == ()


def test_nothing_happens_to_her_while_she_is_only_expected_back():
    visit = Visit().go(2.9, 0.6)
    seen = visit.now
    for _ in range(60):
        visit.events += visit.watcher.update((walker(0.6, seen),), visit.now, ASPECT)
        visit.now += 1 / 30
    assert visit.told == [("zone_enter", 1, "stage")]


def test_occupancy_counts_in_order():
    watcher = Zones([STAGE])
    people = [walker(0.5 + 0.1 * n, 0.0, n + 1) for n in range(3)]
    watcher.update(people, 0, ASPECT)
    later = [walker(0.5 + 0.1 * n, 1.0, n + 1) for n in range(3)]
    events = watcher.update(later, 1, ASPECT)
    assert [(event.person_id, event.occupancy) for event in events] == [(1, 1), (2, 2), (3, 3)]
    assert watcher.state[0].count == 3
    assert watcher.state[0].ids == (1, 2, 3)
    events = watcher.update(later[1:], 1.1, ASPECT)
    assert [(event.name, event.person_id, event.occupancy) for event in events] == [("zone_leave", 1, 2)]


def test_what_of_her_counts():
    at = (0.1, 0.1)
    box = ((0.05, 0.05), (0.15, 0.05), (0.15, 0.15), (0.05, 0.15))
    whats = ("feet", "center", "hands", "nose", "left_knee")
    zones = [Zone(what, box, what) for what in whats]

    def found(**places):
        watcher = Zones(zones)
        names = set()
        for time in (0.0, 0.5, 1.0):
            pose = a_pose(0.5, 0.2, **places)
            names |= {event.zone for event in watcher.update((a_person(pose=pose, seen=time),), time, ASPECT)}
        return names

    assert found() == set()
    assert found(nose=at) == {"nose"}
    assert found(left_wrist=at) == {"hands"}
    assert found(right_wrist=at) == {"hands"}
    assert found(left_wrist=at, right_wrist=at) == {"hands"}
    assert found(left_knee=at) == {"left_knee"}
    assert found(left_ankle=at, right_ankle=at) == {"feet"}
    torso = dict.fromkeys(("left_shoulder", "right_shoulder", "left_hip", "right_hip"), at)
    assert found(**torso) == {"center"}
    # One ankle will do, and without any it is the bottom of her box.
    assert found(left_ankle=at, missing=("right_ankle",)) == {"feet"}


def test_without_ankles_the_bottom_of_her_box_stands_for_her_feet():
    hidden = ("left_ankle", "right_ankle", "left_knee", "right_knee")
    visit = Visit().go(1, 0.6, y=0.9, missing=hidden)  # her hips are then in it
    assert visit.told == [("zone_enter", 1, "stage")]


def test_a_hidden_hand_is_waited_for_and_then_gone():
    air = Zone("air", ((0, 0), (1, 0), (1, 1), (0, 1)), "left_wrist")
    visit = Visit(air).go(1, 0.5).go(0.4, 0.5, missing=("left_wrist",)).go(1, 0.5)
    assert visit.told == [("zone_enter", 1, "air")]
    hidden_at = visit.now
    visit.go(1, 0.5, missing=("left_wrist",))
    assert visit.told[1:] == [("zone_leave", 1, "air")]
    assert visit.events[-1].time == pytest.approx(hidden_at, abs=0.04)


def test_a_body_of_which_nothing_is_seen_is_nowhere():
    nothing = Pose(np.full((17, 2), np.nan, np.float32), np.zeros(17, np.float32), 0.0)
    everywhere = [
        Zone(what, ((-1, -1), (2, -1), (2, 2), (-1, 2)), what) for what in ("feet", "center", "hands")
    ]
    watcher = Zones(everywhere)
    for time in (0.0, 1.0, 2.0):
        assert watcher.update((a_person(pose=nothing, seen=time),), time, ASPECT) == ()


def test_other_zones_are_taken_over_at_once():
    visit = Visit().go(1, 0.6)
    door = Zone("door", ((0, 0.5), (0.3, 0.5), (0.3, 1)))
    visit.watcher.replace([door, Zone("stage", STAGE.points, dwell=2)])
    visit.go(2, 0.6)
    assert visit.told == [("zone_enter", 1, "stage"), ("zone_dwell", 1, "stage")]
    assert [state.name for state in visit.watcher.state] == ["door", "stage"]
    visit.watcher.replace([door])
    visit.go(0.1, 0.6)
    assert visit.told[2:] == [("zone_leave", 1, "stage")]
    visit.watcher.replace([])
    visit.go(0.1, 0.6)
    assert visit.watcher.state == ()
    assert len(visit.events) == 3


def test_a_zone_that_goes_away_from_under_her_is_left():
    visit = Visit().go(1, 0.6)
    visit.watcher.replace([Zone("stage", tuple((x - 0.4, y) for x, y in STAGE.points))])
    visit.go(1, 0.6)
    assert visit.told == [("zone_enter", 1, "stage"), ("zone_leave", 1, "stage")]


def test_time_that_stands_or_goes_back_harms_nothing():
    visit = Visit().go(2, 0.6)
    visit.now = -5.0
    visit.go(4, 0.6).go(1, 0.1)
    assert visit.told == [(f"zone_{what}", 1, "stage") for what in ("enter", "dwell", "leave")]
    assert all(event.stay >= 0 and math.isfinite(event.time) for event in visit.events)
    standing = Zones([STAGE])
    for _ in range(20):
        assert standing.update((walker(0.6, 3.0),), 3.0, ASPECT) == ()


def test_reset_is_new():
    visit = Visit().go(1, 0.6)
    visit.watcher.reset()
    visit.events.clear()
    visit.now = 0.0
    visit.go(4, 0.6)
    fresh = Visit().go(4, 0.6)
    assert visit.events == fresh.events
    assert len(fresh.events) == 2


SEVERAL = (
    STAGE,
    Zone("left", ((0, 0), (0.5, 0), (0.5, 1), (0, 1)), "center"),
    Zone("air", STAGE.points, "hands"),
)
places = st.sampled_from(((0.2, 0.8), (0.6, 0.8), (0.6, 0.8))) | st.tuples(
    st.floats(-0.2, 1.2), st.floats(0.3, 1.1)
)
frames = st.lists(
    st.tuples(
        st.sampled_from((0.0, 0.01, 0.033, 0.1, 0.3, 1.0, -0.5)),
        st.dictionaries(st.integers(1, 4), places, max_size=4),
        st.booleans(),
    ),
    max_size=40,
)


def test_events_of_one_instant_come_by_id():
    watcher = Zones([STAGE])
    story = []
    for time in (0.0, 0.5):
        crowd = [walker(0.5, time, who) for who in (3, 1, 2)]
        story += watcher.update(crowd, time, ASPECT)
    assert [event.person_id for event in story] == [1, 2, 3]
    assert watcher.state[0].ids == (3, 1, 2)


def play(script, shuffle):
    """Return the events of each frame, and the state after it."""
    watcher, time, story = Zones(SEVERAL), 0.0, []
    for step, places, hidden in script:
        time += step
        missing = ("left_wrist", "right_wrist", "left_hip") if hidden else ()
        people = [walker(x, time, who, y=y, missing=missing) for who, (x, y) in places.items()]
        story.append((watcher.update(shuffle(people), time, ASPECT), watcher.state))
    story.append((watcher.update((), time, ASPECT), watcher.state))
    return story


@given(frames)
def test_enter_and_leave_alternate_and_occupancy_is_the_open_stays(script):
    stays: dict[str, set[int]] = defaultdict(set)
    dwelt = set()
    for events, state in play(script, list):
        for event in events:
            key = (event.zone, event.person_id)
            assert math.isfinite(event.time)
            assert event.stay >= 0
            if event.name == "zone_enter":
                assert event.person_id not in stays[event.zone]
                stays[event.zone].add(event.person_id)
            elif event.name == "zone_dwell":
                assert event.person_id in stays[event.zone]
                assert key not in dwelt
                dwelt.add(key)
            else:
                assert event.name == "zone_leave"
                stays[event.zone].remove(event.person_id)
                dwelt.discard(key)
            assert event.occupancy == len(stays[event.zone])
        assert [one.name for one in state] == ["stage", "left", "air"]
        assert {one.name: set(one.ids) for one in state} == {
            name: stays[name] for name in ("stage", "left", "air")
        }
    assert not any(stays.values())


@given(frames, st.randoms(use_true_random=False))
def test_the_order_of_people_does_not_matter(script, random):
    def shuffled(people):
        return random.sample(people, len(people))

    straight, mixed = play(script, list), play(script, shuffled)
    assert [events for events, _ in straight] == [events for events, _ in mixed]


def test_no_zones_cost_nothing_and_say_nothing():
    watcher = Zones()
    assert watcher.update((walker(0.5, 0),), 0, ASPECT) == ()
    assert watcher.state == ()
    watcher.replace([STAGE])
    events = [e for k in range(10) for e in watcher.update((walker(0.5, k / 10),), k / 10, ASPECT)]
    assert told(events) == [("zone_enter", 1, "stage")]
