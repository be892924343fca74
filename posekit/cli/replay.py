"""`posekit replay`: a recording instead of a camera, or turned into another kind of file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from posekit.cli.console import say
from posekit.cli.options import ConfigOption, with_settings
from posekit.settings import Settings


@with_settings(*(name for name in Settings.model_fields if name != "source"))
def replay(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE", help="a recording, tfjs JSON or CSV; add ,size=640x480 if it says none"
        ),
    ],
    *,
    speed: Annotated[float | None, typer.Option(help="how many times faster [default: 1]")] = None,
    loop: Annotated[
        bool | None, typer.Option("--loop/--no-loop", help="again and again [default: loop]")
    ] = None,
    export_to: Annotated[
        Path | None,
        typer.Option("--export", metavar="FILE", help="write it as .csv, .json (tfjs) or .jsonl instead"),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="replace a file that is there already")] = False,
    no_preview: Annotated[bool, typer.Option("--no-preview", help="no preview window")] = False,
    config: ConfigOption = None,
    given: dict[str, Any],
) -> None:
    """Send a recording over OSC as if a camera saw it now, or export it."""
    options = "" if speed is None else f",speed={speed:g}"
    options += "" if loop is None else f",loop={'on' if loop else 'off'}"
    source = f"replay:{file}{options}"
    if export_to is not None:
        _export(source, export_to, force)
        return
    from posekit.cli.show import send_poses

    send_poses({**given, "source": source}, config, no_preview=no_preview)


def _export(source: str, path: Path, force: bool) -> None:
    from posekit.recording import export, open_recording
    from posekit.sources.replay import parse_replay

    options = parse_replay(source)
    recording = open_recording(options.path, size=options.size, rate=options.rate, report=say)
    done = export(recording, path, overwrite=force)
    say(f"{path}: {done.scenes} scenes, {done.bodies} {'body' if done.bodies == 1 else 'bodies'}")
