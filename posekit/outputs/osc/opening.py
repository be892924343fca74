"""From the words a user writes to a sender."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posekit.errors import SettingsError
from posekit.outputs.osc.messages import OscMessages
from posekit.outputs.osc.receivers import preset, receiver_hint
from posekit.outputs.osc.sender import OscSender, resolve
from posekit.outputs.osc.target import Target, parse_target

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from posekit.clock import Clock
    from posekit.settings import Settings

OFF = "off"
"""The word for no target at all."""


def parse_targets(
    texts: Sequence[str], tool: str | None = None, slots: int | None = None, template: str | None = None
) -> tuple[Target, ...]:
    """Read targets; what suits `tool`, `slots` and `template` hold unless a target says otherwise.

    `off` means none and stands alone. Raises `SettingsError` or `UnknownNameError`.
    """
    if OFF in texts:
        if len(texts) > 1:
            raise SettingsError(f"--osc off cannot stand beside a target; found {' '.join(texts)}")
        return ()
    defaults = preset(tool) if tool else {}
    if slots:
        defaults["slots"] = str(slots)
    if template is not None:
        defaults.update(dialect="template", template=template)
    return tuple(parse_target(text, defaults) for text in texts)


def targets_of(settings: Settings) -> tuple[Target, ...]:
    """Return the targets that the settings name; raises what `parse_targets` raises."""
    return parse_targets(settings.osc, settings.osc_for, settings.slots, settings.osc_template)


def open_osc(settings: Settings, clock: Clock, counters: Mapping[str, int] | None = None) -> OscSender | None:
    """Open a sender to the targets that the settings name, or None when there are none.

    `counters` are those of an earlier sender. Raises what `parse_targets` raises, and `OutputError` when a
    host cannot be found.
    """
    targets = targets_of(settings)
    return OscSender(targets, clock, settings.osc_for, counters) if targets else None


def open_messages(settings: Settings, report: Callable[[str], None] | None = None) -> OscMessages:
    """Open what sends a sketch's own messages to the targets that the settings name; raises as `open_osc`."""
    return OscMessages(targets_of(settings), report)


def describe_targets(settings: Settings) -> list[str]:
    """Return lines that say where OSC goes and what to set in the receiver; raises as `open_osc` does."""
    targets = targets_of(settings)
    for target in targets:
        resolve(target)  # before it is promised
    return [
        line
        for target in targets
        for line in (f"OSC to {target}", f"  {receiver_hint(settings.osc_for, target)}")
    ]
