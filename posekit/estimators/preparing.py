"""Which family with which model file: from what the user said, or from what can be had."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from posekit.errors import AssetError, EstimatorError, SettingsError
from posekit.estimators.options import WITH_MASK

if TYPE_CHECKING:
    from collections.abc import Callable

    from posekit.assets import Progress
    from posekit.errors import PosekitError
    from posekit.estimators.options import EstimatorOptions
    from posekit.geometry import Size

    Report = Callable[[str], None]

POSENET_SIZE: Size = (481, 353)
"""The default: in MediaPipe, which every installation has, it leaves a laptop of two cores half of each
frame's time; 641 x 481 finds more in twice the time (`bench/README.md`)."""
SCAN_SIZE = POSENET_SIZE
"""What MoveNet's newcomers are looked for in."""
MOVENET = "movenet-lightning"
BLAZEPOSE_BUNDLES = ("blazepose-full", "blazepose-lite", "blazepose-heavy")
"""Official bundles, taken in this order where one is here already."""
BLAZEPOSE_ANYWHERE = "blazepose-wheel"
GET_POSENET = "posekit models get posenet-481x353"
WORDS = {word: f"blazepose-{word}" for word in ("lite", "full", "heavy")}
"""What MediaPipe calls its models, for `--model`."""


def model_threads(options: EstimatorOptions) -> int:
    """Return how many threads a model is to have."""
    from posekit.runtimes import usual_threads

    return options.threads or usual_threads(options.spare_cores)


def scanner_model() -> Path:
    """Return the PoseNet that looks for MoveNet's newcomers, if it is here; AssetError when it is not."""
    from posekit.assets import ensure_asset, posenet_of

    return ensure_asset(posenet_of(SCAN_SIZE), offline=True)


