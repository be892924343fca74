"""`posekit demo`, `run` and `send`: a source, an estimator, a sketch and OSC, until somebody ends it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from posekit.cli.console import say
from posekit.cli.opening import closing_feed, fetch, open_feed, open_osc, prepare_show
from posekit.cli.options import ConfigOption, resolve_given, with_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from posekit.cli.opening import Wrap
    from posekit.resolving import Resolved
    from posekit.runner.changes import Changes
    from posekit.runner.loop import Loop
    from posekit.settings import Settings
    from posekit.sketch import Sketch
    from posekit.sketch.loader import LoadedSketch

DEFAULT_OSC = ("127.0.0.1:7000",)
"""Where `demo` and `send` send when nobody says otherwise; `run` sends when told."""


@with_settings()
def demo(*, config: ConfigOption = None, given: dict[str, Any]) -> None:
    """Show the main job at once: your camera, or a sample clip, with skeletons and OSC on port 7000."""
    from posekit.sketch.loader import load_sketch

    loaded = load_sketch("skeleton")
    settle = partial(resolve_loaded, given=given, config=config, source="auto", osc=DEFAULT_OSC)
    show_loaded(loaded, settle(loaded), settle=settle)


@with_settings()
def run(
    sketch: Annotated[str, typer.Argument(metavar="SKETCH", help="a .py file, or a built-in sketch: hello")],
    *,
    config: ConfigOption = None,
    given: dict[str, Any],
) -> None:
    """Run a sketch: a file of functions, a file with a class, or one of the built-in sketches."""
    from posekit.sketch.loader import load_sketch

    loaded = load_sketch(sketch)
    settle = partial(resolve_loaded, given=given, config=config)
    show_loaded(loaded, settle(loaded), settle=settle)


@with_settings()
def send(
    *,
    config: ConfigOption = None,
    no_preview: Annotated[bool, typer.Option("--no-preview", help="no preview window")] = False,
    forget: Annotated[
        bool, typer.Option("--forget", help="begin afresh: nothing of what was chosen before counts")
    ] = False,
    given: dict[str, Any],
) -> None:
    """Send poses over OSC, without a sketch; a preview window where there is a display, to choose in."""
    from posekit.cli.send import forget_all, send_in_window
    from posekit.runner.window import has_display

    if forget:
        forget_all()
    if no_preview or given.get("headless") or not has_display():
        send_poses(given, config, no_preview=True)
    else:
        send_in_window(given, config)


def send_poses(
    given: Mapping[str, Any],
    config: Path | None,
    *,
    no_preview: bool = False,
    wrap: Wrap | None = None,
    each_frame: bool = False,
) -> None:
    """Do what `posekit send` does, with the feed that `wrap` makes of the one that was opened.

    With `each_frame` what is not live is looked at frame by frame, without a window, and sent only when told.
    """
    from posekit.runner.preview import Preview
    from posekit.runner.window import has_display
    from posekit.sketch.loader import load_class
    from posekit.sources import choose_source, is_live

    loaded = load_class(Preview)
    resolved = resolve_loaded(loaded, given, config, osc=DEFAULT_OSC)
    source = choose_source(resolved.settings.source, say) if each_frame else resolved.settings.source
    inline = each_frame and not is_live(source)
    if inline:
        resolved = resolve_loaded(loaded, given, config)
    settings = resolved.settings.model_copy(update={"source": source})
    if not (no_preview or inline or settings.headless) and has_display():
        show_loaded(loaded, replace(resolved, settings=settings), wrap)
        return
    _prepare_and_send(loaded, settings.model_copy(update={"headless": True}), wrap, inline=inline)


def run_class_command(sketch: type[Sketch], arguments: Sequence[str]) -> None:
    """Run a sketch class with command-line arguments."""
    from posekit.sketch.loader import load_class

    @with_settings()
    def command(*, config: ConfigOption = None, given: dict[str, Any]) -> None:
        loaded = load_class(sketch)
        settle = partial(resolve_loaded, given=given, config=config)
        show_loaded(loaded, settle(loaded), settle=settle)

    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command(help=sketch.__doc__)(command)
    app(list(arguments))


def resolve_loaded(
    loaded: LoadedSketch,
    given: Mapping[str, Any],
    config: Path | None,
    remembered: Mapping[str, Any] | None = None,
    **defaults: Any,
) -> Resolved:
    """Merge settings; `defaults` are the command's own, which give way to all but the sketch's."""
    resolved = resolve_given(given, config, {**_settings_of(loaded), **defaults}, remembered)
    if (resolved.settings.osc_for or resolved.settings.osc_template) and not resolved.settings.osc:
        # Whoever names the receiving tool, or what it shall hear, wants to send to it.
        resolved = resolve_given(given, config, {**_settings_of(loaded), "osc": DEFAULT_OSC}, remembered)
    return resolved


def _settings_of(loaded: LoadedSketch) -> dict[str, Any]:
    """Return the settings that a sketch brings along; its zones file is looked for beside it first."""
    from posekit.sketch.sketch import settings_of

    settings = settings_of(loaded.sketch)
    zones = settings.get("zones")
    if isinstance(zones, (str, Path)) and str(zones) not in ("auto", "off"):
        beside = loaded.path.parent / zones
        if beside.is_file():
            settings["zones"] = str(beside)
    return settings


def show_loaded(
    loaded: LoadedSketch,
    resolved: Resolved,
    wrap: Wrap | None = None,
    attach: Callable[[Loop], None] | None = None,
    changes: Changes | None = None,
    settle: Callable[[LoadedSketch], Resolved] | None = None,
) -> None:
    """Run a sketch with a feed of the right kind, and close the feed on every way out.

    `settle` resolves the settings anew for a version of the sketch that was saved meanwhile.
    """
    from posekit.runner.changes import Changes
    from posekit.runner.run import run_sketch
    from posekit.runner.window import require_display
    from posekit.sources import is_live

    settings = resolved.settings
    for remark in loaded.remarks:
        say(remark)
    if not settings.headless:
        require_display()
    is_rendering = False
    try:
        prepared = prepare_show(settings)
        is_rendering = settings.headless and not is_live(prepared.source)
        again = partial(fetch, settings)
        with (
            closing(open_osc(prepared, is_show=not is_rendering)) as remote,
            closing_feed(open_feed(prepared, inline=is_rendering, again=again, wrap=wrap)) as feed,
        ):
            remote.changes = changes or Changes(settings, fetch, say)
            remote.changes.adopt(feed, prepared.source)
            drawn = run_sketch(
                loaded,
                feed,
                settings,
                report=say,
                remote=remote,
                attach=attach,
                settle=(lambda new: settle(new).settings) if settle is not None else None,
            )
    except KeyboardInterrupt:
        if is_rendering:
            raise  # the file that was wanted is not there
        return  # Ctrl-C is how a show is ended, at whatever stage it is: no failure
    if settings.headless:
        saved = " and ".join(str(path) for path in (settings.save_video, settings.save_frame) if path)
        say(f"{drawn} frame{'s' if drawn != 1 else ''}{f', saved to {saved}' if saved else ''}")


def _prepare_and_send(
    loaded: LoadedSketch, settings: Settings, wrap: Wrap | None = None, *, inline: bool = False
) -> None:
    """Send without a window; a sketch is only drawn when its picture is wanted."""
    from posekit.runner.changes import Changes
    from posekit.runner.run import run_sketch
    from posekit.runner.sending import send_until_ended

    is_drawn = bool(settings.save_video or settings.save_frame)
    try:
        prepared, again = prepare_show(settings), partial(fetch, settings)
        with (
            closing(open_osc(prepared, is_show=not inline)) as remote,
            closing_feed(
                open_feed(prepared, inline=inline, with_pictures=is_drawn, again=again, wrap=wrap)
            ) as feed,
        ):
            remote.changes = Changes(settings, fetch, say)
            remote.changes.adopt(feed, prepared.source)
            if is_drawn:
                run_sketch(loaded, feed, settings, report=say, remote=remote)
            else:
                send_until_ended(feed, settings.frames, remote)
    except KeyboardInterrupt:
        if inline:
            raise  # what was wanted of the file is not there
