"""The supervisor's loop with actors for processes: what is asked, what goes wrong, what is due."""

from __future__ import annotations

import json
import socket
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from threading import Event
from zoneinfo import ZoneInfo

import pytest
from gallery_show_world import START, World, someone

from posekit.cli.show_named import named_from_here
from posekit.errors import OutputError, PosekitError, SettingsError, SourceError
from posekit.gallery.asking import check_settings, read_whole_show
from posekit.gallery.nothing import NoCounts
from posekit.gallery.supervisor import AGAIN_CODE
from posekit.health import CameraState, Health
from posekit.records.reader import numbers_of
from posekit.records.snapshot import read_file
from posekit.settings import Settings
from posekit.show.state_file import read_state

QUIET = '[status]\naddress = "off"\n'


@pytest.fixture
def show(tmp_path, monkeypatch):
    """Return a function that opens a show with actors; every one is closed."""
    runtime, folder = tmp_path / "run", tmp_path / "show"
    for path in (runtime, folder):
        path.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    monkeypatch.chdir(folder)
    opened: list[World] = []

    def open_world(text: str = "", quiet: str = QUIET, **options: object) -> World:
        opened.append(World(folder, text + quiet, **options))
        return opened[-1]

    open_world.folder = folder
    yield open_world
    for world in opened:
        world.close()


