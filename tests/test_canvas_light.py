"""Laws of glow and of blend modes, on a canvas and on its layers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posekit import draw
from posekit.draw.blend import MODES
from posekit.errors import SettingsError, UnknownNameError
from posekit.keypoint import Keypoint
from posekit.sketch.canvas import Canvas

SIZE = (96, 64)
MISSING = Keypoint(0, 0, name="left_wrist", score=0)
point = st.tuples(st.floats(-40, 140), st.floats(-40, 110))
any_number = st.one_of(st.floats(-300, 600), st.floats(), st.sampled_from([10**400, -(2**63), 1e308]))
color = st.tuples(*[st.integers(0, 255)] * 3)
blend = st.sampled_from(sorted(MODES))


def painted(seed=1):
    """Return a canvas with noise on it, so that every change is seen."""
    canvas = Canvas(SIZE)
    canvas.pixels[:] = np.random.default_rng(seed).integers(0, 256, (SIZE[1], SIZE[0], 4)).astype(np.uint8)
    return canvas


def seen(canvas):
    return canvas.pixels[:, :, :3].astype(int)


def shapes(canvas, first, second, color, **more):
    """Draw everything that has a glow and a blend mode."""
    canvas.circle(first, 9, color, **more)
    canvas.circle(second, 12, color, width=3, **more)
    canvas.line(first, second, color, 4, **more)
    canvas.polyline([first, second, (10, 50)], color, 2, **more)
    canvas.curve([first, second, (10, 50), (70, 60)], color, 3, **more)
    canvas.curve([first, second, (10, 50)], color, 0, closed=True, **more)
    canvas.polygon([first, second, (50, 10)], color, **more)
    canvas.rect((*first, 20.5, 11), color, **more)
    canvas.rect((*second, 20.5, -11), color, width=2, **more)
    canvas.text("light", first, 20, color, **more)
    canvas.trail(first, color, key="one", **more)
    canvas.trail(second, color, key="one", **more)
    canvas.image(np.full((5, 7, 3), 99, np.uint8), second, (20, 9), **more)


@settings(max_examples=40, deadline=None)
@given(point, point, color, st.floats(0.5, 60), st.floats(0, 1))
def test_glow_only_adds_light(first, second, color, glow, alpha):
    without, lit = painted(), painted()
    shapes(without, first, second, color, alpha=alpha)
    shapes(lit, first, second, color, alpha=alpha, glow=glow)
    assert (seen(lit) >= seen(without) - 2 * 13).all()  # a see-through shape covers some of its own light
    before, after = painted(), painted()
    after.glow(first, glow, color, alpha)
    assert (seen(after) >= seen(before)).all()


@settings(max_examples=30, deadline=None)
@given(point, point, color, st.floats(0, 40), blend)
def test_what_is_invisible_or_outside_changes_nothing(first, second, color, glow, blend):
    canvas, before = painted(), painted()
    shapes(canvas, first, second, color, alpha=0, glow=glow, blend=blend)
    canvas.glow(first, glow, color, 0, blend=blend)
    canvas.draw_layer(canvas.layer(), blend=blend)
    canvas.gradient((*color, 0), (*color, 0), blend=blend)
    assert np.array_equal(seen(canvas), seen(before))
    canvas.begin_frame(9.0)
    away = [(-300 + x, y + 400) for x, y in (first, second)]
    canvas.circle(away[0], 30, color, glow=glow, blend=blend)
    canvas.line(*away, color, 20, glow=glow, blend=blend)
    canvas.trail(away[0], color, key=2, glow=glow, blend=blend)
    canvas.trail(away[1], color, key=2, glow=glow, blend=blend)
    canvas.text("away", away[1], 30, color, glow=glow, blend=blend)
    assert np.array_equal(seen(canvas), seen(before))


@settings(max_examples=60, deadline=None)
@given(*[any_number] * 6, blend)
def test_no_number_whatever_hurts(x, y, radius, width, glow, alpha, blend):
    canvas = painted()
    canvas.circle((x, y), radius, "gold", width, alpha, glow=glow, blend=blend)
    canvas.line((x, y), (y, radius), "gold", width, alpha, glow=glow, blend=blend)
    canvas.curve([(x, y), (y, x), (radius, width)], "gold", width, alpha, glow=glow, blend=blend)
    canvas.curve([(x, y), (y, x), (9, 9)], "gold", 0, alpha, closed=True, glow=glow, blend=blend)
    canvas.rect((x, y, radius, width), "gold", 0, alpha, glow=glow, blend=blend)
    canvas.text("a", (x, y), 9, "gold", "left", alpha, glow=glow, blend=blend)
    canvas.trail((x, y), "gold", width, 1.0, alpha, key="a", glow=glow, blend=blend)
    canvas.trail((y, x), "gold", width, 1.0, alpha, key="a", glow=glow, blend=blend)
    canvas.glow((x, y), radius, "gold", alpha, blend=blend)
    canvas.gradient("gold", "navy", (x, y), (y, radius), alpha, blend=blend)
    layer = canvas.layer(size=(40, 20))
    layer.circle((9, 9), 5)
    layer.feedback(x, y, (radius, width), alpha)
    layer.blur(radius)
    canvas.draw_layer(layer, alpha, blend=blend)


def test_a_missing_keypoint_shines_nowhere():
    canvas, before = painted(), painted()
    canvas.circle(MISSING, 9, glow=20)
    canvas.line(MISSING, (3, 3), width=9, glow=20, blend="add")
    canvas.curve([MISSING, (3, 3), MISSING], glow=9)
    canvas.curve([MISSING, (3, 3), (9, 9)], width=0, closed=True, glow=9)
    canvas.text("nobody", MISSING, glow=9)
    canvas.glow(MISSING, 30)
    canvas.trail(MISSING, key=1, glow=9)
    canvas.gradient("red", "blue", MISSING)
    assert np.array_equal(seen(canvas), seen(before))


@pytest.mark.parametrize("alpha", [1, 0.5])
def test_normal_is_what_is_drawn_without_a_word_of_it(alpha):
    said, unsaid = painted(), painted()
    for canvas, more in ((said, {"blend": "normal", "glow": 0}), (unsaid, {})):
        canvas.circle((40, 30), 20, "gold", alpha=alpha, **more)
        canvas.line((3, 3), (60, 50), "tomato", 5, alpha, **more)
        canvas.rect((3.5, 3.25, 60, 50), "cyan", 0, alpha, **more)
        canvas.text("normal", (10, 10), 30, "white", "left", alpha, **more)
    plain = painted().pixels[:, :, :4].copy()
    draw.circle(plain, (40, 30), 20, (0, 215, 255, 255), 0, alpha)
    assert np.array_equal(seen(said), seen(unsaid))
    once = painted()
    once.circle((40, 30), 20, "gold", alpha=alpha)
    assert np.array_equal(seen(once), plain[:, :, :3])


def formula(mode, below, above):
    """Return what W3C's "Compositing and Blending" says of two colours from 0 to 1."""
    return {
        "normal": above,
        "add": np.minimum(1, below + above),
        "screen": below + above - below * above,
        "multiply": below * above,
        "overlay": np.where(below <= 0.5, 2 * below * above, 1 - 2 * (1 - below) * (1 - above)),
        "lighten": np.maximum(below, above),
        "darken": np.minimum(below, above),
        "difference": np.abs(below - above),
        "subtract": np.maximum(0, below - above),
        "erase": np.zeros_like(below),
    }[mode]


