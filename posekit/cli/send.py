"""`posekit send` in its window: what was chosen last time, and a desk for what is chosen now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from posekit.cli.console import say
from posekit.cli.opening import fetch
from posekit.cli.show import DEFAULT_OSC, resolve_loaded, show_loaded
from posekit.errors import PosekitError
from posekit.settings_file import SPELLED

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from posekit.resolving import Resolved
    from posekit.sketch.loader import LoadedSketch


def send_in_window(given: Mapping[str, Any], config: Path | None) -> None:
    """Send poses and show what is seen, with camera and estimator to choose; remembers what was chosen."""
    from posekit.clock import SystemClock
    from posekit.runner.desk import Desk
    from posekit.runner.preview import Preview
    from posekit.runner.remembered import KEPT, recall
    from posekit.sketch.loader import load_class

    loaded = load_class(Preview)
    memory = recall(say)
    resolved = _resolve(loaded, given, config, memory)
    told = {name: value for name, value in given.items() if name in KEPT}
    desk = Desk(resolved.settings, fetch, SystemClock(), report=say, kept=memory, told=told)
    assert isinstance(loaded.sketch, Preview)
    loaded.sketch.desk = desk
    show_loaded(loaded, resolved, desk.adopt, desk.attach, desk.changes)


def forget_all() -> None:
    """Remove what is remembered, and say so."""
    from posekit.runner.remembered import forget

    say("what was chosen before is forgotten" if forget() else "nothing was remembered")


def _resolve(
    loaded: LoadedSketch, given: Mapping[str, Any], config: Path | None, memory: dict[str, Any]
) -> Resolved:
    """Merge settings with what is remembered, unless that is a camera or a file that is not here today."""
    from posekit.runner.remembered import ORIGIN
    from posekit.sources import check_source

    resolved = resolve_loaded(loaded, given, config, memory, osc=DEFAULT_OSC)
    if resolved.origins["source"] == ORIGIN:
        try:
            check_source(resolved.settings.source)
        except PosekitError as error:
            say(f"{error}; it was remembered, and is left out this time")
            memory = {name: value for name, value in memory.items() if name != "source"}
            resolved = resolve_loaded(loaded, given, config, memory, osc=DEFAULT_OSC)
    kept = [name for name, origin in resolved.origins.items() if origin == ORIGIN]
    if kept:
        values = ", ".join(f"{_option(name)} {_spell(memory[name])}" for name in kept)
        say(f"remembered: {values} (posekit send --forget begins afresh)")
    return resolved


def _option(name: str) -> str:
    """Return a setting's name as it is written on the command line, without its dashes."""
    spelled = {setting: word for word, setting in SPELLED.items()}
    return spelled.get(name, name).replace("_", "-")


def _spell(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return " ".join(map(str, value))
    return ("on" if value else "off") if isinstance(value, bool) else str(value)