def log_of(world: World) -> list[dict]:
    world.parts.log.flush()
    lines = (world.folder / "records" / "logs" / "show.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def test_a_show_opens_and_tells_how_it_is(show) -> None:
    world = show('[show]\ntitle = "Ribbons at night"\n').opened()
    state = world.state
    assert (state.name, state.phase, state.fps, state.window_fps) == ("Ribbons at night", "open", 30.0, 60.0)
    assert [part.name for part in state.parts] == ["engine", "window", "curtain"]
    assert [part.state for part in state.parts] == ["running"] * 3
    assert state.is_healthy
    assert world.windows[0].updates
    world.until(lambda: (kept := read_state(world.folder)) and kept.phase == "open", "the state's file")


def test_events_are_counted_once_and_reach_the_window(show) -> None:
    world = show().opened()
    world.events = (someone("enter", 1, 1), someone("leave", 1, 2))
    world.until(lambda: world.state.visits_today == 1, "the visit")
    seen = [event.name for update in world.windows[0].updates for event in update.events]
    assert seen == ["enter", "leave"]


def test_a_window_that_starts_later_knows_who_is_here_and_what_was_turned(show) -> None:
    world = show().opened()
    world.events = (someone("enter", 7, 1),)
    world.until(lambda: world.windows[0].updates[-1].events or world.parts.present.events(), "her")
    world.windows[0].is_alive = False
    world.until(lambda: len(world.windows) == 2, "the next window")
    order = world.windows[1].order
    assert [event["person_id"] for event in order.here] == [7]
    assert order.parameters == {"width": 3}
    world.run(0.6)
    assert world.troubles == ["window_lost"]
    world.run(5.0)
    assert world.troubles == []
    told = [line for line in log_of(world) if line["name"] == "window_lost"]
    assert [line["data"]["is_over"] for line in told] == [False, True]


def test_every_action_arrives(show) -> None:
    world = show().opened()
    world.ask("pause", True)
    world.ask("reset")
    world.ask("restart-engine")
    world.until(lambda: world.engine_told("renew"), "the engine's renewal")
    assert world.engine_told("pause")[-1] is True
    assert world.engine_told("reset") == [None]
    world.ask("preset", 2)
    world.ask("parameter", {"name": "width", "value": 5})
    world.ask("test-card")
    world.ask("reload")
    world.until(lambda: world.state.extra["test_card"] is True, "what the page's button shows")
    assert world.window_told("preset") == [{"preset": 2}]
    assert world.window_told("parameter") == [{"name": "width", "value": 5}]
    assert world.window_told("test_card") == [{"on": True}]
    assert len(world.window_told("reload")) == 1
    world.ask("restart-window")
    world.until(lambda: len(world.windows) == 2, "the other window")
    assert world.windows[1].order.test_card
    assert world.windows[1].order.paused
    asked = [line["data"]["asked"] for line in log_of(world) if line["name"] == "action"]
    assert asked[:3] == ["pause", "reset", "restart-engine"]


def test_zones_are_watched_and_kept(show) -> None:
    world = show().opened()
    zone = {"name": "stage", "points": [[0.1, 0.1], [0.5, 0.1], [0.5, 0.6]]}
    world.ask("zones", [zone])
    world.until(lambda: (world.folder / "zones.toml").exists(), "the file")
    world.until(lambda: world.engine_told("zones"), "the engine's zones")
    assert world.engine_told("zones") == [["stage"]]
    assert [table["name"] for table in world.parts.desk.zones()] == ["stage"]
    world.ask("zones", [{"name": "thin", "points": [[0, 0]]}])
    assert any(line["name"] == "refused" and "thin" in line["sentence"] for line in log_of(world))
    assert [table["name"] for table in world.parts.desk.zones()] == ["stage"]


def test_another_estimator_and_a_part_that_is_ignored(show) -> None:
    world = show().opened()
    world.ask("ignore", "0,0 0.2,0 0.2,1")
    world.until(lambda: world.engine_told("switch"), "the other settings")
    assert world.engine_told("switch")[-1].ignore == "0,0 0.2,0 0.2,1"
    world.until(lambda: world.parts.desk.ignore() == "0,0 0.2,0 0.2,1", "the desk")
    world.ask("estimator", "movenet")
    world.until(lambda: len(world.engine_told("switch")) == 2, "the other estimator")
    assert world.engine_told("switch")[-1].estimator == "movenet"
    assert world.engine_told("switch")[-1].ignore == "0,0 0.2,0 0.2,1"
    world.ask("estimator", "psychic")
    assert any("psychic" in line["sentence"] for line in log_of(world) if line["name"] == "refused")


def test_ignored_places_are_there_at_the_next_start(show) -> None:
    polygons = "0,0 0.2,0 0.2,1"
    world = show().opened()
    assert world.state.extra["ignore_from"] == "default"
    world.ask("ignore", polygons)
    world.until(lambda: (world.folder / "ignore.toml").exists(), "the file")
    world.until(lambda: world.state.extra["ignore_from"] == "file ignore.toml", "where it is from")
    world.until(lambda: world.engine_told("switch"), "the other settings")
    assert world.read().show.settings.ignore == polygons
    world.ask("reload")
    world.until(lambda: any(line["name"] == "settings" for line in log_of(world)), "the file, read again")
    assert len(world.engine_told("switch")) == 1, "nothing differs from what runs"
    world.close()
    world = show().opened()
    assert (world.parts.settings.ignore, world.parts.desk.ignore()) == (polygons, polygons)
    world.ask("ignore", None)
    world.until(lambda: world.read().show.settings.ignore is None, "nowhere")


def test_a_hand_written_ignore_wins_at_the_next_start(show) -> None:
    world = show('ignore = "0,0,0.5,1"\n').opened()
    world.ask("ignore", "0,0,0.2,1")
    world.until(lambda: world.parts.desk.ignore() == "0,0,0.2,1", "the desk")
    assert any("until the next start" in line["sentence"] for line in log_of(world))
    assert "show.toml" in world.state.extra["ignore_from"]
    assert world.read().show.settings.ignore == "0,0,0.5,1"


def test_what_the_window_wishes(show) -> None:
    world = show().opened()
    world.windows[0].asks = [{"kind": "pause", "paused": True}, {"kind": "reset"}, {"kind": "nonsense"}]
    world.until(lambda: world.engine_told("reset"), "the reset")
    assert world.engine_told("pause")[-1] is True


def test_hours_close_and_open_it(show) -> None:
    world = show('[hours]\ntimezone = "Europe/Berlin"\nopen = ["mon-sun 10:00-18:00"]\nfade = 2.0\n').opened()
    closing = datetime(2026, 11, 18, 18, tzinfo=ZoneInfo("Europe/Berlin")).timestamp()
    assert world.state.next_change == closing
    world.wall.seconds = closing - 1.0
    world.run(1.6)
    assert world.window_told("fade")[-1] == {"to": 1.0, "seconds": 2.0}
    assert world.parts.engine.is_wanted, "it looks until all is black"
    world.run(4.0)
    world.until(lambda: world.parts.engine.is_resting, "the engine's end")
    world.run(1.1)
    assert (world.state.phase, world.state.part("engine").state) == ("closed", "off")
    assert world.engine_told("pause")[-1] is True, "everybody left before it ended"
    assert world.troubles == [], "nothing is wrong with a show that is closed"
    assert world.windows[0].is_alive
    world.ask("open")
    world.until(lambda: world.state.phase == "open", "the opening by hand")
    assert world.state.held == "opened by hand"
    assert world.window_told("fade")[-1] == {"to": 0.0, "seconds": 2.0}
    world.until(lambda: len(world.feeds) == 2, "the next engine")
    assert world.feeds[1].epoch > world.feeds[0].epoch + 100


def test_the_camera_and_the_disk_and_the_clock(show) -> None:
    world = show().opened()
    world.health = Health(camera=CameraState.LOST)
    world.room = 10_000_000
    world.wall.seconds = 5.0
    world.until(lambda: {"camera_lost", "disk_full", "clock_wrong"} <= set(world.troubles), "three troubles")
    assert world.state.phase == "open", "attract modes are the sketch's"
    world.health, world.room, world.wall.seconds = Health(fps=30.0), 10**10, START + 100
    world.until(lambda: world.troubles == [], "the end of them")


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"estimator": "movnet"}, "movenet"),
        ({"gestures": "wav"}, "wave"),
        ({"osc": "10.0.0.7:70000"}, "port"),
        ({"osc_in": "999999"}, "port"),
        ({"ignore": "the door"}, "ignore"),
        ({"lead": "zone:stage"}, "zone"),
        ({"room": "nowhere.toml"}, "room file"),
        ({"source": "synthetic:persons=3"}, "people"),
        ({"source": "rtps://10.0.0.7"}, "rtsp"),
    ],
)
def test_what_no_new_start_can_mend_is_refused_at_the_first(wrong, sentence) -> None:
    with pytest.raises(PosekitError, match=sentence) as error:
        check_settings(Settings(**wrong))
    assert error.value.exit_code == 2


