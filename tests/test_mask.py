"""Silhouettes, from who asks for one to the canvas: shared, drawn where the people are, gone with them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sketch_world import PICTURE, ScriptedFeed, dancer, room, scene

from posekit.clock import ManualClock
from posekit.draw import PlacedMask, PlacedPicture
from posekit.engine.options import estimator_options, wants_mask
from posekit.engine.pictures import LARGEST_MASK, SharedPictures
from posekit.engine.prepare import prepare
from posekit.errors import HookError, SettingsError
from posekit.estimators.base import Estimate
from posekit.events import Presence
from posekit.frame import Frame, Silence
from posekit.geometry import fit_picture
from posekit.health import CameraState, Health
from posekit.pipeline import Pipeline
from posekit.resolving import resolve
from posekit.runner.feed import Update
from posekit.runner.loop import Loop
from posekit.settings import Settings
from posekit.sketch import Sketch
from posekit.sketch.canvas import Canvas
from posekit.sketch.loader import load_class, load_sketch
from posekit.tracking import Tracker


def a_block(left: float, top: float, right: float, bottom: float, size=(160, 120)) -> np.ndarray:
    """Return a mask (h, w) with a body in a rectangle, in the picture's own measures from 0 to 1."""
    mask = np.zeros(size[::-1], np.uint8)
    mask[round(top * size[1]) : round(bottom * size[1]), round(left * size[0]) : round(right * size[0])] = 255
    return mask


# --- the canvas ---


@pytest.fixture
def canvas() -> Canvas:
    return Canvas((320, 180))


@pytest.mark.parametrize("fit", ["cover", "contain", "stretch"])
@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("size", [(320, 180), (90, 160), (640, 480)])
def test_it_lies_where_the_people_are(fit: str, mirrored: bool, size: tuple[int, int]) -> None:
    canvas = Canvas(size)
    placement = fit_picture(PICTURE, size, fit)
    placement = placement.mirrored(size[0]) if mirrored else placement
    canvas.set_mask(a_block(0.25, 0.3, 0.45, 0.7), placement)
    canvas.silhouette("white")
    corners = placement.to_area(np.array([(0.25, 0.3), (0.45, 0.7)]))
    (left, top), (right, bottom) = np.sort(corners, axis=0).clip(0, size)
    seen = canvas.pixels[:, :, 0] > 127
    rows, columns = np.nonzero(seen.any(axis=1))[0], np.nonzero(seen.any(axis=0))[0]
    assert len(rows) > 10
    assert np.abs([columns[0] - left, columns[-1] + 1 - right]).max() <= 1.5
    assert np.abs([rows[0] - top, rows[-1] + 1 - bottom]).max() <= 1.5
    inside = seen[round(top) + 3 : round(bottom) - 3, round(left) + 3 : round(right) - 3]
    assert inside.all()


def test_bars_and_what_is_no_body_stay_as_they_were(canvas: Canvas) -> None:
    canvas.background("navy")
    placement = fit_picture(PICTURE, (320, 180), "contain")
    canvas.set_mask(a_block(0, 0, 0.5, 1), placement)
    before = canvas.pixels.copy()
    canvas.silhouette("gold")
    changed = (canvas.pixels != before).any(axis=2)
    assert changed.sum() > 15000
    assert not changed[:, :40].any()  # the bar beside a body that the picture's edge cuts off
    assert not changed[:, 162:].any()
    assert canvas.pixels[90, 80, :3].tolist() == [0, 215, 255]


def test_alpha_a_colour_with_alpha_and_haze(canvas: Canvas) -> None:
    placement = fit_picture(PICTURE, (320, 180), "stretch")
    mask = a_block(0, 0, 0.5, 1)
    mask[:, 90:] = 60  # perhaps somebody, perhaps not
    canvas.set_mask(mask, placement)
    canvas.silhouette("#ffffff80", alpha=0.5)
    assert canvas.pixels[90, 50, 0] == pytest.approx(255 * 0.5 * 0.5, abs=2)
    assert not canvas.pixels[:, 190:, :3].any()
    canvas.silhouette("red", alpha=0)
    canvas.silhouette("red", alpha=float("nan"))
    assert canvas.pixels[90, 50, 0] == canvas.pixels[90, 50, 2]
    canvas.silhouette("red")
    assert canvas.pixels[90, 50, :3].tolist() == [0, 0, 255]


