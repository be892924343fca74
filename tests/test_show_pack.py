"""A show in one file and back: what is in it, what never is, and what is refused."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from contextlib import closing
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posekit.errors import SettingsError
from posekit.packed import use_packed
from posekit.show.file import Show, read_show
from posekit.show.pack import Packing, pack
from posekit.show.pack_wheels import needed, write_wheel
from posekit.show.unpacking import (
    UnpackError,
    _run,
    check_machine,
    check_name,
    finish,
    main,
    read_manifest,
    unpack,
)

SKETCH = """\
from helpers.colours import COLOUR
import numpy

LOGO = "art/logo.png"

def draw(canvas, scene):
    canvas.background("black")
    for person in scene.people:
        canvas.circle(person.nose, 20, COLOUR)
"""
TOML = """\
source = "sample"
osc = ["127.0.0.1:7000"]
osc-in = "off"

[show]
sketch = "ribbons.py"
title = "Ribbons & more"

[status]
address = "off"

[hooks]
start = [["amp", "on"]]
"""
KEPT = {
    "show.toml": TOML,
    "ribbons.py": SKETCH,
    "helpers/__init__.py": "",
    "helpers/colours.py": 'COLOUR = "gold"\n',
    "ribbons.presets.toml": "fade = 0.5\n",
    "zones.toml": '[[zones]]\nname = "left"\npoints = [[0, 0], [0.5, 0], [0.5, 1], [0, 1]]\n',
    "room.toml": "",
    "view.toml": "",
    "art/logo.png": "the sketch names it",
    "sounds/bell.wav": "bell",
}
NEVER = {
    "secrets.env": "KEY=open-sesame\n",
    "sub/secrets.env": "KEY=open-sesame\n",
    "secrets.env.bak": "KEY=open-sesame\n",
    "Secrets (copy).env": "KEY=open-sesame\n",
    "old secrets.env.txt": "KEY=open-sesame\n",
    "visitors.png": "somebody",
    "films/opening.mp4": "somebody",
    "records/logs/show.jsonl": "{}\n",
    ".git/config": "",
    ".hidden": "",
    "__pycache__/ribbons.pyc": "",
    "older.zip": "",
    "crash.log": "",
}


@pytest.fixture
def show(tmp_path: Path) -> Show:
    return make_show(tmp_path / "show")


def make_show(folder: Path) -> Show:
    for name, text in {**KEPT, **NEVER}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    with closing(sqlite3.connect(folder / "records" / "counts.sqlite")) as counts:
        counts.execute("create table visits (hour text, number integer)")
        counts.execute("insert into visits values ('2026-11-22 10', 7)")
        counts.commit()
    return read_show(folder / "show.toml", environment={})


def packed_file(show: Show, folder: Path, **more: Any) -> Path:
    target = folder / "ribbons.zip"
    pack(show, target, Packing("Ribbons", wheels=False, **more), lambda _: None)
    return target


def files_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.skipif(os.name == "nt", reason="there a file's name says whether it is a program")
def test_a_hooks_program_is_one_elsewhere_too(show: Show, tmp_path: Path) -> None:
    """It came out without the right to run, so the projector stayed dark."""
    (script := show.folder.path / "projector.sh").write_text("#!/bin/sh\n")
    script.chmod(0o755)
    unpack(packed_file(show, tmp_path), tmp_path / "there")
    rights = {
        path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "there").iterdir() if path.is_file()
    }
    assert rights["projector.sh"] == 0o755
    assert rights["show.toml"] & 0o111 == 0


def test_a_show_goes_into_one_file_and_comes_out_again(show: Show, tmp_path: Path) -> None:
    model, taught = tmp_path / "model.tflite", tmp_path / "star.json"
    model.write_bytes(os.urandom(5000))
    taught.write_text("{}")
    target = tmp_path / "ribbons.zip"
    packing = Packing("Ribbons", {"model.abc.tflite": model}, (taught,), wheels=False, wall=1.0)
    packed = pack(show, target, packing, lambda _: None)
    left_out = (
        ".hidden",
        "Secrets (copy).env",
        "crash.log",
        "films/opening.mp4",
        "old secrets.env.txt",
        "older.zip",
        "records/logs/show.jsonl",
        "secrets.env",
        "secrets.env.bak",
    )
    assert packed.left_out == (*left_out, "sub/secrets.env", "visitors.png")
    manifest = read_manifest(target)
    assert manifest["title"] == "Ribbons"
    assert b"sesame" not in b"".join(zipfile.ZipFile(target).read(name) for name in manifest["members"])

    unpack(target, tmp_path / "there")
    extra = {"models/model.abc.tflite", "models/packed.json", "taught/star.json", "records/counts.sqlite"}
    assert files_in(tmp_path / "there") == {*KEPT, *extra}
    for name, text in KEPT.items():
        assert (tmp_path / "there" / name).read_text() == text
    assert (tmp_path / "there" / "models" / "model.abc.tflite").read_bytes() == model.read_bytes()
    with closing(sqlite3.connect(tmp_path / "there" / "records" / "counts.sqlite")) as counts:
        assert counts.execute("select number from visits").fetchall() == [(7,)]
    again = read_show(tmp_path / "there" / "show.toml", environment={})
    assert again.settings == show.settings
    assert again.gallery == show.gallery
    install_text = zipfile.ZipFile(target).read("INSTALL.txt").decode()
    assert "python3 ribbons.zip ribbons" in install_text
    assert "hooks call have to be installed there: amp." in install_text
    with pytest.raises(UnpackError, match="is there already, and not empty"):
        unpack(target, tmp_path / "there")
    assert list(tmp_path.glob(".*")) == []


def test_what_came_along_is_found_where_it_lies(
    show: Show, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("POSEKIT_CACHE", "POSEKIT_TAUGHT"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    assert not use_packed(show.folder.path)  # the models of a folder that nobody packed are somebody's own
    assert "POSEKIT_CACHE" not in os.environ
    file = tmp_path / "star.json"
    file.write_text("{}")
    unpack(packed_file(show, tmp_path, models={"a.tflite": file}, taught=(file,)), tmp_path / "there")
    assert use_packed(tmp_path / "there")
    assert os.environ["POSEKIT_CACHE"] == str(tmp_path / "there" / "models")
    assert os.environ["POSEKIT_TAUGHT"] == str(tmp_path / "there" / "taught")


def test_packing_what_was_unpacked_gives_the_same(show: Show, tmp_path: Path) -> None:
    first = packed_file(show, tmp_path, models={"a.tflite": show.folder.path / "zones.toml"})
    unpack(first, tmp_path / "there")
    (tmp_path / "there" / "posekit").write_text("#!/bin/sh\n")
    (tmp_path / "there" / ".venv").mkdir()
    again = read_show(tmp_path / "there" / "show.toml", environment={})
    second = tmp_path / "second.zip"
    pack(again, second, Packing("Ribbons", {"a.tflite": show.folder.path / "zones.toml"}, wheels=False), str)
    members = [read_manifest(path)["members"] for path in (first, second)]
    for one in members:
        one.pop("INSTALL.txt")  # it names its file
    assert members[0] == members[1]


@pytest.mark.skipif(os.name == "nt", reason="links need a right of their own here")
def test_a_link_out_of_the_folder_is_refused_and_one_inside_is_its_file(show: Show, tmp_path: Path) -> None:
    (show.folder.path / "inside.wav").symlink_to(show.folder.path / "sounds" / "bell.wav")
    unpack(packed_file(show, tmp_path), tmp_path / "there")
    assert (tmp_path / "there" / "inside.wav").read_text() == "bell"
    assert not (tmp_path / "there" / "inside.wav").is_symlink()
    (tmp_path / "outside.wav").write_text("x")
    for target in (tmp_path / "outside.wav", Path("..") / "outside.wav", tmp_path):
        link = show.folder.path / "link"
        link.symlink_to(target)
        with pytest.raises(SettingsError, match="outside of the show's folder"):
            pack(show, tmp_path / "new.zip", Packing("x", wheels=False), str)
        link.unlink()
    assert not (tmp_path / "new.zip").exists()


@pytest.mark.skipif(os.name == "nt", reason="links need a right of their own here")
def test_no_other_name_brings_a_secret_or_a_visitor_along(show: Show, tmp_path: Path) -> None:
    """A link `settings.local -> secrets.env` was packed: only its own name was looked at."""
    folder = show.folder.path
    (folder / ".hidden.d").mkdir()
    (folder / ".hidden.d" / "keys").write_text("KEY=open-sesame\n")
    (folder / "keys.txt").write_text("KEY=open-sesame\n")
    (folder / "films" / "secrets.env").symlink_to(folder / "keys.txt")
    links = {
        "settings.local": "secrets.env",
        "chain": "settings.local",
        "sub/keys": "../.hidden.d/keys",
        "who.txt": "visitors.png",
        "log.txt": "records/logs/show.jsonl",
        "art/sun.png": "../secrets.env",
    }
    for name, target in links.items():
        (folder / name).symlink_to(target)
    os.link(folder / "secrets.env", folder / "hard")
    (folder / "ribbons.py").write_text(f'{SKETCH}\nSUN = "art/sun.png"\n')
    target = tmp_path / "ribbons.zip"
    packed = pack(show, target, Packing("Ribbons", wheels=False), lambda _: None)
    assert {*links, "hard", "keys.txt", "films/secrets.env"} <= {*packed.left_out}
    with zipfile.ZipFile(target) as file:
        told = b"".join(file.read(name) for name in file.namelist() if name.startswith("show/"))
    assert b"sesame" not in told
    assert b"somebody" not in told
    assert "show/art/logo.png" in read_manifest(target)["members"]


@pytest.mark.parametrize(
    "line", ['source = "{out}"', 'zones = "../out.toml"', 'model = "{out}"', 'source = "replay:{out}"']
)
def test_a_setting_that_names_something_outside_is_refused(line: str, tmp_path: Path) -> None:
    (tmp_path / "show").mkdir()
    (tmp_path / "out.toml").write_text("")
    file = tmp_path / "show" / "show.toml"
    file.write_text(line.format(out=(tmp_path / "out.toml").as_posix()))
    with pytest.raises(SettingsError, match="lies outside of the show's folder"):
        pack(read_show(file, environment={}), tmp_path / "x.zip", Packing("x", wheels=False), str)


def test_what_cannot_be_packed_is_said_in_a_sentence(show: Show, tmp_path: Path) -> None:
    file = show.folder.path / "scan 12:30.wav"
    file.touch()
    with pytest.raises(SettingsError, match=r"scan 12:30\.wav has a name that not every system can have"):
        packed_file(show, tmp_path)
    file.unlink()
    show.folder.counts_file.write_text("no database, and longer than a header of one is" * 40)
    with pytest.raises(SettingsError, match="cannot be copied: file is not a database"):
        packed_file(show, tmp_path)
    assert not (tmp_path / "ribbons.zip").exists()


def test_a_place_that_cannot_be_written_to_is_said_in_a_sentence(show: Show, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UnpackError, match="cannot be unpacked into"):
        unpack(packed_file(show, tmp_path), tmp_path / "file" / "there")


def test_what_is_to_be_typed_next_can_be_typed(tmp_path: Path) -> None:
    told: list[str] = []
    finish(tmp_path / "my show", {"config": "a b.toml"}, told.append)
    assert told == [f"next: cd '{tmp_path}/my show' && posekit gallery run --config 'a b.toml'"]


def test_programs_that_do_not_come_along_are_named_where_the_show_arrives(tmp_path: Path) -> None:
    told: list[str] = []
    finish(tmp_path, {"wheels": False, "programs": ["amp", "\x1b[2Jirsend"]}, told.append)
    assert told[0] == "its hooks call programs that have to be installed here: amp, ?[2Jirsend"
    assert told[1].startswith("next: ")


def test_a_machine_whose_clock_stands_in_1970_packs_too(
    show: Show, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A zip knows no date before 1980."""
    monkeypatch.setattr("zipfile.time.localtime", lambda *_: time.gmtime(0))
    unpack(path := packed_file(show, tmp_path), tmp_path / "there")
    with zipfile.ZipFile(path) as file:
        assert {entry.date_time[0] for entry in file.infolist()} == {1980}
        kinds = {entry.filename: entry.compress_type for entry in file.infolist()}
    assert kinds["manifest.json"] == kinds["unpack.py"] == zipfile.ZIP_DEFLATED