@pytest.mark.parametrize(
    ("sketch", "given", "sentence"),
    [
        ("ribons.py", {}, "ribons"),
        ("hello", {"headless": True}, "a show in a gallery has a window"),
        ("hello", {"frames": 10}, "a show in a gallery has a window"),
        (None, {}, "no sketch is named"),
    ],
)
def test_what_is_no_show_is_refused(tmp_path, monkeypatch, sketch, given, sentence) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError, match=sentence):
        read_whole_show(sketch, None, given, str)


def test_without_a_name_the_show_file_that_is_here_is_meant(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError, match=r"there is no show\.toml in"):
        named_from_here(None, None)
    assert named_from_here("hello", None) == ("hello", None)
    for name in ("show.toml", "mine.py", "other.toml"):
        (tmp_path / name).touch()
    assert named_from_here(None, None) == (None, tmp_path / "show.toml")
    assert named_from_here(None, Path("other.toml")) == (None, tmp_path / "other.toml")
    assert named_from_here("mine.py", None) == (str(tmp_path / "mine.py"), None), "the sketch alone"
    assert named_from_here("hello", Path("show.toml")) == ("hello", tmp_path / "show.toml")


@pytest.mark.parametrize("source", ["not_yet.mp4", "camera:Top", "rtsp://10.0.0.7/", "sample", "synthetic"])
def test_a_source_that_may_come_is_no_reason_to_refuse(source) -> None:
    check_settings(Settings(source=source))


def test_an_engine_that_takes_its_time_for_the_first_picture_has_not_lost_its_camera(show) -> None:
    world = show()
    world.shows_nothing, world.health = True, Health(camera=CameraState.LOST)
    world.opened()
    world.run(4.8)
    assert world.polls > 10
    assert world.troubles == []
    world.run(10)
    assert "camera_lost" in world.troubles
    world.shows_nothing, world.health = False, Health(fps=30.0)
    world.until(lambda: world.troubles == [], "the camera")


@pytest.mark.parametrize(
    "gone", [OSError(28, "no space left on device"), SystemExit(1), ValueError("closed")]
)
def test_a_show_that_nobody_hears_any_more_goes_on(gone, show) -> None:
    """A terminal that was closed, or a log on a full disk; rich ends the program for the former."""

    def nobody_hears(_: str) -> None:
        raise gone

    world = show(say=nobody_hears).opened()
    world.failure = SourceError("camera:Top is not here")
    world.until(lambda: world.troubles == ["camera_lost"], "the trouble")
    assert world.parts.engine.is_working
    world.failure = None
    world.until(lambda: world.troubles == [], "the camera")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_show_whose_engine_nobody_looks_after_starts_anew(show) -> None:
    world = show().opened()
    assert world.supervisor.code is None
    world.failure = SystemExit(1)  # nothing that may be raised there, but who knows
    world.until(lambda: world.supervisor.code == AGAIN_CODE, "the new start")


