"""The native dialect: what an artist's patch hears while people come, hide and go."""

from __future__ import annotations

import struct
from dataclasses import replace

import numpy as np
import pytest
from builders import a_person, a_pose, a_scene
from hypothesis import given, settings
from hypothesis import strategies as st
from osc_messages import messages_of

from posekit.health import CameraState, Health
from posekit.outputs.osc.dialects import posekit as dialect
from posekit.outputs.osc.encode import BUNDLE_LIMIT
from posekit.outputs.osc.refresh import ECHOES
from posekit.outputs.osc.target import Target, parse_target
from posekit.pose import Pose
from posekit.scene import EVENT_TYPES, Empty, Enter, First, Gesture, Leave, Person, ZoneEvent, ZoneState
from posekit.skeleton import COCO_17


class Receiver:
    """An encoder, and a patch that holds the last value of every address as it came off the wire."""

    def __init__(self, target: str | Target = "7000", counters=None):
        self.target = parse_target(target) if isinstance(target, str) else target
        self.encoder = dialect.encoder(self.target, counters or {})
        self.values: dict[str, tuple] = {}
        self.heard: list[str] = []
        self.bundles: list[list[tuple[str, tuple]]] = []

    def update(self, seconds, scene, events=(), health=None):
        return self._hear(self.encoder.update(seconds, scene, events, health))

    def neutral(self, seconds):
        return self._hear(self.encoder.neutral(seconds))

    def _hear(self, packets):
        assert all(len(packet) <= BUNDLE_LIMIT for packet in packets)
        self.bundles = [messages_of(packet) for packet in packets]
        told = [message for bundle in self.bundles for message in bundle]
        self.heard = [address for address, _ in told]
        self.values.update(told)
        return self

    def __getitem__(self, address: str):
        values = self.values[address]
        return values[0] if len(values) == 1 else values

    def place(self, name: str) -> tuple[float, float, float]:
        if self.target.layout == "packed":
            return self[name]
        return tuple(self[f"{name}/{part}"] for part in ("x", "y", "score"))


def near(*numbers: float):
    return pytest.approx(numbers, abs=1e-6)


# ---------------------------------------------------------------- the life of one visitor


@pytest.mark.parametrize("layout", ["split", "packed"])
def test_arrive_stay_hide_return_leave(layout: str):
    hears = Receiver(f"7000,slots=2,layout={layout}")

    hears.update(0.0, a_scene(index=10))
    assert (hears["/frame"], hears["/count"], hears["/p1/active"]) == (10, 0, 0)
    assert hears.place("/p1/left_wrist") == (0.0, 0.0, 0.0)

    arrived = a_person(7, slot=1, left_wrist=(0.25, 0.75), age=0.0)
    hears.update(0.1, a_scene(arrived, index=11), [Enter(7, 1)])
    assert (hears["/count"], hears["/p1/active"], hears["/p1/id"]) == (1, 1, 7)
    assert hears.place("/p1/left_wrist") == near(0.25, 0.75, 0.9)
    assert hears["/event/enter"] == (1, 7, 1.0)

    stays = a_person(7, slot=1, left_wrist=(0.5, 0.5), velocity=(0.3, 0.4), age=0.1)
    hears.update(0.2, a_scene(stays, index=12))
    assert hears.place("/p1/left_wrist") == near(0.5, 0.5, 0.9)
    assert hears["/p1/speed"] == pytest.approx(0.5)
    assert hears["/p1/age"] == pytest.approx(0.1)
    assert "/event/enter" not in hears.heard

    hides = a_person(7, slot=1, missing=["left_wrist"])
    hears.update(0.3, a_scene(hides, index=13))
    assert hears.place("/p1/left_wrist") == near(0.5, 0.5, 0.0)

    returns = a_person(7, slot=1, left_wrist=(0.6, 0.4))
    hears.update(0.4, a_scene(returns, index=14))
    assert hears.place("/p1/left_wrist") == near(0.6, 0.4, 0.9)

    hears.update(0.5, a_scene(index=15), [Leave(7, 1, visit=0.4)])
    assert (hears["/count"], hears["/p1/active"], hears["/p1/id"]) == (0, 0, 0)
    assert hears.place("/p1/left_wrist") == (0.0, 0.0, 0.0)
    assert hears["/event/leave"] == (1, 7, pytest.approx(0.4))
    assert (hears["/p1/event/enter"], hears["/p1/event/leave"]) == (1, 1)

    hears.update(0.51, a_scene(index=16))
    assert hears.place("/p1/left_wrist") == (0.0, 0.0, 0.0)
    assert "/p1/left_wrist/x" in hears.heard or "/p1/left_wrist" in hears.heard  # said again: an echo
    hears.heard.clear()
    echoes = 1
    while len(hears.update(0.51, a_scene(index=16)).bundles) > 1:
        echoes += 1
    assert echoes == ECHOES
    assert hears.heard == ["/frame", "/time", "/uptime", "/count", "/p1/active", "/p2/active", "/lead/active"]


