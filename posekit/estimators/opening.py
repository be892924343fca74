"""Which estimator, with which model: from what the user said, or from what can be had."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from posekit.errors import AssetError, EstimatorError, SettingsError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Callable

    from posekit.assets import Progress
    from posekit.estimators.base import Estimator
    from posekit.geometry import Size

    Report = Callable[[str], None]

ESTIMATORS = ("auto", "posenet", "blazepose")

POSENET_SIZE: Size = (481, 353)
"""The default: in MediaPipe, which every installation has, it leaves a laptop of two cores half of each
frame's time; 641 x 481 finds more in twice the time (`bench/README.md`)."""
BLAZEPOSE_BUNDLES = ("blazepose-full", "blazepose-lite", "blazepose-heavy")
"""Official bundles, taken in this order where one is here already."""
BLAZEPOSE_ANYWHERE = "blazepose-wheel"
GET_POSENET = "posekit models get posenet-481x353"


@dataclass(frozen=True)
class EstimatorOptions:
    """What is asked of an estimator."""

    name: str = "auto"
    """One of `ESTIMATORS`; `auto` takes PoseNet if its weights can be had, else BlazePose."""
    model: str | None = None
    """A registered model's name, or the path of a .tflite or .task file of the user's own."""
    input_size: Size | Literal["auto"] | None = None
    """Width and height in pixels of PoseNet's input, any multiple of 16 and one more; None: 481 x 353; auto:
    the largest that holds `target_rate` here."""
    target_rate: float = 30.0
    """Frames per second that `auto` must hold."""
    runtime: str = "auto"
    """Where PoseNet runs: `auto`, `litert` or `mediapipe`."""
    threads: int | None = None
    """Threads of the model, where the runtime has any to choose; None: as many as the cores allow."""
    spare_cores: int = 0
    """Cores that such a choice leaves to others."""
    max_poses: int = 10
    """Most bodies in one frame. BlazePose follows one, however many are allowed."""
    min_pose_score: float = 0.25
    """From 0 to 1: least score of a PoseNet body (see `posenet.MIN_POSE_SCORE` for what it costs)."""
    single: bool = False
    """One body, always, in tfjs-models' way."""
    still: bool = False
    """Frames have nothing to do with each other: pictures, not video."""


def open_estimator(
    options: EstimatorOptions | None = None,
    *,
    report: Report | None = None,
    progress: Progress | None = None,
) -> Estimator:
    """Open the estimator that the options ask for; the caller closes it.

    `report` is told what was chosen and why, `progress` sees downloads. Raises `UnknownNameError` and
    `SettingsError` for options that cannot be, `AssetError` when the model cannot be had, `EstimatorError`
    when it cannot be run here.
    """
    prepared = prepare_estimator(options or EstimatorOptions(), report=report, progress=progress)
    return _open_posenet(prepared) if prepared.name == "posenet" else _open_blazepose(prepared)


def prepare_estimator(
    options: EstimatorOptions, *, report: Report | None = None, progress: Progress | None = None
) -> EstimatorOptions:
    """Decide what `open_estimator` would take and fetch its model, without loading it.

    Returns options that name a family and a model's file, so that opening them later fetches nothing. Raises
    what `open_estimator` raises for options and models.
    """
    if options.name not in ESTIMATORS:
        raise UnknownNameError("estimator", options.name, ESTIMATORS)
    return _Preparation(options, report or _ignore, progress).decide()


def _ignore(_: str) -> None:
    pass


def _threads(options: EstimatorOptions) -> int:
    from posekit.runtimes import usual_threads

    return options.threads or usual_threads(options.spare_cores)


def _open_posenet(options: EstimatorOptions) -> Estimator:
    from posekit.estimators.posenet import PoseNet
    from posekit.runtimes import open_runtime

    assert options.model
    runtime = open_runtime(Path(options.model), options.runtime, _threads(options))
    return PoseNet(
        runtime,
        multi=not options.single,
        max_poses=options.max_poses,
        min_pose_score=options.min_pose_score,
    )


def _open_blazepose(options: EstimatorOptions) -> Estimator:
    from posekit.estimators.blazepose import BlazePose

    assert options.model
    return BlazePose(Path(options.model), still=options.still)


