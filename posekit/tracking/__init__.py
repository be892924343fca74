"""From poses to people: who is who, from one frame to the next."""

from posekit.tracking.tracker import Tracked, Tracker, TrackerOptions

__all__ = ["Tracked", "Tracker", "TrackerOptions"]
