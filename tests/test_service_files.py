"""macOS and Windows: what their keepers of services are given, read back by key and against the schema."""

from __future__ import annotations

import plistlib
import subprocess
import sys
from pathlib import Path, PurePosixPath, PureWindowsPath
from xml.etree import ElementTree as Tree

import pytest
import task_schema

from posekit.errors import SettingsError, UnknownNameError
from posekit.service.commands import Said, run_command
from posekit.service.job import Job, job_name
from posekit.service.keeper import keep, main
from posekit.service.launchd import Launchd
from posekit.service.manager import SYSTEMS, ServiceError, manager_for
from posekit.service.windows import TaskScheduler, task_text

NAMES = ["plain", "two words", "<&>'\"", "Bänder 映像 \U0001f483", "back\\slash", "$HOME ; # 100"]


def mac_job(name: str = "plain") -> Job:
    folder = PurePosixPath("/Users/artist") / name
    words = ("-m", "posekit", "gallery", "run", "--config", str(folder / "show.toml"))
    python = PurePosixPath("/opt/venv/bin/python3")
    return Job(job_name("Ribbons"), f"Ribbons {name}", folder, python, words, (("POSEKIT_CACHE", name),))


def windows_job(name: str = "plain") -> Job:
    folder = PureWindowsPath("C:/Users/artist") / name
    words = ("-m", "posekit", "gallery", "run", "--config", str(folder / "show.toml"))
    python = PureWindowsPath("C:/Program Files/Python/python.exe")
    return Job(job_name("Ribbons"), f"Ribbons {name}", folder, python, words, (("POSEKIT_CACHE", name),))


@pytest.mark.parametrize("name", NAMES)
def test_the_agent_says_what_it_should(name: str, tmp_path: Path) -> None:
    job = mac_job(name)
    found = plistlib.loads(Launchd(home=tmp_path).text(job).encode())
    assert found["ProgramArguments"] == list(job.command)
    assert found["WorkingDirectory"] == str(job.folder)
    assert found["EnvironmentVariables"] == {"POSEKIT_SERVICE": job.name, "POSEKIT_CACHE": name}
    log = str(tmp_path / "Library/Logs/posekit/posekit-ribbons.log")
    assert {key: found[key] for key in found if key not in ("ProgramArguments", "WorkingDirectory")} == {
        "Label": "posekit-ribbons",
        "EnvironmentVariables": found["EnvironmentVariables"],
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "ThrottleInterval": 1,
        "ProcessType": "Interactive",
        "LimitLoadToSessionType": "Aqua",
        "ExitTimeOut": 20,
        "Umask": 0o077,
        "HardResourceLimits": {"Core": 0},
        "StandardOutPath": log,
        "StandardErrorPath": log,
    }


PRINTED = """gui/501/posekit-ribbons = {
\tactive count = 1
\tpath = /Users/artist/Library/LaunchAgents/posekit-ribbons.plist
\tstate = running

\tprogram = /opt/venv/bin/python3
\truns = 3
\tpid = 4711
\tlast exit code = 1

\tspawn type = interactive (4)
\tendpoints = {
\t\t"one" = {
\t\t\tstate = waiting
\t\t}
\t}
}"""


