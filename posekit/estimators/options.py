"""What can be asked of an estimator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from posekit.estimators.light import Lighting
    from posekit.geometry import Size

Focusing = Literal["auto", "on", "people", "off"]
ESTIMATORS = ("auto", "posenet", "blazepose", "movenet")
WITH_MASK = ("blazepose",)
"""Those that give silhouettes."""


@dataclass(frozen=True)
class EstimatorOptions:
    """What is asked of an estimator."""

    name: str = "auto"
    """One of `ESTIMATORS`; `auto` takes PoseNet if its weights can be had, else BlazePose."""
    model: str | None = None
    """A registered model's name, a word such as `full` for BlazePose's, or the path of a .tflite or .task
    file of the user's own."""
    input_size: Size | Literal["auto"] | None = None
    """Width and height in pixels of PoseNet's input, any multiple of 16 and one more; None: 481 x 353; auto:
    the largest that holds `target_rate` here."""
    target_rate: float = 30.0
    """Frames per second that `auto` must hold."""
    runtime: str = "auto"
    """Where PoseNet and MoveNet run: `auto`, `litert` or `mediapipe`."""
    threads: int | None = None
    """Threads of the model, where the runtime has any to choose; None: as many as the cores allow."""
    spare_cores: int = 0
    """Cores that such a choice leaves to others."""
    max_poses: int | None = None
    """Most bodies in one frame; None: 10, but one for BlazePose, which must look for every body anew in every
    frame when it is to follow more, and hardly ever finds a second (`bench/README.md`)."""
    min_pose_score: float = 0.2
    """From 0 to 1: least score of a PoseNet or MoveNet body (`posenet.MIN_POSE_SCORE` says what it costs)."""
    single: bool = False
    """One body, always, in tfjs-models' way; MoveNet then looks for no newcomers, and needs no PoseNet."""
    focus: Focusing = "off"
    """Whether people are looked at closer (`focus.py`): `on` in one region, `people` far ones one by one;
    `auto` is `on` for PoseNet and `off` for single pictures, `single`, and the other families."""
    light: Lighting = "off"
    """What the model is shown of pictures in bad light (`light.py`)."""
    mask: bool = False
    """Whether silhouettes are wanted, which BlazePose alone gives: `auto` then takes it where it can be."""
    still: bool = False
    """Frames have nothing to do with each other: pictures, not video."""
