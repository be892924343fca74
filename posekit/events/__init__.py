"""From people to events: what happened, each thing once."""

from posekit.events.presence import Presence
from posekit.events.zones import ZoneOptions, Zones

__all__ = ["Presence", "ZoneOptions", "Zones"]
