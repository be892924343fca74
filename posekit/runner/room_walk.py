"""Walking to the four marks: somebody stands on each, and where the camera sees her feet is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from posekit.errors import SettingsError
from posekit.skeleton import COCO_17
from posekit.warp import CORNER_NAMES, Corners, Warp, check_corners, rectangle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from posekit.sketch.scene import SketchScene
    from posekit.warp import Point

MARK_INSET = 0.1
"""How far inside the canvas's edges the marks are, in parts of it: one stands on them, not in the wall."""
STILL_SECONDS = 2.0
"""How long somebody has to stand still."""
STILL_REACH = 0.02
"""How far her feet may seem to move meanwhile, in parts of the picture: an estimator's own trembling."""
STEP = 0.06
"""How far the next mark is at least from those before and from where she began: standing is not enough."""

ANKLES = [COCO_17.find(f"{side}_ankle") for side in ("left", "right")]


class Walk:
    """Four marks, one after the other. Places are image-normalised; nothing in it knows of a window."""

    def __init__(self) -> None:
        self.taken: list[Point] = []
        """Where she stood."""
        self._stood: list[tuple[float, Point]] = []
        self._start: Point | None = None

    @property
    def number(self) -> int:
        """Which mark is next, 0 to 3; 4 when all are taken."""
        return len(self.taken)

    @property
    def is_done(self) -> bool:
        """Whether all four marks are taken."""
        return self.number == 4

    @property
    def progress(self) -> float:
        """How much of the time to stand still is over, 0 to 1."""
        if len(self._stood) < 2:
            return 0.0
        return min(1.0, (self._stood[-1][0] - self._stood[0][0]) / STILL_SECONDS)

    def see(self, feet: Point | None, now: float) -> bool:
        """Take in where her feet are, None when they are not seen; whether a mark was taken."""
        if self.is_done:
            return False
        if feet is None or not np.isfinite(feet).all():
            self._stood.clear()
            return False
        if self._start is None:
            self._start = feet  # whoever stands there already has not walked to a mark
        if self._stood and _distance(feet, self._middle()) > STILL_REACH:
            self._stood.clear()
        self._stood.append((now, feet))
        if any(_distance(feet, before) < STEP for before in (self._start, *self.taken)):
            self._stood = self._stood[-1:]
        if self.progress < 1:
            return False
        self.take()
        return True

    def take(self) -> bool:
        """Take the mark at once; false while no feet are seen."""
        if not self._stood or self.is_done:
            return False
        self.taken.append(self._middle())
        self._stood.clear()
        return True

    def back(self) -> None:
        """Give the last mark up."""
        del self.taken[-1:]
        self._stood.clear()

    def corners(self) -> Corners:
        """Return where the canvas's own corners are, from the marks inside it; raises `SettingsError`."""
        one, two, three, four = self.taken
        marks = check_corners((one, two, three, four), "what was walked")
        warp = Warp.between(rectangle(MARK_INSET, MARK_INSET, 1 - 2 * MARK_INSET, 1 - 2 * MARK_INSET), marks)
        places = warp.apply(np.array(rectangle(0.0, 0.0, 1.0, 1.0)))
        if not np.isfinite(places).all():
            raise SettingsError(
                "these marks lie too nearly in one line for the camera; hang it higher, or put them apart"
            )
        first, second, third, fourth = ((float(x), float(y)) for x, y in places)
        return check_corners((first, second, third, fourth), "the stage")

    def _middle(self) -> Point:
        x, y = np.mean([place for _, place in self._stood], axis=0).tolist()
        return (x, y)


def mark_places(canvas: tuple[int, int]) -> list[Point]:
    """Return where the marks are on a canvas, in pixels, in the order of corners."""
    width, height = canvas
    inset = (width * MARK_INSET, height * MARK_INSET)
    return list(rectangle(inset[0], inset[1], width - 2 * inset[0], height - 2 * inset[1]))


def instruction(walk: Walk) -> str:
    """Return what is to be done now."""
    if walk.is_done:
        return "all four marks are taken"
    return f"stand on mark {walk.number + 1}, {CORNER_NAMES[walk.number]}, and hold still"


def lead_feet(scene: SketchScene) -> Point | None:
    """Return where the lead's ankles are in the picture; None while none is seen."""
    if scene.lead is None:
        return None
    pose = scene.lead.raw.pose
    seen = pose.visible[ANKLES]
    if not seen.any():
        return None
    x, y = pose.xy[ANKLES][seen].mean(axis=0).tolist()
    return (x, y)


def _distance(first: Sequence[float], second: Sequence[float]) -> float:
    return float(np.hypot(first[0] - second[0], first[1] - second[1]))
