"""Values that come over the API, looked at more closely than a schema can, and values as it tells them."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import TYPE_CHECKING, Any

from posekit.errors import SettingsError
from posekit.show.actions import ACTIONS
from posekit.status import schemas
from posekit.status.answers import ProblemError, write_json
from posekit.status.checks import fault_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from posekit.status.asking import Ask
    from posekit.status.needs import Picture


def version_of(value: object) -> str:
    """Return a short mark of what somebody read, by which a change since then is seen."""
    return hashlib.sha256(write_json(value).encode()).hexdigest()[:16]


def check_version(ask: Ask, version: str) -> None:
    """Raise `ProblemError` where somebody changes what he read before others changed it."""
    if ask.body.get("version", version) != version:
        raise ProblemError(409, "somebody else has changed this meanwhile; load it again")


def check_size(name: str, value: object) -> None:
    """Hold what is asked through the one door for everything to the bounds of its own door."""
    if isinstance(value, str) and len(value) > schemas.LONGEST_IGNORE:
        raise ProblemError(422, f"{name}: the text is too long")
    bounds = {
        "zones": schemas.NEW_ZONES["properties"]["zones"],
        "parameter": schemas.a_table({"name": schemas.TEXT, "value": schemas.VALUE["properties"]["value"]}),
    }
    fault = fault_of(value, bounds[name], name) if name in bounds else None
    if fault:
        raise ProblemError(422, fault)
    if name == "zones":
        from posekit.zones import zones_from_tables

        zones_from_tables(value, "the page")
    if name == "ignore" and isinstance(value, str):
        from posekit.tracking.options import parse_ignore

        parse_ignore(value)


def read_day(text: str) -> date:
    """Return the day that a text means; raises `ProblemError` for none."""
    try:
        if len(text) != len("2026-03-01"):
            raise ValueError(text)
        return date.fromisoformat(text)
    except ValueError:
        raise ProblemError(400, f"day is written as in 2026-03-01; found {text[:20]!a}") from None


def is_alike(value: object, before: object) -> bool:
    """Whether a value can take the place of the one before."""
    if isinstance(before, bool) or isinstance(value, bool):
        return isinstance(before, bool) and isinstance(value, bool)
    if isinstance(before, (int, float)):
        return isinstance(value, (int, float))
    return isinstance(value, str)


def shapes_of(text: str | None) -> Sequence[Any]:
    """Return the setting `ignore` as polygons."""
    from posekit.tracking.options import parse_ignore

    try:
        return parse_ignore(text or "")
    except SettingsError:
        return ()


def describe_action(name: str) -> dict[str, Any]:
    """Return what can be asked for, with the types of its value."""
    kind = ACTIONS[name]
    takes = kind.takes if isinstance(kind.takes, tuple) else (kind.takes,) if kind.takes else ()
    words = {bool: "boolean", int: "integer", str: "string", list: "array", dict: "object"}
    return {
        "name": name,
        "description": kind.description,
        "takes": [words.get(one, "null") for one in takes],
    }


def encode_preview(preview: Callable[[], Picture | None] | None) -> bytes | None:
    """Return the newest picture as a JPEG; None when there is none."""
    from posekit.outputs.web.projector import encode

    picture = preview() if preview is not None else None
    return None if picture is None else encode(picture)
