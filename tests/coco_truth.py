"""Pictures with known people, and how well poses fit them: OKS average precision as COCO defines it."""

from __future__ import annotations

import contextlib
import functools
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from posekit.frame import Frame

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from posekit.pose import Pose

Poses = dict[int, "tuple[Pose, ...]"]


@dataclass(frozen=True, eq=False)
class Accuracy:
    """What COCO calls AP and AR, over OKS 0.5 to 0.95."""

    precision: float
    recall: float


class CocoTruth:
    """The pictures of `data/coco` by number, and their people."""

    def __init__(self, folder: Path, annotations: Path | None = None, most: int | None = None) -> None:
        """Read a folder's pictures, at `most` so many; the annotations lie in it unless they are named."""
        from pycocotools.coco import COCO

        with contextlib.redirect_stdout(io.StringIO()):
            self._coco: Any = COCO(str(annotations or folder / "person_keypoints.json"))
        pictures = {number: folder / image["file_name"] for number, image in self._coco.imgs.items()}
        chosen = [(number, path) for number, path in pictures.items() if self._coco.imgToAnns[number]]
        self.frames = {number: read_frame(path) for number, path in chosen[:most]}

    @property
    def people(self) -> int:
        """How many people count: no crowds, and at least one keypoint labelled."""
        return sum(
            1
            for person in self._coco.anns.values()
            if not person["iscrowd"] and person["num_keypoints"] and person["image_id"] in self.frames
        )

    def people_in(self, number: int) -> list[np.ndarray]:
        """Return the people of a picture, (17, 3) each: x, y in pixels, and 0 where nothing is labelled."""
        found = [
            np.array(person["keypoints"], float).reshape(17, 3) for person in self._coco.imgToAnns[number]
        ]
        return [person for person in found if person[:, 2].any()]

    def judge(self, poses: Mapping[int, Iterable[Pose]]) -> Accuracy:
        """Return how well the poses of all pictures fit; crowds and unlabelled people are ignored."""
        from pycocotools.cocoeval import COCOeval

        found = [
            {
                "image_id": number,
                "category_id": 1,
                "score": pose.score,
                "keypoints": np.c_[pose.xy * self.frames[number].size, np.ones(17)].ravel().tolist(),
            }
            for number, several in poses.items()
            for pose in several
        ]
        if not found:
            return Accuracy(0, 0)
        with contextlib.redirect_stdout(io.StringIO()):
            judged = COCOeval(self._coco, self._coco.loadRes(found), "keypoints")
            judged.params.imgIds = list(self.frames)
            judged.evaluate()
            judged.accumulate()
            judged.summarize()
        return Accuracy(float(judged.stats[0]), float(judged.stats[5]))


@functools.cache
def coco_truth(folder: Path) -> CocoTruth:
    """Read the pictures and their truth once."""
    return CocoTruth(folder)


@functools.cache
def read_frame(path: Path) -> Frame:
    """Read a picture as the sources do: RGB."""
    pixels = cv2.imread(str(path))
    assert pixels is not None, path
    return Frame(np.ascontiguousarray(pixels[..., ::-1]), 0.0, 0, path.name)


def frames_in(folder: Path) -> list[Frame]:
    """Return every picture of a folder."""
    return [read_frame(path) for path in sorted(folder.iterdir()) if path.suffix in (".jpg", ".png", ".bmp")]


def shifts(
    poses: Sequence[Pose], reference: Sequence[Pose], size: tuple[int, int], minimum_score: float = 0.5
) -> np.ndarray:
    """Return how far the reference's sure keypoints have moved, in pixels of a picture of `size`.

    A reference pose is compared with the nearest pose, if that is the same body: half of its sure keypoints
    within a twentieth of the picture's width.
    """
    moved = [np.empty(0)]
    for expected in reference:
        sure = expected.scores > minimum_score
        if not sure.any():
            continue
        apart = [np.hypot(*((pose.xy - expected.xy)[sure] * size).T) for pose in poses]
        nearest = min(apart, key=np.median, default=np.full(1, np.inf))
        if np.median(nearest) < size[0] / 20:
            moved.append(nearest)
    return np.concatenate(moved)
