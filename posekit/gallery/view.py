"""Whether the camera still sees the empty room from where it was set up, by its edges.

Nothing but the map of edges is kept (`view.toml`): 96 letters by 72 or so, each an edge's direction.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from posekit.errors import SettingsError
from posekit.gallery.view_map import Match, edge_map, find, fit, map_size, small_grey
from posekit.whole_file import read_tables, replace_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from posekit.gallery.view_map import Map

    Picture = NDArray[np.uint8]

WHAT = "the view file"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
NOTHING = "."
DIRECTIONS = 16
STRENGTHS = (0.15, 0.4, 0.75)
"""What a cell's strength is rounded to; `_BOUNDS` lie between them."""
_BOUNDS = (0.08, 0.27, 0.57)

NUDGED = 0.015
"""Share of the picture's width below which a move is none: people and floors move cameras by as much."""
STILL = 0.011
"""Share of the width within which a map counts as lying where it did: one cell."""
SURE = 0.40
"""Score from which a match is one, and the distance more: the farther, the less there is to compare."""
BETTER = 0.08
"""By how much the move must explain more than none."""
PERFECT = 0.93
"""Score of no move from which nothing else is tried."""
STRANGE = 0.25
"""Score below which the room is another one, as long as it is the same from look to look."""
STEADY = 0.60
"""Score of one look against the one before from which it shows a room, and not the dark."""
HOLD, HOLD_STRANGE = 3, 10
"""Looks in a row before it is told: a visitor's coat is gone by then, or counts as furniture."""
CLEAR = 2

Verdict = Literal["fits", "shifted", "strange", "unclear"]


class Sight(NamedTuple):
    """What one look came to."""

    verdict: Verdict
    match: Match
    here: float
    """Score of no move at all."""


@dataclass(frozen=True)
class RoomMap:
    """The edges of an empty room as kept."""

    edges: Map
    size: tuple[int, int]
    """Width and height of the pictures."""
    made: str = ""
    """When, for people to read."""


def take_map(pictures: Sequence[Picture], made: str = "") -> RoomMap:
    """Return the map of pictures (H, W, 3) RGB of an empty room: of their median, so that noise goes.

    Raises `SettingsError` when there is too little to recognise: the dark, a bare wall, a lens cap.
    """
    greys = [small_grey(picture) for picture in pictures]
    if len(greys) > 1:
        even, odd = (edge_map(np.median(greys[start::2], axis=0)) for start in (0, 1))
        if fit(even, odd) < STEADY:
            raise SettingsError("there is too little light to remember the room by; calibrate in usual light")
    edges = edge_map(np.median(greys, axis=0))
    if np.count_nonzero(np.abs(edges) > STRENGTHS[0]) < edges.size / 100:
        raise SettingsError("the room has no edges to remember it by; does the camera see anything?")
    height, width = pictures[0].shape[:2]
    return RoomMap(_rounded(edges), (width, height), made)


def compare(before: Map, after: Map) -> Sight:
    """Return how a later map lies against the one that was kept."""
    here = fit(before, after, STILL)
    if here >= PERFECT:
        return Sight("fits", Match(here), here)
    match = find(before, after)
    far = distance(match)
    if match.score >= SURE + far and match.score - here >= BETTER and far >= NUDGED:
        return Sight("shifted", match, here)
    if here >= STRANGE:
        return Sight("fits", match, here)
    return Sight("strange" if match.score < SURE + far else "unclear", match, here)


def distance(match: Match) -> float:
    """Return how far a move takes the picture's content, as a share of its width: root of the mean square."""
    turned = math.radians(match.turn)
    # Of points spread evenly over a picture of 4:3, the mean square distance from its middle is 0.13 widths.
    around = 0.13 * (turned**2 + (match.zoom - 1.0) ** 2)
    return math.sqrt(match.x**2 + (0.75 * match.y) ** 2 + around)


def describe(match: Match) -> str:
    """Say a move in words: `about 6 % to the left, turned 1 degree clockwise`."""
    parts = [
        f"about {abs(share) * 100:.0f} % {word}"
        for share, word in (
            (match.x, "to the right" if match.x > 0 else "to the left"),
            (match.y, "down" if match.y > 0 else "up"),
        )
        if abs(share) >= 0.008
    ]
    if abs(match.turn) >= 0.75:
        degrees = round(abs(match.turn))
        way = "clockwise" if match.turn > 0 else "anticlockwise"
        parts.append(f"turned {degrees} degree{'s' * (degrees != 1)} {way}")
    if abs(match.zoom - 1.0) >= 0.015:
        parts.append(
            f"{'larger' if match.zoom > 1 else 'smaller'} by {abs(match.zoom - 1):.0%}".replace("%", " %")
        )
    return ", ".join(parts) or "a little"


