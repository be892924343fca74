"""Turning, flipping and cropping: as numpy says, for every size, and into the memory that was given."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posekit.clock import ManualClock, SystemClock
from posekit.errors import SettingsError, UnknownNameError
from posekit.sources import open_source
from posekit.sources.adjust import UNTOUCHED, Adjustment, Crop, parse_crop
from posekit.sources.capture import adjusted, to_rgb

FLIPS = {"none": (), "horizontal": (1,), "vertical": (0,), "both": (0, 1)}
fractions = st.floats(0, 1)


@st.composite
def crops(draw: st.DrawFn) -> Crop | None:
    if draw(st.booleans()):
        return None
    x, y = draw(st.floats(0, 0.99)), draw(st.floats(0, 0.99))
    width, height = draw(st.floats(0.001, 1)), draw(st.floats(0.001, 1))
    return Crop(x, y, min(width, 1 - x), min(height, 1 - y))


adjustments = st.builds(
    Adjustment, st.sampled_from((0, 90, 180, 270)), st.sampled_from(sorted(FLIPS)), crops()
)


def as_numpy_says(pixels: np.ndarray, adjustment: Adjustment) -> np.ndarray:
    """Return a picture rotated, flipped, then cropped, in so many words."""
    turned = np.rot90(pixels, -adjustment.rotate // 90)
    flipped = np.flip(turned, FLIPS[adjustment.flip])
    if adjustment.crop is None:
        return flipped
    height, width = flipped.shape[:2]
    x, y, w, h = adjustment.crop
    left, top = min(round(x * width), width - 1), min(round(y * height), height - 1)
    right, bottom = max(round((x + w) * width), left + 1), max(round((y + h) * height), top + 1)
    return flipped[top:bottom, left:right]


@given(adjustments, st.integers(1, 40), st.integers(1, 40), st.sampled_from([(), (1,), (3,), (4,)]))
def test_it_is_what_numpy_says_and_its_size_is_foretold(
    adjustment: Adjustment, width: int, height: int, channels: tuple[int, ...]
) -> None:
    shape = (height, width, *channels)
    pixels = np.arange(np.prod(shape), dtype=np.uint32).astype(np.uint8).reshape(shape)
    expected = as_numpy_says(pixels, adjustment)
    found = adjusted(pixels, adjustment)
    assert found.shape[:2] == expected.shape[:2]
    assert np.array_equal(found.reshape(expected.shape), expected)
    assert adjustment.size((width, height)) == (expected.shape[1], expected.shape[0])
    target = np.zeros((*expected.shape[:2], 3), np.uint8)
    assert to_rgb(pixels, lambda size: target[: size[1], : size[0]], adjustment).shape == target.shape
    blue = expected.reshape(*expected.shape[:2], -1)[..., 0]
    assert np.array_equal(target[..., 2], blue)  # what came as BGR, BGRA or grey lies there as RGB


def test_nothing_is_copied_when_nothing_or_a_crop_is_asked_for() -> None:
    pixels = np.zeros((40, 60, 3), np.uint8)
    assert np.shares_memory(adjusted(pixels, UNTOUCHED), pixels)
    assert np.shares_memory(adjusted(pixels, Adjustment(crop=Crop(0.25, 0, 0.5, 1))), pixels)
    assert UNTOUCHED.size((60, 40)) == (60, 40)


def test_the_words_mean_what_they_say() -> None:
    pixels = np.zeros((2, 3, 3), np.uint8)
    pixels[0, 0] = 255  # top left
    corners = {
        (90, "none"): (0, -1),  # clockwise: it goes to the top right
        (180, "none"): (-1, -1),
        (270, "none"): (-1, 0),
        (0, "horizontal"): (0, -1),
        (0, "vertical"): (-1, 0),
        (0, "both"): (-1, -1),
        (180, "both"): (0, 0),
    }
    for (rotate, flip), corner in corners.items():
        assert adjusted(pixels, Adjustment(rotate, flip))[corner].tolist() == [255] * 3, (rotate, flip)


@pytest.mark.parametrize(
    ("text", "crop"),
    [
        ("0.1,0,0.8,1", (0.1, 0, 0.8, 1)),
        ("10%, 0%, 80%, 100%", (0.1, 0, 0.8, 1)),
        ("25%,.5,0.5,50%", (0.25, 0.5, 0.5, 0.5)),
        ("0.7,0.7,0.3,0.3", (0.7, 0.7, 0.3, 0.3)),
    ],
)
def test_a_crop_is_read(text: str, crop: tuple[float, ...]) -> None:
    assert tuple(parse_crop(text)) == pytest.approx(crop)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "1 parts; it is x,y,width,height"),
        ("0,0,1", "3 parts"),
        ("a,0,1,1", "'a' is no fraction"),
        ("-0.1,0,1,1", "'-0.1' is no fraction"),
        ("nan,0,1,1", "'nan' is no fraction"),
        ("10,0,80,100", "more than the whole"),
        ("0,0,0,1", "keeps nothing"),
        ("50%,0,60%,100%", "reaches beyond"),
    ],
)
def test_a_crop_that_cannot_be(text: str, sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        parse_crop(text)


def test_an_adjustment_that_cannot_be() -> None:
    with pytest.raises(SettingsError, match="rotate is 45"):
        Adjustment(rotate=45)
    with pytest.raises(UnknownNameError, match="did you mean 'horizontal'"):
        Adjustment(flip="horizontl")
    with pytest.raises(SettingsError, match="beyond"):
        Adjustment(crop=Crop(0.5, 0, 0.6, 1))
    with pytest.raises(SettingsError, match="beyond"):
        Adjustment(crop=Crop(-0.5, 0, 0.6, 1))
    with pytest.raises(SettingsError, match="keeps nothing"):
        Adjustment(crop=Crop(0, 0, float("nan"), 1))


def test_pictures_and_videos_are_adjusted_too(tmp_path: Path) -> None:
    left_red = np.zeros((48, 64, 3), np.uint8)
    left_red[:, :32] = (0, 0, 255)
    cv2.imwrite(str(tmp_path / "a.png"), left_red)
    writer = cv2.VideoWriter(str(tmp_path / "a.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 25.0, (64, 48))
    for _ in range(3):
        writer.write(left_red)
    writer.release()
    adjustment = Adjustment(rotate=90, crop=Crop(0, 0, 1, 0.5))  # what was left is on top now, and is kept
    for name in ("a.png", "a.avi"):
        for every_frame in (True, False):
            clock = ManualClock() if every_frame else SystemClock()
            source = open_source(str(tmp_path / name), clock, every_frame=every_frame, adjustment=adjustment)
            frames = list(islice(source.frames(), 1 if name == "a.png" else 3))
            source.close()
            assert frames
            assert {frame.size for frame in frames} == {(48, 32)}
            assert all(frame.pixels[2:-2, :, 0].min() > 200 for frame in frames)
            assert name == "a.png" or "48x32" in source.description
