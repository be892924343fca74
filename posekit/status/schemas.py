"""What goes over the API, as JSON schemas: of what is answered, and of what is to be sent."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, get_args

from posekit.show.state import TROUBLES, Part, PartState, Phase, ShowState, Trouble
from posekit.zones import FARTHEST, NEAREST, WHATS

Schema = dict[str, Any]

MOST_ZONES = 64
MOST_POINTS = 200
LONGEST_IGNORE = 8000
"""Letters of `ignore`."""
LONGEST_VALUE = 200
"""Letters of a text that is asked for."""
TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "number"}
WHOLE: Schema = {"type": "integer"}
YES_OR_NO: Schema = {"type": "boolean"}
ANYTHING: Schema = {"type": "object", "additionalProperties": True}


def a_table(needed: dict[str, Schema], optional: dict[str, Schema] | None = None) -> Schema:
    """Return the schema of a table with these entries, and no others."""
    return {
        "type": "object",
        "properties": {**needed, **(optional or {})},
        "required": list(needed),
        "additionalProperties": False,
    }


def a_list(of: Schema, most: int | None = None) -> Schema:
    """Return the schema of a list."""
    return {"type": "array", "items": of, **({"maxItems": most} if most else {})}


def or_null(schema: Schema) -> Schema:
    """Return the schema of something that may be missing."""
    return {"anyOf": [schema, {"type": "null"}]}


_TYPES = {"str": TEXT, "int": WHOLE, "float": NUMBER, "bool": YES_OR_NO, "dict[str, Any]": ANYTHING}
_SPECIAL: dict[str, Schema] = {
    "PartState": {"enum": list(get_args(PartState))},
    "Phase": {"enum": list(get_args(Phase))},
    "Severity": {"enum": ["notice", "fault"]},
    "float | None": or_null(NUMBER),
    "int | None": or_null(WHOLE),
}


def _of_class(cls: type[Part] | type[Trouble] | type[ShowState]) -> Schema:
    """Return the schema of a value's class, from its fields, so that it follows them."""
    entries: dict[str, Schema] = {}
    for one in fields(cls):
        kind = str(one.type)
        if kind.startswith("tuple[Part"):
            entries[one.name] = a_list(_of_class(Part))
        elif kind.startswith("tuple[Trouble"):
            entries[one.name] = a_list(_of_class(Trouble))
        else:
            entries[one.name] = _SPECIAL.get(kind) or _TYPES.get(kind) or TEXT
    return a_table(entries)


ERROR = a_table({"error": TEXT})
DONE = a_table({"done": YES_OR_NO})
ASKED = a_table({"asked": TEXT})
NOTHING = a_table({})
LOGIN = a_table({"token": {"type": "string", "minLength": 1, "maxLength": 1000}})
HEALTH = a_table(
    {
        "healthy": YES_OR_NO,
        "troubles": a_list(a_table({"name": {"enum": [*TROUBLES, "supervisor_stuck"]}, "means": TEXT})),
    }
)
STATE = _of_class(ShowState)
STATE = a_table(
    {
        **STATE["properties"],
        "healthy": YES_OR_NO,
        "preview": YES_OR_NO,
        "has_records": YES_OR_NO,
        "needs_token": YES_OR_NO,
    }
)
"""The state, and what the page has to know besides: whether there are pictures, and counts."""
DAYS = a_list({"type": "object", "properties": {"day": TEXT, "visits": WHOLE}, "required": ["day", "visits"]})
COUNTS = a_table(
    {
        "day": TEXT,
        "today": {"type": "object", "properties": {"visits": WHOLE}, "required": ["visits"]},
        "hours": a_list(
            {
                "type": "object",
                "properties": {"hour": TEXT, "visits": WHOLE},
                "required": ["hour", "visits"],
            }
        ),
        "dwell": a_list(
            {
                "type": "object",
                "properties": {"from": NUMBER, "to": or_null(NUMBER), "visits": WHOLE},
                "required": ["from", "to", "visits"],
            }
        ),
        "days": DAYS,
    }
)
LOG = a_table(
    {
        "lines": a_list(
            {
                "type": "object",
                "properties": {"time": TEXT, "name": TEXT, "severity": TEXT, "sentence": TEXT},
                "required": ["time", "name", "severity", "sentence"],
            }
        )
    }
)
VALUE = a_table({"value": {"anyOf": [YES_OR_NO, NUMBER, {"type": "string", "maxLength": LONGEST_VALUE}]}})
PARAMETERS = a_table(
    {
        "parameters": a_list(
            {"type": "object", "properties": {"name": TEXT, "value": {}}, "required": ["name", "value"]}
        )
    }
)
PRESETS = a_table(
    {
        "presets": a_list(
            {"type": "object", "properties": {"number": WHOLE, "name": TEXT}, "required": ["number"]}
        )
    }
)
_COORDINATE: Schema = {"type": "number", "minimum": NEAREST, "maximum": FARTHEST}
_POINT: Schema = {"type": "array", "items": _COORDINATE, "minItems": 2, "maxItems": 2}
ZONE = a_table(
    {
        "name": {"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_]{0,31}$"},
        "points": {"type": "array", "items": _POINT, "minItems": 3, "maxItems": MOST_POINTS},
    },
    {"what": {"enum": list(WHATS)}, "dwell": {"type": "number", "minimum": 0, "maximum": 86400}},
)
VERSION: Schema = {
    "type": "string",
    "maxLength": 64,
    "description": "as it was read; another one since is a conflict",
}
ZONES = a_table({"zones": a_list({**ZONE, "additionalProperties": True}), "version": TEXT})
NEW_ZONES = a_table({"zones": a_list(ZONE, MOST_ZONES)}, {"version": VERSION})
KEPT: Schema = {
    "type": "boolean",
    "description": "whether what is set here counts at the next start too; false where a hand wrote it",
}
IGNORE = a_table({"ignore": or_null(TEXT), "shapes": a_list(a_list(_POINT)), "version": TEXT, "kept": KEPT})
NEW_IGNORE = a_table(
    {
        "ignore": or_null(
            {
                "type": "string",
                "maxLength": LONGEST_IGNORE,
                "description": "x,y,width,height or three or more points x,y; several by ;",
            }
        )
    },
    {"version": VERSION},
)
ACTIONS = a_table({"actions": a_list(a_table({"name": TEXT, "description": TEXT, "takes": a_list(TEXT)}))})
ACTION = a_table({}, {"value": {"description": "what the action takes, if it takes anything"}})
