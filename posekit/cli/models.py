"""`posekit models`: what can be fetched, fetching it, and where it lies."""

from __future__ import annotations

from contextlib import closing
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from posekit.assets import ensure, find_asset, registry, where_is
from posekit.assets.source import in_megabytes
from posekit.cli.console import DownloadBar, say

models_app = typer.Typer(no_args_is_help=False, help="Models and clips: list, get, path.")

_LIST_WIDTH = 150


@models_app.callback(invoke_without_command=True)
def models(context: typer.Context) -> None:
    """Show the models and clips that posekit knows."""
    if context.invoked_subcommand is None:
        show_list()


@models_app.command("list")
def show_list() -> None:
    """Show every model and clip, what it is good for, and whether it is here."""
    table = Table(box=None, pad_edge=False)
    for heading in ("name", "input", "size", "licence", "state", "good for"):
        table.add_column(heading, no_wrap=heading != "good for")
    for asset in registry().values():
        size = "" if asset.input_size is None else f"{asset.input_size[0]}x{asset.input_size[1]}"
        table.add_row(asset.name, size, in_megabytes(asset.size), asset.licence, where_is(asset), asset.about)
    # Folded cells are harder to read than long lines, and a pipe has no width at all.
    Console(highlight=False, width=max(_LIST_WIDTH, Console().width)).print(table)


@models_app.command("get")
def get(names: Annotated[list[str], typer.Argument(help="names as in `posekit models list`")]) -> None:
    """Fetch models or clips and make them ready; prints where each lies."""
    for name in names:
        find_asset(name)  # a typo in the last name should not wait for the first download
    for name in names:
        typer.echo(_ready(name))


@models_app.command("path")
def path(name: Annotated[str, typer.Argument(help="a name as in `posekit models list`")]) -> None:
    """Print the path of a model or clip, and nothing else; fetches it if it is not here yet."""
    typer.echo(_ready(name))


def _ready(name: str) -> str:
    with closing(DownloadBar()) as bar:
        return str(ensure(name, report=say, progress=bar))
