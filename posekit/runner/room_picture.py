"""What the room editor shows: corners on the screen, the stage in the picture, or marks to walk to."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from posekit.draw import place_picture
from posekit.geometry import Placement, fit_picture
from posekit.runner.card import ACCENT, INK, QUIET, card, letter_size, text_width, wrap, write
from posekit.runner.room_walk import mark_places
from posekit.warp import CORNER_NAMES, Warp, rectangle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from posekit.geometry import Size
    from posekit.runner.room_walk import Walk
    from posekit.sketch.canvas import Canvas
    from posekit.warp import Corners, Point

MARK = (255, 200, 60)
VIEW_SHARE = 0.8
"""The camera's picture in the canvas: corners of a stage may lie outside it, and are to be reached."""
LOUPE_REACH = 20
"""Pixels of the camera's picture that the loupe shows on each side of a corner."""
WORDS_OPACITY = 1.0
"""Of the card over the test card, which has words and lines of its own."""
GRID = 6
TARGET_SHARE = 22
"""The canvas's shorter side in radii of a mark."""
HELP = {
    "keystone": (
        "drag a corner of the picture to where it belongs on the wall",
        "1 to 4 or Tab choose a corner; arrows move it by a pixel, with Shift by ten",
        "U: undo | R: no keystone | D: next screen",
        "S: stage | W: walk the stage | Esc: leave",
    ),
    "stage": (
        "drag corners, or click the four marks: top left, top right, bottom right, bottom left",
        "U: undo | R: no stage | M: metres | K: keystone | W: walk | Esc: leave",
    ),
    "walk": ("Enter: take it now | Backspace: one back | S: by hand | Esc: leave",),
}
"""What can be done, line by line."""


def view_of(picture: Size, canvas: Size, *, mirrored: bool) -> Placement:
    """Return where the whole picture lies on the canvas while the stage is drawn."""
    small = (round(canvas[0] * VIEW_SHARE), round(canvas[1] * VIEW_SHARE))
    fitted = fit_picture(picture, small, "contain")
    left, top = (canvas[0] - small[0]) / 2, (canvas[1] - small[1]) / 2
    placed = Placement(fitted.extent_x, fitted.extent_y, fitted.offset_x + left, fitted.offset_y + top)
    return placed.mirrored(canvas[0]) if mirrored else placed


def grip_size(canvas: Canvas) -> float:
    """Return the radius in pixels of a corner that can be taken hold of."""
    return max(9.0, min(canvas.size) / 60)


def draw_keystone(canvas: Canvas, places: Sequence[Point], chosen: int) -> None:
    """Draw the corners of what is shown, `places` in canvas pixels, over the test card."""
    size = min(canvas.size) / 7
    for at, (x, y) in enumerate(places):
        inward = (1 if at in (0, 3) else -1, 1 if at in (0, 1) else -1)
        color, thick = (MARK, 10.0) if at == chosen else (ACCENT, 5.0)
        canvas.polyline(
            [(x + inward[0] * size, y), (x, y), (x, y + inward[1] * size)], color, thick * size / 100 + 3
        )
        if at == chosen:
            canvas.line((x, y), (x + inward[0] * size * 0.7, y + inward[1] * size * 0.7), color, 2)


def draw_stage(
    canvas: Canvas,
    picture: NDArray[np.uint8] | None,
    view: Placement,
    corners: Corners,
    chosen: int,
    marks: Sequence[Point] = (),
    fine: Point | None = None,
) -> None:
    """Draw the camera's whole picture and the stage in it, with a loupe for the place `fine`."""
    canvas.background((10, 12, 16))
    if picture is not None:
        place_picture(canvas.pixels, picture, view)
    places = view.to_area(np.array(corners))
    canvas.polygon(places, ACCENT, alpha=0.12)
    warp = Warp.between(rectangle(0.0, 0.0, 1.0, 1.0), corners)
    for part in np.linspace(0, 1, GRID + 1)[1:-1]:
        ends = np.array([[(part, 0), (part, 1)], [(0, part), (1, part)]])
        for start, end in view.to_area(warp.apply(ends)):
            canvas.line(start, end, ACCENT, 1, 0.5)
    canvas.polyline(places, ACCENT, 2.5, closed=True)
    grip, middle = grip_size(canvas), places.mean(axis=0)
    for at, place in enumerate(places):
        is_chosen = at == chosen
        canvas.circle(place, grip, MARK if is_chosen else ACCENT, width=3)
        _crosshair(canvas, place, grip, MARK if is_chosen else ACCENT)
        away = place - middle
        away = away / max(1.0, float(np.hypot(*away))) * grip * 2.4
        write(canvas, str(at + 1), *_number_place(place, away), letter_size(canvas), INK, "center")
    for at, mark in enumerate(marks):
        place = view.to_area(np.array(mark))
        _crosshair(canvas, place, grip * 1.5, MARK)
        write(canvas, CORNER_NAMES[at], *_number_place(place, np.array((0, grip * 2))), 18, MARK, "center")
    if picture is not None and fine is not None:
        _loupe(canvas, picture, view, fine, view.to_area(np.array(fine)))


