"""A show file: what it says, where each value came from, and one sentence with a line for what is wrong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from posekit.errors import SettingsError, UnknownNameError
from posekit.resolving import read_show_file, resolve
from posekit.settings_file import GALLERY_TABLES
from posekit.show.file import file_problems, read_show
from posekit.show.tables import GallerySettings

WHOLE = """\
source = "sample"
empty-after = 9

[show]
sketch = "ribbons.py"
keys = true

[hours]
timezone = "Europe/Berlin"
open = "daily 10:00-18:00"
closed = [2026-12-24, "2026-12-31"]

[hooks]
start = [["amp", "on"], "osc:10.0.0.7:7000/amp 1"]
"""


def show_file(folder: Path, text: str) -> Path:
    file = folder / "show.toml"
    file.write_text(text, encoding="utf-8")
    return file


def problems(folder: Path, text: str) -> list[str]:
    return [
        str(problem).removeprefix(f"{folder / 'show.toml'}, ")
        for problem in file_problems(show_file(folder, text))
    ]


def test_one_file_says_it_all_and_a_plain_run_takes_its_part(tmp_path: Path) -> None:
    file = show_file(tmp_path, WHOLE)
    show = read_show(file, {"fps": 30.0}, {"POSEKIT_SLOTS": "3"}, sketch_settings={"size": (640, 480)})
    assert (show.settings.source, show.settings.empty_after, show.settings.fps) == ("sample", 9, 30)
    assert (show.settings.slots, show.settings.size) == (3, (640, 480))
    assert show.gallery.show.sketch == "ribbons.py"
    assert show.gallery.show.title is None
    assert show.gallery.hours.open == ("daily 10:00-18:00",)
    assert show.gallery.hours.closed == ("2026-12-24", "2026-12-31")
    assert show.gallery.hooks.start == (("amp", "on"), "osc:10.0.0.7:7000/amp 1")
    assert not show.hours.is_open(1_782_108_000 + 16 * 3600)
    assert show.folder.path == tmp_path
    assert show.folder.counts_file == tmp_path / "records" / "counts.sqlite"
    assert show.origins["show.keys"] == f"file {file}"
    assert show.origins["show.title"] == "default"
    assert show.resolved.origins["empty_after"] == f"file {file}"
    assert read_show_file(file) == {"source": "sample", "empty_after": 9}
    assert resolve({}, {}, file).settings == read_show(file, {}, {}).settings


def test_the_tables_that_a_plain_run_leaves_alone_are_those_of_the_model() -> None:
    assert set(GallerySettings.model_fields) == GALLERY_TABLES


def test_without_a_file_the_sketchs_folder_is_the_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "art").mkdir()
    (tmp_path / "art" / "ribbons.py").write_text("")
    monkeypatch.chdir(tmp_path)
    show = read_show(None, environment={}, sketch="art/ribbons.py")
    assert show.folder.path == tmp_path / "art"
    assert show.gallery.show.sketch == "art/ribbons.py"
    assert show.origins["show.sketch"] == "command line"
    assert read_show(None, environment={}, sketch="skeleton").folder.path == tmp_path
    assert show.hours.is_always_open


def test_everything_wrong_is_told_at_once_and_the_start_tells_the_first(tmp_path: Path) -> None:
    text = """\
fpss = 3
fps = -1
mirror = "maybe"

[show]
keys = 3
fps = 4
titel = "x"
renew_after = true

[hours]
timezone = "Europe/Berln"
open = [
  "mon 10-12",
  "mno 12:00-13:00",
]
[huors]
open = []
[hooks]
start = ["amp", "on"]
open = ["osc:10.0.0.7/amp"]
close = ["amp off"]
[status]
address = "0.0.0.0"
[heartbeat]
http = "status.example/ping"
every = nan
"""
    told = problems(tmp_path, text)
    assert [line.partition(":")[0] for line in told] == [
        f"line {number}" for number in (1, 2, 3, 6, 7, 8, 9, 12, 15, 17, 20, 21, 22, 24, 26, 27)
    ]
    expected = (
        "unknown setting 'fpss'; did you mean 'fps'?",
        "fps: input should be greater than 0 (found -1)",
        "'maybe' is neither auto, on nor off",
        "keys in [show]: input should be true or false (found 3)",
        "unknown setting 'fps' in [show]; it is a setting of its own: write it above the first [table]",
        "unknown setting 'titel' in [show]; did you mean 'title'?",
        "true is not a number",
        "did you mean 'Europe/Berlin'?",
        "did you mean 'mon'?",
        "unknown table 'huors'; did you mean 'hours'?",
        "write [['amp', 'on']] with two pairs of brackets",
        "no place on the network",
        "two pairs of brackets",
        "write PORT or HOST:PORT",
        "no address of the web",
        "finite",
    )
    assert len(told) == len(expected)
    for line, sentence in zip(told, expected, strict=True):
        assert sentence in line
    with pytest.raises(UnknownNameError, match=r"line 1: unknown setting 'fpss'; did you mean 'fps'\?"):
        read_show(tmp_path / "show.toml", environment={})
    with pytest.raises(UnknownNameError, match=r"show\.toml, line 1"):
        resolve({}, {}, tmp_path / "show.toml")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("fps = \n", "line 1: this is not valid TOML: Invalid value (column 7)"),
        ('a = """\n\n', "line 1: this is not valid TOML"),
        ("[show]\nkeys = true\nkeys = false\n", "line 3: this is not valid TOML: Cannot overwrite a value"),
        ('show = "ribbons.py"\n', "line 1: show is a table: write [show] on a line of its own"),
        ("camera_size = '640x480'\n\ncamera-size = '640x480'\n", "line 3: 'camera-size' is the setting"),
        ("input-size = 'big'\n", "line 1: input-size: 'big' is not a size"),
        ('osc = ["7000",\n  7.5]\n', "line 2: osc: input should be text (found 7.5)"),
        ("heartbeet = 3\n", "did you mean the table [heartbeat]?"),
        ("[[zone]]\nname = 'a'\n", "unknown table 'zone'; did you mean 'zones'?"),
        ("for = 'toch'\n", ""),
    ],
)
def test_one_wrong_line(text: str, sentence: str, tmp_path: Path) -> None:
    told = problems(tmp_path, text)
    assert len(told) == (1 if sentence else 0), told
    assert not sentence or sentence in told[0]


