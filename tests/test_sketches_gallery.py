"""Every sketch of the course lives through ten seconds of whatever a room brings, and looks as it should."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from gallery_world import FRAMES, LOST, VISITS, lived, show
from soaking import IS_SHORT, only

from posekit.engine.options import watched_zones
from posekit.health import CameraState
from posekit.settings import Settings
from posekit.sketch.loader import builtin_sketches, load_sketch
from posekit.sketch.sketch import settings_of
from posekit.sound import speaker

GOLDEN_FRAME = 120
LATER = {"echo": 270}
"""Sketches that show what they are only later."""
SKETCHES = builtin_sketches()


@pytest.fixture(scope="module")
def zones():
    """Return the zones of all sketches that bring some along."""
    found = []
    for name in SKETCHES:
        given = settings_of(load_sketch(name).sketch).get("zones")
        found += watched_zones(Settings(zones=given)) if given else []
    assert len(found) > 5
    return tuple(found)


@pytest.fixture(scope="module")
def visits(zones):
    """Return a function that tells what happens in a visit, worked out once for all sketches."""
    return cache(lambda name: lived(VISITS[name](), zones))


@pytest.fixture(scope="module", autouse=True)
def _silence():
    yield
    speaker.close()


def test_a_day_has_all_of_it(visits):
    day = visits("a_day")
    assert len(day) == FRAMES
    count = [len(one.scene.people) for one in day]
    assert (min(count), count[20]) == (0, 0)
    assert max(count) >= 5
    assert 1 in count
    lost = [one.health.camera == CameraState.LOST for one in day]
    assert sum(lost) == 50
    assert not any(lost[:200])
    assert not lost[-1]
    assert count[lost.index(True) + 48] == 0  # whoever was there has left
    assert count[-1] > 0  # and is there again
    hidden = [~person.pose.visible for one in day[150:210] for person in one.scene.people]
    assert np.mean(hidden) > 0.2
    heard = {event.name for one in day for event in one.events}
    assert {"enter", "leave", "zone_enter", "zone_leave"} <= heard


@pytest.mark.parametrize("name", only(("ribbon", "bubbles", "theremin", "mosaic"), SKETCHES))
def test_a_sketch_lives_through_a_day_without_a_warning(name, visits, zones):
    canvas = show(name, visits("a_day"), zones, mirror=True)
    assert not canvas.surface.get_locked()
    assert np.ptp(canvas.pixels[..., :3].astype(int), axis=(0, 1)).max() > 60, "nothing is to be seen"


@pytest.mark.soak
@pytest.mark.parametrize("visit", ["nobody", "one", "six", "missing", "lost"])
@pytest.mark.parametrize("name", list(SKETCHES)[:1] if IS_SHORT else SKETCHES)
def test_a_sketch_lives_through_300_frames_of(name, visit, visits, zones):
    updates = visits(visit)
    assert len(updates) == FRAMES
    if visit == "lost":
        assert [one.health.camera == CameraState.LOST for one in updates] == [
            at in LOST for at in range(FRAMES)
        ]
    show(name, updates, zones, mirror=visit == "six")


@pytest.mark.parametrize("name", SKETCHES)
def test_a_sketch_looks_as_it_should(name, visits, zones, golden):
    canvas = show(name, visits("dance")[: LATER.get(name, GOLDEN_FRAME)], zones)
    golden(f"sketches/{name}", canvas.pixels[..., :3])


@pytest.mark.parametrize("name", SKETCHES)
def test_a_sketch_draws_the_same_twice(name, visits, zones):
    first, second = (show(name, visits("dance")[:45], zones).pixels[..., :3].copy() for _ in range(2))
    np.testing.assert_array_equal(first, second)
