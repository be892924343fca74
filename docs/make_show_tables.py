"""Writes the tables of settings in docs/show-file.md from the models.

python docs/make_show_tables.py
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from posekit.settings import Settings
from posekit.show.changes import PLACES, Place
from posekit.show.tables import GallerySettings

PAGE = Path(__file__).parent / "show-file.md"
COUNTS: dict[Place, str] = {
    "live": "at once",
    "zones": "at once",
    "estimator": "at once",
    "engine": "new engine",
    "window": "new window",
    "supervisor": "new start",
}


def gallery_table(table: str) -> str:
    """Return the rows of one table of the show file."""
    fields = type(getattr(GallerySettings(), table)).model_fields
    return table_of(
        [row(name, field.default, field.description, f"{table}.{name}") for name, field in fields.items()]
    )


def settings_table() -> str:
    """Return the rows of the settings that the command line has too."""
    fields = Settings.model_fields.items()
    return table_of(
        [row(name.replace("_", "-"), field.default, field.description, name) for name, field in fields]
    )


def row(name: str, default: object, description: str | None, place: str) -> str:
    """Return one setting's row."""
    return f"| `{name}` | `{spell(default)}` | {cell(description)} | {COUNTS[PLACES[place]]} |"


def table_of(rows: list[str]) -> str:
    """Return rows with their head."""
    return "\n".join(["| setting | default | what it means | counts |", "|---|---|---|---|", *rows])


def spell(value: object) -> str:
    """Return a default as it would be written in the file."""
    if isinstance(value, tuple) and len(value) == 2 and all(isinstance(side, int) for side in value):
        return f'"{value[0]}x{value[1]}"'
    return "(none)" if value is None else json.dumps(value)


def cell(text: str | None) -> str:
    """Return a text that a cell of a table can hold."""
    return (text or "").replace("|", "\\|")


def rewritten(page: str) -> str:
    """Return the page with all its tables as the models have them."""

    def table(found: re.Match[str]) -> str:
        rows = settings_table() if found[1] == "settings" else gallery_table(found[1])
        return f"<!-- table: {found[1]} -->\n\n{rows}\n\n<!-- end -->"

    return re.sub(r"<!-- table: (\w+) -->.*?<!-- end -->", table, page, flags=re.DOTALL)


if __name__ == "__main__":
    PAGE.write_text(rewritten(PAGE.read_text("utf-8")), "utf-8")