def test_leave_hold_lets_only_active_go():
    hears = Receiver("7000,slots=2,leave=hold")
    hears.update(0.0, a_scene(a_person(7, slot=1, left_wrist=(0.25, 0.75))))
    hears.update(0.1, a_scene())
    assert (hears["/p1/active"], hears["/lead/active"], hears["/p1/id"]) == (0, 0, 7)
    assert not any(address.startswith("/p1/left_wrist") for address in hears.heard)
    hears.values.clear()
    hears.update(1.0, a_scene())
    assert (hears["/p1/active"], hears.place("/p1/left_wrist")) == (0, near(0.25, 0.75, 0.9))
    assert hears.place("/p2/left_wrist") == (0.0, 0.0, 0.0)
    hears.neutral(1.5)
    assert hears["/health/engine"] == 0
    assert not any("wrist" in address for address in hears.heard)


def test_a_keypoint_never_seen_is_at_the_centre_of_the_body():
    hears = Receiver("7000")
    unseen = a_person(1, slot=1, missing=["left_ankle"])
    hears.update(0.0, a_scene(unseen))
    center = (hears["/p1/center/x"], hears["/p1/center/y"])
    assert center == near(*unseen.center)
    assert hears.place("/p1/left_ankle") == near(*center, 0.0)


def test_a_body_without_any_keypoint_sends_numbers_all_the_same():
    hears = Receiver("7000")
    nothing = Pose(np.full((17, 2), np.nan), np.zeros(17), 0.0)
    hears.update(0.0, a_scene(a_person(1, slot=1, pose=nothing)))
    assert hears["/p1/active"] == 1
    assert hears.place("/p1/nose") == (0.5, 0.5, 0.0)
    assert (hears["/p1/box/w"], hears["/p1/box/h"]) == (0.0, 0.0)


def test_the_next_visitor_of_a_slot_inherits_nothing():
    hears = Receiver("7000")
    hears.update(0.0, a_scene(a_person(1, slot=1, left_wrist=(0.9, 0.9))))
    follower = a_person(2, slot=1, missing=["left_wrist"])
    hears.update(0.1, a_scene(follower))
    assert hears["/p1/id"] == 2
    assert hears.place("/p1/left_wrist") == near(*follower.center, 0.0)


def test_the_lead_person_has_the_same_channels_again():
    hears = Receiver("7000,slots=1")
    first, second = a_person(1, slot=1), a_person(2, slot=None, left_wrist=(0.1, 0.2))
    hears.update(0.0, a_scene(first, second, lead_id=2))
    assert (hears["/lead/active"], hears["/lead/id"], hears["/p1/id"]) == (1, 2, 1)
    assert hears.place("/lead/left_wrist") == near(0.1, 0.2, 0.9)
    named = {address.removeprefix("/p1/") for address in hears.values if address.startswith("/p1/")}
    again = {address.removeprefix("/lead/") for address in hears.values if address.startswith("/lead/")}
    assert named == again
    hears.update(0.1, a_scene())
    assert (hears["/lead/active"], hears.place("/lead/left_wrist")) == (0, (0.0, 0.0, 0.0))


def test_more_people_than_slots_are_only_counted():
    hears = Receiver("7000,slots=2")
    crowd = [a_person(number, slot=number if number <= 6 else None) for number in range(1, 9)]
    hears.update(0.0, a_scene(*crowd), [Enter(5, 5), Enter(8, None)])
    assert hears["/count"] == 8
    assert not any(address.startswith(("/p3", "/p5", "/p8")) for address in hears.values)
    assert hears["/event/enter"] == (0, 8, 1.0)
    assert hears.heard.count("/event/enter") == 2


