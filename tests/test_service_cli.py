"""The commands as a technician types them."""

from __future__ import annotations

import json
import os
import plistlib
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
import task_schema
from typer.testing import CliRunner

from posekit.clock import ManualClock, ManualWall
from posekit.errors import PosekitError
from posekit.service.installing import Means, install, uninstall
from posekit.service.job import Job, make_job
from posekit.service.manager import ServiceError, Word
from posekit.service.proving import prove
from posekit.service.telling import rows
from posekit.settings import Settings
from posekit.show.process_mark import ProcessMark, own_mark
from posekit.show.state import Part, ShowState, Trouble
from posekit.show.state_file import KeptState, read_state, state_path, write_state

SHOW = 'source = "synthetic:people=2"\n[show]\nsketch = "hello"\ntitle = "Ribbons"\n'


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "run").mkdir(mode=0o700)
    (tmp_path / "show").mkdir()
    (tmp_path / "show/show.toml").write_text(SHOW)
    for name in ("DBUS_SESSION_BUS_ADDRESS", "DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path / "show")


def ask(*words: str):
    from posekit.cli.app import app

    return CliRunner().invoke(app, ["gallery", *words])


def test_print_prints_the_file_of_any_system_and_nothing_else(tmp_path: Path) -> None:
    linux = ask("install", "--print", "--for", "linux").stdout
    assert linux.startswith("# Ribbons\n")
    assert f'"gallery" "run" "--config" "{tmp_path}/show/show.toml"' in linux
    plist = plistlib.loads(ask("install", "--print", "--for", "macos").stdout.encode())
    assert plist["Label"] == "posekit-ribbons"
    windows = ask("install", "--print", "--for", "windows").stdout
    assert task_schema.faults(windows.encode("utf-16")) == []
    named = ask("install", "--print", "--for", "macos", "--name", "Left wall", "--config", "show.toml").stdout
    assert plistlib.loads(named.encode())["Label"] == "posekit-left-wall"
    assert not (tmp_path / "config").exists()


def test_a_show_without_a_file_is_named_by_its_sketch(tmp_path: Path) -> None:
    (tmp_path / "show/paint.py").write_text("import posekit\n")
    plist = plistlib.loads(ask("install", "paint.py", "--print", "--for", "macos").stdout.encode())
    assert plist["Label"] == "posekit-paint"
    assert plist["ProgramArguments"][-1] == f"{tmp_path}/show/paint.py"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--for", "macos"), "only prints"),
        (("--print", "--for", "bsd"), "linux"),
        (("--print", "--config", "missing.toml"), "missing.toml"),
    ],
)
def test_what_cannot_be_is_said(words: tuple[str, ...], sentence: str) -> None:
    done = ask("install", *words)
    assert isinstance(done.exception, PosekitError)
    assert sentence in str(done.exception)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="as Linux has it")
def test_where_no_systemd_runs_nothing_is_written(tmp_path: Path) -> None:
    done = ask("install", "--yes")
    assert isinstance(done.exception, ServiceError)
    assert "Nothing was written" in str(done.exception)
    assert not (tmp_path / "config").exists()
    gone = ask("uninstall", "--yes")
    assert gone.exit_code == 1


STATE = ShowState(
    "Ribbons",
    0.0,
    phase="open",
    phase_since=1.0,
    uptime=3 * 86400 + 7300,
    started=1.0,
    next_change=2e9,
    parts=(
        Part("engine", "running", 12, 1.0, 2, 1, 250_000_000, "it hung"),
        Part("window", "waiting"),
    ),
    source="camera:Logitech",
    camera="ok",
    fps=29.5,
    people=2,
    visits_today=17,
    version="0.1.0",
)


def now_state(**changes: object) -> ShowState:
    from dataclasses import replace

    return replace(STATE, time=time.time(), **changes)  # type: ignore[arg-type]


def test_status_tells_a_healthy_show_with_0(tmp_path: Path) -> None:
    write_state(tmp_path / "show", now_state())
    done = ask("status")
    assert done.exit_code == 0
    assert "camera     camera:Logitech: its picture moves\n" in done.stdout
    assert "people     2 now, 17 visits today\n" in done.stdout
    assert "replaced twice (the last one: it hung), renewed once" in done.stdout
    assert "running    for 3 d 2 h" in done.stdout
    told = json.loads(ask("status", "--json").stdout)
    assert told["healthy"] is True
    assert told["state"]["visits_today"] == 17
    assert told["process_id"] == os.getpid()


def test_a_camera_that_nobody_looks_at_is_not_lost(tmp_path: Path) -> None:
    write_state(tmp_path / "show", now_state(phase="closed", camera="lost"))
    assert "camera     nobody looks at it while the show is closed\n" in ask("status").stdout
    write_state(tmp_path / "show", now_state(phase="starting", source="", estimator=""))
    told = ask("status").stdout
    assert "camera     not opened yet\n" in told
    assert "engine     not ready, " in told


