"""Which show a command of `posekit gallery` means."""

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


def named_from_here(sketch: str | None, config: Path | None) -> tuple[str | None, Path | None]:
    """Return what was named such that it is found from any folder; without either, the `show.toml` here."""
    if sketch is not None and Path(sketch).is_file():
        sketch = str(Path(sketch).absolute())
    if config is None and not sketch:
        from posekit.show.folder import ShowFolder

        here = ShowFolder.of(None).settings_file
        config = here if here.is_file() else None
    return sketch, config.absolute() if config is not None else None