# ---------------------------------------------------------------- what is sent when


def every_address(target: Target) -> set[str]:
    """Return all that a target ever hears, written out from the design's table."""
    prefix = target.prefix
    people = [f"p{slot}" for slot in range(1, target.slots + 1)] + ["lead"]
    parts = [
        "active",
        "id",
        "age",
        "score",
        "center/x",
        "center/y",
        "box/x",
        "box/y",
        "box/w",
        "box/h",
        "speed",
    ]
    parts += [f"event/{name}" for name in EVENT_TYPES]
    for name in target.keypoint_names:
        parts += [name] if target.layout == "packed" else [f"{name}/x", f"{name}/y", f"{name}/score"]
    health = ["engine", "camera", "fps", "latency_ms", "dropped", "paused"]
    return {
        *(f"{prefix}/{name}" for name in ("frame", "time", "uptime", "count", "image/width", "image/height")),
        *(f"{prefix}/health/{name}" for name in health),
        *(f"{prefix}/{person}/{part}" for person in people for part in parts),
    }


@pytest.mark.parametrize("keys", ["", ",layout=packed,slots=3", ",prefix=/cam2,only=*wrist", ",leave=hold"])
def test_an_empty_room_can_be_wired(keys: str):
    hears = Receiver(f"7000{keys}")
    hears.update(0.0, a_scene())
    assert set(hears.heard) == every_address(hears.target)
    assert len(hears.values) == len(every_address(hears.target))
    ones = {address for address, values in hears.values.items() if values[-1] != 0}
    assert {address.removeprefix(hears.target.prefix) for address in ones} == {
        *("/health/engine", "/health/camera", "/image/width", "/image/height")
    }


def test_everything_is_repeated_within_a_second_a_share_with_each_scene():
    hears = Receiver("7000")
    always = ["/frame", "/time", "/uptime", "/count", *(f"/p{slot}/active" for slot in range(1, 7))]
    times: dict[str, list[float]] = {address: [] for address in every_address(hears.target)}
    sizes = []
    for number in range(151):
        hears.update(number / 50, a_scene(index=number))
        sizes.append(len(hears.heard))
        for address in set(hears.heard):
            times[address].append(number / 50)
    often = {address for address, heard in times.items() if len(heard) == 151}
    assert often == {*always, "/lead/active"}
    one_slot = sum(address.startswith("/p1/") for address in times) - 1
    # A slot takes two bundles, each with the header; its counters find room behind it.
    assert max(sizes[1:]) <= 2 * len(always) + 1 + one_slot
    for address in times.keys() - often:
        assert times[address][0] == 0.0
        first, *rest = np.diff(times[address])
        assert first < 0.771, address
        assert rest == pytest.approx([0.75] * len(rest), abs=0.021), address
        assert len(times[address]) >= 4


@pytest.mark.parametrize("layout", ["split", "packed"])
def test_no_scene_carries_the_refresh_of_many_slots(layout: str):
    hears = Receiver(f"7000,slots=32,layout={layout}")
    hears.update(0.0, a_scene())
    assert len(hears.bundles) > 30
    counts = [len(hears.update(number / 60, a_scene(index=number)).bundles) for number in range(1, 121)]
    assert max(counts) <= (5 if layout == "split" else 3)


gaps = st.sampled_from([1 / 120, 1 / 60, 1 / 30, 0.1, 0.2]) | st.floats(0.002, 0.25)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from([1, 2, 6, 32]), st.lists(gaps, min_size=1, max_size=12), st.booleans())
def test_nothing_is_older_than_a_second_however_irregular_the_scenes(slots, pattern, with_pauses):
    hears = Receiver(f"7000,slots={slots},layout=packed,only=nose")
    last = dict.fromkeys(every_address(hears.target), 0.0)
    seconds, number = 180 * 86400.0, 0
    hears.update(seconds, a_scene())
    assert set(hears.heard) == last.keys()
    last = dict.fromkeys(last, seconds)
    end = seconds + 2.6
    while seconds < end:
        seconds += pattern[number % len(pattern)]
        number += 1
        hears.update(seconds, None if with_pauses and number % 3 == 0 else a_scene(index=number))
        last.update(dict.fromkeys(hears.heard, seconds))
        assert min(last.values()) >= seconds - 1.0
    assert number > 10