@pytest.mark.parametrize("mirrored", [False, True])
def test_the_camera_cuts_people_out_of_the_picture(canvas: Canvas, mirrored: bool) -> None:
    placement = fit_picture(PICTURE, (320, 180), "cover")
    placement = placement.mirrored(320) if mirrored else placement
    canvas.set_camera(room(1.0), placement)
    canvas.camera()
    whole = canvas.pixels.copy()
    canvas.background("black")
    canvas.set_mask(a_block(0.25, 0.3, 0.45, 0.7), placement)
    canvas.silhouette("camera")
    (left, top), (right, bottom) = np.sort(placement.to_area(np.array([(0.27, 0.35), (0.43, 0.65)])), axis=0)
    body = slice(round(top), round(bottom)), slice(round(left), round(right))
    assert whole[body].any()
    assert np.abs(canvas.pixels[body].astype(int) - whole[body])[:, :, :3].max() <= 1
    canvas.pixels[body] = 0
    assert (canvas.pixels[:, :, :3].any(axis=2)).mean() < 0.05  # the rim of what was looked at
    canvas.set_camera(None, placement)
    canvas.background("black")
    canvas.silhouette("camera")
    assert not canvas.pixels[:, :, :3].any()


def test_without_a_mask_nothing_is_drawn_and_wrong_calls_are_told(canvas: Canvas) -> None:
    canvas.silhouette("gold")
    canvas.set_mask(np.zeros((90, 160), np.uint8), fit_picture(PICTURE, (320, 180), "cover"))
    canvas.silhouette("gold")
    assert not canvas.pixels[:, :, :3].any()
    with pytest.raises(SettingsError, match="color is a colour such as"):
        canvas.silhouette(5)
    with pytest.raises(SettingsError, match="gold"):
        canvas.silhouette("glod")
    assert not canvas.surface.get_locked()


@given(
    st.integers(1, 40), st.integers(1, 40), st.integers(1, 60), st.integers(1, 60),
    st.sampled_from(["cover", "contain", "stretch"]), st.booleans(), st.integers(0, 2**32 - 1),
    st.sampled_from([3, 4]),
)  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_every_mask_fits_every_area(columns, rows, width, height, fit, mirrored, seed, channels) -> None:
    random = np.random.default_rng(seed)
    placement = fit_picture((columns, rows), (width, height), fit)
    placement = placement.mirrored(width) if mirrored else placement
    placed, picture = PlacedMask(), PlacedPicture()
    placed.set(random.choice(np.array([0, 90, 255], np.uint8), (rows, columns)), placement)
    picture.set(random.integers(0, 255, (rows, columns, 3), np.uint8), placement)
    target = np.full((height, width, channels), 7, np.uint8)
    placed.draw(target, (255, 255, 255), 0.5)
    assert (target[:, :, :3] >= 7).all()
    placed.draw(target, picture)
    assert channels == 3 or (target[:, :, 3] == 7).all()


# --- shared memory ---


def test_a_mask_travels_beside_its_picture_until_both_are_overwritten() -> None:
    writer = SharedPictures.create()
    reader = SharedPictures.open(str(os.dup(int(writer.handle)))) if writer.descriptor else writer
    masks = [np.full((36 + at, 64), at + 1, np.uint8) for at in range(3)]
    places = []
    for at, mask in enumerate(masks):
        pixels = writer.allocate((640, 360 + at))
        pixels[:] = at
        places.append(writer.publish(pixels, mask))
    for at, place in enumerate(places):
        assert np.array_equal(reader.read_mask(place), masks[at])
        assert reader.read(place).shape == (360 + at, 640, 3)
        assert (reader.read(place) == at).all()
    newest = writer.publish(np.zeros((48, 64, 3), np.uint8))
    assert reader.read_mask(newest) is None  # it has none, and not that of the picture before in its place
    assert reader.read_mask(places[0]) is None
    assert reader.read_mask(places[1]) is not None
    writer.allocate((64, 48))
    assert reader.read_mask(places[1]) is None
    reader.close()
    writer.close()


