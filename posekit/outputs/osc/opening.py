"""From the words a user writes to a sender."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posekit.errors import SettingsError
from posekit.outputs.osc.receivers import preset, receiver_hint
from posekit.outputs.osc.sender import OscSender
from posekit.outputs.osc.target import Target, parse_target

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from posekit.clock import Clock

OFF = "off"
"""The word for no target at all."""


def parse_targets(texts: Sequence[str], tool: str | None = None) -> tuple[Target, ...]:
    """Read targets; what suits `tool` holds unless a target says otherwise.

    `off` means none and stands alone. Raises `SettingsError` or `UnknownNameError`.
    """
    if OFF in texts:
        if len(texts) > 1:
            raise SettingsError(f"--osc off cannot stand beside a target; found {' '.join(texts)}")
        return ()
    defaults = preset(tool) if tool else {}
    return tuple(parse_target(text, defaults) for text in texts)


def open_osc(
    texts: Sequence[str], clock: Clock, tool: str | None = None, counters: Mapping[str, int] | None = None
) -> OscSender | None:
    """Open a sender to the targets a user named, or None when there are none.

    Raises what `parse_targets` raises, and `OutputError` when a host cannot be found.
    """
    targets = parse_targets(texts, tool)
    return OscSender(targets, clock, tool, counters) if targets else None


def describe_targets(texts: Sequence[str], tool: str | None = None) -> list[str]:
    """Return lines that say where OSC goes and what to set in the receiver."""
    return [
        line
        for target in parse_targets(texts, tool)
        for line in (f"OSC to {target}", f"  {receiver_hint(tool, target)}")
    ]
