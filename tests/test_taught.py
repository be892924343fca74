"""A pose is shown, kept in a file, and recognised again: in code, in a show, on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from builders import a_person, a_pose, a_scene
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from posekit.crowd import NONE, observe, scripted
from posekit.errors import OutputError, SettingsError, SourceError, UnknownNameError
from posekit.events.gestures import GestureOptions, Gestures
from posekit.events.table import GESTURE_NAMES
from posekit.pose import Pose
from posekit.scene import Person
from posekit.sketch.hooks import HOOKS
from posekit.taught import (
    BIGGEST_FILE,
    Taught,
    average,
    check_name,
    load,
    load_all,
    save,
    similarity,
    taught_names,
)

SIZE = (1280, 720)
ASPECT = SIZE[0] / SIZE[1]
STILL = np.zeros((17, 2), np.float32)


@pytest.fixture(autouse=True)
def taught_folder(tmp_path, monkeypatch):
    place = tmp_path / "taught"
    monkeypatch.setenv("POSEKIT_TAUGHT", str(place))
    return place


def shown(act: str, **form) -> Pose:
    return scripted(act, total=10.0, duration=5.0, **form).pose(3.0)


def teach(act: str = "t_pose", name: str = "my_star") -> Taught:
    pose = shown(act)
    return average(name, pose.xy[None], pose.scores[None], ASPECT)[0]


def test_the_same_pose_is_alike_wherever_it_stands_whoever_shows_it_and_others_are_not():
    taught = teach()
    same = [
        shown("t_pose"),
        shown("t_pose", height=0.3, at=(0.2, 0.7)),
        shown("t_pose", proportions="child"),
    ]
    for pose in same:
        assert taught.similarity(pose, aspect=ASPECT) > 0.93
    for act in ("still", "raise_both", "raise_right", "arms_crossed", "crouch", "lean_left"):
        assert taught.similarity(shown(act), aspect=ASPECT) < 0.65


def test_a_mirror_image_is_another_pose_unless_it_is_asked_for():
    right, left = shown("raise_right"), shown("raise_left")
    assert similarity(right, left, aspect=ASPECT) < 0.4
    assert similarity(right, left, aspect=ASPECT, mirror=True) > 0.95


bodies = st.builds(
    lambda seed: np.random.default_rng(seed).normal(0.5, 0.2, (17, 2)).astype(np.float32),
    st.integers(0, 2**20),
)


@given(one=bodies, other=bodies, move=st.floats(-3, 3), scale=st.floats(0.1, 10))
def test_laws_of_similarity(one, other, move, scale):
    sure = np.full(17, 0.8, np.float32)
    a, b = Pose(one, sure, 0.8), Pose(other, sure, 0.8)
    alike = similarity(a, b)
    assert 0 <= alike <= 1
    assert similarity(a, a) == pytest.approx(1, abs=1e-3)
    assert similarity(b, a) == pytest.approx(alike, abs=1e-5)
    moved = Pose(other * np.float32(scale) + np.float32(move), sure, 0.8)
    assert similarity(a, moved) == pytest.approx(alike, abs=5e-3)


def test_confidence_counts_and_too_little_is_not_alike():
    pose, wrong = a_pose(), a_pose(left_wrist=(0.9, 0.1))
    scores = wrong.scores.copy()
    scores[9] = 0.02
    doubted = Pose(wrong.xy, scores, 0.9)
    assert similarity(pose, wrong) < 0.7 < similarity(pose, doubted)
    assert similarity(pose, a_pose(missing=("left_wrist",))) == pytest.approx(1, abs=1e-3)
    hidden = [name for name in pose.skeleton.keypoints if name not in ("nose", "left_shoulder")]
    assert similarity(pose, a_pose(missing=hidden)) == 0.0


def test_a_file_keeps_numbers_only_and_comes_back_the_same(taught_folder):
    taught = teach()
    path = save(taught)
    assert path == taught_folder / "my_star.json"
    assert path.stat().st_size < BIGGEST_FILE / 10
    kept = json.loads(path.read_text())
    assert set(kept) == {"posekit", "version", "name", "keypoints"}
    assert taught_names() == ("my_star",)
    again = load("my_star")
    assert (again.name, [one.name for one in load_all()]) == ("my_star", ["my_star"])
    assert np.allclose(again.xy, taught.xy, atol=1e-4)
    assert similarity(again, shown("t_pose"), aspect=ASPECT) > 0.95
    with pytest.raises(UnknownNameError, match="did you mean 'my_star'"):
        load("my_stra")


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        "{}",
        "[" * 5000,
        '{"posekit": "taught pose", "version": 99}',
        '{"posekit": "taught pose", "version": 1, "name": "x", "keypoints": {"nose": [1, 2]}}',
        '{"posekit": "taught pose", "version": 1, "name": "x", "keypoints": {"nose": [1, NaN, 1]}}',
        '{"posekit": "taught pose", "version": 1, "name": "x", "keypoints": {"nose": [1, 1e9, 1]}}',
        '{"posekit": "taught pose", "version": 1, "name": "x", "keypoints": {"noes": [1, 1, 1]}}',
        '{"posekit": "taught pose", "version": 1, "name": "a b", "keypoints": {}}',
        " " * (BIGGEST_FILE + 1),
    ],
)
def test_a_bad_file_is_one_sentence(taught_folder, content):
    taught_folder.mkdir()
    (taught_folder / "bad.json").write_text(content)
    with pytest.raises(SettingsError) as caught:
        load(taught_folder / "bad.json")
    assert "\n" not in str(caught.value)
    save(teach())
    said: list[str] = []
    assert [one.name for one in load_all(report=said.append)] == ["my_star"]
    (line,) = said
    assert str(taught_folder / "bad.json") in line
    assert line.endswith("it is left out: teach it again or delete it")
    assert "\n" not in line
    assert load_all(("my_star",), said.append)
    assert len(said) == 1, "what nobody wants is nobody's trouble"


def test_a_show_goes_on_beside_a_broken_file(taught_folder, capfd, monkeypatch):
    from posekit.cli.app import app
    from posekit.engine.options import gesture_options
    from posekit.settings import Settings

    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    save(teach())
    (taught_folder / "bad.json").write_text("{]")
    assert gesture_options(Settings(gestures=("wave", "bad", "my_star"))).names == ("wave", "my_star")
    assert gesture_options(Settings(gestures=("bad",))).names == ("off",)
    show = ("run", "hello", "--headless", "--source", "synthetic:people=1,seconds=1", "--frames", "2")
    app(show, standalone_mode=False)
    assert capfd.readouterr().err.count("bad.json") == 1
    app((*show, "--gestures", "my_star,wave"), standalone_mode=False)
    assert "bad.json" not in capfd.readouterr().err
    crowd = ("--source", "synthetic:people=1,seed=3,seconds=8", "--countdown", "3")
    app(("teach", "bad", *crowd), standalone_mode=False)
    assert "left out" not in capfd.readouterr().err
    assert load("bad").name == "bad"


def test_what_is_taught_is_only_replaced_when_that_is_meant_and_a_place_is_tried_first(tmp_path, capfd):
    from posekit.cli.app import app

    save(teach())
    mine = tmp_path / "mine.json"
    mine.write_text("{}")
    (tmp_path / "file").write_text("")
    crowd = ("--source", "synthetic:people=1,seed=3,seconds=8", "--countdown", "3", "--seconds", "1")
    for wrong, sentence in (
        (("my_star",), "choose another name, or add --force"),
        (("other", "--to", str(mine)), "name another file, or add --force"),
        (("other", "--to", str(tmp_path / "file" / "other.json")), "cannot write the taught pose"),
    ):
        with pytest.raises(OutputError, match=sentence):
            app(("teach", *wrong, *crowd), standalone_mode=False)
    assert "..." not in capfd.readouterr().err, "refused before the countdown"
    assert mine.read_text() == "{}"
    app(("teach", "my_star", "--force", *crowd), standalone_mode=False)
    assert "now hold it for 1 second\n" in capfd.readouterr().err


@pytest.mark.parametrize(
    "name", ["wave", "my pose", "On", "2nd", "_x", "enter", "key", "star_held", "x" * 41, "é"]
)
def test_names_that_cannot_be(name):
    with pytest.raises(SettingsError):
        check_name(name, GESTURE_NAMES)
    assert check_name("my_star_2", GESTURE_NAMES) == "my_star_2"


def test_no_pose_is_called_what_a_hook_is_called_already():
    names = [hook.removeprefix("on_") for hook in HOOKS if hook.startswith("on_")]
    assert {"osc", "param", "mouse", "camera_lost"} < {*names}
    for name in names:
        with pytest.raises(SettingsError, match="means something already"):
            check_name(name, GESTURE_NAMES)


def test_a_taught_pose_is_a_gesture_of_its_name():
    gestures = Gestures(GestureOptions(taught=(teach(),)))
    body = scripted("t_pose", 0.45, "child", begin=1.0, duration=2.0, total=5.0)
    events = []
    for moment in observe([body], 30.0, 5.0, SIZE, NONE):
        people = [Person(1, 1, pose, 1.0, STILL, moment.time) for pose in moment.poses]
        events += gestures.update(people, moment.time, ASPECT)
    told = [
        (event.phase, event.time) for event in events if event.name == "my_star" and event.phase != "progress"
    ]
    assert [phase for phase, _ in told] == ["start", "held", "end"]
    assert 1.2 < told[0][1] < 2.2


def test_what_is_shown_is_averaged_and_a_glimpse_of_nobody_is_no_pose():
    from posekit.cli.teach import watch

    def scene(at: int, **places):
        return a_scene(a_person(1, 1, a_pose(**places), seen=at / 10), time=at / 10, index=at)

    wild = {"left_wrist": (0.9, 0.9)}
    scenes = [scene(at, **(wild if at == 15 else {})) for at in range(40)]
    taught, moved = watch("star", scenes, 1.0, 2.0)
    assert moved < 0.01
    assert similarity(taught, a_pose(), aspect=ASPECT) > 0.99
    empty = [a_scene(time=at / 10, index=at) for at in range(40)]
    with pytest.raises(SourceError, match="nobody was seen"):
        watch("star", empty, 0.0, 2.0)
    with pytest.raises(SourceError, match="nobody was seen"):
        watch("star", [], 0.0, 2.0)


def test_the_command_teaches_from_a_synthetic_visitor(tmp_path):
    from posekit.cli.app import app
    from posekit.sketch.hooks import known_hooks

    target = tmp_path / "crowd.json"
    arguments = ["teach", "my_walk", "--source", "synthetic:people=1,seed=3,seconds=8", "--countdown", "3"]
    result = CliRunner().invoke(app, [*arguments, "--to", str(target)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    assert load(target).name == "my_walk"
    assert "on_my_walk" not in known_hooks()
    assert CliRunner().invoke(app, arguments, catch_exceptions=False).exit_code == 0
    assert "on_my_walk" in known_hooks()
    refused = CliRunner().invoke(app, ["teach", "wave", "--source", "synthetic:"])
    assert isinstance(refused.exception, SettingsError)


def test_the_folder_may_be_absent():
    assert taught_names() == ()
    assert load_all() == ()
    with pytest.raises(UnknownNameError):
        load("anything")
    assert isinstance(Path("x"), Path)
