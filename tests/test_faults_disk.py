"""A disk that fills up while a film is written: a show goes on without it, a render ends at once."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import cv2
import numpy as np
import pytest
from fault_world import Program, Receiver, record
from sketch_world import ScriptedFeed

from posekit.draw import open_video
from posekit.errors import OutputError
from posekit.runner import run_sketch
from posekit.settings import Settings
from posekit.sketch import Sketch
from posekit.sketch.loader import load_class

ON_A_DISK_OF_ITS_OWN = """
mount -t tmpfs -o size=6m tmpfs "$0" || exit 77
"$@"
code=$?
ls -A "$0" > listing
cp "$0"/*.mp4 .
exit $code
"""
NOISE = """
import pathlib

import numpy as np
import pygame

size = (640, 360)
noise = np.random.default_rng(1).integers(0, 255, (8, 360, 640, 4), np.uint8)


def draw(canvas, time):
    canvas.pixels[:] = noise[int(time * 60) % 8]
    if pathlib.Path("enough").exists():
        pygame.event.post(pygame.event.Event(pygame.QUIT))
"""


@pytest.fixture
def small_disk(tool, tmp_path: Path) -> tuple[str, ...]:
    """Return what runs a program with a disk of 6 MB on ./disk, in a mount namespace of its own."""
    if not sys.platform.startswith("linux"):
        pytest.skip("mount namespaces are Linux's")
    (tmp_path / "disk").mkdir()
    (tmp_path / "noise.py").write_text(NOISE)
    inside = (tool("unshare"), "-rm", "sh", "-c", ON_A_DISK_OF_ITS_OWN, str(tmp_path / "disk"))
    if subprocess.run([*inside, "true"], cwd=tmp_path, capture_output=True, check=False).returncode:
        pytest.skip("this system lets nobody mount a disk of her own")
    return inside


def frames_in(film: Path) -> int:
    capture, count = cv2.VideoCapture(str(film)), 0
    while capture.read()[0]:
        count += 1
    capture.release()
    return count


def test_a_show_goes_on_when_its_film_fills_the_disk(asset, small_disk, tmp_path: Path) -> None:
    receiver, clip = Receiver(), str(asset("data/videos/crossing.mp4"))
    arguments = ("--source", clip, "--save-video", "disk/out.mp4", "--osc", f"127.0.0.1:{receiver.port}")
    with closing(receiver), Program(tmp_path, "run", "noise.py", *arguments, inside=small_disk) as program:
        program.until(lambda: receiver.hear().is_live)
        filled = program.until(lambda: program.has_said("the show goes on without it"))
        record("disk full while a window is recorded", said_after_recording_for=filled)
        engine, packets = program.children()[-1], receiver.hear().packets
        program.until(lambda: receiver.hear().packets > packets + 50)
        assert receiver.is_live
        assert program.children()[-1] == engine
        (tmp_path / "enough").touch()
        program.ends()
        assert receiver.hear().is_neutral
    assert program.process.returncode == 1, program.said
    told = [line for line in program.said if "the disk is full" in line]
    assert len(told) == 2
    frames = int(re.search(r"ends after (\d+) frames", told[0])[1])
    assert told[1] == f"posekit: disk/out.mp4 ends after {frames} frames: the disk is full"
    assert (tmp_path / "listing").read_text().split() == ["out.mp4"]
    assert frames_in(tmp_path / "out.mp4") == frames > 10


def test_a_render_ends_when_it_fills_the_disk(asset, small_disk, tmp_path: Path) -> None:
    arguments = (
        "--headless",
        "--source",
        str(asset("data/videos/crossing.mp4")),
        "--save-video",
        "disk/out.mp4",
    )
    with Program(tmp_path, "run", "noise.py", *arguments, inside=small_disk) as program:
        program.process.wait(30)
        program.ends()
    assert program.process.returncode == 1
    told = [line for line in program.said if "disk/out.mp4" in line]
    assert told == ["posekit: cannot write disk/out.mp4: the disk is full; nothing was kept"]
    assert (tmp_path / "listing").read_text().split() == []


def test_a_frame_that_ctrl_c_kept_from_being_counted_costs_no_film(tmp_path: Path) -> None:
    frame = np.full((48, 64, 3), 200, np.uint8)
    video = open_video(tmp_path / "out.mp4", (64, 48), 25)
    video.write(frame)
    video._encoder.add(frame, None)  # what comes after this in `write` was broken off
    video.close()
    assert frames_in(tmp_path / "out.mp4") == 2


class Quiet(Sketch):
    def draw(self, canvas) -> None:
        canvas.circle(canvas.center, 20, "gold")


@pytest.mark.parametrize("way", ["source ends", "ctrl-c", "full from the start"])
def test_a_film_that_ended_early_is_owned_up_to_however_the_show_ends(
    way: str, tmp_path: Path, monkeypatch
) -> None:
    """The system's word for how full a disk is, so that this runs everywhere."""
    said: list[str] = []
    feed = ScriptedFeed(1, frames=100, is_live=True)
    free, poll = shutil.disk_usage(tmp_path), feed.poll

    def look():
        if way == "ctrl-c" and feed.index == 80:
            raise KeyboardInterrupt
        return poll()

    def usage(_: object):
        return free._replace(
            free=1000 if feed.index >= (40 if way != "full from the start" else 0) else 10**9
        )

    monkeypatch.setattr("posekit.draw.video.shutil.disk_usage", usage)
    monkeypatch.setattr("posekit.draw.files.shutil.disk_usage", usage)
    feed.poll = look
    settings = Settings(size=(320, 180), fps=500, save_video=tmp_path / "out.mp4")
    with pytest.raises(OutputError) as caught:
        run_sketch(load_class(Quiet), feed, settings, report=said.append)
    told = [line for line in said if "the show goes on without it" in line]
    assert told == [f"{caught.value}; the show goes on without it"]
    assert feed.index == {"ctrl-c": 80}.get(way, 102)
    if way == "full from the start":
        assert "the disk is full; nothing was kept" in told[0]
        assert list(tmp_path.iterdir()) == []
    else:
        assert "ends after 40 frames: the disk is full" in told[0]
        assert [path.name for path in tmp_path.iterdir()] == ["out.mp4"]
        assert frames_in(tmp_path / "out.mp4") == 40
