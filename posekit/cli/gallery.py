"""`posekit gallery`: a show that runs by itself, from opening night on."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from posekit.cli.console import say
from posekit.cli.gallery_pack import pack, unpack
from posekit.cli.gallery_records import counts, report, sheet
from posekit.cli.gallery_service import install, status, uninstall
from posekit.cli.options import ConfigOption, with_settings
from posekit.cli.show_named import SketchArgument, named_from_here

if TYPE_CHECKING:
    from posekit.gallery.opening import Opening
    from posekit.gallery.rehearsal import Result

gallery_app = typer.Typer(
    help="Run a show unattended: it heals itself, keeps its hours, and tells how it is.", no_args_is_help=True
)

gallery_app.command()(counts)
gallery_app.command()(report)
gallery_app.command()(sheet)

gallery_app.command()(install)
gallery_app.command()(uninstall)
gallery_app.command()(status)
gallery_app.command()(pack)
gallery_app.command()(unpack)

SETTLE_SECONDS = 12.0
"""Between two mishaps of a rehearsal."""


@gallery_app.command("run")
@with_settings()
def gallery_run(
    sketch: SketchArgument = None,
    *,
    config: ConfigOption = None,
    given: dict[str, Any],
) -> None:
    """Run a show under a supervisor, until it is ended: crashes, cameras and hours are looked after."""
    from posekit.gallery.supervisor import AGAIN_CODE, Supervisor
    from posekit.service.waiting import spoken_to, wait_as_service

    home = Path.cwd()
    opening = open_show(sketch, config, given)
    wait_as_service(opening.settings, opening.clock, say, spoken_to(opening.show.gallery))
    code = Supervisor(opening.open()).run()
    if code == AGAIN_CODE and os.name == "posix":
        again(home)
    raise typer.Exit(code)


@gallery_app.command()
@with_settings()
def rehearse(
    sketch: SketchArgument = None,
    *,
    config: ConfigOption = None,
    quick: Annotated[bool, typer.Option("--quick", help="each mishap once, in about two minutes")] = False,
    given: dict[str, Any],
) -> None:
    """Kill, freeze and unplug what a show is made of, in about five minutes, and see whether it heals."""
    from posekit.gallery.rehearsal import Rehearsal
    from posekit.gallery.rehearsal_steps import steps
    from posekit.show.folder import ShowFolder

    sketch, config = named_from_here(sketch, config)
    folder = ShowFolder.of(config, sketch).path
    with Rehearsal(folder, sketch, config, given) as show:
        results = []
        for step in steps(quick=quick):
            say(f"rehearsal: {step.what}")
            results.append(show.do(step))
            show.settle(2.0 if quick else SETTLE_SECONDS)
    _print_results(results)
    if not all(result.is_ok for result in results):
        raise typer.Exit(1)


def _print_results(results: list[Result]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("what was done", "noticed after", "over after", "ok", box=None, pad_edge=False)
    for result in results:
        word = "ok" if result.is_ok else "NO"
        table.add_row(result.what, _seconds(result.noticed), _seconds(result.over), word)
    Console(highlight=False).print(table)


def _seconds(seconds: float | None) -> str:
    return "never" if seconds is None else f"{seconds:.1f} s"


def open_show(sketch: str | None, config: Path | None, given: dict[str, Any]) -> Opening:
    """Read a show and ask its sketch; from then on we are in the show folder."""
    from posekit.gallery.asking import read_whole_show
    from posekit.gallery.opening import Opening

    sketch, config = named_from_here(sketch, config)
    read = partial(read_whole_show, sketch, config, given, say)
    return Opening(read(), reread=read, say=say)


def again(home: Path) -> None:
    """Take the place of this process with the same command, freshly started; POSIX only."""
    import sys

    os.chdir(home)  # what was named on the command line is found from there
    os.execv(sys.executable, [sys.executable, "-m", "posekit", *sys.argv[1:]])  # noqa: S606 (no shell)
