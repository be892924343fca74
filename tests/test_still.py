"""A card that is kept looks like one that is drawn."""

from __future__ import annotations

import numpy as np

from posekit.runner.card import card, write
from posekit.runner.still import Still
from posekit.sketch.canvas import Canvas

BOX = (20.0, 10.0, 200.0, 80.0)


def paint(canvas):
    card(canvas, BOX)
    write(canvas, "letters", 40, 40, 24)
    canvas.circle((150, 60), 20, "tomato", alpha=0.5)


def room():
    canvas = Canvas((320, 180))
    canvas.background("teal")
    canvas.rect((0, 0, 130, 180), "gold")
    return canvas


def apart(one, other):
    """Return how far two canvases are apart; the fourth byte of a pixel means nothing."""
    return np.abs(one.pixels[..., :3].astype(int) - other.pixels[..., :3]).max()


def test_it_is_painted_once_for_a_key_and_looks_the_same_over_anything():
    still, painted = Still(), []

    def count(canvas):
        painted.append(1)
        paint(canvas)

    drawn = room()
    paint(drawn)
    for _ in range(10):
        kept = room()
        still.draw(kept, BOX, "a", count)
        assert apart(kept, drawn) <= 4
    assert len(painted) == 3, "as it is at first, and then on black and on white"
    other = Canvas((320, 180))
    still.draw(other, BOX, "b", count)
    assert len(painted) == 4


def test_a_box_that_reaches_beyond_the_canvas():
    still, box = Still(), (-5.0, 150.0, 400.0, 60.0)
    for _ in range(3):
        canvas = room()
        still.draw(canvas, box, 1, lambda blank: card(blank, box))
    drawn = room()
    card(drawn, box)
    assert apart(canvas, drawn) <= 4
