"""Which show a command means: the one that is named, or that of the folder; and none is told as such."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from posekit.cli.app import app
from posekit.cli.show_named import named_from_here
from posekit.errors import SettingsError


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "run").mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


def ask(*words: str):
    return CliRunner().invoke(app, ["gallery", *words])


@pytest.mark.parametrize(
    "words",
    [
        ("run",),
        ("rehearse", "--quick"),
        ("sheet",),
        ("counts",),
        ("report",),
        ("status",),
        ("status", "--json"),
        ("install", "--print"),
        ("uninstall", "--yes"),
    ],
)
def test_a_folder_without_a_show_is_told_as_such_by_every_command(
    words: tuple[str, ...], folder: Path
) -> None:
    done = ask(*words)
    assert isinstance(done.exception, SettingsError)
    assert str(done.exception) == (
        f"there is no show.toml in {folder}; go to the show's folder, or name its file: --config FILE"
    )
    assert done.exception.exit_code == 2
    assert done.output == ""


def test_a_sketch_that_is_named_needs_no_file(folder: Path) -> None:
    assert named_from_here("hello", None) == ("hello", None)
    assert ask("install", "hello", "--print", "--for", "linux").exit_code == 0
    assert "posekit" in ask("sheet", "hello").output


def test_a_service_that_is_named_needs_no_file(folder: Path) -> None:
    assert "it does not run" in ask("status", "--name", "Ribbons").output
    assert ask("uninstall", "--name", "Ribbons").output == "posekit-ribbons is not installed: nothing to do\n"


def test_a_show_that_ran_here_without_a_file_is_known_by_what_it_has_kept(folder: Path) -> None:
    (folder / "records").mkdir()
    assert "it does not run" in ask("status").output
    assert "counted nobody yet" in str(ask("counts").exception)
    assert "no show.toml" in str(ask("run").exception)


def test_a_show_file_without_a_sketch_is_a_show_file(folder: Path) -> None:
    (folder / "show.toml").touch()
    assert named_from_here(None, None) == (None, folder / "show.toml")
    assert "no sketch is named" in str(ask("install", "--print").exception)