def test_a_wish_that_fails_by_a_mistake_of_ours_keeps_no_other_waiting(show, monkeypatch) -> None:
    world = show().opened()

    def mistaken(*_: object) -> None:
        raise OverflowError("int too large to convert to float")

    monkeypatch.setattr("posekit.gallery.acting.zones_from_tables", mistaken)
    world.ask("zones", [])
    world.ask("close")
    world.until(lambda: world.state.held == "closed by hand", "the second wish")
    assert world.parts.log.flush()
    (told,) = [line["sentence"] for line in world.parts.log.newest(50) if line["name"] == "mistake"]
    assert told == "what was asked for failed: OverflowError: int too large to convert to float"


def test_a_sketch_that_was_saved_and_cannot_run_is_a_trouble_until_it_can(show) -> None:
    """It runs on, and the next power cut would be its end."""
    world = show().opened()
    world.windows[0].refused = "dance.py, line 1: invalid syntax"
    world.until(lambda: world.troubles == ["sketch_refused"], "the trouble")
    assert world.parts.troubles.sentence("sketch_refused") == "dance.py, line 1: invalid syntax"
    world.windows[0].refused = ""
    world.until(lambda: world.troubles == [], "the mended sketch")
    world.ask("restart-window")
    world.until(lambda: len(world.windows) == 2, "the next window")
    world.windows[1].is_ready = world.windows[1].is_alive = False
    world.until(lambda: world.troubles == ["sketch_refused"], "the trouble")
    assert world.parts.troubles.sentence("sketch_refused") == "the window crashed"
    world.ask("restart-window")
    world.until(lambda: world.troubles == [], "the window that took its place")


def test_counts_and_log_that_cannot_be_written_are_a_trouble(show) -> None:
    folder = show.folder
    (folder / "records").write_text("a file, where a folder should be")
    world = show().opened()
    world.run(5.0)
    assert world.troubles == [], "another program may hold them for a moment"
    world.until(lambda: world.troubles == ["records_failed"], "the trouble")
    sentence = world.parts.troubles.sentence("records_failed")
    assert "the counts cannot be kept" in sentence
    assert "the log cannot be written" in sentence
    (folder / "records").unlink()
    world.parts.log.write("step", "it is there again")
    world.until(lambda: world.troubles == [], "the end of it", 30.0)


def test_a_page_that_cannot_be_opened_is_a_trouble(show) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        world = show(f'[status]\naddress = "127.0.0.1:{port}"\n', quiet="").opened()
        world.run(1.0)
    assert world.troubles == ["not_reachable"]
    assert f"no status page: port {port} is in use" in world.parts.troubles.sentence("not_reachable")


def test_a_source_that_is_not_there_is_looked_for(show) -> None:
    world = show().opened()
    world.failure = SourceError("camera:Top is not here")
    world.until(lambda: world.troubles == ["camera_lost"], "the trouble")
    assert world.parts.troubles.sentence("camera_lost") == "camera:Top is not here"
    world.failure = None
    world.until(lambda: world.troubles == [], "the camera")
    assert len(world.feeds) >= 2


def test_an_engine_that_cannot_be_is_tried_again(show) -> None:
    world = show().opened()
    world.failure = SettingsError("the model is gone")
    world.until(lambda: "engine_lost" in world.troubles, "the trouble")
    assert world.state.phase == "open"
    world.failure = None
    world.until(lambda: world.troubles == [], "the engine")
    assert world.state.part("engine").restarts >= 1


def test_a_sketch_that_ends_itself_ends_the_show(show) -> None:
    world = show().opened()
    world.windows[0].is_alive, world.windows[0].has_quit = False, True
    world.run(0.2)
    assert world.supervisor.code == 0


def test_a_card_when_no_window_stays(show) -> None:
    world = show('[show]\ncard = "One moment, please"\n').opened()
    for _ in range(200):
        world.windows[-1].is_alive = False
        world.run(0.1)
    assert world.state.phase == "card"
    cards = [data for curtain in world.curtains for kind, data in curtain.told if kind == "card"]
    assert cards
    assert cards[0] == {"title": "Ribbons", "line": "One moment, please"}
    world.until(lambda: world.state.phase == "open", "the window")
    assert world.curtains[-1].told[-1][0] == "black"


