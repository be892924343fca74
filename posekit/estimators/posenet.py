"""PoseNet: everybody in the picture, 17 keypoints each, in the recipe of Google's Coral decoder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from posekit.errors import EstimatorError
from posekit.estimators.base import MAX_POSES, Estimate
from posekit.estimators.model_input import ModelInput
from posekit.estimators.posenet_decoder import decode_multiple, decode_single
from posekit.estimators.posenet_tensors import Tensors
from posekit.runtimes import describe

if TYPE_CHECKING:
    from posekit.estimators.base import Hint
    from posekit.estimators.light import Light
    from posekit.estimators.model_input import InputFit
    from posekit.frame import Frame
    from posekit.geometry import Placement
    from posekit.runtimes import Runtime

MIN_POSE_SCORE = 0.2
"""Coral's own. A higher one loses people who are seen badly (0.25 one of 45, and 0.015 of AP at 641 x 481),
and keeps few ghosts away: 12 of 14 pictures without people stay empty, with 0.25 13, and what the tracker
believes of it is the same (`bench/README.md`)."""
_DOUBLES = 2
"""Poses accepted for each that is wanted: the recipe drops weak doubles only at the end, and in a crowd they
would take people's places (10 people: 9 found instead of 7)."""


class PoseNet:
    """Google's PoseNet MobileNetV1, or any model with its three outputs, in a runtime that it then owns.

    Every frame is drawn whole and undistorted into the model's input; poses come back image-normalised, with
    all 17 keypoints placed and scored, however low.
    """

    name = "posenet"

    def __init__(
        self,
        runtime: Runtime,
        *,
        multi: bool = True,
        max_poses: int = MAX_POSES,
        min_pose_score: float = MIN_POSE_SCORE,
        fit: InputFit = "contain",
        light: Light | None = None,
    ) -> None:
        """Take over a runtime; it is closed with the estimator, and at once when the model is no PoseNet.

        `multi` finds up to `max_poses` bodies of at least `min_pose_score`; without it there is always
        exactly one pose, in tfjs-models' way (see `decode_single`). `fit="stretch"` fills the input and gives
        up proportions, as Google's reference poses were made. A `light` corrects what the model sees. Raises
        `EstimatorError` for outputs that are not PoseNet's.
        """
        self._runtime: Runtime | None = runtime
        self.input_size = runtime.input_size
        self._input = ModelInput(runtime.input_size, fit, light)
        self._multi = multi
        self._max_poses = max_poses
        self._min_pose_score = min_pose_score
        width, height = runtime.input_size
        self.description = f"PoseNet {width}x{height} {describe(runtime)}"
        try:
            self._stride = _find_stride(runtime)
        except EstimatorError:
            self.close()
            raise

    def estimate(self, frame: Frame, hint: Hint | None = None) -> Estimate:  # noqa: ARG002
        """Find the bodies in a frame of any size; raises `EstimatorError` when the model fails."""
        tensors, placement = self.look(frame)
        if self._multi:
            decoded = decode_multiple(tensors, _DOUBLES * self._max_poses, self._min_pose_score)
        else:
            decoded = decode_single(tensors)
        return Estimate(decoded.best(self._max_poses).placed(placement))

    def look(self, frame: Frame) -> tuple[Tensors, Placement]:
        """Return what the model says about a frame, undecoded, and where the frame lies in its input."""
        if self._runtime is None:
            raise EstimatorError("this estimator is closed; open another")
        image, placement = self._input.draw(frame.pixels)
        return Tensors.from_outputs(self._runtime.run(image), self._stride), placement

    def reset(self) -> None:
        """Do nothing: PoseNet sees each frame by itself."""

    def close(self) -> None:
        """Release the model; calling it twice is harmless."""
        runtime, self._runtime = self._runtime, None
        if runtime is not None:
            runtime.close()


def _find_stride(runtime: Runtime) -> int:
    """Return the pixels between cells, from a first run, which also makes the model warm."""
    width, height = runtime.input_size
    tensors = Tensors.from_outputs(runtime.run(np.zeros((height, width, 3), np.uint8)))
    rows, columns = tensors.grid
    stride = round((width - 1) / max(columns - 1, 1))
    if stride < 1 or ((columns - 1) * stride + 1, (rows - 1) * stride + 1) != (width, height):
        raise EstimatorError(
            f"a PoseNet's input is a multiple of its stride and one pixel more, such as 481 x 353 for "
            f"31 x 23 cells; this model has {width} x {height} for {columns} x {rows}"
        )
    return stride
