"""Pictures with known people, and how well poses fit them: OKS average precision as COCO defines it."""

from __future__ import annotations

import contextlib
import functools
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from posekit.frame import Frame

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from posekit.pose import Pose

PICTURES = (".jpg", ".jpeg", ".png", ".bmp")
Poses = dict[int, "tuple[Pose, ...]"]


@dataclass(frozen=True, eq=False)
class Accuracy:
    """What COCO calls AP and AR, over OKS 0.5 to 0.95; by size -1 where there is nobody of that size."""

    precision: float
    recall: float
    loose: float = 0.0
    """AP at OKS 0.5 alone."""
    medium: float = -1.0
    """AP of people of 32 x 32 to 96 x 96 pixels, as COCO divides them."""
    large: float = -1.0


class CocoTruth:
    """Pictures by number, and their people, in COCO's format: `data/coco` or any other set."""

    def __init__(self, folder: Path, annotations: Path | None = None, most: int | None = None) -> None:
        """Find a folder's pictures, at `most` so many, and their truth (`find_annotations`)."""
        from pycocotools.coco import COCO

        file = annotations or find_annotations(folder)
        with contextlib.redirect_stdout(io.StringIO()):
            self._coco: Any = COCO(str(file))
        for person in self._coco.anns.values():
            _complete(person)
        chosen = [number for number in self._coco.imgs if self._coco.imgToAnns[number]][:most]
        find = PictureFinder(folder)
        self.frames = Pictures({number: find(self._coco.imgs[number]["file_name"]) for number in chosen})

    @property
    def people(self) -> int:
        """How many people count: no crowds, and at least one keypoint labelled."""
        return sum(1 for number in self.frames for _ in self.counted(number))

    def counted(self, number: int) -> list[dict[str, Any]]:
        """Return the annotations of the people of a picture who count."""
        people = self._coco.imgToAnns[number]
        return [person for person in people if person["num_keypoints"] and not person["iscrowd"]]

    def people_in(self, number: int) -> list[np.ndarray]:
        """Return the people of a picture, (17, 3) each: x, y in pixels, and 0 where nothing is labelled."""
        found = [keypoints_of(person) for person in self._coco.imgToAnns[number]]
        return [person for person in found if person[:, 2].any()]

    def judge(self, poses: Mapping[int, Iterable[Pose]]) -> Accuracy:
        """Return how well the poses of all pictures fit; crowds and unlabelled people are ignored."""
        from pycocotools.cocoeval import COCOeval

        found = [
            {
                "image_id": number,
                "category_id": self._coco.imgToAnns[number][0]["category_id"],
                "score": float(pose.score),
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
        precision, loose, _, medium, large, recall, *_ = map(float, judged.stats)
        return Accuracy(precision, recall, loose, medium, large)


class Pictures(Mapping[int, Frame]):
    """Frames by number, read when they are asked for: a set may be greater than the memory."""

    def __init__(self, files: dict[int, Path]) -> None:
        self._files = files

    def __getitem__(self, number: int) -> Frame:
        return read_frame(self._files[number])

    def __iter__(self) -> Iterator[int]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


def keypoints_of(person: dict[str, Any]) -> np.ndarray:
    """Return (17, 3): x, y in pixels, and 0 where nothing is labelled."""
    return np.array(person["keypoints"], float).reshape(17, 3)


def find_annotations(folder: Path) -> Path:
    """Return a set's keypoint truth: in the folder, in `annotations` within it, or beside it by its name.

    So both a folder with everything in it and COCO's own layout are found: `val2017` beside
    `annotations/person_keypoints_val2017.json`. Raises `FileNotFoundError`, saying where was looked.
    """
    places = (folder, folder / "annotations", folder.parent / "annotations")
    patterns = ("person_keypoints.json", f"person_keypoints_{folder.name}.json")
    for place in places:
        for name in patterns:
            if (place / name).is_file():
                return place / name
    others = sorted(file for place in places[:2] for file in place.glob("*keypoints*.json"))
    if len(others) == 1:
        return others[0]
    told = "several: " + ", ".join(file.name for file in others) if others else "none"
    raise FileNotFoundError(f"no one keypoint truth in or beside {folder} ({told}); name it by --annotations")


class PictureFinder:
    """Finds pictures by the names that the truth has for them, whatever folders they lie in."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, name: str) -> Path:
        """Return a picture's file; raises `FileNotFoundError` where there is none of that name."""
        straight = self._folder / name
        file = straight if straight.is_file() else self._by_name.get(Path(name).name)
        if file is None:
            raise FileNotFoundError(f"no picture {name} anywhere in {self._folder}")
        return file

    @functools.cached_property
    def _by_name(self) -> dict[str, Path]:
        return {
            file.name: file for file in sorted(self._folder.rglob("*")) if file.suffix.lower() in PICTURES
        }


def _complete(person: dict[str, Any]) -> None:
    """Add what COCO's own sets say of everybody and others leave out."""
    points = keypoints_of(person)
    known = points[points[:, 2] > 0, :2]
    person.setdefault("iscrowd", 0)
    person.setdefault("num_keypoints", len(known))
    if "bbox" not in person:
        low, size = (known.min(axis=0), np.ptp(known, axis=0)) if len(known) else (np.zeros(2), np.zeros(2))
        person["bbox"] = [*low.tolist(), *size.tolist()]
    # A body covers about half of its box (of COCO's own people 0.53).
    person.setdefault("area", 0.53 * person["bbox"][2] * person["bbox"][3])


@functools.cache
def coco_truth(folder: Path) -> CocoTruth:
    """Read the pictures and their truth once."""
    return CocoTruth(folder)


@functools.lru_cache(100)
def read_frame(path: Path) -> Frame:
    """Read a picture as the sources do: RGB; the last hundred are remembered."""
    pixels = cv2.imread(str(path))
    assert pixels is not None, path
    return Frame(np.ascontiguousarray(pixels[..., ::-1]), 0.0, 0, path.name)


def frames_in(folder: Path) -> list[Frame]:
    """Return every picture of a folder."""
    return [read_frame(path) for path in sorted(folder.iterdir()) if path.suffix in PICTURES]


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