def test_everything_is_renewed_at_night(show) -> None:
    world = show('[hours]\ntimezone = "Europe/Berlin"\n').opened()
    world.wall.seconds = datetime(2026, 11, 19, 4, 29, tzinfo=ZoneInfo("Europe/Berlin")).timestamp()
    world.run(65.0)
    world.until(lambda: world.engine_told("renew"), "the engine's renewal")
    world.until(lambda: len(world.windows) == 2, "the window's")
    world.run(300.0, step=0.5)
    assert world.engine_told("renew") == ["the nightly restart"]
    assert world.state.part("window").renewals == 1
    assert world.troubles == []


def test_a_show_that_was_updated_starts_anew_when_nobody_is_there(show, monkeypatch) -> None:
    version = ["0.1.0"]
    monkeypatch.setattr("posekit.gallery.installed.installed_version", lambda: version[0])
    world = show().opened()
    world.run(70.0, 0.5)
    assert world.supervisor.code is None
    version[0] = ""  # pip has taken the old one away
    world.run(35.0, 0.5)
    version[0] = "0.2.0"
    world.run(60.0, 0.5)
    assert world.supervisor.code is None, "it may not be whole yet"
    world.run(40.0, 0.5)
    assert world.supervisor.code == AGAIN_CODE
    assert world.parts.log.flush()
    told = {line["sentence"] for line in world.parts.log.newest(20) if line["name"] == "again"}
    assert told == {"posekit 0.2.0 is installed, and this show was started with 0.1.0"}


def test_what_was_never_installed_is_not_updated(show, monkeypatch) -> None:
    monkeypatch.setattr("posekit.gallery.installed.installed_version", lambda: "")
    world = show().opened()
    monkeypatch.setattr("posekit.gallery.installed.installed_version", lambda: "0.2.0")
    world.run(200.0, 0.5)
    assert world.supervisor.code is None


def test_a_supervisor_that_has_grown_asks_for_a_new_start(show) -> None:
    world = show("[show]\nmemory_limit = 8000\n").opened()
    world.parts.figures.close()
    world.parts.figures._thread.join(10.0)  # a last look would put the true figures in these ones' place
    world.parts.figures.memory = {"supervisor": 12_000_000_000}
    world.run(1.0)
    assert world.supervisor.code is None
    assert world.troubles == ["memory"]
    world.run(61.0)
    assert world.supervisor.code == AGAIN_CODE


def test_the_show_file_is_taken_in_while_it_runs(show) -> None:
    world = show("[show]\nfrozen_after = 5.0\n").opened()
    text = world.file.read_text()
    world.file.write_text(text.replace("5.0", "9.0"))
    world.until(lambda: world.parts.window.frozen_after == 9.0, "the new patience")
    assert len(world.windows) == len(world.feeds) == 1, "nothing is started anew for that"
    world.file.write_text(text.replace("5.0", "soon"))
    world.until(lambda: world.troubles == ["settings_refused"], "the refusal")
    assert "line 4" in world.parts.troubles.sentence("settings_refused")
    assert world.parts.window.frozen_after == 9.0
    world.file.write_text('slots = 3\nsize = "640x480"\n' + text)
    world.until(lambda: world.engine_told("switch"), "the engine's settings")
    world.until(lambda: len(world.windows) == 2, "the window's")
    assert world.troubles == []
    assert world.engine_told("switch")[-1].slots == 3


def test_a_secret_and_a_bound_that_are_changed_count_while_it_runs(show) -> None:
    world = show("[records]\nlog_megabytes = 20\n").opened()
    (world.file.parent / "secrets.env").write_text("AMP_KEY=later-word\n")
    text = world.file.read_text().replace("= 20", "= 5")
    world.file.write_text(text + '[hooks]\nfault = [["amp", "$AMP_KEY"]]\n')
    parts = world.parts
    world.until(lambda: parts.hooks._secrets.get("AMP_KEY") == "later-word", "the hooks' secret")
    assert parts.heartbeat._secrets.get("AMP_KEY") == "later-word"
    assert parts.log._files._bound == 5_000_000
    parts.log.write("step", "it is later-word")
    assert parts.log.flush()
    assert parts.log.newest(1)[0]["sentence"] == "it is (secret)"
    assert world.troubles == []


def test_a_mistake_of_ours_does_not_end_a_show(show) -> None:
    world = show().opened()

    def stumble() -> None:
        raise ZeroDivisionError

    world.parts.reloading.look = stumble
    world.clock.advance(5.0)
    world.supervisor._try_round()
    assert any(line["name"] == "mistake" for line in log_of(world))
    world.supervisor._try_round()
    assert world.supervisor.code is None


