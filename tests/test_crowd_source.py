"""The crowd as a source: every frame of it, or in real time, and through the command line."""

from __future__ import annotations

import itertools
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from posekit.clock import ManualClock, SystemClock
from posekit.errors import SourceError
from posekit.frame import Observed
from posekit.sources import brings_poses, check_source, is_live, open_source
from posekit.sources.synthetic import Synthetic, parse_synthetic


def test_it_is_a_source_of_poses_that_has_no_end_and_is_not_live() -> None:
    for text in ("synthetic", "synthetic:", "synthetic:people=2"):
        check_source(text)
        assert brings_poses(text)
        assert not is_live(text)
        source = open_source(text, ManualClock(), every_frame=True)
        assert (source.rate, source.count, source.is_camera, source.dropped) == (30, None, False, 0)
    assert "2 people, seed 1" in source.description


def test_every_frame_comes_with_its_own_time() -> None:
    source = open_source("synthetic:people=2,seconds=2,rate=20,size=640x480", ManualClock(), every_frame=True)
    seen = list(source.frames())
    assert source.count == len(seen) == 40
    assert all(isinstance(one, Observed) and one.size == (640, 480) for one in seen)
    assert [one.time for one in seen] == pytest.approx(np.arange(40) / 20)
    assert [one.index for one in seen] == list(range(40))


def test_in_real_time_frames_come_when_due_and_late_ones_are_dropped() -> None:
    clock = ManualClock(100.0)
    source = Synthetic(parse_synthetic("synthetic:people=2,rate=10,seconds=3"), clock, _waits(clock))
    frames = source.frames()
    on_time = list(itertools.islice(frames, 5))
    assert [one.time for one in on_time] == pytest.approx([100, 100.1, 100.2, 100.3, 100.4])
    clock.advance(0.55)
    late = next(frames)
    assert (late.index, source.dropped) == (9, 4)
    assert late.time == pytest.approx(100.9)
    rest = list(frames)
    assert rest[-1].index == 29
    every = list(open_source("synthetic:people=2,rate=10,seconds=3", clock, every_frame=True).frames())
    assert [pose.xy.tobytes() for pose in rest[-1].poses] == [pose.xy.tobytes() for pose in every[29].poses]


def test_a_long_delay_is_given_up() -> None:
    clock = ManualClock()
    source = Synthetic(parse_synthetic("synthetic:rate=10"), clock, _waits(clock))
    frames = source.frames()
    next(frames)
    clock.advance(60)
    assert next(frames).time == pytest.approx(60, abs=0.2)
    assert source.dropped == 1


def test_closing_ends_it_also_while_it_waits() -> None:
    source = open_source("synthetic:rate=0.1", SystemClock())
    frames = source.frames()
    next(frames)
    source.close()
    source.close()
    assert list(frames) == []


@pytest.mark.parametrize("text", ["synthetic:peple=3", "synthetic:rate=fast", "synthetic:size=0x0"])
def test_wrong_words_are_found_before_anything_starts(text: str) -> None:
    with pytest.raises(SourceError, match="synthetic crowd"):
        check_source(text)


def test_a_misspelt_crowd_is_offered() -> None:
    with pytest.raises(SourceError, match="did you mean synthetic:"):
        check_source("synthetik:people=3")


def test_a_sketch_is_rendered_without_a_model(tmp_path: Path) -> None:
    film = tmp_path / "crowd.mp4"
    done = _posekit(
        *("run", "hello", "--source", "synthetic:people=3,seed=7", "--headless", "--frames", "60"),
        *("--save-video", str(film)),
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert "60 frames" in done.stderr
    assert film.stat().st_size > 1000


def test_simulate_sends_a_crowd(tmp_path: Path) -> None:
    done = _posekit(
        *("simulate", "--people", "2", "--seed", "3", "--rate", "60", "--no-preview", "--frames", "20"),
        *("--osc", "127.0.0.1:9"),
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert "synthetic crowd of 2 people, seed 3, 1280x720 at 60 fps" in done.stderr
    wrong = _posekit("simulate", "--people", "900", "--no-preview", cwd=tmp_path)
    assert wrong.returncode == 2
    assert "a whole number from 0 to 50" in wrong.stderr


def _waits(clock: ManualClock):
    """Return a wait that moves the clock instead."""

    def wait(seconds: float) -> bool:
        clock.advance(seconds)
        return False

    return wait


def _posekit(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "posekit", *arguments], cwd=cwd, capture_output=True, text=True, timeout=60
    )