class Launchctl:
    """As much of launchctl as is asked of it."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.loaded: set[str] = set()

    def __call__(self, words) -> Said:
        self.asked.append(" ".join(words))
        verb, what = words[1], words[-1]
        name = Path(what).stem
        if verb == "bootstrap":
            self.loaded.add(name)
        elif verb == "bootout":
            if name not in self.loaded:
                return Said(3, "Boot-out failed: 3: No such process")
            self.loaded.discard(name)
        elif verb == "print" and what.count("/") > 1:
            return Said(0, PRINTED) if name in self.loaded else Said(113, "Could not find service")
        return Said(0, "")


def test_an_agent_comes_and_goes(tmp_path: Path) -> None:
    launchctl = Launchctl()
    manager, job = Launchd(launchctl, tmp_path), mac_job()
    assert manager.refusal() == ""
    assert manager.word(job.name).installed is False
    manager.install(job)
    manager.start(job.name)
    assert manager.installed_text(job.name) == manager.text(job)
    word = manager.word(job.name)
    assert (word.running, word.process_id, word.restarts) == (True, 4711, 2)
    assert word.text == "running, last exit code 1"
    manager.install(job)  # anew, in place of the old one
    log = tmp_path / "Library/Logs/posekit/posekit-ribbons.log"
    log.touch()
    done = manager.remove(job.name)
    assert len(done) == 3
    assert list(tmp_path.rglob("posekit-*")) == []
    assert manager.remove(job.name) == []
    verbs = [asked.split()[1] for asked in launchctl.asked]
    assert verbs.count("bootstrap") == 2
    assert verbs.index("bootout") < verbs.index("bootstrap")


@pytest.mark.parametrize("user", ["", "DESKTOP\\Zoë & Co <artist>"])
@pytest.mark.parametrize("name", NAMES)
def test_the_schema_finds_no_fault_in_the_task(name: str, user: str) -> None:
    job = windows_job(name)
    text = task_text(job, user)
    assert task_schema.faults(text.encode("utf-16")) == []
    root = Tree.fromstring(text.encode("utf-16"))
    found = {element.tag.removeprefix(task_schema.SPACE): element.text for element in root.iter()}
    assert found["Command"] == "C:\\Program Files\\Python\\pythonw.exe"
    assert found["WorkingDirectory"] == str(job.folder)
    assert found["Description"] == f"posekit: Ribbons {name}"
    assert found["URI"] == "\\posekit\\posekit-ribbons"
    assert found["Arguments"] == subprocess.list2cmdline(
        [
            *("-m", "posekit.service.keeper", job.name, "--set", f"POSEKIT_SERVICE={job.name}"),
            *("--set", f"POSEKIT_CACHE={name}", "--", *job.command),
        ]
    )
    assert found["ExecutionTimeLimit"] == "PT0S"
    assert (found["DisallowStartIfOnBatteries"], found["StopIfGoingOnBatteries"]) == ("false", "false")
    assert found["MultipleInstancesPolicy"] == "IgnoreNew"
    assert (found.get("UserId") or "") == user


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("<Count>255</Count>", "<Count>256</Count>", "Count"),
        ("<Interval>PT1M</Interval>", "", "Interval: missing"),
        ("PT0S", "0", "ExecutionTimeLimit"),
        ("<Hidden>false</Hidden>", "<Hiden>false</Hiden>", "Hiden: unknown"),
        ("<Priority>4</Priority>", "<Priority>4</Priority><Priority>5</Priority>", "more than once"),
        ("<Delay>PT5S</Delay>", "<Delay>PT5S</Delay><StartBoundary>2030-01-01</StartBoundary>", "and not"),
        ('Context="Author"', 'Context="Nobody"', "nobody is Nobody"),
    ],
)  # fmt: skip
def test_the_schema_would_find_a_fault(old: str, new: str, fault: str) -> None:
    text = task_text(windows_job())
    assert old in text
    (found,) = task_schema.faults(text.replace(old, new).encode("utf-16"))
    assert fault in found


@pytest.mark.parametrize("name", ["100%x%", "$(Arg0)"])
def test_what_the_task_scheduler_would_read_otherwise_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match="reads a variable"):
        task_text(windows_job(name))


class Schtasks:
    """As much of schtasks and PowerShell as is asked of them."""

    def __init__(self) -> None:
        self.tasks: dict[str, str] = {}
        self.state = "Ready"

    def __call__(self, words) -> Said:
        if words[0] == "powershell":
            return (
                Said(0, f"{self.state}\r\n") if self.tasks else Said(1, "No MSFT_ScheduledTask objects found")
            )
        if "/TN" not in words:
            return Said(0, "")
        name = words[words.index("/TN") + 1]
        if words[1] == "/Create":
            data = Path(words[words.index("/XML") + 1]).read_bytes()
            assert data.startswith((b"\xff\xfe", b"\xfe\xff"))
            self.tasks[name] = data.decode("utf-16")
            return Said(0, "SUCCESS")
        if name not in self.tasks:
            return Said(1, "ERROR: The system cannot find the file specified.")
        if words[1] == "/Run":
            self.state = "Running"
        if words[1] == "/Delete":
            del self.tasks[name]
            return Said(0, "SUCCESS")
        return Said(0, self.tasks[name])


def test_a_task_comes_and_goes() -> None:
    schtasks = Schtasks()
    manager, job = TaskScheduler(schtasks), windows_job()
    assert manager.refusal() == ""
    assert manager.word(job.name).installed is False
    assert manager.remove(job.name) == []
    with pytest.raises(ServiceError, match="cannot find the file"):
        manager.start(job.name)
    manager.install(job)
    assert manager.word(job.name).text == "ready"
    manager.start(job.name)
    assert manager.word(job.name).running
    assert "posekit-ribbons" in str(manager.installed_text(job.name))
    assert len(manager.remove(job.name)) == 2
    assert schtasks.tasks == {}


def test_each_system_has_its_keeper() -> None:
    assert [manager_for(system).system for system in SYSTEMS] == list(SYSTEMS)
    with pytest.raises(UnknownNameError, match="macos"):
        manager_for("macoss")


def test_a_program_that_is_missing_fails_or_hangs_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run_command(["no-such-program"]).text == "the program no-such-program is not installed"
    said = run_command([sys.executable, "-c", "import sys; print('out'); sys.exit('err')"])
    assert (said.code, said.text) == (1, "out\nerr")
    monkeypatch.setattr("posekit.service.commands.PATIENCE", 0.1)
    assert "did not answer" in run_command([sys.executable, "-c", "import time; time.sleep(9)"]).text


FLAKY = """
import os, pathlib, sys
count = pathlib.Path('count'); n = len(count.read_text()) if count.exists() else 0
count.write_text('x' * (n + 1)); print('try', n, os.environ.get('ONE')); sys.exit(0 if n == 3 else 5)
"""


QUIET_FLAKY = FLAKY.replace("print('try', n, os.environ.get('ONE'))", "pass")


def test_the_keeper_starts_a_show_again_until_it_ends_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    pauses: list[float] = []
    log = tmp_path / "logs/show.log"
    assert keep([sys.executable, "-c", FLAKY], log, {"ONE": "1"}, pauses.append) == 0
    assert pauses == [1.0] * 3
    text = log.read_text()
    assert text.count("the show starts") == 4
    assert text.count("ended with 5, starts again") == 3
    assert "try 3 1" in text


def test_a_keeper_survives_a_missing_program_and_bounds_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("posekit.service.keeper.MOST_BYTES", 100)
    log = tmp_path / "show.log"

    class EnoughError(Exception):
        pass

    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 20:
            raise EnoughError

    with pytest.raises(EnoughError):
        keep([str(tmp_path / "missing")], log, {}, pause)
    assert "cannot be started" in log.read_text()
    assert log.stat().st_size < 500
    assert (tmp_path / "show.old.log").stat().st_size < 500


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_a_full_disk_does_not_keep_the_keeper_from_its_show(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    pauses: list[float] = []
    assert keep([sys.executable, "-c", QUIET_FLAKY], Path("/dev/full"), {}, pauses.append) == 0
    assert len(pauses) == 3
    (tmp_path / "file").touch()  # no folder for the log can be made here
    (tmp_path / "count").unlink()
    assert keep([sys.executable, "-c", QUIET_FLAKY], tmp_path / "file/show.log", {}, pauses.append) == 0
    assert len(pauses) == 6


def test_the_keeper_has_a_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    monkeypatch.setattr("posekit.service.keeper.keep", lambda *given: seen.append(given) or 0)
    assert main(["posekit-x", "--set", "A=b=c", "--", "run", "--", "it"]) == 0
    ((command, log, environment),) = seen
    assert (command, log.name, environment["A"]) == (["run", "--", "it"], "posekit-x.log", "b=c")
    with pytest.raises(SystemExit):
        main(["--", "run"])