@pytest.mark.parametrize("rate", [0.5, 1, 2, 3, 5])
def test_a_slow_target_is_refreshed_too(rate: float):
    hears = Receiver(f"7000,rate={rate},layout=packed,only=nose")
    last = dict.fromkeys(every_address(hears.target), 0.0)
    for number in range(300):
        seconds = number / 60
        hears.update(seconds, a_scene(index=number))
        last.update(dict.fromkeys(hears.heard, seconds))
        assert min(last.values()) >= seconds - max(1.0, 1 / rate + 1 / 60)


@settings(max_examples=25, deadline=None)
@given(st.sampled_from([5, 12, 30, 60]), st.integers(0, 2**32 - 1), st.sampled_from(["zero", "hold"]))
def test_after_lost_packets_no_ghost_and_no_stale_slot(hertz: int, seed: int, leave: str):
    encoder = dialect.encoder(parse_target(f"7000,slots=3,leave={leave}"), {})
    random, values = np.random.default_rng(seed), {}
    true: dict[str, tuple] = {}
    for number in range(2 * hertz + 2):
        seconds = number / hertz
        visitors = [a_person(one, slot=one, x=one / 4) for one in (1, 2)] if seconds < 0.5 else []
        packets = encoder.update(seconds, a_scene(*visitors, index=number), (), None)
        for packet in packets:
            told = messages_of(packet)
            true.update(told)
            if seconds >= 1.0 or random.random() > 0.5:
                values.update(told)
    assert len(values) == len(true) > 200
    assert values == true


def test_health_goes_out_even_when_no_scene_comes():
    hears = Receiver("7000")
    hears.update(0.0, a_scene(a_person(1, slot=1)), health=Health(fps=29.5, latency_ms=41.0, dropped=3))
    assert [hears[f"/health/{name}"] for name in ("engine", "camera", "dropped")] == [1, 1, 3]
    assert (hears["/health/fps"], hears["/health/latency_ms"], hears["/health/paused"]) == (29.5, 41.0, 0)
    hears.update(0.05, None, health=Health(camera=CameraState.LOST))
    assert hears.heard == []
    hears.update(1.0, None, health=Health(camera=CameraState.LOST, paused=True))
    assert (hears["/health/camera"], hears["/p1/active"], hears["/health/paused"]) == (0, 1, 1)


def test_neutral_values_empty_the_room_and_the_next_scene_starts_afresh():
    hears = Receiver("7000,slots=3")
    hears.update(0.0, a_scene(a_person(1, slot=1), a_person(2, slot=2)), [Enter(1, 1)])
    hears.neutral(0.5)
    assert hears["/health/engine"] == 0
    left = {address: values for address, values in hears.values.items() if any(values)}
    kept = {
        *("/p1/event/enter", "/lead/event/enter", "/event/enter", "/time"),
        *("/health/camera", "/image/width", "/image/height"),
    }
    assert set(left) == kept
    hears.update(0.6, a_scene(index=3))
    assert set(hears.heard) == every_address(hears.target)


def test_time_wraps_and_uptime_goes_on():
    hears = Receiver("7000")
    days = 180 * 86400.0
    hears.update(days + 1.25, a_scene(index=466_560_123))
    assert hears["/time"] == pytest.approx(1.25, abs=1e-4)
    assert (hears["/uptime"], hears["/frame"]) == (15_552_001, 560_123)
    hears.update(days + 3599.99999, a_scene(index=999_999))
    assert hears["/time"] < 3600.0
    hears.update(days + 3600.0, a_scene(index=1_000_000))
    assert (hears["/time"], hears["/frame"]) == (0.0, 0)


def test_half_a_year_of_frames_keeps_moving():
    hears = Receiver("7000,rate=30")
    start = 180 * 86400.0
    times = []
    for number in range(60):
        hears.update(start + number / 60, a_scene(index=number))
        times += [hears["/time"]] if hears.heard else []
    assert len(times) in (30, 31)
    assert times == sorted(set(times))


