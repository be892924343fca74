"""Recordings are small, survive whatever ends their writer, and say in a sentence what is wrong with them."""

from __future__ import annotations

import gzip
import json
import re
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from builders import a_person, a_pose, a_scene
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from recorded import (
    assert_same_poses,
    assert_same_scenes,
    happened,
    recordings,
    run,
    two_visits,
    write,
)

from posekit.clock import ManualClock
from posekit.errors import OutputError, SettingsError, SourceError
from posekit.pose import Pose
from posekit.recording import RecordingWriter, check_new, observed_poses, open_recording
from posekit.recording.form import Header, UnknownEvent, header_line, read_header, read_scene, scene_line
from posekit.recording.lines import LONGEST
from posekit.scene import Enter, Event, Gesture, Leave, ZoneEvent
from posekit.skeleton import BLAZEPOSE_33

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
HEADER = header_line(Header((640, 480), "by hand"))
LINE = scene_line(read_scene({"t": 0, "people": []}, (640, 480)), (640, 480))


def scenes_of(path: Path, told: list[str] | None = None) -> list:
    return list(open_recording(path, report=told.append if told is not None else None).scenes())


def reason(path: Path) -> str:
    """Return the one sentence that a file is refused with."""
    with pytest.raises(SourceError) as caught:
        scenes_of(path)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert str(path) in sentence
    return sentence


@QUICK
@given(scenes=recordings())
def test_a_line_says_what_was_seen(scenes: list) -> None:
    lines = [scene_line(scene, (640, 480)) for scene in scenes]
    assert all("NaN" not in line and "Infinity" not in line and line.count("\n") == 1 for line in lines)
    found = [read_scene(json.loads(line), (640, 480)) for line in lines]
    assert_same_scenes(found, scenes)
    assert [scene.index for scene in found] == [scene.index for scene in scenes]


def test_a_body_in_33_keypoints_and_metres_is_kept() -> None:
    numbers = np.random.default_rng(3)
    detail = Pose(
        numbers.random((33, 2)), numbers.random(33), 0.5, BLAZEPOSE_33, world=numbers.normal(size=(33, 3))
    )
    pose = Pose(numbers.random((17, 2)), numbers.random(17), 0.5, detail=detail, world=np.ones((17, 3)))
    scene = read_scene({"t": 0, "people": []}, (640, 480))
    line = scene_line(type(scene)(0.0, 0, (640, 480), candidates=(pose,)), (640, 480))
    (found,) = read_scene(json.loads(line), (640, 480)).candidates
    assert found.detail is not None
    assert found.detail.skeleton is BLAZEPOSE_33
    assert_same_poses([found, found.detail], [pose, detail])
    np.testing.assert_allclose(found.detail.world, detail.world, atol=1e-5)
    np.testing.assert_allclose(found.world, pose.world, atol=1e-5)


def test_events_are_kept_whoever_they_are(tmp_path: Path) -> None:
    class Odd(Event):
        pass

    happened_now = (
        Enter(3, 1, 7.0, epoch=2, sequence=9),
        Leave(2, None, 6.5, visit=1.25, reason="gone"),
        Gesture("my_own_pose", 3, 1, 7.0, phase="held", strength=0.5, duration=1.0, partner_id=4),
        ZoneEvent("zone_leave", 3, 1, 7.0, zone="stage", stay=2.0, occupancy=1),
        Odd(3, 1, 7.0),
    )
    with RecordingWriter(tmp_path / "a.jsonl", ManualClock()) as writer:
        writer.write(a_scene(time=5.0))
        writer.write(a_scene(time=7.0), happened_now)
        assert (writer.scenes, writer.events, writer.seconds) == (2, 5, 2.0)
    _, scene = scenes_of(tmp_path / "a.jsonl")
    assert scene.events == (
        Enter(3, 1, 2.0),
        Leave(2, None, 1.5, visit=1.25, reason="gone"),
        Gesture("my_own_pose", 3, 1, 2.0, phase="held", strength=0.5, duration=1.0, partner_id=4),
        ZoneEvent("zone_leave", 3, 1, 2.0, zone="stage", stay=2.0, occupancy=1),
        UnknownEvent(3, 1, 2.0, said="event"),
    )
    assert not scene.is_cut