@dataclass(frozen=True)
class Preparation:
    """One decision which family and which model file to take."""

    options: EstimatorOptions
    report: Report
    progress: Progress | None

    def decide(self) -> EstimatorOptions:
        """Return the options with family, model file, silhouettes and focus decided; the files are there."""
        return self._with_focus(self._with_mask(self._decided()))

    def _with_mask(self, chosen: EstimatorOptions) -> EstimatorOptions:
        if not chosen.mask or chosen.name in WITH_MASK:
            return chosen
        self.report(
            f"no silhouettes: {' or '.join(WITH_MASK)} alone gives them, and {chosen.name} looks here; "
            f"for them leave the estimator out, or choose {WITH_MASK[0]}"
        )
        return replace(chosen, mask=False)

    def _with_focus(self, chosen: EstimatorOptions) -> EstimatorOptions:
        """Return the options with `on`, `people` or `off`, saying so where it is not what was asked for."""
        wanted, reason = chosen.focus, _without_focus(chosen)
        if wanted == "auto":
            return replace(chosen, focus="on" if reason is None and chosen.name == "posenet" else "off")
        if wanted != "off" and reason is not None:
            self.report(f"no focus: {reason}")
            return replace(chosen, focus="off")
        if wanted == "people" and chosen.name == "blazepose":
            self.report("focus: on, not people, because BlazePose follows one body at a time")
            return replace(chosen, focus="on")
        return chosen

    def _decided(self) -> EstimatorOptions:
        family = self.options.name if self.options.name != "auto" else self._family_implied()
        if family == "posenet":
            return self._posenet()
        if family == "movenet":
            return self._movenet()
        if family == "blazepose":
            return self._with("blazepose", self._blazepose_model())
        if self.options.mask:
            return self._silhouettes()
        try:
            chosen = self._posenet()
        except AssetError as no_posenet:
            return self._with("blazepose", self._blazepose_model_instead(no_posenet))
        # Nobody who leaves the family open has asked for a size.
        self.report(f"estimator: PoseNet {_by(POSENET_SIZE)}, because its weights are here")
        return chosen

    def _silhouettes(self) -> EstimatorOptions:
        """Take who gives silhouettes, where nobody was asked for; else say why, and go on without them."""
        try:
            chosen = self._with("blazepose", self._blazepose_model())
        except (AssetError, EstimatorError, SettingsError) as error:
            self.report(
                f"no silhouettes: BlazePose, which alone gives them, cannot be had: {_shortly(error)}"
            )
            return replace(self, options=replace(self.options, mask=False))._decided()
        self.report("estimator: BlazePose, which sees one person, because it alone gives silhouettes")
        return chosen

    def _family_implied(self) -> str | None:
        """Return the family that a model or an input size implies, None when anything will do."""
        model = self.options.model
        if model is None:
            return "posenet" if self.options.input_size else None
        if _is_path(model):
            if model.endswith(".task"):
                return "blazepose"
            from posekit.estimators.own_model import family_of

            return family_of(_own_file(model))
        from posekit.assets import find_asset

        return find_asset(WORDS.get(model, model)).family

    def _with(self, family: str, model: Path) -> EstimatorOptions:
        return replace(self.options, name=family, model=str(model))

    def _posenet(self) -> EstimatorOptions:
        self._require_threads("PoseNet")
        model, size = self.options.model, self.options.input_size
        if size == "auto":
            if model is not None:
                raise SettingsError(f"the model {model} has its size; leave the model or the input size out")
            size = self._auto_size()
        if model is None:
            path = self._ensure_posenet(size or POSENET_SIZE)
        else:
            path = self._chosen_model(model, "posenet")
            if size is not None:
                _require_size(path, model, size)
        return replace(self.options, name="posenet", model=str(path), input_size=size)

    def _movenet(self) -> EstimatorOptions:
        if self.options.input_size is not None:
            raise SettingsError("MoveNet looks at regions of one size; leave the input size out")
        self._require_threads("MoveNet")
        path = self._chosen_model(self.options.model or MOVENET, "movenet")
        chosen = self._with("movenet", path)
        if self.options.single:
            return chosen
        try:
            self._ensure_posenet(SCAN_SIZE)
        except AssetError as no_posenet:
            self.report(
                "estimator: MoveNet follows one person, because PoseNet, which finds the others, cannot be "
                f"had ({no_posenet.reasons[-1] if no_posenet.reasons else no_posenet}); where there is a "
                f"network, run `{GET_POSENET}`"
            )
            return replace(chosen, single=True)
        return chosen

    def _chosen_model(self, model: str, family: str) -> Path:
        """Return the file of a model of this family: a registered one, or a file of the user's own."""
        if not _is_path(model):
            return self._ensure(model, family)
        from posekit.estimators.own_model import require_family

        path = _own_file(model)
        require_family(path, family)
        return path

    def _ensure_posenet(self, size: Size) -> Path:
        from posekit.assets import posenet_of
        from posekit.assets.fetch import ensure_asset

        return ensure_asset(posenet_of(size), report=self.report, progress=self.progress)

    def _auto_size(self) -> Size:
        from posekit.estimators.auto_size import find_auto_size, memory_file
        from posekit.runtimes import chosen_runtime

        rate, runtime = self.options.target_rate, chosen_runtime(self.options.runtime)
        model = self._ensure_posenet(POSENET_SIZE)
        found = find_auto_size(model, rate, runtime, model_threads(self.options))
        what = "the largest that holds" if found.holds else "the smallest, and still too slow for"
        self.report(
            f"input size: {_by(found.size)}, {what} {rate:g} frames per second in {runtime} "
            f"({found.milliseconds:.1f} ms a run; to measure again, delete {memory_file()})"
        )
        return found.size

    def _require_threads(self, title: str) -> None:
        from posekit.runtimes import chosen_runtime

        threads = self.options.threads or 1
        if threads > 1 and chosen_runtime(self.options.runtime) == "mediapipe":
            raise SettingsError(
                f"MediaPipe runs {title} on one thread, not on {threads}; leave the threads out, or take the "
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
        if model is not None and _is_path(model):
            from posekit.tflite.blazepose import check_bundle

            bundle = _own_file(model)
            check_bundle(bundle)
            return bundle
        if model is not None and model != "full":
            return self._ensure(WORDS.get(model, model), "blazepose")
        bundles = BLAZEPOSE_BUNDLES if model is None else BLAZEPOSE_BUNDLES[:1]
        here = (path for name in bundles if (path := available(name)))
        # The wheel's is the full one, and an index is what more machines reach than MediaPipe's own server.
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


def _without_focus(options: EstimatorOptions) -> str | None:
    """Return why nobody can be looked at closer; None when people can."""
    if options.still:
        return "single pictures are looked at whole"
    if options.name == "movenet":
        return "MoveNet looks closely at everybody by itself"
    if options.single:
        return "--single finds a body wherever it looks, so it has to look at the whole picture"
    if options.mask:
        return "silhouettes are of the whole picture"
    return None


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


def _shortly(error: PosekitError) -> str:
    """Return why, without the advice, which stands once at the end."""
    return "; ".join(error.reasons) if isinstance(error, AssetError) and error.reasons else str(error)
