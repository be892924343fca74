"""`posekit gallery install`, `uninstall` and `status`: a show that starts with the machine."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from posekit.cli.options import ConfigOption
from posekit.cli.show_named import SketchArgument, named_from_here

if TYPE_CHECKING:
    from posekit.service.job import Job
    from posekit.service.manager import Manager
    from posekit.settings import Settings
    from posekit.show.folder import ShowFolder

NameOption = Annotated[
    str, typer.Option("--name", help="what the system calls it; without, by the show's title")
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="do not ask")]


def install(
    sketch: SketchArgument = None,
    config: ConfigOption = None,
    name: NameOption = "",
    yes: YesOption = False,
    only_print: Annotated[bool, typer.Option("--print", help="print the file, and do nothing")] = False,
    for_system: Annotated[
        str, typer.Option("--for", help="with --print: linux, macos or windows; without, this machine's")
    ] = "",
    keep: Annotated[
        bool, typer.Option("--keep", help="leave it installed even if no moving picture comes")
    ] = False,
    wait: Annotated[
        float, typer.Option("--wait", min=1, max=3600, help="seconds that a moving picture is waited for")
    ] = 60.0,
) -> None:
    """Let the show start with the machine; kept only if a moving picture comes through the service itself."""
    from posekit.cli.console import say
    from posekit.errors import SettingsError
    from posekit.service.installing import Means, check_free
    from posekit.service.installing import install as install_job
    from posekit.service.manager import manager_for, this_system

    manager = manager_for(for_system or this_system())
    job, folder, settings = _job(sketch, config, name)
    if only_print:
        typer.echo(manager.text(job).rstrip("\n"))
        return
    if for_system not in ("", this_system()):
        raise SettingsError(f"--for {for_system} only prints, since this machine is another: add --print")
    check_free(manager, job, folder.path, time.time())
    _show(manager, job)
    if not yes:
        _ask("Install it, and start the show now?")
    proof = install_job(manager, job, folder.path, settings, Means(say), longest=wait, keep=keep)
    say(f"{proof.sentence}: {job.name} is installed, and starts with the machine from now on")
    for note in manager.notes(job):
        say(f"- {note}")
    say("posekit gallery status tells how it is doing, posekit gallery uninstall removes it")


def uninstall(
    sketch: SketchArgument = None,
    config: ConfigOption = None,
    name: NameOption = "",
    yes: YesOption = False,
) -> None:
    """End the show, and let it no longer start with the machine."""
    from posekit.cli.console import say
    from posekit.errors import SettingsError
    from posekit.service.installing import is_of
    from posekit.service.installing import uninstall as uninstall_job
    from posekit.service.manager import manager_for, this_system

    manager = manager_for(this_system())
    named, folder = _named(sketch, config, name)
    if manager.installed_text(named) is None:
        say(f"{named} is not installed: nothing to do")
        raise typer.Exit(1)
    if not name and not is_of(manager, named, folder.path):
        raise SettingsError(
            f"{manager.place(named)} is another show's of the same title: go to its folder, or write "
            f"--name {named} if you mean that one"
        )
    if not yes:
        _ask(f"End the show and remove {manager.place(named)}?")
    for line in uninstall_job(manager, named, folder.path):
        say(line)
    say("nothing of the service is left; the show folder is as it was")


def status(
    sketch: SketchArgument = None,
    config: ConfigOption = None,
    name: NameOption = "",
    as_json: Annotated[bool, typer.Option("--json", help="print everything as JSON")] = False,
) -> None:
    """Tell how the show on this machine is doing; ends with 1 unless all is well."""
    from posekit.service.manager import manager_for, this_system
    from posekit.service.telling import as_dict, is_healthy, rows
    from posekit.show.state_file import read_kept

    named, folder = _named(sketch, config, name, may_be_kept=True)
    word = manager_for(this_system()).word(named)
    kept, now = read_kept(folder.path), time.time()
    if as_json:
        typer.echo(json.dumps(as_dict(word, kept, now), indent=2))
    else:
        for title, text in rows(word, kept, now):
            typer.echo(f"{title:<10} {text}".rstrip())
    if not is_healthy(kept, now):
        raise typer.Exit(1)


def _job(sketch: str | None, config: Path | None, name: str) -> tuple[Job, ShowFolder, Settings]:
    """Return what is to be installed; the whole show is read and checked for it."""
    from posekit.service.job import make_job
    from posekit.show.file import read_show

    sketch, file = named_from_here(sketch, config)
    show = read_show(file, sketch=sketch)
    shown = show.require_sketch()
    folder = show.folder
    title = show.gallery.show.title or Path(shown).stem
    job = make_job(folder.path, file, sketch, title, name=name)
    return job, folder, show.settings


def _named(
    sketch: str | None, config: Path | None, name: str, *, may_be_kept: bool = False
) -> tuple[str, ShowFolder]:
    """Return the service's name and the show's folder, even where the show's file is wrong by now."""
    from posekit.errors import PosekitError
    from posekit.service.job import job_name
    from posekit.show.file import read_show
    from posekit.show.folder import ShowFolder

    sketch, file = named_from_here(sketch, config, may_be_kept=may_be_kept, may_be_none=bool(name))
    folder = ShowFolder.of(file, sketch)
    if name:
        return job_name(name), folder
    try:
        show = read_show(file, sketch=sketch)
    except PosekitError as error:
        from posekit.cli.console import say

        say(f"the show's file is wrong, so its title is not known (--name NAME says it): {error}")
        return job_name(folder.path.name), folder
    shown = show.gallery.show.sketch or ""
    return job_name(show.gallery.show.title or Path(shown).stem or folder.path.name), folder


def _show(manager: Manager, job: Job) -> None:
    """Show what is about to be written, and where."""
    typer.echo(f"This goes to {manager.place(job.name)}:\n")
    for line in manager.text(job).rstrip("\n").split("\n"):
        typer.echo(f"    {line}".rstrip())
    typer.echo("")


def _ask(question: str) -> None:
    """Ask; ends without doing anything unless the answer is yes."""
    if not sys.stdin.isatty():
        from posekit.errors import SettingsError

        raise SettingsError("nobody is there to be asked; add --yes once you have read it")
    if not typer.confirm(question, default=False):
        raise typer.Exit(1)
