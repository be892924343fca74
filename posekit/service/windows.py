"""Windows: a show as a task of the Task Scheduler, started when its user logs on.

The task's own `RestartOnFailure` only helps when the program cannot be started, whatever it ends with
(MS-TSCH 2.5.4.2). So the task runs `posekit.service.keeper`, which starts the show again.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from pathlib import Path, PurePath, PureWindowsPath
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from posekit.errors import OutputError, SettingsError
from posekit.service.commands import Run, run_command
from posekit.service.manager import System, Word, must

if TYPE_CHECKING:
    from posekit.service.job import Job

FOLDER = "posekit"
TASK = """\
<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>posekit: {title}</Description>
    <URI>\\{folder_name}\\{name}</URI>
  </RegistrationInfo>
  <Triggers>
    <LogonTrigger>
      <Enabled>true</Enabled>{user}
      <Delay>PT5S</Delay>
    </LogonTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">{user}
      <LogonType>InteractiveToken</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <AllowStartOnDemand>true</AllowStartOnDemand>
    <RestartOnFailure>
      <Interval>PT1M</Interval>
      <Count>255</Count>
    </RestartOnFailure>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <AllowHardTerminate>true</AllowHardTerminate>
    <StartWhenAvailable>true</StartWhenAvailable>
    <RunOnlyIfNetworkAvailable>false</RunOnlyIfNetworkAvailable>
    <Enabled>true</Enabled>
    <Hidden>false</Hidden>
    <IdleSettings>
      <StopOnIdleEnd>false</StopOnIdleEnd>
      <RestartOnIdle>false</RestartOnIdle>
    </IdleSettings>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <Priority>4</Priority>
    <RunOnlyIfIdle>false</RunOnlyIfIdle>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>{command}</Command>
      <Arguments>{arguments}</Arguments>
      <WorkingDirectory>{folder}</WorkingDirectory>
    </Exec>
  </Actions>
</Task>
"""
"""No time limit (PT0S), and priority 4, which is that of other programs; a task's own is below it."""
_EXPANDED = re.compile(r"%[^%]*%|\$\(")


def task_text(job: Job, user: str = "") -> str:
    r"""Return the task of a job, for `DOMAIN\\NAME`; without, for whoever registers it.

    Raises `SettingsError` for paths that the Task Scheduler would not leave as they are.
    """
    keeper = ["-m", "posekit.service.keeper", job.name]
    for key, value in job.variables:
        keeper += ["--set", f"{key}={value}"]
    arguments = subprocess.list2cmdline([*keeper, "--", *job.command])
    # Both read variables in them, and there is no way to write the signs themselves.
    for text in (arguments, str(job.folder), str(job.python)):
        if _EXPANDED.search(text):
            raise SettingsError(
                f"the Task Scheduler reads a variable in {text}: rename what has % or $( in it"
            )
    named = f"\n      <UserId>{escape(user)}</UserId>" if user else ""
    return TASK.format(
        title=escape(_plain(job.title)),
        folder_name=FOLDER,
        name=job.name,
        user=named,
        command=escape(str(windowless(job.python))),
        arguments=escape(arguments),
        folder=escape(str(job.folder)),
    )


def windowless(python: PurePath) -> PurePath:
    """Return the interpreter that opens no black window, which lies beside the one that does."""
    is_windows = isinstance(python, PureWindowsPath) and python.name.lower() == "python.exe"
    return python.with_name("pythonw.exe") if is_windows else python


def _plain(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


class TaskScheduler:
    """The Task Scheduler, asked through `schtasks` and PowerShell."""

    system: System = "windows"

    def __init__(self, run: Run = run_command) -> None:
        self._run = run

    def refusal(self) -> str:
        """Return why this machine cannot have such a task just now; empty when it can."""
        said = self._run(["schtasks", "/Query", "/FO", "CSV", "/NH"])
        return "" if said.is_fine else f"the Task Scheduler does not answer: {said.text}"

    def place(self, name: str) -> str:
        """Return the task's path in the Task Scheduler's library."""
        return f"the Task Scheduler, \\{FOLDER}\\{name}"

    def text(self, job: Job) -> str:
        """Return the task."""
        domain, user = os.environ.get("USERDOMAIN", ""), os.environ.get("USERNAME", "")
        return task_text(job, f"{domain}\\{user}" if domain and user else "")

    def installed_text(self, name: str) -> str | None:
        """Return the task that is there."""
        said = self._run(["schtasks", "/Query", "/TN", f"{FOLDER}\\{name}", "/XML", "ONE"])
        return said.text if said.is_fine else None

    def notes(self, job: Job) -> list[str]:  # noqa: ARG002 (others do need it)
        """Return what has to be done by hand for it to start with the machine."""
        return ["the user must be logged on: switch automatic logon on (Sysinternals Autologon, or netplwiz)"]

    def install(self, job: Job) -> None:
        """Register the task; nothing of ours stays on the disk."""
        try:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "task.xml"
                path.write_bytes(self.text(job).encode("utf-16"))
                words = ["schtasks", "/Create", "/TN", f"{FOLDER}\\{job.name}", "/XML", str(path), "/F"]
                must(self._run(words), f"registering {job.name}")
        except OSError as error:
            raise OutputError(f"cannot write the task's file: {error.strerror}") from None

    def start(self, name: str) -> None:
        """Start it now."""
        must(self._run(["schtasks", "/Run", "/TN", f"{FOLDER}\\{name}"]), f"starting {name}")

    def remove(self, name: str) -> list[str]:
        """End it and remove the task."""
        if self.installed_text(name) is None:
            return []
        task, done = f"{FOLDER}\\{name}", []
        if self._run(["schtasks", "/End", "/TN", task]).is_fine:
            done.append(f"stopped {name}")
        must(self._run(["schtasks", "/Delete", "/TN", task, "/F"]), f"removing the task {name}")
        return [*done, f"removed the task \\{task}"]

    def word(self, name: str) -> Word:
        """Return what the Task Scheduler says of it, in English whatever Windows speaks."""
        asked = f"(Get-ScheduledTask -TaskPath '\\{FOLDER}\\' -TaskName '{name}').State.ToString()"
        said = self._run(["powershell", "-NoProfile", "-NonInteractive", "-Command", asked])
        if not said.is_fine:
            return Word(False, False, "not installed")
        return Word(True, said.text.strip() == "Running", said.text.strip().lower())

    def log_hint(self, name: str) -> str:
        """Return where it wrote."""
        from posekit.service.keeper import log_path

        return f"type {log_path(name)}"
