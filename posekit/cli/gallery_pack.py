"""`posekit gallery pack` and `unpack`: a whole show in one file, and back."""

from __future__ import annotations

import os
import shlex
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from posekit.cli.console import DownloadBar, say

if TYPE_CHECKING:
    from posekit.settings import Settings
    from posekit.show.file import Show

TELL = 12
"""Files that are left out are named up to here."""


def pack(
    target: Annotated[Path, typer.Argument(metavar="FILE.zip", help="the file to write")],
    *,
    config: Annotated[Path, typer.Option(metavar="FILE", help="the show file")] = Path("show.toml"),
    wheels: Annotated[bool, typer.Option(help="pack posekit and what it needs too")] = True,
) -> None:
    """Pack a show into one file, from which a bare machine without a network can run it."""
    from posekit.cli.config_check import check_show_file
    from posekit.clock import SystemWall
    from posekit.show.pack import Packing
    from posekit.show.pack import pack as pack_show

    target = _target(target)
    show = check_show_file(config.absolute(), say, programs=False)
    os.chdir(show.folder.path)  # where the names in its settings begin
    models, taught = models_of(show), taught_of(show)
    title = show.gallery.show.title or Path(show.gallery.show.sketch or config.stem).stem
    packing = Packing(title, models, taught, wheels, SystemWall().time())
    packed = pack_show(show, target, packing, say)
    if packed.left_out:
        more = "" if len(packed.left_out) <= TELL else f" and {len(packed.left_out) - TELL} more"
        say(f"left out: {', '.join(packed.left_out[:TELL])}{more}")
    if packed.unknown:
        say(f"imported, and brought by no package here: {', '.join(packed.unknown)}")
    typer.echo(f"{target}: {packed.members} files, {packed.size / 1e6:.1f} MB")
    typer.echo(f"on the other machine: python3 {shlex.quote(target.name)} FOLDER")


def _target(named: Path) -> Path:
    """Return the file to write; raises `SettingsError` for a name, or a file, that is no packed show's."""
    from posekit.errors import SettingsError
    from posekit.show import unpacking

    if named.name in ("", "..") or named.is_dir():
        raise SettingsError(f"{named} is a folder; name the file to write: posekit gallery pack show.zip")
    target = (named if named.suffix else named.with_suffix(".zip")).absolute()
    if target.suffix.lower() != ".zip":
        raise SettingsError(
            f"a packed show is called NAME.zip; found {named} (the show file is --config FILE)"
        )
    if target.exists():
        try:
            unpacking.read_manifest(target)
        except unpacking.UnpackError:
            raise SettingsError(
                f"{named} is there already, and is no packed show; name another file"
            ) from None
    return target


def unpack(
    source: Annotated[Path, typer.Argument(metavar="FILE.zip", help="a packed show")],
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="where to: a new folder, or an empty one")],
    *,
    install: Annotated[
        bool, typer.Option(help="make an environment of its own there, from the packed wheels")
    ] = False,
) -> None:
    """Check a packed show and put it into a folder; with this posekit or, with --install, with its own."""
    from posekit.errors import SettingsError
    from posekit.show import unpacking

    try:
        manifest = unpacking.read_manifest(source)
        if install:
            unpacking.check_machine(manifest)
        unpacking.unpack(source, folder)
        say(f"{folder}: everything is there, and undamaged")
        unpacking.finish(folder.absolute(), {**manifest, "wheels": install and manifest.get("wheels")}, say)
    except unpacking.UnpackError as error:
        raise SettingsError(str(error)) from None


def models_of(show: Show) -> dict[str, Path]:
    """Return the files that the show's estimator and source need, by their names in a cache; fetches them.

    PoseNet's own file comes along: from it any other input size is made without a network.
    """
    from posekit.assets import ensure
    from posekit.engine.options import estimator_options
    from posekit.estimators import prepare_estimator
    from posekit.estimators.preparing import scanner_model
    from posekit.sources import brings_poses

    settings: Settings = show.settings
    found: list[Path] = []
    with closing(DownloadBar()) as bar:
        if settings.source == "sample":
            found.append(ensure("sample", report=say, progress=bar))
        if not brings_poses(settings.source):
            chosen = prepare_estimator(estimator_options(settings), report=say, progress=bar)
            found += [Path(chosen.model)] if chosen.model else []
            if chosen.name == "movenet" and not chosen.single:
                found.append(scanner_model())
    folder = show.folder.path
    kept = [path for path in found if not (folder / path).resolve().is_relative_to(folder.resolve())]
    return {_name_in_cache(path): path for path in kept} | _posenet_original(bool(found))


def taught_of(show: Show) -> tuple[Path, ...]:
    """Return the files of the taught poses that the show's gestures name."""
    from posekit.taught import SUFFIX, folder, taught_names

    names = show.settings.gestures
    wanted = [name for name in taught_names() if names == ("all",) or name in names]
    return tuple(folder() / f"{name}{SUFFIX}" for name in wanted)


def _posenet_original(wanted: bool) -> dict[str, Path]:
    from posekit.assets import ensure_original
    from posekit.errors import AssetError

    try:
        path = ensure_original("posenet-641x481", report=say) if wanted else None
    except AssetError:  # the prepared one does without it
        path = None
    return {} if path is None else {_name_in_cache(path): path}


def _name_in_cache(path: Path) -> str:
    """Return what a file is called in a cache, wherever it lies now: originals have their sha256 in front."""
    from posekit.assets import registry

    for asset in registry().values():
        for file in asset.files:
            if path.name == file.file:
                return f"{file.sha256[:16]}-{file.file}"
    return path.name
