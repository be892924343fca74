"""Everyone's places at once are everyone's places one by one."""

from __future__ import annotations

import numpy as np
import pytest
from builders import a_person
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from posekit.outputs.osc.places import CENTER, HIGH, LOW, HeldPlaces, find_places, to_target
from posekit.pose import Pose
from posekit.scene import Person

near_the_picture = st.floats(-3, 3, width=32)
speeds = st.floats(-9, 9, width=32)
all_scores = st.sampled_from([np.float32(0.0), np.float32(0.25), np.float32(1.0)])


@st.composite
def crowds(draw, places=near_the_picture, least=1) -> list[Person]:
    people = []
    for number in range(draw(st.integers(least, 5))):
        scores = draw(arrays(np.float32, 17, elements=all_scores))
        xy = draw(arrays(np.float32, (17, 2), elements=places))
        xy[scores == 0] = np.nan
        velocity = draw(arrays(np.float32, (17, 2), elements=speeds))
        people.append(Person(number + 1, None, Pose(xy, scores, 0.5), 0.0, velocity, 0.0))
    return people


@settings(max_examples=50)
@given(crowds())
def test_box_center_and_speed_are_those_of_each_person(people):
    found = find_places(people)
    assert found.rows.shape == (len(people), 20, 2)
    for rows, scores, speed, person in zip(found.rows, found.scores, found.speeds, people, strict=True):
        box = person.box
        assert rows[:17] == pytest.approx(person.pose.xy, nan_ok=True)
        assert scores == pytest.approx(person.pose.scores)
        assert rows[CENTER] == pytest.approx(tuple(person.center), abs=1e-6, nan_ok=True)
        assert rows[LOW] == pytest.approx((box.x, box.y), nan_ok=True)
        assert rows[HIGH] - rows[LOW] == pytest.approx((box.width, box.height), abs=1e-6, nan_ok=True)
        assert np.nan_to_num(speed) == pytest.approx(person.speed, abs=1e-5)


@settings(max_examples=50)
@given(crowds(places=st.floats(width=32)))
def test_whatever_the_numbers_places_are_finite_and_scores_are_scores(people):
    held = HeldPlaces()
    for _ in range(2):
        places = held.update(people)
        assert np.isfinite(places.rows).all()
        assert ((places.scores >= 0) & (places.scores <= 1)).all()


@settings(max_examples=50)
@given(crowds(least=3), st.permutations(range(3)), st.sets(st.integers(0, 2)))
def test_each_is_held_as_if_she_were_alone_whoever_comes_and_goes(people, order, away):
    together = HeldPlaces()
    alone = {person.id: HeldPlaces() for person in people}
    lost = [a_person(person.id, pose=Pose(np.full((17, 2), np.nan), np.zeros(17), 0.0)) for person in people]
    second = [lost[at] for at in order if at not in away]
    third = [lost[at] for at in range(3)]
    for crowd in (people, second, third):
        places = together.update(crowd)
        assert len(places.rows) == len(crowd)
        for at, person in enumerate(crowd):
            expected = alone[person.id].update([person])
            assert np.array_equal(places.rows[at], expected.rows[0])
        here = {person.id for person in crowd}
        for gone in alone.keys() - here:
            alone[gone].reset()


@settings(max_examples=50)
@given(crowds(), st.sampled_from(["top-left", "bottom-left", "centred"]), st.booleans())
def test_boxes_stay_around_their_bodies_in_every_origin(people, origin, mirror):
    before = HeldPlaces().update(people).rows
    kept = before.copy()
    rows = to_target(before, origin, mirror, 16 / 9)
    assert np.array_equal(before, kept)
    assert (rows[:, LOW] <= rows[:, HIGH]).all()
    seen = np.array([person.pose.visible for person in people])
    for at in range(len(people)):
        shown = rows[at, :17][seen[at]]
        if len(shown):
            assert shown.min(axis=0) == pytest.approx(rows[at, LOW], abs=1e-9)
            assert shown.max(axis=0) == pytest.approx(rows[at, HIGH], abs=1e-9)


def test_an_empty_room_has_no_places():
    places = HeldPlaces().update([])
    assert (places.rows.shape, places.scores.shape, places.speeds.shape) == ((0, 20, 2), (0, 17), (0,))
