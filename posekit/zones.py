"""Zones: named polygons on the picture's floor or in its air, and the file that they are kept in.

Points are image-normalised and never mirrored. A zones file is TOML, a `[[zones]]` table for each; a show
file may hold the same tables.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from posekit.errors import SettingsError, UnknownNameError
from posekit.skeleton import COCO_17
from posekit.whole_file import read_tables, replace_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,31}")
"""A zone's name becomes part of OSC addresses and of events' names."""
NEAREST, FARTHEST = -1.0, 2.0
"""A zone may reach beyond the picture, because a body does, but not by more than a picture's width."""
LONGEST_DWELL = 1e6
"""Seconds; more than eleven days are a slip of the pen."""
WHATS = ("feet", "center", "hands", *COCO_17.keypoints)
"""What of a person may count."""
HEAD = "# Zones of posekit, image-normalised, x right, y down; rewritten whole when they are drawn.\n"

Point = tuple[float, float]


@dataclass(frozen=True)
class Zone:
    """A polygon and what it means to be in it. Raises `SettingsError` for one that cannot be.

    Where its sides cross, what is surrounded an odd number of times is inside (the even-odd rule).
    """

    name: str
    """A word of letters, digits and `_`."""
    points: tuple[Point, ...]
    """Its corners, three or more, image-normalised and unmirrored; the last is joined with the first."""
    what: str = "feet"
    """What of a person counts: `feet` (the middle of her ankles, or the bottom of her box while none is
    seen), `center`, `hands` (either wrist), or a keypoint's name."""
    dwell: float = 3.0
    """Seconds after which being there is worth an event."""

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not NAME.fullmatch(self.name):
            raise SettingsError(
                f"{self.name!r} cannot be a zone's name; take a word of up to 32 letters, digits and _"
            )
        object.__setattr__(self, "points", self._checked_points())
        if self.what not in WHATS:
            raise UnknownNameError(f"part of a person for zone {self.name!r}:", str(self.what), WHATS)
        if not _is_number(self.dwell) or not 0 <= self.dwell <= LONGEST_DWELL:
            found = str(self.dwell)[:40]
            raise SettingsError(
                f"zone {self.name!r}: dwell is in seconds, 0 to {LONGEST_DWELL:g}; found {found}"
            )
        object.__setattr__(self, "dwell", float(self.dwell))

    @property
    def polygon(self) -> NDArray[np.float64]:
        """Its corners, (K, 2) float64."""
        return np.array(self.points)

    def as_table(self) -> dict[str, Any]:
        """Return it as plain values: what a `[[zones]]` table and JSON hold."""
        return {
            "name": self.name,
            "points": [list(point) for point in self.points],
            "what": self.what,
            "dwell": self.dwell,
        }

    def _checked_points(self) -> tuple[Point, ...]:
        points = []
        for point in self.points if isinstance(self.points, (list, tuple)) else ():
            if not (isinstance(point, (list, tuple)) and len(point) == 2 and all(map(_is_number, point))):
                raise SettingsError(f"zone {self.name!r}: a point is [x, y], two numbers; found {point!r}")
            if not all(NEAREST <= number <= FARTHEST for number in point):
                raise SettingsError(
                    f"zone {self.name!r}: the picture runs from 0 to 1, and a zone from -1 to 2 at most; "
                    f"found {list(point)}"
                )
            points.append((float(point[0]), float(point[1])))
        if len(points) < 3:
            raise SettingsError(f"zone {self.name!r} needs 3 points or more; found {len(points)}")
        if _is_flat(points):
            raise SettingsError(f"zone {self.name!r} encloses nothing: its points lie in one line")
        return tuple(points)


def inside(points: NDArray[np.floating], polygon: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Return whether each of `points` (N, 2) is inside a `polygon` (K, 2), by the even-odd rule; bool (N,).

    Both in the same coordinates, whichever they are. A ray to the right is counted (Shimrat's algorithm 112,
    CACM 5(8), 1962). On the border either may come out; NaN is outside.
    """
    start = np.asarray(polygon, np.float64)
    places = np.asarray(points, np.float64)[:, None]
    return crossed(places, start, np.roll(start, -1, axis=0))


def crossed(
    points: NDArray[np.float64], start: NDArray[np.float64], end: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Return whether a ray from each of `points` (..., 1, 2) crosses an odd number of sides (..., K, 2)."""
    x, y = points[..., 0], points[..., 1]
    rise = end[..., 1] - start[..., 1]
    between = (start[..., 1] > y) != (end[..., 1] > y)
    reach = (end[..., 0] - start[..., 0]) * (y - start[..., 1]) / np.where(rise == 0, 1.0, rise)
    odd: NDArray[np.bool_] = np.logical_xor.reduce(between & (x < start[..., 0] + reach), axis=-1)
    return odd


def zones_from_tables(tables: object, origin: str) -> tuple[Zone, ...]:
    """Make zones of plain tables, as TOML and JSON give them; raises `SettingsError` with the origin."""
    if not isinstance(tables, (list, tuple)) or not all(isinstance(table, dict) for table in tables):
        raise SettingsError(f"{origin}: zones are written as tables, each under a line [[zones]]")
    zones: dict[str, Zone] = {}
    known = tuple(field.name for field in fields(Zone))
    for number, table in enumerate(tables, start=1):
        for name in table:
            if name not in known:
                raise UnknownNameError(f"entry of a zone in {origin}:", str(name), known)
        if lacking := [name for name in ("name", "points") if name not in table]:
            raise SettingsError(f"{origin}: zone {number} has no {lacking[0]}")
        try:
            zone = Zone(**table)
        except UnknownNameError:
            raise
        except SettingsError as error:
            raise SettingsError(f"{origin}: {error}") from None
        if zone.name in zones:
            raise SettingsError(f"{origin}: there are two zones {zone.name!r}; give one another name")
        zones[zone.name] = zone
    return tuple(zones.values())


def read_zones(path: Path) -> tuple[Zone, ...]:
    """Read a zones file; raises `SettingsError` in one sentence for one that is missing or wrong."""
    return zones_from_tables(read_tables(path, "the zones file", "zones"), f"the zones file {path}")


def write_zones(path: Path, zones: Iterable[Zone]) -> None:
    """Replace a zones file; it is the old or the new one, whole, at any instant. Raises `OutputError`.

    The file is posekit's own: comments in it are lost, and entries that posekit does not know cannot be,
    because reading refuses them.
    """
    text = HEAD + "".join(_as_toml(zone) for zone in zones)
    replace_file(path, text, "the zones file")


def next_name(zones: Sequence[Zone]) -> str:
    """Return the first free name for a new zone: `zone1`, `zone2`, ..."""
    taken = {zone.name for zone in zones}
    return next(name for number in range(1, len(zones) + 2) if (name := f"zone{number}") not in taken)


def _as_toml(zone: Zone) -> str:
    # What a name may be needs no escaping, and TOML reads a float as Python writes it.
    points = ", ".join(f"[{x!r}, {y!r}]" for x, y in zone.points)
    return (
        f'\n[[zones]]\nname = "{zone.name}"\npoints = [{points}]\n'
        f'what = "{zone.what}"\ndwell = {zone.dwell!r}\n'
    )


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_flat(points: Sequence[Point]) -> bool:
    """Whether all points lie in one line, within a hair."""
    away = np.array(points) - points[0]
    singular = np.linalg.svd(away, compute_uv=False)
    return bool(singular[-1] < 1e-6)