def test_status_ends_with_1_unless_all_is_well(tmp_path: Path) -> None:
    assert ask("status").exit_code == 1
    assert "it has told nothing" in ask("status").stdout
    trouble = Trouble("camera_lost", "plug it in", time.time() - 125)
    write_state(tmp_path / "show", now_state(camera="lost", troubles=(trouble,)))
    done = ask("status")
    assert done.exit_code == 1
    assert "TROUBLE    camera_lost for 2 min: plug it in" in done.stdout
    assert json.loads(ask("status", "--json").stdout)["healthy"] is False
    write_state(tmp_path / "show", now_state(troubles=(Trouble("slow", "a bit", 1.0, "notice"),)))
    assert ask("status").exit_code == 0


def test_status_is_told_even_if_the_file_is_wrong_by_now(tmp_path: Path) -> None:
    write_state(tmp_path / "show", now_state())
    (tmp_path / "show/show.toml").write_text("[show\n")
    done = ask("status")
    assert done.exit_code == 0
    assert "Ribbons: open" in done.stdout


def test_a_show_that_is_gone_or_hangs_is_told_as_such() -> None:
    word = Word(True, False, "failed", restarts=3)
    gone = KeptState(STATE, ProcessMark(2**22 + 1, 1.0))
    assert dict(rows(word, gone, 7200.0)) == {
        "service": "failed; started again 3 times by the system",
        "show": "it does not run; it was last heard of 2 h 0 min ago",
    }
    hangs = rows(word, KeptState(STATE, own_mark()), 60.0)
    assert ("show", "it hangs: it was last heard of 1 min ago") in hangs


class Fake:
    """A system that keeps one service, in words."""

    system = "linux"

    def __init__(self, folder: Path, tells: ShowState | None = None, fails: str = "") -> None:
        self.folder, self.tells, self.fails = folder, tells, fails
        self.file: str | None = None
        self.started = False

    def refusal(self) -> str:
        return ""

    def place(self, name: str) -> str:
        return f"/units/{name}"

    def text(self, job: Job) -> str:
        return f"[Service]\nWorkingDirectory={job.folder}\n"

    def installed_text(self, name: str) -> str | None:
        return self.file

    def notes(self, job: Job) -> list[str]:
        return []

    def install(self, job: Job) -> None:
        self.file = self.text(job)
        if "install" in self.fails:
            raise ServiceError("installing failed: no")

    def start(self, name: str) -> None:
        if "start" in self.fails:
            raise ServiceError("starting failed: no")
        self.started = True

    def remove(self, name: str) -> list[str]:
        self.started, had, self.file = False, self.file, None
        return [f"removed {name}"] if had else []

    def word(self, name: str) -> Word:
        return Word(self.file is not None, self.started, "active", os.getpid() if self.started else None)

    def log_hint(self, name: str) -> str:
        return f"log {name}"


def try_install(manager: Fake, **more):
    """Install with a clock that runs as fast as it is asked."""
    from dataclasses import replace

    clock, wall, told = ManualClock(), ManualWall(own_mark().started), []

    def pause(seconds: float) -> None:
        clock.advance(seconds)
        wall.seconds += seconds
        if manager.started and manager.tells is not None:
            write_state(manager.folder, replace(manager.tells, time=wall.seconds))

    job = make_job(manager.folder, None, "hello", "Ribbons", environment={})
    means = Means(told.append, clock, wall, pause)
    return install(manager, job, manager.folder, Settings(source="sample"), means, **more), told


def test_it_is_installed_once_its_picture_moves(tmp_path: Path) -> None:
    manager = Fake(tmp_path, STATE)
    proof, told = try_install(manager)
    assert proof.moves
    assert manager.file is not None
    assert told == ["posekit-ribbons is started; waiting for a moving picture, 60 s at most"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"camera": "frozen"}, "the same picture again and again"),
        ({"camera": "black"}, "picture is black"),
        ({"camera": "lost", "troubles": (Trouble("camera_lost", "plug it in", 1.0),)}, "nothing; plug it in"),
        ({"fps": 0.0}, "its engine sends nothing"),
        ({"phase": "closed"}, "closed by its hours"),
        (None, "told nothing (active)"),
    ],
)
def test_whatever_is_missing_is_named_and_nothing_is_left(
    changes: dict[str, object] | None, sentence: str, tmp_path: Path
) -> None:
    state = (
        None
        if changes is None
        else now_state(**({"camera": "lost"} if "phase" in changes else {}), **changes)
    )
    manager = Fake(tmp_path, state)
    with pytest.raises(ServiceError, match="no moving picture came") as raised:
        try_install(manager)
    assert sentence in str(raised.value)
    assert "log posekit-ribbons" in str(raised.value)
    assert manager.file is None
    assert read_state(tmp_path) is None


@pytest.mark.parametrize("fails", ["install", "start"])
def test_what_the_system_refuses_leaves_nothing_half_installed(fails: str, tmp_path: Path) -> None:
    manager = Fake(tmp_path, STATE, fails)
    with pytest.raises(ServiceError, match="failed: no"):
        try_install(manager)
    assert manager.file is None


