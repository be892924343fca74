"""From poses to people: who is who, from one frame to the next."""

from posekit.tracking.options import LEADS, TrackerOptions, parse_ignore
from posekit.tracking.tracker import Tracked, Tracker

__all__ = ["LEADS", "Tracked", "Tracker", "TrackerOptions", "parse_ignore"]
