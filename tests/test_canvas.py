import math
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sketch_world import PICTURE, dancer, room

from posekit.draw import person_color
from posekit.errors import SettingsError, UnknownNameError
from posekit.geometry import fit_picture
from posekit.keypoint import Keypoint, Vector
from posekit.sketch import letters
from posekit.sketch.canvas import Canvas
from posekit.sketch.colors import read_color
from posekit.sketch.people import SketchPerson
from posekit.sketch.quiet_pygame import pygame

any_number = st.one_of(
    st.floats(-300, 600), st.floats(), st.integers(), st.sampled_from([10**400, -(2**31), 2**63, 1e308])
)
any_point = st.tuples(any_number, any_number)
NOWHERE = Keypoint(0, 0, name="left_wrist", score=0)


@pytest.fixture
def canvas():
    return Canvas((320, 180))


def met(number=1, count=1, *, hidden=(), mirrored=False, size=(320, 180)):
    placement = fit_picture(PICTURE, size, "cover")
    placement = placement.mirrored(size[0]) if mirrored else placement
    return SketchPerson(dancer(number, count, 1.0, hidden), placement, PICTURE, SimpleNamespace())


def colour_at(canvas, x, y):
    return tuple(canvas.surface.get_at((x, y)))[:3]


def test_what_is_drawn_is_what_pygame_sees_and_the_other_way_round(canvas):
    canvas.circle((100, 90), 20, "gold")
    assert colour_at(canvas, 100, 90) == (255, 215, 0)
    pygame.draw.rect(canvas.surface, (10, 20, 30), (0, 0, 50, 50))
    assert canvas.pixels[10, 10, :3].tolist() == [30, 20, 10]
    canvas.surface.blit(pygame.Surface((5, 5)), (0, 0))
    assert not canvas.surface.get_locked()


def test_an_odd_width_has_its_pixels_in_place():
    canvas = Canvas((101, 67))
    canvas.rect((100, 66, 1, 1), "white")
    assert colour_at(canvas, 100, 66) == (255, 255, 255)
    assert canvas.pixels.shape == (67, 101, 4)


@pytest.mark.parametrize(
    "position", [(100, 90), Vector(100, 90), Keypoint(100, 90), np.array([100, 90]), [100.0, 90]]
)
def test_a_position_is_anything_of_two_numbers(canvas, position):
    canvas.circle(position, 10, "red")
    canvas.line(position, (0, 0), "red")
    canvas.polygon([position, (0, 0), (50, 0)], "red")
    canvas.text("a", position)
    assert colour_at(canvas, 98, 92) == (255, 0, 0)


def test_a_missing_keypoint_draws_nothing_anywhere(canvas):
    canvas.circle(NOWHERE, 30)
    canvas.line(NOWHERE, (100, 100))
    canvas.line((100, 100), NOWHERE, width=5)
    canvas.polyline([(0, 0), NOWHERE, (9, 9)])
    canvas.polygon([(0, 0), (50, 50), NOWHERE])
    canvas.text("somebody", NOWHERE)
    canvas.image(np.full((9, 9, 3), 255, np.uint8), NOWHERE)
    canvas.circle((90, 90), NOWHERE.distance_to((0, 0)))
    canvas.skeleton(None)
    canvas.skeleton(met(hidden=tuple(range(17))))
    canvas.rect(met(hidden=tuple(range(17))).box)
    canvas.camera()
    assert not canvas.pixels[..., :3].any()


@settings(deadline=None)
@given(any_point, any_point, any_number, any_number, any_number, st.text(max_size=8))
def test_no_number_and_no_text_makes_a_canvas_raise(a, b, radius, width, alpha, text):
    canvas = Canvas((160, 90))
    color = (radius, width, alpha)
    canvas.circle(a, radius, color, width, alpha)
    canvas.line(a, b, (*color, alpha), width, alpha)
    canvas.polyline([a, b, a], "red", width, alpha, closed=True)
    canvas.polygon([a, b, (5, 5)], "red", width, alpha)
    canvas.rect((*a, *b), "red", width, alpha)
    canvas.text(text, a, radius, "red", "center", alpha)
    canvas.image(np.full((3, 3, 4), 200, np.uint8), a, b, alpha)
    canvas.background(color)
    canvas.background((*color, alpha))
    canvas.skeleton(met(size=(160, 90)), "red", width, alpha)
    canvas.camera(alpha)
    assert not canvas.surface.get_locked()


def test_alpha_mixes_and_colours_may_bring_their_own(canvas):
    for color, alpha in (("white", 0.5), ("#ffffff80", 1), ((255, 255, 255, 128), 1)):
        canvas.background("black")
        canvas.circle((100, 90), 40, color, alpha=alpha)
        assert canvas.pixels[90, 100, 0] in (127, 128)


