"""What a model is shown of a room that is too dark, or foggy; what a sketch shows is not touched.

A model has learnt from photographs, which are well exposed. So light is added as a lens would have added it:
sRGB values become linear light, which is multiplied, and go back; and of haze, what lies over the whole
picture is taken away first. Strong noise is softened a little. In good light nothing is done at all
(`bench/light.py`).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from posekit.estimators.base import Estimate, Estimator, Hint
    from posekit.frame import Frame

    Pixels = NDArray[np.uint8]

Lighting = Literal["auto", "gamma", "clahe", "off"]

GOOD = 0.35
"""Mean sRGB value, of 1, that a dark picture is lifted to: photographs have 0.26 to 0.68."""
DARK_STOPS, LIT_STOPS = 1.5, 1.0
"""A picture is lifted that wants so much more light, until it wants less than so much; no photograph does."""
MOST_STOPS = 6.0
"""In darker pictures there are no eight bits left to lift."""
BLACK = 0.008
"""A picture of which no more is seen says nothing: a covered lens, or a camera that has just been opened."""
HAZE_RANGE, HAZE_BLACK = (0.5, 0.4), (0.25, 0.35)
"""Haze is where the darkest and the brightest hundredth of a picture lie so close together (from none to all
of it), and nothing is darker than that: photographs span 0.55 and more, and begin below 0.2."""
HAZE_WHITE = 0.9
"""Where the brightest hundredth of a hazy picture ends up, of 1."""
NOISY = (9.0, 16.0)
"""Noise, of 255, at which softening begins and is whole: the quietest tenth of a photograph has 4 at most."""
SOFTEST = 0.25
"""Weight of both neighbours, across and down; a quarter is a binomial kernel."""
GAMMA_GOOD, LEAST_GAMMA = 0.45, 0.35
CLAHE_LIMIT, CLAHE_TILES = 2.0, (8, 8)
LOOK_SECONDS = 0.25
"""Between two looks at how bright it is."""
LOOKS = 3
"""Looks of which the middle one counts, so that a flash is none."""
SAMPLES = 4096
BLOCKS, BLOCK = 8, 16
"""Noise is measured in so many blocks across and down, of so many pixels."""

_VALUES = np.arange(256) / 255
LINEAR = np.where(_VALUES <= 0.04045, _VALUES / 12.92, ((_VALUES + 0.055) / 1.055) ** 2.4)
"""Light from 0 to 1 of each of the 256 sRGB values (IEC 61966-2-1)."""


@dataclass(frozen=True)
class Correction:
    """What is done to a picture; as it stands nothing."""

    stops: float = 0.0
    """How often light is doubled."""
    black: float = 0.0
    """Light, of 1, that is taken away first."""
    gamma: float = 1.0
    """Exponent of the sRGB values."""
    softness: float = 0.0
    """Weight of neighbours, up to `SOFTEST`."""

    def levels(self) -> Pixels:
        """Return what each of 256 values becomes."""
        light = ((LINEAR - self.black).clip(0) * 2.0**self.stops).clip(0, 1)
        values = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
        levels: Pixels = np.rint(values**self.gamma * 255).astype(np.uint8)
        return levels


NOTHING = Correction()
DEAD = Correction(stops=0.3, black=0.02, gamma=0.06, softness=0.05)
"""Wishes that differ by less are the same."""
PER_SECOND = Correction(stops=4.0, black=0.5, gamma=1.0, softness=0.5)
"""The quickest change: a thirtieth of it between two frames moves no keypoint."""
LESS = 4.0
"""How much quicker light is taken away: what is lifted too much is white, and nobody is seen in it."""


@dataclass(frozen=True)
class Look:
    """How bright a picture is: sRGB values of 1, and noise of 255."""

    mean: float
    dark: float
    """The darkest hundredth is no brighter."""
    bright: float
    """The brightest hundredth is no darker."""
    noise: float
    """Standard deviation in the quietest tenth of the picture."""


def look_at(pixels: Pixels) -> Look:
    """Measure a picture (H, W, 3) uint8 RGB by some thousands of its pixels."""
    height, width = pixels.shape[:2]
    step = max(1, round((height * width / SAMPLES) ** 0.5))
    sample = pixels[::step, ::step].reshape(-1, 3).astype(np.uint16)
    levels = np.sort((sample @ np.array((77, 150, 29), np.uint16)) >> 8)  # Rec. 601
    hundredth = len(levels) // 100
    low, high = levels[hundredth], levels[-1 - hundredth]
    return Look(float(levels.mean()) / 255, float(low) / 255, float(high) / 255, noise_of(pixels))


def noise_of(pixels: Pixels) -> float:
    """Return the noise of a picture's quietest parts, its standard deviation in values of 255.

    J. Immerkaer, "Fast noise variance estimation", 1996: a mask that sees neither planes nor edges, here in
    blocks, of which a tenth has no texture of its own. 0 for pictures smaller than a block.
    """
    height, width = pixels.shape[:2]
    if min(height, width) < BLOCK:
        return 0.0
    rows, columns = (np.linspace(0, side - BLOCK, BLOCKS).astype(int) for side in (height, width))
    green = pixels[..., 1]
    blocks = np.stack([green[y : y + BLOCK, x : x + BLOCK] for y in rows for x in columns]).astype(np.int16)
    across = blocks[:, :, :-2] - 2 * blocks[:, :, 1:-1] + blocks[:, :, 2:]
    both = across[:, :-2] - 2 * across[:, 1:-1] + across[:, 2:]
    deviations = np.abs(both).mean(axis=(1, 2)) * ((np.pi / 2) ** 0.5 / 6)
    return float(np.partition(deviations, BLOCKS * BLOCKS // 10)[BLOCKS * BLOCKS // 10])


def wished(look: Look, mode: Lighting, is_lifted: bool = False) -> Correction:
    """Return what a picture should have done to it; `is_lifted`: something dark is being done already."""
    if mode == "off":
        return NOTHING
    if mode == "gamma":
        exponent = np.log(GAMMA_GOOD) / np.log(min(max(look.mean, 0.01), 0.99))
        correction = Correction(gamma=float(exponent.clip(LEAST_GAMMA, 1.0)))
    else:
        correction = _levels_wished(look, is_lifted)
    # What is multiplied takes its noise along.
    here = correction.levels().astype(float)
    at = round(look.mean * 255)
    low, high = max(at - 8, 0), min(at + 8, 255)
    slope = (here[high] - here[low]) / (high - low)
    return replace(correction, softness=SOFTEST * _ramp(look.noise * max(slope, 1.0), *NOISY))


def _levels_wished(look: Look, is_lifted: bool) -> Correction:
    haze = _ramp(look.bright - look.dark, *HAZE_RANGE) * _ramp(look.dark, *HAZE_BLACK)
    black = haze * float(_linear(look.dark))
    stops = float(np.log2(_linear(GOOD) / max(_linear(look.mean), 2.0**-20)))
    stops = min(stops, MOST_STOPS) if stops >= (LIT_STOPS if is_lifted else DARK_STOPS) else 0.0
    if haze > 0:
        left = max(float(_linear(look.bright)) - black, 0.01)
        stops = max(stops, haze * float(np.log2(_linear(HAZE_WHITE) / left)), 0.0)
    return Correction(stops=stops, black=black)


def _ramp(value: float, none: float, whole: float) -> float:
    return min(max((value - none) / (whole - none), 0.0), 1.0)


def _linear(value: float) -> float:
    return float(np.interp(value, _VALUES, LINEAR))


class Light:
    """Follows how bright the pictures are, and corrects what a model is shown of them, never by a jump.

    Used by one thread.
    """

    def __init__(self, mode: Lighting, *, still: bool = False) -> None:
        """`still`: frames have nothing to do with each other, and each gets what it wants."""
        self.mode: Lighting = mode
        self._still = still
        self._clahe = cv2.createCLAHE(CLAHE_LIMIT, CLAHE_TILES) if mode == "clahe" else None
        self._buffer = np.empty((0, 0, 3), np.uint8)
        self.reset()

    def reset(self) -> None:
        """Forget earlier frames: the next one gets what it wants at once."""
        self.correction = self._aim = NOTHING
        self._levels: Pixels | None = None
        self._looks: deque[Look] = deque(maxlen=LOOKS)
        self._looked = self._time = 0.0

    @property
    def does_something(self) -> bool:
        """Whether pictures are changed just now."""
        return self._clahe is not None or self.correction != NOTHING

    def update(self, pixels: Pixels, time: float) -> None:
        """Look at the whole of a frame (H, W, 3) of `time` seconds, if it is time to; go on correcting."""
        is_new = self._still or not self._looks
        if is_new or not 0 <= time - self._looked < LOOK_SECONDS:
            if is_new:
                self._looks.clear()
            look, self._looked = look_at(pixels), time
            if look.mean >= BLACK:
                self._looks.append(look)
            is_lifted = not is_new and self._aim.stops > 0
            wish = wished(_middle(self._looks), self.mode, is_lifted) if self._looks else NOTHING
            if is_new or _differ(wish, self._aim):
                self._aim = wish
        if self.correction != self._aim:
            seconds = min(max(time - self._time, 0.0), LOOK_SECONDS)
            self._set(self._aim if is_new else _towards(self.correction, self._aim, seconds))
        self._time = time

    def _set(self, correction: Correction) -> None:
        self.correction = correction
        changes = replace(correction, softness=0.0) != NOTHING
        self._levels = correction.levels() if changes else None

    def correct(self, image: Pixels) -> None:
        """Correct an image (H, W, 3) in its place: what a model is about to be shown."""
        if self._levels is not None:
            cv2.LUT(image, self._levels, dst=image)
        if self._clahe is not None:
            coded = cv2.cvtColor(image, cv2.COLOR_RGB2YCrCb)
            coded[..., 0] = self._clahe.apply(np.ascontiguousarray(coded[..., 0]))
            cv2.cvtColor(coded, cv2.COLOR_YCrCb2RGB, dst=image)
        softness = self.correction.softness
        if softness:
            kernel = np.array((softness, 1 - 2 * softness, softness), np.float32)
            cv2.sepFilter2D(image, -1, kernel, kernel, dst=image, borderType=cv2.BORDER_REPLICATE)

    def corrected(self, pixels: Pixels) -> Pixels:
        """Return a frame corrected: itself where nothing is to be done, else memory that is used again."""
        if not self.does_something:
            return pixels
        if self._buffer.shape != pixels.shape:
            self._buffer = np.empty_like(pixels)
        np.copyto(self._buffer, pixels)
        self.correct(self._buffer)
        return self._buffer


class Lit:
    """An estimator around another, which it owns, that keeps a light up to date for every look at a frame.

    Where `whole` is asked for, the frame itself is shown corrected; else whoever draws the model's input,
    which is much smaller, corrects that by the same light.
    """

    def __init__(self, estimator: Estimator, light: Light, *, whole: bool) -> None:
        """Take over an estimator; it is closed with this one."""
        self._estimator, self._light, self._whole = estimator, light, whole
        self.name, self.input_size = estimator.name, estimator.input_size
        shown = "" if light.mode == "auto" else f", light {light.mode}"
        self.description = f"{estimator.description}{shown}"

    def estimate(self, frame: Frame, hint: Hint | None = None) -> Estimate:
        """Find the bodies in a frame; raises `EstimatorError` when the model fails."""
        self._light.update(frame.pixels, frame.time)
        if self._whole and self._light.does_something:
            frame = replace(frame, pixels=self._light.corrected(frame.pixels))
        return self._estimator.estimate(frame, hint)

    def reset(self) -> None:
        """Forget earlier frames."""
        self._light.reset()
        self._estimator.reset()

    def close(self) -> None:
        """Release the model; calling it twice is harmless."""
        self._estimator.close()


def _middle(looks: Sequence[Look]) -> Look:
    return sorted(looks, key=lambda look: look.mean)[len(looks) // 2]


def _parts(correction: Correction) -> tuple[float, float, float, float]:
    return correction.stops, correction.black, correction.gamma, correction.softness


def _differ(one: Correction, other: Correction) -> bool:
    """Return whether two wishes differ enough; nothing at all is always another wish."""
    if (one == NOTHING) != (other == NOTHING):
        return True
    apart = zip(_parts(one), _parts(other), _parts(DEAD), strict=True)
    return any(abs(first - second) > dead for first, second, dead in apart)


def _towards(now: Correction, aim: Correction, seconds: float) -> Correction:
    """Return what a correction is after some seconds on its way to another."""
    if aim.stops < now.stops or aim.gamma > now.gamma:
        seconds *= LESS
    steps = zip(_parts(now), _parts(aim), _parts(PER_SECOND), strict=True)
    return Correction(*(a + min(max(b - a, -most * seconds), most * seconds) for a, b, most in steps))
