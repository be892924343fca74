"""Everything that can be said of a show file without running it, all of it at once."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from posekit.assets import find_asset
from posekit.cli.config_hooks import wrong_hooks
from posekit.engine.options import adjustment, check_stages, gesture_options, tracker_options, watched_zones
from posekit.errors import AssetError, PosekitError, SettingsError, UnknownNameError
from posekit.estimators import ESTIMATORS
from posekit.estimators.own_model import family_of
from posekit.estimators.preparing import WORDS
from posekit.gallery.sketch_settings import ask_sketch
from posekit.ignore_file import IGNORE_FILE, ORIGIN
from posekit.outputs.osc.opening import describe_targets
from posekit.outputs.web.address import is_loopback
from posekit.outputs.web.opening import check_web
from posekit.room import known_displays
from posekit.settings_file import ShowText, error_line, read_show_text
from posekit.show.file import STATUS_TOKEN, Show, file_problems, read_show
from posekit.sketch.loader import find_sketch
from posekit.sources import check_source, is_live
from posekit.tflite.blazepose import check_bundle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from posekit.settings import Settings
    from posekit.toml_lines import KeyPath

Problem = tuple["KeyPath", PosekitError]
MODEL_FILES = (".tflite", ".task")


def check_show_file(file: Path, report: Callable[[str], None], *, programs: bool = True) -> Show:
    """Check a show file and what it names; raises `SettingsError` with a line for each thing that is wrong.

    Names in the file of a show for a gallery start in its folder, where the show runs. Without `programs`
    nothing is run, and it is no matter whether what hooks call is here. Returns the show.
    """
    raise_all(file_problems(file), file)
    show, text = read_show(file), read_show_text(file)
    for notice in (*show.notices, *_without_sketch(show, text)):
        report(notice)
    found: list[Problem] = []
    with _working_in(show.folder.path if text.tables else Path.cwd()):
        try:
            whole = _with_its_sketch(show, runs=programs)
        except PosekitError as error:
            whole = show
            found.append((("show", "sketch"), error))
        found += [*_wrong_settings(whole.settings, report), *_wrong_tables(show)]
        found += wrong_hooks(show) if programs else ()
    raise_all(sorted((_placed(text, whole, *one) for one in found), key=error_line), file)
    return show


def raise_all(problems: list[PosekitError] | list[SettingsError], file: Path) -> None:
    """Raise the only problem as it is, or several as one error with a line for each."""
    if len(problems) == 1:
        raise problems[0]
    if problems:
        lines = "\n".join(f"  {problem}" for problem in problems)
        raise SettingsError(f"{len(problems)} things are wrong in {file}:\n{lines}")


def _without_sketch(show: Show, text: ShowText) -> Iterator[str]:
    # A file with settings alone is one for `posekit run`, which is told its sketch.
    if show.gallery.show.sketch is None and (text.tables or not text.settings):
        yield (
            f"{text.path} names no sketch: posekit gallery run needs one behind the command, or a line "
            'sketch = "NAME.py" in [show]'
        )


def _with_its_sketch(show: Show, *, runs: bool) -> Show:
    """Return the show with what its sketch asks for; raises what is wrong with the sketch, or with that.

    The sketch is somebody's code: it is loaded in a process of its own, or with `runs` false not at all.
    """
    named = show.gallery.show.sketch
    if named is None:
        return show
    is_own = find_sketch(named) == Path(named).expanduser().resolve()
    asked = ask_sketch(named, show.folder.path).settings if runs and is_own else None
    return read_show(show.folder.settings_file, sketch_settings=asked) if asked else show


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
    name = settings.model
    if not name:
        return
    file = Path(name).expanduser()
    if file.suffix not in MODEL_FILES and file.name == name:
        find_asset(WORDS.get(name, name))
    elif not file.is_file():
        raise AssetError(f"the model {name} is not there; give the path of a .tflite or .task file")
    elif file.suffix == ".task":
        check_bundle(file)
    else:
        family_of(file)


def _check_source(settings: Settings) -> None:
    if not is_live(settings.source):  # the camera may be in another building
        check_source(settings.source)


def _wrong_tables(show: Show) -> Iterator[Problem]:
    place = show.gallery.status.place
    if place is not None and not is_loopback(place[0]) and not show.status_token:
        sentence = (
            f"address in [status]: other machines can reach {show.gallery.status.address}, so the page needs "
            f"a token; write a line {STATUS_TOKEN}=... into secrets.env beside the show file"
        )
        yield ("status", "address"), SettingsError(sentence)


def _placed(text: ShowText, show: Show, path: KeyPath, error: PosekitError) -> PosekitError:
    origin = show.resolved.origins.get(str(path[0]), "") if len(path) == 1 else f"file {text.path}"
    if origin == ORIGIN:
        return SettingsError(f"{IGNORE_FILE}: {error}")
    if not origin.startswith("file "):
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
