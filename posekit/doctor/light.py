"""Is there light enough, and is the lens sharp: from pictures and their times to what to do about them.

Pictures are measured one by one where they arrive (`measure`), and judged together (`judge_light`); values
run from 0 to 1 of what a pixel can be.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import cv2
import numpy as np

from posekit.doctor.finding import Finding, ok, warning
from posekit.doctor.flicker import find_flicker, strips_of
from posekit.estimators.light import GOOD, LINEAR, look_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from posekit.doctor.flicker import Flicker

CHECK = "light"
DARK = 0.2
"""Mean value below which people are lost: a stop and a half below a photograph."""
DARK_WHITES = 0.5
"""So is a white room whose brightest hundredth is below this; photographs have 0.68 and more, fog too."""
DIM = 0.35
"""Below this a camera that is too slow is slow for want of light."""
WHITE, MOST_WHITE = 250, 0.2
"""A value that is as good as lost, and the share of a picture that may be."""
BACKLIT_STOPS = 2.2
"""So much darker is the middle than the edges, when a window is behind people..."""
BACKLIT_MIDDLE = 0.2
"""... and no brighter than this."""
NOISY = 9.0
"""Noise, of 255, from which on people are lost (`bench/light.py`); in their quiet parts photographs have 4
at most."""
FLAT = 0.45
"""Span of all but the darkest and the brightest hundredth; photographs have 0.55 and more."""
SHARP = 0.13
"""What the sharpest edges differ by from one pixel to the next, of the picture's span; photographs 0.22 to
0.76, out of focus by three of 480 pixels 0.04 to 0.1."""
LEAST_SPAN = 0.3
"""A picture of less has no edges that could be judged."""
SHARP_SIDE = 480
"""Pixels of the shorter side at which that is looked at; a model looks no closer."""
GREY = 6
"""Most difference between the channels of a picture without colours, of 255: JPEG leaves a few."""
SLOW = 0.6
"""Share of the announced rate that a camera should give."""
LOOK_SECONDS = 0.2
"""Between two pictures that are measured, which takes some milliseconds."""


@dataclass(frozen=True)
class Measured:
    """What was measured in one picture."""

    mean: float
    dark: float
    bright: float
    noise: float
    """Of 255."""
    white: float
    """Share of the picture that is white in all channels."""
    middle: float
    edges: float
    sharpness: float
    is_grey: bool


class Watch:
    """Measures pictures as they come, and judges them at the end."""

    def __init__(self) -> None:
        self._measured: list[Measured] = []
        self._strips: list[NDArray[np.float32]] = []
        self._times: list[float] = []
        self._due = 0.0

    def update(self, pixels: NDArray[np.uint8], time: float) -> None:
        """Look at a picture (H, W, 3) uint8 RGB of `time` seconds; closely at a few a second only."""
        if self._strips and time <= self._times[-1]:
            return
        self._strips.append(strips_of(pixels))
        self._times.append(time)
        if not self._measured or time >= self._due:
            self._measured.append(measure(pixels))
            self._due = time + LOOK_SECONDS

    def findings(self, announced: float | None = None, rate: float | None = None) -> list[Finding]:
        """Return what there is to say; `announced` and `rate` are a camera's pictures a second."""
        flicker = find_flicker(self._strips, self._times)
        return judge_light(self._measured, flicker, announced, rate)


def judge_light(
    measured: Sequence[Measured],
    flicker: Flicker | None = None,
    announced: float | None = None,
    rate: float | None = None,
) -> list[Finding]:
    """Return what there is to say of pictures: their medians count, so that a flash, or a cut, does not."""
    if not measured:
        return []
    names = [one.name for one in fields(Measured) if one.name != "is_grey"]
    middle = {name: statistics.median(getattr(one, name) for one in measured) for name in names}
    is_grey = sum(one.is_grey for one in measured) * 2 > len(measured)
    seen = Measured(**middle, is_grey=is_grey)
    found = [*_brightness(seen), *_clearness(seen)]
    if flicker is not None:
        found.append(_flickering(flicker))
    if announced and rate and rate < SLOW * announced and seen.mean < DIM:
        found.append(
            warning(
                CHECK,
                f"{rate:.0f} pictures a second of {announced:.0f}, and little light: it exposes for longer "
                "than a picture's time",
                f"more light; --exposure {10_000 / announced:.0f} on Linux (in 100 µs) gives the rate back, "
                "and a darker picture",
            )
        )
    if not found:
        found = [ok(CHECK, f"bright enough ({seen.mean:.0%}), and clear")]
    return [*found, *_colours(seen)]


