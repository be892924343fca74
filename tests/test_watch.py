"""A frozen picture, a black one and a still room are told apart, by the clock."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest

from posekit.health import CameraState
from posekit.sources.watch import PictureWatch

OK, FROZEN, BLACK = CameraState.OK, CameraState.FROZEN, CameraState.BLACK
NOISE = np.random.default_rng(1)


def room(seed: int = 0) -> np.ndarray:
    """Return a room without anyone in it; seen again it differs by one grey level here and there."""
    pixels = np.full((240, 320, 3), 90, np.uint8)
    pixels[50:100, 150:250] = 180
    return pixels + np.random.default_rng(seed).integers(0, 2, pixels.shape, np.uint8)


def covered() -> np.ndarray:
    """Return what a covered lens gives: sensor noise, and a hot pixel."""
    pixels = NOISE.integers(0, 16, (240, 320, 3), np.uint8)
    pixels[0, 16] = 255
    return pixels


def states(pictures: Iterable[np.ndarray], rate: float = 30.0) -> list[CameraState]:
    watch = PictureWatch()
    return [watch.update(pixels, at / rate) for at, pixels in enumerate(pictures)]


def test_a_still_room_is_fine() -> None:
    assert set(states(room(seed % 7) for seed in range(60))) == {OK}


def test_the_same_bytes_are_frozen_after_a_second_and_a_half_and_fine_when_they_move() -> None:
    told = states([room()] * 60 + [room(1), room(2)])
    assert told[:45] == [OK] * 45
    assert told[45:60] == [FROZEN] * 15
    assert told[60:] == [OK, OK]


def test_equal_arrays_count_not_only_the_same_one() -> None:
    assert states(room().copy() for _ in range(50))[-1] is FROZEN


def test_a_change_between_the_sampled_pixels_is_seen() -> None:
    def flicker() -> Iterable[np.ndarray]:
        for at in range(60):
            pixels = room()
            pixels[5, 5, 0] = at % 2
            yield pixels

    assert set(states(flicker())) == {OK}


def test_a_slow_stream_has_to_repeat_itself() -> None:
    assert states([room()] * 4, rate=1.0) == [OK, OK, OK, FROZEN]


def test_a_stream_that_comes_back_with_the_picture_it_went_with_is_fine() -> None:
    watch = PictureWatch()
    assert watch.update(room(), 0.0) is OK
    assert watch.update(room(), 20.0) is OK
    assert watch.update(room(1), 20.1) is OK


def test_a_covered_lens_is_black_after_a_second_noise_or_not() -> None:
    told = states([room(), *(covered() for _ in range(40)), room(1)])
    assert told[:30] == [OK] * 30
    assert told[30:41] == [BLACK] * 11
    assert told[41] is OK


def test_black_and_frozen_is_black() -> None:
    dead = np.zeros((48, 64, 3), np.uint8)
    assert set(states([room()] + [dead] * 29)) == {OK}
    assert set(states([room()] + [dead] * 100)[31:]) == {BLACK}


def test_a_dark_room_with_a_lamp_is_not_black() -> None:
    def dark(seed: int) -> np.ndarray:
        pixels = np.random.default_rng(seed).integers(0, 8, (240, 320, 3), np.uint8)
        pixels[100:130, 150:190] = 120
        return pixels

    assert set(states(dark(seed) for seed in range(60))) == {OK}


@pytest.mark.parametrize("shape", [(48, 64), (48, 64, 1), (48, 64, 4), (1, 1, 3)])
def test_any_shape_is_looked_at(shape: tuple[int, ...]) -> None:
    assert states([np.full(shape, 200, np.uint8)] * 60)[-1] is FROZEN


def test_another_size_is_another_picture() -> None:
    sizes = [np.full((48 + at % 2, 64, 3), 80, np.uint8) for at in range(60)]
    assert set(states(sizes)) == {OK}
