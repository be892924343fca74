"""`posekit bench`: how fast posekit is on this machine, measured with the real parts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from posekit.cli.console import DownloadBar, say
from posekit.cli.options import resolve_given, with_settings

if TYPE_CHECKING:
    from rich.table import Table

    from posekit.bench.figures import Figures


@with_settings("source", "estimator", "runtime", "input_size")
def bench(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="print the figures as JSON")] = False,
    seconds: Annotated[
        float, typer.Option(min=0.5, max=600, help="how long each single thing is looked at")
    ] = 4.0,
    given: dict[str, Any],
) -> None:
    """Measure posekit on this machine, in under a minute: what a show may expect of it."""
    from posekit.bench.measure import measure
    from posekit.engine.prepare import prepare

    # Without a window, as `posekit send` runs; the window is looked at by itself.
    given = {"osc": ("off",), "headless": True, **given}
    # One look a frame, so that there is something to compare with.
    settings = resolve_given(given, None, {"source": "sample", "focus": "off"}).settings
    prepared = prepare(settings, report=say, progress=DownloadBar())
    figures = measure(prepared, seconds, say)
    if as_json:
        typer.echo(json.dumps(figures.as_dict(), indent=2))
    else:
        from rich.console import Console

        Console(highlight=False).print(_table(figures))


def _table(figures: Figures) -> Table:
    from rich.table import Table

    machine = figures.machine
    versions = ", ".join(f"{name} {version}" for name, version in machine.versions.items())
    table = Table(
        title=f"{figures.estimator}\n{figures.source}, {figures.people:.1f} people on average",
        caption=f"{machine.name}\n{machine.os}, Python {machine.python}\n{versions}",
        title_justify="left",
        caption_justify="left",
    )
    table.add_column("")
    table.add_column("", justify="right", no_wrap=True)
    table.add_column("what it means")
    for name, value, meaning in _rows(figures):
        table.add_row(name, value, meaning)
    return table


def _rows(figures: Figures) -> list[tuple[str, str, str]]:
    scene, osc, frame = figures.captured_to_scene, figures.captured_to_osc, figures.frame_ms
    most = 1000 / (figures.inference_ms + figures.decode_ms)
    resident = "unknown" if figures.rss_mb is None else f"{figures.rss_mb:.0f} MB"
    return [
        ("inference", f"{figures.inference_ms:.1f} ms", f"the model looks at one frame; {most:.0f} a second"),
        (
            "at 30 a second",
            f"{figures.inference_paced_ms:.1f} ms",
            "the same, resting between frames as in a show",
        ),
        ("decode", f"{figures.decode_ms:.2f} ms", "finding poses in what the model says"),
        ("overhead", f"{figures.overhead_ratio:.2f} x", "the whole engine, beside the model alone"),
        ("to scene", _spread(scene.p50, scene.p95), "from capture to your sketch: median, 95 of 100 below"),
        ("to OSC", _spread(osc.p50, osc.p95), "from capture to the last packet at a receiver here"),
        ("frame", _spread(frame.p50, frame.p99), "from one drawn frame to the next; 99 of 100 below"),
        ("OSC", f"{figures.osc_us_per_frame:.0f} us", "work of sending one scene"),
        ("start", f"{figures.start_s:.2f} s", "from `posekit run` to the first scene"),
        ("import", f"{figures.import_s * 1000:.0f} ms", "`import posekit` with all its names, beyond NumPy"),
        ("memory", resident, "`posekit run` with its engine"),
    ]


def _spread(middle: float, high: float) -> str:
    return f"{middle:.1f} / {high:.1f} ms"
