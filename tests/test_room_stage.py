"""The stage: what stands on a mark of the floor is drawn on that mark, whatever the camera makes of it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sketch_world import PICTURE, ScriptedFeed, dancer, scene
from test_room import quads

from posekit.clock import ManualClock
from posekit.draw import PlacedMask, PlacedPicture
from posekit.geometry import fit_picture
from posekit.health import Health
from posekit.keypoint import Vector
from posekit.room import DisplayRoom, write_room
from posekit.runner import run_sketch
from posekit.runner.feed import Update
from posekit.runner.loop import Loop
from posekit.settings import Settings
from posekit.sketch import Sketch
from posekit.sketch.canvas import Canvas
from posekit.sketch.loader import load_class
from posekit.stage import stage_placement
from posekit.warp import Warp, rectangle
from posekit.zones import Zone

CANVAS = (400, 300)
FLOOR = ((0.3, 0.3), (0.7, 0.35), (0.9, 0.95), (0.1, 0.9))


@given(quads(), st.tuples(st.floats(0, 1), st.floats(0, 1)))
def test_a_place_of_the_canvas_is_found_in_the_picture_and_back(corners, place):
    stage = stage_placement(corners, CANVAS)
    there = np.array(place) * CANVAS
    back = stage.to_area(stage.to_picture(there))
    assert np.abs(back - there).max() < 0.01
    assert np.abs(stage.to_area(np.array(corners)) - rectangle(0, 0, *CANVAS)).max() < 0.01


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("fit", ["cover", "contain", "stretch"])
def test_the_fitted_picture_is_a_stage_too(fit, mirrored):
    plain = fit_picture(PICTURE, CANVAS, fit)
    plain = plain.mirrored(CANVAS[0]) if mirrored else plain
    places = plain.to_picture(np.array(rectangle(0.0, 0.0, *CANVAS))).astype(float)
    stage = stage_placement(tuple(map(tuple, places.tolist())), CANVAS)
    points = np.array([(0.2, 0.3), (0.5, 0.5), (0.9, 0.1)])
    assert stage.is_mirrored == mirrored
    assert np.abs(stage.to_area(points) - plain.to_area(points)).max() < 0.01
    speeds = np.array([(0.1, 0.0), (0.0, 0.2), (-0.3, 0.1)])
    assert (
        np.abs(stage.vector_to_area(speeds, PICTURE, points) - plain.vector_to_area(speeds, PICTURE)).max()
        < 0.01
    )
    assert np.abs(stage.scaled(2, 3).to_area(points) - plain.scaled(2, 3).to_area(points)).max() < 0.05
    other = stage.mirrored(CANVAS[0])
    assert other.is_mirrored != mirrored
    assert np.abs(other.to_area(points) - plain.mirrored(CANVAS[0]).to_area(points)).max() < 0.01


class Standing(Sketch):
    """Keeps whom it saw last."""

    people = zones = ()

    def draw(self, canvas, people, scene):
        if people:
            self.people, self.zones = people, scene.zones


def loop_with(people, stage=FLOOR, **settings):
    loaded = load_class(Standing)
    loop = Loop(loaded, Canvas(CANVAS), **settings)
    loop.stage = stage
    loop.zones = (Zone("door", ((0.3, 0.3), (0.7, 0.35), (0.9, 0.95))),)
    loop.frame(Update(scene(tuple(people), 1, 0.0), (), None, Health()), 0.0)
    return loop, loaded.sketch


@pytest.mark.parametrize("mirror", [False, True])
def test_whoever_stands_on_a_mark_is_drawn_on_it(mirror):
    """Fit and mirror have no say any more: the marks in the room have."""
    warp = Warp.between(rectangle(0.0, 0.0, *map(float, CANVAS)), FLOOR)
    marks = [(200.0, 150.0), (40.0, 30.0), (390.0, 290.0)]
    people = [moved_to(dancer(at + 1, 3, 0.0), warp.apply(mark)) for at, mark in enumerate(marks)]
    _, sketch = loop_with(people, mirror=mirror, fit="contain")
    assert len(sketch.people) == 3
    for person, mark in zip(sketch.people, marks, strict=True):
        assert tuple(person.feet) == pytest.approx(mark, abs=0.05)
        assert person.feet.name == "feet"
    door = sketch.zones[0].points
    assert np.abs(door - [(0, 0), (400, 0), (400, 300)]).max() < 0.05


def moved_to(person, place):
    """Return a person whose ankles' middle is at a place of the picture."""
    xy = person.pose.xy - person.pose.xy[15:].mean(axis=0) + np.asarray(place, np.float32)
    pose = type(person.pose)(xy.astype(np.float32), person.pose.scores, person.pose.score)
    return type(person)(person.id, person.slot, pose, person.age, person.velocity, seen=person.seen)


