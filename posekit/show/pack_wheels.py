"""Wheels of posekit and of everything it needs, made from what is installed here.

So a show is packed with exactly what it was tried with, with or without a network.
"""

from __future__ import annotations

import base64
import hashlib
import re
import sys
import sysconfig
import zipfile
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posekit.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

EXTRAS = ("web", "litert", "video")
"""Of posekit: what of them is whole here comes along."""
NEVER = {"INSTALLER", "REQUESTED", "RECORD", "direct_url.json"}
"""What an installer writes beside a package's own metadata."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_BRACKETS = re.compile(r"\[([^\]]*)\]")
_EXTRA = re.compile(r"extra\s*==\s*['\"]([^'\"]+)['\"]")
_EARLY = (1980, 1, 1, 0, 0, 0)


def needed(modules: Iterable[str] = ()) -> list[metadata.Distribution]:
    """Return posekit, pip, what they need and what brings these modules, as far as it is installed here.

    A requirement for other machines is not installed, and so it is left out without reading its marker.
    """
    brings = metadata.packages_distributions()
    wanted = [("posekit", extra) for extra in ("", *EXTRAS)] + [("pip", "")]
    wanted += [(name, "") for module in modules for name in brings.get(module, ())]
    found: dict[str, metadata.Distribution] = {}
    seen: set[tuple[str, str]] = set()
    while wanted:
        name, extra = wanted.pop()
        if (_plain(name), extra) in seen:
            continue
        seen.add((_plain(name), extra))
        distribution = _installed(name)
        if distribution is None:
            continue
        found[_plain(name)] = distribution
        wanted += _requirements(distribution, extra)
    if "posekit" not in found:
        raise SettingsError("posekit is not installed here as a package; pip install it, or use --no-wheels")
    return [found[name] for name in sorted(found)]


def write_wheel(distribution: metadata.Distribution, folder: Path) -> Path:
    """Make the wheel of an installed package; raises `SettingsError` for one that cannot be made."""
    name, version = distribution.metadata["Name"], distribution.version
    tag = _tag(distribution)
    target = folder / f"{_wheel_name(name)}-{version}-{tag}.whl"
    info = f"{_wheel_name(name)}-{version}.dist-info"
    lines = []
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as wheel:
        for member, path in sorted(_files(distribution, info)):
            data = path.read_bytes()
            if member == f"{info}/METADATA" and _is_own(distribution):
                data = _own_metadata(data)
            lines.append(_record(member, data))
            entry = zipfile.ZipInfo(member, _EARLY)
            entry.external_attr = (0o100755 if path.stat().st_mode & 0o100 else 0o100644) << 16
            wheel.writestr(entry, data, zipfile.ZIP_DEFLATED, compresslevel=1)
        if f"{info}/WHEEL," not in "".join(lines):
            data = f"Wheel-Version: 1.0\nGenerator: posekit\nRoot-Is-Purelib: true\nTag: {tag}\n".encode()
            lines.append(_record(f"{info}/WHEEL", data))
            wheel.writestr(zipfile.ZipInfo(f"{info}/WHEEL", _EARLY), data)
        record = "".join(lines) + f"{info}/RECORD,,\n"
        wheel.writestr(zipfile.ZipInfo(f"{info}/RECORD", _EARLY), record)
    if len(lines) < 3:
        raise SettingsError(f"the package {name} is installed without a list of its files; install it again")
    return target


def _files(distribution: metadata.Distribution, info: str) -> Iterator[tuple[str, Path]]:
    if _is_own(distribution):
        yield from _own_files()
    for file in distribution.files or ():
        parts = file.parts
        is_script = ".." in parts  # those are made anew from the package's entry points
        if is_script or "__pycache__" in parts or file.suffix in (".pyc", ".pth") or file.name in NEVER:
            continue
        path = Path(str(file.locate()))
        in_info = parts[0].endswith(".dist-info")
        if path.is_file() and (in_info or not _is_own(distribution)):
            yield ("/".join((info, *parts[1:])) if in_info else file.as_posix()), path


def _own_files() -> Iterator[tuple[str, Path]]:
    """Return posekit's own files, from where it is imported: installed, or in a checkout."""
    package = Path(__file__).resolve().parents[1]
    for path in package.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            yield f"posekit/{path.relative_to(package).as_posix()}", path
    if (package / "data" / "registry.toml").is_file():
        return
    checkout = package.parent
    yield "posekit/data/registry.toml", checkout / "models" / "registry.toml"
    for path in (checkout / "sketches").rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            yield f"posekit/data/sketches/{path.relative_to(checkout / 'sketches').as_posix()}", path


def _checkout() -> dict[str, Any]:
    """Return what `pyproject.toml` says of posekit, where it runs from a checkout; else nothing."""
    path = Path(__file__).resolve().parents[2] / "pyproject.toml"
    project: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))["project"] if path.is_file() else {}
    return project if project.get("name") == "posekit" else {}


def _own_requires() -> list[str]:
    project = _checkout()
    lines = list(project.get("dependencies", ()))
    for extra, more in project.get("optional-dependencies", {}).items():
        for line in more:
            words, _, marker = line.partition(";")
            condition = f"({marker.strip()}) and extra == '{extra}'" if marker else f"extra == '{extra}'"
            lines.append(f"{words.strip()}; {condition}")
    return lines


def _own_metadata(data: bytes) -> bytes:
    """Return the metadata of a checkout as it is now; an editable installation keeps its first ones."""
    if not _checkout():
        return data
    head, separator, body = data.decode().partition("\n\n")
    kept = [line for line in head.split("\n") if not line.startswith(("Requires-Dist:", "Provides-Extra:"))]
    extras = [f"Provides-Extra: {extra}" for extra in _checkout().get("optional-dependencies", {})]
    requires = [f"Requires-Dist: {line}" for line in _own_requires()]
    return ("\n".join([*kept, *extras, *requires]) + separator + body).encode()


def _requirements(distribution: metadata.Distribution, extra: str) -> Iterator[tuple[str, str]]:
    own = _own_requires() if _is_own(distribution) else None
    for line in own or distribution.requires or ():
        words, _, marker = line.partition(";")
        extras = _EXTRA.findall(marker)
        name = _NAME.match(words.strip())
        if name is None or (extras and extra not in extras) or (extra and not extras):
            continue
        yield name[0], ""
        brackets = _BRACKETS.search(words)
        for more in brackets[1].split(",") if brackets else ():
            yield name[0], more.strip()


def _installed(name: str) -> metadata.Distribution | None:
    try:
        return metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return None


def _tag(distribution: metadata.Distribution) -> str:
    """Return what a wheel says it is for; what is compiled is for this Python here, whatever it once said."""
    tags = re.findall(r"^Tag: *(\S+)", distribution.read_text("WHEEL") or "", re.MULTILINE)
    if _is_own(distribution) or (tags and all(tag.endswith("-none-any") for tag in tags)):
        return "py3-none-any"
    platform = re.sub(r"[.-]", "_", sysconfig.get_platform())
    return f"cp{sys.version_info[0]}{sys.version_info[1]}-none-{platform}"


def _is_own(distribution: metadata.Distribution) -> bool:
    return _plain(distribution.metadata["Name"]) == "posekit"


def _record(member: str, data: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    quoted = f'"{member}"' if "," in member else member
    return f"{quoted},sha256={digest},{len(data)}\n"


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _wheel_name(name: str) -> str:
    return re.sub(r"[-_.]+", "_", name)
