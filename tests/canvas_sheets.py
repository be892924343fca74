"""One small picture for every drawing call of a canvas, for the golden tests and the documentation."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
from sketch_world import PICTURE, dancer, room

from posekit.geometry import fit_picture
from posekit.keypoint import Keypoint
from posekit.sketch.canvas import Canvas
from posekit.sketch.palette import hsv, mix
from posekit.sketch.people import SketchPerson
from posekit.sketch.quiet_pygame import pygame

SIZE = (320, 180)
NIGHT = "#0a0a18"
MISSING = Keypoint(0, 0, name="left_wrist", score=0)
BLENDS = ("normal", "add", "screen", "multiply", "overlay", "lighten", "darken", "difference", "subtract")


class Sheet:
    """A canvas that sees a room and two people, and a time that can be let pass."""

    def __init__(self) -> None:
        self.canvas = Canvas(SIZE)
        self.placement = fit_picture(PICTURE, SIZE, "cover")
        self.canvas.set_camera(room(1.0), self.placement)
        self.canvas.set_mask(bodies(), self.placement)
        self.canvas.begin_frame(0.0)
        self.canvas.background(NIGHT)
        self.people = [self.person(1), self.person(2)]

    def person(self, number: int) -> SketchPerson:
        return SketchPerson(dancer(number, 2, 1.3), self.placement, PICTURE, SimpleNamespace())

    def frames(self, count: int):
        """Let frames pass, 30 a second; yields their times."""
        for number in range(count):
            self.canvas.begin_frame(number / 30)
            yield number / 30
            self.canvas.end_frame()


def bodies() -> np.ndarray:
    """Return a mask (120, 160): two heads on two bodies."""
    rows, columns = np.mgrid[0:120, 0:160]
    mask = np.zeros((120, 160), bool)
    for middle in (50, 112):
        mask |= np.hypot(columns - middle, rows - 38) < 12
        mask |= np.hypot((columns - middle) / 20, (rows - 88) / 36) < 1
    return np.where(mask, 255, 0).astype(np.uint8)


def wave(count: int, height: float = 40.0, middle: float = 90.0) -> list[tuple[float, float]]:
    return [(30 + 260 * at / (count - 1), middle + height * math.sin(at * 1.4)) for at in range(count)]


def background(sheet):
    canvas = sheet.canvas
    canvas.background("midnightblue")
    for number in range(12):
        canvas.circle((40 + 22 * number, 150 - 9 * number), 14, "gold")
        canvas.background((25, 25, 112, 40))


def circle(sheet):
    canvas = sheet.canvas
    canvas.circle((62, 90), 34, "tomato")
    canvas.circle((160, 90), 34, "gold", width=7)
    canvas.circle((245, 80), 30, "deepskyblue", alpha=0.6)
    canvas.circle((270, 104), 30, "hotpink", alpha=0.6)


def line(sheet):
    for number in range(9):
        end = (290, 20 + 17.5 * number)
        sheet.canvas.line((30, 160 - 17.5 * number), end, hsv(40 * number), width=1 + number, alpha=0.85)


def polyline(sheet):
    canvas, points = sheet.canvas, wave(9)
    canvas.polyline([*points[:4], MISSING, *points[5:]], "gold", width=6)
    canvas.polyline([(x, y + 45) for x, y in points], "white", width=2, alpha=0.5)


def curve(sheet):
    canvas, points = sheet.canvas, wave(9, 30, 55)
    canvas.polyline(points, "white", width=1, alpha=0.35)
    canvas.curve([*points[:6], MISSING, *points[7:]], "gold", width=5)
    hull = [(70, 115), (105, 105), (140, 120), (120, 160), (75, 158)]
    canvas.curve(hull, "hotpink", width=0, closed=True)
    canvas.curve([(x + 130, y) for x, y in hull], "deepskyblue", width=4, closed=True)
    for x, y in (*points, *hull):
        canvas.circle((x, y), 3)


def polygon(sheet):
    canvas = sheet.canvas
    star = [
        (math.sin(math.pi * at / 5) * (1, 0.42)[at % 2], -math.cos(math.pi * at / 5) * (1, 0.42)[at % 2])
        for at in range(10)
    ]
    canvas.polygon([(95 + 62 * x, 94 + 62 * y) for x, y in star], "gold")
    canvas.polygon([(225 + 62 * x, 94 + 62 * y) for x, y in star], "deepskyblue", width=5)


def rect(sheet):
    canvas = sheet.canvas
    for person in sheet.people:
        canvas.skeleton(person, "white", width=2, alpha=0.5)
        canvas.rect(person.box, person.color, width=3)
    canvas.rect((20.5, 20.5, 50, 24), "tomato", alpha=0.7)


def text(sheet):
    canvas = sheet.canvas
    canvas.text("left", (160, 8), 34, "gold")
    canvas.text("right", (160, 8), 34, "deepskyblue", align="right")
    canvas.text("in the middle", canvas.center, 54, align="center")
    canvas.text("glowing", (160, 150), 44, "hotpink", align="center", glow=22)


def image(sheet):
    canvas = sheet.canvas
    rows, columns = np.mgrid[0:64, 0:64]
    tile = np.zeros((64, 64, 4), np.uint8)
    tile[..., 0], tile[..., 1], tile[..., 2] = columns * 4, 90, rows * 4
    tile[..., 3] = np.clip((31 - np.hypot(columns - 31.5, rows - 31.5)) * 255, 0, 255)
    canvas.image(tile, (22, 58))
    canvas.image(tile, (102, 26), (128, 128))
    canvas.image(tile, (244, 58), alpha=0.5, glow=20)


def skeleton(sheet):
    first, second = sheet.people
    sheet.canvas.skeleton(first)
    sheet.canvas.skeleton(second, width=2, glow=18)


def trail(sheet):
    canvas = sheet.canvas
    for time in sheet.frames(40):
        canvas.background(NIGHT)
        for number, color in enumerate(("gold", "hotpink", "deepskyblue")):
            turn = 4.2 * time + 2.1 * number
            place = (160 + 120 * math.cos(turn), 90 + 62 * math.sin(1.7 * turn))
            if number < 2 or time < 0.8:
                canvas.trail(place, color, 12, seconds=0.9, key=number, glow=16 * (number > 0))


def camera(sheet):
    canvas = sheet.canvas
    canvas.camera(tint="gold")
    canvas.rect((160, 0, 160, 180), NIGHT)
    canvas.camera(alpha=0.25, fit="contain", mirror=True)


def silhouette(sheet):
    canvas = sheet.canvas
    canvas.gradient("#402040", "black")
    canvas.silhouette("hotpink", glow=40)
    canvas.silhouette("camera")


def gradient(sheet):
    canvas = sheet.canvas
    canvas.gradient("midnightblue", "tomato")
    canvas.gradient((255, 220, 90, 255), (255, 220, 90, 0), (160, 180), (160, 80))
    for number in range(9):
        canvas.circle((32 + 32 * number, 30), 11, mix("gold", "deepskyblue", number / 8))


def glow(sheet):
    canvas = sheet.canvas
    for x, y, color in ((120, 70, "red"), (200, 70, "lime"), (160, 120, "blue")):
        canvas.glow((x, y), 90, color)
    canvas.line((20, 30), (90, 160), "cyan", 3, glow=30)
    canvas.circle((272, 120), 16, "gold", width=3, glow=34)


def blend(sheet):
    canvas = sheet.canvas
    canvas.gradient("black", "white", (0, 0), (320, 0))
    for number, mode in enumerate(BLENDS):
        canvas.rect((4, 4 + 19.5 * number, 312, 16), "#d04080", blend=mode)
        canvas.text(mode, (8, 7 + 19.5 * number), 16, "white", alpha=0.9)


def layer(sheet):
    canvas = sheet.canvas
    canvas.gradient("gold", "crimson", (0, 0), (320, 180))
    night = canvas.layer()
    night.background(NIGHT)
    night.circle((90, 90), 52, "white", blend="erase", glow=30)
    night.text("hole", (90, 90), 50, "black", align="center")
    night.circle((236, 90), 50, "hotpink", width=5, glow=34)
    canvas.draw_layer(night, 0.95)
    soft = canvas.layer("soft", size=(160, 90))
    soft.text("soft", (118, 45), 28, align="center")
    soft.blur(2.5)
    canvas.draw_layer(canvas.layer("soft"), blend="add")


def feedback(sheet):
    canvas = sheet.canvas
    echo = canvas.layer("echo")
    for time in sheet.frames(90):
        echo.feedback(zoom=1.02, turn=1.5, fade=0.02)
        turn = time * 2.2
        x, y = 160 + 46 * math.cos(turn), 90 + 30 * math.sin(1.4 * turn)
        echo.circle((x, y), 7, hsv(time * 140), alpha=0.9)
    canvas.draw_layer(echo)
    canvas.circle((x, y), 8, "white", glow=20)


def surface(sheet):
    canvas = sheet.canvas
    canvas.circle(canvas.center, 60, "gold")
    pygame.draw.rect(canvas.surface, NIGHT, (126, 104, 68, 26), border_radius=13, border_top_left_radius=2)
    canvas.pixels[60:78, 132:144] = canvas.pixels[60:78, 176:188] = (24, 10, 10, 0)


SHEETS = {
    made.__name__: made
    for made in (
        background, circle, line, polyline, curve, polygon, rect, text, image, skeleton, trail, camera,
        silhouette, gradient, glow, blend, layer, feedback, surface,
    )
}  # fmt: skip
"""What each sheet shows, by its name."""


def draw_sheet(name: str) -> Canvas:
    """Return a canvas with one of the sheets on it."""
    sheet = Sheet()
    SHEETS[name](sheet)
    return sheet.canvas