@pytest.mark.parametrize(
    ("camera", "rate", "expected"), [(60, 30, 30), (30, 30, 30), (25, 30, 25), (60, 7, 7)]
)
def test_a_rate_is_never_passed_and_jitter_does_not_halve_it(camera: int, rate: int, expected: int):
    hears, random = Receiver(f"7000,rate={rate}"), np.random.default_rng(3)
    sent = 0
    for number in range(camera * 20):
        hears.update((number + random.uniform(0.0, 0.3)) / camera, a_scene(index=number))
        sent += bool(hears.heard)
    assert sent / 20 <= rate + 0.1
    assert sent / 20 == pytest.approx(expected, abs=0.6)


# ---------------------------------------------------------------- events


def test_events_arrive_once_in_order_and_are_counted():
    hears = Receiver("7000,slots=2")
    person = a_person(4, slot=2)
    hears.update(0.0, a_scene(person), [First(4, 2), Enter(4, 2), Enter(9, 1), Enter(4, 2)])
    order = [address for address in hears.heard if address.startswith("/event/")]
    assert order == ["/event/first", "/event/enter", "/event/enter", "/event/enter"]
    assert (hears["/p2/event/enter"], hears["/p1/event/enter"], hears["/lead/event/enter"]) == (2, 1, 2)
    hears.update(0.1, a_scene(), [Leave(4, 2, visit=1.5), Empty()])
    assert hears["/lead/event/leave"] == 1
    assert (hears["/event/leave"], hears["/event/empty"]) == ((2, 4, 1.5), (0, 0, 1.0))
    hears.values.clear()
    hears.update(1.0, a_scene())
    assert (hears["/p2/event/enter"], hears["/p2/event/leave"], hears["/p1/event/leave"]) == (2, 1, 0)
    assert not any(address.startswith("/event/") for address in hears.heard)


def test_an_event_does_not_wait_for_the_rate():
    hears = Receiver("7000,rate=1")
    hears.update(0.0, a_scene())
    hears.update(0.1, a_scene(a_person(1, slot=1)), [Enter(1, 1)])
    assert (hears["/event/enter"], hears["/p1/active"]) == ((1, 1, 1.0), 1)
    assert "/p1/nose/x" not in hears.heard
    hears.update(0.2, a_scene(), [Leave(1, 1)])
    hears.update(0.3, a_scene())
    assert hears.heard == []


def test_counters_go_on_where_an_earlier_sender_stopped():
    before = Receiver("7000")
    before.update(0.0, a_scene(), [Enter(1, 1), Enter(2, 1)])
    after = Receiver("7000", before.encoder.counters)
    after.update(0.0, a_scene(), [Enter(3, 1)])
    assert after["/p1/event/enter"] == 3


def test_an_events_name_becomes_a_safe_address():
    assert dialect.event_name("arms up/é#*") == "arms_up____"
    assert len(dialect.event_name("x" * 500)) == dialect.LONGEST_EVENT_NAME


def test_two_thousand_events_at_once_still_fit():
    hears = Receiver("7000,slots=32,prefix=/cam2")
    hears.update(0.0, a_scene(), [Enter(number, 1 + number % 32) for number in range(2000)])
    assert hears.heard.count("/cam2/event/enter") == 2000
    assert hears["/cam2/p1/event/enter"] == 63


# ---------------------------------------------------------------- coordinates


def corners(hears: Receiver) -> tuple[float, ...]:
    return tuple(hears[f"/p1/box/{part}"] for part in ("x", "y", "w", "h"))


@pytest.mark.parametrize(
    ("keys", "wrist", "box"),
    [
        ("", (0.25, 0.9), (0.25, 0.19, 0.27, 0.71)),
        (",mirror=on", (0.75, 0.9), (0.48, 0.19, 0.27, 0.71)),
        (",origin=bottom-left", (0.25, 0.1), (0.25, 0.1, 0.27, 0.71)),
        (",origin=centred", (-0.5, -0.4), (-0.5, -0.4, 0.54, 0.71)),
        (",origin=centred,mirror=on", (0.5, -0.4), (-0.04, -0.4, 0.54, 0.71)),
    ],
)
def test_origins_and_mirror(keys: str, wrist: tuple[float, float], box: tuple[float, ...]):
    hears = Receiver(f"7000{keys}")
    person = a_person(1, slot=1, pose=a_pose(x=0.5, y=0.2, left_wrist=(0.25, 0.9), right_wrist=(0.52, 0.3)))
    slim = replace(person.pose, xy=np.clip(person.pose.xy, (0.25, 0.0), (0.52, 1.0)))
    hears.update(0.0, a_scene(replace(person, pose=slim), size=(1440, 720)))
    assert hears.place("/p1/left_wrist")[:2] == near(*wrist)
    assert corners(hears) == near(*box)
    x, y, width, height = corners(hears)
    assert x - 1e-6 <= hears["/p1/center/x"] <= x + width + 1e-6
    assert y - 1e-6 <= hears["/p1/center/y"] <= y + height + 1e-6
    assert (hears["/image/width"], hears["/image/height"]) == (1440, 720)


