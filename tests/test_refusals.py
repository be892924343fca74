"""What cannot be meant is refused before anything is opened, sent or replaced."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from posekit.cli.app import app
from posekit.errors import PosekitError, SettingsError
from posekit.sources import check_kept
from posekit.zones import Zone, read_zones, write_zones

CROWD = "synthetic:people=2,seed=3,seconds=2"
STAGE = Zone("stage", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with a film, pictures, zones and show files."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.setenv("POSEKIT_TAUGHT", str(tmp_path / "taught"))
    Path("film.mp4").write_bytes(b"a film")
    Path("linked.mp4").hardlink_to("film.mp4")
    Path("pictures").mkdir()
    cv2.imwrite("pictures/a.png", np.zeros((8, 8, 3), np.uint8))
    write_zones(Path("zones.toml"), [STAGE])
    for name, text in (("gestures", '["wve"]'), ("ignore", '"here"'), ("lead", '"zone:stag"')):
        Path(f"{name}-show.toml").write_text(f"{name} = {text}\n")
    for name, text in (("gestures", '"wve"'), ("ignore", '"here"'), ("lead", '"bigest"')):
        Path(f"{name}.py").write_text(f"{name} = {text}\n\n\ndef draw(canvas):\n    pass\n")
    return tmp_path


RUN = ("run", "hello", "--headless", "--frames", "1", "--source")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((*RUN, "film.mp4", "--save-video", "film.mp4"), "film.mp4 would replace what is read"),
        ((*RUN, "film.mp4", "--save-video", "linked.mp4"), "linked.mp4 would replace what is read"),
        ((*RUN, "pictures/a.png", "--save-frame", "./pictures/a.png"), "name another file"),
        ((*RUN, "pictures", "--save-frame", "pictures/a.png"), "name another file"),
        (("send", "--headless", "--source", "film.mp4", "--save-video", "film.mp4"), "would replace"),
        ((*RUN, CROWD, "--lead", "zone:nope", "--zones", "off"), "there is no zone"),
        ((*RUN, CROWD, "--lead", "zone:stag"), "did you mean 'zone:stage'"),
        ((*RUN, CROWD, "--lead", "zone:"), "'zone:stage'"),
        ((*RUN, CROWD, "--ignore", "here"), "no place to ignore"),
        (
            ("send", "--headless", "--source", CROWD, "--gestures", "wve"),
            "unknown gesture 'wve'; did you mean",
        ),
        (("run", "gestures.py", *RUN[2:], CROWD), "unknown gesture 'wve'; did you mean"),
        (("run", "ignore.py", *RUN[2:], CROWD), "no place to ignore"),
        (("run", "lead.py", *RUN[2:], CROWD), "did you mean 'biggest'"),
        (("config", "check", "gestures-show.toml"), "unknown gesture 'wve'; did you mean"),
        (("config", "check", "ignore-show.toml"), "no place to ignore"),
        (("config", "check", "lead-show.toml"), "did you mean 'zone:stage'"),
    ],
)
def test_it_is_refused_in_one_sentence_and_nothing_else_is_said(
    arguments: tuple[str, ...], sentence: str, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(PosekitError) as caught:
        app(arguments, standalone_mode=False)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2
    said = capfd.readouterr()
    assert "OSC" not in said.out + said.err
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    "source", ["0", "camera:0", "sample", "auto", CROWD, "rtsp://here/film.mp4", "no.mp4"]
)
def test_what_is_not_read_may_be_written(source: str) -> None:
    check_kept(source, Path("film.mp4"))
    check_kept("film.mp4", Path("pictures/a.png"))
    check_kept("film.mp4", Path("new.mp4"))
    check_kept("pictures", Path("pictures/new.png"))
    with pytest.raises(SettingsError):
        check_kept("film.mp4", Path("film.mp4"))


def test_the_zones_of_a_sketch_are_beside_it_first(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    away = folder / "away"
    away.mkdir()
    (away / "mine.py").write_text('zones = "zz.toml"\n\n\ndef draw(canvas):\n    pass\n')
    write_zones(folder / "zz.toml", [STAGE])
    run = ("run", "away/mine.py", *RUN[2:], CROWD)
    app(run, standalone_mode=False)
    assert "zones: stage (zz.toml)" in capfd.readouterr().err
    write_zones(away / "zz.toml", [Zone("door", STAGE.points)])
    app(run, standalone_mode=False)
    assert f"zones: door ({away / 'zz.toml'})" in capfd.readouterr().err
    app((*run, "--zones", "zz.toml"), standalone_mode=False)
    assert "zones: stage (zz.toml)" in capfd.readouterr().err
    assert [zone.name for zone in read_zones(folder / "zz.toml")] == ["stage"]


def test_a_lead_in_a_zone_that_is_there_and_a_show_file_that_is_right(
    capfd: pytest.CaptureFixture[str],
) -> None:
    app((*RUN, CROWD, "--lead", "zone:stage"), standalone_mode=False)
    Path("show.toml").write_text(
        'lead = "zone:stage"\nignore = "0,0,20%,1"\ngestures = ["wave"]\nsource = "0"\n'
    )
    app(("config", "check", "show.toml"), standalone_mode=False)
    assert "show.toml is fine" in capfd.readouterr().out


def test_a_setting_that_no_sketch_can_set_is_told_at_the_start(capfd: pytest.CaptureFixture[str]) -> None:
    Path("mine.py").write_text("grace = 5\n\n\ndef draw(canvas):\n    pass\n")
    app(("run", "mine.py", *RUN[2:], CROWD), standalone_mode=False)
    assert capfd.readouterr().err.count("mine.py, line 1: a sketch cannot bring along grace") == 1
