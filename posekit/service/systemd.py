"""Linux: a show as a unit of the user's own systemd.

A user's unit and not the machine's, because camera, screen and sound belong to whoever is logged in.

What is left out of the unit, and why. PrivateTmp hides X11's socket; DeviceAllow and PrivateDevices hide
cameras and graphics; MemoryDenyWriteExecute forbids what XNNPACK and Mesa do, which make machine code;
ProtectSystem, ProtectHome and the like need a namespace of the user's own, which some systems (Ubuntu since
23.10) forbid, and then either nothing is protected or nothing starts. RestrictRealtime is felt by sound.
EnvironmentFile is none of ours: the show reads secrets.env itself, as it is written and again when it was
changed, and what stands in the environment would win over the file, and be the sketch's and every hook's too.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from posekit.errors import OutputError
from posekit.service.commands import Run, run_command
from posekit.service.manager import System, Word, must
from posekit.whole_file import replace_file

if TYPE_CHECKING:
    from posekit.service.job import Job

UNIT = """\
# {title}
# Written by `posekit gallery install`; `posekit gallery uninstall` removes it.
[Unit]
Description={description}
# However often it ends: it is started again.
StartLimitIntervalSec=0
{order}
[Service]
Type=notify
NotifyAccess=main
ExecStart=:{command}
WorkingDirectory={folder}
{environment}# A clean quit stays quit.
Restart=on-failure
RestartSec=1
# The supervisor is heard each second; one that hangs is replaced.
WatchdogSec=30
# It may wait for camera and network first.
TimeoutStartSec=180
# It gets the time to fade out; whatever it leaves behind is ended with it.
KillMode=mixed
TimeoutStopSec=20
# What a process leaves behind that crashed would have the camera's pictures in it.
LimitCORE=0
# A process that is too big is the supervisor's business.
OOMPolicy=continue
UMask=0077
NoNewPrivileges=yes
LockPersonality=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK

[Install]
WantedBy={target}
"""
SESSION = "graphical-session.target"


def unit_text(job: Job, target: str) -> str:
    """Return the unit of a job that starts with a target: a session's, or `default.target`, the user's."""
    is_session = target == SESSION
    order = f"PartOf={SESSION}\nAfter={SESSION}\n" if is_session else ""
    return UNIT.format(
        title=_plain(job.title),
        description=_percent(_plain(f"posekit: {job.title}")),
        order=order,
        command=" ".join(_quoted(word) for word in job.command),
        folder=_percent(str(job.folder)),
        environment="".join(f"Environment={_quoted(f'{key}={value}')}\n" for key, value in job.variables),
        target=target,
    )


def _quoted(word: str) -> str:
    """Return a word as systemd reads it back; `$` is left alone, since `:` stands before the command."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{_percent(escaped)}"'


def _percent(text: str) -> str:
    """Return a text in which a percent sign is one."""
    return text.replace("%", "%%")


