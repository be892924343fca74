"""What a canvas remembers from frame to frame: trails and layers; and what it says of both."""

import gc
from types import SimpleNamespace

import numpy as np
import pytest
from sketch_world import PICTURE, dancer, room

from posekit import hsv, mix
from posekit.draw import person_color
from posekit.draw.oklab import linear_light, to_oklab
from posekit.errors import SettingsError
from posekit.geometry import fit_picture
from posekit.keypoint import Keypoint
from posekit.sketch.canvas import MOST_LAYERS, Canvas
from posekit.sketch.people import SketchPerson
from posekit.sketch.trail import MOST_POINTS

SIZE = (320, 180)
# Machado, Oliveira and Fernandes (2009), table 1: severity 1.0.
PROTANOPE = [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
]
DEUTERANOPE = [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.011820, 0.042940, 0.968881],
]
TRITANOPE = [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.303900],
]


def lit(canvas):
    return int((canvas.pixels[:, :, :3].max(axis=2) > 0).sum())


def follow(canvas, frames, *, draws=lambda number: True, where=lambda number: (20 + 5 * number, 90), start=0):
    """Let frames pass, 30 a second, in which a trail follows something; returns how much of it is seen."""
    seen = []
    for number in range(start, start + frames):
        canvas.begin_frame(number / 30)
        canvas.background("black")
        if draws(number):
            canvas.trail(where(number), "gold", 9, seconds=0.5, key="it")
        canvas.end_frame()
        seen.append(lit(canvas))
    return seen


def test_a_trail_grows_to_its_time_and_stays_so_long():
    seen = follow(Canvas(SIZE), 40)
    assert seen[0] == 0 < seen[3] < seen[10]
    assert max(seen[20:]) < 1.1 * min(seen[20:])


def test_what_is_not_asked_for_any_more_fades_away_and_is_forgotten():
    canvas = Canvas(SIZE)
    seen = follow(canvas, 40, draws=lambda number: number < 20)
    assert seen[19] > 300
    assert seen[21] < seen[19]
    assert sorted(seen[20:36], reverse=True) == seen[20:36]
    assert seen[36] == 0
    assert len(canvas._trails) == 0


def test_a_gap_is_not_bridged():
    canvas = Canvas(SIZE)
    missing = Keypoint(0, 0, score=0)
    follow(canvas, 16, where=lambda n: missing if 5 <= n < 10 else (20 + 15 * n, 90))
    assert canvas.pixels[90, 20 + 15 * 3, 2] > 0
    assert canvas.pixels[90, 20 + 15 * 13, 2] > 0
    assert canvas.pixels[90, 20 + 15 * 7, 2] == 0


def test_a_persons_keypoints_have_trails_of_their_own():
    canvas, placement = Canvas(SIZE), fit_picture(PICTURE, SIZE, "cover")
    for number in range(10):
        canvas.begin_frame(number / 30)
        for at in (1, 2):
            person = SketchPerson(dancer(at, 2, number / 10), placement, PICTURE, SimpleNamespace())
            canvas.trail(person.left_wrist, person.color)
            canvas.trail(person.left_wrist, "white", 3)
            canvas.trail(person.center, "white")
            assert person.color == person_color(at)
        canvas.end_frame()
    assert len(canvas._trails) == 4
    with pytest.raises(SettingsError, match='key="ball"'):
        canvas.trail((3, 4))
    with pytest.raises(SettingsError, match="seconds is a number of seconds, more than 0, found 0"):
        canvas.trail((3, 4), seconds=0, key=1)


def test_a_trail_is_bounded_and_begins_anew_with_its_film():
    canvas = Canvas(SIZE)
    for number in range(3 * MOST_POINTS):
        canvas.begin_frame(number / 1000)
        canvas.trail((number % 300, 90), key="it", seconds=1e9)
    trail = next(iter(canvas._trails._trails.values()))
    assert len(trail.places) == MOST_POINTS
    canvas.begin_frame(0.0)
    canvas.trail((1, 1), key="it")
    assert len(trail.places) == 1


def test_a_layer_is_see_through_and_keeps_what_is_on_it():
    canvas = Canvas(SIZE)
    canvas.background("navy")
    layer = canvas.layer()
    layer.circle((100, 90), 30, "gold")
    for _ in range(2):
        canvas.draw_layer(layer)
        assert canvas.surface.get_at((100, 90))[:3] == (255, 215, 0)
        assert canvas.surface.get_at((200, 90))[:3] == (0, 0, 128)
        canvas.background("navy")
    layer.clear()
    canvas.draw_layer(layer)
    assert canvas.surface.get_at((100, 90))[:3] == (0, 0, 128)


