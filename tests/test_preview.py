"""The window of `posekit send`: its panel, what it changes, and what is remembered."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from concurrent.futures import Future
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from posekit.clock import SystemClock
from posekit.errors import EstimatorError, SettingsError
from posekit.health import Health
from posekit.resolving import resolve
from posekit.runner.desk import Desk, Option, find_options
from posekit.runner.engine_feed import EngineFeed
from posekit.runner.panel import Panel, draw_status, fitting
from posekit.runner.preview import Preview
from posekit.runner.remembered import forget, recall, remember
from posekit.settings import Settings
from posekit.sketch.canvas import Canvas

ONE, THREE = (f"synthetic:people={count},seed=2" for count in (1, 3))
OPTIONS = [
    Option("source", "0", "Logitech BRIO", "camera 0"),
    Option("source", "sample", "sample clip"),
    Option("estimator", "posenet", "PoseNet", "everybody"),
    Option("estimator", "blazepose", "BlazePose", "blazepose-full", is_here=False),
]


@pytest.fixture(autouse=True)
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "config" / "send.json"
    monkeypatch.setenv("POSEKIT_REMEMBERED", str(file))
    return file


class Switching:
    """A feed that notes what it is to go on with."""

    estimator = "PoseNet 481x353 in LiteRT"

    def __init__(self) -> None:
        self.settings: list[Settings] = []
        self.over: list[Future[str]] = []
        self.is_quick = True

    def switch(self, settings: Settings, prepare: object) -> Future[str]:
        self.settings.append(settings)
        self.over.append(Future())
        if self.is_quick:
            self.over[-1].set_result(self.estimator)
        return self.over[-1]


def a_desk(prepare=lambda settings: settings, **more) -> tuple[Desk, Switching, list[str]]:
    said: list[str] = []
    settings = Settings(source="0", osc=("7000", "192.168.0.20:9000:kinect"))
    desk = Desk(settings, prepare, SystemClock(), report=said.append, **more)
    desk._found = list(OPTIONS)
    desk._looked = SystemClock().now() + 1000.0
    feed = Switching()
    assert desk.adopt(feed) is feed
    return desk, feed, said


def carry_out(desk: Desk) -> None:
    """Wait until what was chosen is on its way."""
    end = time.monotonic() + 10
    while desk.is_busy:
        desk.update()
        assert time.monotonic() < end


def places(panel: Panel) -> dict[str, tuple[float, float]]:
    """Return where each row can be clicked, by its text."""
    return {row.text: (x + w / 2, y + h / 2) for row, (x, y, w, h) in panel._rows if row.act is not None}


def test_a_click_and_a_key_choose_and_it_is_remembered(memory: Path):
    desk, feed, _ = a_desk()
    panel, canvas = Panel(desk), Canvas((960, 540))
    panel.draw(canvas, Health(target_rates=(62.0, 30.0)))
    assert set(places(panel)) == {"Logitech BRIO", "sample clip", "PoseNet", "BlazePose", "mirror"}
    panel.press(places(panel)["sample clip"])
    assert desk.message == "sample clip: one moment ..."
    assert desk.is_chosen(OPTIONS[1])
    carry_out(desk)
    assert [settings.source for settings in feed.settings] == ["sample"]
    assert json.loads(memory.read_text())["settings"] == {"source": "sample"}
    assert panel.key("c")  # the next camera, which is the first again
    carry_out(desk)
    assert feed.settings[-1].source == "0"
    assert recall() == {"source": "0"}


def test_many_targets_stay_above_the_keys():
    settings = Settings(source="0", osc=tuple(str(port) for port in range(7000, 7012)))
    desk = Desk(settings, lambda one: one, SystemClock(), report=lambda _: None)
    desk._found, desk._looked = list(OPTIONS), SystemClock().now() + 1000.0
    for size in ((960, 540), (1280, 720), (640, 480)):
        panel, canvas = Panel(desk), Canvas(size)
        panel.draw(canvas, Health(target_rates=(30.0,) * 12))
        rows = [place for _, place in panel._rows]
        assert len(rows) >= 16
        assert rows[-1][1] + rows[-1][3] <= canvas.height * (1 - 3.1 / 26)
        assert all(above[1] + above[3] <= below[1] + 1e-6 for above, below in pairwise(rows))


def test_arrows_and_enter_reach_every_row():
    desk, feed, _ = a_desk()
    panel, canvas = Panel(desk), Canvas((640, 360))
    panel.draw(canvas, Health())
    assert panel.key("up")  # from nowhere: the last one
    for _ in range(2):
        assert panel.key("down")
    panel.draw(canvas, Health())
    assert panel.key("return")
    carry_out(desk)
    assert feed.settings[-1].source == "sample"
    for key in ("escape", "f3", "f12", "a"):
        assert not panel.key(key)
    assert panel.key("tab")
    panel.draw(canvas, Health())
    assert places(panel) == {}
    assert not panel.key("down")


def test_the_estimator_that_runs_is_marked_and_another_brings_its_own_model():
    desk, feed, said = a_desk()
    before = {"model": "posenet-641x481", "input_size": (641, 481)}
    desk.changes.settings = desk.changes.settings.model_copy(update=before)
    assert desk.is_chosen(OPTIONS[2])  # auto, which is PoseNet here
    desk.choose(OPTIONS[3])
    assert said == ["BlazePose is not here: posekit models get blazepose-full"]
    assert not desk.is_busy
    desk.choose(Option("estimator", "movenet", "MoveNet"))
    carry_out(desk)
    (settings,) = feed.settings
    assert (settings.estimator, settings.model, settings.input_size) == ("movenet", None, None)


def test_what_cannot_be_had_is_said_and_the_show_goes_on(memory: Path):
    def refuse(settings: Settings) -> Settings:
        raise SettingsError("BlazePose chooses its own input size; leave the input size out")

    desk, feed, said = a_desk(refuse)
    desk.choose(OPTIONS[1])
    carry_out(desk)
    assert feed.settings == []
    assert desk.message == said[-1] == "BlazePose chooses its own input size; leave the input size out"
    assert desk.changes.settings.source == "0"
    assert not memory.exists()


def test_the_message_stays_until_what_was_chosen_runs(memory: Path):
    desk, feed, _ = a_desk()
    feed.is_quick = False
    desk.choose(OPTIONS[1])
    carry_out(desk)
    for _ in range(3):
        desk.update()
        assert desk.message == "sample clip: one moment ..."
        assert desk.is_chosen(OPTIONS[1])
        assert not memory.exists()
    feed.over[0].set_result(feed.estimator)
    desk.update()
    assert desk.message == ""
    assert recall() == {"source": "sample"}


def test_what_does_not_come_to_run_is_said_and_the_old_one_stays_marked(memory: Path):
    desk, feed, said = a_desk()
    feed.is_quick = False
    desk.choose(Option("estimator", "movenet", "MoveNet"))
    carry_out(desk)
    assert desk.changes.family == "movenet"
    feed.over[0].set_exception(EstimatorError("the model is damaged"))
    desk.update()
    assert desk.message == said[-1] == "the model is damaged"
    assert desk.is_chosen(OPTIONS[2])
    assert not memory.exists()


def test_it_is_drawn_at_every_size_and_says_what_goes_where():
    desk, _, _ = a_desk()
    for size in ((320, 180), (960, 540), (1920, 1080), (400, 800)):
        canvas, panel = Canvas(size), Panel(desk)
        empty = canvas.pixels.copy()
        draw_status(canvas, 2, Health(fps=30, sharing="picture"))
        panel.draw(canvas, Health(target_rates=(62.0, 30.0)))
        assert (canvas.pixels != empty).any()
        right = canvas.pixels[:, : size[0] // 2]
        assert (right[: size[1] // 2] == empty[: size[1] // 2, : size[0] // 2]).all() or size[0] < 700
    texts = [row.text for row in panel._content(Health(target_rates=(62.0, 30.0)))]
    assert texts[-2:] == ["127.0.0.1:7000 posekit", "192.168.0.20:9000 kinect"]
    assert [row.about for row in panel._content(Health(target_rates=(62.0, 30.0)))][-2:] == [
        "62 packets/s",
        "30 packets/s",
    ]
    assert fitting("camera:Logitech BRIO@usb-0000:00:14.0-2", 120, 20) == "camera:...14.0-2"


def test_the_preview_draws_with_and_without_a_desk():
    preview, canvas = Preview(), Canvas((960, 540))
    preview.draw(canvas, [], Health())
    assert not preview.on_key("tab")
    preview.desk, _, _ = a_desk()
    preview.draw(canvas, [], Health())
    assert preview.on_key("m")
    preview.on_mouse((1.0, 1.0), 1)


def test_what_can_be_chosen_on_this_machine():
    found = find_options("camera:Nobody@usb-1")
    assert [option.title for option in found if option.kind == "estimator"] == [
        "PoseNet",
        "MoveNet",
        "BlazePose",
    ]
    assert any(option.value == "camera:Nobody@usb-1" for option in found)
    assert any(option.value == "sample" for option in found)


def test_another_source_goes_on_in_the_same_feed_with_other_people(monkeypatch):
    settings = Settings(source=ONE, osc=("7488", "7489:kinect"), headless=True)
    told: list[str] = []
    with closing(EngineFeed(settings, SystemClock(), waits=True, report=told.append)) as feed:
        before = until(feed, lambda update: update.scene is not None and len(update.scene.people) == 1)
        first = before.scene.people[0].id
        assert feed.source.startswith("synthetic crowd of 1 person")
        feed.switch(settings.model_copy(update={"source": THREE}))
        events: list = []
        after = until(feed, lambda update: update.scene is not None and len(update.scene.people) == 3, events)
        assert [event.name for event in events if event.person_id == first] == ["leave"]
        assert min(person.id for person in after.scene.people) > first
        assert feed.source.startswith("synthetic crowd of 3 people")
        rates = until(feed, lambda update: all(update.health.target_rates or [0])).health.target_rates
        assert len(rates) == 2
        assert np.all(
            np.diff([event.sequence for event in events if event.epoch == after_epoch(events)]) == 1
        )
    assert any("the settings were changed" in sentence for sentence in told)


def after_epoch(events: list) -> int:
    return max(event.epoch for event in events)


def until(feed: EngineFeed, holds, events: list | None = None):
    end = time.monotonic() + 30
    while True:
        update = feed.poll()
        if events is not None:
            events += update.events
        if holds(update):
            return update
        assert time.monotonic() < end


def test_what_is_remembered_is_between_the_sketch_and_the_show_file(tmp_path: Path):
    show = tmp_path / "show.toml"
    show.write_text('estimator = "posenet"\n')
    resolved = resolve(
        {"osc": ("9000",)},
        {},
        show,
        {"source": "0", "osc": ("7000",)},
        {"source": "sample", "estimator": "movenet", "osc": ["7001"], "mirror": True},
    )
    assert (resolved.settings.source, resolved.origins["source"]) == ("sample", "remembered")
    assert (resolved.settings.estimator, resolved.origins["estimator"]) == ("posenet", f"file {show}")
    assert (resolved.settings.osc, resolved.origins["osc"]) == (("9000",), "command line")
    assert resolved.origins["mirror"] == "remembered"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"settings": 3}',
        '{"settings": {"slots": 900}}',
        '{"settings": {"source": {}}}',
        "\x00" * 50,
    ],
)
def test_a_broken_file_is_ignored_with_a_sentence(text: str, memory: Path):
    memory.parent.mkdir()
    memory.write_text(text)
    said: list[str] = []
    assert recall(said.append) == {}
    (sentence,) = said
    assert sentence.startswith(f"what posekit send remembered in {memory} cannot be read and is ignored (")
    assert "indices" not in sentence
    assert "command line" not in sentence
    remember({"source": "sample", "headless": True})
    assert recall() == {"source": "sample"}
    assert [path.name for path in memory.parent.iterdir()] == ["send.json"]


def test_a_place_that_cannot_be_written_costs_nothing_but_the_memory(tmp_path: Path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("POSEKIT_REMEMBERED", str(tmp_path / "file" / "send.json"))
    said: list[str] = []
    remember({"source": "0"}, said.append)
    assert "so the next start does not remember" in said[0]
    monkeypatch.setenv("POSEKIT_REMEMBERED", "off")
    remember({"source": "0"}, said.append)
    assert (recall(), forget(), len(said)) == ({}, False, 1)


def send(*words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "posekit", "send", "--frames", "4", *words],
        env={**os.environ, "SDL_VIDEODRIVER": "dummy"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_a_camera_of_last_time_that_is_not_here_is_left_out(capsys):
    from posekit.cli.send import _resolve
    from posekit.sketch.loader import load_class

    memory = {"source": "gone.mp4", "osc": ["7001:kinect"], "osc_for": "max"}
    resolved = _resolve(load_class(Preview), {}, None, memory)
    assert resolved.origins["source"] != "remembered"
    assert resolved.settings.osc == ("7001:kinect",)
    said = capsys.readouterr().err
    assert "there is no gone.mp4" in said
    assert "it was remembered, and is left out this time" in said
    assert "remembered: osc 7001:kinect, for max (posekit send --forget begins afresh)" in said


def test_a_second_start_goes_on_as_the_first(memory: Path):
    first = send("--source", ONE, "--osc", "7488:kinect", "--osc-in", "off")
    assert "remembered" not in first
    assert recall() == {"source": ONE, "osc": ["7488:kinect"]}
    again = send("--osc-in", "off", "--osc", "7489")
    assert f"remembered: source {ONE} (posekit send --forget begins afresh)" in again
    assert "OSC to 127.0.0.1:7489:posekit" in again  # the command line wins, and is remembered
    assert recall()["osc"] == ["7489"]
    fresh = send("--forget", "--source", THREE, "--osc", "off", "--osc-in", "off")
    assert "what was chosen before is forgotten" in fresh
    assert recall() == {"source": THREE, "osc": ["off"]}
