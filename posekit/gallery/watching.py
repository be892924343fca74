"""What may be wrong with a running show: looked at all the time, told when it begins and ends."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from posekit.gallery.slowness import Slowness
from posekit.health import CameraState, Health

if TYPE_CHECKING:
    from posekit.clock import Clock
    from posekit.gallery.troubles import Troubles

CAMERA_SECONDS = 3.0
"""A camera is opened again within this, and nobody need hear of it."""
RECORDS_SECONDS = 10.0
"""Counts and log that cannot be written for so long are told; until then they wait in memory."""
STALE_SECONDS = 5.0
"""An engine that lives and sends no scene for so long..."""
HOPELESS_SECONDS = 15.0
"""...and for so long, is replaced."""
LEAST_DISK = 200_000_000
"""Bytes; below it a log or a database may soon be the one that fills the disk."""
ENOUGH_DISK = 250_000_000
"""Bytes; from here on it is well again, so that the trouble does not flicker."""
EMPTY_SECONDS = 60.0
"""Without anybody for so long, and a part may be renewed without being missed."""
SLOW_AGAIN_SECONDS = 3600.0
"""A renewal that made nothing faster is not repeated sooner."""
CAMERA = {
    CameraState.LOST: "camera_lost",
    CameraState.FROZEN: "camera_frozen",
    CameraState.BLACK: "camera_black",
}
CAMERA_SENTENCES = {
    "camera_lost": "the camera delivers nothing; look at its cable, and whether another program has it",
    "camera_frozen": "the camera delivers the same picture again and again; pull its plug and put it back",
    "camera_black": "the camera's picture is black; look for a lid, and whether the room has light",
}


@dataclass(frozen=True)
class Seen:
    """What is known in one round; durations are seconds."""

    engine_runs: bool = True
    """Whether it has found its source."""
    engine_down: str = ""
    """Why no engine runs; empty when one does, or when none is wanted."""
    source_missing: str = ""
    """The same, where it is because there is no such source."""
    health: Health = field(default_factory=Health)
    scene_age: float = 0.0
    """Since the newest scene came."""
    empty_for: float = 0.0
    """Since somebody was seen last."""
    window_lost: str = ""
    window_frozen: str = ""
    window_fps: float = 0.0
    """0 while that says nothing: fading, closed, starting."""
    sketch_error: str = ""
    sketch_refused: str = ""
    """Why what was saved last is not what runs."""
    records_failed: str = ""
    not_reachable: str = ""
    memory: dict[str, int] = field(default_factory=dict)
    """Resident bytes of `engine`, `window`, `supervisor`."""
    disk_free: int | None = None
    """Bytes; None while not known."""


@dataclass(frozen=True)
class Need:
    """Something that has to be done about it."""

    part: Literal["engine", "window", "supervisor"]
    reason: str


class Watch:
    """Notes troubles, and returns what has to be replaced."""

    def __init__(self, clock: Clock, troubles: Troubles, memory_limit: int) -> None:
        """`memory_limit` is in MB, of one process."""
        self._clock, self._troubles = clock, troubles
        self.memory_limit = memory_limit
        self._since: dict[str, float] = {}
        self._engine_rate, self._window_rate = Slowness(clock), Slowness(clock)
        self._renewed_slow: dict[str, float] = {}

    def look(self, seen: Seen) -> list[Need]:
        """Take in what is seen now."""
        note = self._troubles.note
        note("engine_lost", seen.engine_down)
        note("window_frozen", seen.window_frozen)
        note("window_lost", "" if seen.window_frozen else seen.window_lost)
        note("sketch_failing", seen.sketch_error)
        note("sketch_refused", seen.sketch_refused)
        note("not_reachable", seen.not_reachable, "notice")
        # Another program may hold the counts for a moment, to copy them.
        lasts = self._lasts("records_failed", bool(seen.records_failed)) >= RECORDS_SECONDS
        note("records_failed", seen.records_failed if lasts else "")
        runs = seen.engine_runs
        self._look_at_camera(seen, runs=runs)
        return [
            *self._look_at_poses(seen, runs=runs),
            *self._look_at_speed(seen, runs=runs),
            *self._look_at_memory(seen),
            *self._look_at_disk(seen.disk_free),
        ]

    def _lasts(self, what: str, is_so: bool) -> float:
        """Return for how long something has been so."""
        now = self._clock.now()
        if not is_so:
            self._since.pop(what, None)
            return 0.0
        return now - self._since.setdefault(what, now)

    def _look_at_camera(self, seen: Seen, *, runs: bool) -> None:
        for state, name in CAMERA.items():
            is_missing = name == "camera_lost" and bool(seen.source_missing)
            is_so = is_missing or (runs and seen.health.camera is state)
            if not is_so or self._lasts(name, is_so) >= CAMERA_SECONDS:
                sentence = seen.source_missing if is_missing else CAMERA_SENTENCES[name]
                self._troubles.note(name, sentence if is_so else None)
            if not is_so:
                self._lasts(name, False)

    def _look_at_poses(self, seen: Seen, *, runs: bool) -> list[Need]:
        is_stale = runs and seen.scene_age > STALE_SECONDS
        sentence = f"the engine lives and has sent nothing new for {seen.scene_age:.0f} s"
        self._troubles.note("poses_stale", sentence if is_stale else None)
        if is_stale and seen.scene_age > HOPELESS_SECONDS:
            return [Need("engine", sentence)]
        return []

    def _look_at_speed(self, seen: Seen, *, runs: bool) -> list[Need]:
        slow: dict[Literal["engine", "window"], str] = {}
        usable = runs and seen.health.camera is CameraState.OK and not seen.health.paused
        if self._engine_rate.note(seen.health.fps if usable else 0.0):
            best = self._engine_rate.best
            slow["engine"] = f"the engine makes {seen.health.fps:.0f} scenes a second; it made {best:.0f}"
        if self._window_rate.note(seen.window_fps):
            best = self._window_rate.best
            slow["window"] = f"the window shows {seen.window_fps:.0f} frames a second; it showed {best:.0f}"
        self._troubles.note("slow", "; ".join(slow.values()), "notice")
        if seen.empty_for < EMPTY_SECONDS:
            return []
        now, needs = self._clock.now(), []
        for part, sentence in slow.items():
            if now - self._renewed_slow.get(part, -SLOW_AGAIN_SECONDS) >= SLOW_AGAIN_SECONDS:
                self._renewed_slow[part] = now
                needs.append(Need(part, sentence))
        return needs

    def _look_at_memory(self, seen: Seen) -> list[Need]:
        limit = self.memory_limit * 1_000_000
        sentences, needs = [], []
        for part in ("engine", "window", "supervisor"):
            size = seen.memory.get(part, 0)
            if size <= limit:
                continue
            sentence = f"the {part} has grown to {size / 1e6:.0f} MB; {self.memory_limit} MB are its limit"
            sentences.append(sentence)
            if seen.empty_for >= EMPTY_SECONDS or size > 2 * limit:
                needs.append(Need(part, sentence))
        self._troubles.note("memory", "; ".join(sentences))
        return needs

    def _look_at_disk(self, free: int | None) -> list[Need]:
        if free is not None:
            is_full = free < (ENOUGH_DISK if "disk_full" in self._troubles else LEAST_DISK)
            sentence = (
                f"{free / 1e6:.0f} MB are free on the show's disk; make room, or counts and log will stop"
            )
            self._troubles.note("disk_full", sentence if is_full else None)
        return []
