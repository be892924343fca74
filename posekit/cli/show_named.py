"""Which show a command means: the one that is named, else that of the folder we are in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

SketchArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="[SKETCH]",
        help="a .py file, or a built-in sketch; else the show file's, or that of the show.toml here",
        show_default=False,
    ),
]


def named_from_here(
    sketch: str | None, config: Path | None, *, may_be_kept: bool = False, may_be_none: bool = False
) -> tuple[str | None, Path | None]:
    """Return what was named such that it is found from any folder; without either, the `show.toml` here.

    Raises `SettingsError` where that is not here either, since whatever a command said of such a folder would
    be of no show. With `may_be_kept` the records of a show that ran here without a file are enough; with
    `may_be_none` no show need be here at all.
    """
    if sketch is not None and Path(sketch).is_file():
        sketch = str(Path(sketch).absolute())
    if config is None and not sketch:
        config = show_file_here()
        if config is None and not may_be_none and not (may_be_kept and _is_kept_here()):
            from posekit.errors import SettingsError

            raise SettingsError(not_here("--config FILE"))
    return sketch, config.absolute() if config is not None else None


def show_file_here() -> Path | None:
    """Return the `show.toml` of the folder we are in, by its name alone."""
    from posekit.show.folder import SHOW_FILE

    here = Path(SHOW_FILE)
    return here if here.is_file() else None


def not_here(naming: str) -> str:
    """Return the sentence for a folder without a show file; `naming` is how a command takes another's."""
    return f"there is no show.toml in {Path.cwd()}; go to the show's folder, or name its file: {naming}"


def _is_kept_here() -> bool:
    from posekit.show.folder import ShowFolder

    return ShowFolder.of(None).records.is_dir()
