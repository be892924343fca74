"""Makes the state of a show, as everybody outside sees it, from what its parts know."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, Literal

from posekit.health import CameraState, Health
from posekit.secret_values import hide_revealed
from posekit.show.state import Part, PartState, Phase

if TYPE_CHECKING:
    from posekit.clock import Clock, Wall
    from posekit.gallery.engine_keeper import EngineKeeper
    from posekit.gallery.timetable import Verdict
    from posekit.gallery.window_keeper import WindowKeeper

CAMERA: dict[CameraState, Literal["lost", "ok", "frozen", "black"]] = {
    CameraState.LOST: "lost",
    CameraState.OK: "ok",
    CameraState.FROZEN: "frozen",
    CameraState.BLACK: "black",
}


def own_version() -> str:
    """Return which posekit this is."""
    try:
        return version("posekit")
    except PackageNotFoundError:
        return ""


class Times:
    """Turns instants of the steady clock into wall times, for people."""

    def __init__(self, clock: Clock, wall: Wall) -> None:
        self._clock, self._wall = clock, wall

    def wall_of(self, instant: float) -> float:
        """Return the wall time of an instant on the clock; 0 for none."""
        return self._wall.time() - (self._clock.now() - instant) if instant else 0.0


def engine_part(keeper: EngineKeeper, times: Times, memory: int) -> Part:
    """Return how the engine is."""
    feed = keeper.feed
    number = getattr(feed, "process_id", None)
    state: PartState
    if keeper.is_resting or not keeper.is_wanted:
        state = "off"
    elif keeper.is_given_up:
        state = "given up"
    elif feed is not None and feed.is_ready:
        state = "running"
    else:
        state = "starting" if number is not None else "waiting"
    return Part(
        "engine",
        state,
        number,
        times.wall_of(feed.started) if number is not None else 0.0,
        keeper.restarts,
        keeper.renewals,
        memory,
        hide_revealed(keeper.last_end),
    )


def window_part(name: Literal["window", "curtain"], keeper: WindowKeeper, times: Times, memory: int) -> Part:
    """Return how the window, or the curtain under it, is."""
    process = keeper.process
    state: PartState
    if not keeper.is_wanted:
        state = "off"
    elif keeper.is_given_up:
        state = "given up"
    elif process is None:
        state = "waiting"
    else:
        state = "running" if keeper.is_shown else "starting"
    return Part(
        name,
        state,
        process.process_id if process is not None else None,
        times.wall_of(process.started) if process is not None else 0.0,
        keeper.restarts,
        keeper.renewals,
        memory,
        hide_revealed(keeper.last_end),
    )


def phase_of(verdict: Verdict, *, is_black: bool, card: bool, is_shown: bool, is_ending: bool) -> Phase:
    """Return what visitors see."""
    if is_ending:
        return "ending"
    if not verdict.is_open:
        return "closed"
    if is_black:
        return "blackout"
    if card:
        return "card"
    return "open" if is_shown else "starting"


def health_fields(health: Health) -> dict[str, Any]:
    """Return what a state says of the engine's health."""
    return {
        "camera": CAMERA[health.camera],
        "fps": round(health.fps, 1),
        "latency_ms": round(health.latency_ms, 1),
        "packets_per_second": round(health.packets_per_second, 1),
        "dropped": health.dropped,
        "paused": health.paused,
    }
