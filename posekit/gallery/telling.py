"""Tells everybody outside how the show is, once a second: one state for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from posekit.gallery.state_making import (
    Times,
    engine_part,
    health_fields,
    own_version,
    phase_of,
    window_part,
)
from posekit.show.state import Phase, ShowState

if TYPE_CHECKING:
    from posekit.gallery.parts import Parts
    from posekit.gallery.sighting import Sighting
    from posekit.gallery.timetable import Verdict


class Telling:
    """Makes states, and hands them to desk, counts, heartbeats and last will."""

    def __init__(self, parts: Parts, sighting: Sighting) -> None:
        self._parts, self._sighting = parts, sighting
        self._began, self._started = parts.clock.now(), parts.wall.time()
        self._times = Times(parts.clock, parts.wall)
        self._phase: tuple[Phase, float] = ("starting", self._started)
        self._version = own_version()

    def tell(self, verdict: Verdict, *, card: bool, is_ending: bool = False) -> None:
        """Make a state of now, and tell it."""
        parts = self._parts
        state = self._state(verdict, self._phase_now(verdict, card=card, is_ending=is_ending))
        parts.desk.show(state)
        if (beat := parts.window.beat) is not None:
            parts.desk.show_sketch(beat.parameters, beat.presets)
        parts.counts.note_state(state)
        parts.counts.tick()
        parts.heartbeat.update()
        parts.will.update()

    def _phase_now(self, verdict: Verdict, *, card: bool, is_ending: bool) -> Phase:
        parts = self._parts
        phase = phase_of(
            verdict,
            is_black=parts.lights.is_black,
            card=card,
            is_shown=parts.window.is_shown,
            is_ending=is_ending,
        )
        if phase != self._phase[0]:
            parts.log.write("phase", f"the show is now: {phase}", before=self._phase[0])
            self._phase = (phase, parts.wall.time())
        return phase

    def _state(self, verdict: Verdict, phase: Phase) -> ShowState:
        parts, memory, feed = self._parts, self._parts.figures.memory, self._parts.engine.feed
        beat, hide = parts.window.beat, parts.show.secrets.hide
        extra: dict[str, Any] = {
            "supervisor_memory": memory.get("supervisor", 0),
            "test_card": parts.test_card,
            "ignore_from": parts.show.resolved.origins["ignore"],
        }
        if beat is not None:
            extra.update(longest_frame_ms=round(beat.longest_ms, 1), sketch_errors=beat.errors)
        return ShowState(
            name=parts.title,
            time=parts.wall.time(),
            phase=phase,
            phase_since=self._phase[1],
            started=self._started,
            uptime=parts.clock.now() - self._began,
            next_change=verdict.next_change,
            held=verdict.held,
            parts=(
                engine_part(parts.engine, self._times, memory.get("engine", 0)),
                window_part("window", parts.window, self._times, memory.get("window", 0)),
                window_part("curtain", parts.curtain, self._times, memory.get("curtain", 0)),
            ),
            troubles=parts.troubles.now,
            source=hide(str(getattr(feed, "source", ""))),
            estimator=str(getattr(feed, "estimator", "")),
            sketch=parts.sketch,
            window_fps=round(beat.fps, 1) if beat is not None else 0.0,
            people=self._sighting.people,
            visits_today=parts.counts.visits_today(),
            disk_free=parts.figures.disk_free or 0,
            version=self._version,
            extra=extra,
            **health_fields(self._sighting.health),
        )
