"""How a show in a gallery is doing, as one value that pages, files, logs and heartbeats are made from."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Phase = Literal["starting", "open", "closed", "blackout", "card", "ending"]
"""What visitors see: nothing yet; the sketch; black, because it is closed; black, because somebody asked for
it; a title card, because something is broken; nothing any more."""
PartState = Literal["starting", "running", "waiting", "off", "given up"]
"""Of a process: it starts; runs; failed, and the next one is due; nobody wants it; it failed too often."""
Severity = Literal["notice", "fault"]

TROUBLES = {
    "engine_lost": "the engine ended, hung or grew too big",
    "window_lost": "the window's process ended by itself",
    "window_frozen": "the window draws nothing any more",
    "poses_stale": "the engine runs, and sends nothing new",
    "camera_lost": "the camera delivers nothing",
    "camera_frozen": "the camera delivers the same picture again and again",
    "camera_black": "the camera's picture is black",
    "view_shifted": "the camera sees the room from somewhere else than at calibration",
    "slow": "the engine or the window is much slower than it was",
    "memory": "a process has grown too big",
    "disk_full": "there is hardly any room left on the disk",
    "clock_wrong": "the machine's clock is plainly wrong, so opening hours cannot be kept",
    "sketch_failing": "the sketch raises errors",
    "settings_refused": "the show file was changed to something that cannot be right",
    "sketch_refused": "the sketch was changed to something that cannot run; the version before goes on",
    "records_failed": "counts or log cannot be written",
    "not_reachable": "the status page, OSC in or the web server could not be opened",
    "hook_failed": "a command or message of a hook failed",
    "heartbeat_failed": "the heartbeat reaches nobody",
}
"""Every kind of trouble, by the name that logs, metrics and messages use."""


@dataclass(frozen=True)
class Trouble:
    """Something that is wrong now."""

    name: str
    """One of `TROUBLES`."""
    sentence: str
    """What was found, and what to do, for the technician."""
    since: float
    """Wall time, seconds since 1970."""
    severity: Severity = "fault"


@dataclass(frozen=True)
class Part:
    """One of the show's processes."""

    name: Literal["engine", "window", "curtain"]
    state: PartState = "off"
    process_id: int | None = None
    started: float = 0.0
    """Wall time at which the running one was started; 0 when none runs."""
    restarts: int = 0
    """How often it was replaced since the supervisor started, planned renewals not counted."""
    renewals: int = 0
    """How often it was replaced as planned."""
    memory: int = 0
    """Resident bytes."""
    last_end: str = ""
    """Why the one before it ended, in a sentence."""


@dataclass(frozen=True)
class ShowState:
    """A show at one instant. Wall times are seconds since 1970, durations are seconds."""

    name: str
    """The show's title."""
    time: float
    """Wall time of this state."""
    phase: Phase = "starting"
    phase_since: float = 0.0
    started: float = 0.0
    """Wall time at which the supervisor started."""
    uptime: float = 0.0
    """Seconds since then, on the clock that does not jump."""
    next_change: float | None = None
    """Wall time of the next opening or closing; None when the show is always open."""
    held: str = ""
    """Why the schedule does not decide just now: `opened by hand`, `closed by hand`; empty when it does."""
    parts: tuple[Part, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    source: str = ""
    estimator: str = ""
    sketch: str = ""
    camera: Literal["lost", "ok", "frozen", "black"] = "lost"
    fps: float = 0.0
    """Scenes per second from the engine."""
    latency_ms: float = 0.0
    """Capture to publication of the newest scene."""
    window_fps: float = 0.0
    """Frames per second that the window shows."""
    packets_per_second: float = 0.0
    dropped: int = 0
    people: int = 0
    paused: bool = False
    visits_today: int = 0
    disk_free: int = 0
    """Bytes free where the show folder is."""
    version: str = ""
    extra: dict[str, Any] = field(default_factory=dict)
    """Further figures of single parts, for the page; plain values only."""

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values, for JSON."""
        return asdict(self)

    def part(self, name: str) -> Part | None:
        """Return one of the processes, or None."""
        return next((part for part in self.parts if part.name == name), None)

    @property
    def is_healthy(self) -> bool:
        """Whether nothing is wrong that somebody has to look at."""
        return not any(trouble.severity == "fault" for trouble in self.troubles)
