"""What each drawing call looks like, compared with pictures kept; `--update-golden` makes them anew."""

import runpy
from pathlib import Path

import cv2
import numpy as np
import pytest
from canvas_sheets import SHEETS, SIZE, draw_sheet
from conftest import GOLDEN

from posekit.sketch.canvas import Canvas, Layer

DOCS = Path(__file__).parents[1] / "docs"
KEPT = (240, 135)
"""Golden pictures are kept this large, so that they stay small files."""


@pytest.mark.parametrize("name", SHEETS)
def test_it_looks_as_it_did(name, golden):
    drawn = draw_sheet(name).pixels[:, :, :3].copy()
    assert drawn.shape == (SIZE[1], SIZE[0], 3)
    golden(f"canvas/{name}", cv2.resize(drawn, KEPT, interpolation=cv2.INTER_AREA))


def test_it_looks_the_same_each_time():
    for name in ("trail", "gradient", "feedback"):
        assert np.array_equal(draw_sheet(name).pixels[:, :, :3], draw_sheet(name).pixels[:, :, :3])


def test_every_call_has_a_picture():
    calls = {name for kind in (Canvas, Layer) for name in dir(kind) if not name.startswith(("_", "set_"))}
    measures = {"width", "height", "size", "center", "pixels", "begin_frame", "end_frame"}
    elsewhere = {"draw_layer": "layer", "blur": "layer", "clear": "layer"}
    assert calls - measures - set(elsewhere) == set(SHEETS) - {"blend"}
    assert sum(file.stat().st_size for file in (GOLDEN / "canvas").iterdir()) < 400_000


def test_the_page_of_all_calls_is_as_it_would_be_made_now() -> None:
    made = runpy.run_path(str(DOCS / "make_canvas_pictures.py"))["page"]()
    assert (DOCS / "canvas.md").read_text(encoding="utf-8") == made
    assert made.count("![") == len(SHEETS) > 15
