"""`posekit config`: what is set, where it was set, and whether a show file is right."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from posekit.assets import find_asset
from posekit.cli.console import say
from posekit.cli.options import ConfigOption, resolve_given, with_settings
from posekit.engine.options import check_stages, watched_zones
from posekit.errors import UnknownNameError
from posekit.estimators import ESTIMATORS
from posekit.outputs.osc.opening import describe_targets
from posekit.outputs.web.opening import check_web
from posekit.room import known_displays
from posekit.settings import Settings
from posekit.sources import check_source, is_live

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
    settings = resolve_given({}, file).settings
    describe_targets(settings)
    check_web(settings)
    watched_zones(settings)
    known_displays(settings)
    check_stages(settings, say)
    if settings.estimator not in ESTIMATORS:
        raise UnknownNameError("estimator", settings.estimator, ESTIMATORS)
    if settings.model and Path(settings.model).suffix not in (".tflite", ".task"):
        find_asset(settings.model)
    if not is_live(settings.source):  # the camera may be in another building
        check_source(settings.source)
    typer.echo(f"{file} is fine")


@config_app.command()
def schema() -> None:
    """Print the JSON schema of a show file, for editors."""
    typer.echo(json.dumps(Settings.model_json_schema(), indent=2))
