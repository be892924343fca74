"""From people to events: what happened, each thing once."""

from posekit.events.presence import Presence

__all__ = ["Presence"]
