import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from sketch_world import ScriptedFeed, dancer, room, scene

from posekit.clock import ManualClock
from posekit.errors import HookError, OutputError
from posekit.health import CameraState, Health
from posekit.runner import run_sketch
from posekit.runner.feed import Update
from posekit.runner.loop import Loop
from posekit.runner.pacing import Pacer
from posekit.runner.run import VSYNC_LEAD
from posekit.scene import Empty, Enter, First, Leave
from posekit.settings import Settings
from posekit.sketch import Sketch
from posekit.sketch.canvas import Canvas
from posekit.sketch.loader import load_class, load_sketch
from posekit.smoothing.prediction import predicted_seconds


class Diary(Sketch):
    """Writes down everything that happens to it."""

    def __init__(self):
        super().__init__()
        self.told = []

    def setup(self, people, scene):
        self.told.append(("setup", len(people), scene.raw))

    def update(self, dt):
        self.told.append(("update", round(dt, 3)))

    def draw(self, people, lead, time):
        self.told.append(("draw", [person.id for person in people], lead and lead.id, round(time, 3)))

    def on_enter(self, person, people):
        person.memory.name = f"number {person.id}"
        self.told.append(("enter", person.id, bool(person.nose)))

    def on_leave(self, person, visit, event):
        self.told.append(("leave", person.memory.name, bool(person.nose), visit, event.reason))

    def on_first_person(self, person):
        self.told.append(("first", person.id))

    def on_empty(self, event):
        self.told.append(("empty", event.time))

    def on_key(self, key):
        self.told.append(("key", key))
        return key == "space"

    def on_mouse(self, position, button):
        self.told.append(("mouse", tuple(position), button))

    def on_camera_lost(self, health):
        self.told.append(("lost", health.camera))

    def on_camera_back(self):
        self.told.append(("back",))

    def close(self):
        self.told.append(("close",))


def diary():
    loaded = load_class(Diary)
    return loaded.sketch.told, Loop(loaded, Canvas((320, 180)))


def update(*people, at, events=(), health=None):
    return Update(scene(people, 0, at), events, room(at), health or Health())


def happened(told, *names):
    return [entry for entry in told if entry[0] in names]


def test_one_visit_from_setup_to_close():
    told, loop = diary()
    loop.setup()
    loop.frame(update(at=10.0), 10.0)
    she = dancer(1, 1, 11.0)
    loop.frame(update(she, at=11.0, events=(Enter(1, 1, 11.0), First(1, 1, 11.0))), 11.0)
    loop.frame(update(she, at=12.5), 12.5)
    loop.frame(update(at=13.0, events=(Leave(1, 1, 12.5, visit=1.5),)), 13.0)
    loop.frame(update(at=20.0, events=(Empty(time=20.0),)), 20.0)
    loop.close()
    assert told == [
        ("setup", 0, None),
        ("update", 0.0),
        ("draw", [], None, 0.0),
        ("enter", 1, True),
        ("first", 1),
        ("update", 1.0),
        ("draw", [1], 1, 1.0),
        ("update", 1.5),
        ("draw", [1], 1, 2.5),
        ("leave", "number 1", True, 1.5, "gone"),
        ("update", 0.5),
        ("draw", [], None, 3.0),
        ("empty", 20.0),
        ("update", 7.0),
        ("draw", [], None, 10.0),
        ("close",),
    ]


def test_memory_lasts_one_visit_and_no_longer():
    _, loop = diary()
    she = dancer(1, 1, 1.0)
    loop.frame(update(she, at=1.0, events=(Enter(1, 1, 1.0),)), 1.0)
    memory = loop.scene.people[0].memory
    loop.frame(update(dancer(1, 1, 2.0), at=2.0), 2.0)
    assert loop.scene.people[0].memory is memory
    loop.frame(update(at=3.0, events=(Leave(1, 1, 2.0),)), 3.0)
    loop.frame(update(she, at=4.0, events=(Enter(1, 1, 4.0),)), 4.0)
    assert loop.scene.people[0].memory is not memory