def draw_walk(canvas: Canvas, walk: Walk, now: float, feet: Point | None) -> None:
    """Draw the four marks on an otherwise dark floor; the next one blinks, and fills while she stands."""
    canvas.background("black")
    radius = min(canvas.size) / TARGET_SHARE
    for at, place in enumerate(mark_places(canvas.size)):
        is_next, is_taken = at == walk.number, at < walk.number
        color = ACCENT if is_taken else MARK if is_next else QUIET
        bright = 0.55 + 0.45 * math.cos(2 * math.pi * now) if is_next and not walk.progress else 1.0
        canvas.circle(place, radius, color, width=3, alpha=max(0.15, bright))
        _crosshair(canvas, place, radius * 1.5, color)
        if is_taken:
            canvas.circle(place, radius * 0.7, color, alpha=0.8)
        elif is_next and walk.progress:
            canvas.circle(place, max(2.0, radius * walk.progress), color, alpha=0.8)
        x, y = place
        inward = radius * (2.2 if at in (0, 1) else -2.2)
        write(canvas, str(at + 1), x, y + inward, letter_size(canvas) * 2, color, "center")
    seen = "feet are seen" if feet is not None else "no feet are seen yet"
    write(
        canvas,
        seen,
        canvas.width / 2,
        canvas.height * 0.72,
        letter_size(canvas),
        ACCENT if feet else MARK,
        "center",
    )


def draw_words(
    canvas: Canvas, box: tuple[int, int, int, int], title: str, lines: Sequence[str], message: str
) -> None:
    """Draw the card that says what can be done, above the middle of a part of the canvas."""
    size = letter_size(canvas)
    width = min(box[2] * (0.7 if box[2] > 40 * size else 0.96), size * 30.0)
    inner = width - 2 * size
    told = [row for line in lines for row in wrap(line, round(size * 0.8), inner, 2)]
    said = wrap(message, round(size * 0.8), inner, 3) if message else []
    height = size * (2.6 + 1.05 * (len(told) + len(said)))
    left, top = box[0] + (box[2] - width) / 2, box[1] + max(size, box[3] * 0.36 - height / 2)
    card(canvas, (left, top, width, height), WORDS_OPACITY)
    write(canvas, title, left + size, top + size * 1.1, round(size * 1.1), ACCENT)
    y = top + size * 2.4
    for color, rows in ((INK, told), (MARK, said)):
        for row in rows:
            write(canvas, row, left + size, y, round(size * 0.8), color)
            y += size * 1.05


def draw_hint(canvas: Canvas, lines: Sequence[str], message: str) -> None:
    """Write lines at the bottom, on a strip of their own, and above them what there is to say."""
    size = round(letter_size(canvas) * 0.8)
    inner = canvas.width - 2.0 * size
    told = [(row, INK) for line in lines for row in wrap(line, size, inner, 2)]
    said = [(row, MARK) for row in (wrap(message, size, inner, 2) if message else [])]
    rows: list[tuple[str, Any]] = [*said, *told]
    width = min(float(canvas.width), max(text_width(row, size) for row, _ in rows) + 2.0 * size)
    height = size * (0.7 + 1.25 * len(rows))
    left, top = (canvas.width - width) / 2, canvas.height - height - 0.3 * size
    card(canvas, (left, top, width, height))
    for at, (row, color) in enumerate(rows):
        write(canvas, row, canvas.width / 2, top + size * (1.0 + 1.25 * at), size, color, "center")


def corner_words(at: int) -> str:
    """Return a corner's number and name."""
    return f"{at + 1}, {CORNER_NAMES[at]}"


def _number_place(place: Any, away: Any) -> tuple[float, float]:
    x, y = (place + away).tolist()
    return x, y


def _crosshair(canvas: Canvas, place: Any, reach: float, color: Any) -> None:
    x, y = (float(number) for number in place)
    canvas.line((x - reach, y), (x + reach, y), color, 1)
    canvas.line((x, y - reach), (x, y + reach), color, 1)


def _loupe(
    canvas: Canvas, picture: NDArray[np.uint8], view: Placement, corner: Point, place: NDArray[np.floating]
) -> None:
    """Show what is around a place much larger, in the middle of the half of the canvas where it is not."""
    across = min(canvas.size) * 0.3
    rows, columns = picture.shape[:2]
    middle = (corner[0] * columns - 0.5, corner[1] * rows - 0.5)
    sides = (2 * LOUPE_REACH + 1, 2 * LOUPE_REACH + 1)
    limited = (float(np.clip(middle[0], 0, columns - 1)), float(np.clip(middle[1], 0, rows - 1)))
    part = np.asarray(cv2.getRectSubPix(picture, sides, limited), np.uint8)
    shift = np.array((middle[0] - limited[0], middle[1] - limited[1])) * across / sides[0]
    if view.is_mirrored:
        part, shift = np.ascontiguousarray(part[:, ::-1]), shift * (-1, 1)
    left = canvas.width * (0.3 if place[0] > canvas.width / 2 else 0.7) - across / 2
    top = (canvas.height - across) / 2
    canvas.image(part, (left, top), (across, across))
    canvas.rect((left, top, across, across), MARK, width=3)
    x, y = left + across / 2 + float(shift[0]), top + across / 2 + float(shift[1])
    if left < x < left + across and top < y < top + across:
        _crosshair(canvas, (x, y), across * 0.12, MARK)
