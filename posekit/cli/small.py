"""The small commands: `posekit new`, `posekit listen` and `posekit cameras`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def new(
    name: Annotated[str, typer.Argument(help="the sketch's name; makes NAME.py in this folder")],
) -> None:
    """Write a new sketch to start from."""
    from posekit.sketch.template import write_sketch

    path = write_sketch(name, Path.cwd())
    typer.echo(f"{path.name} is written; run it with: posekit run {path.name}")


def listen(
    place: Annotated[
        str, typer.Argument(help="the UDP port, or HOST:PORT; 0.0.0.0:7000 hears other computers too")
    ] = "7000",
    *,
    host: Annotated[str | None, typer.Option(help="the same as HOST: before the port")] = None,
    seconds: Annotated[float | None, typer.Option(min=0, help="stop after this long")] = None,
    only: Annotated[str, typer.Option(help="show these addresses only, as in '*wrist*'")] = "*",
    as_json: Annotated[bool, typer.Option("--json", help="print all of it at the end, as JSON")] = False,
) -> None:
    """Show the OSC that arrives: address, rate, last value, from whom, and which dialect it looks like."""
    from posekit.cli.listen import listen as listen_to
    from posekit.inputs.osc import exact_place

    at = exact_place(place)
    listen_to(at.port, host or at.host, seconds, only=only, as_json=as_json)


def cameras() -> None:
    """List the cameras, with what to paste after a command to use one wherever it is plugged in again."""
    from posekit.errors import SourceError
    from posekit.sources.camera import NO_CAMERA, find_cameras, paste

    found = find_cameras()
    if not found:
        raise SourceError(f"no camera was found; {NO_CAMERA}")
    for camera in found:
        typer.echo(f"{camera.number}  {camera.name}  {paste(camera)}")
