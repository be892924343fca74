"""The four corners that the room editor moves: of a screen's keystone, or of the stage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from posekit.runner.room_picture import view_of
from posekit.warp import Corners, Point, check_corners, rectangle

if TYPE_CHECKING:
    from posekit.geometry import Placement, Size
    from posekit.runner.loop import Loop
    from posekit.runner.screens import Screens


class MovedCorners(Protocol):
    """Four corners in parts of a screen or picture, in the order in which they are seen on the canvas."""

    @property
    def corners(self) -> Corners:
        """Where they are now."""
        ...

    @property
    def size(self) -> Size:
        """Of the screen or picture, in its pixels."""
        ...

    def put(self, corners: Corners) -> None:
        """Move them; raises `SettingsError` where nothing could be shown between them."""

    def reset(self) -> None:
        """Leave them to posekit again."""

    def from_canvas(self, position: tuple[float, float]) -> Point:
        """Return which place is meant by one on the canvas."""
        ...

    def step(self, x: float, y: float) -> Point:
        """Return a step of so many pixels to the right and down, as it is seen."""
        ...


class KeystoneCorners:
    """Where what is shown is on a screen; what hangs on its side is seen upright."""

    def __init__(self, screens: Screens, at: int) -> None:
        self._screens, self._at = screens, at

    @property
    def corners(self) -> Corners:
        """Where they are on the screen."""
        projection = self._screens.projection(self._at)
        return _rolled(projection.keystone or projection.upright, projection.turn // 90)

    @property
    def size(self) -> Size:
        """The screen's."""
        return self._screens.projection(self._at).screen

    def put(self, corners: Corners) -> None:
        """Move them; raises `SettingsError`."""
        turns = self._screens.projection(self._at).turn // 90
        self._screens.change(self._at, keystone=_rolled(check_corners(corners, "the keystone"), -turns))

    def reset(self) -> None:
        """Show everything upright again."""
        self._screens.change(self._at, keystone=None)

    def from_canvas(self, position: tuple[float, float]) -> Point:
        """Return which place on the screen shows one of the canvas."""
        projection = self._screens.projection(self._at)
        x, y = (projection.warp.apply(position) / projection.screen).tolist()
        return (x, y)

    def step(self, x: float, y: float) -> Point:
        """Return a step on the screen."""
        projection = self._screens.projection(self._at)
        for _ in range(projection.turn // 90):
            x, y = -y, x
        return (x / projection.screen[0], y / projection.screen[1])


class StageCorners:
    """Where the canvas's corners are in the camera's picture, which is shown whole meanwhile."""

    def __init__(self, screens: Screens, loop: Loop) -> None:
        self._screens, self._loop = screens, loop

    @property
    def corners(self) -> Corners:
        """Where they are in the picture: as they were put, or as it is fitted."""
        if self._screens.stage is not None:
            return self._screens.stage
        width, height = self._screens.canvas
        places = self._loop.placement.to_picture(np.array(rectangle(0.0, 0.0, width, height)))
        one, two, three, four = ((float(x), float(y)) for x, y in places)
        return (one, two, three, four)

    @property
    def size(self) -> Size:
        """The picture's."""
        return self._loop.scene.size or self._screens.canvas

    @property
    def view(self) -> Placement:
        """Where the whole picture lies on the canvas while it is shown."""
        return view_of(self.size, self._screens.canvas, mirrored=self._loop.mirror)

    def put(self, corners: Corners) -> None:
        """Move them; raises `SettingsError`."""
        self._screens.change(stage=check_corners(corners, "the stage"))
        self._loop.stage = self._screens.stage

    def reset(self) -> None:
        """Leave it to fit and mirror again."""
        self._screens.change(stage=None)
        self._loop.stage = None

    def from_canvas(self, position: tuple[float, float]) -> Point:
        """Return which place of the picture is shown there."""
        x, y = self.view.to_picture(np.array(position)).tolist()
        return (x, y)

    def step(self, x: float, y: float) -> Point:
        """Return a step in the picture, as one sees it in a mirror or out of it."""
        width, height = self.size
        return ((-x if self.view.is_mirrored else x) / width, y / height)


def distances(moved: MovedCorners, point: Point) -> np.ndarray:
    """Return how far the corners are from a place, (4,), in pixels of the screen or picture."""
    away = (np.array(moved.corners) - point) * moved.size
    return np.asarray(np.hypot(away[:, 0], away[:, 1]))


def _rolled(corners: Corners, by: int) -> Corners:
    """Return corners beginning with another one."""
    one, two, three, four = (corners[(at + by) % 4] for at in range(4))
    return (one, two, three, four)