def test_a_full_disk_leaves_no_half_pack(show: Show, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("posekit.show.pack._write", full)
    from posekit.errors import OutputError

    with pytest.raises(OutputError, match="No space left"):
        packed_file(show, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"show"}


# Archives that mean harm, or were damaged.


def entry(name: str, data: bytes = b"x", **more: Any) -> tuple[zipfile.ZipInfo, bytes]:
    info = zipfile.ZipInfo(name)
    info.compress_type = zipfile.ZIP_DEFLATED
    for key, value in more.items():
        setattr(info, key, value)
    return info, data


def archive(
    path: Path, entries: list[tuple[zipfile.ZipInfo, bytes]], change: Callable[[dict], Any] = lambda _: 0
) -> Path:
    members = {
        info.filename: {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for info, data in entries
    }
    manifest = {"format": 1, "title": "x", "wheels": False, "members": members}
    change(manifest)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for info, data in entries:
            file.writestr(info, data)
        file.writestr("manifest.json", json.dumps(manifest))
    return path


@pytest.mark.parametrize(
    "name",
    [
        "show/../../evil", "../evil", "/evil", "show//evil", "show/./evil", "C:/evil", "show/C:evil",
        "show/a\\b", "show/..", "show/", "show/nul", "show/COM1.txt", "show/a.",
        "show/a ", "show/a\x00b", "show/a\nb",
        "evil", "show", "wheels", "show/" + "a" * 500,
    ],
)  # fmt: skip
def test_a_name_that_could_lead_out_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(UnpackError, match="no name that a packed show has"):
        check_name(name)


@given(st.text(max_size=40))
def test_whatever_passes_stays_inside(name: str) -> None:
    try:
        check_name(f"show/{name}")
    except UnpackError:
        return
    assert os.path.normpath(f"/folder/{name}").startswith(f"{os.sep}folder{os.sep}")
    assert not Path(name).is_absolute()


LINK = (stat.S_IFLNK | 0o777) << 16
HARM: dict[str, tuple[list[tuple[zipfile.ZipInfo, bytes]], Callable[[dict], Any], str]] = {
    "zip slip": ([entry("show/a"), entry("show/../../evil")], lambda _: 0, "no name"),
    "absolute": ([entry("/tmp/evil")], lambda _: 0, "no name"),
    "link": ([entry("show/a", b"/etc/passwd", external_attr=LINK)], lambda _: 0, "is a link"),
    "other case": ([entry("show/a"), entry("show/A")], lambda _: 0, "twice"),
    "wrong sha256": (
        [entry("show/a"), entry("show/b")],
        lambda manifest: manifest["members"]["show/b"].update(sha256="0" * 64),
        "show/b is damaged",
    ),
    "larger than it says": (
        [entry("show/a", b"x" * 100)],
        lambda manifest: manifest["members"]["show/a"].update(size=99),
        "another size",
    ),
    "not in the manifest": (
        [entry("show/a"), entry("show/b")],
        lambda manifest: manifest["members"].pop("show/b"),
        "not in its manifest",
    ),
    "missing": (
        [entry("show/a")],
        lambda manifest: manifest["members"].update({"show/c": {"size": 1, "sha256": "0" * 64}}),
        "show/c of .* is missing",
    ),
    "bomb": (
        [entry("show/a")],
        lambda manifest: manifest["members"]["show/a"].update(size=1 << 50),
        "larger than any show",
    ),
    "format": ([entry("show/a")], lambda manifest: manifest.update(format=2), "newer posekit"),
    "no members": ([entry("show/a")], lambda manifest: manifest.pop("members"), "cannot be read"),
    "strange size": (
        [entry("show/a")],
        lambda manifest: manifest["members"]["show/a"].update(size=-1),
        "cannot be read",
    ),
    "strange hash": (
        [entry("show/a")],
        lambda manifest: manifest["members"]["show/a"].update(sha256=7),
        "cannot be read",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", HARM)
def test_harm_is_refused_in_one_sentence_and_nothing_is_left(kind: str, tmp_path: Path) -> None:
    entries, change, sentence = HARM[kind]
    path = archive(tmp_path / "harm.zip", entries, change)
    with pytest.raises(UnpackError, match=sentence) as refused:
        unpack(path, tmp_path / "there")
    assert "\n" not in str(refused.value)
    assert {path.name for path in tmp_path.iterdir()} == {"harm.zip"}


def test_a_bomb_that_lies_about_its_size_ends_where_its_manifest_does(tmp_path: Path) -> None:
    path = archive(
        tmp_path / "bomb.zip",
        [entry("show/a", bytes(50_000_000))],
        lambda m: m["members"]["show/a"].update(size=1000),
    )
    data = path.read_bytes()
    size = (50_000_000).to_bytes(4, "little")
    assert data.count(size) == 2
    path.write_bytes(data.replace(size, (1000).to_bytes(4, "little")))
    with pytest.raises(UnpackError):
        unpack(path, tmp_path / "there")
    assert {path.name for path in tmp_path.iterdir()} == {"bomb.zip"}


def test_no_damaged_file_is_ever_unpacked(show: Show, tmp_path: Path) -> None:
    """Every hundredth byte of a packed show, once: refused, or the very same files."""
    path = packed_file(show, tmp_path)
    data, wrong = path.read_bytes(), tmp_path / "wrong.zip"
    refused = 0
    for number in range(0, len(data), max(len(data) // 100, 1)):
        wrong.write_bytes(data[:number] + bytes([data[number] ^ 0xFF]) + data[number + 1 :])
        try:
            unpack(wrong, tmp_path / "there")
        except UnpackError:
            refused += 1
            assert not (tmp_path / "there").exists()
        else:
            assert (tmp_path / "there" / "ribbons.py").read_text() == SKETCH
            shutil.rmtree(tmp_path / "there")
        assert list(tmp_path.glob(".*")) == []
    assert refused > 80
    for kind in (b"", b"PK", data[: len(data) // 2]):
        wrong.write_bytes(kind)
        with pytest.raises(UnpackError, match="no packed show"):
            unpack(wrong, tmp_path / "there")


def test_another_python_or_machine_is_told_before_anything_is_written() -> None:
    with pytest.raises(UnpackError, match=r"packed for Python 3\.9 on plan9-mips, and here is Python 3"):
        check_machine({"python": "3.9", "platform": "plan9-mips"})


STEERING = "\x1b]0;owned\x07\x1b[2J\x9b2J\r\n\u202egnp.exe\ud800"


def test_nothing_that_a_strangers_pack_says_steers_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    finish(tmp_path, {"config": f"show.toml{STEERING}"}, told.append)
    for manifest in ({"python": STEERING}, {"python": "3.9", "platform": STEERING * 9999}, {"python": {}}):
        with pytest.raises(UnpackError) as refused:
            check_machine(manifest)
        told.append(str(refused.value))
    unpacked = tmp_path / "all"
    (unpacked / "show").mkdir(parents=True)
    (unpacked / "show" / "a\x9b2J\u202e").write_text("")
    manifest = {"format": 1, "title": STEERING, "members": {}}
    (unpacked / "manifest.json").write_text(json.dumps(manifest))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("posekit.show.unpacking.__file__", str(unpacked / "unpack.py"))
    assert main([]) == 2
    said = capsys.readouterr()
    told += [line for text in (said.out, said.err) for line in text.splitlines()]
    assert "of " in told[-1], told
    assert [text for text in told if not text.isprintable()] == []
    assert max(map(len, told)) < 1000
    assert "show.toml?]0;owned??[2J" in told[0]


def test_a_program_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("posekit.show.unpacking.PATIENCE", 0.2)
    began = time.monotonic()
    with pytest.raises(UnpackError, match="was not done after 0 minutes, and was ended"):
        _run([sys.executable, "-c", "import time; time.sleep(60)"])
    assert time.monotonic() - began < 30


@pytest.mark.parametrize("way", ["zip", "folder"])
def test_the_script_in_it_needs_nothing_but_python(way: str, show: Show, tmp_path: Path) -> None:
    path = packed_file(show, tmp_path)
    command = [str(path)]
    if way == "folder":
        zipfile.ZipFile(path).extractall(tmp_path / "all")
        command = [str(tmp_path / "all" / "unpack.py")]
    done = subprocess.run(
        [sys.executable, "-I", "-S", *command, str(tmp_path / "there")],
        capture_output=True, text=True, timeout=60, check=False, cwd=tmp_path, env={"PATH": os.defpath},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "everything is there, and undamaged" in done.stdout
    assert "posekit gallery run --config show.toml" in done.stdout
    assert {*KEPT} < files_in(tmp_path / "there")


def test_wheels_are_made_of_what_is_installed(tmp_path: Path) -> None:
    names = {
        distribution.metadata["Name"].lower() for distribution in needed(["psutil", "json", "nothing_at_all"])
    }
    assert {"posekit", "pip", "numpy", "pydantic", "typer", "rich", "psutil"} <= names
    assert "pytest" not in names
    wheel = write_wheel(metadata.distribution("python-osc"), tmp_path)
    with zipfile.ZipFile(wheel) as file:
        (record,) = [name for name in file.namelist() if name.endswith(".dist-info/RECORD")]
        listed = [line.split(",")[0] for line in file.read(record).decode().splitlines()]
        assert sorted(listed) == sorted(file.namelist())
        assert "pythonosc/osc_message.py" in listed
    own = write_wheel(metadata.distribution("posekit"), tmp_path)
    with zipfile.ZipFile(own) as file:
        names = set(file.namelist())
        told = next(file.read(name).decode() for name in names if name.endswith("/METADATA"))
    assert {
        "posekit/data/registry.toml",
        "posekit/show/unpacking.py",
        "posekit/data/sketches/01_hello.py",
    } <= names
    assert "Requires-Dist: psutil" in told
    assert own.name.endswith("-py3-none-any.whl")


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.skipif(
    shutil.which("unshare") is None, reason="a machine without a network is made with unshare"
)
def test_a_bare_machine_without_a_network_runs_the_show_in_ten_minutes(tmp_path: Path) -> None:
    python = shutil.which(f"python{sys.version_info[0]}.{sys.version_info[1]}", path="/usr/bin:/bin")
    alone = ["unshare", "-n"] if os.geteuid() == 0 else ["unshare", "-rn"]
    if python is None or subprocess.run([*alone, "true"], check=False, capture_output=True).returncode:
        pytest.skip("there is no second Python of this version here, or no way to take the network away")
    make_show(tmp_path / "show")
    posekit = [sys.executable, "-m", "posekit", "gallery", "pack"]
    subprocess.run([*posekit, str(tmp_path / "show.zip")], cwd=tmp_path / "show", check=True, timeout=300)
    (tmp_path / "home").mkdir()
    bare = {"HOME": str(tmp_path / "home"), "PATH": "/usr/bin:/bin", "SDL_VIDEODRIVER": "dummy"}
    began = time.monotonic()
    words = [*alone, python, str(tmp_path / "show.zip"), str(tmp_path / "bare")]
    subprocess.run(words, env=bare, check=True, timeout=600, cwd=tmp_path)
    words = [
        *alone,
        "./posekit",
        "run",
        "ribbons.py",
        "--config",
        "show.toml",
        "--headless",
        "--frames",
        "30",
    ]
    done = subprocess.run(
        words, env=bare, check=False, timeout=300, cwd=tmp_path / "bare", capture_output=True, text=True
    )
    assert "30 frames" in done.stdout + done.stderr, done.stderr
    assert time.monotonic() - began < 600
    assert (
        tmp_path / "home" / ".cache" / "posekit"
    ).exists() is False  # it needed nothing but its own folder


def test_the_script_tells_what_is_wrong_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path / "there")]) == 2  # this module lies in no packed show
    assert capsys.readouterr().err.startswith("unpack: ")
