"""F9: a clip of the right length that has nothing of the red dot, and a window that never waits for it."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from sketch_world import ScriptedFeed

from posekit.errors import OutputError
from posekit.runner import clip_recorder, run_sketch
from posekit.runner.clip_recorder import ClipRecorder
from posekit.runner.toolbox import Toolbox
from posekit.settings import Settings
from posekit.sketch import Sketch
from posekit.sketch.canvas import Canvas
from posekit.sketch.loader import load_class
from posekit.sketch.quiet_pygame import pygame

SIZE = (320, 180)
PATIENCE = 20.0


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def until(wish):
    """Wait until something is so; the thread's own pace decides, and a limit."""
    end = time.monotonic() + PATIENCE
    while not wish():
        assert time.monotonic() < end, "it has not come to pass"
        time.sleep(0.002)


class Show:
    """A recorder and the frames it is shown."""

    def __init__(self, fps=30.0):
        self.said = []
        self.recorder = ClipRecorder("dance", fps, self.said.append)
        self.box, self.canvas, self.now = Toolbox([self.recorder], self.said.append), Canvas(SIZE), 100.0

    def play(self, frames, fps=30.0):
        """Show frames that grow brighter, each when the thread has taken the one before."""
        for _ in range(frames):
            self.canvas.background((int((self.now - 100) * 60) % 256,) * 3)
            self.box.frame(self.canvas, self.now)
            with self.box.over(self.canvas):
                pass
            until(self.has_room)
            self.now += 1 / fps
        return self

    def has_room(self):
        clip = self.recorder._clips[-1] if self.recorder._clips else None
        return clip is None or not clip.is_alive() or not clip._frames.full()


def frames_of(path):
    film = cv2.VideoCapture(str(path))
    found = []
    while (read := film.read())[0]:
        found.append(read[1])
    return found, film.get(cv2.CAP_PROP_FPS)


def test_a_clip_has_every_frame_and_nothing_of_the_dot(folder):
    show = Show()
    show.recorder.open()
    show.play(60)
    assert show.recorder.is_open
    show.recorder.close()
    show.recorder.finish()
    frames, rate = frames_of(folder / "dance-001.mp4")
    assert len(frames) == 60
    assert rate == pytest.approx(30, abs=0.1)
    assert frames[0].mean() < 5
    assert frames[-1].mean() == pytest.approx(118, abs=6)
    assert frames[30].std() < 3, "one colour, without a dot"
    assert show.said[-1] == "saved dance-001.mp4: 2.0 seconds"
    assert [path.name for path in folder.iterdir()] == ["dance-001.mp4"]


@pytest.mark.parametrize(("fps", "frames"), [(60.0, 120), (20.0, 40), (11.0, 22)])
def test_a_clip_lasts_as_long_as_what_it_shows_whatever_the_windows_pace(folder, fps, frames):
    show = Show(fps=60.0)
    show.recorder.open()
    show.play(frames, fps)
    show.recorder.finish()
    found, rate = frames_of(folder / "dance-001.mp4")
    assert len(found) / rate == pytest.approx(2.0, abs=0.12)


def test_the_next_clip_has_the_next_name_even_while_one_is_being_finished(folder):
    show = Show()
    for _ in range(3):
        show.box.toggle(show.recorder)
        show.play(5)
        show.box.toggle(show.recorder)
    show.recorder.finish()
    assert sorted(path.name for path in folder.iterdir()) == [f"dance-00{n}.mp4" for n in (1, 2, 3)]
    assert sum("saved" in said for said in show.said) == 3


def test_a_slow_disk_drops_frames_and_never_stalls(monkeypatch):
    """The writer waits until all is over: the window goes on, and what was lost is told."""
    gate, show = threading.Event(), Show()
    original = clip_recorder.VideoWriter.write

    def slow(self, pixels, time=None):
        gate.wait(PATIENCE)
        original(self, pixels, time)

    monkeypatch.setattr(clip_recorder.VideoWriter, "write", slow)
    show.recorder.open()
    began = time.monotonic()
    for number in range(100):
        show.box.frame(show.canvas, 100 + number / 30)
    assert time.monotonic() - began < 2
    gate.set()
    show.recorder.finish()
    dropped = [said for said in show.said if "dropped" in said]
    assert len(dropped) == 1
    assert 85 <= int(dropped[0].split("seconds, ")[1].split()[0]) <= 92


def test_a_full_disk_is_said_and_what_there_is_is_kept(folder, monkeypatch):
    show = Show()
    monkeypatch.setattr(clip_recorder.VideoWriter, "has_room", lambda self: self.frames < 10)
    show.recorder.open()
    show.play(20)
    until(lambda: not show.recorder._clips or not show.recorder._clips[-1].is_alive())
    show.play(2)
    assert not show.recorder.is_open, "the dot is gone"
    assert any("the disk is full; the show goes on" in said for said in show.said)
    assert len(frames_of(folder / "dance-001.mp4")[0]) == 10


def test_a_folder_that_cannot_be_written_to_is_said(monkeypatch):
    def refuse(*_):
        raise OutputError("cannot write dance-001.mp4: it is forbidden")

    monkeypatch.setattr(clip_recorder, "open_video", refuse)
    show = Show()
    show.recorder.open()
    show.box.frame(show.canvas, 100.0)
    show.recorder._clips and show.recorder._clips[-1].thread.join(PATIENCE)
    show.box.frame(show.canvas, 100.1)
    assert not show.recorder.is_open
    assert show.said == ["no clip: cannot write dance-001.mp4: it is forbidden"]


def test_a_canvas_of_another_size_ends_the_clip(folder):
    show = Show()
    show.recorder.open()
    show.play(5)
    show.canvas = Canvas((160, 90))
    show.play(1)
    assert not show.recorder.is_open
    show.recorder.finish()
    assert len(frames_of(folder / "dance-001.mp4")[0]) == 5


def test_a_clip_of_no_frame_is_none(folder):
    show = Show()
    show.box.toggle(show.recorder)
    show.box.toggle(show.recorder)
    show.recorder.finish()
    assert list(folder.iterdir()) == []
    assert show.said == []


def key(code):
    return pygame.event.Event(pygame.KEYDOWN, key=code)


class Dancing(Sketch):
    def __init__(self):
        super().__init__()
        self.frames = 0

    def draw(self, canvas):
        self.frames += 1
        canvas.background((0, 0, 80))
        if self.frames in (3, 30):
            pygame.event.post(key(pygame.K_F9))


@pytest.mark.parametrize("ends", [True, False])
def test_in_the_window_by_f9_also_when_the_run_ends_meanwhile(folder, ends):
    said = []
    frames = 60 if ends else 20
    settings = Settings(size=SIZE, fps=60.0, reload=False)
    run_sketch(load_class(Dancing), ScriptedFeed(1, frames=frames), settings, report=said.append)
    (clip,) = folder.iterdir()
    assert clip.name == f"{Path(__file__).stem}-001.mp4"
    found, rate = frames_of(clip)
    assert len(found) / rate == pytest.approx(27 / 60 if ends else 18 / 60, abs=0.15)
    assert np.abs(found[-1].astype(int) - (80, 0, 0)).max() < 12
    assert said[-1].startswith(f"saved {clip.name}: ")
