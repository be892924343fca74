"""Reads a whole show before it starts: the show file, and what the sketch says of itself."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posekit.errors import PosekitError, SettingsError, SourceError, SourceWordError, UnknownNameError
from posekit.gallery.sketch_settings import SketchFacts, ask_sketch
from posekit.packed import use_packed
from posekit.show.file import read_show

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from posekit.settings import Settings
    from posekit.show.file import Show

NOT_HERE = ("headless", "frames", "save_video", "save_frame")
"""Settings of a run that ends; a show in a gallery does not."""


@dataclass(frozen=True)
class WholeShow:
    """A show, and what its sketch says of itself."""

    show: Show
    sketch: str
    """As a window can load it: a file, or a built-in name."""
    title: str


def read_whole_show(
    sketch: str | None,
    config: Path | None,
    given: Mapping[str, Any],
    say: Callable[[str], None],
) -> WholeShow:
    """Return the show and its sketch; the show folder becomes our working folder.

    A sketch that cannot be loaded is said, and no reason to stop: it may be mended while a card is shown.
    Raises `SettingsError` for settings that no new start could mend, and for a sketch that is not there. A
    source that is not there may come back, and is no reason to stop.
    """
    command_line = {**given, "osc": tuple(given["osc"])} if "osc" in given else dict(given)
    show = read_show(config, command_line, sketch=sketch)
    named = show.require_sketch()
    _check_that_it_goes_on(show)
    os.chdir(show.folder.path)
    use_packed(show.folder.path)
    name = _find(named, show)
    try:
        facts = ask_sketch(name, show.folder.path)
    except PosekitError as error:
        say(f"the show starts without its sketch: {error}")
        facts = SketchFacts(Path(name).stem)
    else:
        if facts.settings:
            show = read_show(config, command_line, sketch=sketch, sketch_settings=facts.settings)
    check_settings(show.settings)
    return WholeShow(show, name, show.gallery.show.title or facts.title or facts.name)


def _find(named: str, show: Show) -> str:
    """Return the sketch's file, or its built-in name; raises `SettingsError` for neither."""
    from posekit.sketch.loader import find_sketch

    within = show.folder.within(named)
    if within.is_file():
        return str(within)
    find_sketch(named)
    return named


def check_settings(settings: Settings) -> None:
    """Raise `SettingsError`, or `SourceWordError`, for what no camera and no network can heal."""
    from posekit.engine.options import check_stages, watched_zones
    from posekit.estimators import ESTIMATORS
    from posekit.outputs.osc.opening import targets_of
    from posekit.outputs.web.opening import check_web
    from posekit.room import known_displays
    from posekit.runner.remote_opening import check_remote
    from posekit.sources import check_source, is_live

    if settings.estimator not in ESTIMATORS:
        raise UnknownNameError("estimator", settings.estimator, ESTIMATORS)
    check_stages(settings)
    watched_zones(settings)
    known_displays(settings)
    targets_of(settings)
    check_web(settings)
    check_remote(settings)
    if is_live(settings.source):
        return
    try:
        check_source(settings.source)
    except SourceWordError:
        raise
    except SourceError:
        pass  # it is looked for while the show runs


def _check_that_it_goes_on(show: Show) -> None:
    from posekit.settings import Settings

    for name in NOT_HERE:
        if getattr(show.settings, name) != Settings.model_fields[name].default:
            word = name.replace("_", "-")
            raise SettingsError(f"{word}: a show in a gallery has a window and does not end; leave it out")