def test_one_who_came_and_went_between_two_looks_is_told_of_without_a_body():
    told, loop = diary()
    loop.frame(update(at=5.0, events=(Enter(9, 2, 4.1), Leave(9, 2, 4.5, visit=0.4))), 5.0)
    assert happened(told, "enter", "leave") == [
        ("enter", 9, False),
        ("leave", "number 9", False, 0.4, "gone"),
    ]


def test_an_enter_that_overtakes_its_scene_waits_for_it():
    told, loop = diary()
    loop.frame(update(at=5.0, events=(Empty(time=4.9), Enter(1, 1, 5.1), First(1, 1, 5.1))), 5.0)
    assert happened(told, "enter", "first", "empty") == [("empty", 4.9)]
    loop.frame(update(dancer(1, 1, 5.1), at=5.1), 5.1)
    assert happened(told, "enter", "first", "empty") == [("empty", 4.9), ("enter", 1, True), ("first", 1)]


def test_an_enter_that_overtakes_the_very_first_scene_waits_for_it():
    told, loop = diary()
    nothing_yet = replace(update(at=0.0), scene=None)
    loop.frame(replace(nothing_yet, events=(Empty(time=0.5), Enter(1, 1, 1.0))), 1.0)
    loop.frame(nothing_yet, 1.1)
    assert happened(told, "enter", "empty") == [("empty", 0.5)]
    loop.frame(update(dancer(1, 1, 1.0), at=1.0), 1.2)
    assert happened(told, "enter") == [("enter", 1, True)]


def test_nobody_waits_for_a_scene_when_there_is_no_engine():
    told, loop = diary()
    lost = replace(update(at=0.0, health=Health(engine=False)), scene=None)
    loop.frame(replace(lost, events=(Enter(1, 1, 1.0), Leave(1, 1, 2.0))), 2.0)
    assert happened(told, "enter")[0][:2] == ("enter", 1)
    assert len(happened(told, "leave")) == 1


def test_a_leave_that_overtakes_its_scene_takes_her_out_of_it():
    told, loop = diary()
    with_her = update(dancer(1, 1, 5.0), at=5.0, events=(Enter(1, 1, 5.0),))
    loop.frame(with_her, 5.0)
    loop.frame(replace(with_her, events=(Leave(1, 1, 5.0),)), 5.1)
    assert told[-1][:2] == ("draw", [])
    assert loop.scene.count == 0


def test_the_same_scene_twice_makes_the_same_people_once():
    _, loop = diary()
    first = update(dancer(1, 1, 1.0), at=1.0, events=(Enter(1, 1, 1.0),))
    loop.frame(first, 1.0)
    person = loop.scene.people[0]
    loop.frame(replace(first, events=()), 1.016)
    assert loop.scene.people[0] is person
    assert loop.scene.time == pytest.approx(0.016)


def test_a_lost_camera_is_told_once_and_so_is_its_return():
    told, loop = diary()
    states = ["OK", "OK", "LOST", "LOST", "FROZEN", "OK", "BLACK", "OK"]
    for at, state in enumerate(states):
        loop.frame(update(at=at, health=Health(camera=CameraState[state])), float(at))
    assert happened(told, "lost", "back") == [("lost", CameraState.LOST), ("back",)]


def test_time_never_runs_backwards():
    told, loop = diary()
    for now in (5.0, 6.0, 4.0, 6.5):
        loop.frame(update(at=now), now)
    assert [entry[1] for entry in happened(told, "update")] == [0.0, 1.0, 0.0, 0.5]


def test_keys_and_clicks_are_passed_on():
    told, loop = diary()
    assert loop.key("space") is True
    assert loop.key("a") is False
    loop.mouse((3, 4), 1)
    assert told == [("key", "space"), ("key", "a"), ("mouse", (3, 4), 1)]


def run(name, feed, **settings):
    return run_sketch(load_sketch(str(name)), feed, Settings(headless=True, size=(320, 180), **settings))


@pytest.fixture
def write(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))

    def write(code):
        path = tmp_path / "mine.py"
        path.write_text(code, encoding="utf-8")
        return path

    return write


