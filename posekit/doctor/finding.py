"""What a check found, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warning", "trouble"]


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's."""

    check: str
    """What was looked at, in a word or two."""
    level: Level
    """`ok`; `warning`: a show goes on, but somebody should know; `trouble`: it does not work as it is."""
    found: str
    """What was found, in a clause."""
    todo: str = ""
    """What to do; empty where there is nothing."""


SEE_LIBRARIES = "see libraries, below"
"""What to do about something that only lacks a library."""


def blames_library(reason: str) -> bool:
    """Whether a reason, which begins with the error's kind, is a library that cannot be loaded."""
    return reason.startswith(("ImportError", "ModuleNotFoundError"))


def ok(check: str, found: str, todo: str = "") -> Finding:
    """Return a finding about which there is nothing to do, or only if somebody wants more."""
    return Finding(check, "ok", found, todo)


def warning(check: str, found: str, todo: str) -> Finding:
    """Return a finding that somebody should know."""
    return Finding(check, "warning", found, todo)


def trouble(check: str, found: str, todo: str) -> Finding:
    """Return a finding that keeps a show from going on."""
    return Finding(check, "trouble", found, todo)