def test_mirroring_twice_changes_nothing_and_labels_stay():
    plain, mirrored = Receiver("7000"), Receiver("7000,mirror=on")
    scene = a_scene(a_person(1, slot=1))
    plain.update(0.0, scene)
    mirrored.update(0.0, scene)
    for name in COCO_17.keypoints:
        x, y, score = mirrored.place(f"/p1/{name}")
        assert (1.0 - x, y, score) == near(*plain.place(f"/p1/{name}"))


# ---------------------------------------------------------------- laws


def people_from(draw_scores, xs, slots: int) -> list[Person]:
    people = []
    for number, (scores, x) in enumerate(zip(draw_scores, xs, strict=True), start=1):
        xy = a_pose(x=x).xy.copy()
        xy[np.array(scores) == 0] = np.nan
        slot = number if number <= slots else None
        people.append(a_person(number, slot=slot, pose=Pose(xy, np.array(scores, np.float32), 0.5)))
    return people


wire_targets = st.builds(
    "7000,slots={},layout={},only={},prefix={},origin={},mirror={},leave={}".format,
    st.integers(1, 32),
    st.sampled_from(["split", "packed"]),
    st.sampled_from(["*", "*wrist", "nose+left_*", "right_shoulder"]),
    st.sampled_from(["", "/c", "/cam2", "/studio/two"]),
    st.sampled_from(["top-left", "bottom-left", "centred"]),
    st.sampled_from(["on", "off"]),
    st.sampled_from(["zero", "hold"]),
)


@settings(max_examples=60, deadline=None)
@given(wire_targets, st.data())
def test_no_bundle_is_too_long_headless_or_not_a_number(text: str, data):
    hears = Receiver(text)
    prefix, slots = hears.target.prefix, hears.target.slots
    header = [f"{prefix}/{name}" for name in ("frame", "time", "uptime", "count")]
    header += [f"{prefix}/p{slot}/active" for slot in range(1, slots + 1)]
    score = st.sampled_from([0.0, 0.4, 1.0])
    row = st.lists(score, min_size=17, max_size=17)
    for seconds in (0.0, 0.3, 1.0):
        count = data.draw(st.integers(0, 8))
        scores = data.draw(st.lists(row, min_size=count, max_size=count))
        xs = data.draw(st.lists(st.floats(-(2.0**99), 2.0**99, width=32), min_size=count, max_size=count))
        people = people_from(scores, xs, slots)
        events = [Enter(person.id, person.slot) for person in people]
        hears.update(seconds, a_scene(*people), events, Health(fps=float("nan"), latency_ms=float("inf")))
        check_bundles(hears, header, count)
    check_bundles(hears.neutral(1.2), header, 0)


def check_bundles(hears: Receiver, header: list[str], count: int) -> None:
    assert hears.bundles
    for bundle in hears.bundles:
        assert [address for address, _ in bundle[: len(header)]] == header
        assert bundle[3][1] == (count,)
        assert len({address for address, _ in bundle if "event" not in address}) == sum(
            "event" not in address for address, _ in bundle
        )
        assert all(np.isfinite(value) for _, values in bundle for value in values)


