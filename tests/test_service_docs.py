"""docs/gallery-installation.md: every command in it is run where it can be; the others are known by name."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from systemd_world import UserSystemd, why_not
from test_service_systemd import DRIVER, STAND_IN
from typer.testing import CliRunner

from posekit.service.permissions import MAC_PLACE, SWITCHES
from posekit.service.proving import CAMERA
from posekit.show.state import ShowState
from posekit.show.state_file import write_state

PAGE = (Path(__file__).parent.parent / "docs/gallery-installation.md").read_text()
SHELL = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]
POSEKIT = re.findall(r"^ {4}posekit (.+)$", PAGE, re.MULTILINE)

NEEDS_THE_MACHINE = (
    "sudo usermod",
    "sudo timedatectl",
    "sudo systemctl disable --now",
    "nmcli ",
    "loginctl ",
    # macOS
    "sudo pmset",
    "sudo systemsetup",
    "defaults write",
)
"""What changes the machine itself, or is another system's: only its spelling is looked at."""
NEEDS_THE_ROOM = (
    "doctor",
    "gallery run",
    "gallery install --config show.toml",
    "gallery uninstall",
    "gallery report",
    "gallery rehearse",
)
"""Run by tests of their own: test_doctor, test_gallery_*, test_service_soak, test_records."""
QUICK = [line for line in POSEKIT if "--print" in line or not line.startswith(NEEDS_THE_ROOM)]


def test_the_page_has_commands_and_each_is_spelled_right() -> None:
    assert len(SHELL) > 15
    assert len(POSEKIT) >= 10
    assert len(QUICK) >= 6
    for line in SHELL:
        subprocess.run(["bash", "-n", "-c", line], check=True)
        known = ("systemctl --user", "journalctl", "gsettings", "sudo systemctl mask", *NEEDS_THE_MACHINE)
        assert line.startswith(known), f"no test knows {line}"


@pytest.mark.parametrize("line", [line for line in SHELL if line.startswith("gsettings")])
def test_gnome_has_these_settings(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tool) -> None:
    tool("gsettings")
    monkeypatch.setenv("GSETTINGS_BACKEND", "keyfile")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    words = shlex.split(line)
    subprocess.run(words, check=True)
    found = subprocess.run(["gsettings", "get", *words[2:4]], capture_output=True, text=True, check=True)
    assert found.stdout.strip().removeprefix("uint32 ").strip("'") == words[4]


def test_systemd_has_these_targets(tmp_path: Path, tool) -> None:
    (line,) = [line for line in SHELL if line.startswith("sudo systemctl mask")]
    words = shlex.split(line)[1:]
    done = subprocess.run(
        [tool("systemctl"), f"--root={tmp_path}", *words[1:]], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    masked = sorted(path.name for path in (tmp_path / "etc/systemd/system").iterdir())
    assert masked == sorted(words[2:])
    assert all((Path("/lib/systemd/system") / name).exists() for name in masked)


def test_the_commands_for_a_show_called_ribbons_work(tmp_path: Path) -> None:
    if reason := why_not():
        pytest.skip(reason)
    lines = [line for line in SHELL if line.startswith(("systemctl --user", "journalctl"))]
    assert len(lines) == 4
    systemd = UserSystemd(tmp_path)
    try:
        folder = tmp_path / "show"
        folder.mkdir()
        named = DRIVER.replace("Stand-in", "Ribbons")
        assert "the picture moves" in systemd.run(
            sys.executable, "-c", named, str(folder), str(STAND_IN), "20", ""
        )
        for line in lines:
            done = systemd.done(*shlex.split(line))
            assert done.returncode == 0, f"{line}: {done.stdout} {done.stderr}"
    finally:
        systemd.close()


@pytest.mark.parametrize("line", QUICK)
def test_what_posekit_is_told_works(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from posekit.cli.app import app

    (tmp_path / "run").mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.chdir(tmp_path)
    show = 'source = "synthetic:people=3"\n[show]\nsketch = "hello"\ntitle = "Ribbons"\n'
    (tmp_path / "show.toml").write_text(show)
    write_state(tmp_path, ShowState("Ribbons", time.time(), phase="open", camera="ok", fps=30.0))
    done = CliRunner().invoke(app, shlex.split(line))
    assert done.exit_code == 0, (done.output, done.exception)
    assert done.output


def test_what_the_page_says_the_program_says_too() -> None:
    source = "\n".join(
        (Path(__file__).parent.parent / "posekit/service" / name).read_text()
        for name in ("permissions.py", "installing.py", "proving.py", "systemd.py")
    )
    for sentence in (
        "which is for the group",
        "but was not yet when logging in",
        "is in use by",
        "no camera is there",
        "macOS asks once, at the screen",
        "the show is closed by its hours",
        "this show is running already, started by hand",
        "no systemd of your own runs here",
    ):
        assert sentence in PAGE, sentence
        assert sentence in source, sentence
    assert CAMERA["frozen"] in PAGE
    assert CAMERA["black"].partition(":")[0] in PAGE
    assert SWITCHES[2][2] in PAGE
    assert MAC_PLACE.startswith("System Settings")


def test_the_programs_that_are_asked_are_those_of_debian(tool) -> None:
    assert all(shutil.which(name) for name in ("bash", "systemctl", "loginctl", "journalctl"))
