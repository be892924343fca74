"""`replay:` plays what was recorded through the same stages, at any speed, and reads what others wrote."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from builders import a_person, a_pose, a_scene
from hypothesis import HealthCheck, given, settings
from recorded import Watched, assert_same_scenes, happened, recordings, run, there, two_visits, write

from posekit.clock import ManualClock
from posekit.errors import OutputError, SettingsError, SourceError, UnknownNameError
from posekit.frame import Observed
from posekit.recording import RecordedScene, RecordingWriter, export, open_recording
from posekit.recording.form import Header, header_line, scene_line
from posekit.scene import Leave
from posekit.sources import brings_poses, check_source, is_live, is_still, open_source
from posekit.sources.adjust import Adjustment
from posekit.sources.replay import Replay, ReplayOptions, parse_replay

QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


class Stage:
    """A clock and a way to wait on it; looking at a scene may take its time."""

    def __init__(self) -> None:
        self.clock = ManualClock(100.0)
        self.waited: list[float] = []

    def wait(self, seconds: float) -> bool:
        assert seconds >= 0
        self.waited.append(seconds)
        self.clock.advance(seconds)
        return False

    def play(self, path: Path, count: int, busy: float = 0.0, **options: object) -> list[Observed]:
        """Return the first scenes of a replay, each of which takes `busy` seconds to deal with."""
        self.source = Replay(ReplayOptions(path, **options), self.clock, wait=self.wait)
        seen = []
        for observed in self.source.frames():
            assert observed.time <= self.clock.now() + 1e-6
            seen.append(observed)
            if len(seen) == count:
                break
            self.clock.advance(busy)
        self.source.close()
        return seen


def put(path: Path, times: list[float]) -> Path:
    """Record one person at some times, farther right each time."""
    with RecordingWriter(path, ManualClock()) as writer:
        for index, time in enumerate(times):
            pose = a_pose(0.1 + index / 1000)
            writer.write(a_scene(a_person(pose=pose, seen=time), index=index, time=time))
    return path


@pytest.fixture
def steady(tmp_path: Path) -> Path:
    """Return a recording of 30 scenes at 10 a second."""
    return put(tmp_path / "steady.jsonl", [at / 10 for at in range(30)])


def every_frame(text: str | Path) -> list[Observed]:
    source = open_source(f"replay:{text}", ManualClock(), every_frame=True)
    try:
        return [seen for seen in source.frames() if isinstance(seen, Observed)]
    finally:
        source.close()


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz"])
def test_a_replay_gives_the_same_people_and_events_as_the_run_that_was_recorded(
    tmp_path: Path, name: str
) -> None:
    steps = run(two_visits())
    path = write(tmp_path / name, steps)
    again = run(open_source(f"replay:{path}", ManualClock(), every_frame=True))
    assert len(again) == len(steps) == 80
    assert {"enter", "leave", "first"} <= {event[0] for event in happened(steps)}
    assert happened(again) == happened(steps)
    assert there(again) == there(steps)
    for one, other in zip(again, steps, strict=True):
        for person, before in zip(one.scene.people, other.scene.people, strict=True):
            np.testing.assert_allclose(person.pose.xy, before.pose.xy, atol=1e-5)
    third = write(tmp_path / "b.jsonl", again)
    assert_same_scenes(list(open_recording(third).scenes()), list(open_recording(path).scenes()))


def test_a_file_is_replayed_scene_by_scene_in_its_own_time(steady: Path) -> None:
    seen = every_frame(f"{steady},speed=2")
    assert [observed.index for observed in seen] == list(range(30))
    np.testing.assert_allclose([observed.time for observed in seen], np.arange(30) / 20, atol=1e-5)
    assert not any(observed.is_cut for observed in seen)
    source = open_source(f"replay:{steady}", ManualClock(), every_frame=True)
    assert source.description == "replay of steady.jsonl, 1280x720, 10 per second"
    assert (round(source.rate), source.is_camera, source.count) == (10, False, None)


def test_a_replay_is_played_when_it_is_due(steady: Path) -> None:
    stage = Stage()
    seen = stage.play(steady, 30, speed=4.0)
    np.testing.assert_allclose([observed.time for observed in seen], 100 + np.arange(30) / 40, atol=1e-4)
    assert stage.source.dropped == 0
    assert "at 4 times its speed, in a loop" in stage.source.description


def test_a_loop_says_where_it_begins_anew(steady: Path) -> None:
    seen = Stage().play(steady, 75)
    assert [at for at, observed in enumerate(seen) if observed.is_cut] == [30, 60]
    assert [observed.index for observed in seen] == list(range(75))
    gaps = [after.time - before.time for before, after in pairwise(seen)]
    np.testing.assert_allclose(gaps, 0.1, atol=1e-4)
    np.testing.assert_allclose(seen[31].poses[0].xy, seen[1].poses[0].xy)


def test_nobody_walks_from_the_end_of_a_loop_to_its_beginning(steady: Path) -> None:
    seen = Stage().play(steady, 45)

    class Played(Watched):
        def frames(self):
            return iter(seen)

    steps = run(Played([]))
    assert [event[0] for event in happened(steps)] == ["enter", "first", "leave", "enter"]
    (leave,) = [event for step in steps for event in step.events if isinstance(event, Leave)]
    assert leave.reason == "cut"
    assert {person.id for step in steps for person in step.scene.people} == {1, 2}


def test_without_a_loop_it_ends(steady: Path) -> None:
    assert len(Stage().play(steady, 99, loop=False)) == 30


def test_what_is_late_is_dropped(steady: Path) -> None:
    stage = Stage()
    seen = stage.play(steady, 20, busy=0.25)
    assert stage.source.dropped > 10
    indices = [observed.index for observed in seen]
    assert indices == sorted(set(indices))
    assert 1.8 < (indices[-1] - indices[0]) / 19 < 3.2
    assert all(stage.clock.now() - 0.3 * 20 <= observed.time for observed in seen)


def test_however_late_it_is_something_is_shown(steady: Path) -> None:
    stage = Stage()
    seen = stage.play(steady, 40, busy=5.0, speed=1000.0)
    assert len(seen) == 40
    assert seen[-1].time > 100 + 39 * 5 - 10


def test_a_dropped_beginning_is_still_a_beginning(steady: Path) -> None:
    seen = Stage().play(steady, 60, busy=0.25)
    rounds = [observed.index // 30 for observed in seen]
    assert rounds[-1] >= 3
    for before, after in pairwise(seen):
        assert after.is_cut == (before.index // 30 != after.index // 30)


def test_a_pause_is_kept_and_the_room_is_empty_in_it(tmp_path: Path) -> None:
    path = put(tmp_path / "a.jsonl", [0.0, 0.1, 0.2, 3.2, 3.3])
    assert [round(seen.time, 3) for seen in every_frame(path)] == [0.0, 0.1, 0.2, 3.2, 3.3]
    seen = Stage().play(path, 99, loop=False)
    assert [len(observed.poses) for observed in seen] == [1, 1, 1, *[0] * 8, 1, 1]
    np.testing.assert_allclose(
        [observed.time - 100 for observed in seen[3:-2]], 1.2 + np.arange(8) / 4, atol=1e-4
    )
    assert seen[-2].time == pytest.approx(103.2)
    assert len(Stage().play(path, 99, loop=False, speed=5.0)) == 5  # six tenths of a second are no pause


def test_a_recording_that_begins_late_begins_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    scenes = [RecordedScene(1.7e9 + at / 10, at, (640, 480)) for at in range(3)]
    path.write_text(header_line(Header((640, 480))) + "".join(scene_line(scene, None) for scene in scenes))
    assert [round(seen.time, 3) for seen in every_frame(path)] == [0.0, 0.1, 0.2]


def test_close_ends_a_replay_while_it_waits(tmp_path: Path) -> None:
    path = put(tmp_path / "a.jsonl", [0.0, 0.1, 9999.0])
    source = Replay(ReplayOptions(path), ManualClock())
    frames = source.frames()
    next(frames)
    source.close()
    assert list(frames) == []
    source.close()


def test_a_wrong_line_is_told_when_it_is_reached(tmp_path: Path) -> None:
    path = put(tmp_path / "a.jsonl", [at / 10 for at in range(90)])
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*lines[:80], "{}\n", *lines[80:]]))
    frames = Replay(ReplayOptions(path), None).frames()
    for _ in range(79):
        next(frames)
    with pytest.raises(SourceError, match="line 81: t is no number"):
        next(frames)


def test_a_recording_without_a_scene_is_no_source(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(header_line(Header((640, 480))))
    with pytest.raises(SourceError, match="holds no scene"):
        open_source(f"replay:{tmp_path / 'a.jsonl'}", ManualClock())


def test_options_stand_after_the_name_and_names_may_have_commas(tmp_path: Path) -> None:
    plain = put(tmp_path / "a.jsonl", [0.0])
    odd = put(tmp_path / "a, b.jsonl", [0.0])
    odder = put(tmp_path / "a.jsonl,speed=3", [0.0])
    options = parse_replay(f"replay:{plain},speed=0.5,loop=off,size=64x48,rate=12.5")
    assert options == ReplayOptions(plain, 0.5, False, (64, 48), 12.5)
    assert parse_replay(f"replay:{odd}") == ReplayOptions(odd)
    assert parse_replay(f"replay:{odd},loop=on") == ReplayOptions(odd)
    assert parse_replay(f"replay:{odder},speed=2") == ReplayOptions(odder, 2.0)


@pytest.mark.parametrize(
    ("given", "kind", "sentence"),
    [
        (",sped=2", UnknownNameError, "did you mean 'speed'"),
        (",speed=fast", SettingsError, "speed=fast is no number"),
        (",speed=0", SettingsError, "not from 0.01 to 1000"),
        (",speed=nan", SettingsError, "not from 0.01 to 1000"),
        (",loop=maybe", SettingsError, "neither on nor off"),
        (",size=big", SettingsError, "not a size"),
        (",size=0x5", SettingsError, "no picture's"),
        (",rate=0", SettingsError, "above 0"),
        ("l", SourceError, "did you mean replay:"),
        ("/none/x.jsonl", SourceError, "nor a folder"),
        ("x" * 5000, SourceError, "there is no recording"),
        ("\0", SourceError, "there is no recording"),
    ],
)
def test_a_wrong_option_is_told_before_anything_starts(
    steady: Path, given: str, kind: type[Exception], sentence: str
) -> None:
    with pytest.raises(kind, match=sentence):
        check_source(f"replay:{steady}{given}")


def test_a_replay_is_a_source_that_brings_poses(steady: Path) -> None:
    text = f"replay:{steady}"
    check_source(text)
    assert (brings_poses(text), is_live(text), is_still(text)) == (True, False, False)
    told: list[str] = []
    open_source(text, ManualClock(), adjustment=Adjustment(90), report=told.append).close()
    assert told == ["rotate, flip and crop are for pictures; a recording is played as it is"]
    (steady.parent / "not.jsonl").write_text("no")
    with pytest.raises(SourceError, match="is no recording"):
        check_source(f"replay:{steady.parent / 'not.jsonl'}")


@QUICK
@given(scenes=recordings())
@pytest.mark.parametrize("name", ["b.csv", "b.csv.gz", "b.json", "b.jsonl", "b.jsonl.gz"])
def test_what_is_exported_can_be_imported(tmp_path: Path, name: str, scenes: list) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(header_line(Header((640, 480))) + "".join(scene_line(scene, None) for scene in scenes))
    scenes = list(open_recording(path).scenes())
    done = export(open_recording(path), tmp_path / name, overwrite=True)
    assert (done.scenes, done.bodies) == (len(scenes), sum(len(scene.poses) for scene in scenes))
    # tfjs's pixels have three decimals, which is little of a picture 33 pixels wide.
    within = 2e-5 if name == "b.json" else 1e-6
    assert_same_scenes(list(open_recording(tmp_path / name).scenes()), scenes, within)
    assert not [entry for entry in tmp_path.iterdir() if entry.name.startswith(".")]


def test_an_export_is_whole_or_not_there(steady: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"end it in \.csv, \.json"):
        export(open_recording(steady), tmp_path / "a.txt")
    with pytest.raises(SettingsError, match="would replace what is read"):
        export(open_recording(steady), steady, overwrite=True)
    kept = tmp_path / "a.csv"
    kept.write_text("OLD")
    with pytest.raises(OutputError, match="is there already"):
        export(open_recording(steady), kept)
    with steady.open("a") as file:
        file.write("{}\n")
    with pytest.raises(SourceError, match="line 32"):
        export(open_recording(steady), kept, overwrite=True)
    assert kept.read_text() == "OLD"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["a.csv", "steady.jsonl"]


def a_tfjs_pose(x: float = 100.0) -> dict[str, object]:
    return a_pose(x / 640).to_tfjs((640, 480))


def test_tfjs_is_read_as_estimate_writes_it(tmp_path: Path) -> None:
    path = tmp_path / "poses.jsonl"
    lines = [
        {"file": file, "time": time, "width": 640, "height": 480, "poses": [a_tfjs_pose()]}
        for file, time in (("a.mp4", 0.0), ("a.mp4", 0.04), ("a.mp4", 0.02), ("b.png", 0.0), ("c.png", 0.0))
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    seen = every_frame(path)
    assert [observed.is_cut for observed in seen] == [False, False, True, True, True]
    times = [observed.time for observed in seen]
    assert all(before < after for before, after in pairwise(times))
    np.testing.assert_allclose(seen[0].poses[0].xy, a_pose(100 / 640).xy, atol=1e-5)


@pytest.mark.parametrize(
    "frames",
    [
        [[a_tfjs_pose()], [], [a_tfjs_pose(120), a_tfjs_pose(400)]],
        [{"poses": [a_tfjs_pose()]}, {"poses": []}, {"poses": [a_tfjs_pose(120), a_tfjs_pose(400)]}],
        [a_tfjs_pose(), {"poses": []}, [a_tfjs_pose(120), a_tfjs_pose(400)]],
    ],
)
def test_an_array_of_frames_needs_a_size_and_takes_a_rate(tmp_path: Path, frames: list) -> None:
    path = tmp_path / "poses.json"
    path.write_text(json.dumps(frames, indent=1))
    with pytest.raises(SourceError, match="frame 1 of the array: it says no width and height; add them"):
        every_frame(path)
    seen = every_frame(f"{path},size=640x480,rate=10")
    assert [len(observed.poses) for observed in seen] == [1, 0, 2]
    np.testing.assert_allclose([observed.time for observed in seen], [0, 0.1, 0.2], atol=1e-6)


def test_keypoints_of_pose_detection_are_read_too(tmp_path: Path) -> None:
    path = tmp_path / "poses.json"
    keypoints = [{"x": 64, "y": 48, "score": 0.5, "name": "left_wrist"}, {"x": 1, "y": 1, "name": "tail"}]
    path.write_text(json.dumps([[{"keypoints": keypoints}]]))
    ((pose,),) = [observed.poses for observed in every_frame(f"{path},size=640x480")]
    assert tuple(pose.left_wrist) == pytest.approx((0.1, 0.1))
    assert (pose.score, pose.visible.sum()) == (0.5, 1)


def test_csv_of_somebody_else_is_read(tmp_path: Path) -> None:
    path = tmp_path / "poses.csv"
    path.write_text(
        "\ufeffTime, left_wrist_x,left_wrist_y,mood\r\n"
        "0,0.5,0.25,fine\r\n0.1,,,\r\n0.2,0.6,0.25,\r\n0.2,0.1,0.2,x\r\n"
    )
    with pytest.raises(SourceError, match="line 2: it says no width and height"):
        every_frame(path)
    seen = every_frame(f"{path},size=640x480")
    assert [len(observed.poses) for observed in seen] == [1, 0, 2]
    assert tuple(seen[0].poses[0].left_wrist) == (0.5, 0.25)
    assert seen[0].poses[0].left_wrist.score == 1.0


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("time,person\n", "no columns of a keypoint"),
        ("time,nose_x,nose_y\n1,2\n", "line 2: it has 2 cells under 3 columns"),
        ("time,nose_x,nose_y\n1,2,abc\n", "line 2: a keypoint is no number but 'abc'"),
        ("time,nose_x,nose_y\n,2,1\n", "line 2: it says no time"),
        ("time,nose_x,nose_y\n1,1e99,1\n", "line 2: a keypoint cannot be"),
        ("time,person,nose_x,nose_y\n1,1.5,1,1\n", "line 2: person is no whole number"),
        ("[[{}]]", "frame 1 of the array: "),
        ('[{"poses":7}]', "frame 1 of the array: poses is no list"),
        ("[1,", "it is no JSON"),
        ('{"people":[]}\n', "line 1: it has no poses"),
        ('{"poses":[{"keypoints":[{"part":"tail"}]}]}\n', "line 1: a pose has no keypoint that is known"),
    ],
)
def test_what_is_wrong_in_a_foreign_file_is_said(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text(text)
    with pytest.raises(SourceError) as caught:
        every_frame(f"{path},size=640x480")
    assert sentence in str(caught.value)