def test_a_file_is_rendered_frame_by_frame_in_its_own_time(write, tmp_path):
    path = write(
        "def draw(state, time):\n    state.times = [*getattr(state, 'times', []), round(time, 4)]\n"
        "def close(state):\n    import pathlib\n"
        "    pathlib.Path(__file__).with_suffix('.txt').write_text(str(state.times))\n"
    )
    assert run(path, ScriptedFeed(1, frames=5)) == 6
    assert (tmp_path / "mine.txt").read_text() == str([round(at / 30, 4) for at in range(6)])


def test_the_same_file_twice_gives_the_same_pictures(tmp_path):
    for name in ("one.png", "two.png"):
        run("skeleton", ScriptedFeed(3, frames=20), frames=15, save_frame=tmp_path / name)
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()


def test_frames_ends_a_run_and_the_last_picture_and_video_are_kept(tmp_path):
    drawn = run(
        "hello", ScriptedFeed(2), frames=7, save_frame=tmp_path / "a.png", save_video=tmp_path / "a.mp4"
    )
    assert drawn == 7
    picture = cv2.imread(str(tmp_path / "a.png"))
    assert picture.shape == (180, 320, 3)
    assert picture.any()
    capture = cv2.VideoCapture(str(tmp_path / "a.mp4"))
    assert capture.get(cv2.CAP_PROP_FRAME_COUNT) == 7
    assert capture.get(cv2.CAP_PROP_FPS) == pytest.approx(30)
    capture.release()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp4", "a.png"]


def test_mirror_follows_the_source_unless_told():
    def first_wrist(is_live, mirror):
        class Look(Sketch):
            def draw(self, people, state):
                state.x = people[0].left_wrist.x

        loaded = load_class(Look)
        feed = ScriptedFeed(1, frames=3, is_live=is_live)
        run_sketch(loaded, feed, Settings(headless=True, frames=1, mirror=mirror))
        return loaded.sketch.state.x

    plain, mirrored = first_wrist(False, "auto"), first_wrist(True, "auto")
    assert plain > 640 > mirrored
    assert first_wrist(False, True) == mirrored
    assert first_wrist(True, False) == plain


def test_an_error_in_a_hook_names_its_line_and_leaves_no_video(write, tmp_path):
    path = write("import pathlib\ndef draw(people):\n    if people:\n        people[0].nose.x / 0\n"
                 "def close():\n    pathlib.Path(__file__).with_suffix('.txt').touch()\n")  # fmt: skip
    with pytest.raises(HookError) as caught:
        run(path, ScriptedFeed(1), save_video=tmp_path / "a.mp4")
    expected = (
        "mine.py, line 4: ZeroDivisionError: float division by zero, in `people[0].nose.x / 0` (in draw)"
    )
    assert str(caught.value) == expected
    assert caught.value.exit_code == 1
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert caught.value.__cause__.__traceback__.tb_frame.f_code.co_filename == str(path)
    assert sorted(file.name for file in tmp_path.iterdir() if file.is_file()) == ["mine.py", "mine.txt"]


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (
            "def draw(canvas):\n    canvas.circle((1, 2), 3, 'glod')",
            "line 2: unknown colour 'glod'; did you mean 'gold'",
        ),
        (
            "background = 'red'\ndef draw():\n    global background\n    background = 'blakc'\n",
            "unknown colour 'blakc'; did you mean 'black'? (in background)",
        ),
        ("def setup():\n    [][1]", "line 2: IndexError"),
        ("def on_enter(person):\n    int(person.nose.x + float('nan'))", "line 2: "),
        ("def close():\n    1 / 0\ndef draw(): pass", "line 2: ZeroDivisionError"),
    ],
)
def test_errors_in_any_hook_are_one_line(write, code, sentence):
    with pytest.raises(HookError) as caught:
        run(write(code), ScriptedFeed(1, frames=3, hidden=(0,)))
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_earlier_error_is_told_rather_than_one_in_close(write):
    with pytest.raises(HookError, match="in draw"):
        run(write("def draw(): 1 / 0\ndef close(): [][1]"), ScriptedFeed(1, frames=3))


