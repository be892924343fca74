"""What is done to fetched files before they are used, kept with its proof in the name."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from posekit.assets.cache import cache_folder, discard, new_file, sha256_of
from posekit.assets.verification import verify, verify_movenet
from posekit.errors import AssetError
from posekit.tflite import RECIPE_VERSION, operate, resize
from posekit.tflite.blazepose import pack_blazepose
from posekit.tflite.dequantise import dequantise

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from posekit.assets.registry import Asset


@dataclass(frozen=True)
class Recipe:
    """How a usable file is made of an asset's originals."""

    suffix: str
    """Of the file that is made."""
    make: Callable[[Asset, Sequence[Path]], bytes]
    """Takes the asset and its originals in the registry's order; AssetError when the result is no good."""
    words: str
    """What the user is told meanwhile."""


def _operated_posenet(asset: Asset, originals: Sequence[Path]) -> bytes:
    original = originals[0].read_bytes()
    if asset.input_size is not None:
        original = resize(original, asset.input_size)
    operated = operate(original, "int8")
    verify(original, operated)
    return operated


def _packed_blazepose(_: Asset, originals: Sequence[Path]) -> bytes:
    detector, landmarks = originals
    return pack_blazepose(detector, landmarks)


def _dequantised_movenet(_: Asset, originals: Sequence[Path]) -> bytes:
    original = originals[0].read_bytes()
    dequantised = dequantise(original)
    verify_movenet(original, dequantised)
    return dequantised


RECIPES = {
    "posenet-int8": Recipe(
        ".tflite",
        _operated_posenet,
        "preparing it for this machine's fast arithmetic and comparing it with the original",
    ),
    "movenet-float32": Recipe(
        ".tflite",
        _dequantised_movenet,
        "taking the rounding out of its arithmetic and comparing it with the original",
    ),
    "blazepose-task": Recipe(".task", _packed_blazepose, "packing detector and landmarks"),
}


def find_prepared(asset: Asset) -> Path | None:
    """Return the file a recipe made earlier, None when there is none; a damaged one is removed.

    Its name carries the sha256 of what it was made from, the recipe's version and its own sha256 (each hash
    the first 16 of 64 digits). So name and bytes alone tell that it is whole and of this recipe, with no
    second file that could go out of step: a damaged file has another hash than its name says, an older
    recipe or other weights have another name. It guards against accidents, not against somebody who can
    write here; he could change the program as well.
    """
    for path in sorted(cache_folder().glob(f"{_stem(asset)}.*{_recipe(asset).suffix}")):
        try:
            if path.name == _name(asset, sha256_of(path)):
                return path
        except OSError:
            continue
        discard(path)
    return None


def prepare(asset: Asset, originals: Sequence[Path], report: Callable[[str], None]) -> Path:
    """Make the usable file of an asset and keep it; AssetError when it is refused or cannot be written."""
    recipe = _recipe(asset)
    report(f"{asset.name}: {recipe.words}")
    try:
        data = recipe.make(asset, originals)
    except (OSError, AssetError) as error:
        raise AssetError(f"{asset.name}: {error}") from error
    target = cache_folder() / _name(asset, hashlib.sha256(data).hexdigest())
    with new_file(target) as file:
        file.write(data)
    return target


def _recipe(asset: Asset) -> Recipe:
    if asset.recipe not in RECIPES:
        raise AssetError(f"{asset.name} needs the recipe {asset.recipe!r}, which this posekit does not know")
    return RECIPES[asset.recipe]


def _stem(asset: Asset) -> str:
    sources = hashlib.sha256("".join(file.sha256 for file in asset.files).encode()).hexdigest()
    return f"{asset.name}.{sources[:16]}.r{RECIPE_VERSION}"


def _name(asset: Asset, sha256: str) -> str:
    return f"{_stem(asset)}.{sha256[:16]}{_recipe(asset).suffix}"