def test_what_this_version_does_not_know_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    header = {**json.loads(HEADER), "camera": {"lens": 3}}
    line = {
        "t": 1,
        "people": [{"id": 1, "slot": None, "mood": "fine"}],
        "weather": [1, 2],
        "events": [{"t": 1, "name": "levitated", "person": 1, "slot": None, "height": 3}],
        "candidates": [
            {"raw": [[0.1, 0.2, 0.9]] * 16 + [None], "detail": {"skeleton": "HAND_21", "raw": []}}
        ],
    }
    path.write_text(json.dumps(header) + "\n\n" + json.dumps(line) + "\n")
    (scene,) = scenes_of(path)
    assert scene.events == (UnknownEvent(1, None, 1.0, said="levitated"),)
    assert scene.events[0].name == "levitated"
    (pose,) = scene.poses
    assert (pose.visible.sum(), pose.detail, scene.size) == (16, None, (640, 480))


def test_what_is_kept_of_a_person_is_what_was_said_of_her_in_that_frame() -> None:
    raw = a_pose(score=0.1)
    seen = a_person(1, 1, a_pose(), seen=2.0)
    there_still = a_person(2, 2, a_pose(), seen=1.5)
    scene = a_scene(seen, there_still, time=2.0)
    assert observed_poses(scene) == (seen.pose,)

    assert observed_poses(a_scene(replace(seen, raw=raw), there_still, time=2.0)) == (raw,)


def test_a_minute_of_two_people_is_as_small_as_the_docs_say(tmp_path: Path) -> None:
    numbers = np.random.default_rng(1)
    sizes = {}
    for name in ("a.jsonl", "a.jsonl.gz"):
        clock = ManualClock()
        with RecordingWriter(tmp_path / name, clock) as writer:
            for at in range(450):
                clock.set(at / 30)
                people = []
                for who in (1, 2):
                    pose = a_pose(0.3 * who)
                    xy = pose.xy + numbers.normal(0, 0.003, (17, 2))
                    pose = Pose(xy, np.clip(numbers.normal(0.8, 0.15, 17), 0.01, 1), 0.8)
                    people.append(a_person(who, who, pose, seen=at / 30))
                writer.write(a_scene(*people, index=at, time=at / 30))
        sizes[name] = writer.bytes
        assert len(scenes_of(tmp_path / name)) == 450
    assert 4 * sizes["a.jsonl"] < 1.9e6
    assert 4 * sizes["a.jsonl.gz"] < 0.65e6


