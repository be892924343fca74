"""Which tools a window has."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from posekit.engine.options import zones_file
from posekit.outputs.osc.opening import targets_of
from posekit.runner.clip_recorder import ClipRecorder
from posekit.runner.help import Help
from posekit.runner.overlay import Overlay
from posekit.runner.parameter_panel import ParameterPanel
from posekit.runner.preset_strip import PresetStrip
from posekit.runner.room_editor import RoomEditor
from posekit.runner.test_card import TestCard
from posekit.runner.zone_editor import ZoneEditor

if TYPE_CHECKING:
    from collections.abc import Callable

    from posekit.clock import Clock
    from posekit.runner.feed import Feed
    from posekit.runner.knobs import Knobs
    from posekit.runner.loop import Loop
    from posekit.runner.preset_player import PresetPlayer
    from posekit.runner.remote import Remote
    from posekit.runner.screens import Screens
    from posekit.runner.tool import Shift, Tool
    from posekit.settings import Settings
    from posekit.zones import Zone


def window_tools(
    loop: Loop,
    feed: Feed,
    settings: Settings,
    clock: Clock,
    *,
    report: Callable[[str], None],
    knobs: Knobs,
    presets: PresetPlayer,
    remote: Remote,
    name: str,
    shift: Shift,
    screens: Screens,
) -> list[Tool]:
    """Return a window's tools, closed, in the order in which they are drawn.

    `knobs` turns the sketch's parameters, `presets` loads and saves them; `name` is what files begin with.
    """
    tools: list[Tool] = [
        zone_editor(loop, feed, settings, clock, report),
        RoomEditor(loop, screens, clock, report=report, is_shift_held=shift),
        TestCard(screens, clock),
        Overlay(loop, clock, lambda: feed.estimator),
        ParameterPanel(loop, knobs, clock, shift),
        PresetStrip(loop, presets, shift),
        Help(loop, lambda: tools, partial(_osc_lines, settings, remote)),
        ClipRecorder(name, settings.fps, report),
    ]
    return tools


def _osc_lines(settings: Settings, remote: Remote) -> list[str]:
    """Return where OSC goes, and where it comes in."""
    lines = [f"out to {target}" for target in targets_of(settings)] or ["out to nobody; --osc 7000 sends"]
    return lines + ([f"in at {remote.receiver.place}"] if remote.receiver is not None else [])


def zone_editor(
    loop: Loop, feed: Feed, settings: Settings, clock: Clock, report: Callable[[str], None]
) -> ZoneEditor:
    """Return the editor of the zones that are watched."""

    def watch(zones: tuple[Zone, ...]) -> None:
        loop.zones = zones
        feed.watch_zones(zones)

    path, hint = zones_file(settings), _zones_hint(settings)
    return ZoneEditor(loop, loop.zones, path, clock, changed=watch, report=report, hint=hint)


def _zones_hint(settings: Settings) -> str:
    """Return what has to be done so that zones that are saved are found at the next start."""
    found = settings.zones
    if isinstance(found, tuple):
        return '; to use them, write zones = "zones.toml" in place of the [[zones]] that are set'
    return "; to use them, leave out zones = off" if found == "off" else ""
