"""What every system's keeper of services can do, and which one this machine has."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from posekit.errors import OutputError, UnknownNameError

if TYPE_CHECKING:
    from posekit.service.commands import Said
    from posekit.service.job import Job

System = Literal["linux", "macos", "windows"]
SYSTEMS: tuple[System, ...] = ("linux", "macos", "windows")


class ServiceError(OutputError):
    """The system's keeper of services did not do what it was asked for."""


@dataclass(frozen=True)
class Word:
    """What the system says of a service."""

    installed: bool
    running: bool
    text: str
    """Its own words: `active (running) since ...`."""
    process_id: int | None = None
    restarts: int | None = None
    """How often the system started it again; None where it does not count."""


class Manager(Protocol):
    """The keeper of services of one system; every method of it that acts raises `ServiceError`."""

    system: System

    def refusal(self) -> str:
        """Return why this machine cannot have such a service just now; empty when it can."""
        ...

    def place(self, name: str) -> str:
        """Return where the file goes, for people."""
        ...

    def text(self, job: Job) -> str:
        """Return what stands in the file."""
        ...

    def installed_text(self, name: str) -> str | None:
        """Return what stands there now; None for nothing."""
        ...

    def notes(self, job: Job) -> list[str]:
        """Return what else has to be done by hand for it to start with the machine."""
        ...

    def install(self, job: Job) -> None:
        """Write the file and have it started with the machine from now on."""
        ...

    def start(self, name: str) -> None:
        """Start it now."""
        ...

    def remove(self, name: str) -> list[str]:
        """Stop it, have it no longer started, and remove the file; return what was done, in clauses."""
        ...

    def word(self, name: str) -> Word:
        """Return what the system says of it now."""
        ...

    def log_hint(self, name: str) -> str:
        """Return the command that shows what it wrote."""
        ...


def this_system() -> System:
    """Return which of the three this machine is."""
    if sys.platform == "win32":
        return "windows"
    return "macos" if sys.platform == "darwin" else "linux"


def manager_for(system: str) -> Manager:
    """Return the keeper of services of a system; raises `UnknownNameError` for any other word."""
    if system == "linux":
        from posekit.service.systemd import Systemd

        return Systemd()
    if system == "macos":
        from posekit.service.launchd import Launchd

        return Launchd()
    if system == "windows":
        from posekit.service.windows import TaskScheduler

        return TaskScheduler()
    raise UnknownNameError("system", system, SYSTEMS)


def must(said: Said, doing: str) -> None:
    """Raise `ServiceError` unless a program of the system ended well."""
    if not said.is_fine:
        raise ServiceError(f"{doing} failed: {said.text or f'exit code {said.code}'}")