@dataclass(frozen=True)
class _Preparation:
    """One decision which family and which model file to take."""

    options: EstimatorOptions
    report: Report
    progress: Progress | None

    def decide(self) -> EstimatorOptions:
        """Return the options with family and model file decided; the file is there."""
        family = self.options.name if self.options.name != "auto" else self._family_implied()
        if family == "posenet":
            return self._posenet()
        if family == "blazepose":
            return self._with("blazepose", self._blazepose_model())
        try:
            chosen = self._posenet()
        except AssetError as no_posenet:
            return self._with("blazepose", self._blazepose_model_instead(no_posenet))
        # Nobody who leaves the family open has asked for a size.
        self.report(f"estimator: PoseNet {_by(POSENET_SIZE)}, because its weights are here")
        return chosen

    def _family_implied(self) -> str | None:
        """Return the family that a model or an input size implies, None when anything will do."""
        model = self.options.model
        if model is None:
            return "posenet" if self.options.input_size else None
        if _is_path(model):
            return "blazepose" if model.endswith(".task") else "posenet"
        from posekit.assets import find_asset

        return find_asset(model).family

    def _with(self, family: str, model: Path) -> EstimatorOptions:
        return replace(self.options, name=family, model=str(model))

    def _posenet(self) -> EstimatorOptions:
        self._require_threads()
        model, size = self.options.model, self.options.input_size
        if size == "auto":
            if model is not None:
                raise SettingsError(f"the model {model} has its size; leave the model or the input size out")
            size = self._auto_size()
        if model is None:
            path = self._ensure_posenet(size or POSENET_SIZE)
        else:
            path = _own_file(model) if _is_path(model) else self._ensure(model, "posenet")
            if size is not None:
                _require_size(path, model, size)
        return replace(self.options, name="posenet", model=str(path), input_size=size)

    def _ensure_posenet(self, size: Size) -> Path:
        from posekit.assets import posenet_of
        from posekit.assets.fetch import ensure_asset

        return ensure_asset(posenet_of(size), report=self.report, progress=self.progress)

    def _auto_size(self) -> Size:
        from posekit.estimators.auto_size import find_auto_size, memory_file
        from posekit.runtimes import chosen_runtime

        rate, runtime = self.options.target_rate, chosen_runtime(self.options.runtime)
        model = self._ensure_posenet(POSENET_SIZE)
        found = find_auto_size(model, rate, runtime, _threads(self.options))
        what = "the largest that holds" if found.holds else "the smallest, and still too slow for"
        self.report(
            f"input size: {_by(found.size)}, {what} {rate:g} frames per second in {runtime} "
            f"({found.milliseconds:.1f} ms a run; to measure again, delete {memory_file()})"
        )
        return found.size

    def _require_threads(self) -> None:
        from posekit.runtimes import chosen_runtime

        threads = self.options.threads or 1
        if threads > 1 and chosen_runtime(self.options.runtime) == "mediapipe":
            raise SettingsError(
                f"MediaPipe runs PoseNet on one thread, not on {threads}; leave the threads out, or take the "
                "runtime litert"
            )

    def _blazepose_model_instead(self, no_posenet: AssetError) -> Path:
        try:
            model = self._blazepose_model()
        except (AssetError, EstimatorError) as no_blazepose:
            raise AssetError(
                f"no model can be had. PoseNet: {_shortly(no_posenet)}. BlazePose: {_shortly(no_blazepose)}. "
                f"Where there is a network, run `{GET_POSENET}`, or put the files into a folder and set "
                "POSEKIT_ASSETS to it"
            ) from no_blazepose
        reason = no_posenet.reasons[-1] if no_posenet.reasons else no_posenet
        self.report(
            "estimator: BlazePose, which sees one person, because PoseNet's weights cannot be fetched "
            f"({reason}). To get PoseNet: `{GET_POSENET}` "
            "where there is a network, or its file in a folder that POSEKIT_ASSETS names"
        )
        return model

    def _blazepose_model(self) -> Path:
        from posekit.assets import available
        from posekit.estimators.blazepose import require_mediapipe

        model = self.options.model
        _require_blazepose(self.options)
        require_mediapipe()
        if model is not None:
            return _own_file(model) if _is_path(model) else self._ensure(model, "blazepose")
        here = (path for name in BLAZEPOSE_BUNDLES if (path := available(name)))
        return next(here, None) or self._ensure(BLAZEPOSE_ANYWHERE, "blazepose")

    def _ensure(self, name: str, family: str) -> Path:
        from posekit.assets import ensure, find_asset

        found = find_asset(name).family
        if found != family:
            raise SettingsError(f"the model {name} is for {found}, not for {family}")
        return ensure(name, report=self.report, progress=self.progress)


def _require_blazepose(options: EstimatorOptions) -> None:
    """Refuse what BlazePose could only ignore."""
    if options.input_size is not None:
        raise SettingsError("BlazePose chooses its own input size; leave the input size out")
    if options.runtime not in ("auto", "mediapipe"):
        raise SettingsError(
            f"BlazePose runs in MediaPipe alone, not in {options.runtime}; leave the runtime out"
        )
    if options.threads not in (None, 1):
        raise SettingsError(
            f"BlazePose chooses its own threads, {options.threads} cannot be asked for; leave them out"
        )


def _is_path(model: str) -> bool:
    return Path(model).suffix in (".tflite", ".task") or Path(model).name != model


def _own_file(model: str) -> Path:
    path = Path(model).expanduser()
    if not path.is_file():
        raise AssetError(f"the model {model} is not there; give the path of a .tflite or .task file")
    return path


def _require_size(path: Path, model: str, size: Size) -> None:
    from posekit.runtimes.base import load_model

    found = load_model(path).input_size
    if found != size:
        raise SettingsError(
            f"the model {model} looks at {_by(found)} pixels, not {_by(size)}; leave the input size out"
        )


def _by(size: Size) -> str:
    return f"{size[0]}x{size[1]}"


def _shortly(error: AssetError | EstimatorError) -> str:
    """Return why, without the advice, which stands once at the end."""
    return "; ".join(error.reasons) if isinstance(error, AssetError) and error.reasons else str(error)
