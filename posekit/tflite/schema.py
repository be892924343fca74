"""Where the TFLite schema comes from: the generated module that MediaPipe or LiteRT ships."""

from __future__ import annotations

import functools
import importlib.util
import sys
from pathlib import Path
from typing import Any

from posekit.errors import AssetError

_MODEL_SCHEMAS = (
    ("mediapipe", "tasks/metadata/schema_py_generated.py"),
    ("ai_edge_litert", "schema_py_generated.py"),
)
_METADATA_SCHEMAS = (("mediapipe", "tasks/metadata/metadata_schema_py_generated.py"),)


@functools.cache
def model_schema() -> Any:
    """Return the generated module for TFLite model files (`ModelT`, `TensorT`, ...).

    Raises AssetError when neither MediaPipe nor LiteRT is installed.
    """
    return _load("posekit_tflite_model_schema", _MODEL_SCHEMAS)


@functools.cache
def metadata_schema() -> Any:
    """Return the generated module for TFLite metadata (`ModelMetadataT`, ...).

    Raises AssetError when MediaPipe, the only package that ships it, is not installed.
    """
    return _load("posekit_tflite_metadata_schema", _METADATA_SCHEMAS)


def _load(name: str, places: tuple[tuple[str, str], ...]) -> Any:
    for package, inside in places:
        spec = importlib.util.find_spec(package)
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            file = Path(folder) / inside
            if file.is_file():
                return _load_file(name, file)
    packages = " or ".join(package for package, _ in places)
    raise AssetError(f"model files cannot be read: {packages} is missing; pip install 'posekit[litert]'")


def _load_file(name: str, file: Path) -> Any:
    # By path, not by name: importing the package would start all of MediaPipe, 0.2 s for a table.
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
