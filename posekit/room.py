"""The room: where each display's picture falls and where its stage lies, and the file that they are kept in.

Keystone corners are in parts of the screen, stage corners in parts of the camera's picture, (0, 0) top left
to (1, 1) bottom right, never mirrored. A room file is TOML, a `[[displays]]` table for each display.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posekit.errors import SettingsError, UnknownNameError
from posekit.warp import Corners, check_corners
from posekit.whole_file import read_tables, replace_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from posekit.geometry import Size
    from posekit.settings import Settings

ROOM_FILE = Path("room.toml")
"""In the working folder: where the room is kept unless a file is named."""
NAME = re.compile(r"(\d{1,3}) (\d{1,5})x(\d{1,5})")
DECIMALS = 6
"""A millionth of a screen is a five-hundredth of a pixel, and a file that can be read."""
HEAD = """\
# The room of posekit; rewritten whole when F4 saves. Corners go round: top left, top right, bottom right,
# bottom left. keystone: where the picture's corners are on the screen; stage: where the canvas's corners are
# in the camera's picture; both from 0 to 1, x right, y down. width_m: metres along the stage's upper side.
"""


@dataclass(frozen=True)
class DisplayRoom:
    """What is known of one display. Raises `SettingsError` for what cannot be."""

    name: str
    """Its number and size, as in `1 1920x1080`: screens have no better name on every system."""
    keystone: Corners | None = None
    """Where the corners of what is shown are on the screen; None: upright, as large as goes."""
    stage: Corners | None = None
    """Where the canvas's corners are in the camera's picture; None: as fit and mirror say."""
    width_m: float | None = None
    """How many metres the canvas's width is in the room; None: not measured."""

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not NAME.fullmatch(self.name):
            raise SettingsError(
                f"a display is named by number and size, as in '0 1920x1080'; found {self.name!r}"
            )
        for what in ("keystone", "stage"):
            corners = getattr(self, what)
            if corners is not None:
                object.__setattr__(self, what, check_corners(corners, f"the {what} of display {self.name}"))
        width = self.width_m
        if width is None:
            return
        if isinstance(width, bool) or not isinstance(width, (int, float)) or not 0 < width < math.inf:
            raise SettingsError(f"width_m of display {self.name} is in metres, above 0; found {width!r}")
        object.__setattr__(self, "width_m", float(width))

    @property
    def index(self) -> int:
        """The display's number."""
        return int(self.name.split()[0])


def display_name(index: int, size: Size) -> str:
    """Return what a room file calls a display."""
    return f"{index} {size[0]}x{size[1]}"


def find_display(displays: Sequence[DisplayRoom], index: int, size: Size | None = None) -> DisplayRoom | None:
    """Return what is known of a display: of this number and size, else of this number in another size."""
    if size is not None:
        for display in displays:
            if display.name == display_name(index, size):
                return display
    return next((display for display in displays if display.index == index), None)


def room_file(settings: Settings) -> Path:
    """Return the file that the room is saved in."""
    return ROOM_FILE if settings.room in ("auto", "off") else Path(settings.room)


def known_displays(settings: Settings) -> tuple[DisplayRoom, ...]:
    """Return what the settings' room file says; raises `SettingsError` for one that is wrong."""
    if settings.room == "off" or (settings.room == "auto" and not ROOM_FILE.exists()):
        return ()
    return read_room(room_file(settings))


def read_room(path: Path) -> tuple[DisplayRoom, ...]:
    """Read a room file; raises `SettingsError` in one sentence for one that is missing or wrong."""
    tables = read_tables(path, "the room file", "displays")
    if not isinstance(tables, (list, tuple)) or not all(isinstance(table, dict) for table in tables):
        raise SettingsError(f"the room file {path}: write a line [[displays]] before each display's own")
    displays: dict[str, DisplayRoom] = {}
    for number, table in enumerate(tables, start=1):
        display = _from_table(table, number, path)
        if display.name in displays:
            raise SettingsError(f"the room file {path}: display {display.name!r} is there twice; remove one")
        displays[display.name] = display
    return tuple(displays.values())


def write_room(path: Path, displays: Iterable[DisplayRoom]) -> None:
    """Replace a room file, whole; raises `OutputError`."""
    ordered = sorted(displays, key=lambda display: (display.index, display.name))
    replace_file(path, HEAD + "".join(_as_toml(display) for display in ordered), "the room file")


def save_display(path: Path, changed: DisplayRoom) -> tuple[DisplayRoom, ...]:
    """Put one display into a room file and return all that are in it then.

    The file is read anew: another show, on another display, may have changed it meanwhile. Raises
    `SettingsError` for a file that is wrong, which is then left as it is, and `OutputError`.
    """
    others = read_room(path) if path.exists() else ()
    displays = (*(other for other in others if other.name != changed.name), changed)
    write_room(path, displays)
    return displays


def _from_table(table: dict[str, Any], number: int, path: Path) -> DisplayRoom:
    known = tuple(field.name for field in fields(DisplayRoom))
    for name in table:
        if name not in known:
            raise UnknownNameError(f"entry of a display in the room file {path}:", str(name), known)
    if "name" not in table:
        raise SettingsError(f"the room file {path}: display {number} has no name, as in name = '0 1920x1080'")
    try:
        return DisplayRoom(**table)
    except SettingsError as error:
        raise SettingsError(f"the room file {path}: {error}") from None


def _as_toml(display: DisplayRoom) -> str:
    lines = [f'\n[[displays]]\nname = "{display.name}"\n']
    for what in ("keystone", "stage"):
        corners = getattr(display, what)
        if corners is not None:
            points = ", ".join(f"[{round(x, DECIMALS)!r}, {round(y, DECIMALS)!r}]" for x, y in corners)
            lines.append(f"{what} = [{points}]\n")
    if display.width_m is not None:
        lines.append(f"width_m = {display.width_m!r}\n")
    return "".join(lines)
