"""What a sketch plays: tones that go on, and notes that are plucked."""

from __future__ import annotations

import math
import weakref
from typing import TYPE_CHECKING

from posekit.sound.notes import midi
from posekit.sound.speaker import speaker
from posekit.sound.waves import Voice

if TYPE_CHECKING:
    from collections.abc import Sequence


class Tone:
    """A tone that goes on until it is told otherwise: set its `frequency` and `volume` in every frame.

    Both glide there, so nothing clicks. A number that is not there (of a hand that is not seen) leaves the
    frequency as it is, and as a volume is silence. `overtones` are the strengths of its partials, the
    fundamental first; `glide` is how many seconds a change takes. Whoever forgets it silences it.
    """

    def __init__(
        self,
        frequency: float = 440.0,
        volume: float = 0.0,
        *,
        overtones: Sequence[float] = (1.0, 0.35, 0.2, 0.08),
        glide: float = 0.08,
    ) -> None:
        self._voice = Voice(440.0, 0.0, overtones, glide)
        self.frequency, self.volume = frequency, volume
        weakref.finalize(self, _end, self._voice).atexit = False

    @property
    def frequency(self) -> float:
        """In Hz, from 20 to 8000; where it is going."""
        return self._voice.frequency

    @frequency.setter
    def frequency(self, hertz: float) -> None:
        if math.isfinite(hertz):
            self._voice.frequency = float(hertz)

    @property
    def volume(self) -> float:
        """From 0 to 1; where it is going."""
        return self._voice.volume

    @volume.setter
    def volume(self, volume: float) -> None:
        self._voice.volume = min(max(float(volume), 0.0), 1.0) if math.isfinite(volume) else 0.0
        if self._voice.volume:
            speaker.sing(self._voice)


def pluck(frequency: float | str, volume: float = 0.6, decay: float = 0.6) -> None:
    """Play a note that dies away, as of a struck bar: `frequency` in Hz or a note's name such as `"A4"`.

    `decay` is roughly how many seconds it is heard; a note that is not there (NaN) is not played. Raises
    `SettingsError` for a name that is no note's.
    """
    hertz = 440.0 * 2 ** ((midi(frequency) - 69) / 12) if isinstance(frequency, str) else float(frequency)
    if math.isfinite(hertz) and math.isfinite(volume) and volume > 0:
        speaker.pluck(hertz, min(volume, 1.0), min(max(decay, 0.02), 10.0))


def _end(voice: Voice) -> None:
    voice.volume, voice.is_ending = 0.0, True
