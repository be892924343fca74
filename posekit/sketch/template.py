"""What `posekit new NAME` writes: a small sketch that runs, to begin with."""

from __future__ import annotations

import ast
import keyword
import re
from typing import TYPE_CHECKING

from posekit.errors import OutputError, SettingsError, UnknownNameError
from posekit.sketch.loader import builtin_folder

if TYPE_CHECKING:
    from pathlib import Path

FIRST = "hello"
"""What is written when no other is asked for."""


def templates() -> dict[str, Path]:
    """Return the templates by name, the one to begin with first."""
    found = sorted((builtin_folder() / "templates").glob("*.py"), key=lambda path: (path.stem != FIRST, path))
    return {path.stem: path for path in found}


def describe_templates() -> dict[str, str]:
    """Return what each template is, in a few words."""
    described = {}
    for name, path in templates().items():
        docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        described[name] = docstring.partition("\n")[0].partition(": ")[2].rstrip(".")
    return described


def write_sketch(name: str, folder: Path, template: str = FIRST) -> Path:
    """Write a new sketch `NAME.py` into a folder and return its path; never over a file that is there.

    Raises `UnknownNameError` for a template that is none, `SettingsError` for a name that cannot be a
    sketch's or is taken, `OutputError` when it cannot be written.
    """
    stem = name.removesuffix(".py")
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_ -]*", stem) or keyword.iskeyword(stem):
        raise SettingsError(
            f"{name!r} cannot be a sketch's name; take letters, digits, - and _, for example my_dance"
        )
    known = templates()
    if template not in known:
        raise UnknownNameError("template", template, known)
    text = known[template].read_text(encoding="utf-8")
    text = text.replace(f'"""{template}: ', f'"""{stem}: ', 1).replace(f"{template}.py", f"{stem}.py")
    path = folder / f"{stem}.py"
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise SettingsError(f"{path.name} is there already; choose another name") from None
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from None
    return path
