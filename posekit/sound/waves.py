"""Samples: a voice that glides without a click, and plucked notes."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

LOWEST, HIGHEST = 20.0, 8000.0
"""Frequencies in Hz that a voice keeps to: below nobody hears it, above nobody wants to."""
LOUDEST = 0.3
"""The amplitude of a voice at volume 1, so that three of them do not overdrive."""
SILENT = 1e-4
"""An amplitude that nobody hears: 80 dB below the loudest."""
ATTACK_SECONDS = 0.004
"""A plucked note rises within so long; what begins at once clicks."""
FADED = 7.0
"""How many times its decay a plucked note lasts: e to the -7, a thousandth, is left of it."""


class Voice:
    """A wave whose frequency and volume go to wherever they are told, each by an exponential glide.

    Both are continuous from one sample to the next, and so is the phase: nothing in it can click.
    """

    def __init__(self, frequency: float, volume: float, overtones: Sequence[float], glide: float) -> None:
        self.frequency, self.volume = frequency, volume
        """Where it is going: Hz, and 0 to 1."""
        self.is_ending = False
        self._overtones = tuple(overtones)
        self._glide = max(glide, 1e-3)
        self._now, self._level, self._phase = frequency, 0.0, 0.0

    @property
    def is_silent(self) -> bool:
        """Whether nothing is heard of it, now and next."""
        return self._level < SILENT and self.volume * LOUDEST < SILENT

    def start_over(self) -> None:
        """Rise from silence again, after a gap that was not wanted."""
        self._level = 0.0

    def render(self, count: int, rate: int) -> NDArray[np.float32]:
        """Return the next `count` samples (count,) from -1 to 1."""
        left = _left(count, rate, self._glide)
        aim = math.log2(min(max(self.frequency, LOWEST), HIGHEST))
        octaves = aim + (math.log2(self._now) - aim) * left
        hertz = np.exp2(octaves)
        phase = self._phase + np.cumsum(hertz) * (2 * np.pi / rate)
        aim = min(max(self.volume, 0.0), 1.0) * LOUDEST
        level = aim + (self._level - aim) * left
        self._now, self._level = float(hertz[-1]), float(level[-1])
        self._phase = math.fmod(float(phase[-1]), 2 * math.pi)
        wave = np.zeros(count)
        for number, strength in enumerate(self._overtones, 1):
            if strength and number * self._now < 0.45 * rate:  # above half the rate it would come out lower
                wave += strength * np.sin(number * phase)
        total = sum(map(abs, self._overtones)) or 1.0
        return np.asarray(wave * level / total, np.float32)


@lru_cache(maxsize=8)
def _left(count: int, rate: int, glide: float) -> NDArray[np.float64]:
    """Return (count,) how much of the way is still left, sample by sample; `glide` seconds leave 5 %."""
    left: NDArray[np.float64] = np.exp(np.arange(1, count + 1) * (-3.0 / (glide * rate)))
    return left


def mix(voices: Sequence[Voice], count: int, rate: int) -> NDArray[np.float32]:
    """Return (count,) samples of all voices together, bent rather than cut where they are too loud."""
    total = np.zeros(count, np.float32)
    for voice in voices:
        total += voice.render(count, rate)
    return np.tanh(total)


@lru_cache(maxsize=128)
def plucked(frequency: float, decay: float, rate: int) -> NDArray[np.float32]:
    """Return the samples from -1 to 1 of a note as of a struck bar: overtones that die sooner the higher."""
    frequency = min(max(frequency, LOWEST), HIGHEST)
    time = np.arange(int(decay * FADED / 2 * rate)) / rate
    wave = np.zeros(len(time))
    for number, strength in ((1.0, 1.0), (2.0, 0.35), (3.0, 0.12), (5.0, 0.06)):
        if number * frequency < 0.45 * rate:
            wave += (
                strength * np.sin(2 * np.pi * number * frequency * time) * np.exp(-time * number * 2 / decay)
            )
    wave *= np.minimum(time / ATTACK_SECONDS, 1.0) * np.linspace(1, 0, len(time))
    made = np.asarray(wave * LOUDEST, np.float32)
    made.flags.writeable = False
    return made


def as_stereo(samples: NDArray[np.float32], channels: int) -> bytes:
    """Return samples as a sound card takes them: 16 bits, the same on every channel."""
    whole = np.asarray(np.clip(samples, -1, 1) * 32767, np.int16)
    return np.repeat(whole, channels).tobytes()