def _is_dark(seen: Measured) -> bool:
    return seen.mean < DARK or seen.bright < DARK_WHITES


def _brightness(seen: Measured) -> list[Finding]:
    if _is_dark(seen):
        stops = np.log2(_linear(GOOD) / max(_linear(seen.mean), 2.0**-20))
        todo = "lamps; a longer --exposure, up to a picture's time; a higher --gain. --light auto lifts it"
        return [warning(CHECK, f"dark: {seen.mean:.0%} bright, {stops:.0f} stops below a photograph", todo)]
    found = []
    if seen.white > MOST_WHITE:
        todo = "a shorter --exposure, a lower --gain; turn the camera away from the window"
        found.append(warning(CHECK, f"too bright: {seen.white:.0%} of the picture is plain white", todo))
    behind = np.log2(max(_linear(seen.edges), 1e-6) / max(_linear(seen.middle), 1e-6))
    if behind >= BACKLIT_STOPS and seen.middle < BACKLIT_MIDDLE:
        found.append(
            warning(
                CHECK,
                f"against the light: the middle is {behind:.0f} stops darker than the edges",
                "light from the camera's side, a curtain; else --light gamma, or a longer --exposure",
            )
        )
    return found


def _clearness(seen: Measured) -> list[Finding]:
    found = []
    if seen.noise > NOISY:
        found.append(
            warning(
                CHECK,
                f"noisy: {seen.noise:.0f} of 255 where it should be even, because little light is amplified",
                "more light; a longer --exposure and a lower --gain",
            )
        )
    span = seen.bright - seen.dark
    if span < FLAT and not _is_dark(seen):
        found.append(
            warning(
                CHECK,
                f"flat: all of the picture lies within {span:.0%} of brightness",
                "clean the lens, keep lamps from shining into it; fog, or a bare wall, look so too",
            )
        )
    if span >= LEAST_SPAN and seen.sharpness < SHARP and seen.noise < NOISY:
        found.append(
            warning(
                CHECK,
                f"blurred: no edge is steeper than {seen.sharpness:.0%} from one pixel to the next",
                "clean the lens; lock the focus, --camera-focus 0 is far on most cameras",
            )
        )
    return found


def _flickering(flicker: Flicker) -> Finding:
    what = "bands wander through the picture" if flicker.is_bands else "the picture trembles"
    return warning(
        CHECK,
        f"flicker: {what}, by {flicker.strength:.0%} of the brightness, as from lamps on the mains",
        "other lamps; or --exposure 100 or 200 on Linux where the mains have 50 Hz, 83 or 167 where 60",
    )


def _colours(seen: Measured) -> list[Finding]:
    if not seen.is_grey or seen.bright < LEAST_SPAN:
        return []  # in the dark nothing has a colour
    return [
        ok(
            CHECK,
            "without colours: a mono or infrared camera",
            "PoseNet finds fewer people so, --estimator movenet nearly as many",
        )
    ]


def measure(pixels: NDArray[np.uint8]) -> Measured:
    """Measure a picture (H, W, 3) uint8 RGB; 5 ms for one of 1280x720."""
    look = look_at(pixels)
    height, width = pixels.shape[:2]
    step = max(1, round((height * width / 20_000) ** 0.5))
    sample = pixels[::step, ::step]
    values = sample.mean(axis=2) / 255
    rows, columns = (max(1, side // 4) for side in values.shape)
    is_middle = np.zeros(values.shape, bool)
    is_middle[rows:-rows, columns:-columns] = True
    spread = sample.max(axis=2).astype(int) - sample.min(axis=2)
    return Measured(
        *(look.mean, look.dark, look.bright, look.noise),
        white=float((sample.min(axis=2) >= WHITE).mean()),
        middle=float(values[is_middle].mean()) if is_middle.any() else look.mean,
        edges=float(values[~is_middle].mean()),
        sharpness=_sharpness(pixels, look.bright - look.dark),
        is_grey=bool(np.percentile(spread, 99) <= GREY),
    )


def _sharpness(pixels: NDArray[np.uint8], span: float) -> float:
    """Return the steepest step between neighbouring pixels, in spans of the picture."""
    height, width = pixels.shape[:2]
    scale = min(1.0, SHARP_SIDE / min(height, width))
    size = max(2, round(width * scale)), max(2, round(height * scale))
    grey = cv2.cvtColor(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    steps = np.abs(np.diff(grey.astype(np.int16), axis=1))
    return float(np.percentile(steps, 99.8)) / 255 / max(span, 0.05)


def _linear(value: float) -> float:
    return float(np.interp(value * 255, np.arange(256), LINEAR))
