"""The sketch that `posekit new NAME` writes."""

from __future__ import annotations

import keyword
import re
from typing import TYPE_CHECKING

from posekit.errors import OutputError, SettingsError

if TYPE_CHECKING:
    from pathlib import Path

TEMPLATE = '''"""{name}: say here what it does.    posekit run {name}.py"""

size = (1280, 720)
background = "camera"  # or "black", any colour, or None: nobody clears the canvas


def draw(canvas, people):
    for person in people:
        canvas.skeleton(person)
        canvas.circle(person.left_wrist, 24, "gold")
        canvas.circle(person.right_wrist, 24, "tomato")


def on_enter(person):
    print(f"hello, person {{person.id}}")
'''


def write_sketch(name: str, folder: Path) -> Path:
    """Write a new sketch `NAME.py` into a folder and return its path; never over a file that is there.

    Raises `SettingsError` for a name that cannot be a sketch's or is taken, `OutputError` when it cannot be
    written.
    """
    stem = name.removesuffix(".py")
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_ -]*", stem) or keyword.iskeyword(stem):
        raise SettingsError(
            f"{name!r} cannot be a sketch's name; take letters, digits, - and _, for example my_dance"
        )
    path = folder / f"{stem}.py"
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(TEMPLATE.format(name=stem))
    except FileExistsError:
        raise SettingsError(f"{path.name} is there already; choose another name") from None
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from None
    return path
