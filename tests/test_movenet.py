"""MoveNet: one body followed closely, several in regions of their own, newcomers seen in time."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import cv2
import numpy as np
import pytest
from coco_truth import read_frame
from hypothesis import given, settings
from hypothesis import strategies as st

from posekit.assets import ensure, ensure_original
from posekit.engine.prepare import prepare
from posekit.errors import AssetError, EstimatorError, SettingsError
from posekit.estimators import EstimatorOptions, Hint, open_estimator, prepare_estimator
from posekit.estimators.base import Estimate
from posekit.estimators.likeness import likeness
from posekit.estimators.movenet import LOST_SECONDS, SCAN_SECONDS, MoveNet
from posekit.estimators.regions import BODY_SPAN, TORSO_SPAN, Region, RegionInput, around, around_part, whole
from posekit.frame import Frame
from posekit.pose import Pose
from posekit.runtimes import installed_runtimes, open_runtime
from posekit.scene import Person
from posekit.settings import Settings

SQUAT = "data/images/squat.bmp"
REFERENCE = "data/truth/squat.movenet_single_pose_lightning_ptq_reference.csv"
INPUT = 192
COUPLE = "data/images/test_couple.jpg"


@pytest.fixture(scope="module", params=installed_runtimes())
def runtime(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def opened():
    """Open estimators that are closed when the test ends."""
    estimators = []

    def open_it(**options):
        estimators.append(open_estimator(EstimatorOptions("movenet", **options)))
        return estimators[-1]

    yield open_it
    for estimator in estimators:
        estimator.close()


def reference(path: Path) -> np.ndarray:
    """Return Google's keypoints, (17, 3): x, y, normalised, and score."""
    with path.open() as file:
        rows = [
            [float(row[f"keypoint_{name}"]) for name in ("x", "y", "score")] for row in csv.DictReader(file)
        ]
    assert len(rows) == 17
    return np.array(rows)


