"""Linux: units that systemd itself reads, starts, starts again, and forgets."""

from __future__ import annotations

import dataclasses
import json
import os
import socket
import subprocess
import sys
from pathlib import Path, PurePosixPath

import pytest
from systemd_world import UserSystemd, why_not

from posekit.errors import SettingsError
from posekit.gallery.will import SCOPE
from posekit.service.commands import Said
from posekit.service.job import Job, job_name, make_job
from posekit.service.systemd import SESSION, Systemd, unit_text

STAND_IN = Path(__file__).parent / "service_stand_in.py"
DRAWS_ITSELF = (("SDL_VIDEODRIVER", "kmsdrm"),)
HOSTILE = [
    "plain",
    "two words",
    "100% %n %h",
    "$HOME ${HOME} $$",
    'quo\'te "double"',
    "back\\slash \\n",
    "semi ; colon # hash",
    "Bänder 映像 \U0001f483",
    "-dash @at !bang :colon +plus",
    "{braces} [brackets] *?",
]


def job_of(folder: Path | PurePosixPath, title: str = "Ribbons", **changes: object) -> Job:
    words = ("-m", "posekit", "gallery", "run", "--config", str(folder / "show.toml"))
    job = Job(job_name(title), title, PurePosixPath(folder), PurePosixPath(sys.executable), words)
    return dataclasses.replace(job, **changes)  # type: ignore[arg-type]


