"""BlazePose: one person, 33 keypoints and 3D, through MediaPipe's `PoseLandmarker`."""

from __future__ import annotations

import importlib.util
import math
from itertools import compress
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from posekit.errors import EstimatorError
from posekit.estimators.base import Estimate
from posekit.pose import Pose
from posekit.runtimes import give_back_memory, quiet_stderr
from posekit.skeleton import BLAZEPOSE_33, COCO_17_IN_BLAZEPOSE_33

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from posekit.estimators.base import Hint
    from posekit.frame import Frame
    from posekit.geometry import Size

MISSING = "BlazePose needs MediaPipe, which is not installed; pip install 'mediapipe==0.10.31'"
_GAP = 33
"""Milliseconds between two frames of which the second does not say that it is later."""
MASK_SIDE = 256
"""Pixels of a silhouette's shorter side: the model itself draws it in 256 x 256 around the body."""
MASK_AREA = 1 << 20
"""Pixels of a silhouette at most, for pictures that are all width or all height."""
MASK_STEP = 4
"""Pixels of which a picture's width is made a multiple: MediaPipe (0.10.31) starts the rows of a mask at
every 16th byte, and ends the whole process when it is asked for one whose rows do not fill that up."""
LEAST_HEIGHT = 0.16
"""A body that is lower than this part of the picture is none. In an empty room a table's foot was one of 0.05
to 0.16; the lowest whom it found rightly had 0.18 (`bench/README.md`)."""
VAIN_SECONDS = 2.0
"""How long what is none is followed until bodies are looked for anew: MediaPipe looks for no others then."""
_OF_17 = list(COCO_17_IN_BLAZEPOSE_33)


def require_mediapipe() -> None:
    """Raise `EstimatorError` where MediaPipe is not installed; costs nothing where it is."""
    if importlib.util.find_spec("mediapipe") is None:
        raise EstimatorError(MISSING)