def test_a_second_show_in_the_same_folder(show) -> None:
    show().opened()
    with pytest.raises(OutputError, match="runs already"):
        show()


def change_records(world: World, before: str, after: str) -> None:
    """Write other words into the show's file, and go on until they were taken in."""
    taken = sum(line["name"] == "settings" for line in log_of(world))
    world.file.write_text(world.file.read_text().replace(before, after))
    world.until(
        lambda: sum(line["name"] == "settings" for line in log_of(world)) > taken, f"{after}, taken in"
    )


def visits_kept(world: World) -> int:
    """Return how many visits the file of the counts tells of once the show is over."""
    world.close()
    counted = read_file(world.folder / "records" / "counts.sqlite", 0, 2**62)
    return sum(numbers_of(counted, "visit").values())


def keep_errands_busy(world: World) -> Event:
    """Give the errands' thread something long to do once it has read the show's file; set it to end that."""
    let_go, reread = Event(), world.parts.reread

    def read_and_be_busy():
        found = reread()
        world.parts.errands.do(lambda: let_go.wait(20.0))
        return found

    world.parts.reread = read_and_be_busy
    return let_go


def test_whoever_leaves_while_the_records_are_taken_in_is_counted(show) -> None:
    """Nothing was counted until the errands' thread had opened the counts anew."""
    world = show("[records]\nkeep_days = 400\n").opened()
    counts = world.parts.counts
    world.events = (someone("leave", 1, 1),)
    world.until(lambda: world.state.visits_today == 1, "the first visit")
    let_go = keep_errands_busy(world)
    try:
        change_records(world, "= 400", "= 300")
        world.events = (someone("leave", 2, 2),)
        world.until(lambda: world.state.visits_today == 2, "the second visit", 3.0)
    finally:
        let_go.set()
    world.events = (someone("leave", 3, 3),)
    world.until(lambda: world.state.visits_today == 3, "the third visit")
    assert world.parts.counts is counts
    assert counts._keep_days == 300
    assert visits_kept(world) == 3


def test_another_bound_of_the_log_leaves_the_counts_alone(show) -> None:
    world = show("[records]\nlog_megabytes = 20\n").opened()
    counts = world.parts.counts
    change_records(world, "= 20", "= 5")
    world.run(0.3)
    assert world.parts.log._files._bound == 5_000_000
    assert world.parts.counts is counts
    assert counts._thread.is_alive()


def test_counting_is_switched_off_and_on_while_it_runs(show) -> None:
    world = show("[records]\ncounts = true\n").opened()
    world.events = (someone("leave", 1, 1),)
    world.until(lambda: world.state.visits_today == 1, "the first visit")
    let_go = keep_errands_busy(world)
    try:
        change_records(world, "= true", "= false")
        assert isinstance(world.parts.counts, NoCounts), "nobody who said no is counted any more"
        world.events = (someone("leave", 2, 2),)
        world.until(lambda: not world.events, "what is not counted")
    finally:
        let_go.set()
    world.run(0.2)
    change_records(world, "= false", "= true")
    world.until(lambda: not isinstance(world.parts.counts, NoCounts), "the counts")
    world.until(lambda: world.state.visits_today == 1, "the visit of before")
    world.events = (someone("leave", 3, 3),)
    world.until(lambda: world.state.visits_today == 2, "the next visit")
    assert visits_kept(world) == 2


def test_who_changes_his_mind_about_counting_is_taken_by_his_last_word(show) -> None:
    world = show("[records]\ncounts = false\n").opened()
    opened, open_counts = [], world.parts.open_counts

    def open_and_remember():
        opened.append(open_counts())
        return opened[-1]

    world.parts.open_counts = open_and_remember
    let_go = Event()
    for wanted in (True, False, True, False):
        world.parts.errands.do(lambda: let_go.wait(20.0))
        gallery = world.parts.show.gallery
        records = gallery.records.model_copy(update={"counts": wanted})
        world.parts.show = replace(world.parts.show, gallery=gallery.model_copy(update={"records": records}))
        world.parts.reloading._count_as_wanted()
    let_go.set()
    world.until(lambda: len(opened) == 2, "both openings")
    world.run(0.3)
    assert isinstance(world.parts.counts, NoCounts)
    assert all(isinstance(counts, NoCounts) or counts._is_closing for counts in opened)
