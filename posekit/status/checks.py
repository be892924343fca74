"""Checks a plain value against the few words of JSON Schema that the API's own schemas use."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "null": (type(None),),
}
_WORDS = {
    "object": "a table",
    "array": "a list",
    "string": "a text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "null",
}


def fault_of(value: object, schema: Mapping[str, Any], where: str = "it") -> str | None:
    """Return in a sentence what is wrong with a value, or None."""
    if "anyOf" in schema:
        faults = [fault_of(value, one, where) for one in schema["anyOf"]]
        return None if None in faults else next(fault for fault in faults if fault)
    if "enum" in schema and value not in schema["enum"]:
        return f"{where} is one of {', '.join(map(str, schema['enum']))}; found {_spell(value)}"
    kind = schema.get("type")
    if kind is not None and not _is(value, kind):
        return f"{where} is {_WORDS[kind]}; found {_spell(value)}"
    if isinstance(value, dict):
        return _fault_of_table(value, schema, where)
    if isinstance(value, list):
        return _fault_of_list(value, schema, where)
    if isinstance(value, str):
        return _fault_of_text(value, schema, where)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        low, high = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
        if not low <= value <= high or not abs(value) < 1e300:
            return f"{where} is from {low} to {high}; found {_spell(value)}"
    return None


def _fault_of_table(value: dict[str, Any], schema: Mapping[str, Any], where: str) -> str | None:
    known = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            return f"{where} has no {name}"
    for name, one in value.items():
        if name in known:
            fault = fault_of(one, known[name], name if where == "it" else f"{name} of {where}")
            if fault:
                return fault
        elif schema.get("additionalProperties") is False:
            return f"{where} has {_spell(name)}, which nobody knows"
    return None


def _fault_of_list(value: list[Any], schema: Mapping[str, Any], where: str) -> str | None:
    least, most = schema.get("minItems", 0), schema.get("maxItems", math.inf)
    if not least <= len(value) <= most:
        bound = f"{least} or more" if len(value) < least else f"{most} at most"
        return f"{where} has {len(value)} entries; {bound} are meant"
    if "items" in schema:
        for number, one in enumerate(value, start=1):
            fault = fault_of(one, schema["items"], f"{where}, number {number}")
            if fault:
                return fault
    return None


def _fault_of_text(value: str, schema: Mapping[str, Any], where: str) -> str | None:
    if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", math.inf):
        return f"{where} is too {'short' if len(value) < schema.get('minLength', 0) else 'long'}"
    if "pattern" in schema and not re.fullmatch(schema["pattern"].strip("^$"), value, re.ASCII):
        return f"{where} cannot be {_spell(value)}"
    return None


def _is(value: object, kind: str) -> bool:
    if kind == "integer" and isinstance(value, float):
        return value.is_integer()
    if isinstance(value, bool) and kind != "boolean":
        return False
    return isinstance(value, _TYPES[kind])


def _spell(value: object) -> str:
    return ascii(value)[:60]
