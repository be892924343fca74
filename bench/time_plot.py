"""Draws accuracy over time: every estimator a point, the time by powers of two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

WIDTH, HEIGHT, MARGIN = 1100, 640, 70
COLORS = {"posenet": (60, 90, 220), "movenet": (40, 150, 60), "blazepose": (200, 90, 40)}
"""Red, green, blue of each family."""
INK, LINES = (60, 60, 60), (235, 235, 235)


@dataclass(frozen=True)
class Point:
    """One estimator in the plot."""

    name: str
    family: str
    milliseconds: float
    precision: float
    is_ring: bool = False
    """Drawn as a ring: the same model in a slower runtime; its name stands at the other."""


def draw_plot(points: Sequence[Point], file: Path) -> None:
    """Write a picture of what accuracy costs."""
    image = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    times = [point.milliseconds for point in points]
    low, high = np.log2(min(times)) - 0.3, np.log2(max(times)) + 0.8
    top = max(point.precision for point in points) * 1.1 + 0.01

    def place(milliseconds: float, precision: float) -> tuple[int, int]:
        across = (np.log2(milliseconds) - low) / (high - low)
        up = precision / top
        return round(MARGIN + across * (WIDTH - 2 * MARGIN)), round(
            HEIGHT - MARGIN - up * (HEIGHT - 2 * MARGIN)
        )

    for power in range(int(np.ceil(low)), int(high) + 1):
        x, y = place(2.0**power, 0)
        cv2.line(image, (x, y), (x, MARGIN), LINES, 1)
        _write(image, f"{2**power:g}", (x - 10, y + 20))
    for level in np.arange(0, top, 0.1):
        x, y = place(2.0**low, level)
        cv2.line(image, (x, y), (WIDTH - MARGIN, y), LINES, 1)
        _write(image, f"{level:.1f}", (x - 45, y + 5))
    _write(image, "milliseconds a frame (dots: LiteRT, rings: MediaPipe)", (WIDTH // 2 - 190, HEIGHT - 15))
    _write(image, "AP", (20, MARGIN - 20))
    _name(image, [(point, place(point.milliseconds, point.precision)) for point in points])
    cv2.imwrite(str(file), image, [cv2.IMWRITE_PNG_COMPRESSION, 9])


def _name(image: np.ndarray, placed: Sequence[tuple[Point, tuple[int, int]]]) -> None:
    """Draw the points, and beside each its name where no other's name is yet."""
    taken = [_around(at, 9) for _, at in placed]
    named: set[str] = set()
    for at, other in [(at, other) for one, at in placed for two, other in placed if one.name == two.name]:
        cv2.line(image, at, other, LINES, 2, cv2.LINE_AA)
    for point, at in placed:
        color = COLORS[point.family][::-1]
        cv2.circle(image, at, 6, (255, 255, 255), -1)
        cv2.circle(image, at, 6, color, 2 if point.is_ring else -1, cv2.LINE_AA)
        if point.name in named:
            continue
        named.add(point.name)
        (wide, tall), _ = cv2.getTextSize(point.name, cv2.FONT_HERSHEY_SIMPLEX, 0.42, 1)
        spots = [(at[0] + x, at[1] + y) for y in (4, -14, 22, -32, 40, -50, 58) for x in (10, -wide - 10)]
        boxes = [(x - 2, y - tall - 3, x + wide + 2, y + 4) for x, y in spots]
        inside = [at for at, box in enumerate(boxes) if box[0] > 0 and box[2] < WIDTH]
        free = [at for at in inside if not any(_meet(boxes[at], other) for other in taken)]
        chosen = free[0] if free else 0
        taken.append(boxes[chosen])
        _write(image, point.name, spots[chosen], color, 0.42)


def _around(at: tuple[int, int], by: int) -> tuple[int, int, int, int]:
    return at[0] - by, at[1] - by, at[0] + by, at[1] + by


def _meet(box: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> bool:
    return box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]


def _write(image: np.ndarray, text: str, at: tuple[int, int], color=INK, size: float = 0.5) -> None:
    cv2.putText(image, text, at, cv2.FONT_HERSHEY_SIMPLEX, size, color, 1, cv2.LINE_AA)
