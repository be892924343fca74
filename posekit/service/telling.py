"""How a show is doing, for a person at a terminal: rows of a name and a clause."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from posekit.service.manager import Word
    from posekit.show.state import Part, ShowState
    from posekit.show.state_file import KeptState

MEGABYTE = 1_000_000
GIGABYTE = 1_000_000_000


def is_healthy(kept: KeptState | None, now: float) -> bool:
    """Whether a show runs, tells so, and nothing is wrong that somebody has to look at."""
    return kept is not None and kept.is_current(now) and kept.state.is_healthy


def rows(word: Word, kept: KeptState | None, now: float) -> list[tuple[str, str]]:
    """Return what is to be told, from the most important on; times are the machine's own."""
    service = word.text if word.installed else f"not installed ({word.text})"
    if word.restarts:
        service += f"; started again {_times(word.restarts)} by the system"
    found = [("service", service)]
    if kept is None:
        silent = "it does not run: it has told nothing since it was ended, or since the machine started"
        return [*found, ("show", silent)]
    state = kept.state
    if not kept.is_running:
        return [*found, ("show", f"it does not run; it was last heard of {_ago(now - state.time)}")]
    if not kept.is_current(now):
        found.append(("show", f"it hangs: it was last heard of {_ago(now - state.time)}"))
    return [*found, *_state_rows(state, now)]


def as_dict(word: Word, kept: KeptState | None, now: float) -> dict[str, Any]:
    """Return all of it as plain values, for JSON; `state` is None for none."""
    return {
        "healthy": is_healthy(kept, now),
        "current": kept is not None and kept.is_current(now),
        "service": {
            "installed": word.installed,
            "running": word.running,
            "text": word.text,
            "process_id": word.process_id,
            "restarts": word.restarts,
        },
        "process_id": kept.process_id if kept is not None else None,
        "state": kept.state.as_dict() if kept is not None else None,
    }


def _state_rows(state: ShowState, now: float) -> Iterator[tuple[str, str]]:
    phase = f"{state.name}: {state.phase} {_since(state.phase_since, now)}"
    if state.held:
        phase += f", {state.held}"
    if state.next_change is not None:
        phase += f"; next change {_date(state.next_change)}"
    yield "show", phase
    for trouble in state.troubles:
        word = "TROUBLE" if trouble.severity == "fault" else "notice"
        yield word, f"{trouble.name} {_since(trouble.since, now)}: {trouble.sentence}"
    yield "running", f"for {_span(state.uptime)}, process started {_date(state.started)}"
    yield "camera", _camera(state)
    yield (
        "engine",
        f"{state.estimator or 'not ready'}, {state.fps:.1f} scenes a second, {state.latency_ms:.0f} ms old"
        + (", paused" if state.paused else ""),
    )
    yield "window", f"{state.sketch}, {state.window_fps:.1f} frames a second"
    yield "people", f"{state.people} now, {state.visits_today} visits today"
    yield "sends", f"{state.packets_per_second:.0f} packets a second, {state.dropped} frames dropped"
    for part in state.parts:
        yield f"  {part.name}", _part(part, now)
    yield "disk", f"{state.disk_free / GIGABYTE:.1f} GB free"
    yield "version", state.version


def _camera(state: ShowState) -> str:
    if state.phase == "closed":  # its engine rests: a camera that nobody looks at is not lost
        return "nobody looks at it while the show is closed"
    if not state.source:
        return "not opened yet"
    moving = {"ok": "its picture moves", "lost": "LOST", "frozen": "FROZEN", "black": "BLACK"}[state.camera]
    return f"{state.source}: {moving}"


def _part(part: Part, now: float) -> str:
    text: str = part.state
    if part.state == "running" and part.process_id is not None:
        text += f" {_since(part.started, now)}, process {part.process_id}, {part.memory / MEGABYTE:.0f} MB"
    if part.restarts:
        text += f", replaced {_times(part.restarts)}"
        text += f" (the last one: {part.last_end})" if part.last_end else ""
    if part.renewals:
        text += f", renewed {_times(part.renewals)}"
    return text


def _times(count: int) -> str:
    return "once" if count == 1 else "twice" if count == 2 else f"{count} times"


def _date(time: float) -> str:
    try:
        return datetime.datetime.fromtimestamp(time).astimezone().strftime("%a %d %b %H:%M")
    except (OverflowError, OSError, ValueError):
        return "at no time"


def _since(time: float, now: float) -> str:
    return f"for {_span(now - time)}" if 0 < time <= now else ""


def _ago(seconds: float) -> str:
    return f"{_span(seconds)} ago" if seconds >= 0 else "later than now, as its clock was"


def _span(seconds: float) -> str:
    """Return a duration as people say it: `4 s`, `12 min`, `3 h 20 min`, `5 d 3 h`."""
    whole = max(0, int(seconds))
    minutes, hours, days = whole // 60, whole // 3600, whole // 86_400
    if days:
        return f"{days} d {hours % 24} h"
    if hours:
        return f"{hours} h {minutes % 60} min"
    return f"{minutes} min" if minutes else f"{whole} s"