def test_a_picture_that_could_not_be_written_stops_the_run_before_it_begins(write):
    path = write("def setup(): raise KeyError")
    with pytest.raises(OutputError, match="no folder"):
        run(path, ScriptedFeed(1), save_frame=Path("nowhere/a.png"))
    with pytest.raises(OutputError, match="no folder"):
        run(path, ScriptedFeed(1), save_video=Path("nowhere/a.mp4"))


class SlowFeed(ScriptedFeed):
    """A live feed that is looked at more often than it has news."""

    looks = 0

    def poll(self):
        self.looks += 1
        if self.looks % 3 == 0 or not self.index:
            self.update = super().poll()
            return self.update
        return replace(self.update, events=())


def test_without_a_window_a_scene_is_drawn_once_however_often_it_is_seen():
    feed = SlowFeed(1, frames=10, is_live=True)
    assert run("hello", feed) == 11
    assert feed.looks > 25


def test_the_pacer_keeps_its_times_and_hurries_nobody():
    clock, slept = ManualClock(100.0), []

    def sleep(seconds):
        slept.append(round(seconds, 6))
        clock.advance(seconds)

    pacer = Pacer(10.0, clock, sleep)
    assert pacer.wait() == 100.0
    clock.advance(0.03)
    assert pacer.wait() == pytest.approx(100.1)
    clock.advance(0.13)
    assert pacer.wait() == pytest.approx(100.23)
    clock.advance(0.01)
    assert pacer.wait() == pytest.approx(100.3)
    clock.advance(5)
    assert pacer.wait() == pytest.approx(105.3)
    assert pacer.wait() == pytest.approx(105.4)
    assert slept == [0.07, 0.06, 0.1]


def test_a_hundred_thousand_frames_do_not_drift():
    clock = ManualClock(0.0)
    pacer = Pacer(60.0, clock, clock.advance)
    random = np.random.default_rng(5)
    for work in random.uniform(0, 1 / 60, 20000):
        pacer.wait()
        clock.advance(work)
    assert pacer.wait() == pytest.approx(20000 / 60, abs=1e-3)


def drawn_people(scene_, shown, *, extrapolate=True, mirror=False, size=(640, 480), now=5.0):
    """Return the people whom a sketch meets in one frame."""
    met = []

    class Looking(Sketch):
        def draw(self, people):
            met.extend(people)

    Looking.extrapolate = extrapolate
    loop = Loop(load_class(Looking), Canvas(size), mirror=mirror)
    loop.frame(Update(scene_, (), None, Health()), now, shown)
    return met


def moving(velocity, *, hidden=(), seen=5.0):
    return replace(dancer(1, 1, 1.0, hidden), velocity=np.asarray(velocity, np.float32), seen=seen)


velocities = npst.arrays(
    np.float32,
    (17, 2),
    elements=st.one_of(st.floats(-5, 5, width=32), st.sampled_from([0.0, np.nan, np.inf, -np.inf])),
)


@settings(max_examples=10, deadline=None)
@given(velocities, st.floats(-1, 3), st.booleans())
def test_extrapolation_moves_by_velocity_and_time_and_never_far(velocity, wait, mirror):
    person = moving(velocity, hidden=(0, 3))
    (still,) = drawn_people(scene((person,), 0, 5.0), None, mirror=mirror)
    (moved,) = drawn_people(scene((person,), 0, 5.0), 5.0 + wait, mirror=mirror)
    assert (np.isnan(moved.xy) == np.isnan(still.xy)).all()
    assert np.isnan(moved.xy[[0, 3]]).all()
    seconds = predicted_seconds(wait)
    # The canvas has the picture's size: an image height is 480 pixels either way.
    known = np.isfinite(velocity)
    expected = np.where(known, np.where(known, velocity, 0) * (-480 if mirror else 480, 480) * seconds, 0)
    seen = ~np.isnan(still.xy)
    assert seen.sum() == 30
    assert np.allclose((moved.xy - still.xy)[seen], expected[seen], atol=0.01)
    assert np.abs(moved.xy - still.xy)[seen].max() <= 5 * 480 * 0.1 + 0.01


