"""Sound for sketches: a tone that glides, a plucked note, and the names of notes.

    from posekit.sound import Tone, note, pluck

Nothing is opened before something is to be heard, and a machine without a sound card is silent, not broken.
"""

from __future__ import annotations

from posekit.sound.notes import SCALES, note, note_name, scale
from posekit.sound.speaker import Speaker, speaker
from posekit.sound.tone import Tone, pluck

__all__ = ["SCALES", "Speaker", "Tone", "note", "note_name", "pluck", "scale", "speaker"]