class View:
    """What the empty room looked like, and whether it still does. Not thread-safe."""

    def __init__(self, room: RoomMap | None = None) -> None:
        self.room = room
        self.last: Sight | None = None
        """What the latest look came to."""
        self.sentence: str | None = None
        """What is wrong, once it has held; None when nothing is, or nothing is known."""
        self._before: Map | None = None
        self._shifted = self._strange = self._fitting = 0

    def calibrate(self, pictures: Sequence[Picture], made: str = "") -> None:
        """Remember the room as these pictures show it; raises what `take_map` does, and keeps the old."""
        self.room = take_map(pictures, made)
        self.last = self.sentence = self._before = None
        self._shifted = self._strange = self._fitting = 0

    def look(self, pixels: Picture) -> str | None:
        """Compare a picture (H, W, 3) RGB of the empty room; returns `sentence`."""
        if self.room is None:
            return None
        height, width = pixels.shape[:2]
        after = edge_map(small_grey(pixels))
        if after.shape != self.room.edges.shape:
            was = "x".join(map(str, self.room.size))
            self.sentence = (
                f"the camera's pictures are {width}x{height} now and were {was} when the view was "
                "calibrated; choose the former size, or calibrate the view anew"
            )
            return self.sentence
        sight = compare(self.room.edges, after)
        if sight.verdict == "strange" and (self._before is None or fit(self._before, after) < STEADY):
            sight = sight._replace(verdict="unclear")
        self.last, self._before = sight, after
        self._judge(sight)
        return self.sentence

    def save(self, path: Path) -> None:
        """Keep the map; raises `OutputError`."""
        if self.room is not None:
            replace_file(path, _as_text(self.room), WHAT)

    @classmethod
    def load(cls, path: Path) -> View:
        """Return the view that was kept, or one that knows nothing where there is no file.

        Raises `SettingsError` or `UnknownNameError` for a file that is wrong.
        """
        return cls(_from_table(read_tables(path, WHAT, "view"), path)) if path.exists() else cls()

    def _judge(self, sight: Sight) -> None:
        if sight.verdict == "unclear":
            return  # the dark, or too much that is new: whatever was known is still the best that is known
        self._shifted = self._shifted + 1 if sight.verdict == "shifted" else 0
        self._strange = self._strange + 1 if sight.verdict == "strange" else 0
        self._fitting = self._fitting + 1 if sight.verdict == "fits" else 0
        if self._shifted >= HOLD:
            self.sentence = (
                f"the camera was moved: the room lies {describe(sight.match)} in its picture; "
                "move the camera back until this is over, or calibrate the view anew"
            )
        elif self._strange >= HOLD_STRANGE:
            self.sentence = (
                "the camera sees something other than the room that it was calibrated in; "
                "move it back, or calibrate the view anew"
            )
        elif self._fitting >= CLEAR:
            self.sentence = None


def stamp(seconds: float) -> str:
    """Return a wall time as the file has it."""
    return datetime.fromtimestamp(seconds).astimezone().isoformat(sep=" ", timespec="minutes")


# ---------------------------------------------------------------- the file


def _indices(edges: Map) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    strength = np.digitize(np.abs(edges), _BOUNDS)
    direction = np.rint(np.angle(edges) / (2 * np.pi) * DIRECTIONS).astype(np.intp) % DIRECTIONS
    return strength, direction


def _from_indices(strength: NDArray[np.intp], direction: NDArray[np.intp]) -> Map:
    values = np.array((0.0, *STRENGTHS))[strength]
    return np.asarray(values * np.exp(2j * np.pi * direction / DIRECTIONS))


def _rounded(edges: Map) -> Map:
    """Return a map as it will be read back."""
    return _from_indices(*_indices(edges))


def _as_text(room: RoomMap) -> str:
    letters = np.array((NOTHING, *LETTERS[: DIRECTIONS * len(STRENGTHS)]))
    strength, direction = _indices(room.edges)
    told = letters[np.where(strength > 0, (strength - 1) * DIRECTIONS + direction + 1, 0)]
    rows = "".join(f'    "{"".join(row)}",\n' for row in told)
    return (
        "# Where the empty room has edges, and which way they run, so that a nudged camera is noticed.\n"
        "# Made by `calibrate-view`; no picture is kept.\n\n"
        f'[view]\nmade = "{room.made}"\nsize = [{room.size[0]}, {room.size[1]}]\nrows = [\n{rows}]\n'
    )


def _from_table(table: Any, path: Path) -> RoomMap:
    wrong = SettingsError(f"{WHAT} {path} is not as it was written; delete it, and calibrate the view anew")
    try:
        size, rows, made = table["size"], table["rows"], str(table.get("made", ""))
        width, height = (int(side) for side in size)
        shape = map_size(width, height) if 0 < width < 100_000 and 0 < height < 100_000 else (0, 0)
        known = {letter: number for number, letter in enumerate(LETTERS[: DIRECTIONS * len(STRENGTHS)], 1)}
        cells = np.array([[0 if letter == NOTHING else known[letter] for letter in row] for row in rows])
    except (TypeError, KeyError, ValueError, AttributeError, OverflowError):
        raise wrong from None
    if cells.shape != shape or cells.dtype == object:
        raise wrong
    strength = np.where(cells > 0, (cells - 1) // DIRECTIONS + 1, 0)
    return RoomMap(_from_indices(strength, (cells - 1) % DIRECTIONS), (width, height), made)
