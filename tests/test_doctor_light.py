"""What `posekit doctor` says of the light: each hint where it is deserved, and none where it is not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice

import cv2
import numpy as np
import pytest
from coco_truth import CocoTruth, coco_truth, frames_in, read_frame
from darkroom import LIGHTS, backlit, brighter, darker, foggy, grey, infrared, noisier
from hypothesis import given
from hypothesis import strategies as st

from posekit.cli.options import resolve_given
from posekit.doctor.finding import Finding
from posekit.doctor.flicker import LEAST_FRAMES, Flicker, find_flicker, strips_of
from posekit.doctor.light import Measured, Watch, judge_light, measure
from posekit.settings import Settings

HINTS = (
    "dark",
    "too bright",
    "against the light",
    "noisy",
    "flat",
    "blurred",
    "flicker",
    "pictures a second",
)


def hints(findings: Iterable[Finding]) -> set[str]:
    """Return the first words of all warnings."""
    return {hint for one in findings if one.level == "warning" for hint in HINTS if hint in one.found[:24]}


def watched(pictures: Iterable[np.ndarray], rate: float = 30.0) -> list[Finding]:
    watch = Watch()
    for index, pixels in enumerate(pictures):
        watch.update(pixels, index / rate)
    return watch.findings()


def film(path: str) -> Iterable[np.ndarray]:
    capture = cv2.VideoCapture(path)
    while True:
        is_there, pixels = capture.read()
        if not is_there:
            capture.release()
            return
        yield np.ascontiguousarray(pixels[..., ::-1])


@pytest.fixture(scope="module")
def truth(asset) -> CocoTruth:
    truth = coco_truth(asset("data/coco"))
    assert len(truth.frames) == 14
    return truth


@pytest.fixture(scope="module")
def visitors(asset) -> list[np.ndarray]:
    """A camera that hangs still, and people who walk."""
    frames = list(islice(film(str(asset("data/videos/one-by-one-person-detection.mp4"))), 200, 266))
    assert len(frames) == 66
    return frames


# None where none is deserved


def test_photographs_deserve_no_hint(truth: CocoTruth) -> None:
    for number, frame in truth.frames.items():
        (finding,) = watched([frame.pixels])
        assert (finding.level, finding.todo) == ("ok", ""), (number, finding)


def test_of_pictures_without_people_one_is_taken_against_the_light(asset) -> None:
    found = {frame.name: hints(watched([frame.pixels])) for frame in frames_in(asset("data/no_people"))}
    assert len(found) == 14
    # A dark bush before a white sky.
    assert {name: words for name, words in found.items() if words} == {
        "000000525891.jpg": {"against the light"}
    }


@pytest.mark.parametrize("name", ["crossing", "pose2sim_multi_cam01", "sports2d_demo"])
def test_films_deserve_no_hint(name: str, asset) -> None:
    frames = list(islice(film(str(asset(f"data/videos/{name}.mp4"))), LEAST_FRAMES + 2))
    assert len(frames) >= LEAST_FRAMES
    assert [one.level for one in watched(frames)] == ["ok"]


def test_visitors_deserve_no_hint(visitors: list[np.ndarray]) -> None:
    assert [one.level for one in watched(visitors)] == ["ok"]


# Each where it is deserved


@pytest.mark.parametrize(
    ("worsen", "hint", "least"),
    [
        (lambda pixels: darker(pixels, 4), "dark", 5),
        (lambda pixels: brighter(pixels, 4), "too bright", 4),
        (lambda pixels: backlit(pixels, 4), "against the light", 4),
        (lambda pixels: noisier(pixels, 6), "noisy", 5),
        (lambda pixels: foggy(pixels, 0.7), "flat", 5),
        (lambda pixels: cv2.GaussianBlur(pixels, (0, 0), 4), "blurred", 5),
    ],
    ids=["dark", "bright", "backlit", "noisy", "fog", "blurred"],
)
def test_a_bad_picture_gets_its_hint(worsen: Callable, hint: str, least: int, truth: CocoTruth) -> None:
    found = [hints(watched([worsen(frame.pixels)])) for frame in list(truth.frames.values())[::3]]
    assert len(found) == 5
    assert sum(hint in words for words in found) >= least
    assert sum(bool(words - {hint}) for words in found) <= 2


def test_a_white_room_in_the_dark_is_dark_and_not_flat(asset) -> None:
    """Two people before a bright wall: four stops darker it is as bright as other pictures a stop darker."""
    bright = np.ascontiguousarray(read_frame(asset("data/images/test_couple.jpg")).pixels[::3, ::3])
    assert hints(watched([bright])) == set()
    assert hints(watched([darker(bright, 4)])) == {"dark"}


@pytest.mark.parametrize("remove", [grey, infrared])
def test_a_camera_without_colours_is_told_as_such(remove: Callable, truth: CocoTruth) -> None:
    for frame in list(truth.frames.values())[::4]:
        finding = watched([remove(frame.pixels)])[-1]
        assert (finding.level, "mono or infrared" in finding.found) == ("ok", True)
        assert "--estimator movenet" in finding.todo
        dark = watched([darker(frame.pixels, 5)])
        assert not any("mono" in one.found for one in dark)


def flickering(
    frames: list[np.ndarray], hertz: float, rate: float, depth: float, readout: float
) -> list[np.ndarray]:
    """Return frames under a lamp of so many pulses a second, read row by row in `readout` seconds."""
    rows = np.arange(frames[0].shape[0]) / frames[0].shape[0] * readout
    lit = []
    for index, pixels in enumerate(frames):
        wave = 1 + depth * np.sin(2 * np.pi * hertz * (index / rate + rows))
        lit.append((pixels * wave[:, None, None]).clip(0, 255).astype(np.uint8))
    return lit


@pytest.mark.parametrize(
    ("hertz", "rate"), [(100, 30), (120, 25), (100, 29.97), (120, 29.97), (100, 24), (120, 50)]
)
def test_bands_of_lamps_on_the_mains(hertz: float, rate: float, visitors: list[np.ndarray]) -> None:
    findings = watched(flickering(visitors, hertz, rate, 0.08, 0.025), rate)
    if rate == 29.97 and hertz == 120:
        # Such bands take 8 seconds to pass, and stand still for the doctor.
        assert hints(findings) <= {"flicker"}
        return
    assert hints(findings) == {"flicker"}
    assert "bands" in findings[0].found
    assert "--exposure" in findings[0].todo


def test_a_picture_that_trembles_as_a_whole(visitors: list[np.ndarray]) -> None:
    findings = watched(flickering(visitors, 100, 30, 0.06, 0.0))
    assert hints(findings) == {"flicker"}
    assert "trembles" in findings[0].found


@pytest.mark.parametrize(
    "kind", ["a lamp is dimmed", "a camera is turned", "somebody close", "a cut", "dropped"]
)
def test_what_is_no_flicker(kind: str, visitors: list[np.ndarray]) -> None:
    shown = visitors
    if kind == "a lamp is dimmed":
        shown = [(pixels * (1 - index / 100)).astype(np.uint8) for index, pixels in enumerate(visitors)]
    if kind == "a camera is turned":
        shown = [
            pixels[index : index + 340, 3 * index : 3 * index + 500] for index, pixels in enumerate(visitors)
        ]
    if kind == "somebody close":
        shown = [pixels.copy() for pixels in visitors]
        for index, pixels in enumerate(shown):
            pixels[120:, 9 * index : 9 * index + 330] //= 4
    if kind == "a cut":
        shown = [pixels if index < 30 else 255 - pixels for index, pixels in enumerate(visitors)]
    if kind == "dropped":
        shown = [pixels for index, pixels in enumerate(visitors) if index % 7]
    assert len(shown) >= LEAST_FRAMES
    assert (
        find_flicker([strips_of(pixels) for pixels in shown], [index / 30 for index in range(len(shown))])
        is None
    )


def test_a_camera_that_is_slow_for_want_of_light() -> None:
    seen = measured(mean=0.22)
    slow = judge_light([seen], announced=30.0, rate=14.6)
    assert hints(slow) == {"pictures a second"}
    assert "15 pictures a second of 30" in slow[0].found
    assert "--exposure 333" in slow[0].todo
    assert hints(judge_light([seen], announced=30.0, rate=28.0)) == set()
    assert hints(judge_light([measured(mean=0.5)], announced=30.0, rate=14.6)) == set()


# Laws


def measured(**other: float) -> Measured:
    usual = {
        "mean": 0.4,
        "dark": 0.05,
        "bright": 0.9,
        "noise": 1.0,
        "white": 0.0,
        "middle": 0.4,
        "edges": 0.4,
    }
    return Measured(**(usual | {"sharpness": 0.4, "is_grey": False} | other))


@given(
    st.lists(
        st.builds(Measured, *[st.floats(0, 1)] * 3, st.floats(0, 80), *[st.floats(0, 1)] * 4, st.booleans()),
        max_size=5,
    ),
    st.none() | st.builds(Flicker, st.booleans(), st.floats(0.01, 1)),
    st.none() | st.floats(1, 240),
    st.none() | st.floats(0, 240),
)
def test_whatever_is_seen_is_said_in_a_sentence(several, flicker, announced, rate) -> None:
    findings = judge_light(several, flicker, announced, rate)
    assert bool(findings) == bool(several)
    for finding in findings:
        assert finding.check == "light"
        assert bool(finding.todo) or finding.level == "ok"
        assert "nan" not in finding.found


def test_what_to_do_names_settings_that_exist() -> None:
    seen = [measured(mean=0.1), measured(white=0.5, middle=0.1, edges=0.9), measured(noise=30.0)]
    seen += [measured(bright=0.3), measured(sharpness=0.01), measured(is_grey=True), measured(mean=0.25)]
    todos = " ".join(
        finding.todo for one in seen for finding in judge_light([one], Flicker(True, 0.1), 30.0, 10.0)
    )
    named = {word.strip(".,;:") for word in todos.split() if word.startswith("--")}
    assert {"--exposure", "--gain", "--camera-focus", "--light", "--estimator"} <= named
    assert {word[2:].replace("-", "_") for word in named} <= set(Settings.model_fields)
    assert resolve_given({"gain": "12"}).settings.gain == 12.0


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (1, 200), (300, 1), (47, 90)])
def test_pictures_of_any_size_can_be_measured(size: tuple[int, int]) -> None:
    rng = np.random.default_rng(1)
    for pixels in (np.zeros((*size, 3), np.uint8), rng.integers(0, 255, (*size, 3), np.uint8)):
        seen = measure(pixels)
        assert np.isfinite([seen.mean, seen.middle, seen.edges, seen.sharpness, seen.noise]).all()
        assert watched([pixels] * 30)


def test_nothing_seen_is_nothing_said() -> None:
    assert Watch().findings() == []
    assert len(LIGHTS) == 16
