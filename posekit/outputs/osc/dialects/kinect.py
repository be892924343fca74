"""TouchDesigner's Kinect channel names, `/p1/hand_r:tx`, as its OSC Out CHOP sends those of a Kinect CHOP.

One float per address, six players, zeros for who is not there. A camera sees no depth, so a Kinect's metres
become picture heights from the middle, y up, and tz is 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from posekit.outputs.osc.dialect import Dialect, Sample
from posekit.outputs.osc.encode import Packer, form_of
from posekit.outputs.osc.places import KEYPOINTS, ORIGIN_HINTS
from posekit.outputs.osc.sheet import Entry, Value, across, along, nothing
from posekit.outputs.osc.stream import StreamEncoder
from posekit.skeleton import COCO_17

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from posekit.outputs.osc.encode import Form, Values
    from posekit.outputs.osc.sheet import Occasions
    from posekit.outputs.osc.stream import Body, Moment
    from posekit.outputs.osc.target import Target

SHOULDERS, HIPS = ("left_shoulder", "right_shoulder"), ("left_hip", "right_hip")
EARS = ("left_ear", "right_ear")
JOINTS: dict[str, tuple[str, ...]] = {
    "head": EARS,
    "neck": SHOULDERS,
    "shoulder_c": SHOULDERS,
    "shoulder_l": ("left_shoulder",),
    "shoulder_r": ("right_shoulder",),
    "elbow_l": ("left_elbow",),
    "elbow_r": ("right_elbow",),
    "wrist_l": ("left_wrist",),
    "wrist_r": ("right_wrist",),
    "hand_l": ("left_wrist",),
    "hand_r": ("right_wrist",),
    "handtip_l": ("left_wrist",),
    "handtip_r": ("right_wrist",),
    "spine": (*SHOULDERS, *HIPS),
    "hip": HIPS,
    "hip_l": ("left_hip",),
    "hip_r": ("right_hip",),
    "knee_l": ("left_knee",),
    "knee_r": ("right_knee",),
    "ankle_l": ("left_ankle",),
    "ankle_r": ("right_ankle",),
    "foot_l": ("left_ankle",),
    "foot_r": ("right_ankle",),
}
"""A Kinect's joints, and the keypoints whose mean stands for each; the head is the nose without both ears.

A Kinect's thumbs are not among them, and its closed hands neither: PoseNet sees no fingers.
"""
UPPER = 13
"""Joints from the head to the tips of the hands: the first of a person's two packets."""
_WEIGHTS = np.array(
    [np.isin(COCO_17.keypoints, sources) / len(sources) for sources in JOINTS.values()], np.float64
)
_EARS = [COCO_17.find(name) for name in EARS]
_NOSE = COCO_17.find("nose")


class Teller:
    """One target's packets, whose forms never change."""

    def __init__(self, target: Target) -> None:
        self._joints = joints_of(target)
        self._packer, self._header = Packer(), form_of(())
        self._forms = [self._forms_of(f"{target.prefix}/p{slot}") for slot in range(1, target.slots + 1)]

    def tell(self, moment: Moment) -> list[bytes]:
        """Return the packets of a scene: everyone who is there, and zeros for slots that are empty."""
        forms: list[Form] = []
        values: list[Values] = []
        if moment.is_told:
            for body in moment.bodies:
                forms += self._forms[body.slot - 1]
                values += ([body.person.id], places_of(body)[self._joints].ravel())
            for slot in moment.empty:
                forms += self._forms[slot - 1]
                values.append(np.zeros(1 + 3 * len(self._joints)))
        return self._packer.encode(self._header, forms, values) if forms else []

    def _forms_of(self, start: str) -> list[Form]:
        """Return a slot's messages, in two chunks that are best kept together."""
        names = list(JOINTS)
        above, below = (
            [
                (f"{start}/{names[at]}:t{axis}", "f")
                for at in self._joints
                if (at < UPPER) == is_above
                for axis in "xyz"
            ]
            for is_above in (True, False)
        )
        return [form_of(((f"{start}/id", "f"), *above)), form_of(tuple(below))]


def joints_of(target: Target) -> list[int]:
    """Return which joints a target is sent: those all of whose keypoints it has chosen."""
    chosen = set(target.keypoint_names)
    return [at for at, sources in enumerate(JOINTS.values()) if chosen.issuperset(sources)]


def places_of(body: Body) -> NDArray[np.float64]:
    """Return (23, 3) tx, ty, tz of a person's joints."""
    places = np.zeros((len(JOINTS), 3))
    places[:, :2] = _WEIGHTS @ body.rows[:KEYPOINTS]
    if not body.scores[_EARS].all():
        places[0, :2] = body.rows[_NOSE]
    return places


def encoder(target: Target, counters: Mapping[str, int]) -> StreamEncoder:
    """Return the encoder for a target."""
    return StreamEncoder(target, counters, Teller(target).tell)


def sample(target: Target) -> Sample:
    """Return what a receiver will look for first: a hand."""
    joints = [list(JOINTS)[at] for at in joints_of(target)]
    joint = "hand_r" if "hand_r" in joints else (joints or ["id"])[0]
    address = f"{target.prefix}/p1/{joint}" + (":tx" if joints else "")
    return Sample(address, "a float", ORIGIN_HINTS[target.origin])


def sheet(target: Target, occasions: Occasions) -> Iterator[Entry]:  # noqa: ARG001
    """Yield every message that a receiver can get."""
    for slot in range(1, target.slots + 1):
        start = f"{target.prefix}/p{slot}"
        yield Entry(f"{start}/id", (Value("f", "0", "", "", "who it is; 0: nobody"),), slot=slot)
        for joint, sources in (list(JOINTS.items())[at] for at in joints_of(target)):
            named = " and ".join(source.replace("_", " ") for source in sources)
            where = f"middle of {named}" if len(sources) > 1 else named
            for axis, value in (
                ("x", across(target, where)),
                ("y", along(target, where)),
                ("z", nothing("a camera sees no depth")),
            ):
                yield Entry(f"{start}/{joint}:t{axis}", (value,), slot=slot)


DIALECT = Dialect(
    encoder,
    sample,
    ("origin", "mirror", "slots", "rate", "only", "prefix"),
    sheet,
    defaults={"origin": "centred"},
)
