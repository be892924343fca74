"""Zones in the running engine: from the file to the scene, and changed while it runs."""

from __future__ import annotations

import re
import time
from contextlib import closing
from pathlib import Path

import pytest
from sketch_world import dancer

from posekit.clock import ManualClock, SystemClock
from posekit.engine.options import watched_zones
from posekit.engine.prepare import prepare
from posekit.engine.session import Session
from posekit.engine.wire import read_scene, scene_message
from posekit.errors import SettingsError, UnknownNameError
from posekit.events import Presence, Zones
from posekit.frame import Observed
from posekit.geometry import Placement
from posekit.health import Health
from posekit.pipeline import Pipeline
from posekit.runner import run_sketch
from posekit.runner.engine_feed import EngineFeed
from posekit.runner.inline_feed import InlineFeed
from posekit.scene import ZoneState
from posekit.settings import Settings
from posekit.sketch.loader import load_sketch
from posekit.sketch.scene import SketchScene
from posekit.sketch.sketch import settings_of
from posekit.tracking import Tracker
from posekit.zones import Zone, read_zones, write_zones

EVERYWHERE = Zone("room", ((-1, -1), (2, -1), (2, 2), (-1, 2)), dwell=0.5)
NOWHERE = Zone("roof", ((0, -0.5), (1, -0.5), (1, -0.4)))
CROWD = "synthetic:people=3,seed=7"


class Walk:
    """A source of one dancer's poses, for some seconds, and of nobody afterwards."""

    dropped = 0

    def __init__(self, seconds: float = 2.0, empty: float = 2.0) -> None:
        self.seconds, self.empty = seconds, empty

    def frames(self):
        for index in range(int((self.seconds + self.empty) * 30)):
            now = index / 30
            poses = (dancer(1, 1, now).pose,) if now < self.seconds else ()
            yield Observed(poses, now, (640, 480), index)


def test_in_the_pipeline_a_stay_lies_within_the_visit():
    zones = Zones([EVERYWHERE, NOWHERE])
    pipeline = Pipeline(None, Tracker(), Presence(), ManualClock(), zones=zones)
    steps = list(pipeline.run(Walk(empty=8)))
    names = [event.name for step in steps for event in step.events]
    assert [name for name in names if name not in ("first", "empty")] == [
        "enter",
        "zone_enter",
        "zone_dwell",
        "zone_leave",
        "leave",
    ]
    assert [event.sequence for step in steps for event in step.events] == list(range(1, len(names) + 1))
    counts = [tuple(zone.count for zone in step.scene.zones) for step in steps]
    assert (counts[0], counts[-1]) == ((0, 0), (0, 0))
    assert (1, 0) in counts


def test_a_reset_ends_stays_too():
    pipeline = Pipeline(None, Tracker(), Presence(), ManualClock(), zones=Zones([EVERYWHERE]))
    list(pipeline.run(Walk(empty=0)))
    assert [event.name for event in pipeline.reset()] == ["zone_leave", "leave"]


def test_who_is_in_a_zone_crosses_the_wire():
    zones = Zones([EVERYWHERE, NOWHERE])
    pipeline = Pipeline(None, Tracker(), Presence(), ManualClock(), zones=zones)
    scene = list(pipeline.run(Walk(empty=0)))[-1].scene
    assert scene.zones == (ZoneState("room", (1,)), ZoneState("roof"))
    received, _, _ = read_scene(scene_message(scene, Health(), None))
    assert received.zones == scene.zones


def test_a_session_reads_them_from_the_settings(tmp_path: Path):
    write_zones(tmp_path / "mine.toml", [EVERYWHERE])
    settings = Settings(source=CROWD, zones=str(tmp_path / "mine.toml"))
    with Session(settings, ManualClock(), every_frame=True) as session:
        moments, told = session.moments(), []
        for moment in moments:
            told += [event.name for event in moment.step.events]
            if "zone_dwell" in told:
                break
        session.watch_zones([NOWHERE])
        moment = next(moments)
        assert {event.name for event in moment.step.events} >= {"zone_leave"}
        assert moment.step.scene.zones == (ZoneState("roof"),)
        moments.close()