@pytest.mark.parametrize("wait", [-1.0, 0.0, 0.05, 7.0])
def test_who_stands_still_is_not_moved_by_looking_ahead(wait):
    person = moving(np.zeros((17, 2)))
    (still,) = drawn_people(scene((person,), 0, 5.0), None)
    (moved,) = drawn_people(scene((person,), 0, 5.0), 5.0 + wait)
    assert (moved.xy == still.xy).all()
    assert tuple(moved.center) == tuple(still.center)
    assert moved.box == still.box


def test_everything_of_a_person_goes_along_and_her_own_record_stays():
    person = moving(np.full((17, 2), (0.5, 0.0)))
    crowd = scene((person,), 0, 5.0)
    (still,), (moved,) = drawn_people(crowd, None), drawn_people(crowd, 5.05)
    step = 0.5 * 480 * predicted_seconds(0.05)
    for place in ("nose", "left_ankle", "center"):
        assert getattr(moved, place).x - getattr(still, place).x == pytest.approx(step, abs=0.01)
        assert getattr(moved, place).y == pytest.approx(getattr(still, place).y, abs=0.01)
    assert moved.box.x - still.box.x == pytest.approx(step, abs=0.01)
    assert moved.raw is person
    (unasked,) = drawn_people(crowd, 5.05, extrapolate=False)
    assert (unasked.xy == still.xy).all()


def test_one_scene_is_looked_ahead_of_anew_in_every_frame():
    places = []

    class Looking(Sketch):
        extrapolate = True

        def draw(self, lead):
            lead.memory.frames = getattr(lead.memory, "frames", 0) + 1
            places.append(lead.nose.x)

    loop = Loop(load_class(Looking), Canvas((640, 480)))
    update = Update(scene((moving(np.full((17, 2), (1.0, 0.0))),), 0, 5.0), (), None, Health())
    for at in range(10):
        loop.frame(update, 5 + at / 60, 5 + (at + 1) / 60)
    steps = np.diff(places)
    assert steps == pytest.approx(
        np.diff([480 * predicted_seconds((at + 1) / 60) for at in range(10)]), abs=0.01
    )
    assert steps[:5].min() > 4
    assert steps[6:] == pytest.approx(0, abs=1e-6)
    assert loop.scene.people[0].memory.frames == 10


def test_a_file_rendered_without_a_window_is_never_looked_ahead_of(tmp_path):
    places = []

    class Looking(Sketch):
        extrapolate = True

        def draw(self, people):
            places.extend(person.xy - person._placement.to_area(person.raw.pose.xy) for person in people)

    run_sketch(load_class(Looking), ScriptedFeed(1, frames=5), Settings(headless=True, size=(640, 480)))
    assert len(places) == 5
    assert not np.any(places)


class SlowSleep(ManualClock):
    """A clock whose sleeps last a little longer than asked, as everywhere."""

    def sleep(self, seconds):
        self.advance(seconds + 0.0007)


@pytest.mark.parametrize("rate", [24.0, 59.94, 60.0, 144.0])
def test_frames_do_not_drift_although_every_sleep_is_late(rate):
    clock = SlowSleep()
    pacer = Pacer(rate, clock, clock.sleep)
    times = []
    for _ in range(round(rate * 60)):
        times.append(pacer.wait())
        clock.advance(0.002)
    due = np.arange(len(times)) / rate
    assert np.abs(np.array(times) - times[0] - due).max() < 0.001


def test_a_screen_with_a_rhythm_of_its_own_leads_and_the_pacer_never_waits():
    clock, refresh = ManualClock(), 1 / 59.94
    pacer = Pacer(60 * VSYNC_LEAD, clock, pytest.fail)
    for at in range(2000):
        clock.set(at * refresh + 1e-6)
        pacer.wait()