def test_velocities_and_prediction_go_through_the_stage():
    person = dancer(1, 1, 0.0)
    person.velocity[:] = (0.2, 0.1)
    _, sketch = loop_with([person])
    seen = sketch.people[0]
    stage = stage_placement(FLOOR, CANVAS)
    step = 0.001
    later = stage.to_area(person.pose.xy + step * np.array((0.2 * PICTURE[1] / PICTURE[0], 0.1)))
    for name, at in (("left_ankle", 15), ("right_hip", 12)):
        expected = (later[at] - seen.xy[at]) / step
        assert tuple(getattr(seen, name).velocity) == pytest.approx(expected, abs=1.5)
    assert seen.center.velocity
    assert seen.feet.speed > 0


def test_a_head_above_the_floors_horizon_is_missing_and_draws_nothing():
    floor = ((0.4, 0.6), (0.6, 0.6), (0.9, 0.9), (0.1, 0.9))  # the horizon is at y = 0.42
    _, sketch = loop_with([moved_to(dancer(1, 1, 0.0), (0.5, 0.8))], stage=floor)
    person = sketch.people[0]
    assert not person.nose
    assert person.feet
    assert np.isfinite(list(person.box.center)).all()
    canvas = Canvas(CANVAS)
    canvas.skeleton(person)
    canvas.circle(person.nose, 50)


def test_feet_without_ankles_are_the_bottom_of_what_is_seen():
    hidden = dancer(1, 1, 0.0, hidden=(15, 16))
    _, sketch = loop_with([hidden], stage=None, fit="stretch")
    box = sketch.people[0].box
    assert tuple(sketch.people[0].feet) == pytest.approx(
        (box.x + box.width / 2, box.y + box.height), abs=0.01
    )
    nobody = dancer(1, 1, 0.0, hidden=tuple(range(17)))
    _, sketch = loop_with([nobody], stage=None)
    assert not sketch.people[0].feet


def test_picture_and_silhouette_land_where_the_people_do():
    picture = np.zeros((240, 320, 3), np.uint8)
    mask = np.zeros((120, 160), np.uint8)
    stage = stage_placement(FLOOR, CANVAS)
    u, v = stage.to_picture(np.array((250.0, 120.0))).tolist()
    picture[round(v * 240) - 6 : round(v * 240) + 6, round(u * 320) - 6 : round(u * 320) + 6] = (255, 0, 0)
    mask[round(v * 120) - 5 : round(v * 120) + 5, round(u * 160) - 5 : round(u * 160) + 5] = 255
    placed, filled = PlacedPicture(), PlacedMask()
    placed.set(picture, stage)
    filled.set(mask, stage)
    for channels in (3, 4):
        target = np.full((300, 400, channels), 9, np.uint8)
        placed.draw(target)
        red = target[..., 0] if channels == 3 else target[..., 2]
        rows, columns = np.nonzero(red > 128)
        assert len(rows) > 50
        assert (columns.mean() + 0.5, rows.mean() + 0.5) == pytest.approx((250, 120), abs=2)
        target = np.zeros((300, 400, channels), np.uint8)
        filled.draw(target, (255,) * channels)
        rows, columns = np.nonzero(target[..., 0] > 128)
        assert len(rows) > 50
        assert (columns.mean() + 0.5, rows.mean() + 0.5) == pytest.approx((250, 120), abs=3)
        filled.draw(target, placed)


def test_a_stage_of_a_room_file_counts_without_a_window(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_room(tmp_path / "room.toml", [DisplayRoom("1 800x600", None, FLOOR), DisplayRoom("0 800x600")])
    seen = {}
    for display in (0, 1):
        loaded = load_class(Standing)
        settings = Settings(headless=True, size=CANVAS, display=display, mirror=False)
        run_sketch(loaded, ScriptedFeed(1, frames=3), settings, clock=ManualClock())
        seen[display] = Vector(*loaded.sketch.people[0].left_ankle)
    assert tuple(seen[0]) != pytest.approx(tuple(seen[1]), abs=5)