@settings(max_examples=60, deadline=None)
@given(blend, color, st.floats(0, 1))
def test_every_mode_is_its_formula(mode, color, alpha):
    canvas, before = painted(), painted()
    canvas.rect((0, 0, *SIZE), color, alpha=alpha, blend=mode)
    below, above = seen(before) / 255, np.array(color[::-1]) / 255
    if mode in ("add", "subtract"):  # light that is dimmer
        expected = formula(mode, below, above * alpha)
    else:
        expected = below + (formula(mode, below, above) - below) * alpha
    assert np.abs(seen(canvas) - expected * 255).max() <= 2.6
    assert len(MODES) == 10


@settings(max_examples=25, deadline=None)
@given(point, point, color, st.floats(0.1, 1))
def test_drawn_on_a_layer_it_looks_as_on_the_canvas(first, second, color, alpha):
    covered, under = painted(), painted()
    cover = covered.layer()
    for canvas in (under, cover):
        canvas.circle(first, 14, color, alpha=alpha)
        canvas.polygon([first, second, (5, 60)], "gold", alpha=alpha)
        canvas.text("layer", second, 22, color, alpha=alpha)
    covered.draw_layer(cover)
    assert np.abs(seen(under) - seen(covered)).max() <= 6


def test_a_blend_mode_nobody_knows_is_told_with_the_nearest():
    canvas = Canvas(SIZE)
    with pytest.raises(UnknownNameError, match="did you mean 'screen'"):
        canvas.circle((9, 9), 5, blend="sceen")
    with pytest.raises(SettingsError, match="blend is a name such as 'add'"):
        canvas.draw_layer(canvas.layer(), blend=1)
    for call in (canvas.text, canvas.trail, canvas.glow, canvas.rect):
        with pytest.raises(SettingsError):
            call("a", (1, 1), blend="no")
    for call in (canvas.camera, canvas.silhouette):
        with pytest.raises(SettingsError, match="screen"):
            call(blend="sceen")
