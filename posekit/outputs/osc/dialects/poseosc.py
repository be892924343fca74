"""`/poses/arr` as PoseOSC, VisionOSC and TrackOSC send it, and PoseOSC's one address for each number.

Pixels from the top left, never mirrored unless asked for, no bundle. Who is first is who has the first slot.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np

from posekit.outputs.osc.dialect import Dialect, Sample, one_of
from posekit.outputs.osc.encode import encode_messages
from posekit.outputs.osc.places import KEYPOINTS
from posekit.outputs.osc.sheet import Entry, Value, count, score
from posekit.outputs.osc.stream import StreamEncoder
from posekit.pose import camel_case
from posekit.skeleton import COCO_17

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from posekit.outputs.osc.encode import Shape
    from posekit.outputs.osc.sheet import Occasions
    from posekit.outputs.osc.stream import Moment
    from posekit.outputs.osc.target import Target

NUMBERS = 1 + 3 * KEYPOINTS
"""Floats of one person: her score, then x, y, score of every keypoint in PoseNet's order."""
WHOLE_PEOPLE = 5
"""People whose message (1,332 bytes) no network splits; six take 1,592 bytes."""
PARTS = [f"keypoints/{camel_case(name)}/{part}" for name in COCO_17.keypoints for part in ("x", "y", "score")]


def tell(moment: Moment) -> list[bytes]:
    """Return one frame's message; none without a frame, since receivers know what is too old."""
    if not moment.is_told or not moment.is_new or not moment.size[1]:
        return []
    people = numbers_of(moment)
    is_addr = moment.target.option("mode", "arr") == "addr"
    shapes = addr_shapes(len(people)) if is_addr else (("/poses/arr", "iii" + "f" * people.size),)
    return encode_messages(shapes, np.concatenate(((*moment.size, len(people)), people.ravel())))


@functools.lru_cache(maxsize=64)
def addr_shapes(count: int) -> tuple[Shape, ...]:
    """Return PoseOSC's message for every number of so many people, in the order of ARR's arguments."""
    numbers = (f"/poses/{index}/{part}" for index in range(count) for part in ("score", *PARTS))
    head = [(address, "i") for address in ("/videoWidth", "/videoHeight", "/nPoses")]
    return (*head, *((address, "f") for address in numbers))


def numbers_of(moment: Moment) -> NDArray[np.float64]:
    """Return (N, 52) numbers of all people; a missing keypoint is at x 0, y the frame's height, score 0."""
    count = len(moment.bodies)
    people = np.empty((count, NUMBERS))
    if count:
        scores = np.array([body.scores for body in moment.bodies])
        points = people[:, 1:].reshape(count, KEYPOINTS, 3)
        points[..., :2] = np.array([body.rows[:KEYPOINTS] for body in moment.bodies]) * moment.size
        points[..., 2] = scores
        points[scores <= 0.0] = (0.0, moment.size[1], 0.0)
        people[:, 0] = [body.person.pose.score for body in moment.bodies]
        people[:, 1:] = points.reshape(count, -1)
    return people


def encoder(target: Target, counters: Mapping[str, int]) -> StreamEncoder:
    """Return the encoder for a target."""
    return StreamEncoder(target, counters, tell)


def sample(target: Target) -> Sample:
    """Return what a receiver will look for first."""
    units = "x and y are pixels of the camera's picture, y downwards."
    if target.option("mode", "arr") == "addr":
        return Sample("/poses/0/keypoints/leftWrist/x", "a float", units)
    note = (
        f"With more than {WHOLE_PEOPLE} people the message is larger than networks carry in one piece, and "
        f"this format cannot be divided: slots={WHOLE_PEOPLE} avoids that."
    )
    numbers = f"width, height, number of people, and {NUMBERS} floats for each of them"
    return Sample("/poses/arr", numbers, units, note if target.slots > WHOLE_PEOPLE else "")


def sheet(target: Target, occasions: Occasions) -> Iterator[Entry]:  # noqa: ARG001
    """Yield every message that a receiver can get."""
    head = [count(name, unit="pixels") for name in ("width of the picture", "height of the picture")]
    head.append(count("how many people follow", unit="people"))
    people = [_values(index) for index in range(target.slots)]
    if target.option("mode", "arr") == "arr":
        yield Entry("/poses/arr", (*head, *(value for person in people for value in person)))
        return
    values = [*head, *(value for person in people for value in person)]
    for (address, _), value in zip(addr_shapes(target.slots), values, strict=True):
        yield Entry(address, (value,), value.sent or "always")


def _values(index: int) -> Iterator[Value]:
    """Describe one person's numbers, in their order."""
    yield score(f"person {index}: how sure", "people")
    for name in COCO_17.keypoints:
        whose = f"person {index}: {name.replace('_', ' ')}"
        yield Value("f", "0", "", "pixels", f"{whose}, from the left; 0: not seen", "people")
        yield Value("f", "0", "", "pixels", f"{whose}, from the top", "people")
        yield score(f"{whose}: how sure; 0: not seen", "people")


DIALECT = Dialect(
    encoder, sample, ("mirror", "slots", "rate"), sheet, options={"mode": one_of("arr", "addr")}, port=9527
)
