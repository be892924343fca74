"""BlazePose: one person, 33 keypoints and 3D, through MediaPipe's `PoseLandmarker`."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any

import numpy as np

from posekit.errors import EstimatorError
from posekit.estimators.base import Estimate
from posekit.pose import Pose
from posekit.runtimes import quiet_stderr
from posekit.skeleton import BLAZEPOSE_33, COCO_17_IN_BLAZEPOSE_33

if TYPE_CHECKING:
    from pathlib import Path

    from posekit.estimators.base import Hint
    from posekit.frame import Frame

MISSING = "BlazePose needs MediaPipe, which is not installed; pip install 'mediapipe==0.10.31'"
_GAP = 33
"""Milliseconds between two frames of which the second does not say that it is later."""
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

    def __init__(self, bundle: Path, *, num_poses: int = 1, still: bool = False) -> None:
        """Open a `.task` bundle.

        `still` looks at each frame by itself; without it the body is followed from frame to frame. Raises
        `EstimatorError` where MediaPipe is not installed or the bundle cannot be opened.
        """
        self._bundle = bundle
        self._num_poses = num_poses
        self._still = still
        self._is_open = True
        self._has_found = False
        self._last_stamp: int | None = None
        self._shift = 0
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
        poses = [_pose(landmarks, world) for landmarks, world in bodies]
        return Estimate(tuple(sorted(poses, key=lambda pose: -pose.score)))

    def reset(self) -> None:
        """Forget the body that was followed, as at a cut or another source."""
        if self._last_stamp is None or not self._is_open:
            return
        # MediaPipe has no way to forget short of opening the model again.
        self._close()
        self._last_stamp, self._shift = None, 0
        self._open()

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
                )
                self._landmarker: Any = vision.PoseLandmarker.create_from_options(options)
            except OSError as error:
                raise EstimatorError(f"{self._bundle} cannot be read: {error.strerror or error}") from error
            except (RuntimeError, ValueError) as error:
                reason = " ".join(str(error).split())[:300]
                raise EstimatorError(f"MediaPipe cannot open {self._bundle}: {reason}") from error
        self._close = close_with(self, self._landmarker)

    def _detect(self, frame: Frame) -> Any:
        image = self._image(self._format, np.ascontiguousarray(frame.pixels))
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

    def _stamp(self, seconds: float) -> int:
        """Return milliseconds that always grow, whatever the frames' times do: MediaPipe insists on it."""
        stamp = round(seconds * 1000) + self._shift
        last = self._last_stamp
        if last is not None and stamp <= last:
            self._shift += last + _GAP - stamp
            stamp = last + _GAP
        self._last_stamp = stamp
        return stamp


def _pose(landmarks: list[Any], world_landmarks: list[Any]) -> Pose:
    points = np.array([(point.x, point.y, point.visibility) for point in landmarks], np.float32)
    world = np.array([(point.x, point.y, point.z) for point in world_landmarks], np.float32)
    xy, scores = points[:, :2], points[:, 2].clip(0, 1)
    score = float(scores[_OF_17].mean())
    detail = Pose(xy, scores, score, BLAZEPOSE_33, world=world)
    return Pose(xy[_OF_17], scores[_OF_17], score, detail=detail, world=world[_OF_17])
