"""The data sheet: every promise on it is held against what the settings really make the program do."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from posekit.cli.app import app
from posekit.cli.gallery_sheet import sheet_facts
from posekit.errors import SketchError
from posekit.outputs.osc.opening import targets_of
from posekit.outputs.web.address import web_address
from posekit.records.sheet import (
    NO_PICTURE_KEPT,
    NO_PICTURE_SHOWN,
    NOBODY_KNOWN,
    NOTHING_COUNTED,
    NOTHING_LEAVES,
    is_here,
    sheet_paper,
)
from posekit.show.file import read_show

ABOVE = {
    "osc": ("", 'osc = ["127.0.0.1:7000"]', 'osc = ["127.0.0.1:7000", "10.0.0.7:9000:posekit"]'),
    "web": ("", 'web = "8080"', 'web = "0.0.0.0:8080"\nshare = "picture"', 'web = "8080"\nshare = "mask"'),
    "source": (
        'source = "camera:Logitech"',
        'source = "rtsp://me:$CAMERA_WORD@10.0.0.3/x"',
        'source = "synthetic:"',
    ),
}
TABLES = {
    "show": ("", "keys = true", 'view = "off"'),
    "status": ('address = "off"', "", "preview = true", 'address = "0.0.0.0:8090"'),
    "records": ("", "counts = false", "keep_days = 31\nlog_megabytes = 5"),
    "heartbeat": ("", 'osc = ["10.0.0.9:9000"]', 'http = ["https://status.example/ping/$HEARTBEAT_KEY"]'),
    "hooks": ("", 'start = [["/usr/bin/amp", "on", "pa55word"]]', 'fault = ["osc:10.0.0.8:7000/amp 1"]'),
}
CHOICES = {**ABOVE, **TABLES}


def covering() -> list[dict[str, str]]:
    """Return configurations in which every two choices of different settings meet at least once."""
    names = list(CHOICES)
    left = {
        (first, one, second, other)
        for first, second in itertools.combinations(names, 2)
        for one in CHOICES[first]
        for other in CHOICES[second]
    }
    found = []
    while left:
        first, one, second, other = min(left)
        row = {first: one, second: other}
        for name in names:
            if name not in row:
                row[name] = max(CHOICES[name], key=lambda text: len(met({**row, name: text}) & left))
        left -= met(row)
        found.append(row)
    return found


def met(row: dict[str, str]) -> set[tuple[str, str, str, str]]:
    named = [name for name in CHOICES if name in row]
    return {(first, row[first], second, row[second]) for first, second in itertools.combinations(named, 2)}


def write_show(folder: Path, row: dict[str, str], more: str = "") -> Path:
    lines = [row[name] for name in ABOVE if row.get(name)]
    tables = [f"[{name}]\n{row.get(name, '')}" for name in TABLES if name != "show"]
    sketch = f'[show]\nsketch = "own.py"\n{row.get("show", "")}'
    path = folder / "show.toml"
    path.write_text("\n".join([*lines, more, sketch, *tables]) + "\n")
    (folder / "own.py").write_text("def draw(canvas):\n    pass\n")
    (folder / "secrets.env").write_text("HEARTBEAT_KEY=hidden-key\nCAMERA_WORD=open-sesame\n")
    (folder / "secrets.env").chmod(0o600)
    return path


def test_the_matrix_holds_every_pair() -> None:
    rows = covering()
    assert 12 <= len(rows) < 40
    assert {text for row in rows for text in row.values()} == {t for texts in CHOICES.values() for t in texts}


@pytest.mark.parametrize("row", covering(), ids=range(len(covering())))
def test_no_promise_is_made_that_the_settings_break(row: dict[str, str], tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    show = read_show(write_show(tmp_path, row), environment={})
    settings, gallery = show.settings, show.gallery
    text = " ".join(sheet_paper(sheet_facts(show, "Own")).as_text().split())
    # What leaves the machine is asked of those who send it, not of the sheet's own reading.
    hosts = [target.host for target in targets_of(settings)]
    address = web_address(settings)
    hosts += [address.host] if address and not address.is_loopback else []
    hosts += [gallery.status.place[0]] if gallery.status.place else []
    hosts += [place.rpartition(":")[0] for place in gallery.heartbeat.osc]
    hosts += ["status.example"] if gallery.heartbeat.http else []
    hosts += ["10.0.0.8"] if "10.0.0.8" in str(gallery.hooks) else []
    strangers = [host for host in hosts if host and not host.startswith("127.")]
    assert (NOTHING_LEAVES in text) == (
        not strangers and not gallery.hooks.start and not settings.source.startswith("rtsp")
    )
    for host in strangers:
        assert host in text
    shows = bool(settings.share) or (gallery.status.preview and gallery.status.place is not None)
    assert (NO_PICTURE_SHOWN in text) == (not shows and settings.source != "synthetic:")
    assert (NO_PICTURE_KEPT in text) == (not gallery.show.keys)
    assert ("F9 or F12" in text) == gallery.show.keys
    assert (NOTHING_COUNTED in text) == (not gallery.records.counts)
    assert (f"Kept for {gallery.records.keep_days} days" in text) == gallery.records.counts
    assert f"{gallery.records.log_megabytes:g} MB" in text
    assert "view.toml" in text  # it can be asked for at any time
    assert ("It is made by itself" in text) == (gallery.show.view == "auto")
    assert ("programs that the show starts print" in text) == bool(gallery.hooks.start)
    assert NOBODY_KNOWN in text
    assert "own.py is a program of its own" in text
    for secret in ("hidden-key", "HEARTBEAT_KEY", "open-sesame", "CAMERA_WORD", "pa55word"):
        assert secret not in text


@pytest.mark.parametrize("setting", ["save_video = 'film.mp4'", "save_frame = 'last.png'"])
def test_a_film_or_picture_that_is_kept_is_named_and_nothing_is_promised(setting: str, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    show = read_show(write_show(tmp_path, {}, setting), environment={})
    text = " ".join(sheet_paper(sheet_facts(show, "Own")).as_text().split())
    assert NO_PICTURE_KEPT not in text
    assert setting.split("'")[1] in text
    assert "It shows visitors wherever the sketch does." in text


def test_an_edge_map_that_is_there_is_named_even_when_it_is_not_used(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = write_show(tmp_path, {"show": 'view = "off"'})
    (tmp_path / "view.toml").write_text("x = 1\n")
    text = sheet_paper(sheet_facts(read_show(path, environment={}), "Own")).as_text()
    assert "view.toml" in text
    assert "It is there now." in " ".join(text.split())


def test_counts_of_before_are_named_when_nothing_is_counted_any_more(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = write_show(tmp_path, {"records": "counts = false"})
    assert "counted before" not in sheet_paper(sheet_facts(read_show(path, environment={}), "Own")).as_text()
    (tmp_path / "records").mkdir()
    (tmp_path / "records/counts.sqlite").touch()
    text = " ".join(sheet_paper(sheet_facts(read_show(path, environment={}), "Own")).as_text().split())
    assert "kept until somebody deletes the folder records" in text
    assert NOTHING_COUNTED in text


def test_every_setting_of_the_file_was_thought_of() -> None:
    """A new setting that sends or keeps something must come onto the sheet: look at it, then add it here."""
    from posekit.settings import Settings
    from posekit.show.tables import GallerySettings

    told = {"source", "osc", "osc_for", "osc_template", "osc_in", "web", "share", "mask", "save_video"}
    told |= {"save_frame", "zones", "gestures", "max_poses", "estimator", "single", "slots"}
    harmless = (
        "camera_size rotate flip crop exposure white_balance gain camera_focus focus light model input_size "
        "target_rate runtime threads pose_score keypoint_score min_age grace still_after ignore lead "
        "empty_after smoothing size fps mirror fit display fullscreen more_displays spread turn room "
        "web_origin reload headless frames verbose"
    )
    assert set(Settings.model_fields) == told | set(harmless.split())
    assert {name: set(table) for name, table in GallerySettings().model_dump().items()} == {
        "show": {
            *("sketch", "title", "card", "restart_at", "renew_after", "memory_limit", "frozen_after"),
            *("keys", "view"),
        },
        "hours": {"timezone", "open", "closed", "extra", "fade"},
        "status": {"address", "preview"},
        "records": {"counts", "keep_days", "log_megabytes"},
        "heartbeat": {"every", "osc", "http"},
        "hooks": {"start", "open", "close", "fault", "clear", "end"},
        "sheet": {"venue", "contact", "purpose"},
    }


@pytest.mark.parametrize(
    ("place", "here"),
    [
        ("127.0.0.1:80", True),
        ("localhost", True),
        ("[::1]:80", True),
        ("::1", True),
        ("127.9.9.9", True),
        ("0.0.0.0:80", False),
        ("10.0.0.1:80", False),
        ("[fe80::1]:80", False),
        ("localhost.example", False),
        ("kunsthalle", False),
    ],
)
def test_only_loopback_is_this_machine(place: str, here: bool) -> None:
    assert is_here(place) is here


def test_the_command_asks_the_sketch_too_and_writes_a_page(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = write_show(tmp_path, {"status": 'address = "off"'})
    (tmp_path / "own.py").write_text(
        'import posekit\n\nclass Own(posekit.Sketch):\n    osc = ["10.1.2.3:7000"]\n    title = "The <own>"\n'
        "\n    def draw(self, canvas, people):\n        pass\n"
    )
    (tmp_path / "zones.toml").write_text(
        '[[zones]]\nname = "stage"\npoints = [[0.1, 0.1], [0.5, 0.1], [0.5, 0.9]]\n'
    )
    command = ["gallery", "sheet", "--config", path.name, "--html", "sheet.html"]
    done = CliRunner().invoke(app, command, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    html = (tmp_path / "sheet.html").read_text()
    assert "10.1.2.3:7000" in html
    assert "The &lt;own&gt;: what happens to your data" in html
    assert "stage" in html
    assert NOTHING_LEAVES not in html
    assert re.search(r"(src|href)=|@import|url\(", html) is None


def test_a_sketch_that_cannot_be_asked_gets_no_sheet(tmp_path, monkeypatch) -> None:
    """It could ask for receivers that nobody would read of."""
    monkeypatch.chdir(tmp_path)
    path = write_show(tmp_path, {})
    (tmp_path / "own.py").write_text("1 / 0\n")
    done = CliRunner().invoke(app, ["gallery", "sheet", "--config", path.name, "--html", "a.html"])
    assert isinstance(done.exception, SketchError)
    assert not (tmp_path / "a.html").exists()