def _plain(text: str) -> str:
    """Return a text for a line of its own, which a backslash at its end would join with the next."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split()).rstrip("\\") or "show"


class Systemd:
    """The user's systemd, asked through `systemctl`."""

    system: System = "linux"

    def __init__(self, run: Run = run_command, folder: Path | None = None) -> None:
        """`folder` is where units lie; by default the user's own."""
        self._run = run
        base = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
        self._folder = folder or Path(base) / "systemd/user"

    def refusal(self) -> str:
        """Return why this machine cannot have such a service just now; empty when it can."""
        said = self._run(["systemctl", "--user", "show-environment"])
        if said.is_fine:
            return ""
        if said.code is None:
            return f"{said.text}: this machine is not run by systemd"
        return (
            f"no systemd of your own runs here ({said.text}): log in as the user who will show it, at the "
            "machine or through ssh, not with su or sudo; in a container there is none"
        )

    def place(self, name: str) -> str:
        """Return the unit's path."""
        return str(self._path(name))

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.service"

    def target(self, job: Job) -> str:
        """Return what the unit starts with.

        A session that has a target of its own (GNOME, KDE and most others) tells where the screen is before
        that is reached. Others have none: there the unit starts with the user, and waits for a screen itself.
        """
        if not job.needs_desktop:
            return "default.target"
        said = self._run(["systemctl", "--user", "is-active", SESSION])
        return "default.target" if said.text.strip() == "inactive" else SESSION

    def text(self, job: Job) -> str:
        """Return the unit."""
        return unit_text(job, self.target(job))

    def installed_text(self, name: str) -> str | None:
        """Return the unit that is there."""
        try:
            return self._path(name).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None

    def notes(self, job: Job) -> list[str]:
        """Return what has to be done by hand for it to start with the machine."""
        if job.needs_desktop:
            return ["the user must be logged in at a screen: switch automatic login on"]
        said = self._run(["loginctl", "show-user", str(os.getuid()), "--property=Linger", "--value"])
        if said.is_fine and said.text == "yes":
            return []
        return ["nobody logs in where there is no desktop: let your services start without that, by\n"
                "    loginctl enable-linger"]  # fmt: skip

    def install(self, job: Job) -> None:
        """Write the unit, and have it started with its target from now on."""
        path = self._path(job.name)
        text = self.text(job)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"cannot make the folder {path.parent}: {error.strerror}") from None
        replace_file(path, text, "the unit")
        must(self._run(["systemctl", "--user", "daemon-reload"]), "reading the units again")
        must(self._run(["systemctl", "--user", "enable", path.name]), f"enabling {path.name}")

    def start(self, name: str) -> None:
        """Start it now, or anew; what it does then is seen in its state."""
        unit = f"{name}.service"
        self._run(["systemctl", "--user", "reset-failed", unit])
        must(self._run(["systemctl", "--user", "--no-block", "restart", unit]), f"starting {unit}")

    def remove(self, name: str) -> list[str]:
        """Stop it, disable it and remove the unit."""
        unit, path, done = f"{name}.service", self._path(name), []
        word = self.word(name)
        if word.running or "activating" in word.text:
            said = self._run(["systemctl", "--user", "stop", unit])
            done.append(f"stopped {unit}" if said.is_fine else f"could not stop {unit}: {said.text}")
        if path.exists():
            said = self._run(["systemctl", "--user", "disable", unit])
            done.append(f"disabled {unit}" if said.is_fine else f"could not disable {unit}: {said.text}")
            try:
                path.unlink()
            except OSError as error:
                raise OutputError(f"cannot remove {path}: {error.strerror}") from None
            done.append(f"removed {path}")
        self._run(["systemctl", "--user", "daemon-reload"])
        self._run(["systemctl", "--user", "reset-failed", unit])
        return done

    def word(self, name: str) -> Word:
        """Return what systemd says of it."""
        wanted = "LoadState,ActiveState,SubState,MainPID,NRestarts,Result,StatusText,StateChangeTimestamp"
        said = self._run(["systemctl", "--user", "show", f"{name}.service", f"--property={wanted}"])
        if not said.is_fine:
            return Word(self._path(name).exists(), False, said.text.split("\n")[0])
        found = dict(re.findall(r"^(\w+)=(.*)$", said.text, re.MULTILINE))
        active, process = found.get("ActiveState", "unknown"), int(found.get("MainPID", 0) or 0)
        text = f"{active} ({found.get('SubState', '')})"
        if found.get("Result", "success") != "success":
            text += f", last result {found['Result']}"
        if found.get("StateChangeTimestamp"):
            text += f", since {found['StateChangeTimestamp']}"
        if found.get("StatusText"):
            text += f": {found['StatusText']}"
        restarts = int(found.get("NRestarts", 0) or 0)
        installed = found.get("LoadState") == "loaded" or self._path(name).exists()
        return Word(installed, active == "active", text, process or None, restarts)

    def log_hint(self, name: str) -> str:
        """Return the command that shows what it wrote."""
        return f"journalctl --user -u {name}.service -n 50"
