"""Draws how a show went: memory of each process, what it holds, what it writes, and how fast it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from show_processes import newest, settle_after
from soak import fit, span, tick

from posekit.draw import write_picture

if TYPE_CHECKING:
    from pathlib import Path

    from gallery_story import Story

SIZE = (1200, 1320)
LEFT, RIGHT = 90, 30
INK, LINES = (60, 60, 60), (230, 230, 230)
COLOURS = {
    "window": (214, 120, 40),
    "engine": (40, 110, 200),
    "supervisor": (60, 150, 70),
    "curtain": (150, 80, 170),
    "last will": (120, 120, 120),
}
OTHER = (190, 60, 90)
Points = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Curve:
    """One line of a panel."""

    name: str
    points: Points
    colour: tuple[int, int, int]
    line: tuple[float, float, float] | None = None
    """Slope in units an hour, start, and first second of a fitted line."""


@dataclass(frozen=True)
class Panel:
    """One diagram: what it shows, in which unit, and where it lies."""

    title: str
    curves: tuple[Curve, ...]
    top: int
    height: int


def draw(story: Story, figures: dict[str, Any], settle: float, path: Path) -> None:
    """Write a picture of four diagrams, one below the other, over the same time."""
    picture = np.full((SIZE[1], SIZE[0], 3), 255, np.uint8)
    last = max(one.seconds for one in story.samples)
    lasting = [name for name in story.looks if name in figures]
    memory = [
        Curve(
            _words(name, figures[name]),
            [(one.seconds, one.resident_mb) for one in story.looks[name]],
            COLOURS.get(name, OTHER),
            _line(story, name, settle),
        )
        for name in lasting
    ]
    held = [
        Curve(
            f"{name}: files {span(figures[name]['files'])}, threads {span(figures[name]['threads'])}",
            [(one.seconds, one.files + one.threads) for one in story.looks[name]],
            COLOURS.get(name, OTHER),
        )
        for name in lasting
    ]
    said = figures["show"]
    written = [
        Curve(f"logs: {said['log_bytes_per_hour'] / 1024:.1f} kB an hour",
              [(one.seconds, one.log_bytes / 1024) for one in story.samples], COLOURS["window"]),
        Curve(f"counts, of {said['visits']} visits",
              [(one.seconds, one.counts_bytes / 1024) for one in story.samples], COLOURS["engine"]),
        Curve(f"files in /dev/shm, others' too: {span(said['shared_memory_files'])}",
              [(one.seconds, one.shared_files) for one in story.samples], COLOURS["curtain"]),
    ]  # fmt: skip
    speed = [
        Curve(f"frames a second of the window, median {said['window_fps'][1]}",
              [(one.seconds, one.window_fps) for one in story.samples], COLOURS["window"]),
        Curve(f"scenes a second, median {said['scenes_per_second'][1]}",
              [(one.seconds, one.scenes_per_second) for one in story.samples], COLOURS["engine"]),
    ]  # fmt: skip
    title = f"resident memory, MB; lines fitted from minute {settle / 60:g} on"
    for panel in (
        Panel(title, tuple(memory), 0, 480),
        Panel("open files and threads together", tuple(held), 480, 300),
        Panel("on the disk, kB", tuple(written), 780, 270),
        Panel("speed", tuple(speed), 1050, 270),
    ):
        _draw_panel(picture, panel, last)
    write_picture(path, picture)


def _words(name: str, figures: dict[str, Any]) -> str:
    low, high = figures["interval"]
    return f"{name}: {figures['mb_per_hour']:+.2f} MB/h (95 %: {low:+.2f} to {high:+.2f})"


def _line(story: Story, name: str, settle: float) -> tuple[float, float, float]:
    looks = story.looks[name]
    begin = settle_after(looks, settle)
    slope = fit(newest(looks), begin)
    return slope.mb_per_hour, slope.start_mb, begin


def _draw_panel(picture: np.ndarray, panel: Panel, last: float) -> None:
    """Draw axes, then every curve with its name above them."""
    legend = 30 + 20 * len(panel.curves)
    bottom, tall = panel.top + panel.height - 34, panel.height - 34 - legend
    most = max((value for curve in panel.curves for _, value in curve.points), default=0.0) * 1.1 or 1.0

    def place(seconds: float, value: float) -> tuple[int, int]:
        return round(LEFT + seconds / last * (SIZE[0] - LEFT - RIGHT)), round(bottom - value / most * tall)

    _write(picture, panel.title, (LEFT, panel.top + 20), INK, 0.55)
    for value in np.arange(0, most, tick(most)):
        cv2.line(picture, place(0, value), place(last, value), LINES, 1)
        _write(picture, f"{value:g}", (20, place(0, value)[1] + 5))
    for minute in np.arange(0, last / 60 + 1e-9, tick(last / 60)):
        x, y = place(minute * 60, 0)
        cv2.line(picture, (x, y), (x, y + 5), INK, 1)
        _write(picture, f"{minute:g} min", (x - 20, y + 20))
    for at, curve in enumerate(panel.curves):
        line = np.array([place(*point) for point in curve.points], np.int32)
        cv2.polylines(picture, [line], isClosed=False, color=curve.colour, thickness=2, lineType=cv2.LINE_AA)
        if curve.line is not None:
            slope, start, begin = curve.line
            ends = [place(second, start + slope * second / 3600) for second in (begin, last)]
            cv2.line(picture, *ends, (30, 30, 30), 1, cv2.LINE_AA)
        _write(picture, curve.name, (LEFT + 10, panel.top + 42 + 20 * at), curve.colour)


def _write(picture: np.ndarray, text: str, at: tuple[int, int], colour=INK, size: float = 0.45) -> None:
    cv2.putText(picture, text, at, cv2.FONT_HERSHEY_SIMPLEX, size, colour, 1, cv2.LINE_AA)
