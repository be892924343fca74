"""What pydantic finds wrong, in one clear sentence for each value."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from posekit.errors import nearest_name

if TYPE_CHECKING:
    from pydantic import ValidationError

_KINDS = {
    "float_parsing": "a number",
    "float_type": "a number",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "string_type": "text",
    "tuple_type": "a list",
    "model_type": "a table",
    "dict_type": "a table",
    "finite_number": "a number that is not infinite",
}
"""What pydantic's reasons mean, in a word."""
LONGEST = 120
"""Letters of a wrong value that are shown."""


@dataclass(frozen=True)
class Wrong:
    """One value that cannot be right."""

    path: tuple[str | int, ...]
    """Where it is: the names from the top down."""
    sentence: str
    is_unknown: bool = False
    """Whether it is a name that nobody knows."""


def wrong_values(error: ValidationError, depth: int = 1) -> list[Wrong]:
    """Return what is wrong, once for each value; values lie `depth` names deep, and may be lists."""
    grouped: dict[tuple[str | int, ...], list[Any]] = {}
    for one in error.errors():
        place = one["loc"]
        # A value that may be several things has a reason for each, with the thing behind its name.
        is_element = len(place) > depth and isinstance(place[depth], int)
        grouped.setdefault(place[: depth + 1] if is_element else place[:depth], []).append(one)
    return [
        Wrong(path, _sentence(tried), tried[0]["type"] == "extra_forbidden")
        for path, tried in grouped.items()
    ]


def _sentence(tried: list[Any]) -> str:
    first = tried[0]
    reason = first["msg"].removeprefix("Value error, ")
    words = [_KINDS.get(one["type"]) or str(one.get("ctx", {}).get("expected", "")) for one in tried]
    if all(words):
        reason = f"Input should be {' or '.join(dict.fromkeys(words))}"
    reason = reason[0].lower() + reason[1:] if reason[:5] == "Input" else reason
    value = repr(first["input"])
    value = value if len(value) <= LONGEST else f"{value[:LONGEST]}..."
    found = "" if first["type"] == "value_error" else f" (found {value})"
    nearest = nearest_name(str(first["input"])[:LONGEST], re.findall(r"'(\w+)'", " ".join(map(str, words))))
    hint = f"; did you mean {nearest!r}?" if nearest else ""
    return f"{reason}{found}{hint}"
