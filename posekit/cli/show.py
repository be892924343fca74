"""`posekit demo`, `run` and `send`: a source, an estimator, a sketch and OSC, until somebody ends it."""

from __future__ import annotations

import os
import sys
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from posekit.cli.console import DownloadBar, say
from posekit.cli.options import ConfigOption, resolve_given, with_settings
from posekit.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from posekit.runner.engine_feed import EngineFeed
    from posekit.runner.inline_feed import InlineFeed
    from posekit.settings import Resolved, Settings
    from posekit.sketch import Sketch
    from posekit.sketch.loader import LoadedSketch

DEFAULT_OSC = ("127.0.0.1:7000",)
"""Where `demo` and `send` send when nobody says otherwise; `run` sends when told."""
PREVIEW_SIZE = (640, 360)


@with_settings()
def demo(*, config: ConfigOption = None, given: dict[str, Any]) -> None:
    """Show the main job at once: your camera, or a sample clip, with skeletons and OSC on port 7000."""
    from posekit.sketch.loader import load_sketch

    loaded = load_sketch("skeleton")
    _show(loaded, _resolve(loaded, given, config, source="auto", osc=DEFAULT_OSC))


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
    _show(loaded, _resolve(loaded, given, config))


@with_settings()
def send(
    *,
    config: ConfigOption = None,
    no_preview: Annotated[bool, typer.Option("--no-preview", help="no preview window")] = False,
    given: dict[str, Any],
) -> None:
    """Send poses over OSC, without a sketch; a small preview window where there is a display."""
    from posekit.sketch.loader import load_sketch

    loaded = load_sketch("skeleton")
    resolved = _resolve(loaded, given, config, source="0", osc=DEFAULT_OSC, size=PREVIEW_SIZE)
    settings = resolved.settings
    if not (no_preview or settings.headless) and has_display():
        _show(loaded, resolved)
        return
    settings = settings.model_copy(update={"headless": True})
    _prepare_and_send(loaded, settings)


def run_class_command(sketch: type[Sketch], arguments: Sequence[str]) -> None:
    """Run a sketch class with command-line arguments."""
    from posekit.sketch.loader import load_class

    @with_settings()
    def command(*, config: ConfigOption = None, given: dict[str, Any]) -> None:
        loaded = load_class(sketch)
        _show(loaded, _resolve(loaded, given, config))

    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command(help=sketch.__doc__)(command)
    app(list(arguments))


def has_display() -> bool:
    """Whether a window can be opened, as far as that shows without opening one."""
    if os.environ.get("SDL_VIDEODRIVER") or not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _resolve(
    loaded: LoadedSketch, given: Mapping[str, Any], config: Path | None, **defaults: Any
) -> Resolved:
    """Merge settings; `defaults` are the command's own, which give way to all but the sketch's."""
    from posekit.sketch.sketch import settings_of

    return resolve_given(given, config, {**settings_of(loaded.sketch), **defaults})


def _show(loaded: LoadedSketch, resolved: Resolved) -> None:
    """Run a sketch with a feed of the right kind, and close the feed on every way out."""
    from posekit.runner.run import run_sketch
    from posekit.sources import is_live

    settings = resolved.settings
    if not settings.headless and not has_display():
        raise OutputError("there is no display to open a window on; add --headless (with --save-video FILE)")
    is_rendering = settings.headless and not is_live(settings.source)
    try:
        with closing(_open_feed(_prepare(settings), inline=is_rendering)) as feed:
            drawn = run_sketch(loaded, feed, settings, report=say)
    except KeyboardInterrupt:
        if is_rendering:
            raise  # the file that was wanted is not there
        return  # Ctrl-C is how a show is ended, at whatever stage it is: no failure
    if settings.headless:
        saved = " and ".join(str(path) for path in (settings.save_video, settings.save_frame) if path)
        say(f"{drawn} frame{'s' if drawn != 1 else ''}{f', saved to {saved}' if saved else ''}")


def _prepare_and_send(loaded: LoadedSketch, settings: Settings) -> None:
    """Send without a window; a sketch is only drawn when its picture is wanted."""
    from posekit.runner.run import run_sketch
    from posekit.runner.sending import send_until_ended

    with suppress(KeyboardInterrupt), closing(_open_feed(_prepare(settings), inline=False)) as feed:
        if settings.save_video or settings.save_frame:
            run_sketch(loaded, feed, settings, report=say)
        else:
            send_until_ended(feed, settings.frames)


def _prepare(settings: Settings) -> Settings:
    """Check what can be checked and fetch what is missing, before anything is shown or started."""
    from posekit.engine.prepare import prepare
    from posekit.outputs.osc.opening import describe_targets

    lines = describe_targets(settings.osc, settings.osc_for)
    prepared = prepare(settings, report=say, progress=DownloadBar())
    for line in lines:
        say(line)
    return prepared


def _open_feed(settings: Settings, *, inline: bool) -> EngineFeed | InlineFeed:
    """Open the feed: inline for a file that is rendered frame by frame, else an engine."""
    from posekit.clock import SystemClock
    from posekit.runner.engine_feed import EngineFeed

    feed: EngineFeed | InlineFeed
    if inline:
        from posekit.runner.inline_feed import InlineFeed

        feed = InlineFeed(settings, report=say)
    else:
        feed = EngineFeed(settings, SystemClock(), waits=settings.headless, report=say)
    say(f"source: {feed.source}")
    say(f"estimator: {feed.estimator}")
    return feed
