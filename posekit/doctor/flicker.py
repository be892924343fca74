"""Lamps on the mains: bands that wander through the picture, or a brightness that trembles.

A lamp flickers twice in each period of the mains, 100 or 120 times a second. A camera that reads its rows one
after the other sees bands, one that reads them at once sees frames that differ. Either is the same from left
to right, which nothing that people do is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

ROWS, STRIPS = 48, 8
LEAST_FRAMES = 20
BANDS = 0.01
"""Standard deviation of bands, of the brightness: from here on they are seen, and cost edges."""
TREMBLE = 0.01
"""Half of all steps between two frames are larger, of the brightness."""
TURNS = 0.3
"""Share of frames at which the brightness turns; a lamp that is dimmed, or a cloud, never does."""
MOST_BANDS = 6
"""Bands in one picture: a sensor takes no longer than 1/20 s for its rows."""
STEADY, EVEN = 0.4, 0.8
"""How little a band's strength varies, and how evenly it wanders: what moves by itself does neither."""
CLEAR = 0.6
"""Share of the bands' power in waves of one length."""


@dataclass(frozen=True)
class Flicker:
    """What flickers, and how much, of the brightness."""

    is_bands: bool
    strength: float


def strips_of(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return how bright a picture (H, W, 3) is in `ROWS` x `STRIPS` parts, of 255."""
    small = cv2.resize(pixels, (STRIPS, ROWS), interpolation=cv2.INTER_AREA)
    return small[..., 1].astype(np.float32)


def find_flicker(strips: Sequence[NDArray[np.float32]], times: Sequence[float]) -> Flicker | None:
    """Find flicker in successive pictures (`strips_of`) of some seconds each; None where there is none."""
    if len(strips) < LEAST_FRAMES:
        return None
    bright = np.stack(strips) + 1.0
    # A body covers some strips at a time; a lamp all of them.
    rows = np.median(bright / bright.mean(axis=0) - 1, axis=2)
    frames = rows.mean(axis=1)
    return _bands(rows - frames[:, None], np.asarray(times)) or _trembling(frames)


def _bands(rows: NDArray[np.floating], times: NDArray[np.floating]) -> Flicker | None:
    strength = float(rows.std())
    waves = np.fft.rfft(rows * np.hanning(ROWS), axis=1)[:, 1 : MOST_BANDS + 2]
    power = (np.abs(waves) ** 2).mean(axis=0)
    at = int(power.argmax())
    share = power[max(at - 1, 0) : at + 2].sum() / max(power.sum(), 1e-12)
    if strength < BANDS or share < CLEAR:
        return None
    wave = waves[:, at]
    gaps = np.diff(times)
    steps = (wave[1:] * wave[:-1].conj())[gaps < 1.5 * np.median(gaps)]
    is_steady = np.abs(wave).std() < STEADY * np.abs(wave).mean()
    is_even = abs(steps.sum()) > EVEN * np.abs(steps).sum()
    # What stands and then jumps, as at a cut, has not wandered.
    has_wandered = abs(np.angle(steps.sum())) * len(steps) > 2 * np.pi
    return Flicker(True, strength) if is_steady and is_even and has_wandered else None


def _trembling(frames: NDArray[np.floating]) -> Flicker | None:
    steps = np.diff(frames)
    turns = float((steps[1:] * steps[:-1] < 0).mean())
    strength = float(np.median(np.abs(steps)))
    return Flicker(False, strength) if strength >= TREMBLE and turns >= TURNS else None