def test_feedback_lets_everything_fade_to_nothing():
    layer = Canvas(SIZE).layer()
    layer.background("white")
    for _ in range(400):
        layer.feedback(fade=0.01)
    assert not layer.pixels.any()


def test_feedback_zooms_about_the_middle_turns_clockwise_and_shifts():
    layer = Canvas(SIZE).layer()
    layer.circle((220, 90), 6, "white")
    layer.feedback(turn=90, fade=0)
    assert layer.pixels[150, 160, 0] > 0
    layer.clear()
    layer.circle((200, 90), 6, "white")
    layer.feedback(zoom=2, shift=(10, -20), fade=0)
    assert layer.pixels[70, 250, 0] == 255
    before = layer.pixels.copy()
    layer.feedback(zoom=float("nan"))
    layer.feedback(fade=0)
    assert np.array_equal(layer.pixels, before)


def test_a_layer_of_another_size_shows_the_same_picture_and_covers_the_canvas():
    canvas, placement = Canvas(SIZE), fit_picture(PICTURE, SIZE, "cover")
    canvas.set_camera(room(0.0), placement)
    half, same = canvas.layer(size=(160, 90)), canvas.layer()
    for layer in (half, same):
        layer.camera()
    canvas.camera()
    whole = canvas.pixels[:, :, :3].astype(int)
    assert np.array_equal(whole, same.pixels[:, :, :3])
    canvas.background("black")
    canvas.draw_layer(half)
    assert np.abs(canvas.pixels[:, :, :3].astype(int) - whole).mean() < 6
    canvas.set_camera(np.zeros((480, 640, 3), np.uint8), placement)
    half.camera()
    assert not half.pixels[:, :, :3].any()


def test_a_layer_made_in_every_frame_is_let_go_or_told():
    canvas = Canvas(SIZE)
    assert canvas.layer("echo") is canvas.layer("echo")
    for _ in range(MOST_LAYERS + 5):
        canvas.layer().circle((9, 9), 5)
    gc.collect()
    kept = []
    with pytest.raises(SettingsError, match="make each once, in setup"):
        while len(kept) < MOST_LAYERS + 5:
            kept += [canvas.layer()]
    assert len(kept) == MOST_LAYERS - 1


def test_the_camera_may_be_fitted_mirrored_and_tinted():
    canvas, placement = Canvas(SIZE), fit_picture(PICTURE, SIZE, "cover")
    canvas.set_camera(room(0.0), placement)
    canvas.camera()
    plain = canvas.pixels[:, :, :3].astype(int)
    canvas.camera(mirror=True)
    assert np.array_equal(canvas.pixels[:, ::-1, :3], plain)
    canvas.camera(tint=(255, 0, 255))
    assert np.array_equal(canvas.pixels[:, :, 2], plain[:, :, 2])
    assert not canvas.pixels[:, :, 1].any()
    canvas.background("black")
    canvas.camera(fit="contain")
    assert not canvas.pixels[:, :30, :3].any()
    assert canvas.pixels[:, 160, :3].any()


def test_people_are_told_apart_with_every_kind_of_colour_vision():
    light = linear_light([person_color(number) for number in range(1, 9)])
    apart = []
    for seen in (np.eye(3), PROTANOPE, DEUTERANOPE, TRITANOPE):
        lab = to_oklab(np.clip(light @ np.transpose(seen), 0, 1))
        distance = np.linalg.norm(lab[:, None] - lab[None], axis=-1)
        apart.append(distance[np.triu_indices(8, 1)].min())
    assert len(apart) == 4
    assert apart[0] > 0.2
    assert min(apart) > 0.115
    assert to_oklab(light)[:, 0].min() >= 0.59  # bright on black


def test_colours_are_computed():
    assert hsv(0) == (255, 0, 0, 255)
    assert hsv(480, 1, 0.5, 0.5) == (0, 128, 0, 128)
    assert mix("red", "blue", 0) == (255, 0, 0, 255)
    assert mix("red", "blue", 2) == (0, 0, 255, 255)
    assert mix("black", "#ffffff00", 0.5)[3] == 128
    assert hsv(float("nan"), 9, -1)[:3] == (0, 0, 0)
    with pytest.raises(SettingsError):
        mix("gold", "golt")