def test_text_stands_where_it_is_put(canvas):
    def extent(align):
        canvas.background("black")
        canvas.text("Hello\nyou", (160, 90), 30, "white", align)
        rows, columns = np.nonzero(canvas.pixels[..., 0])
        return columns.min(), columns.max(), rows.min(), rows.max()

    left, center, right = extent("left"), extent("center"), extent("right")
    assert 160 <= left[0] <= 165
    assert 90 <= left[2] <= 100
    assert 155 <= right[1] <= 160
    assert center[0] + center[1] == pytest.approx(320, abs=6)
    assert center[2] + center[3] == pytest.approx(180, abs=14)
    assert left[3] > left[2] + 30
    with pytest.raises(UnknownNameError, match="did you mean 'center'"):
        canvas.text("x", (0, 0), align="centre")


def test_text_is_drawn_in_its_colour(canvas):
    canvas.text("■█████", (10, 10), 60, "tomato")
    assert (canvas.pixels[..., :3] == (71, 99, 255)).all(axis=2).any()


def test_images_come_as_surfaces_and_as_arrays(canvas):
    red = np.zeros((4, 4, 3), np.uint8)
    red[..., 0] = 255
    canvas.image(red, (10, 10))
    assert colour_at(canvas, 12, 12) == (255, 0, 0)
    sprite = pygame.Surface((4, 4), pygame.SRCALPHA)
    sprite.fill((0, 0, 255, 255))
    canvas.image(sprite, (100, 100), (40, 20))
    assert colour_at(canvas, 139, 119) == (0, 0, 255)
    assert colour_at(canvas, 141, 110) == (0, 0, 0)
    with pytest.raises(ValueError, match="uint8; found"):
        canvas.image(np.zeros((4, 4)))


def test_a_skeleton_is_hers_in_colour_and_place(canvas):
    person = met(2, 2)
    canvas.skeleton(person)
    middle = person.left_shoulder.lerp(person.right_shoulder, 0.5)
    assert colour_at(canvas, round(middle.x), round(middle.y)) == person_color(2)
    canvas.skeleton(person, "white")
    assert colour_at(canvas, round(middle.x), round(middle.y)) == (255, 255, 255)


def test_the_camera_is_where_the_people_are(canvas):
    for mirrored in (False, True):
        placement = fit_picture(PICTURE, canvas.size, "cover")
        placement = placement.mirrored(320) if mirrored else placement
        canvas.set_camera(room(0), placement)
        canvas.background("camera")
        red, _, blue = colour_at(canvas, 20, 90)
        assert (red > blue) is not mirrored
    canvas.set_camera(None, placement)
    canvas.background("camera")
    assert not canvas.pixels[..., :3].any()


def test_a_see_through_background_fades_all_the_way(canvas):
    canvas.background("white")
    for _ in range(255):
        canvas.background((0, 0, 0, 1))
    assert not canvas.pixels[..., :3].any()


def test_the_canvas_knows_its_measures(canvas):
    assert (canvas.size, canvas.width, canvas.height, canvas.center) == ((320, 180), 320, 180, (160, 90))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("gold", (255, 215, 0, 255)),
        ("Dark Orange", (255, 140, 0, 255)),
        ("#f00", (255, 0, 0, 255)),
        ("#00ff0080", (0, 255, 0, 128)),
        ((1, 2, 3), (1, 2, 3, 255)),
        ((1, 2, 3, 4), (1, 2, 3, 4)),
        ((300, -5, math.nan), (255, 0, 0, 255)),
        ("transparent", (0, 0, 0, 0)),
    ],
)
def test_colours_are_read(written, read):
    assert read_color(written) == read


def test_a_colour_that_is_none_is_refused_with_the_nearest():
    with pytest.raises(UnknownNameError, match="unknown colour 'glod'; did you mean 'gold'"):
        read_color("glod")
    with pytest.raises(UnknownNameError, match="choose from black, white"):
        read_color("qqqqqq")
    for wrong in ("#12", "#gggggg", (1, 2), 7, None, ("a", "b", "c")):
        with pytest.raises(SettingsError):
            read_color(wrong)


def test_a_person_in_a_mirror_keeps_her_left_and_right():
    plain, mirrored = met(), met(mirrored=True)
    assert plain.left_wrist.x > plain.right_wrist.x
    assert mirrored.left_wrist.x < mirrored.right_wrist.x
    assert mirrored.left_wrist.y == plain.left_wrist.y
    assert mirrored.left_wrist.x == pytest.approx(320 - plain.left_wrist.x, abs=0.01)
    assert mirrored.left_wrist.velocity.y == plain.left_wrist.velocity.y
    assert mirrored.center.x == pytest.approx(320 - plain.center.x, abs=0.01)
    assert mirrored.box.x == pytest.approx(320 - plain.box.x - plain.box.width, abs=0.01)
    assert mirrored.box.width == pytest.approx(plain.box.width, abs=0.01)


def test_a_persons_measures_are_canvas_pixels():
    person = met()
    assert (person.id, person.slot, person.age) == (1, 1, 1.0)
    assert person.height == pytest.approx(0.82 * 0.8 * 240, rel=0.01)
    assert person.left_wrist.speed == pytest.approx(abs(float(person.raw.velocity[9, 1])) * 240, rel=0.001)
    assert person.speed > 0
    assert len(person.keypoints) == 17
    assert person.keypoints[9] is person.left_wrist


