"""`posekit record` and `posekit replay`: what is written, what is said, and what leaves over OSC."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from builders import a_person, a_scene
from recorded import assert_same_scenes, two_visits
from recorded import run as run_stages
from recorded import write as write_steps
from test_cli import POSEKIT, posekit, reason

from posekit.cli.app import app
from posekit.clock import ManualClock
from posekit.errors import PosekitError
from posekit.health import Health
from posekit.recording import RecordingWriter, export, open_recording
from posekit.runner.feed import Update
from posekit.runner.recorder import RecordedFeed
from posekit.scene import Enter, Leave


class Feed:
    """A feed that shows what it is given."""

    is_live, rate = True, 30.0

    def __init__(self, updates: list[Update]) -> None:
        self._updates = iter(updates)
        self.is_closed = False

    def poll(self) -> Update:
        return next(self._updates)

    def close(self) -> None:
        self.is_closed = True


def an_update(scene, *events, finished: bool = False) -> Update:
    return Update(scene, events, None, Health(), finished)


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """Return a recording of eight seconds."""
    return write_steps(tmp_path / "walk.jsonl", run_stages(two_visits()))


def test_a_feed_is_recorded_scene_by_scene_and_every_event_once(tmp_path: Path) -> None:
    first, second = a_scene(a_person(), time=1.0), a_scene(time=1.5)
    feed = Feed(
        [
            an_update(None, Enter(1, 1, 1.0)),
            an_update(first),
            an_update(first),
            an_update(first, Leave(1, 1, 1.2)),
            an_update(second),
            an_update(second, Enter(2, 1, 1.5)),
        ]
    )
    writer = RecordingWriter(tmp_path / "a.jsonl", ManualClock())
    recorded = RecordedFeed(feed, writer)
    for _ in range(6):
        recorded.poll()
    recorded.close()
    recorded.close()
    assert feed.is_closed
    scenes = list(open_recording(tmp_path / "a.jsonl").scenes())
    assert [scene.time for scene in scenes] == [0.0, 0.5, 0.5]
    assert [[event.name for event in scene.events] for scene in scenes] == [["enter"], ["leave"], ["enter"]]


def test_a_recording_ends_when_its_time_is_up(tmp_path: Path) -> None:
    scenes = [a_scene(time=at / 10) for at in range(30)]
    feed = RecordedFeed(
        Feed([an_update(scene) for scene in scenes]),
        RecordingWriter(tmp_path / "a.jsonl", ManualClock()),
        seconds=1.0,
    )
    finished = [feed.poll().finished for _ in range(11)]
    feed.close()
    assert finished == [False] * 10 + [True]
    assert len(list(open_recording(tmp_path / "a.jsonl").scenes())) == 10


def test_a_film_is_recorded_frame_by_frame_and_replayed_the_same(asset, tmp_path: Path) -> None:
    clip = str(asset("data/videos/crossing.mp4"))
    done = posekit("record", "a.jsonl", "--source", clip, "--frames", "40", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "a.jsonl: 1.3 s, 40 scenes" in done.stderr
    done = posekit("record", "b.jsonl.gz", "--source", "replay:a.jsonl", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "estimator: none" in done.stderr
    first, second = (list(open_recording(tmp_path / name).scenes()) for name in ("a.jsonl", "b.jsonl.gz"))
    assert len(first) == 40
    assert max(len(scene.people) for scene in first) >= 2
    assert_same_scenes(second, first)
    assert [scene.time for scene in second] == [scene.time for scene in first]
    said, again = (
        [
            (event.name, event.person_id, event.slot, round(event.time, 3))
            for at in scenes
            for event in at.events
        ]
        for scenes in (first, second)
    )
    assert said == again
    assert [name for name, *_ in said].count("enter") >= 2


def test_a_replay_leaves_over_osc_as_a_camera_would(recording: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(20)
        port = receiver.getsockname()[1]
        with subprocess.Popen(
            [*POSEKIT, "replay", str(recording), "--no-preview", "--speed", "2", "--osc", str(port)],
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                said, heard = "", b""
                while "source: " not in said:  # the engine sends before its runner has said of what
                    assert process.stderr is not None
                    line = process.stderr.readline()
                    assert line, said
                    said += line
                while b"/p1/left_shoulder/x" not in heard or b"/event/enter" not in heard:
                    heard = heard[-100_000:] + receiver.recv(2000)
            finally:
                process.send_signal(signal.SIGINT)
                said += process.communicate(timeout=20)[1]
        assert process.returncode == 0
        assert "source: replay of walk.jsonl, 640x480, 20 per second at 2 times its speed, in a loop" in said


def test_one_kind_of_file_becomes_another(
    recording: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = recording.parent
    monkeypatch.chdir(folder)
    for name in ("walk.csv", "walk.json", "again.jsonl"):
        app(("replay", "walk.jsonl", "--export", name), standalone_mode=False)
        said = capfd.readouterr()
        assert (said.out, said.err.split(",")[0]) == ("", f"{name}: 80 scenes")
        assert len(list(open_recording(folder / name).scenes())) == 80
    assert (folder / "again.jsonl").read_text().splitlines()[1:] == recording.read_text().splitlines()[1:]
    done = posekit("replay", "walk.jsonl", "--export", "walk.csv", folder=folder)
    assert "is there already" in reason(done)
    app(("replay", "walk.json", "--export", "walk.csv", "--force"), standalone_mode=False)


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("record", "walk.jsonl"), 1, "walk.jsonl is there already; name another file, or add --force"),
        (("record", "out.csv"), 2, "--export out.csv"),
        (("record", "none/out.jsonl"), 1, "there is no folder"),
        (("record", "out.txt"), 2, "written as .jsonl or .jsonl.gz; found out.txt"),
        (("record", "out"), 2, "written as .jsonl or .jsonl.gz"),
        (
            ("record", "walk.jsonl", "--source", "replay:walk.jsonl", "--force"),
            2,
            "would replace what is read",
        ),
        (("record", "./walk.jsonl", "--source", "replay:walk.jsonl,speed=2", "--force"), 2, "would replace"),
        (("record", "linked.jsonl", "--source", "replay:walk.jsonl", "--force"), 2, "name another file"),
        (("record", "film.mp4", "--source", "film.mp4", "--force"), 2, "written as .jsonl or .jsonl.gz"),
        (("record", "film.jsonl", "--source", "film.mp4", "--force"), 2, "film.jsonl would replace"),
        (("record", "out.jsonl", "--source", "walk.jsonl"), 1, "did you mean replay:walk.jsonl?"),
        (("run", "hello", "--headless", "--source", "walk.jsonl"), 1, "did you mean replay:walk.jsonl?"),
        (("run", "hello", "--headless", "--source", "walk.csv"), 1, "did you mean replay:walk.csv?"),
        (
            ("run", "hello", "--headless", "--source", "walk.jsonl.gz"),
            1,
            "did you mean replay:walk.jsonl.gz?",
        ),
        (("record", "out.jsonl", "--source", "no.mp4"), 1, "there is no no.mp4"),
        (("record", "out.jsonl", "--source", "replay:no.jsonl"), 1, "there is no recording no.jsonl"),
        (("replay", "wlk.jsonl"), 1, "did you mean replay:walk.jsonl"),
        (("replay", "walk.jsonl", "--speed", "0"), 2, "speed=0 is not from"),
        (("replay", "walk.jsonl", "--export", "out.mp4"), 2, "end it in .csv"),
        (("replay", "broken.jsonl"), 1, "line 1"),
        (("replay", "newer.jsonl"), 1, "of version 7"),
        (("estimate", "replay:walk.jsonl"), 2, "holds poses already"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    recording: Path,
    arguments: tuple[str, ...],
    code: int,
    sentence: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = recording.parent
    monkeypatch.chdir(folder)
    (folder / "broken.jsonl").write_text("{]\n")
    (folder / "linked.jsonl").hardlink_to(recording)
    (folder / "film.mp4").write_bytes(b"a film")
    (folder / "film.jsonl").hardlink_to(folder / "film.mp4")
    (folder / "walk.csv").write_text("frame,time,nose_x,nose_y,nose_score\n0,0,0.5,0.5,0.9\n")
    (folder / "walk.jsonl.gz").write_bytes(b"")
    (folder / "newer.jsonl").write_text('{"posekit":"recording","version":7}\n')
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(PosekitError) as caught:
        app(arguments, standalone_mode=False)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == code
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_little_that_was_written_is_not_nothing_also_into_a_pipe(
    recording: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(recording.parent)
    few = ("--source", "replay:walk.jsonl", "--frames", "3")
    app(("record", "few.jsonl", *few), standalone_mode=False)
    said = capfd.readouterr().err
    size = (recording.parent / "few.jsonl").stat().st_size
    assert f"3 scenes, 0 events, {size / 1e3:.1f} kB" in said
    app(("record", "/dev/null", *few), standalone_mode=False)
    assert f"3 scenes, 0 events, {size / 1e3:.1f} kB" in capfd.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
def test_a_recording_that_is_interrupted_is_whole_as_far_as_it_went(recording: Path, tmp_path: Path) -> None:
    with subprocess.Popen(
        [*POSEKIT, "record", "out.jsonl", "--source", "synthetic:people=2,seed=3", "--frames", "100000"],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("recording: "):
                break
        while process.poll() is None and not (tmp_path / "out.jsonl").stat().st_size:
            pass
        process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=20)[1]
    assert "Traceback" not in said
    assert "out.jsonl: " in said
    assert list(open_recording(tmp_path / "out.jsonl").scenes())


def test_a_replay_without_loop_ends_by_itself(recording: Path) -> None:
    done = posekit(
        "replay", "walk.jsonl", "--no-loop", "--speed", "4", "--no-preview", folder=recording.parent
    )
    assert done.returncode == 0
    assert "next engine" not in done.stderr


@pytest.mark.parametrize("name", ["walk.jsonl", "walk.csv"])
def test_a_file_that_is_emptied_while_it_is_read_holds_nothing_any_more(recording: Path, name: str) -> None:
    path = recording.with_name(name)
    if path != recording:
        export(open_recording(recording), path)
    opened = open_recording(path)
    assert len(list(opened.scenes())) == 80
    path.write_bytes(b"")
    assert list(opened.scenes()) == []
