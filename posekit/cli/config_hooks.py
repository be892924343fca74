"""Whether the commands that a show's hooks call are here: programs, and the scripts that they are given."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from posekit.errors import SettingsError, nearest_name
from posekit.secret_values import named_in
from posekit.show.lines import PYTHONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from posekit.show.file import Show
    from posekit.toml_lines import KeyPath

INLINE = {"python": "cm", "sh": "c", "bash": "c", "node": "ep", "perl": "eE"}
"""Programs that read a script, and the letters of their options after which no file is named."""
SCRIPTS = (".py", ".pyw", ".pyz", ".sh", ".bash", ".js", ".mjs", ".cjs", ".pl")
_VERSION = re.compile(r"[0-9.]*(?:\.exe)?$")
"""What may stand behind a program's name, as in `python3.12` and `node.exe`."""


def wrong_hooks(show: Show) -> Iterator[tuple[KeyPath, SettingsError]]:
    """Go through the commands of `[hooks]` that cannot be started here."""
    for name in type(show.gallery.hooks).model_fields:
        for number, hook in enumerate(getattr(show.gallery.hooks, name)):
            reason = _why_not(hook, show.folder.path) if isinstance(hook, tuple) else None
            if reason is not None:
                yield ("hooks", name, number), SettingsError(f"{name} in [hooks]: {reason}")


def _why_not(words: Sequence[str], folder: Path) -> str | None:
    program = words[0]
    if program not in PYTHONS and _find_program(program, folder) is None:
        return f"there is no program {program!r} here; install it, or write its whole path"
    script = script_of(words)
    # A shell looks for its script in the path, too.
    if script is None or _is_there(folder / script) or _find_program(script, folder) is not None:
        return None
    nearest = nearest_name(Path(script).name, [file.name for file in (folder / script).parent.glob("*")])
    near = f"did you mean {str(Path(script).with_name(nearest))!r}?" if nearest else ""
    return f"there is no file {script!r} in {folder}; {near or 'save it there, or write its whole path'}"


def script_of(words: Sequence[str]) -> str | None:
    """Return the file that an interpreter is given to run; None where none is named for certain."""
    program = _VERSION.sub("", Path(words[0]).name)
    letters = INLINE.get(program)
    if letters is None:
        return None
    for word in words[1:]:
        if word.startswith("--") or (word.startswith("-") and set(letters) & set(word)):
            return None
        if not word.startswith("-"):
            # What an option takes may come first, so only a word that looks like a script is one for certain.
            # Node finds main.js as ./main.
            is_script = word.endswith(SCRIPTS) or ("/" in word and program != "node")
            return word if is_script and not named_in(word) else None
    return None


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # no name of a file: it is too long
        return False


def _find_program(name: str, folder: Path) -> str | None:
    # A program of the show folder is named with its folder, as in ./lights.sh.
    return shutil.which(str(folder / name)) if Path(name).parent != Path() else shutil.which(name)
