"""Notes: their names, their MIDI numbers, their frequencies, and scales of them."""

from __future__ import annotations

import math
import re

from posekit.errors import SettingsError, UnknownNameError

NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
SIGNS = {"": 0, "#": 1, "b": -1}
A4, A4_HZ = 69, 440.0
"""The MIDI number and the frequency that all others are counted from (ISO 16)."""
SCALES: dict[str, tuple[int, ...]] = {
    "pentatonic": (0, 2, 4, 7, 9),
    "minor pentatonic": (0, 3, 5, 7, 10),
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "blues": (0, 3, 5, 6, 7, 10),
    "whole": (0, 2, 4, 6, 8, 10),
    "chromatic": tuple(range(12)),
}
"""Semitones above the root, which is the lowest note asked for."""


def midi(name: str | float) -> float:
    """Return a note's MIDI number: 69 for `"A4"`, 61 for `"C#4"` and `"Db4"`; a number is one already.

    Raises `SettingsError` for what is no note.
    """
    if not isinstance(name, str):
        return float(name)
    found = re.fullmatch(r"([A-Ga-g])(#|b|)(-?\d)", name.strip())
    if not found:
        raise SettingsError(f"a note is a name such as 'C4' or 'F#3', or a MIDI number; found {name!r}")
    letter, sign, octave = found.groups()
    return 12.0 * (int(octave) + 1) + LETTERS[letter.upper()] + SIGNS[sign]


def note(name: str | float) -> float:
    """Return the frequency in Hz of a note, by its name (`"A4"`) or MIDI number, which need not be whole."""
    return float(A4_HZ * 2 ** ((midi(name) - A4) / 12))


def note_name(number: float) -> str:
    """Return the name of the nearest note to a MIDI number: `"C4"` for 60."""
    nearest = round(number)
    return f"{NAMES[nearest % 12]}{nearest // 12 - 1}"


def scale(name: str, low: str | float, high: str | float) -> list[int]:
    """Return the MIDI numbers of a scale's notes from `low`, its root, up to `high`.

    Raises `UnknownNameError` for a scale that is not in `SCALES`, with the nearest that is.
    """
    if name not in SCALES:
        raise UnknownNameError("scale", name, SCALES)
    root, top = round(midi(low)), math.floor(midi(high))
    return [number for number in range(root, top + 1) if (number - root) % 12 in SCALES[name]]
