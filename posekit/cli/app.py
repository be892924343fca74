"""The table of commands."""

from __future__ import annotations

from typing import Annotated

import typer

from posekit.cli.bench import bench
from posekit.cli.config import config_app
from posekit.cli.doctor import doctor
from posekit.cli.estimate import estimate
from posekit.cli.gallery import gallery_app
from posekit.cli.models import models_app
from posekit.cli.osc_sheet import osc_sheet
from posekit.cli.record import record
from posekit.cli.replay import replay
from posekit.cli.show import demo, run, send
from posekit.cli.simulate import simulate
from posekit.cli.small import cameras, displays, listen, new
from posekit.cli.teach import teach

app = typer.Typer(
    help="posekit turns a camera into an instrument for the body: poses for sketches and OSC.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(demo)
app.command()(run)
app.command()(send)
app.command()(estimate)
app.command()(record)
app.command()(replay)
app.command()(simulate)
app.command()(new)
app.command()(teach)
app.command()(listen)
app.command()(doctor)
app.command("osc-sheet")(osc_sheet)
app.add_typer(models_app, name="models")
app.command()(cameras)
app.command()(displays)
app.add_typer(config_app, name="config")
app.add_typer(gallery_app, name="gallery")
app.command()(bench)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"posekit {version('posekit')}")
        raise typer.Exit


@app.callback()
def _posekit(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass
