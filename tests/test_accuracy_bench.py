"""What `bench/` says about accuracy: its own measures on cases whose answer is known, and Coral's decoder."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from coco_truth import CocoTruth, coco_truth

from posekit.estimators import EstimatorOptions, open_estimator
from posekit.estimators.posenet import PoseNet
from posekit.frame import Frame
from posekit.pose import Pose
from posekit.skeleton import COCO_17

sys.path.append(str(Path(__file__).parents[1] / "bench"))
import coral
import estimator_tables
import estimators
import matching
import nobody
import shrunk
import time_plot
import video
from reference import Reference

SIZE = (640, 480)


@pytest.fixture(scope="module")
def truth(asset) -> CocoTruth:
    return coco_truth(asset("data/coco"))


def true_poses(truth: CocoTruth, shift: float = 0.0) -> dict[int, tuple[Pose, ...]]:
    """Return the labels as poses, `shift` square roots of the body's area to the right."""
    poses = {}
    for number, frame in truth.frames.items():
        moved = [
            (matching.keypoints_of(person), [shift * np.sqrt(person["area"]), 0])
            for person in truth.counted(number)
        ]
        poses[number] = tuple(
            Pose(((points[:, :2] + by) / frame.size).astype(np.float32), np.ones(17, np.float32), 1.0)
            for points, by in moved
        )
    return poses


# --- Coral's decoder ----------------------------------------------------------------------------------


@pytest.mark.parametrize("size", coral.SIZES)
def test_our_decoder_is_as_good_as_corals_on_the_same_tensors(truth: CocoTruth, size: str) -> None:
    judged = coral.compare(size, truth)
    assert judged["coral"].precision > 0.25
    assert judged["ours"].precision - judged["coral"].precision >= -0.005


# --- whose pose is whose -------------------------------------------------------------------------------


def test_the_labels_themselves_are_perfect(truth: CocoTruth) -> None:
    poses = true_poses(truth)
    accuracy = truth.judge(poses)
    assert (accuracy.precision, accuracy.recall, accuracy.medium, accuracy.large) == (1, 1, 1, 1)
    judged = matching.judge_people(poses, truth)
    assert len(judged) == truth.people == 45
    assert [found for found, _ in matching.shares(judged).values()] == [
        count for _, count in matching.shares(judged).values()
    ]
    assert sum(count for _, count in matching.shares(judged).values()) == 45
    errors = matching.keypoint_errors(judged)
    assert list(errors) == list(COCO_17.keypoints)
    assert all(error.found == error.labelled > 0 and error.error < 1e-4 for error in errors.values())


def test_an_error_is_told_in_sizes_of_the_body(truth: CocoTruth) -> None:
    judged = matching.judge_people(true_poses(truth, shift=0.04), truth)
    parts = matching.by_part(matching.keypoint_errors(judged))
    assert list(parts) == list(matching.PARTS)
    assert all(part.error == pytest.approx(0.04, abs=1e-4) for part in parts.values() if part.found)
    assert sum(part.found for part in parts.values()) > 300


def test_a_pose_is_one_persons_and_unsure_keypoints_are_not_found(truth: CocoTruth) -> None:
    number = max(truth.frames, key=lambda number: len(truth.counted(number)))
    poses = dict.fromkeys(truth.frames, ())
    first = true_poses(truth)[number][0]
    unsure = Pose(first.xy, np.where(np.arange(17) < 5, 1, 0.1).astype(np.float32), 1.0)
    poses[number] = (first, unsure)
    judged = matching.judge_people(poses, truth)
    assert sum(one.pose is not None for one in judged) == 1
    poses[number] = (unsure,)
    errors = matching.keypoint_errors(matching.judge_people(poses, truth))
    assert sum(error.found for error in errors.values()) <= 5
    assert errors["left_hip"].found == 0
    assert errors["left_hip"].error is None


# --- any set -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("folder", "given", "pictures", "labels"),
    [
        (".", ".", ".", "person_keypoints.json"),
        ("val2017", "val2017", "val2017", "annotations/person_keypoints_val2017.json"),
        (".", ".", "images/val", "annotations/some_keypoints.json"),
    ],
)
def test_a_set_is_found_however_its_folders_lie(
    truth: CocoTruth, asset, tmp_path: Path, folder: str, given: str, pictures: str, labels: str
) -> None:
    """Also one that leaves out what can be worked out, and numbers its category otherwise."""
    chosen = list(truth.frames)[:3]
    data = json.loads((asset("data/coco") / "person_keypoints.json").read_text())
    data["images"] = [image for image in data["images"] if image["id"] in chosen]
    data["annotations"] = [person for person in data["annotations"] if person["image_id"] in chosen]
    for person in data["annotations"]:
        person["category_id"] = 7
        for word in ("segmentation", "num_keypoints") + (("area",) if labels.startswith("a") else ()):
            del person[word]
    data["categories"][0]["id"] = 7
    (tmp_path / pictures).mkdir(parents=True, exist_ok=True)
    (tmp_path / labels).parent.mkdir(exist_ok=True)
    (tmp_path / labels).write_text(json.dumps(data))
    for image in data["images"]:
        shutil.copy(asset("data/coco") / image["file_name"], tmp_path / pictures)
    found = CocoTruth(tmp_path / given)
    assert list(found.frames) == chosen
    assert found.people == sum(len(truth.counted(number)) for number in chosen) > 5
    assert found.judge(true_poses(found)).precision == 1
    assert len(CocoTruth(tmp_path / given, most=2).frames) == 2


def test_a_set_without_truth_is_told_where_was_looked(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="name it by --annotations"):
        CocoTruth(tmp_path)
    (tmp_path / "person_keypoints.json").write_text(
        json.dumps({"images": [{"id": 1, "file_name": "a.jpg"}], "annotations": [person()], "categories": []})
    )
    with pytest.raises(FileNotFoundError, match=r"no picture a\.jpg"):
        CocoTruth(tmp_path)


def person() -> dict:
    return {"id": 1, "image_id": 1, "category_id": 1, "keypoints": [1, 1, 2] * 17}


# --- the table -----------------------------------------------------------------------------------------


def test_one_run_gives_tables_and_a_plot(asset, tmp_path: Path, monkeypatch, capsys) -> None:
    picture = tmp_path / "plot.png"
    arguments = ["--only", "257x193", "--coco", str(asset("data/coco")), "--most", "2"]
    nobody_here = ["--nobody", str(tmp_path), "--plot", str(picture)]
    monkeypatch.setattr(sys, "argv", ["estimators.py", *arguments, *nobody_here, "--json"])
    estimators.main()
    told = json.loads(capsys.readouterr().out)
    assert told["pictures"] == 2
    names = [one["name"] for one in told["estimators"]]
    assert names == [f"posenet 257x193 {runtime}" for runtime in estimators.installed_runtimes()]
    for one in told["estimators"]:
        assert 0 < one["milliseconds"]["quick"] <= one["milliseconds"]["median"]
        assert one["film_precision"] == one["accuracy"]["precision"]
        assert len(one["keypoints"]) == 17
    assert cv2.imread(str(picture)).shape == (time_plot.HEIGHT, time_plot.WIDTH, 3)
    assert picture.stat().st_size < 40_000
    estimator_tables.print_tables(told["estimators"])
    text = capsys.readouterr().out
    assert all(word in text for word in ("film AP", "far", "ankle", *names))


def test_names_in_the_plot_stay_in_the_picture_and_apart() -> None:
    image = np.full((time_plot.HEIGHT, time_plot.WIDTH, 3), 255, np.uint8)
    crowd = [time_plot.Point(f"posenet {at}", "posenet", 10, 0.3) for at in range(6)]
    time_plot._name(image, [(point, (time_plot.WIDTH - 30, 200)) for point in crowd])
    names = (image < 200).any(axis=(1, 2))
    assert names.sum() > 50  # six lines of text, none over another


# --- clips ---------------------------------------------------------------------------------------------


def body(known: int = 17) -> Reference:
    points = np.random.default_rng(0).uniform(100, 300, (17, 2))
    return Reference(points, np.arange(17) < known, 100.0, 40_000.0, 200.0)


def as_pose(reference: Reference, shift: float = 0.0, score: float = 0.9) -> Pose:
    xy = ((reference.points + np.array((shift, 0))) / SIZE).astype(np.float32)
    return Pose(xy, np.full(17, score, np.float32), score)


@pytest.mark.parametrize(("shift", "near"), [(0, [1, 1]), (15, [0, 1]), (25, [0, 0])])
def test_how_near_a_keypoint_is_is_told_in_torsos(shift: float, near: list[float]) -> None:
    score = video.Score(milliseconds=[1.0])
    score.add([as_pose(body(16), shift)], [body(16)], SIZE)
    figures = score.figures()
    assert figures["pck"] == near
    assert figures["found"] == 1
    assert figures["keypoints"]["right_ankle"] is None


def test_who_is_not_found_or_not_sure_is_near_nowhere() -> None:
    score = video.Score(milliseconds=[1.0])
    score.add([], [body()], SIZE)
    score.add([as_pose(body(), score=0.2)], [body()], SIZE)
    assert score.figures()["pck"] == [0, 0]
    assert score.figures()["found"] == 0.5
    assert score.figures()["recall"] == 0.5


def test_jitter_is_what_was_put_in_and_nothing_for_who_walks() -> None:
    noise = np.random.default_rng(1).normal(0, 1, (400, 17, 2))
    trembles = [
        Pose(((body().points + one) / SIZE).astype(np.float32), np.ones(17, np.float32), 1.0) for one in noise
    ]
    told = [
        value
        for at in range(9, 391)
        for value in video._jitter(
            trembles[at], [[one] for one in trembles[at - 9 : at + 10]], body(), SIZE, 30
        )
    ]
    # The median length of a plane Gaussian of deviation 1 % of the torso.
    assert np.median(told) == pytest.approx(0.01 * np.sqrt(2 * np.log(2)), rel=0.05)
    walks = [[as_pose(body(), at)] for at in range(19)]
    assert video._jitter(walks[9][0], walks, body(), SIZE, 30) == []


def test_a_reference_moves_with_the_picture_that_is_made_small() -> None:
    pixels = np.zeros((100, 200, 3), np.uint8)
    pixels[40:44, 100:104] = 255
    clip = shrunk.Clip([Frame(pixels, 0.0, 0)], np.zeros((720, 1280, 3), np.uint8), {0: [body()]})
    (drawn,) = clip.drawn(0.5, (300, 200))
    assert drawn.size == shrunk.SIZE
    y, x = np.argwhere(drawn.pixels[..., 0] > 100).mean(axis=0)
    assert (x, y) == pytest.approx((300 + 0.5 * 101.5, 200 + 0.5 * 41.5), abs=0.6)
    small = body().moved(0.5, (300, 200))
    np.testing.assert_allclose(small.points, 0.5 * body().points + (300, 200))
    assert (small.torso, small.area, small.height) == (50, 10_000, 100)


# --- nobody --------------------------------------------------------------------------------------------


def test_what_is_remembered_is_what_would_be_seen_again(truth: CocoTruth, assets_folder) -> None:
    options = EstimatorOptions("posenet", input_size=(257, 193), focus="people")
    asked = []
    plain, remembering = open_estimator(options), nobody.open_remembering(options)
    inner = remembering._estimator._estimator
    assert isinstance(inner, PoseNet)
    remembering._estimator._estimator = SimpleNamespace(
        estimate=lambda frame, hint=None: asked.append(1) or inner.estimate(frame, hint), close=inner.close
    )
    pixels = next(iter(truth.frames.values())).pixels
    for at in range(20):
        frame = Frame(pixels, at / 10, at)
        seen, again = plain.estimate(frame).poses, remembering.estimate(frame).poses
        assert [pose.score for pose in seen] == [pose.score for pose in again]
    plain.close()
    remembering.close()
    assert 0 < len(asked) < 20
