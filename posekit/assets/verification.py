"""Whether an operated model still says what the original says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from posekit.assets.picture import draw_test_picture
from posekit.errors import AssetError, EstimatorError
from posekit.runtimes import open_runtime
from posekit.tflite import operate

if TYPE_CHECKING:
    from numpy.typing import NDArray

NAMES = ("heat map", "short offsets", "mid offsets")

MOST_NOISE = 0.15
"""Most a channel may differ from the original: root mean square over the standard deviation of its tensor.

Rounding the same weights anew costs 0.02 to 0.11 on the drawn picture (three sizes, worst channel of any
tensor). Shuffled weights of any one layer give 1.0 or more, a scale that is wrong by a tenth 0.12 or more.
"""
MOST_GAIN = 0.02
"""Most that a tensor's slope against the original may differ from 1.

Rounding has next to no slope (0.000 to 0.003 on the drawn picture); a wrong scale behind the last layer is
nothing but slope.
"""


def verify(original: bytes, operated: bytes) -> None:
    """Raise AssetError unless `operated` gives the tensors that the file it was made from gives.

    Both run on a drawn picture on which the network sees two people: `original` with its own arithmetic, its
    decoder taken off, and `operated` as it is. Values beyond the original's quantised range are clipped.
    """
    expected = _run(operate(original, "original"))
    found = _run(operated)
    if [tensor.shape for tensor in expected] != [tensor.shape for tensor in found]:
        raise AssetError("the operated model was refused: its tensors have other shapes than the original's")
    if expected[0].max() <= 0:
        raise AssetError("the model was refused: it sees nobody in a picture of two people")
    for name, old, new in zip(NAMES, expected, found, strict=True):
        noise, gain = compare(old, new)
        if not (noise <= MOST_NOISE and abs(gain - 1) <= MOST_GAIN):
            raise AssetError(
                f"the operated model was refused: against the original its {name} are off by {noise:.2f} "
                f"deviations (at most {MOST_NOISE}) and a factor of {gain:.3f} (at most {MOST_GAIN} from 1)"
            )


MOST_DISTANCE = 0.05
"""Most that MoveNet's keypoints may lie from the original's in the median, as a share of its input: rounding
moves them 0.007 on the drawn picture, a tenth of the weights' scale amiss some 0.1 and more."""


def verify_movenet(original: bytes, dequantised: bytes) -> None:
    """Raise AssetError unless a dequantised MoveNet sees in the drawn picture what the original sees."""
    (expected,), (found,) = _run(original), _run(dequantised)
    if expected.shape != found.shape or expected.shape[-2:] != (17, 3):
        raise AssetError(f"the model was refused: MoveNet answers (1, 17, 3), this one {found.shape}")
    old, new = expected.reshape(17, 3), found.reshape(17, 3)
    away = float(np.median(np.hypot(*(new - old)[:, :2].T)))
    if not (away <= MOST_DISTANCE and new[:, 2].mean() >= 0.5 * old[:, 2].mean() > 0.1):
        raise AssetError(
            f"the dequantised model was refused: its keypoints lie {away:.3f} of the picture from the "
            f"original's (at most {MOST_DISTANCE}), its mean score is {new[:, 2].mean():.2f}, not "
            f"{old[:, 2].mean():.2f}"
        )


def compare(old: NDArray[np.float32], new: NDArray[np.float32]) -> tuple[float, float]:
    """Return (noise, gain) of `new` against `old`, both (height, width, channels).

    Noise is the root mean square difference of the worst channel over the standard deviation of all of `old`;
    gain is the slope of `new` over `old`, 1 when they agree.
    """
    first = old.reshape(-1, old.shape[-1]).astype(np.float64)
    second = np.clip(new.reshape(-1, new.shape[-1]).astype(np.float64), first.min(), first.max())
    deviation = max(float(first.std()), 1e-9)
    noise = float(np.sqrt(((second - first) ** 2).mean(axis=0)).max()) / deviation
    centred = first - first.mean()
    gain = float((centred * (second - second.mean())).mean()) / deviation**2
    return noise, gain


def _run(model: bytes) -> tuple[NDArray[np.float32], ...]:
    try:
        runtime = open_runtime(model)
        try:
            return runtime.run(draw_test_picture(runtime.input_size))
        finally:
            runtime.close()
    except EstimatorError as error:
        raise AssetError(f"the operated model was refused, it does not run: {error}") from error
