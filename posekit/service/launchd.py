"""macOS: a show as an agent of whoever is logged in at the screen (launchd.plist(5))."""

from __future__ import annotations

import os
import plistlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posekit.errors import OutputError
from posekit.service.commands import Run, run_command
from posekit.service.manager import System, Word, must
from posekit.whole_file import replace_file

if TYPE_CHECKING:
    from posekit.service.job import Job


def agent(job: Job, logs: Path) -> dict[str, Any]:
    """Return the agent's dictionary; what it prints goes into `logs`."""
    log = str(logs / f"{job.name}.log")
    return {
        "Label": job.name,
        "ProgramArguments": list(job.command),
        "WorkingDirectory": str(job.folder),
        "EnvironmentVariables": dict(job.variables),
        "RunAtLoad": True,
        # A clean quit stays quit.
        "KeepAlive": {"SuccessfulExit": False},
        # A second after it ended, and not the ten that are usual.
        "ThrottleInterval": 1,
        # Not slowed down as what runs in the background is, to save power.
        "ProcessType": "Interactive",
        # There, and only there, are a screen and the camera's permission.
        "LimitLoadToSessionType": "Aqua",
        "ExitTimeOut": 20,
        "Umask": 0o077,
        # What a process leaves behind that crashed would have the camera's pictures in it.
        "HardResourceLimits": {"Core": 0},
        "StandardOutPath": log,
        "StandardErrorPath": log,
    }


class Launchd:
    """launchd, asked through `launchctl`."""

    system: System = "macos"

    def __init__(self, run: Run = run_command, home: Path | None = None) -> None:
        """`home` is the user's folder."""
        self._run = run
        self._home = home or Path.home()

    @property
    def _domain(self) -> str:
        return f"gui/{getattr(os, 'getuid', lambda: 501)()}"

    def _path(self, name: str) -> Path:
        return self._home / "Library/LaunchAgents" / f"{name}.plist"

    @property
    def _logs(self) -> Path:
        return self._home / "Library/Logs/posekit"

    def refusal(self) -> str:
        """Return why this machine cannot have such an agent just now; empty when it can."""
        said = self._run(["launchctl", "print", self._domain])
        if said.is_fine:
            return ""
        return f"nobody is logged in at the screen as you ({said.text}); log in there, and try again"

    def place(self, name: str) -> str:
        """Return the property list's path."""
        return str(self._path(name))

    def text(self, job: Job) -> str:
        """Return the property list."""
        return plistlib.dumps(agent(job, self._logs), sort_keys=False).decode()

    def installed_text(self, name: str) -> str | None:
        """Return the property list that is there."""
        try:
            return self._path(name).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None

    def notes(self, job: Job) -> list[str]:  # noqa: ARG002 (others do need it)
        """Return what has to be done by hand for it to start with the machine."""
        return [
            "switch automatic login on: System Settings > Users & Groups > Automatically log in as",
            "macOS asks once whether Python may use the camera: answer at the screen, before opening night",
        ]

    def install(self, job: Job) -> None:
        """Write the agent, and have it started at login from now on."""
        path = self._path(job.name)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._logs.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"cannot make the folder {error.filename}: {error.strerror}") from None
        replace_file(path, self.text(job), "the agent")
        self._run(["launchctl", "bootout", f"{self._domain}/{job.name}"])  # the one before it, if any
        self._run(["launchctl", "enable", f"{self._domain}/{job.name}"])
        must(self._run(["launchctl", "bootstrap", self._domain, str(path)]), f"loading {path}")

    def start(self, name: str) -> None:
        """Start it now; loading it did so already, and that is let be."""
        must(self._run(["launchctl", "kickstart", f"{self._domain}/{name}"]), f"starting {name}")

    def remove(self, name: str) -> list[str]:
        """Stop it, unload it and remove its files."""
        path, done = self._path(name), []
        said = self._run(["launchctl", "bootout", f"{self._domain}/{name}"])
        if said.is_fine:
            done.append(f"stopped and unloaded {name}")
        for file in (path, self._logs / f"{name}.log"):
            if file.exists():
                try:
                    file.unlink()
                except OSError as error:
                    raise OutputError(f"cannot remove {file}: {error.strerror}") from None
                done.append(f"removed {file}")
        return done

    def word(self, name: str) -> Word:
        """Return what launchd says of it."""
        is_there = self._path(name).exists()
        said = self._run(["launchctl", "print", f"{self._domain}/{name}"])
        if not said.is_fine:
            return Word(is_there, False, "not loaded" if is_there else "not installed")
        # The job's own lines are indented once; those of its parts are further in.
        found = dict(re.findall(r"^(?:\t| {0,8})([a-z][a-z ]*) = ([^{\n]+)$", said.text, re.MULTILINE))
        state = found.get("state", "unknown").strip()
        text = state
        if found.get("last exit code", "0") not in ("0", "(never exited)"):
            text += f", last exit code {found['last exit code']}"
        process = found.get("pid", "")
        runs = found.get("runs", "")
        return Word(
            True,
            state == "running",
            text,
            int(process) if process.isdigit() else None,
            max(0, int(runs) - 1) if runs.isdigit() else None,
        )

    def log_hint(self, name: str) -> str:
        """Return the command that shows what it wrote."""
        return f"tail -n 50 {self._logs / f'{name}.log'}"