CHILD = """
import sys, time
sys.path.insert(0, sys.argv[2])
from dataclasses import replace
from pathlib import Path
from builders import a_person, a_scene
from posekit.clock import SystemClock
from posekit.recording import RecordingWriter
began = time.monotonic()
writer = RecordingWriter(Path(sys.argv[1]), SystemClock())
while True:
    now = time.monotonic() - began
    writer.write(a_scene(a_person(1, 1, seen=now), time=now))
    print(writer.scenes, now, flush=True)
"""


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz"])
def test_a_killed_writer_loses_at_most_the_last_second(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(path), str(Path(__file__).parent)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    written = []
    for line in child.stdout:
        count, now = line.split()
        written.append((int(count), float(now)))
        if float(now) > 1.4:
            break
    child.kill()
    child.wait()
    child.stdout.close()
    if sys.platform != "win32":
        assert child.returncode == -signal.SIGKILL
    told: list[str] = []
    found = scenes_of(path, told)
    end = written[-1][1]
    safe = max(count for count, now in written if now < end - 1.0)
    assert len(found) >= safe > 10
    assert [scene.time for scene in found] == sorted(scene.time for scene in found)
    assert len(told) <= 1
    assert all("is not whole" in sentence for sentence in told)


def test_a_torn_end_costs_the_last_line_only(tmp_path: Path) -> None:
    whole = write(tmp_path / "whole.jsonl", run(two_visits())).read_bytes()
    count, last = whole.count(b"\n") - 1, whole[:-1].rindex(b"\n") + 1
    assert count == 80
    torn = tmp_path / "torn.jsonl"
    for cut in range(last + 1, len(whole) - 1):
        told: list[str] = []
        torn.write_bytes(whole[:cut])
        assert len(scenes_of(torn, told)) == count - 1
        assert told == [f"{torn}: its end, line 81, is not whole and is left out"]
    torn.write_bytes(whole[:-1])
    assert len(scenes_of(torn)) == count


def test_a_packed_file_that_was_cut_off_yields_all_that_is_whole(tmp_path: Path) -> None:
    clock, path = ManualClock(), tmp_path / "a.jsonl.gz"
    with RecordingWriter(path, clock) as writer:
        for at in range(90):
            clock.set(at)
            writer.write(a_scene(a_person(seen=at), index=at, time=at))
    packed = path.read_bytes()
    counts = []
    for cut in range(len(packed) // 3, len(packed), 97):
        path.write_bytes(packed[:cut])
        found = scenes_of(path, [])
        assert [scene.index for scene in found] == list(range(len(found)))
        counts.append(len(found))
    assert counts == sorted(counts)
    assert counts[0] >= 20
    path.write_bytes(packed[: len(packed) // 2] + b"\xff" * 300)
    try:
        assert 10 < len(scenes_of(path, [])) < 90
    except SourceError as error:
        assert re.search(r"line \d+", str(error))
    path.write_bytes(packed + packed)  # two files, one after the other, are one packed file
    assert "line 92: t is no number but nothing" in reason(path)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "is empty"),
        ("\n \n", "is empty"),
        ("hello", "neither JSON nor has a column time"),
        ('{"posekit":"show","version":1}\n', "not a recording"),
        ('{"posekit":"recording","version":2}\n', "of version 2, and this posekit reads version 1; install"),
        ('{"posekit":"recording","version":"1"}\n', "version is no whole number"),
        ('{"posekit":"recording","version":1,"skeleton":"HAND_21"}\n', "'HAND_21'"),
        ('{"posekit":"recording","version":1,"size":[0,5]}\n', "size is not [width, height]"),
        (
            '{"posekit":"recording","version":1}\n{"t":0}\n',
            "line 2: neither it nor the first line says a size",
        ),
        (HEADER + "[1]\n", "line 2: it is no object but a list"),
        (HEADER + LINE + "{oops}\n" + LINE, "line 3: it is no JSON"),
        (HEADER + LINE + "\xff\n", "line 3"),
        (HEADER + '{"t":null}\n', "line 2: t is no number but nothing"),
        (HEADER + '{"t":1e400}\n', "line 2: t cannot be inf"),
        (HEADER + '{"t":NaN}\n', "line 2: t cannot be nan"),
        (HEADER + '{"t":' + "9" * 5000 + "}\n", "line 2"),
        (HEADER + "[" * 100_000 + "\n", "line 2"),
        (HEADER + '{"t":0,"people":{}}\n', "line 2: people is no list but an object"),
        (HEADER + '{"t":0,"people":[7]}\n', "line 2: person is no object but 7"),
        (HEADER + '{"t":0,"people":[{"id":-1}]}\n', "line 2: id is no whole number from 0 but -1"),
        (HEADER + '{"t":0,"candidates":[{"raw":[[1,2]]}]}\n', "line 2: raw is no list of 17 lists of 3"),
        (HEADER + '{"t":0,"candidates":[{"raw":[["x",1,1]]}]}\n', "line 2: raw holds something that is no"),
        (HEADER + json.dumps({"t": 0, "candidates": [{"raw": [[1e30, 0, 1]] * 17}]}) + "\n", "farther out"),
        (HEADER + '{"t":0,"size":[5]}\n', "line 2: size is not"),
        (HEADER + '{"t":0,"events":[{"name":"enter"}]}\n', "line 2: t is no number"),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else None,
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(text, encoding="latin-1")
    assert sentence in reason(path)


def test_a_line_without_end_does_not_fill_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    with gzip.open(path, "wb") as file:
        file.write(HEADER.encode())
        for _ in range(3 * (LONGEST >> 20)):
            file.write(b" " * (1 << 20))
    assert path.stat().st_size < 100_000
    assert "line 2: it is longer than" in reason(path)


@QUICK
@given(
    data=st.binary(max_size=400),
    prefix=st.sampled_from([b"", b"{", b"[", b"time,nose_x,nose_y\n", b"\x1f\x8b", HEADER.encode()]),
)
def test_any_bytes_are_read_or_refused_in_a_sentence(tmp_path: Path, data: bytes, prefix: bytes) -> None:
    path = tmp_path / "a"
    path.write_bytes(prefix + data)
    try:
        scenes_of(path)
    except SourceError as error:
        assert "\n" not in str(error)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@QUICK
@given(
    key=st.sampled_from(["t", "frame", "size", "people", "lead", "candidates", "events", "cut"]), junk=JUNK
)
def test_any_value_in_any_field_is_read_or_refused(tmp_path: Path, key: str, junk: object) -> None:
    path = tmp_path / "a.jsonl"
    good = {"t": 0, "frame": 0, "people": [{"id": 1, "slot": 1, "score": 0.5, "raw": [[0, 0, 1]] * 17}]}
    lines = [{**good, key: junk}]
    lines += [
        {**good, "people": [{**good["people"][0], name: junk}]} for name in ("id", "slot", "raw", "score")
    ]
    lines += [{**good, "events": [{"t": 0, "name": "leave", name: junk}]} for name in ("name", "visit", "t")]
    for line in lines:
        path.write_text(HEADER + json.dumps(line) + "\n")
        try:
            (scene,) = scenes_of(path)
        except SourceError as error:
            assert "line 2: " in str(error)
        else:
            assert all(np.isfinite(pose.scores).all() for pose in scene.poses)


def test_a_recording_is_never_replaced_unasked(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", run(two_visits()))
    before = path.read_bytes()
    with pytest.raises(OutputError, match="is there already; name another file, or add --force"):
        RecordingWriter(path, ManualClock())
    assert path.read_bytes() == before
    with RecordingWriter(path, ManualClock(), overwrite=True) as writer:
        writer.write(a_scene())
    assert len(scenes_of(path)) == 1
    with pytest.raises(SettingsError, match="is a folder"):
        check_new(tmp_path)
    with pytest.raises(OutputError, match="there is no folder"):
        check_new(tmp_path / "none" / "a.jsonl")


def test_a_recording_of_nothing_leaves_no_file(tmp_path: Path) -> None:
    RecordingWriter(tmp_path / "a.jsonl.gz", ManualClock()).close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has a disk that is always full")
@pytest.mark.parametrize("name", ["full.jsonl", "full.jsonl.gz"])
def test_a_full_disk_is_one_sentence_and_the_show_goes_on(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.symlink_to("/dev/full")
    told: list[str] = []
    clock = ManualClock()
    writer = RecordingWriter(path, clock, report=told.append)
    for at in range(5):
        clock.set(at)
        writer.write(a_scene(a_person(seen=at), time=at))
        writer.flush_when_due()
    writer.close()
    assert told == [f"{path} is not whole: No space left on device; nothing more is recorded"]
    assert writer.failure == told[0]


def test_a_run_that_begins_anew_is_marked(tmp_path: Path) -> None:
    with RecordingWriter(tmp_path / "a.jsonl", ManualClock()) as writer:
        writer.write(a_scene(a_person()))
        writer.write(a_scene(time=0.1), (Leave(1, 1, 0.0, reason="engine"),))
    assert [scene.is_cut for scene in scenes_of(tmp_path / "a.jsonl")] == [False, True]


def test_what_was_recorded_says_what_happened(tmp_path: Path) -> None:
    steps = run(two_visits())
    scenes = scenes_of(write(tmp_path / "a.jsonl", steps))
    said = [(e.name, e.person_id, e.slot, round(e.time, 4)) for scene in scenes for e in scene.events]
    assert said == happened(steps)
    assert [event[0] for event in said].count("enter") >= 2
    assert [[who.id for who in scene.people] for scene in scenes] == [
        [person.id for person in step.scene.people] for step in steps
    ]


def test_the_form_is_the_one_in_the_docs(tmp_path: Path) -> None:
    page = (Path(__file__).parent.parent / "docs/recordings.md").read_text()
    header, scene = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    assert read_header(json.loads(header)).size == (1280, 720)
    shown = json.loads(scene)
    shown["people"][0]["raw"] = [[0.5, 0.5, 1.0]] * 17
    path = tmp_path / "a.jsonl"
    path.write_text(header + json.dumps(shown) + "\n")
    (found,) = scenes_of(path)
    assert json.loads(scene_line(found, (1280, 720))) == shown
    assert set(shown) <= set(re.findall(r"`(\w+)`", page))
