"""What a model is shown in bad light: nothing where it is good, no jumps, and people are found again."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest
from blazepose_bundle import find_bundle
from coco_truth import CocoTruth, coco_truth, frames_in
from darkroom import LIGHTS, darker, foggy, noisier
from hypothesis import given, settings
from hypothesis import strategies as st

from posekit.cli.options import resolve_given
from posekit.engine.options import estimator_options
from posekit.errors import SettingsError
from posekit.estimators import EstimatorOptions, open_estimator
from posekit.estimators.light import (
    LESS,
    MOST_STOPS,
    NOTHING,
    PER_SECOND,
    Correction,
    Light,
    Look,
    look_at,
    wished,
)
from posekit.estimators.model_input import ModelInput
from posekit.frame import Frame

RATE = 30.0
shares = st.floats(0, 1)
looks = st.builds(
    lambda mean, dark, span, noise: Look(mean, dark, min(dark + span, 1.0), noise),
    *(shares, shares, shares, st.floats(0, 80)),
)
corrections = st.builds(
    Correction, st.floats(0, MOST_STOPS), st.floats(0, 0.9), st.floats(0.35, 1), st.floats(0, 0.25)
)


@pytest.fixture(scope="module")
def truth(asset) -> CocoTruth:
    truth = coco_truth(asset("data/coco"))
    assert len(truth.frames) == 14
    return truth


@pytest.fixture(scope="module")
def dark(truth: CocoTruth) -> dict[int, np.ndarray]:
    return {number: darker(frame.pixels, 4) for number, frame in truth.frames.items()}


@pytest.fixture(scope="module")
def picture(truth: CocoTruth) -> np.ndarray:
    return truth.frames[129648].pixels


def flat(level: int, size: tuple[int, int] = (64, 48)) -> np.ndarray:
    """A picture of one level with a little of everything in it, so that it is no haze."""
    pixels = np.full((size[1], size[0], 3), level, np.uint8)
    pixels[:2], pixels[2:4] = 0, 255
    return pixels


def shown(light: Light, pixels: np.ndarray, began: float, seconds: float) -> list[Correction]:
    """Show a light the same picture for some seconds; returns what it did in each frame."""
    done = []
    for index in range(round(seconds * RATE)):
        light.update(pixels, began + index / RATE)
        done.append(light.correction)
    return done


# Laws


@given(corrections)
def test_a_correction_is_monotone_and_keeps_black_and_white(correction: Correction) -> None:
    levels = correction.levels()
    assert (levels.dtype, levels.shape) == (np.uint8, (256,))
    assert (np.diff(levels.astype(int)) >= 0).all()
    assert levels[0] == 0


def test_no_correction_is_the_identity() -> None:
    assert (NOTHING.levels() == np.arange(256)).all()
    assert not Light("auto").does_something
    assert Light("clahe").does_something


@given(looks, st.sampled_from(["auto", "gamma", "clahe", "off"]), st.booleans())
def test_a_wish_is_a_number_and_has_bounds(look: Look, mode, is_lifted: bool) -> None:
    wish = wished(look, mode, is_lifted)
    assert 0 <= wish.stops <= 10
    assert 0 <= wish.black <= 1
    assert 0.3 <= wish.gamma <= 1
    assert 0 <= wish.softness <= 0.25
    assert wished(look, mode, is_lifted) == wish
    assert mode != "off" or wish == NOTHING


@given(shares, shares)
def test_the_darker_the_more_light(one: float, other: float) -> None:
    dark, bright = sorted((one, other))
    more, less = (wished(Look(mean, 0.0, 1.0, 0.0), "auto").stops for mean in (dark, bright))
    assert more >= less


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 255), st.floats(0, 0.5)), min_size=2, max_size=40))
def test_a_correction_never_jumps_whatever_the_light_does(steps: list[tuple[int, float]]) -> None:
    light, again = Light("auto"), Light("auto")
    now, before = 0.0, None
    for level, seconds in steps:
        now += seconds
        light.update(flat(level), now)
        again.update(flat(level), now)
        assert again.correction == light.correction
        if before is not None:
            is_less = light.correction.stops < before.stops or light.correction.gamma > before.gamma
            quicker = LESS if is_less else 1.0
            for name in ("stops", "black", "gamma", "softness"):
                change = abs(getattr(light.correction, name) - getattr(before, name))
                assert change <= getattr(PER_SECOND, name) * seconds * quicker + 1e-9
        before = light.correction


@settings(deadline=None)
@given(st.lists(st.floats(-10, 10, allow_nan=False), min_size=2, max_size=20))
def test_a_clock_that_is_set_back_does_no_harm(times: list[float]) -> None:
    light = Light("auto")
    for at, time in enumerate(times):
        light.update(flat(4 if at % 2 else 200), time)
        assert 0 <= light.correction.stops <= MOST_STOPS


@pytest.mark.parametrize("size", [(1, 1), (1, 400), (900, 1), (15, 15), (16, 16), (17, 333)])
@pytest.mark.parametrize("mode", ["auto", "gamma", "clahe"])
def test_pictures_of_any_size(size: tuple[int, int], mode) -> None:
    for level in (0, 3, 255):
        pixels = np.full((size[1], size[0], 3), level, np.uint8)
        light = Light(mode, still=True)
        light.update(pixels, 0.0)
        assert light.corrected(pixels).shape == pixels.shape


# In good light


def test_photographs_and_films_are_left_alone(truth: CocoTruth, asset) -> None:
    pictures = [frame.pixels for frame in truth.frames.values()]
    pictures += [frame.pixels for frame in frames_in(asset("data/no_people"))]
    pictures += [frame.pixels for frame in frames_in(asset("data/images"))]
    for film in ("crossing", "one-by-one-person-detection", "pose2sim_multi_cam01", "sports2d_demo"):
        capture = cv2.VideoCapture(str(asset(f"data/videos/{film}.mp4")))
        pictures.append(np.ascontiguousarray(capture.read()[1][..., ::-1]))
        capture.release()
    assert len(pictures) == 14 + 14 + 3 + 4
    for pixels in pictures:
        light = Light("auto", still=True)
        light.update(pixels, 0.0)
        assert light.correction == NOTHING
        assert light.corrected(pixels) is pixels


def test_the_poses_of_photographs_are_the_very_same(truth: CocoTruth) -> None:
    off, auto = (
        open_estimator(EstimatorOptions("posenet", still=True, light=word)) for word in ("off", "auto")
    )
    count = 0
    for frame in truth.frames.values():
        plain, lit = off.estimate(frame).poses, auto.estimate(frame).poses
        assert len(plain) == len(lit)
        assert all((a.xy == b.xy).all() and a.score == b.score for a, b in zip(plain, lit, strict=True))
        count += len(plain)
    off.close()
    auto.close()
    assert count > 25


# Life stories


def test_the_lights_go_out_and_come_on_again(picture: np.ndarray) -> None:
    dark = darker(picture, 5)
    light = Light("auto")
    assert set(shown(light, picture, 0.0, 2.0)) == {NOTHING}
    going = shown(light, dark, 2.0, 3.0)
    wanted = wished(look_at(dark), "auto")
    assert 3 < wanted.stops < 5
    at = next(index for index, one in enumerate(going) if one.stops == pytest.approx(wanted.stops))
    assert at / RATE < 2.2
    assert len(set(going[at:])) == 1
    coming = shown(light, picture, 5.0, 3.0)
    assert coming.index(NOTHING) / RATE < 0.8  # until then it is too bright for anybody to be seen
    assert set(coming[coming.index(NOTHING) :]) == {NOTHING}


def test_a_flash_and_a_blackout_of_a_moment_change_nothing(picture: np.ndarray) -> None:
    light, dark = Light("auto"), darker(picture, 4)
    before = shown(light, dark, 0.0, 2.0)[-1]
    flash = np.full_like(picture, 255)
    assert before.stops > 2
    assert set(shown(light, flash, 2.0, 0.2)) == {before}
    assert set(shown(light, dark, 2.2, 1.0)) == {before}
    light = Light("auto")
    shown(light, picture, 0.0, 2.0)
    assert set(shown(light, np.zeros_like(picture), 2.0, 0.2)) == {NOTHING}
    assert set(shown(light, picture, 2.2, 1.0)) == {NOTHING}


def test_a_room_at_the_border_of_darkness_does_not_flicker() -> None:
    """Somebody in a dark coat walks in and out: the light is switched once, if at all."""
    light = Light("auto")
    is_lifted = []
    for index in range(round(20 * RATE)):
        light.update(flat(48 + round(6 * np.sin(index / RATE * 2))), index / RATE)
        is_lifted.append(light.correction.stops > 0)
    assert sum(a != b for a, b in pairwise(is_lifted)) <= 1


def test_a_cut_and_single_pictures_get_what_they_want_at_once(picture: np.ndarray) -> None:
    dark = darker(picture, 4)
    light = Light("auto")
    shown(light, picture, 0.0, 1.0)
    light.reset()
    light.update(dark, 1.0)
    assert light.correction == wished(look_at(dark), "auto")
    still = Light("auto", still=True)
    for at, pixels in enumerate((dark, picture, dark)):
        still.update(pixels, float(at))
        assert still.correction == wished(look_at(pixels), "auto")


@pytest.mark.parametrize("mode", ["auto", "gamma", "clahe"])
def test_a_single_picture_is_shown_the_same_whatever_came_before(mode) -> None:
    levels = [3, 12, 30, 55, 62, 68, 80, 130, 240]
    alone = {}
    for level in levels:
        alone[level] = Light(mode, still=True)
        alone[level].update(flat(level), 0.0)
    assert (
        len(
            {one.correction.stops for one in alone.values()}
            | {one.correction.gamma for one in alone.values()}
        )
        > 3
    )
    still = Light(mode, still=True)
    for level in (*levels, *reversed(levels), *levels[::2], *levels[1::2]):
        still.update(flat(level), 0.0)
        assert still.correction == alone[level].correction


def test_a_camera_that_begins_with_black_is_not_dazzled(picture: np.ndarray) -> None:
    light = Light("auto")
    assert set(shown(light, np.zeros_like(picture), 0.0, 0.5)) == {NOTHING}
    assert set(shown(light, picture, 0.5, 1.0)) == {NOTHING}
    light = Light("auto")
    shown(light, np.ones_like(picture), 0.0, 0.1)
    light.update(darker(picture, 4), 0.1)
    assert light.correction.stops > 2


def test_haze_is_taken_away_and_noise_softened(picture: np.ndarray) -> None:
    for bad, better in ((foggy(picture, 0.7), foggy(picture, 0.0)), (noisier(picture, 7), picture)):
        light = Light("auto", still=True)
        light.update(bad, 0.0)
        wrong = cv2.absdiff(bad, better).mean()
        assert cv2.absdiff(light.corrected(bad), better).mean() < 0.8 * wrong
        assert light.correction != NOTHING


def test_a_covered_lens_and_a_white_wall_want_nothing_wild() -> None:
    for level in (0, 255, 128):
        light = Light("auto", still=True)
        light.update(np.full((90, 160, 3), level, np.uint8), 0.0)
        assert light.corrected(np.full((90, 160, 3), level, np.uint8)).max() <= max(level, 250)


# Where it is done


def test_the_frame_itself_and_the_grey_bars_are_not_touched(picture: np.ndarray) -> None:
    dark = darker(picture, 4)
    dark.flags.writeable = False
    light = Light("auto")
    light.update(dark, 0.0)
    image, place = ModelInput((481, 481), light=light).draw(dark)
    plain, _ = ModelInput((481, 481)).draw(dark)
    top = round(place.offset_y)
    assert top > 50
    assert (image[:top] == 128).all()
    assert image[top:-top].mean() > 2 * plain[top:-top].mean()
    assert light.corrected(dark) is not dark


@pytest.mark.parametrize("name", ["posenet", "movenet"])
def test_people_in_the_dark_are_found_again(name: str, truth: CocoTruth, dark) -> None:
    precision = {}
    for word in ("off", "auto"):
        estimator = open_estimator(EstimatorOptions(name, still=True, light=word))
        poses = {n: estimator.estimate(Frame(pixels, 0.0, 0)).poses for n, pixels in dark.items()}
        precision[word] = truth.judge(poses).precision
        estimator.close()
    assert precision["auto"] > precision["off"] + (0.04 if name == "posenet" else 0.01)


def test_keypoints_tremble_no_more_while_the_light_is_followed(truth: CocoTruth) -> None:
    frame = truth.frames[349860]
    noisy = [darker(frame.pixels, 4, seed) for seed in range(5)]
    estimator = open_estimator(EstimatorOptions("posenet", light="auto"))
    places = []
    for index in range(65):
        pixels = frame.pixels if index < 10 else noisy[index % 5]
        poses = estimator.estimate(Frame(pixels, index / RATE, index)).poses
        assert len(poses) >= 1
        places.append(poses[0].xy * frame.size)
    estimator.close()
    steps = [float(np.median(np.hypot(*(b - a).T))) for a, b in pairwise(places)]
    following, after = steps[11:45], steps[50:]
    assert np.median(following) < 1.5 * np.median(after)
    assert max(following) < 2 * max(after)


def test_focus_and_a_film_in_the_dark(asset) -> None:
    capture = cv2.VideoCapture(str(asset("data/videos/crossing.mp4")))
    estimators = [
        open_estimator(EstimatorOptions("posenet", focus="on", light=word)) for word in ("off", "auto")
    ]
    found = [0, 0]
    for index in range(12):
        small = cv2.resize(capture.read()[1], (640, 360), interpolation=cv2.INTER_AREA)
        pixels = darker(np.ascontiguousarray(small[..., ::-1]), 6)
        pixels.flags.writeable = False
        for at, estimator in enumerate(estimators):
            found[at] += len(estimator.estimate(Frame(pixels, index / 30, index)).poses)
    capture.release()
    for estimator in estimators:
        estimator.close()
    assert found[1] >= 18
    assert found[1] > 1.3 * found[0]


def test_blazepose_is_shown_another_frame(truth: CocoTruth) -> None:
    options = EstimatorOptions("blazepose", model=str(find_bundle()), still=True)
    frame = truth.frames[349860]
    dark = replace(frame, pixels=darker(frame.pixels, 7))
    plain, lit = open_estimator(options), open_estimator(replace(options, light="auto"))
    clear, lost, again = plain.estimate(frame).poses, plain.estimate(dark).poses, lit.estimate(dark).poses
    assert len(clear) == len(again) == 1
    away = np.abs(again[0].xy - clear[0].xy).mean()
    assert away < 0.05
    assert not lost or away <= np.abs(lost[0].xy - clear[0].xy).mean()
    lit.reset()
    plain.close()
    lit.close()


def test_the_setting() -> None:
    assert estimator_options(resolve_given({}).settings).light == "auto"
    assert estimator_options(resolve_given({"light": "clahe"}).settings).light == "clahe"
    with pytest.raises(SettingsError, match="light"):
        resolve_given({"light": "bright"})
    estimator = open_estimator(EstimatorOptions("posenet", still=True, light="gamma"))
    assert estimator.description.endswith(", light gamma")
    estimator.close()


def test_there_is_a_picture_in_every_light(picture: np.ndarray) -> None:
    assert len(LIGHTS) == 16
    small = np.ascontiguousarray(picture[:64, :64])
    for light in LIGHTS.values():
        seen = light(small, 3)
        assert (seen.shape, seen.dtype) == (small.shape, small.dtype)
        assert (light(small, 3) == seen).all()