def away(pose: Pose, expected: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return (17,) distances in pixels of a picture of `size`."""
    return np.hypot(*((pose.xy - expected[:, :2]) * size).T)


def test_squat_is_where_googles_reference_has_him(asset, runtime: str, opened) -> None:
    """In the picture stretched to the model's input, as Google's own test does it; in pixels of that input.

    The reference comes from another quantisation of the network than the file that was published beside it:
    see the next test. Google's own tolerance is 0.4 of the picture, 77 pixels.
    """
    frame = read_frame(asset(SQUAT))
    stretched = cv2.resize(frame.pixels, (INPUT, INPUT))
    pose = opened(runtime=runtime, single=True).estimate(Frame(stretched, 0.0, 0)).poses[0]
    distances = away(pose, reference(asset(REFERENCE)), (INPUT, INPUT))
    assert np.median(distances) < 3
    assert (distances < 3).sum() >= 15
    assert distances.max() < 6
    upright = opened(runtime=runtime, single=True, still=True).estimate(frame).poses[0]
    distances = away(upright, reference(asset(REFERENCE)), frame.size) * INPUT / max(frame.size)
    assert np.median(distances) < 3
    assert distances.max() < 6


def test_the_reference_is_not_of_the_published_files_arithmetic(asset) -> None:
    """Every number that the file can answer is a multiple of its output's scale; the reference's are not."""
    from posekit.tflite import Graph

    graph = Graph(asset("models/movenet_single_pose_lightning_ptq.tflite").read_bytes())
    last = int(graph.operators[-1].inputs[0])
    scale = float(graph.quantisation(last)[0][0])
    numbers = reference(asset(REFERENCE)).ravel()

    def off(step: float) -> float:
        return float(np.abs(numbers / step - np.rint(numbers / step)).max())

    assert scale == pytest.approx(0.0040969, abs=1e-7)
    assert off(0.00395373) < 0.02
    assert off(scale) > 0.4


def test_the_prepared_file_jumps_less_than_the_published_one(asset, runtime: str) -> None:
    """Why the weights are dequantised: the same picture a pixel aside moves the keypoints half as much."""
    frame = read_frame(asset(SQUAT))
    spread = []
    for file in (ensure("movenet-lightning"), ensure_original("movenet-lightning")):
        model = MoveNet(open_runtime(file, runtime))
        seen = []
        for shift in (0, 1, 2, 3):
            pixels = np.roll(frame.pixels, shift, axis=1)
            model.reset()
            (pose,) = model.estimate(Frame(pixels, 0.0, 0)).poses
            seen.append(pose.xy - (shift / frame.size[0], 0))
        model.close()
        spread.append(np.std(seen, axis=0).mean())
    assert spread[0] < 0.8 * spread[1]


def test_both_runtimes_see_the_same(asset, opened) -> None:
    if len(installed_runtimes()) < 2:
        pytest.skip("only one runtime is installed")
    frame = read_frame(asset(SQUAT))
    one, other = (opened(runtime=name).estimate(frame).poses for name in installed_runtimes())
    assert len(one) == len(other) == 1
    assert np.abs(one[0].xy - other[0].xy).max() < 1e-3
    assert np.abs(one[0].scores - other[0].scores).max() < 1e-2


def test_a_body_is_where_it_is_in_a_picture_of_any_shape(asset, opened) -> None:
    """The same man in the middle, at the left of a wide picture and at the foot of a tall one."""
    frame = read_frame(asset(SQUAT))
    width, height = frame.size
    estimator = opened(single=True, still=True)
    (at_home,) = estimator.estimate(frame).poses
    for size, (left, top) in (((1400, 700), (20, 60)), ((600, 1600), (50, 900))):
        pixels = np.full((size[1], size[0], 3), 90, np.uint8)
        pixels[top : top + height, left : left + width] = frame.pixels
        (pose,) = estimator.estimate(Frame(pixels, 0.0, 0)).poses
        found = pose.xy * size - (left, top)
        assert np.median(np.hypot(*(found - at_home.xy * frame.size).T)) < 20


# --- regions -------------------------------------------------------------------------------------------

PLACES = st.lists(st.tuples(st.floats(-0.2, 1.2), st.floats(-0.2, 1.2)), min_size=17, max_size=17).map(
    lambda points: np.array(points, np.float32)
)
SCORES = st.lists(st.sampled_from([0.0, 0.1, 0.3, 0.9]), min_size=17, max_size=17).map(
    lambda scores: np.array(scores, np.float32)
)
SIZES = st.tuples(st.integers(1, 4000), st.integers(1, 4000))


@given(PLACES, SCORES, SIZES)
def test_a_region_shows_the_torso_around_the_hips_or_is_none(places, scores, size) -> None:
    pose = Pose(places, scores, 0.5)
    region = around(pose, size)
    points = pose.xy.astype(float) * size
    sure = scores >= 0.2
    if not (sure[[11, 12]].any() and sure[[5, 6]].any()):
        assert region is None
        return
    if region is None:
        return
    hips = points[[11, 12]].mean(axis=0)
    assert np.allclose((region.x + region.side / 2, region.y + region.side / 2), hips, atol=1e-3 * max(size))
    assert 0 < region.side <= max(size) + 8
    distance = np.abs(points - hips).max(axis=1)
    wanted = max(TORSO_SPAN * distance[[5, 6, 11, 12]].max(), BODY_SPAN * distance[sure].max())
    reach = max(hips[0], size[0] - hips[0], hips[1], size[1] - hips[1])
    assert region.side / 2 >= min(wanted, reach) - 1e-3 * max(size)


@given(PLACES, SCORES, SIZES)
def test_a_part_of_a_body_has_a_region_too(places, scores, size) -> None:
    region = around_part(Pose(places, scores, 0.5), size)
    assert math.isfinite(region.x + region.y)
    assert 0 < region.side <= max(*size, 8)


def test_the_whole_picture_is_in_the_middle_of_its_region() -> None:
    assert whole((640, 480)) == Region(0, -80, 640)
    assert whole((480, 640)) == Region(-80, 0, 640)


@settings(deadline=None)
@given(
    st.integers(40, 300), st.integers(40, 300), st.floats(-60, 200), st.floats(-60, 200), st.floats(60, 400)
)
def test_what_is_drawn_is_where_the_placement_says(width, height, x, y, side) -> None:
    pixels = np.zeros((height, width, 3), np.uint8)
    spot = (width // 2, height // 2)
    cv2.circle(pixels, spot, 9, (255, 255, 255), -1)
    image, placement = RegionInput((INPUT, INPUT)).draw(pixels, Region(x, y, side))
    expected = placement.to_area(np.array([(spot[0] + 0.5) / width, (spot[1] + 0.5) / height]))
    if not (20 < expected[0] < INPUT - 20 and 20 < expected[1] < INPUT - 20) or side > 300:
        return
    rows, columns = np.nonzero(image[..., 0] > 127)
    assert len(rows) > 10
    middle = np.array([columns.mean() + 0.5, rows.mean() + 0.5])
    if 9 * INPUT / side > 20:
        return  # the spot reaches beyond the input
    assert np.abs(middle - expected).max() < 0.75
    back = placement.to_picture(middle.astype(np.float32)) * (width, height)
    assert np.abs(back - (spot[0] + 0.5, spot[1] + 0.5)).max() < 0.75 * max(1, side / INPUT) + 0.1


def test_nothing_of_an_earlier_region_shines_through() -> None:
    draw = RegionInput((INPUT, INPUT)).draw
    image, _ = draw(np.full((50, 50, 3), 200, np.uint8), Region(0, 0, 50))
    assert image[4:-4, 4:-4].min() == 200  # at its very edge a picture fades into the dark around it
    assert draw(np.full((50, 50, 3), 200, np.uint8), Region(500, 500, 50))[0].max() == 0


def test_a_picture_longer_than_opencvs_warps_is_drawn() -> None:
    pixels = np.zeros((4, 70_000, 3), np.uint8)
    pixels[:, 35_000:] = 255
    image, _ = RegionInput((INPUT, INPUT)).draw(pixels, Region(34_990, -8, 20))
    assert image[96, 40, 0] == 0
    assert image[96, 150, 0] == 255


def test_what_is_no_picture_is_refused() -> None:
    for wrong in (np.zeros((4, 4), np.uint8), np.zeros((0, 4, 3), np.uint8), np.zeros((4, 4, 3), np.float32)):
        with pytest.raises(EstimatorError, match="a frame is"):
            RegionInput((8, 8)).draw(wrong, Region(0, 0, 4))


# --- likeness ------------------------------------------------------------------------------------------


@given(PLACES, SCORES)
def test_a_body_is_like_itself_and_like_nobody_far_away(places, scores) -> None:
    pose, far = Pose(places, scores, 0.5), Pose(places + 40, scores, 0.5)
    same, other = likeness([pose], [pose, far], 1.5)[0]
    assert same == pytest.approx(1.0 if (scores >= 0.2).any() else 0.0)
    assert other < 1e-3
    assert likeness([far, pose], [pose], 1.5)[:, 0].tolist() == pytest.approx([other, same])


def test_a_body_of_which_nothing_is_known_is_like_nobody() -> None:
    nothing = Pose(np.full((17, 2), np.nan, np.float32), np.zeros(17, np.float32), 0.0)
    assert likeness([nothing], [nothing], 1.0).tolist() == [[0.0]]
    assert likeness([], [nothing], 1.0).shape == (0, 1)


# --- several ---------------------------------------------------------------------------------------------


def test_both_of_a_couple_are_seen_and_followed(asset, opened) -> None:
    frame = read_frame(asset(COUPLE))
    estimator = opened()
    for count in range(8):
        poses = estimator.estimate(Frame(frame.pixels, count / 30, count)).poses
        assert len(poses) == 2
        assert poses[0].score >= poses[1].score > 0.4
        assert likeness(poses[:1], poses[1:], frame.size[0] / frame.size[1])[0, 0] < 0.5
    estimator.reset()
    assert len(estimator.estimate(frame).poses) == 2
    assert len(opened(max_poses=1).estimate(frame).poses) == 1


def test_a_newcomer_is_seen_within_300_ms(asset, opened) -> None:
    """An empty room at 30 frames per second, and somebody who is there from one frame to the next."""
    man = read_frame(asset(SQUAT)).pixels
    empty = np.full((720, 1280, 3), 96, np.uint8)
    room = empty.copy()
    room[100 : 100 + man.shape[0], 500 : 500 + man.shape[1]] = man
    for phase in range(0, 8, 2):
        estimator = opened()
        seen = []
        for index in range(24):
            pixels = room if index >= 8 + phase else empty
            seen.append(bool(estimator.estimate(Frame(pixels, index / 30, index)).poses))
        assert not any(seen[: 8 + phase])
        first = seen.index(True) - (8 + phase)
        assert first / 30 <= 0.3
        assert all(seen[8 + phase + first :])


def test_single_pictures_are_looked_at_by_themselves(asset, opened) -> None:
    """All at time 0, in any order, and a picture without anybody in between."""
    squat, couple = read_frame(asset(SQUAT)), read_frame(asset(COUPLE))
    estimator = opened(still=True)
    nobody = Frame(np.zeros((480, 640, 3), np.uint8), 0.0, 0)
    first = [estimator.estimate(frame).poses for frame in (squat, couple, nobody, squat)]
    assert [len(poses) for poses in first] == [1, 2, 0, 1]
    assert np.array_equal(first[0][0].xy, first[3][0].xy)


class Scripted:
    """A runtime that answers what it was told to, and says what it was shown."""

    name, threads, input_size = "litert", 1, (INPUT, INPUT)

    def __init__(self) -> None:
        self.answers: list[np.ndarray] = []
        self.runs = 0
        self.closed = 0

    def run(self, image: np.ndarray) -> tuple[np.ndarray, ...]:
        assert image.shape == (INPUT, INPUT, 3)
        self.runs += 1
        answer = self.answers.pop(0) if self.answers else np.zeros((17, 3), np.float32)
        return (answer.reshape(1, 17, 3).astype(np.float32),)

    def close(self) -> None:
        self.closed += 1


class Scan:
    """A scanner that finds whoever it was told to."""

    name, description = "posenet", "a script"

    def __init__(self, *poses: Pose) -> None:
        self.poses = poses
        self.times: list[float] = []
        self.closed = 0

    def estimate(self, frame: Frame, hint: Hint | None = None) -> Estimate:
        self.times.append(frame.time)
        return Estimate(self.poses)

    def reset(self) -> None: ...

    def close(self) -> None:
        self.closed += 1


def body(x: float, y: float = 0.5, score: float = 0.9) -> Pose:
    """Return somebody who stands upright, 0.4 of a square picture high."""
    heights = np.array([0, -1, -1, -1, -1, 3, 3, 6, 6, 8, 8, 9, 9, 14, 14, 19, 19]) / 50
    sides = np.array([0, 1, -1, 2, -2, 4, -4, 5, -5, 5, -5, 3, -3, 3, -3, 3, -3]) / 100
    return Pose(np.stack([x + sides, y - 0.2 + heights], axis=1), np.full(17, score), score)


def seen_from(pose: Pose, expected: Pose, size: tuple[int, int]) -> np.ndarray:
    """Return what a model answers that sees `pose` in the region around `expected`."""
    region = around(expected, size) or around_part(expected, size)
    xy = (pose.xy * size - (region.x, region.y)) / region.side
    return np.column_stack([xy[:, ::-1], pose.scores])


SQUARE = (1000, 1000)
PICTURE = np.zeros((1000, 1000, 3), np.uint8)


def test_a_region_that_wanders_to_another_body_is_given_up() -> None:
    """Two stand apart; then the second's region shows the first, and the first stays the first's."""
    runtime, one, two = Scripted(), body(0.3), body(0.6)
    estimator = MoveNet(runtime, scanner=Scan(one, two))
    runtime.answers = [seen_from(one, one, SQUARE), seen_from(two, two, SQUARE)]
    assert len(estimator.estimate(Frame(PICTURE, 0.0, 0)).poses) == 2
    moved = body(0.31)
    runtime.answers = [seen_from(moved, one, SQUARE), seen_from(moved, two, SQUARE)]
    (pose,) = estimator.estimate(Frame(PICTURE, 0.03, 1)).poses
    assert np.allclose(pose.xy, moved.xy, atol=1e-4)
    # At the next scan the second is found again.
    runtime.answers = [seen_from(moved, moved, SQUARE), seen_from(two, two, SQUARE)]
    assert len(estimator.estimate(Frame(PICTURE, 0.3, 2)).poses) == 2
    estimator.close()


def test_the_whole_picture_is_scanned_now_and_then_whatever_the_clock_does() -> None:
    scan, runtime = Scan(), Scripted()
    estimator = MoveNet(runtime, scanner=scan)
    runs = runtime.runs
    times = [0.0, 0.1, 0.2, 0.26, 0.3, 0.5, 0.52, 0.0, 0.1, 0.3, 1e6, 5.0]
    for index, time in enumerate(times):
        assert estimator.estimate(Frame(PICTURE, time, index)).poses == ()
    assert scan.times == [0.0, 0.26, 0.52, 0.0, 0.3, 1e6, 5.0]
    assert runtime.runs == runs  # an empty room costs scans and nothing else
    assert SCAN_SECONDS == 0.25
    estimator.close()


def test_somebody_who_was_lost_a_moment_ago_is_looked_for_where_she_was() -> None:
    runtime, lost = Scripted(), body(0.5)
    estimator = MoveNet(runtime, scanner=Scan())
    estimator.estimate(Frame(PICTURE, 0.0, 0))
    still = np.zeros((17, 2), np.float32)
    hint = Hint((Person(1, 1, lost.above(0.3), 2.0, still, seen=0.0, raw=lost),))
    runtime.answers = [seen_from(lost, lost, SQUARE)]
    (pose,) = estimator.estimate(Frame(PICTURE, 0.1, 1), hint).poses
    assert np.allclose(pose.xy, lost.xy, atol=1e-4)
    estimator.reset()
    late = Frame(PICTURE, LOST_SECONDS + 0.1, 2)
    assert estimator.estimate(late, hint).poses == ()
    estimator.close()


def test_whom_the_model_does_not_recognise_stays_as_the_scan_saw_her() -> None:
    runtime, one = Scripted(), body(0.4, score=0.6)
    estimator = MoveNet(runtime, scanner=Scan(one))
    runtime.answers = [np.zeros((17, 3))]
    assert estimator.estimate(Frame(PICTURE, 0.0, 0)).poses == (one,)
    estimator.reset()
    runtime.answers = [seen_from(body(0.9), one, SQUARE)]
    assert estimator.estimate(Frame(PICTURE, 0.0, 0)).poses == (one,)
    estimator.close()


def test_closing_closes_everything_and_twice_is_harmless() -> None:
    runtime, scan = Scripted(), Scan()
    estimator = MoveNet(runtime, scanner=scan)
    estimator.close()
    estimator.close()
    assert runtime.closed == 1
    assert scan.closed >= 1
    with pytest.raises(EstimatorError, match="closed"):
        estimator.estimate(Frame(PICTURE, 0.0, 0))


def test_a_model_that_is_no_movenet_is_closed_at_once(asset) -> None:
    runtime = Scripted()
    runtime.run = lambda image: (np.zeros((1, 14, 3), np.float32),)  # type: ignore[method-assign]  # a wrong one
    with pytest.raises(EstimatorError, match=r"no MoveNet: .*found \(1, 1, 14, 3\)"):
        MoveNet(runtime)
    assert runtime.closed == 1


# --- opening -----------------------------------------------------------------------------------------------


def test_it_says_what_it_is(assets_folder, opened) -> None:
    assert opened(single=True).description.startswith("MoveNet 192x192 in ")
    assert opened(single=True).description.endswith("; one person")
    assert "; newcomers by PoseNet 481x353 in " in opened().description


def test_without_posenet_it_follows_one_and_says_so(asset, tmp_path: Path, monkeypatch) -> None:
    assets = tmp_path / "assets"
    assets.mkdir()
    file = asset("models/movenet_single_pose_lightning_ptq.tflite")
    (assets / file.name).write_bytes(file.read_bytes())
    monkeypatch.setenv("POSEKIT_ASSETS", str(assets))
    monkeypatch.setenv("POSEKIT_CACHE", str(tmp_path / "cache"))
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    said: list[str] = []
    prepared = prepare_estimator(EstimatorOptions("movenet"), report=said.append)
    assert prepared.single
    assert "MoveNet follows one person, because PoseNet, which finds the others, cannot be had" in said[-1]
    assert "posekit models get posenet-481x353" in said[-1]
    said.clear()
    # What is opened of it in the engine asks for nothing again.
    estimator = open_estimator(prepared, report=said.append)
    assert estimator.description.endswith("one person")
    assert said == []
    estimator.close()
    made = prepare(Settings(estimator="movenet", source="synthetic:people=1,seed=1"))
    assert made.estimator == "movenet"
    picture = tmp_path / "a.png"
    cv2.imwrite(str(picture), np.zeros((8, 8, 3), np.uint8))
    made = prepare(Settings(estimator="movenet", source=str(picture)))
    assert (made.estimator, made.single) == ("movenet", True)


def test_what_it_could_only_ignore_is_refused(assets_folder) -> None:
    with pytest.raises(SettingsError, match="MoveNet looks at regions of one size; leave the input size out"):
        prepare_estimator(EstimatorOptions("movenet", input_size=(481, 353)))
    with pytest.raises(SettingsError, match="posenet-481x353 is for posenet, not for movenet"):
        prepare_estimator(EstimatorOptions("movenet", model="posenet-481x353"))
    if "mediapipe" in installed_runtimes():
        with pytest.raises(SettingsError, match="MediaPipe runs MoveNet on one thread, not on 4"):
            prepare_estimator(EstimatorOptions("movenet", runtime="mediapipe", threads=4))
    with pytest.raises(AssetError, match="is not there"):
        prepare_estimator(EstimatorOptions("movenet", model="mine.tflite"))
    assert prepare_estimator(EstimatorOptions(model="movenet-lightning")).name == "movenet"