def test_a_misspelt_keypoint_names_the_right_one():
    for wrong, right in (("leen", "lean"), ("cetner", "center"), ("hand_distanse", "hand_distance")):
        with pytest.raises(AttributeError, match=rf"a person has no '{wrong}'; did you mean '{right}'\?"):
            getattr(met(), wrong)
    with pytest.raises(AttributeError, match=r"a person has no 'left_wirst'.*did you mean 'left_wrist'"):
        _ = met().left_wirst


def test_a_hidden_person_has_no_place_but_no_error_either():
    person = met(hidden=tuple(range(17)))
    assert not person.center
    assert not person.nose
    assert person.speed == 0
    assert math.isnan(person.height)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        ("circle(5, 5, 3)", r"circle: position is a point such as person.nose or \(x, y\), found 5; write "),
        ("circle((3, 4, 5), 3)", r"position is .*, found \(3, 4, 5\); write canvas.circle\(\(x, y\), radius"),
        ("circle((3, 4), (3, 4))", "radius is a number of pixels, found"),
        ("circle((3, 4), 5, 6)", r"color is a colour such as .*, found 6; write canvas.circle"),
        ("circle((3, 4), 5, alpha=None)", "alpha is a number from 0 to 1, found None; write"),
        ("circle((3, 4))", "radius is missing; write"),
        ("circle((3, 4), 5, colour='red')", "unknown argument 'colour'; did you mean 'color'"),
        ("circle((3, 4), 5, 'redd')", "unknown colour 'redd'; did you mean 'red'"),
        ("circle('nose', 5)", "position is a point"),
        ("line(0, 0, 10, 10)", "start is a point .* found 0"),
        ("line((0, 0), 10)", "end is a point .* found 10"),
        ("polyline((0, 0), (10, 10))", "points is a list of points"),
        ("polygon((0, 0), (10, 10), (20, 0))", "corners is a list of points"),
        ("polygon([(0, 0, 0)] * 3)", "corners is a list of points"),
        (
            "rect(10, 10, 50, 50)",
            r"box is \(x, y, width, height\) or person.box, found 10; write canvas.rect\(",
        ),
        ("rect(10, 10, 50, 50, 'red')", "box is .*, found 10"),
        ("rect((10, 10), (50, 50))", "box is .*, found"),
        ("rect((1, 1, 2, 2), 'red', 0, 1, 5)", "it takes 4 values .* found 5"),
        ("text((10, 10), 'hello')", "position is a point .*, found 'hello'; write canvas.text"),
        ("text('hello', 10, 10)", "position is a point .*, found 10"),
        ("text('hello', (10, 10), 'red')", "size is a number of pixels, found 'red'"),
        ("image('a.png')", "image is a pygame surface or an array, found 'a.png'; load a file once"),
        ("image(np.ones((5, 5, 3), np.uint8), (1, 1), 5)", r"size is \(width, height\), found 5"),
        ("skeleton([1])", r"person is one person, found \[1\]; write"),
        ("background(10, 20, 30)", r"color is a colour .* found 10; write canvas.background"),
        ("background()", "color is missing"),
    ],
)
def test_a_call_of_the_wrong_shape_is_told_in_one_sentence(canvas, call, sentence):
    with pytest.raises(SettingsError, match=sentence) as caught:
        eval(f"canvas.{call}")  # the call reads as a beginner writes it
    assert "\n" not in str(caught.value)
    assert not canvas.surface.get_locked()


def test_an_error_within_what_is_drawn_stays_what_it_was(canvas):
    class Person:
        xy, id, skeleton = np.zeros((17, 2)), 1, None

        def __str__(self):
            raise ZeroDivisionError("hers")

    with pytest.raises(ZeroDivisionError, match="hers"):
        canvas.text(Person(), (1, 1))
    with pytest.raises(AttributeError, match="bones"):
        canvas.skeleton(Person())


@pytest.mark.parametrize("text", ["hello", "\u4f60\u597d caf\xe9", "\u05e9\u05dc\u05d5\u05dd", "\U0001f600"])
def test_letters_come_from_a_font_that_has_them_if_there_is_one(text):
    wanted = frozenset(text) - {" "}
    chosen = letters._name_for(wanted)
    own = letters._missing(None, wanted)
    assert letters._missing(chosen, wanted) <= own
    assert chosen is None or letters._missing(chosen, wanted) < own
    if text == "hello":
        assert chosen is None
        assert not own
    best = min(len(letters._missing(file, wanted)) for file in (None, *letters._system_fonts()))
    assert len(letters._missing(chosen, wanted)) == best


def test_text_survives_the_end_of_pygame_and_another_beginning():
    canvas = Canvas((200, 60))
    for number in range(3):
        canvas.text(f"again {number}", (5, 5), size=30)
        pygame.quit()
        if number == 1:
            pygame.font.init()
    canvas.text("at last", (5, 5), size=31)
    assert canvas.pixels.any()
