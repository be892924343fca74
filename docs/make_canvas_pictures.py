"""Makes docs/canvas.md and its pictures, one for every drawing call: python docs/make_canvas_pictures.py

The pictures are those that the tests compare (`tests/canvas_sheets.py`); the code beside each has drawn it.
"""

from __future__ import annotations

import inspect
import os
import sys
import textwrap
from pathlib import Path

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs/canvas.md"
PICTURES = ROOT / "docs/pictures/canvas"
HEAD = """\
# Every call of the canvas, with a picture

Each picture is drawn by the code beside it, on a canvas of 320 x 180 pixels, with two people and a camera's
picture that do not exist. What every call takes and means is told in [sketches.md](sketches.md#the-canvas).
`sheet.frames(40)` lets forty frames pass. (This page is made by `docs/make_canvas_pictures.py`.)
"""


def main() -> None:
    import cv2

    sheets = known_sheets()
    PICTURES.mkdir(parents=True, exist_ok=True)
    for name, sheet in sheets.items():
        drawn = sheet.pixels[:, :, :3].copy()
        cv2.imwrite(str(PICTURES / f"{name}.png"), drawn, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    PAGE.write_text(page(), encoding="utf-8")


def known_sheets() -> dict[str, object]:
    """Return every sheet, drawn."""
    sys.path.insert(0, str(ROOT / "tests"))
    from canvas_sheets import SHEETS, draw_sheet

    return {name: draw_sheet(name) for name in SHEETS}


def page() -> str:
    """Return the page's text."""
    sys.path.insert(0, str(ROOT / "tests"))
    import canvas_sheets

    parts = [HEAD]
    for name in canvas_sheets.SHEETS:
        code = code_of(getattr(canvas_sheets, name))
        parts.append(f"## {name}\n\n![{name}](pictures/canvas/{name}.png)\n\n```py\n{code}```\n")
    return "\n".join(parts)


def code_of(sheet: object) -> str:
    """Return what a sheet does as a sketch would write it."""
    body = textwrap.dedent(inspect.getsource(sheet).partition(":\n")[2])
    lines = [
        line.replace("sheet.canvas", "canvas").replace("sheet.people", "people")
        for line in body.splitlines()
        if line.strip() not in ("canvas = sheet.canvas", "canvas, people = sheet.canvas, sheet.people")
    ]
    return "\n".join(lines).replace("canvas, points = canvas, ", "points = ").strip() + "\n"


if __name__ == "__main__":
    main()
