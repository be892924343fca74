"""The small commands: `posekit new`, `listen`, `cameras` and `displays`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def new(
    name: Annotated[str | None, typer.Argument(help="its name; makes NAME.py in this folder")] = None,
    *,
    template: Annotated[str, typer.Option(help="what to begin with; --list names them")] = "hello",
    list_all: Annotated[bool, typer.Option("--list", help="name the templates")] = False,
) -> None:
    """Write a new sketch to start from."""
    from posekit.errors import SettingsError
    from posekit.sketch.template import describe_templates, write_sketch

    if list_all:
        for known, about in describe_templates().items():
            typer.echo(f"{known:11}{about}")
        return
    if name is None:
        raise SettingsError("a new sketch needs a name, as in: posekit new my_dance")
    path = write_sketch(name, Path.cwd(), template)
    typer.echo(f"{path.name} is written; run it with: posekit run {path.name}")
    typer.echo("Leave it running while you write: every save is taken at once.")


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


def displays() -> None:
    """List the screens, with what the room file here knows of each."""
    from posekit.cli.options import resolve_given
    from posekit.room import find_display, known_displays
    from posekit.runner.window import display_sizes

    known = known_displays(resolve_given({}).settings)
    for index, size in enumerate(display_sizes()):
        room = find_display(known, index, size)
        has = [what for what in ("keystone", "stage") if room is not None and getattr(room, what)]
        told = f"  {' and '.join(has)} in the room file" if has else ""
        typer.echo(f"{index}  {size[0]}x{size[1]}  --display {index}{told}")
