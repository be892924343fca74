"""Points of the plane that feel like vectors, and keypoints, which are points with a name and a score."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NoReturn

from posekit.errors import MissingKeypointError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Vector:
    """A point or direction (x, y) that adds, scales, measures and unpacks to two numbers."""

    __slots__ = ("x", "y")
    x: float
    y: float

    def __init__(self, x: float, y: float) -> None:
        object.__setattr__(self, "x", x)
        object.__setattr__(self, "y", y)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(
            f"{type(self).__name__} cannot be changed; make a new one instead of setting {name}"
        )

    def __iter__(self) -> Iterator[float]:
        return iter((self.x, self.y))

    def __len__(self) -> int:
        return 2

    def __getitem__(self, at: int) -> float:
        return (self.x, self.y)[at]

    def __bool__(self) -> bool:
        return math.isfinite(self.x) and math.isfinite(self.y)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, (Vector, tuple)) or len(other) != 2:
            return NotImplemented
        return bool(self.x == other[0] and self.y == other[1])

    def __hash__(self) -> int:
        return hash((self.x, self.y))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.x:.4g}, {self.y:.4g})"

    def __add__(self, other: Iterable[float]) -> Vector:
        x, y = other
        return Vector(self.x + x, self.y + y)

    def __sub__(self, other: Iterable[float]) -> Vector:
        x, y = other
        return Vector(self.x - x, self.y - y)

    def __mul__(self, factor: float) -> Vector:
        return Vector(self.x * factor, self.y * factor)

    __radd__ = __add__
    __rmul__ = __mul__

    def __rsub__(self, other: Iterable[float]) -> Vector:
        x, y = other
        return Vector(x - self.x, y - self.y)

    def __truediv__(self, divisor: float) -> Vector:
        return Vector(self.x / divisor, self.y / divisor)

    def __neg__(self) -> Vector:
        return Vector(-self.x, -self.y)

    @property
    def length(self) -> float:
        """Distance from (0, 0)."""
        return math.hypot(self.x, self.y)

    def distance_to(self, other: Iterable[float]) -> float:
        """Return the distance to another point; NaN when either is missing, so that no comparison holds."""
        x, y = other
        return math.hypot(x - self.x, y - self.y)

    def angle_to(self, other: Iterable[float]) -> float:
        """Return the direction to another point in degrees: 0 is right, 90 down; from -180 to 180."""
        x, y = other
        return math.degrees(math.atan2(y - self.y, x - self.x))

    def lerp(self, other: Iterable[float], amount: float) -> Vector:
        """Return the point `amount` of the way to another: 0 is here, 1 is there."""
        x, y = other
        return Vector(self.x + (x - self.x) * amount, self.y + (y - self.y) * amount)


class Keypoint(Vector):
    """A named body part: a vector with a score, true when it is visible.

    In the engine its coordinates are image-normalised, in a sketch they are canvas pixels. A missing keypoint
    is false, its score is 0, and its x and y are NaN; turning those into whole numbers raises
    `MissingKeypointError`, which says which keypoint it was.
    """

    __slots__ = ("name", "person_id", "score", "velocity")
    name: str
    score: float
    """From 0 to 1."""
    person_id: int
    """Whose it is: her `id`, or 0 when that is not known."""
    velocity: Vector
    """Where it is going: in a sketch in pixels per second, in the engine in image heights per second (which
    is isotropic, unlike x and y there); (0, 0) when that is not known."""

    def __init__(
        self,
        x: float,
        y: float,
        *,
        name: str = "",
        score: float = 1.0,
        velocity: Vector | None = None,
        person_id: int = 0,
    ) -> None:
        if not (math.isfinite(x) and math.isfinite(y) and score > 0):
            x = y = MissingCoordinate(name)
            score = 0.0
        super().__init__(x, y)
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "score", score)
        object.__setattr__(self, "person_id", person_id)
        object.__setattr__(self, "velocity", velocity if velocity else Vector(0.0, 0.0))

    @property
    def visible(self) -> bool:
        """Whether it was seen."""
        return bool(self)

    @property
    def speed(self) -> float:
        """Length of its velocity, in the same units."""
        return self.velocity.length

    def __repr__(self) -> str:
        if not self:
            return f"Keypoint({self.name}, missing)"
        return f"Keypoint({self.name}, {self.x:.4g}, {self.y:.4g}, score={self.score:.2f})"


class MissingCoordinate(float):
    """NaN that remembers which keypoint it belongs to and says so when somebody wants a whole number."""

    name: str

    def __new__(cls, name: str) -> MissingCoordinate:  # noqa: D102 (a constructor, described by its class)
        self = super().__new__(cls, math.nan)
        self.name = name
        return self

    def _refuse(self, *_: object) -> NoReturn:
        name = self.name or "this keypoint"
        raise MissingKeypointError(
            f"{name} is not visible and has no position; test `if person.{name}:` first"
        )

    def _same(self, *_: object) -> MissingCoordinate:
        return self

    __int__ = __index__ = __trunc__ = __floor__ = __ceil__ = __round__ = _refuse
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _same
    __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = _same
    __pow__ = __rpow__ = __neg__ = __pos__ = __abs__ = _same


class NamedKeypoints:
    """Gives the 17 keypoints as attributes; the class that has them defines `keypoint(name)`.

    The names are declared so that editors complete them and type checkers know them.
    """

    nose: Keypoint
    left_eye: Keypoint
    right_eye: Keypoint
    left_ear: Keypoint
    right_ear: Keypoint
    left_shoulder: Keypoint
    right_shoulder: Keypoint
    left_elbow: Keypoint
    right_elbow: Keypoint
    left_wrist: Keypoint
    right_wrist: Keypoint
    left_hip: Keypoint
    right_hip: Keypoint
    left_knee: Keypoint
    right_knee: Keypoint
    left_ankle: Keypoint
    right_ankle: Keypoint

    def keypoint(self, name: str) -> Keypoint:
        """Return one keypoint by name; raises `UnknownNameError` with the nearest name."""
        raise NotImplementedError

    if not TYPE_CHECKING:  # to whom every misspelt keypoint would be one

        def __getattr__(self, name: str) -> Keypoint:
            # Reached only for names that are no ordinary attribute. Protocol look-ups of Python itself
            # (copying, pickling, arrays) must get the AttributeError they expect.
            if name.startswith("_"):
                raise AttributeError(name)
            try:
                return self.keypoint(name)
            except UnknownNameError as error:
                raise AttributeError(f"{type(self).__name__.lower()} has no {name!r}: {error}") from None
