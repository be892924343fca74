"""`posekit config`: what is set, where it was set, and whether a show file is right."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from posekit.cli.options import ConfigOption, resolve_given, with_settings
from posekit.settings import Settings

config_app = typer.Typer(help="Show and check settings.", no_args_is_help=True)


@config_app.command()
@with_settings()
def show(*, config: ConfigOption = None, given: dict[str, object]) -> None:
    """Print every setting, its value, and where the value came from."""
    resolved = resolve_given(given, config)
    table = Table("setting", "value", "from", box=None, pad_edge=False)
    for name, value in resolved.settings.model_dump(mode="json").items():
        table.add_row(name.replace("_", "-"), json.dumps(value), resolved.origins[name])
    Console().print(table)


@config_app.command()
def check(file: Annotated[Path, typer.Argument(metavar="FILE", help="the show file to check")]) -> None:
    """Check a show file without running anything."""
    resolve_given({}, file)
    typer.echo(f"{file} is fine")


@config_app.command()
def schema() -> None:
    """Print the JSON schema of a show file, for editors."""
    typer.echo(json.dumps(Settings.model_json_schema(), indent=2))
