"""Mono and infrared cameras: one channel, three equal ones, sixteen bits; all become RGB, without flicker."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import closing
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_camera_driver import FakeCapture, Shop, live, open_live

from posekit.clock import ManualClock
from posekit.frame import Frame
from posekit.sources import open_source
from posekit.sources.adjust import Adjustment
from posekit.sources.capture import to_rgb
from posekit.sources.controls import ask
from posekit.sources.depth import FOLLOW_SECONDS, Depth
from posekit.sources.pictures import read_picture
from posekit.sources.request import CameraRequest


def scene(bits: int = 12, size: tuple[int, int] = (64, 48), seed: int = 0) -> np.ndarray:
    """A grey picture of so many bits in sixteen, dark on the left, with some noise."""
    rng = np.random.default_rng(seed)
    across = np.linspace(0.02, 0.98, size[0])[None] * np.ones((size[1], 1))
    return ((across + rng.normal(0, 0.004, across.shape)).clip(0, 1) * (2**bits - 1)).astype(np.uint16)


class Deep(FakeCapture):
    """A driver that delivers what it is given, one picture after the other, and again."""

    def __init__(self, pictures: list[np.ndarray]) -> None:
        super().__init__(at=1000, size=pictures[0].shape[1::-1])
        self._pictures = pictures

    def retrieve(self) -> np.ndarray:
        return self._pictures[self._count % len(self._pictures)].copy()


@pytest.mark.parametrize(
    "shape",
    [
        lambda deep: deep,
        lambda deep: deep[..., None],
        lambda deep: np.repeat(deep[..., None], 3, axis=2),
        lambda deep: (deep >> 4).astype(np.uint8),
        lambda deep: (deep >> 4).astype(np.uint8)[..., None],
        lambda deep: np.repeat((deep >> 4).astype(np.uint8)[..., None], 3, axis=2),
    ],
    ids=["(H, W) 16", "(H, W, 1) 16", "(H, W, 3) 16", "(H, W) 8", "(H, W, 1) 8", "(H, W, 3) 8"],
)
@pytest.mark.parametrize("rotate", [0, 90])
def test_a_mono_camera_becomes_rgb(shape, rotate: int) -> None:
    shop = Shop(Deep([shape(scene(seed=seed)) for seed in range(5)]))
    seen: list[Frame] = []
    source = open_live(shop, adjustment=Adjustment(rotate=rotate))
    with closing(source):
        for item in islice(source.frames(), 6):
            assert isinstance(item, Frame)
            seen.append(item)
    assert len(seen) == 6
    for frame in seen:
        assert frame.pixels.shape == ((48, 64, 3) if rotate == 0 else (64, 48, 3))
        assert frame.pixels.dtype == np.uint8
        assert (frame.pixels[..., :1] == frame.pixels).all()
        assert frame.pixels.max() > 240
        assert frame.pixels.min() < 15
        upright = frame.pixels if rotate == 0 else np.rot90(frame.pixels)
        assert upright[:, :8].mean() < 40 < 200 < upright[:, -8:].mean()


def test_twelve_bits_a_warm_body_and_a_photograph() -> None:
    assert Depth().update(scene(12), 0.0).mean() == pytest.approx(128, abs=4)
    warm = 30000 + scene(9)
    assert Depth().update(warm, 0.0).mean() == pytest.approx(128, abs=4)
    photograph = scene(16)
    assert np.abs(Depth().update(photograph, 0.0) - photograph / 257).max() <= 0.51


def test_eight_bits_and_colours_stay_as_they_are() -> None:
    eight = (scene() >> 4).astype(np.uint8)
    assert Depth().update(eight, 0.0) is eight
    colours = np.random.default_rng(1).integers(0, 256, (20, 30, 3)).astype(np.uint16)
    assert (Depth().update(colours * 257, 0.0) == colours).all()


def test_a_hot_lamp_that_is_carried_in_does_not_change_the_picture_at_once() -> None:
    depth, cold = Depth(), scene(12)
    before = depth.update(cold, 0.0)
    hot = cold.copy()
    hot[:20, :20] = 16000
    levels = [float(depth.update(hot, (index + 1) / 30)[30:].mean()) for index in range(240)]
    assert abs(levels[0] - before[30:].mean()) < 8
    assert np.abs(np.diff(levels)).max() < 8
    assert levels[-1] < 0.5 * levels[0]
    back = [float(depth.update(cold, 8 + (index + 1) / 30)[30:].mean()) for index in range(300)]
    assert np.abs(np.diff(back)).max() < 8
    assert back[-1] == pytest.approx(before[30:].mean(), abs=5)


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 65535), st.integers(0, 65535), st.floats(-1, 5, allow_nan=False)),
        min_size=1,
        max_size=12,
    )
)
def test_any_span_becomes_eight_bits_in_order(steps: list[tuple[int, int, float]]) -> None:
    depth, again, now = Depth(), Depth(), 0.0
    for one, other, seconds in steps:
        low, high = sorted((one, other))
        now += seconds
        pixels = np.linspace(low, high, 64 * 48).astype(np.uint16).reshape(48, 64)
        eight = depth.update(pixels, now)
        assert (eight.dtype, eight.shape) == (np.uint8, (48, 64))
        assert (np.diff(eight.ravel().astype(int)) >= 0).all()
        assert (again.update(pixels, now) == eight).all()


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (4, 4)])
def test_tiny_pictures_and_odd_types(size: tuple[int, int]) -> None:
    for dtype in (np.uint16, np.int16, np.float32):
        eight = Depth().update(np.full(size, 300, dtype), 0.0)
        assert (to_rgb(eight).shape, eight.dtype) == ((*size, 3), np.uint8)
    assert (Depth().update(np.full(size, np.nan, np.float32), 0.0) == 0).all()


def test_a_folder_of_deep_pictures_is_one_sequence(tmp_path: Path) -> None:
    for index, level in enumerate((1.0, 1.0, 0.5)):
        cv2.imwrite(str(tmp_path / f"{index}.png"), (scene(12) * level).astype(np.uint16))
    source = open_source(str(tmp_path), ManualClock(), every_frame=True)
    means = [frame.pixels.mean() for frame in source.frames()]
    assert len(means) == 3
    assert means[0] == pytest.approx(128, abs=4)
    assert means[1] == pytest.approx(means[0], abs=1)
    # A second later it is still darker, as it was seen; alone it would be as bright as the others.
    assert means[2] == pytest.approx(128 * 0.5 / (1 - 0.5 * (1 - np.exp(-1 / FOLLOW_SECONDS))), abs=8)
    assert read_picture(tmp_path / "2.png").mean() == pytest.approx(128, abs=4)


def test_a_grey_film(tmp_path: Path) -> None:
    program = shutil.which("ffmpeg")
    if program is None:
        pytest.skip("no ffmpeg here to make a grey film with")
    for codec, pixels, name in (("ffv1", "gray", "grey.mkv"), ("ffv1", "gray16le", "deep.mkv")):
        made = [program, "-loglevel", "error", "-f", "lavfi", "-i", "testsrc=size=64x48:rate=10:duration=0.5"]
        subprocess.run(
            [*made, "-pix_fmt", pixels, "-c:v", codec, str(tmp_path / name)], check=True, timeout=30
        )
        frames = list(open_source(str(tmp_path / name), ManualClock(), every_frame=True).frames())
        assert len(frames) == 5
        for frame in frames:
            assert frame.pixels.shape == (48, 64, 3)
            assert np.ptp(frame.pixels.astype(int), axis=2).max() <= 2
            assert frame.pixels.std() > 30


def test_a_camera_of_sixteen_bits_is_asked_not_to_throw_half_of_them_away() -> None:
    class Camera:
        backend = "V4L2"

        def __init__(self, form: str) -> None:
            self.values = {cv2.CAP_PROP_FOURCC: float(cv2.VideoWriter.fourcc(*form))}
            self.asked: list[tuple[int, float]] = []

        def get(self, number: int) -> float:
            return self.values.get(number, 0.0)

        def set(self, number: int, value: float) -> bool:
            self.asked.append((number, value))
            return False

    deep, shallow = Camera("Y16 "), Camera("GREY")
    ask(deep, CameraRequest())
    ask(shallow, CameraRequest())
    assert (cv2.CAP_PROP_CONVERT_RGB, 0) in deep.asked
    assert cv2.CAP_PROP_CONVERT_RGB not in [number for number, _ in shallow.asked]


def test_a_dark_deep_camera_is_black_and_a_frozen_one_frozen() -> None:
    shop = Shop(Deep([np.zeros((48, 64), np.uint16)]))
    source = open_live(shop)
    seen = live(source, lambda: source.state.name != "OK", 6.0)
    assert source.state.name in ("BLACK", "FROZEN")
    assert seen
