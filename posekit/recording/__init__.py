"""Recordings: scenes and events as JSON lines, never pictures; written, read, imported and exported."""

from __future__ import annotations

from posekit.recording.export import export
from posekit.recording.reader import Recording, open_recording
from posekit.recording.scene import RecordedPerson, RecordedScene, observed_poses, record_scene
from posekit.recording.writer import RecordingWriter, check_new

__all__ = [
    "RecordedPerson",
    "RecordedScene",
    "Recording",
    "RecordingWriter",
    "check_new",
    "export",
    "observed_poses",
    "open_recording",
    "record_scene",
]
