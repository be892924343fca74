"""`posekit config`: what is set, where it was set, and whether a show file is right."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from posekit.cli.console import say
from posekit.cli.options import ConfigOption, resolve_given, with_settings
from posekit.cli.show_named import not_here, show_file_here

WIDTH = 200

config_app = typer.Typer(help="Show and check settings.", no_args_is_help=True)


@config_app.command()
@with_settings()
def show(*, config: ConfigOption = None, given: dict[str, object]) -> None:
    """Print every setting, its value, and where the value came from; of a show file the tables too."""
    config = config or show_file_here()
    resolved = resolve_given(given, config)
    table = Table("setting", "value", "from", box=None, pad_edge=False)
    for name, value in resolved.shown.items():
        table.add_row(name.replace("_", "-"), json.dumps(value), resolved.origins[name])
    if config is not None:
        from posekit.show.file import read_show

        read = read_show(config, given)
        for name, values in read.gallery.model_dump(mode="json").items():
            table.add_row("")
            table.add_row(f"\\[{name}]")
            for key, value in values.items():
                table.add_row(key, json.dumps(value), read.origins[f"{name}.{key}"])
        for notice in read.notices:
            say(notice)
        typer.echo(f"the show file is {config}")
    # Folded cells are harder to read than long lines, and a pipe has no width at all.
    Console(highlight=False, width=max(WIDTH, Console().width)).print(table)


@config_app.command()
def check(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="the show file to check; else the show.toml here"),
    ] = None,
) -> None:
    """Check a show file and what it names, without running the show."""
    from posekit.cli.config_check import check_show_file
    from posekit.errors import SettingsError
    from posekit.packed import use_packed

    file = file or show_file_here()
    if file is None:
        raise SettingsError(not_here("posekit config check FILE"))
    use_packed(file.absolute().parent)
    check_show_file(file, say)
    typer.echo(f"{file} is fine")


@config_app.command()
def schema() -> None:
    """Print the JSON schema of a show file, for editors."""
    from posekit.show.schema import show_schema

    typer.echo(json.dumps(show_schema(), indent=2))