def test_a_wrong_value_that_something_wins_over_does_not_stop_a_start(tmp_path: Path) -> None:
    file = show_file(tmp_path, "fps = -1\n")
    assert resolve({"fps": 30}, {}, file).settings.fps == 30
    with pytest.raises(SettingsError, match="fps from command line"):
        resolve({"fps": -1}, {}, file)
    with pytest.raises(SettingsError, match=r"show\.toml, line 1: fps"):
        resolve({}, {}, file)


@pytest.mark.parametrize(
    ("table", "name", "wrong"),
    [
        ("show", "restart_at", "25:00"),
        ("show", "restart_at", "4"),
        ("show", "sketch", ""),
        ("show", "memory_limit", 5),
        ("show", "view", "on"),
        ("hours", "extra", ["2026-12-26"]),
        ("hours", "fade", -1),
        ("records", "keep_days", 0),
        ("heartbeat", "osc", ["nonsense"]),
        ("heartbeat", "http", ["https://"]),
        ("hooks", "end", [[]]),
        ("hooks", "end", [["amp", 3]]),
        ("hooks", "end", [3]),
        ("hooks", "end", ["osc:10.0.0.7:7000"]),
    ],
)
def test_what_a_table_refuses(table: str, name: str, wrong: object) -> None:
    with pytest.raises(ValidationError):
        GallerySettings.model_validate({table: {name: wrong}})


@pytest.mark.parametrize(
    ("address", "hint"),
    [
        ("http://host/ping/{status}", "'{status}' stands for nothing; did you mean {state}?"),
        ("http://host/ping/{STATE}", "did you mean {state}?"),
        ("http://host/ping/{ code }", "did you mean {code}?"),
        ("https://host/$KEY/{uptime}?state={state}", "'{uptime}' stands for nothing; "),
        ("http://host/{phase}", "choose from {state}, {code}, {up}"),
        ("http://host/{}", "choose from {state}, {code}, {up}"),
        ("http://host/{state", "'{state' stands for nothing; did you mean {state}?"),
    ],
)
def test_an_address_with_a_word_that_nobody_fills_in_is_refused(
    address: str, hint: str, tmp_path: Path
) -> None:
    (told,) = problems(tmp_path, f'[heartbeat]\nhttp = ["http://host/{{code}}", "{address}"]\n')
    assert told.startswith("line 2: http in [heartbeat]: ")
    assert hint in told
    assert "host" not in told, "an address may be a secret"


@pytest.mark.parametrize("address", ["{state}", "{code}?x={up}", "$KEY/{code}", "${KEY}/{up}", ""])
def test_an_address_with_known_words_and_secrets_is_right(address: str, tmp_path: Path) -> None:
    assert problems(tmp_path, f'[heartbeat]\nhttp = "https://host/{address}"\n') == []


def test_a_file_saved_on_windows_counts_the_same_lines(tmp_path: Path) -> None:
    file = tmp_path / "show.toml"
    file.write_bytes("\ufeffsource = 0\r\n\r\n[show]\r\nkeys = 3\r\n".encode())
    assert ["line 4" in str(problem) for problem in file_problems(file)] == [True]


def test_nothing_of_a_gallery_is_imported_by_a_plain_run_of_the_same_file(tmp_path: Path) -> None:
    (tmp_path / "dot.py").write_text("def draw(canvas, scene):\n    canvas.background('black')\n")
    show_file(tmp_path, WHOLE.replace("sample", "synthetic:"))
    program = """
import sys
from posekit.cli.app import app
words = "run dot.py --config show.toml --headless --frames 2 --no-reload"
app(words.split(), standalone_mode=False)
parts = {".".join(name.split(".")[:2]) for name in sys.modules if name.startswith("posekit.")}
assert "posekit.runner" in parts and "posekit.settings" in parts
unwanted = ("show", "records", "status", "service", "gallery")
print(sorted(parts & {f"posekit.{name}" for name in unwanted}))
print(sorted(set(sys.modules) & {"starlette", "uvicorn", "sqlite3"}))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-2:] == ["[]", "[]"]
