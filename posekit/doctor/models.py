"""Which estimator a show would take, whether its files are here and whole, and whether it runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posekit.doctor.finding import SEE_LIBRARIES, Finding, blames_library, ok, trouble, warning
from posekit.errors import AssetError

if TYPE_CHECKING:
    from posekit.assets import Asset
    from posekit.doctor.child import Child
    from posekit.settings import Settings

CHECK = "model"
USUAL = {"posenet": "posenet-481x353", "movenet": "movenet-lightning", "blazepose": "blazepose-full"}
"""What a family takes where nothing else is said; `auto` is PoseNet first."""
INSTEAD = ("blazepose-full", "blazepose-lite", "blazepose-heavy", "blazepose-wheel")
"""What `auto` takes where PoseNet's weights are not here."""


@dataclass(frozen=True)
class Choice:
    """The model that a show would take."""

    family: str
    name: str
    file: Path | None
    """Where it is, its sha256 checked; None when it is not here."""
    damaged: tuple[str, ...] = ()
    """Files of it in the cache that are not what they should be."""
    missing: str = ""
    """What would have been taken, had it been here."""


def choose_model(settings: Settings) -> Choice:
    """Return what a show would take, without fetching anything; raises `PosekitError` where that is nothing.

    What is here as its publisher made it is prepared, as at a start.
    """
    from posekit.assets import find_asset, posenet_of
    from posekit.assets.fetch import damaged_files

    model, family, size = settings.model, settings.estimator, settings.input_size
    if model is not None and (Path(model).suffix in (".tflite", ".task") or Path(model).name != model):
        return _own(Path(model).expanduser(), family)
    is_sized = model is None and isinstance(size, tuple)
    asset = posenet_of(size) if is_sized else find_asset(model or USUAL.get(family, USUAL["posenet"]))  # type: ignore[arg-type]  # `is_sized` says so
    damaged = tuple(path.name for path in damaged_files(asset))
    file = _here(asset)
    if file is None and family in ("auto", "blazepose") and model is None and size is None:
        for other in map(find_asset, INSTEAD):
            found = _here(other)
            if found is not None:
                missing = asset.name if family == "auto" else ""
                return Choice(other.family, other.name, found, damaged, missing)
    return Choice(asset.family, asset.name, file, damaged)


def _own(file: Path, family: str) -> Choice:
    if not file.is_file():
        raise AssetError(f"the model {file} is not there; give the path of a .tflite or .task file")
    return Choice("blazepose" if file.suffix == ".task" else family, str(file), file)


def _here(asset: Asset) -> Path | None:
    from posekit.assets import ensure_asset

    try:
        return ensure_asset(asset, offline=True)
    except AssetError:
        return None


def describe_model(child: Child, in_time: bool) -> list[Finding]:
    """Return what the child found of the model."""
    choice, ran = child.found("choice"), child.found(CHECK)
    if choice is None or (choice["file"] and ran is None):
        if child.doing.startswith("import "):
            return []  # a library stood in the way, and that is told elsewhere
        why = f"takes the process down ({child.reason})" if in_time else "takes too long"
        todo = "another --runtime, or --estimator blazepose"
        return [trouble(CHECK, f"{choice['name'] if choice else 'the model'}: running it {why}", todo)]
    return [judge(choice, ran or {})]


def judge(choice: dict[str, Any], ran: dict[str, Any]) -> Finding:
    """Judge a choice, and what came of running it."""
    if blames_library(choice.get("reason", "") or ran.get("reason", "")):
        return trouble(CHECK, "it cannot be run without a library", SEE_LIBRARIES)
    if choice.get("reason"):
        return trouble(CHECK, choice["reason"], "posekit models list names them all")
    get = f"posekit models get {choice['missing'] or choice['name']}, where there is a network"
    damage = f"; damaged in the cache: {', '.join(choice['damaged'])}" if choice["damaged"] else ""
    if not choice["file"]:
        return warning(
            CHECK, f"{choice['name']} is not here yet{damage}", f"{get}; the first start does it too"
        )
    if ran.get("reason"):
        return trouble(CHECK, f"{choice['name']}: {ran['reason']}", "posekit models list has others")
    found = f"{ran['description']}: {ran['milliseconds']:.0f} ms a picture, sha256 right{damage}"
    if choice["missing"]:
        return warning(CHECK, f"{found}; it sees one person, as {choice['missing']} is not here", get)
    return warning(CHECK, found, get) if damage else ok(CHECK, found)
