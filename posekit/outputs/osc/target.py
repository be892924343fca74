"""Where a stream of OSC goes and in which form: `HOST:PORT[:DIALECT][,key=value...]`."""

from __future__ import annotations

import fnmatch
import math
import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Literal, get_args

from posekit.errors import SettingsError, UnknownNameError
from posekit.outputs.osc.dialect import one_of
from posekit.outputs.osc.dialects import DIALECTS, find_dialect
from posekit.outputs.osc.encode import BUNDLE_LIMIT
from posekit.skeleton import COCO_17

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Layout = Literal["split", "packed"]
Origin = Literal["top-left", "bottom-left", "centred"]
LeaveRule = Literal["zero", "hold"]

DEFAULT_DIALECT = "posekit"
MOST_SLOTS = 32
HIGHEST_RATE = 1000.0
FORM = "HOST:PORT[:DIALECT][,key=value...], as in 127.0.0.1:7000 or 192.168.0.5:9000,layout=packed,slots=2"


@dataclass(frozen=True)
class Target:
    """One receiver, and how it wants its poses. `str(target)` is text that `parse_target` reads back."""

    host: str
    """A host name, an IPv4 address, or an IPv6 address without brackets; broadcast and multicast too."""
    port: int
    dialect: str = DEFAULT_DIALECT
    """Name of the OSC vocabulary; one of `DIALECTS`."""
    layout: Layout = "split"
    """`split`: one number per address; `packed`: x, y and score of a keypoint in one message."""
    origin: Origin = "top-left"
    """`top-left` and `bottom-left` run from 0 to 1 in both axes; `centred` is in image heights, y up."""
    mirror: bool = False
    """Whether left and right of the picture are exchanged; names of keypoints never are."""
    slots: int = 6
    """How many people have channels, 1 to 32; any more are only counted."""
    rate: float | None = None
    """The most scenes per second, or None for all of them. Events are never held back."""
    only: tuple[str, ...] = ("*",)
    """Patterns of keypoint names, as in a shell; a keypoint is sent when one of them fits."""
    prefix: str = ""
    """What stands before every address, as in `/cam2`."""
    leave: LeaveRule = "zero"
    """What a slot's channels do when its person leaves: go to 0, or hold while only `active` goes to 0."""
    options: tuple[tuple[str, str], ...] = ()
    """Keys that only this dialect has, with their values, sorted."""

    def option(self, key: str, default: str) -> str:
        """Return the value of one of the dialect's own keys."""
        return dict(self.options).get(key, default)

    @property
    def where(self) -> str:
        """`HOST:PORT`, with brackets around an IPv6 address."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def keypoints(self) -> tuple[int, ...]:
        """Indices of the keypoints that `only` chooses, in skeleton order."""
        names = enumerate(COCO_17.keypoints)
        return tuple(at for at, name in names if any(fnmatch.fnmatchcase(name, part) for part in self.only))

    @property
    def keypoint_names(self) -> tuple[str, ...]:
        """Names of the keypoints that `only` chooses, in skeleton order."""
        return tuple(COCO_17.keypoints[at] for at in self.keypoints)

    def __str__(self) -> str:
        usual = {**_DEFAULTS, **_read_keys(self.dialect, DIALECTS[self.dialect].defaults)[0]}
        shared = [(key, getattr(self, key)) for key in KEYS if getattr(self, key) != usual[key]]
        return f"{self.where}:{self.dialect}" + "".join(
            f",{key}={_as_text(value)}" for key, value in (*shared, *self.options)
        )


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return f"{value:g}" if float(f"{value:g}") == value else repr(value)
    return "+".join(value) if isinstance(value, tuple) else str(value)


def parse_target(text: str, defaults: Mapping[str, str] | None = None) -> Target:
    """Read a target; `defaults` are keys that hold unless the text says otherwise, such as a preset.

    A default `dialect` is that of a text which names none; the other defaults hold for that dialect, and
    `slots` for every one. Just a port means this machine. Raises `SettingsError`, or `UnknownNameError` with
    the nearest name.
    """
    suited = dict(defaults or {})
    usual = suited.pop("dialect", DEFAULT_DIALECT)
    where, *pairs = (part.strip() for part in text.strip().split(","))
    host, port, named = _parse_where(where, text)
    name = named or usual
    dialect = find_dialect(name)
    given: dict[str, str] = {}
    for pair in pairs:
        key, equals, value = (part.strip() for part in pair.partition("="))
        if not equals:
            raise SettingsError(f"target {text!r}: {pair!r} has no =; a target is {FORM}")
        if key in given:
            raise SettingsError(f"target {text!r}: {key} is given twice; keep one of them")
        _check_key(name, key)
        given[key] = value
    known = {*dialect.keys, *dialect.options}
    held = {key: value for key, value in suited.items() if (name == usual and key in known) or key == "slots"}
    values, options = _read_keys(name, {**held, **dialect.defaults, **given})
    target = Target(host, port, name, **values, options=options)
    _check_room(target)
    return target


def _check_key(dialect: str, key: str) -> None:
    """Refuse a key that the dialect does not have."""
    known = (*DIALECTS[dialect].keys, *DIALECTS[dialect].options)
    if key in known:
        return
    owners = [name for name, other in DIALECTS.items() if key in (*other.keys, *other.options)]
    if owners:
        raise SettingsError(
            f"the dialect {dialect} has no key {key}, which is for {', '.join(owners)}; "
            f"its keys are {', '.join(known)}"
        )
    raise UnknownNameError("target key", key, known)


def _read_keys(dialect: str, texts: Mapping[str, str]) -> tuple[dict[str, Any], tuple[tuple[str, str], ...]]:
    """Return the values of keys that several dialects have, and of those that only this one has."""
    options = DIALECTS[dialect].options
    shared = {key: KEYS[key](key, text) for key, text in texts.items() if key not in options}
    own = sorted((key, options[key](key, text)) for key, text in texts.items() if key in options)
    return shared, tuple(own)


def _parse_where(where: str, text: str) -> tuple[str, int, str]:
    bracketed = re.fullmatch(r"\[([^\[\]]+)\](.*)", where)
    if bracketed:
        host, rest = bracketed[1], bracketed[2]
        parts = [host, *rest.split(":")[1:]] if rest.startswith(":") else [host]
    else:
        parts = where.split(":")
        if len(parts) > 3:
            raise SettingsError(f"target {text!r}: write an IPv6 address in brackets, as in [::1]:7000")
        if _is_number(parts[0]) and not (len(parts) > 1 and _is_number(parts[1])):
            parts = ["127.0.0.1", *parts]
    if len(parts) not in (2, 3) or not all(parts) or not re.fullmatch(r"[^\s/=@]+", parts[0]):
        raise SettingsError(f"{text!r} is not a target; write {FORM}, or just a port")
    if not _is_number(parts[1]) or not 1 <= int(parts[1]) <= 65535:
        raise SettingsError(f"target {text!r}: {parts[1]!r} is not a port; choose a number from 1 to 65535")
    return parts[0], int(parts[1]), parts[2] if len(parts) == 3 else ""


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def _switch(key: str, value: str) -> bool:
    if value not in ("on", "off"):
        raise SettingsError(f"{key} of a target is on or off; found {value!r}")
    return value == "on"


def _slots(key: str, value: str) -> int:
    if not _is_number(value) or not 1 <= int(value) <= MOST_SLOTS:
        raise SettingsError(f"{key} of a target is a whole number from 1 to {MOST_SLOTS}; found {value!r}")
    return int(value)


def _rate(key: str, value: str) -> float:
    try:
        rate = float(value)
    except ValueError:
        rate = math.nan
    if not 0.0 < rate <= HIGHEST_RATE:
        raise SettingsError(
            f"{key} of a target is scenes per second, above 0 and up to {HIGHEST_RATE:g}; found {value!r}"
        )
    return rate


def _only(key: str, value: str) -> tuple[str, ...]:
    patterns = tuple(part.strip() for part in value.split("+"))
    for pattern in patterns:
        if not fnmatch.filter(COCO_17.keypoints, pattern):
            raise UnknownNameError(f"keypoint in {key} of a target", pattern, COCO_17.keypoints)
    return patterns


def _prefix(key: str, value: str) -> str:
    if value in ("", "/"):
        return ""
    if not re.fullmatch(r"(/[A-Za-z0-9_.:+-]+)+/?", value):
        raise SettingsError(
            f"{key} of a target starts with / and has letters, digits and _.:+- after it, as in /cam2; "
            f"found {value!r}"
        )
    return value.rstrip("/")


KEYS: dict[str, Callable[[str, str], Any]] = {
    "layout": one_of(*get_args(Layout)),
    "origin": one_of(*get_args(Origin)),
    "mirror": _switch,
    "slots": _slots,
    "rate": _rate,
    "only": _only,
    "prefix": _prefix,
    "leave": one_of(*get_args(LeaveRule)),
}
"""Every key of a target, and how its text is read."""
_DEFAULTS = {field.name: field.default for field in fields(Target)}
DEFAULT_TARGET = Target("127.0.0.1", 7000)


def _check_room(target: Target) -> None:
    """Refuse a target whose every bundle would be full before it says anything."""
    needed = DIALECTS[target.dialect].least_bytes(target)
    if needed > BUNDLE_LIMIT:
        raise SettingsError(
            f"target {target}: {target.slots} slots with this prefix need bundles of {needed} bytes, and "
            f"{BUNDLE_LIMIT} is the most a network carries whole; choose a shorter prefix or fewer slots"
        )