def verdict(program: str, folder: Path, *units: Path) -> str:
    done = subprocess.run(
        [program, "--user", "verify", *map(str, units)],
        env={**os.environ, "XDG_RUNTIME_DIR": str(folder), "HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout + done.stderr + (f"exit code {done.returncode}" if done.returncode else "")


def test_systemd_finds_no_fault_in_the_units(tmp_path: Path, tool) -> None:
    units = []
    for number, name in enumerate(HOSTILE):
        (tmp_path / name).mkdir()
        job = job_of(tmp_path / name, f"Ribbons {name}\n\\", environment=(("POSEKIT_CACHE", name),))
        for target in (SESSION, "default.target"):
            units.append(tmp_path / f"posekit-{number}-{target.partition('.')[0]}.service")
            units[-1].write_text(unit_text(job, target))
    assert len(units) == 2 * len(HOSTILE)
    assert verdict(tool("systemd-analyze"), tmp_path, *units) == ""


def test_secrets_reach_no_environment_and_pictures_no_core(tmp_path: Path) -> None:
    """In the environment they would win over the file when that is changed, and be every hook's to read."""
    text = unit_text(job_of(tmp_path), SESSION)
    assert [line for line in text.split("\n") if line.startswith(("Environment", "LimitCORE"))] == [
        'Environment="POSEKIT_SERVICE=posekit-ribbons"',
        "LimitCORE=0",
    ]


def test_the_verdict_can_be_bad(tmp_path: Path, tool) -> None:
    unit = tmp_path / "posekit-ribbons.service"
    unit.write_text(unit_text(job_of(tmp_path), SESSION).replace("WatchdogSec=30", "WatchdogSec=often"))
    assert "Failed to parse sec value" in verdict(tool("systemd-analyze"), tmp_path, unit)


@pytest.mark.parametrize("name", ["line\nbreak", "ends in space ", "tab\there", "ends in \\", "bad \udcff"])
def test_what_no_unit_can_tell_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="rename"):
        make_job(tmp_path / name, None, "hello", "Ribbons")


def test_the_name_is_plain() -> None:
    assert job_name("Bänder & Fäden 2") == "posekit-bander-faden-2"
    assert job_name("posekit-ribbons") == "posekit-ribbons"
    assert job_name("映像") == "posekit-show"
    assert job_name("../../etc/passwd") == "posekit-etc-passwd"
    assert len(job_name("long " * 100)) < 64


def test_paths_in_the_command_are_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ribbons.py").touch()
    environment = {"POSEKIT_CACHE": "/models", "POSEKIT_STATUS_TOKEN": "secret", "POSEKIT_FPS": "30"}
    job = make_job(Path(), Path("show.toml"), "ribbons.py", "Ribbons", environment=environment)
    assert job.words[4:] == (str(tmp_path / "ribbons.py"), "--config", str(tmp_path / "show.toml"))
    assert job.folder == tmp_path
    assert job.environment == (("POSEKIT_CACHE", "/models"),)
    assert job.python.is_absolute()
    assert make_job(Path(), None, "hello", "x", environment={}).words[4:] == ("hello",)


@pytest.mark.parametrize(
    ("answer", "target"),
    [("active", SESSION), ("activating", SESSION), ("inactive", "default.target"), ("unknown", SESSION)],
)
def test_it_starts_with_the_session_where_there_is_one(answer: str, target: str, tmp_path: Path) -> None:
    manager = Systemd(lambda words: Said(0 if answer == "active" else 3, answer), tmp_path)
    assert manager.target(job_of(tmp_path)) == target
    assert manager.target(job_of(tmp_path, environment=DRAWS_ITSELF)) == "default.target"
    assert ("PartOf=" in manager.text(job_of(tmp_path))) is (target == SESSION)


def test_without_systemd_a_sentence_says_so(tmp_path: Path) -> None:
    missing = Systemd(lambda words: Said(None, "the program systemctl is not installed"), tmp_path)
    assert "not run by systemd" in missing.refusal()
    no_bus = Systemd(lambda words: Said(1, "Failed to connect to bus: No medium found"), tmp_path)
    assert "container" in no_bus.refusal()
    assert not no_bus.word("posekit-x").installed


def test_lingering_is_said_when_it_is_needed(tmp_path: Path) -> None:
    needs = Systemd(lambda words: Said(0, "no"), tmp_path)
    has = Systemd(lambda words: Said(0, "yes"), tmp_path)
    console = job_of(tmp_path, environment=DRAWS_ITSELF)
    assert "loginctl enable-linger" in needs.notes(console)[0]
    assert has.notes(console) == []
    assert "automatic login" in has.notes(job_of(tmp_path))[0]


DRIVER = """
import dataclasses, sys
from pathlib import Path
from posekit.cli.console import say
from posekit.errors import PosekitError
from posekit.service import installing
from posekit.service.job import make_job
from posekit.service.systemd import Systemd
from posekit.settings import Settings
folder, stand_in, seconds, keep = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3]), sys.argv[4] == "keep"
job = make_job(folder, None, "hello", "Stand-in")
job = dataclasses.replace(job, words=(stand_in, str(folder / "show.toml")))
try:
    settings = Settings(source="7", headless=True)
    means = installing.Means(print)
    print(installing.install(Systemd(), job, folder, settings, means, longest=seconds, keep=keep).sentence)
except PosekitError as error:
    print("REFUSED", error)
"""
REMOVER = """
import sys
from pathlib import Path
from posekit.service import installing
from posekit.service.systemd import Systemd
print("\\n".join(installing.uninstall(Systemd(), "posekit-stand-in", Path(sys.argv[1]))))
"""


@pytest.fixture(scope="module")
def systemd(tmp_path_factory: pytest.TempPathFactory):
    reason = why_not()
    if reason:
        pytest.skip(reason)
    world = UserSystemd(tmp_path_factory.mktemp("systemd"))
    yield world
    world.close()


def install(systemd: UserSystemd, folder: Path, seconds: float = 20, keep: str = "") -> str:
    return systemd.run(sys.executable, "-c", DRIVER, str(folder), str(STAND_IN), str(seconds), keep)


def shown(systemd: UserSystemd, name: str) -> str:
    return systemd.run("systemctl", "--user", "show", "posekit-stand-in", "--value", "-p", name)


def left(systemd: UserSystemd) -> list[str]:
    return [path.name for path in systemd.home.rglob("posekit*")]


def test_a_show_is_installed_killed_ended_and_removed(systemd: UserSystemd, tmp_path: Path) -> None:
    folder = tmp_path / "100% $HOME ${x} \"two\" 'words' ü \\ ; #1"
    folder.mkdir()
    said = install(systemd, folder)
    assert "the picture moves, 30 a second" in said
    seen = json.loads((folder / "seen.json").read_text())
    assert seen == {
        "words": [str(folder / "show.toml")],
        "folder": str(folder),
        "mood": "ok",
        "umask": 0o077,
    }
    assert shown(systemd, "ActiveState") == "active"
    assert shown(systemd, "StatusText") == "the show is open"
    assert shown(systemd, "UnitFileState") == "enabled"
    assert left(systemd) == ["posekit-stand-in.service"] * 2  # the unit, and the link to it

    killed = shown(systemd, "MainPID")
    systemd.run("kill", "-KILL", killed)
    systemd.wait(lambda: shown(systemd, "MainPID") not in (killed, "0"), "the next supervisor", 10)
    assert shown(systemd, "NRestarts") == "1"

    (folder / "quit").touch()
    systemd.wait(lambda: shown(systemd, "ActiveState") == "inactive", "the clean end", 10)
    assert shown(systemd, "Result") == "success"
    assert shown(systemd, "NRestarts") == "1"  # a clean quit stays quit

    removed = systemd.run(sys.executable, "-c", REMOVER, str(folder))
    assert "disabled posekit-stand-in.service" in removed
    assert left(systemd) == []
    assert shown(systemd, "LoadState") == "not-found"


def test_a_supervisor_that_hangs_is_replaced(systemd: UserSystemd, tmp_path: Path) -> None:
    install(systemd, tmp_path)
    impatient = systemd.home / ".config/systemd/user/posekit-stand-in.service.d/impatient.conf"
    impatient.parent.mkdir()
    impatient.write_text("[Service]\nWatchdogSec=1\n")
    systemd.run("systemctl", "--user", "daemon-reload")
    systemd.run("systemctl", "--user", "restart", "posekit-stand-in")
    hung = shown(systemd, "MainPID")
    (tmp_path / "hang").touch()
    systemd.wait(lambda: shown(systemd, "MainPID") not in (hung, "0"), "the next supervisor", 20)
    assert int(shown(systemd, "NRestarts")) >= 1
    impatient.unlink()
    impatient.parent.rmdir()
    systemd.run(sys.executable, "-c", REMOVER, str(tmp_path))
    assert left(systemd) == []


WILLING = """
import sys, time
from posekit.clock import SystemClock
from posekit.gallery.will import LastWill, LastWords
will = LastWill(SystemClock(), print)
will.write(LastWords((("127.0.0.1", int(sys.argv[1]), (b"gone",)),)))
time.sleep(1000)
"""


def test_a_last_will_outlives_the_service_that_was_killed(systemd: UserSystemd, tmp_path: Path) -> None:
    """systemd kills what a killed service leaves behind: the second word came never."""
    probe = systemd.done(*SCOPE, "true")
    if probe.returncode:
        pytest.skip(f"systemd keeps nothing apart here: {probe.stderr.strip() or probe.returncode}")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind(("127.0.0.1", 0))
        ear.settimeout(20)
        (tmp_path / "willing.py").write_text(WILLING)
        words = (str(tmp_path / "willing.py"), str(ear.getsockname()[1]))
        unit = systemd.home / ".config/systemd/user/posekit-stand-in.service"
        unit.parent.mkdir(parents=True, exist_ok=True)
        text = unit_text(job_of(tmp_path, words=words), "default.target")
        unit.write_text(text.replace("Type=notify", "Type=exec").replace("Restart=on-failure", "Restart=no"))
        systemd.run("systemctl", "--user", "daemon-reload")
        systemd.run("systemctl", "--user", "start", "posekit-stand-in")

        def is_apart() -> bool:
            return "last_will.py" in systemd.run("ps", "-ww", "-eo", "args") and "run-" in systemd.run(
                "systemctl", "--user", "list-units", "--type=scope", "--no-legend", "--plain"
            )

        try:
            systemd.wait(is_apart, "the watcher in a scope of its own", 20)
            systemd.run("kill", "-KILL", shown(systemd, "MainPID"))
            assert [ear.recv(100) for _ in range(4)] == [b"gone"] * 4
        finally:
            unit.unlink()
            systemd.run("systemctl", "--user", "stop", "posekit-stand-in")
            systemd.run("systemctl", "--user", "daemon-reload")


def test_a_camera_that_shows_black_is_refused_and_nothing_is_left(
    systemd: UserSystemd, tmp_path: Path
) -> None:
    (tmp_path / "secrets.env").write_text("MOOD=black\n")
    said = install(systemd, tmp_path, 2)
    assert "REFUSED no moving picture came: the service runs, but the camera's picture is black" in said
    assert "no camera is there" in said
    assert "removed" in said
    assert left(systemd) == []
    assert shown(systemd, "ActiveState") == "inactive"


def test_what_does_not_start_is_refused_and_left_only_if_asked(systemd: UserSystemd, tmp_path: Path) -> None:
    (tmp_path / "secrets.env").write_text("MOOD=refuses\n")
    said = install(systemd, tmp_path, 1.5, "keep")
    assert "REFUSED no moving picture came: within 2 s the service told nothing (activating" in said
    assert "no camera is there" in said
    assert "journalctl --user -u posekit-stand-in.service" in said
    assert "stays installed" in said
    assert left(systemd) == ["posekit-stand-in.service"] * 2
    other = tmp_path / "other"
    other.mkdir()
    assert "another show's" in install(systemd, other, 1)
    systemd.run(sys.executable, "-c", REMOVER, str(tmp_path))
    assert left(systemd) == []
