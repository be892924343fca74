"""Gestures reach sketches by name; the bench's figures hold; ten minutes of walking and of standing still."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from posekit.engine.options import gesture_options
from posekit.errors import SketchError, UnknownNameError
from posekit.health import Health
from posekit.resolving import resolve
from posekit.runner.feed import Update
from posekit.runner.loop import Loop
from posekit.scene import Enter, Gesture
from posekit.sketch.canvas import Canvas
from posekit.sketch.loader import load_sketch
from posekit.taught import Taught, average, save

sys.path.insert(0, str(Path(__file__).parents[1] / "bench"))
import gestures as bench
from sketch_world import PICTURE, dancer, room, scene

DIARY = """
told = []

def on_wave(person, event):
    told.append(("on_wave", person.id, event.phase))

def on_wave_held(person, event):
    told.append(("on_wave_held", person.id, event.phase))

def on_wave_end(person, event):
    told.append(("on_wave_end", person.id, event.phase))

def on_near(person, partner):
    told.append(("on_near", person.id, partner.id))

def on_gesture(event, partner):
    told.append(("on_gesture", event.name, event.phase, partner.id if partner else None))

def draw(canvas):
    pass
"""


def run(path: Path, *events):
    loaded = load_sketch(str(path))
    loop = Loop(loaded, Canvas((320, 240)))
    loop.setup()
    people = (dancer(1, 2, 5.0), dancer(2, 2, 5.0))
    enters = tuple(Enter(person_id=person.id, time=5.0) for person in people)
    loop.frame(Update(scene(people, 0, 5.0), (*enters, *events), room(5.0), Health()), 5.0)
    return sys.modules["_posekit_sketch_diary"].told


SOAK_SECONDS = float(os.environ.get("POSEKIT_SOAK_SECONDS", "600"))


def test_a_gesture_calls_its_own_hooks_and_on_gesture_always(tmp_path):
    path = tmp_path / "diary.py"
    path.write_text(DIARY)
    told = run(
        path,
        Gesture(name="wave", person_id=1, time=5.0),
        Gesture(name="wave", person_id=1, time=5.0, phase="progress"),
        Gesture(name="wave", person_id=1, time=5.0, phase="held"),
        Gesture(name="wave", person_id=1, time=5.0, phase="end"),
        Gesture(name="wave", person_id=2, time=5.0, phase="cancelled"),
        Gesture(name="near", person_id=1, partner_id=2, time=5.0),
    )
    assert told == [
        ("on_gesture", "wave", "start", None),
        ("on_wave", 1, "start"),
        ("on_gesture", "wave", "progress", None),
        ("on_gesture", "wave", "held", None),
        ("on_wave_held", 1, "held"),
        ("on_gesture", "wave", "end", None),
        ("on_wave_end", 1, "end"),
        ("on_gesture", "wave", "cancelled", None),
        ("on_wave_end", 2, "cancelled"),
        ("on_gesture", "near", "start", 2),
        ("on_near", 1, 2),
    ]
    assert PICTURE == (640, 480)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("on_wvae", "on_wave"),
        ("on_tpose", "on_t_pose"),
        ("on_my_sta", "on_my_star"),
        ("on_wave_ned", "on_wave_end"),
    ],
)
def test_a_misspelt_gesture_is_told_when_the_sketch_is_loaded(tmp_path, monkeypatch, wrong, right):
    monkeypatch.setenv("POSEKIT_TAUGHT", str(tmp_path / "taught"))
    taught()
    path = tmp_path / "diary.py"
    path.write_text(DIARY + f"\n\ndef {wrong}(person):\n    pass\n")
    with pytest.raises(SketchError, match=f"{wrong}.*{right}"):
        load_sketch(str(path))
    path.write_text(DIARY + f"\n\ndef {right}(person, event):\n    pass\n")
    assert right in load_sketch(str(path)).hooks


def taught() -> Taught:
    body = bench.scripted("t_pose", begin=0.0, duration=4.0).pose(2.0)
    star = average("my_star", body.xy[None], body.scores[None], bench.ASPECT)[0]
    save(star)
    return star


def test_settings_say_which_gestures_are_told(tmp_path, monkeypatch):
    monkeypatch.setenv("POSEKIT_TAUGHT", str(tmp_path / "taught"))

    def options(**given):
        return gesture_options(resolve(given, environment={}).settings)

    taught()
    assert options().names == ("all",)
    assert [one.name for one in options().taught] == ["my_star"]
    assert options(gestures="wave, my_star").names == ("wave", "my_star")
    assert options(gestures=["clap", "jump"]).names == ("clap", "jump")
    assert options(gestures="off").taught == ()
    with pytest.raises(UnknownNameError, match="did you mean 'clap'"):
        options(gestures="clapp")


@pytest.mark.parametrize("act", ["raise_left", "wave_right", "jump", "swipe_left_inward", "step_right"])
def test_with_noise_through_tracker_and_smoother(act):
    tally = bench.Tally()
    bench.run_act(act, 30.0, tally, few=True)
    assert tally.runs == 2
    assert tally.missed == []


def test_half_a_minute_of_walking_is_no_gesture():
    told, right = bench.walking(15.0, 30.0, seed=7)
    assert told - right == {}


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.skipif(SOAK_SECONDS < 60, reason="takes minutes; the short form of the soaks leaves it out")
@pytest.mark.parametrize("rate", [10.0, 30.0, 60.0])
def test_every_act_of_every_body(rate):
    for act in bench.MEANT:
        tally = bench.Tally()
        bench.run_act(act, rate, tally)
        assert tally.runs >= 8
        assert tally.missed == []


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_ten_minutes_of_standing_still_are_one_visit_and_one_stillness():
    seconds = min(600.0, 12 * SOAK_SECONDS)
    body = bench.scripted("still", 0.5, total=seconds)
    seen: set[int] = set()
    starts = []
    told = bench.Gestures()
    for time, people in bench.seen_people(bench.observe([body], 10.0, seconds, bench.SIZE, seed=2)):
        seen |= {person.id for person in people}
        starts += [event for event in told.update(people, time, bench.ASPECT) if event.phase == "start"]
    assert len(seen) == 1
    assert [event.name for event in starts] == ["stillness"]
