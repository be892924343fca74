"""Everything that can be said of a show file without running it, all of it at once."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from posekit.assets import find_asset
from posekit.engine.options import adjustment, check_stages, gesture_options, tracker_options, watched_zones
from posekit.errors import PosekitError, SettingsError, UnknownNameError
from posekit.estimators import ESTIMATORS
from posekit.outputs.osc.opening import describe_targets
from posekit.outputs.web.address import is_loopback
from posekit.outputs.web.opening import check_web
from posekit.room import known_displays
from posekit.settings_file import ShowText, read_show_text
from posekit.show.file import STATUS_TOKEN, Show, file_problems, read_show
from posekit.sketch.loader import find_sketch
from posekit.sources import check_source, is_live

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from posekit.settings import Settings
    from posekit.toml_lines import KeyPath

Problem = tuple["KeyPath", PosekitError]


def check_show_file(file: Path, report: Callable[[str], None], *, programs: bool = True) -> Show:
    """Check a show file and what it names; raises `SettingsError` with a line for each thing that is wrong.

    Names in the file of a show for a gallery start in its folder, where the show runs. Without `programs` it
    is no matter whether those that hooks call are here. Returns the show.
    """
    raise_all(file_problems(file), file)
    show, text = read_show(file), read_show_text(file)
    for notice in show.notices:
        report(notice)
    with _working_in(show.folder.path if text.tables else Path.cwd()):
        found = [*_wrong_settings(show.settings, report), *_wrong_tables(show)]
        found += _wrong_hooks(show) if programs else ()
    raise_all([_placed(text, show, path, error) for path, error in found], file)
    return show


def raise_all(problems: list[PosekitError] | list[SettingsError], file: Path) -> None:
    """Raise the only problem as it is, or several as one error with a line for each."""
    if len(problems) == 1:
        raise problems[0]
    if problems:
        lines = "\n".join(f"  {problem}" for problem in problems)
        raise SettingsError(f"{len(problems)} things are wrong in {file}:\n{lines}")


def _wrong_settings(settings: Settings, report: Callable[[str], None]) -> Iterator[Problem]:
    checks: tuple[tuple[str, Callable[[], object]], ...] = (
        ("osc", lambda: describe_targets(settings)),
        ("web", lambda: check_web(settings)),
        ("zones", lambda: watched_zones(settings)),
        ("room", lambda: known_displays(settings)),
        ("crop", lambda: adjustment(settings)),
        ("ignore", lambda: tracker_options(settings)),
        ("gestures", lambda: gesture_options(settings)),
        ("lead", lambda: check_stages(settings, report)),
        ("estimator", lambda: _check_estimator(settings)),
        ("model", lambda: _check_model(settings)),
        ("source", lambda: _check_source(settings)),
    )
    told: list[str] = []
    for name, check in checks:
        try:
            check()
        except PosekitError as error:
            if str(error) not in told:  # later checks look at the same things again
                yield (name,), error
            told.append(str(error))


def _check_estimator(settings: Settings) -> None:
    if settings.estimator not in ESTIMATORS:
        raise UnknownNameError("estimator", settings.estimator, ESTIMATORS)


def _check_model(settings: Settings) -> None:
    if settings.model and Path(settings.model).suffix not in (".tflite", ".task"):
        find_asset(settings.model)


def _check_source(settings: Settings) -> None:
    if not is_live(settings.source):  # the camera may be in another building
        check_source(settings.source)


def _wrong_tables(show: Show) -> Iterator[Problem]:
    if show.gallery.show.sketch is not None:
        try:
            find_sketch(show.gallery.show.sketch)
        except PosekitError as error:
            yield ("show", "sketch"), error
    place = show.gallery.status.place
    if place is not None and not is_loopback(place[0]) and not show.status_token:
        sentence = (
            f"address in [status]: other machines can reach {show.gallery.status.address}, so the page needs "
            f"a token; write a line {STATUS_TOKEN}=... into secrets.env beside the show file"
        )
        yield ("status", "address"), SettingsError(sentence)


def _wrong_hooks(show: Show) -> Iterator[Problem]:
    for name in type(show.gallery.hooks).model_fields:
        for number, hook in enumerate(getattr(show.gallery.hooks, name)):
            path = ("hooks", name, number)
            if isinstance(hook, tuple) and _find_program(hook[0], show.folder.path) is None:
                yield (
                    path,
                    SettingsError(
                        f"{name} in [hooks]: there is no program {hook[0]!r} here; install it, or write its "
                        "whole path"
                    ),
                )


def _find_program(name: str, folder: Path) -> str | None:
    # A program of the show folder is named with its folder, as in ./lights.sh.
    return shutil.which(str(folder / name)) if Path(name).parent != Path() else shutil.which(name)


def _placed(text: ShowText, show: Show, path: KeyPath, error: PosekitError) -> PosekitError:
    is_setting = len(path) == 1
    if is_setting and not show.resolved.origins.get(str(path[0]), "").startswith("file "):
        return error
    return text.problem(path, str(error))


@contextmanager
def _working_in(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