def test_an_interrupt_undoes_it_and_keep_keeps_it(tmp_path: Path) -> None:
    manager = Fake(tmp_path)
    manager.word = lambda name: (_ for _ in ()).throw(KeyboardInterrupt)  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        try_install(manager)
    assert manager.file is None
    kept = Fake(tmp_path)
    with pytest.raises(ServiceError):
        try_install(kept, keep=True)
    assert kept.file is not None
    assert kept.started


def test_a_show_that_runs_by_hand_proves_nothing_and_stands_in_the_way(tmp_path: Path) -> None:
    manager = Fake(tmp_path, STATE)
    write_state(tmp_path, ShowState("Ribbons", own_mark().started, camera="ok", fps=30))
    with pytest.raises(ServiceError, match="is running already, started by hand"):
        try_install(manager)
    assert manager.file is None


def test_only_the_process_of_the_service_counts(tmp_path: Path) -> None:
    clock, wall = ManualClock(), ManualWall(own_mark().started)

    def pause(seconds: float) -> None:
        from dataclasses import replace

        clock.advance(seconds)
        wall.seconds += seconds
        write_state(tmp_path, replace(STATE, time=wall.seconds))

    since = own_mark().started
    other = lambda: Word(True, True, "active", os.getpid() + 1)  # noqa: E731
    assert not prove(tmp_path, since, clock, wall, 5.0, word=other, pause=pause).moves
    later = prove(tmp_path, since + 60, clock, wall, 5.0, pause=pause)
    assert not later.moves
    assert prove(tmp_path, since, clock, wall, 5.0, pause=pause).moves


def test_what_was_installed_before_stays_so(tmp_path: Path) -> None:
    manager = Fake(tmp_path, now_state(camera="lost"))
    manager.file = f"WorkingDirectory={tmp_path}"
    with pytest.raises(ServiceError, match="no moving picture"):
        try_install(manager)
    assert manager.file is not None


def test_another_shows_service_is_not_overwritten(tmp_path: Path) -> None:
    manager = Fake(tmp_path, STATE)
    manager.file = "WorkingDirectory=/somewhere/else"
    with pytest.raises(ServiceError, match="another show's"):
        try_install(manager)
    assert manager.file == "WorkingDirectory=/somewhere/else"


def test_a_copy_of_the_folder_beside_it_is_another_show(tmp_path: Path) -> None:
    """Its path begins like this one's, and its title is the same."""
    manager = Fake(tmp_path, STATE)
    manager.file = f"WorkingDirectory={tmp_path}-2\nExecStart=python --config {tmp_path}-2/show.toml\n"
    before = manager.file
    with pytest.raises(ServiceError, match="another show's"):
        try_install(manager)
    assert manager.file == before


@pytest.mark.parametrize("name", ["plain", "two words", "100% %n", "a & b <c>", "Bänder"])
def test_every_file_that_is_written_is_known_again(name: str, tmp_path: Path) -> None:
    from dataclasses import replace
    from pathlib import PurePosixPath

    from posekit.service.installing import _mentions
    from posekit.service.launchd import Launchd
    from posekit.service.systemd import SESSION, unit_text
    from posekit.service.windows import task_text

    job = make_job(tmp_path, None, "hello", "Ribbons", environment={})
    job = replace(job, folder=PurePosixPath("/shows") / name)
    texts = [unit_text(job, SESSION), Launchd(home=tmp_path).text(job)]
    texts += [task_text(job)] if name != "100% %n" else []
    for text in texts:
        assert _mentions(text, str(job.folder))
        assert not _mentions(text, f"{job.folder}-2")
        assert not _mentions(text, str(job.folder)[:-1])


def test_the_show_of_another_folder_is_left_alone_when_a_service_is_removed(tmp_path: Path) -> None:
    """`uninstall --name OTHER` in a show's folder used to end the show that runs there."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as mine:
        write_state(tmp_path, STATE)
        path = state_path(tmp_path)
        kept = json.loads(path.read_text())
        process = psutil.Process(mine.pid)
        kept |= {"process_id": mine.pid, "process_started": process.create_time(), "process_birth": ""}
        path.write_text(json.dumps(kept))
        manager = Fake(tmp_path)
        manager.file = "WorkingDirectory=/somewhere/else"
        assert uninstall(manager, "posekit-other", tmp_path) == ["removed posekit-other"]
        assert mine.poll() is None
        assert read_state(tmp_path) is not None
        manager.file = f"WorkingDirectory={tmp_path}"
        assert len(uninstall(manager, "posekit-ribbons", tmp_path)) == 2
        assert read_state(tmp_path) is None


def test_nobody_is_asked_where_nobody_is(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "posekit", "gallery", "install", "--help"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    for option in ("--print", "--for", "--yes", "--keep", "--name", "--wait"):
        assert option in done.stdout
