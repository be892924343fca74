"""F2: whom posekit sees, and how it is doing."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from posekit.health import CameraState
from posekit.runner.card import (
    ACCENT,
    ALARM,
    GROUND,
    INK,
    QUIET,
    card,
    letter_size,
    rounded,
    small,
    text_width,
    wrap,
    write,
)
from posekit.runner.still import Still
from posekit.runner.tool import Tool

if TYPE_CHECKING:
    from collections.abc import Callable

    from posekit.clock import Clock
    from posekit.runner.card import Box
    from posekit.runner.loop import Loop
    from posekit.sketch.canvas import Canvas

LOOK_SECONDS = 1.0
"""Over which the window's frames are counted."""
STALE_SECONDS = 5.0
"""An older scene is of another clock, as in a film that is shown again."""
MARGIN, LINE, WIDTH = 0.7, 1.1, 13.5
"""In heights of the letters."""
MOST_LINES = 3
"""Lines that the estimator's name may have."""
CANDIDATE = (150, 150, 150)


@dataclass(frozen=True)
class Figure:
    """One line of the card."""

    name: str
    text: str
    is_alarm: bool = False


class Overlay(Tool):
    """Shows skeletons with ids, and figures: frames a second, latency, what was dropped, camera, estimator.

    `estimator` is asked what looks at the frames just now. The sketch has mouse and keys meanwhile.
    """

    name, key_name = "overlay", "f2"
    help = "skeletons, ids, frames a second, latency"

    def __init__(self, loop: Loop, clock: Clock, estimator: Callable[[], str] = lambda: "") -> None:
        self._loop, self._clock, self._estimator = loop, clock, estimator
        self._times: deque[float] = deque(maxlen=2000)
        self._latency = 0.0
        self._still = Still()

    def key(self, name: str, text: str) -> bool:  # noqa: ARG002 (what it types does not matter)
        """Close with Esc; every other key is somebody else's."""
        if name == "escape":
            self.close()
        return name == "escape"

    def frame(self, canvas: Canvas, now: float) -> None:  # noqa: ARG002 (only when it was)
        """Count a frame of the window."""
        self._times.append(now)
        while now - self._times[0] > LOOK_SECONDS:
            self._times.popleft()
        scene = self._loop.scene.raw
        if scene is not None and 0 <= (age := self._clock.now() - scene.captured) < STALE_SECONDS:
            # A scene is shown until the next one comes; its age swings by a frame, which nobody can read.
            self._latency += 0.1 * (age * 1000 - self._latency)

    def draw(self, canvas: Canvas) -> None:
        """Draw everybody, and the card."""
        self._draw_people(canvas)
        figures, about = self.figures(), self._estimator()
        unit = letter_size(canvas)
        width = min(canvas.width - 2 * unit * MARGIN, unit * WIDTH)
        high = unit * (2 * MARGIN + LINE * (len(figures) + MOST_LINES) + 0.3)
        box = (canvas.width - unit * MARGIN - width, unit * MARGIN, width, high)
        key = (canvas.size, figures, about)
        self._still.draw(canvas, box, key, lambda blank: _draw_card(blank, box, figures, about))

    def figures(self) -> list[Figure]:
        """Return what the card says, line by line."""
        scene = self._loop.scene
        health, raw = scene.health, scene.raw
        thin = len(raw.candidates) if raw is not None else 0
        spread = self._times[-1] - self._times[0] if self._times else 0.0
        fps = (len(self._times) - 1) / spread if spread > 0 else 0.0
        camera = health.camera
        state = "paused" if health.paused else camera.name.lower() if health.engine else "no engine"
        is_well = camera is CameraState.OK and health.engine and not health.paused
        return [
            Figure("window", f"{fps:.0f} fps"),
            Figure("engine", f"{health.fps:.1f} fps", not health.engine),
            Figure("camera to scene", f"{health.latency_ms:.0f} ms"),
            Figure("camera to window", f"{self._latency:.0f} ms"),
            Figure("dropped", str(health.dropped)),
            Figure("camera", state, not is_well),
            Figure("people", f"{len(scene.people)}" + (f" (+{thin} faint)" if thin else "")),
            Figure("OSC out", f"{health.packets_per_second:.0f} a second"),
        ]

    def _draw_people(self, canvas: Canvas) -> None:
        unit = letter_size(canvas)
        scene = self._loop.scene
        if scene.raw is not None:
            for pose in scene.raw.candidates:
                body = _Faint(self._loop.placement.to_area(pose.xy), pose.skeleton)
                canvas.skeleton(body, CANDIDATE, alpha=0.6)
        for person in scene.people:
            canvas.skeleton(person, alpha=0.9)
            box = person.box
            if not box:
                continue
            is_lead = scene.lead is not None and scene.lead.id == person.id
            parts = [
                f"id {person.id}",
                f"slot {person.slot or '-'}",
                *["lead"] * is_lead,
                f"{person.score:.2f}",
            ]
            words = " · ".join(parts)
            across = text_width(words, unit) + unit
            left = min(max(0.0, box.x + box.width / 2 - across / 2), max(0.0, canvas.width - across))
            top = min(max(unit * 0.2, box.y - unit * 1.6), canvas.height - unit * 1.5)
            rounded(canvas, (left, top, across, unit * 1.3), GROUND, unit * 0.3, 0.75)
            write(canvas, words, left + unit / 2, top + unit * 0.65, unit)


@dataclass(frozen=True)
class _Faint:
    """A body too thin to count, as the canvas draws one."""

    xy: object
    skeleton: object


def _draw_card(canvas: Canvas, box: Box, figures: list[Figure], estimator: str) -> None:
    """Draw the figures at the top of a box, and the card as high as it has to be."""
    unit = letter_size(canvas)
    left, top, width, _ = box
    inner, across = left + unit * MARGIN, width - 2 * unit * MARGIN
    lines = int((canvas.height - 2 * top) / unit / LINE - 2 * MARGIN / LINE - len(figures))
    about = wrap(estimator, small(unit), across, min(MOST_LINES, lines)) if lines > 0 else []
    high = unit * (2 * MARGIN + LINE * (len(figures) + len(about)) + (0.3 if about else 0))
    card(canvas, (left, top, width, high))
    middle = top + unit * (MARGIN + LINE / 2)
    for figure in figures:
        write(canvas, figure.name, inner, middle, unit, QUIET)
        write(canvas, figure.text, inner + across, middle, unit, ALARM if figure.is_alarm else INK, "right")
        middle += unit * LINE
    middle += unit * 0.3
    for line in about:
        write(canvas, line, inner, middle, small(unit), ACCENT)
        middle += unit * LINE