def look_until(feed: EngineFeed, is_there, seconds: float = 20.0):
    """Return everything that happened until something is there."""
    events, until = [], time.perf_counter() + seconds
    while time.perf_counter() < until:
        update = feed.poll()
        events += update.events
        if is_there(update):
            return events
    raise AssertionError(f"it never came: {events}")


def names(update):
    return [zone.name for zone in update.scene.zones] if update.scene else None


def test_a_running_engine_takes_other_zones_and_so_does_the_next_one():
    settings = Settings(source=CROWD, zones="off")
    with closing(EngineFeed(settings, SystemClock(), waits=True)) as feed:
        look_until(feed, lambda update: update.scene and update.scene.people)
        feed.watch_zones([EVERYWHERE])
        events = look_until(feed, lambda update: names(update) == ["room"] and update.scene.zones[0].count)
        assert "zone_enter" in {event.name for event in events}
        feed._engine.kill()
        events = look_until(feed, lambda update: not update.health.engine)
        gone = [event.name for event in events if event.name in ("zone_leave", "leave")]
        assert gone == sorted(gone, reverse=True)  # stays end first
        assert gone.count("zone_leave") >= 1
        look_until(feed, lambda update: update.health.engine and names(update) == ["room"])


def test_the_sketch_in_the_docs_lives_with_its_zone(tmp_path: Path, capsys):
    page = (Path(__file__).parents[1] / "docs" / "zones.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.S)
    sketch = tmp_path / "plinth.py"
    sketch.write_text(code)
    loaded = load_sketch(str(sketch))
    settings = Settings(
        source=CROWD, headless=True, size=(320, 180), frames=600, **settings_of(loaded.sketch)
    )
    with closing(InlineFeed(settings)) as feed:
        run_sketch(loaded, feed, settings)
    lines = capsys.readouterr().out.splitlines()
    assert any("is in plinth" in line for line in lines)
    assert any("seconds in plinth" in line for line in lines)


def test_the_file_in_the_docs_is_one(tmp_path: Path):
    page = (Path(__file__).parents[1] / "docs" / "zones.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"```toml\n(.*?)```", page, re.S)
    (tmp_path / "zones.toml").write_text(text)
    (zone,) = read_zones(tmp_path / "zones.toml")
    assert zone == Zone("stage", zone.points)


def test_a_misspelt_zone_is_caught(tmp_path: Path):
    sketch = tmp_path / "mine.py"
    sketch.write_text("def on_zone_entre(zone): ...\ndef draw(canvas): ...\n")
    with pytest.raises(SettingsError, match="on_zone_enter"):
        load_sketch(str(sketch))
    scene = SketchScene((), None, Health(), 0.0, [EVERYWHERE], Placement(640, 360, 0, 0))
    assert scene.zone("room").count == 0
    assert scene.zone("room").points.tolist()[0] == [-640, -360]
    with pytest.raises(UnknownNameError, match="did you mean 'room'"):
        scene.zone("rom")
    with pytest.raises(SettingsError, match="F3 in the window draws zones"):
        SketchScene((), None, Health(), 0.0).zone("room")


def test_the_engine_is_handed_zones_and_not_a_file(tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_zones(tmp_path / "zones.toml", [EVERYWHERE, NOWHERE])
    said = []
    prepared = prepare(Settings(source=CROWD), report=said.append)
    assert said == ["zones: room, roof (zones.toml)"]
    (tmp_path / "zones.toml").unlink()
    assert watched_zones(prepared) == (EVERYWHERE, NOWHERE)
    (tmp_path / "zones.toml").write_text("zones = 1")
    with pytest.raises(SettingsError, match="zones file"):
        prepare(Settings(source=CROWD))
    assert prepare(Settings(source=CROWD, zones="off")).zones == ()
