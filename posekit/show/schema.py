"""The JSON schema of a show file, for editors that complete and check TOML."""

from __future__ import annotations

from typing import Any

from posekit.settings import Settings
from posekit.settings_file import SPELLED
from posekit.show.tables import GallerySettings

AS_TEXT = ("camera_size", "input_size", "size", "gestures", "more_displays", "osc", "share", "web_origin")
"""Settings that are read from one line of text too: `641x481`, `wave, clap`."""
AS_NUMBER = ("source", "osc", "osc_in", "web")
"""Settings that are text, and where a number alone, of a camera or a port, says enough."""
ALSO: dict[tuple[str, str], list[dict[str, Any]]] = {
    ("HoursTable", "open"): [{"type": "string"}],
    ("HoursTable", "closed"): [{"type": "string"}],
    ("HoursTable", "extra"): [{"type": "string"}],
    ("StatusTable", "address"): [{"type": "integer"}, {"const": False}],
    ("HeartbeatTable", "osc"): [{"type": "string"}, {"type": "integer"}],
    ("HeartbeatTable", "http"): [{"type": "string"}],
}
"""What else the tables' settings are read from."""


def show_schema() -> dict[str, Any]:
    """Return the schema of a whole show file: settings, as they may be spelt, and tables."""
    settings, gallery = Settings.model_json_schema(), GallerySettings.model_json_schema()
    tables = gallery["$defs"]
    for (table, name), more in ALSO.items():
        _widen(tables[table]["properties"], name, more)
    properties = settings["properties"]
    for name in AS_TEXT:
        _widen(properties, name, [{"type": "string"}])
    for name in AS_NUMBER:
        _widen(properties, name, [{"type": "integer"}])
    spelled = {spelt: meant for spelt, meant in SPELLED.items() if meant in properties}
    spelled |= {name.replace("_", "-"): name for name in properties if "_" in name}
    aliases = {spelt: {"$ref": f"#/properties/{meant}"} for spelt, meant in spelled.items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A show file of posekit",
        **{key: value for key, value in settings.items() if key not in ("title", "description")},
        "$defs": {**settings.get("$defs", {}), **tables},
        "properties": {**properties, **aliases, **gallery["properties"]},
    }


def _widen(properties: dict[str, Any], name: str, more: list[dict[str, Any]]) -> None:
    before = properties[name]
    about = {key: before[key] for key in ("default", "description", "title") if key in before}
    kinds = {key: value for key, value in before.items() if key not in about}
    choices = kinds["anyOf"] if set(kinds) == {"anyOf"} else [kinds]
    properties[name] = {**about, "anyOf": [*choices, *more]}