@pytest.mark.parametrize(("layout", "bundles"), [("split", 2), ("packed", 1)])
@pytest.mark.parametrize("slots", [1, 6, 10])
def test_a_person_takes_two_bundles_split_and_one_packed(layout: str, bundles: int, slots: int):
    hears = Receiver(f"7000,layout={layout},slots={slots}")
    hears.update(0.0, a_scene())
    crowd = [a_person(number, slot=number) for number in range(1, slots + 1)]
    hears.update(0.05, a_scene(*crowd))
    assert len(hears.bundles) <= bundles * (slots + 1)
    if layout == "split":
        with_nose = [bundle for bundle in hears.bundles if any(a == "/p1/nose/x" for a, _ in bundle)]
        assert len(with_nose) == 1
        assert any(address == "/p1/left_wrist/x" for address, _ in with_nose[0])


def test_types_are_those_of_the_table_whatever_numpy_brings():
    target = parse_target("7000,slots=1,only=nose")
    odd = replace(
        a_person(1, slot=1),
        id=np.int64(3),
        slot=np.int32(1),
        age=np.float32(2),
        pose=a_pose(score=np.float32(1)),
    )
    scene = replace(
        a_scene(odd, lead_id=3),
        index=np.int64(5),
        size=(np.int32(640), np.int32(480)),
        captured=np.float64(1),
    )
    health = Health(np.bool_(True), CameraState.OK, np.float32(30), np.float64(20), np.int64(0))
    packets = dialect.encoder(target, {}).update(0.0, scene, [Enter(np.int64(3), np.int64(1))], health)
    types = {
        address: tuple(type(value) for value in values)
        for packet in packets
        for address, values in messages_of(packet)
    }
    ints = {"frame", "uptime", "count", "active", "id", "engine", "camera", "dropped", "width", "height"}
    ints |= {"paused"}
    for address, found in types.items():
        part = address.rpartition("/")[2]
        if address.startswith("/event/"):
            assert found == (int, int, float)
        else:
            assert found == ((int,) if part in ints or "/event/" in address else (float,)), address
    assert struct.unpack(">i", packets[0][36 - 4 : 36])[0] == 5


# ---------------------------------------------------------------- gestures and zones


def test_a_gesture_is_told_when_it_starts_and_ends_and_not_in_between():
    hears = Receiver("7000,slots=2")
    waver = a_person(7, slot=1)
    told = []
    for at, phase in enumerate(("start", "progress", "held", "progress", "end")):
        wave = Gesture("wave", 7, 1, phase=phase, strength=0.5, duration=at / 2)
        hears.update(at / 10, a_scene(waver), [wave])
        told.append([address for address in hears.heard if address.startswith("/event/")])
    assert told == [["/event/wave"], [], ["/event/wave_held"], [], ["/event/wave_end"]]
    assert hears["/event/wave"] == (1, 7, 0.5)
    assert hears["/event/wave_end"] == (1, 7, 2.0)
    assert hears["/p1/event/wave"] == 1


def test_zones_say_who_came_and_how_many_are_there():
    hears = Receiver("7000,slots=2,prefix=/room")
    visitor = a_person(7, slot=1)
    empty, busy = ZoneState("stage"), ZoneState("stage", (7,))
    hears.update(0.0, a_scene(visitor, zones=(empty,)))
    assert hears["/room/zone/stage/count"] == 0
    came = ZoneEvent("zone_enter", 7, 1, zone="stage", occupancy=1)
    hears.update(0.1, a_scene(visitor, zones=(busy,)), [came])
    assert hears["/room/zone/stage/count"] == 1
    assert hears["/room/event/stage_enter"] == (1, 7, 1.0)
    repeated = []
    for at in range(2, 22):
        hears.update(at / 10, a_scene(visitor, zones=(busy,)))
        repeated.append("/room/zone/stage/count" in hears.heard)
    assert 2 <= sum(repeated) <= 4  # at least once a second, and not in every frame


def test_a_zone_that_is_gone_is_empty_and_so_are_all_in_the_end():
    hears = Receiver("7000,slots=2")
    visitor = a_person(7, slot=1)
    hears.update(0.0, a_scene(visitor, zones=(ZoneState("stage", (7,)), ZoneState("door", (7,)))))
    assert (hears["/zone/stage/count"], hears["/zone/door/count"]) == (1, 1)
    hears.update(0.1, a_scene(visitor, zones=(ZoneState("door", (7,)),)))
    assert (hears["/zone/stage/count"], hears["/zone/door/count"]) == (0, 1)
    hears.neutral(0.2)
    assert (hears["/zone/stage/count"], hears["/zone/door/count"]) == (0, 0)