class BlazePose:
    """MediaPipe's pose landmarker, one to a few people.

    A pose carries the 17 keypoints, and in `detail` all 33; a keypoint's score is the landmark's visibility.
    Both carry `world`: metres, origin between the hips. MediaPipe says nothing about the body as a whole, so
    the pose's score is the mean of its 17.
    """

    name = "blazepose"
    input_size = (256, 256)

    def __init__(self, bundle: Path, *, num_poses: int = 1, still: bool = False, mask: bool = False) -> None:
        """Open a `.task` bundle.

        `still` looks at each frame by itself; without it the body is followed from frame to frame. With
        `mask` estimates carry silhouettes, (H, W) uint8 in the frame's proportions, whose shorter side has
        256 pixels or as many as the frame's. Raises `EstimatorError` where MediaPipe is not installed or the
        bundle cannot be opened.
        """
        self._bundle = bundle
        self._num_poses = num_poses
        self._still = still
        self._with_mask = mask
        self._nobody = np.zeros((0, 0), np.uint8)
        self._is_open = True
        self._has_found = False
        self._last_stamp: int | None = None
        self._shift = 0
        self._vain_since: float | None = None
        self._open()
        model, kind = bundle.name.partition(".")[0], "single pictures" if still else "video"
        self.description = f"BlazePose ({model}) in MediaPipe, {kind}"

    def estimate(self, frame: Frame, hint: Hint | None = None) -> Estimate:  # noqa: ARG002  # it follows by itself
        """Find the bodies in a frame; raises `EstimatorError` when the model fails."""
        if not self._is_open:
            raise EstimatorError("this estimator is closed; open another")
        try:
            result = self._detect(frame)
        except (RuntimeError, ValueError) as error:
            raise EstimatorError(f"BlazePose failed: {' '.join(str(error).split())}") from error
        bodies = zip(result.pose_landmarks, result.pose_world_landmarks, strict=True)
        seen = [_pose(landmarks, world) for landmarks, world in bodies]
        is_body = [_height(pose) >= LEAST_HEIGHT for pose in seen]
        mask = None
        if self._with_mask:
            mask = self._mask(list(compress(result.segmentation_masks or (), is_body)), frame.size)
        poses = sorted(compress(seen, is_body), key=lambda pose: -pose.score)
        self._give_up(frame.time, is_vain=bool(seen) and not poses)
        return Estimate(tuple(poses), mask)

    def reset(self) -> None:
        """Forget the body that was followed, as at a cut or another source."""
        if self._last_stamp is None or not self._is_open:
            return
        # MediaPipe has no way to forget short of opening the model again.
        self._close()
        give_back_memory()  # a film may begin anew every few seconds for months
        self._last_stamp, self._shift = None, 0
        self._open()

    def _give_up(self, time: float, *, is_vain: bool) -> None:
        """Look for bodies anew when what has been followed for a while is none."""
        if not is_vain or self._still:
            self._vain_since = None
        elif self._vain_since is None:
            self._vain_since = time
        elif not 0 <= time - self._vain_since < VAIN_SECONDS:
            self._vain_since = None
            self.reset()

    def close(self) -> None:
        """Release the model; calling it twice is harmless."""
        if self._is_open:
            self._is_open = False
            self._close()

    def _open(self) -> None:
        require_mediapipe()
        from mediapipe import Image, ImageFormat
        from mediapipe.tasks.python import BaseOptions, vision

        from posekit.runtimes.mediapipe_task import close_with

        self._image, self._format = Image, ImageFormat.SRGB
        mode = vision.RunningMode.IMAGE if self._still else vision.RunningMode.VIDEO
        with quiet_stderr():
            try:
                options = vision.PoseLandmarkerOptions(
                    BaseOptions(model_asset_buffer=self._bundle.read_bytes()),
                    running_mode=mode,
                    num_poses=self._num_poses,
                    output_segmentation_masks=self._with_mask,
                )
                self._landmarker: Any = vision.PoseLandmarker.create_from_options(options)
            except OSError as error:
                raise EstimatorError(f"{self._bundle} cannot be read: {error.strerror or error}") from error
            except (RuntimeError, ValueError) as error:
                reason = " ".join(str(error).split())[:300]
                raise EstimatorError(f"MediaPipe cannot open {self._bundle}: {reason}") from error
        self._close = close_with(self, self._landmarker)

    def _detect(self, frame: Frame) -> Any:
        pixels = frame.pixels
        width, height = frame.size
        if self._with_mask and width % MASK_STEP:
            pixels = np.asarray(cv2.resize(pixels, (width + -width % MASK_STEP, height)), np.uint8)
        image = self._image(self._format, np.ascontiguousarray(pixels))
        if self._has_found:
            return self._look(image, frame.time)
        # MediaPipe prints its last greetings when it sees its first frame, and a warning that is none of the
        # user's business with the first body.
        with quiet_stderr():
            result = self._look(image, frame.time)
        self._has_found = bool(result.pose_landmarks)
        return result

    def _look(self, image: Any, time: float) -> Any:
        if self._still:
            return self._landmarker.detect(image)
        return self._landmarker.detect_for_video(image, self._stamp(time))

    def _mask(self, found: Sequence[Any], frame: Size) -> NDArray[np.uint8]:
        """Return the silhouettes of all bodies in one, small."""
        width, height = mask_size(frame)
        if self._nobody.shape != (height, width):
            self._nobody = np.zeros((height, width), np.uint8)
        mask = self._nobody
        for body in found:
            # MediaPipe enlarges it to the frame, so that nothing is lost by taking every other pixel.
            small = cv2.resize(body.numpy_view(), (width, height), interpolation=cv2.INTER_LINEAR)
            grey = np.asarray(cv2.convertScaleAbs(small, alpha=255), np.uint8).reshape(height, width)
            mask = grey if mask is self._nobody else np.maximum(mask, grey)
        return mask

    def _stamp(self, seconds: float) -> int:
        """Return milliseconds that always grow, whatever the frames' times do: MediaPipe insists on it."""
        stamp = round(seconds * 1000) + self._shift
        last = self._last_stamp
        if last is not None and stamp <= last:
            self._shift += last + _GAP - stamp
            stamp = last + _GAP
        self._last_stamp = stamp
        return stamp


def mask_size(frame: Size) -> Size:
    """Return width and height in pixels of the silhouettes in frames of a size: never larger than these."""
    width, height = frame
    scale = min(1.0, MASK_SIDE / min(frame), math.sqrt(MASK_AREA / (width * height)))
    return max(1, round(width * scale)), max(1, round(height * scale))


def _height(pose: Pose) -> float:
    """Return how high a body is, in picture heights."""
    assert pose.detail is not None
    return float(np.ptp(pose.detail.xy[:, 1]))


def _pose(landmarks: list[Any], world_landmarks: list[Any]) -> Pose:
    points = np.array([(point.x, point.y, point.visibility) for point in landmarks], np.float32)
    world = np.array([(point.x, point.y, point.z) for point in world_landmarks], np.float32)
    xy, scores = points[:, :2], points[:, 2].clip(0, 1)
    score = float(scores[_OF_17].mean())
    detail = Pose(xy, scores, score, BLAZEPOSE_33, world=world)
    return Pose(xy[_OF_17], scores[_OF_17], score, detail=detail, world=world[_OF_17])