def test_a_huge_mask_and_a_huge_picture_keep_out_of_each_others_way() -> None:
    shared = SharedPictures.create()
    pixels = shared.allocate((3840, 2160))
    pixels[:] = 3
    place = shared.publish(pixels, np.full((3000, 4000), 200, np.uint8))
    mask = shared.read_mask(place)
    assert mask.size <= LARGEST_MASK[0] * LARGEST_MASK[1]
    assert (mask == 200).all()
    assert (shared.read(place) == 3).all()
    shared.close()


# --- the pipeline ---


class Eyes:
    """An estimator that sees an outline in every frame and nobody in it."""

    name = description = "eyes"

    def estimate(self, frame: Frame, hint=None) -> Estimate:
        return Estimate((), np.full((frame.size[1] // 2, frame.size[0] // 2), frame.index + 1, np.uint8))

    def reset(self) -> None: ...

    def close(self) -> None: ...


class Camera:
    """A source whose pictures change their size, and which falls silent."""

    description, is_camera, rate, count, dropped, state = "camera", True, 10.0, None, 0, CameraState.OK

    def frames(self) -> Iterator[Frame | Silence]:
        yield Silence(0.0, (64, 48), 0, CameraState.LOST)
        for at in range(1, 4):
            yield Frame(np.zeros((48, 64, 3), np.uint8), float(at), at)
        yield Frame(np.zeros((90, 160, 3), np.uint8), 4.0, 4)
        yield Silence(5.0, (160, 90), 4, CameraState.LOST)
        yield Frame(np.zeros((90, 160, 3), np.uint8), 6.0, 5)

    def close(self) -> None: ...


def test_whoever_is_not_looked_at_has_no_outline() -> None:
    pipeline = Pipeline(Eyes(), Tracker(), Presence(), ManualClock())
    masks = []
    for step in pipeline.run(Camera()):
        masks.append(step.estimate.mask)
        pipeline.ask_pause(step.scene.index == 2)
    assert masks[0] is None  # before there was ever one
    shown = [(mask.shape, int(mask.max())) for mask in masks[1:]]
    small, large = (24, 32), (45, 80)
    assert shown == [(small, 2), (small, 3), (small, 0), (large, 5), (large, 0), (large, 6)]


# --- the sketch ---


class Looks(Sketch):
    mask = True

    def __init__(self) -> None:
        super().__init__()
        self.masks: list[np.ndarray | None] = []

    def draw(self, canvas, scene) -> None:
        self.masks.append(scene.mask)
        canvas.silhouette("white")


def a_loop(cls: type[Sketch] = Looks):
    loaded = load_class(cls)
    return loaded.sketch, Loop(loaded, Canvas((320, 180)), mirror=True)


def an_update(mask: np.ndarray | None, index: int = 0) -> Update:
    return Update(scene((dancer(1, 1, 1.0),), index, 1.0), (), room(1.0), Health(), mask=mask)


def test_a_sketch_has_the_mask_as_it_is_and_draws_it_mirrored() -> None:
    sketch, loop = a_loop()
    mask = a_block(0.1, 0.2, 0.3, 0.8)
    loop.frame(an_update(mask), 1.0)
    loop.frame(an_update(None, 1), 1.1)
    assert sketch.masks[0] is mask
    assert not mask.flags.writeable
    assert sketch.masks[1] is None
    assert not loop.canvas.pixels[:, :, :3].any()
    loop.frame(an_update(mask, 2), 1.2)
    seen = loop.canvas.pixels[:, :, 0] > 127
    assert seen[:, 160:].sum() > 1000
    assert not seen[:, :160].any()
    loop.close()
    loop.canvas.background("black")
    loop.canvas.silhouette("white")
    assert not loop.canvas.pixels[:, :, :3].any()


def test_a_mask_that_changes_within_one_scene_is_drawn() -> None:
    """As when an engine is lost: the scene stays, and the outline goes."""
    _, loop = a_loop()
    update = an_update(a_block(0.1, 0.2, 0.3, 0.8))
    loop.frame(update, 1.0)
    assert loop.canvas.pixels[:, :, :3].any()
    gone = Update(update.scene, (), update.picture, update.health, mask=np.zeros((120, 160), np.uint8))
    loop.frame(gone, 1.1)
    assert not loop.canvas.pixels[:, :, :3].any()


def test_a_sketch_that_writes_to_the_mask_is_told() -> None:
    class Writes(Sketch):
        mask = True

        def draw(self, scene) -> None:
            scene.mask[:] = 0

    _, loop = a_loop(Writes)
    with pytest.raises(HookError, match="read-only"):
        loop.frame(an_update(a_block(0, 0, 1, 1)), 1.0)


@pytest.mark.parametrize("use", ["canvas.silhouette('gold')", "print(scene.mask)"])
def test_silhouettes_that_were_not_asked_for_are_remarked(use: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(f"def draw(canvas, scene):\n    {use}\n")
    (remark,) = load_sketch(str(path)).remarks
    assert remark.startswith("mine.py, line 2: silhouettes")
    assert "mask = True" in remark
    path.write_text(f"mask = True\ndef draw(canvas, scene):\n    {use}\n")
    assert load_sketch(str(path)).remarks == ()


def test_the_sketch_that_comes_along_shows_silhouettes(tmp_path: Path) -> None:
    loaded = load_sketch("silhouette")
    loop = Loop(loaded, Canvas((320, 180)))
    feed = ScriptedFeed(1)
    loop.setup()
    for at in range(10):
        update = feed.poll()
        mask = a_block(at / 12, 0.2, at / 12 + 0.2, 0.8)
        loop.frame(Update(update.scene, update.events, update.picture, update.health, mask=mask), at / 30)
    loop.close()
    bright = loop.canvas.pixels[90, :, :3].max(axis=1)
    assert (bright[240:285] > 200).all()  # where she is
    assert (bright[20:200] > 60).all()  # where she was
    assert (bright[306:] < 40).all()


# --- who asks, and who can ---


def test_the_setting() -> None:
    assert Settings().mask == "auto"
    assert not wants_mask(Settings())
    assert wants_mask(Settings(share="mask"))
    assert not wants_mask(Settings(share="mask", mask="off"))
    assert wants_mask(Settings(mask="on"))
    assert estimator_options(Settings(mask=True)).mask
    assert resolve({"mask": False}, {}, sketch={"mask": True}).settings.mask is False
    with pytest.raises(SettingsError, match="neither auto, on nor off"):
        resolve({"mask": "perhaps"}, {})


def prepared(**given: object) -> tuple[Settings, list[str]]:
    said: list[str] = []
    return prepare(Settings(**given), report=said.append), said


def test_who_gives_no_silhouettes_says_so_in_one_sentence(asset) -> None:
    clip = str(asset("data/videos/crossing.mp4"))
    asset("models")
    settings, said = prepared(source=clip, estimator="posenet", mask=True)
    assert settings.mask is False
    assert said[-1:] == [
        "no silhouettes: blazepose alone gives them, and posenet looks here; for them leave the estimator "
        "out, or choose blazepose"
    ]
    settings, said = prepared(source=clip, estimator="posenet")
    assert (settings.mask, said) == (False, [])


def test_recordings_and_crowds_have_none() -> None:
    _, said = prepared(source="synthetic:people=1", mask=True)
    assert said == ["no silhouettes: this source brings poses, and no picture"]
    assert prepared(source="synthetic:people=1")[1] == []
