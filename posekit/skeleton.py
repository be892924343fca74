"""The bodies' vocabularies: which keypoints there are, in which order, and how they are joined."""

from __future__ import annotations

from dataclasses import dataclass, field

from posekit.errors import UnknownNameError


@dataclass(frozen=True)
class Skeleton:
    """A set of named keypoints and the bones between them."""

    name: str
    keypoints: tuple[str, ...]
    """Names in the order of every array's first axis; `left` is the person's own left."""
    bones: tuple[tuple[int, int], ...]
    """Pairs of keypoint indices to draw a line between."""
    index: dict[str, int] = field(init=False, repr=False, compare=False)
    """Name to index."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "index", {name: at for at, name in enumerate(self.keypoints)})

    def __len__(self) -> int:
        return len(self.keypoints)

    def find(self, name: str) -> int:
        """Return the index of a keypoint; raises `UnknownNameError` with the nearest name."""
        try:
            return self.index[name]
        except KeyError:
            raise UnknownNameError("keypoint", name, self.keypoints) from None


def _skeleton(name: str, keypoints: str, bones: str) -> Skeleton:
    names = tuple(keypoints.split())
    pairs = tuple(tuple(names.index(end) for end in bone.split("-")) for bone in bones.split())
    return Skeleton(name, names, pairs)  # type: ignore[arg-type]  # each bone has two ends


COCO_17 = _skeleton(
    "coco_17",
    """nose left_eye right_eye left_ear right_ear left_shoulder right_shoulder left_elbow right_elbow
    left_wrist right_wrist left_hip right_hip left_knee right_knee left_ankle right_ankle""",
    """nose-left_eye nose-right_eye left_eye-left_ear right_eye-right_ear
    left_shoulder-right_shoulder left_shoulder-left_elbow left_elbow-left_wrist
    right_shoulder-right_elbow right_elbow-right_wrist left_shoulder-left_hip right_shoulder-right_hip
    left_hip-right_hip left_hip-left_knee left_knee-left_ankle right_hip-right_knee right_knee-right_ankle""",
)
"""PoseNet's and COCO's 17 keypoints in PoseNet's order; what every stage of posekit speaks."""

BLAZEPOSE_33 = _skeleton(
    "blazepose_33",
    """nose left_eye_inner left_eye left_eye_outer right_eye_inner right_eye right_eye_outer left_ear
    right_ear mouth_left mouth_right left_shoulder right_shoulder left_elbow right_elbow left_wrist
    right_wrist left_pinky right_pinky left_index right_index left_thumb right_thumb left_hip right_hip
    left_knee right_knee left_ankle right_ankle left_heel right_heel left_foot_index right_foot_index""",
    """nose-left_eye nose-right_eye left_eye-left_ear right_eye-right_ear mouth_left-mouth_right
    left_shoulder-right_shoulder left_shoulder-left_elbow left_elbow-left_wrist right_shoulder-right_elbow
    right_elbow-right_wrist left_wrist-left_thumb left_wrist-left_index left_wrist-left_pinky
    right_wrist-right_thumb right_wrist-right_index right_wrist-right_pinky left_shoulder-left_hip
    right_shoulder-right_hip left_hip-right_hip left_hip-left_knee left_knee-left_ankle right_hip-right_knee
    right_knee-right_ankle left_ankle-left_heel left_heel-left_foot_index right_ankle-right_heel
    right_heel-right_foot_index""",
)
"""BlazePose's 33 landmarks in MediaPipe's order, named as MediaPipe names them."""

COCO_17_IN_BLAZEPOSE_33: tuple[int, ...] = tuple(BLAZEPOSE_33.index[name] for name in COCO_17.keypoints)
"""Where each of the 17 keypoints stands among the 33."""
