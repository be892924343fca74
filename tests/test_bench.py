"""`posekit bench`: its parts measure what they say, and its figures come out as documented."""

from __future__ import annotations

import json
import socket
import time
from pathlib import Path

import numpy as np
import pytest
from builders import a_person, a_scene

from posekit.bench.clip import read_frames, write_clip
from posekit.bench.engine import Seen, Watched, time_osc, watch_engine
from posekit.bench.figures import Figures, Spread
from posekit.bench.listener import Listener, frame_number
from posekit.bench.machine import Machine, describe_machine, resident_mb
from posekit.clock import ManualClock, SystemClock
from posekit.engine.answers import Ready
from posekit.errors import SettingsError
from posekit.frame import Frame
from posekit.outputs.osc.opening import open_osc
from posekit.settings import Settings
from posekit.sources import open_source

A_MACHINE = Machine("Some CPU, 2 cores", "Some CPU", 2, "Linux", "3.11.7", "litert", {"numpy": "2.4.6"})


def test_the_listener_knows_when_the_last_packet_of_a_frame_came() -> None:
    people = [a_person(at, at) for at in range(1, 7)]
    with Listener() as listener:
        osc = open_osc(Settings(osc=(listener.target,)), SystemClock())
        assert osc is not None
        began = time.perf_counter()
        for index in (7, 8):
            osc.update(a_scene(*people, index=index))
        sent, packets = time.perf_counter(), osc.packets
        end = time.monotonic() + 5
        while len(listener._packets) < packets and time.monotonic() < end:
            time.sleep(0.001)
        arrivals = listener.arrivals()
        osc.close()
    assert sorted(arrivals) == [7, 8]
    assert began < arrivals[7] < arrivals[8] < sent + 1
    assert packets > 2


def test_what_is_no_osc_has_no_frame_number() -> None:
    assert frame_number(b"hello") is None
    assert frame_number(b"") is None


def test_rounds_and_latencies_come_from_the_scenes_own_times() -> None:
    captured = {10: 1.0, 11: 1.25, 13: 1.75, 14: 2.0}
    seen = tuple(
        Seen(a_scene(a_person(1, 1), index=index, time=time), time + 0.5) for index, time in captured.items()
    )
    watched = Watched(Ready("clip", False, 30.0, "PoseNet"), seen)
    assert watched.rounds == [0.25, 0.25]
    assert watched.to_scene() == [0.5] * 4
    assert watched.to_osc({10: 1.125, 14: 2.25}) == [0.125, 0.25]
    assert watched.people == 1


def test_a_spread_is_in_order() -> None:
    spread = Spread.of(range(101))
    assert (spread.p50, spread.p95, spread.p99) == (50, 95, 99)
    assert spread.as_dict("p50", "p99") == {"p50": 50, "p99": 99}


def test_figures_have_the_documented_keys() -> None:
    spread = Spread(1.0, 2.0, 3.0)
    figures = Figures(
        *(6.5, 8.5, 0.75, 1.0625, spread, spread, spread),
        *(150.0, 1.5, 0.03125, None, 1.5, "clip", "PoseNet", A_MACHINE),
    )
    data = json.loads(json.dumps(figures.as_dict()))
    assert data["latency_ms"] == {
        "captured_to_scene": {"p50": 1.0, "p95": 2.0},
        "captured_to_osc": {"p50": 1.0, "p95": 2.0},
    }
    assert data["frame_ms"] == {"p50": 1.0, "p99": 3.0}
    assert data["machine"]["name"] == "Some CPU, 2 cores"
    numbers = "inference_ms decode_ms overhead_ratio osc_us_per_frame start_s import_s"
    assert all(isinstance(data[name], float) for name in numbers.split())
    assert data["rss_mb"] is None


def test_the_machine_is_described_without_its_name_in_the_network() -> None:
    machine = describe_machine("litert")
    assert machine.cpu
    assert machine.cores >= 1
    assert "numpy" in machine.versions
    assert socket.gethostname() not in machine.name


def test_memory_is_told_of_living_processes_only() -> None:
    import os

    mine = resident_mb(os.getpid())
    assert mine is None or 10 < mine < 10_000
    assert resident_mb(2**30) is None


def test_a_clip_holds_the_frames_it_was_made_of(tmp_path: Path) -> None:
    frames = [Frame(np.full((48, 64, 3), value, np.uint8), 0.0, at) for at, value in enumerate((40, 90, 200))]
    clip = tmp_path / "clip.avi"
    write_clip(frames, 200.0, clip)
    source = open_source(str(clip), ManualClock(), every_frame=True)
    assert source.rate == pytest.approx(200)
    read = [frame for frame in source.frames() if isinstance(frame, Frame)]
    assert len(read) == 3
    assert [round(float(frame.pixels.mean())) for frame in read] == pytest.approx([40, 90, 200], abs=3)


def test_a_camera_cannot_be_played_twice_alike() -> None:
    with pytest.raises(SettingsError, match="cannot be played twice alike"):
        read_frames("0")


def test_an_engine_is_watched_with_its_osc(asset) -> None:
    clip = str(asset("data/videos/crossing.mp4"))
    with Listener() as listener:
        settings = Settings(source=clip, osc=(listener.target,))
        watched = watch_engine(settings, 0.5)
        to_osc = watched.to_osc(listener.arrivals())
        osc = time_osc(settings, [seen.scene for seen in watched.seen])
    assert len(watched.seen) >= 2
    assert len(to_osc) >= len(watched.seen) - 1
    # OSC leaves before the scene does, and both after the model has looked.
    looks = [seen.scene.estimated - seen.scene.captured for seen in watched.seen]
    assert 0 < np.median(looks) < np.median(to_osc)
    assert np.median(looks) < np.median(watched.to_scene())
    assert 0 < osc < 0.1


@pytest.mark.soak
@pytest.mark.timeout(180)
def test_the_whole_table_in_the_short_form(asset, capsys) -> None:
    from posekit.bench.measure import measure
    from posekit.cli.bench import _table
    from posekit.engine.prepare import prepare

    settings = prepare(Settings(source=str(asset("data/videos/crossing.mp4"))))
    said: list[str] = []
    figures = measure(settings, 0.5, said.append, turns=1)
    assert len(said) == 5
    assert figures.inference_ms > 0
    assert figures.inference_paced_ms > 0
    assert figures.overhead_ratio > 0.3
    assert figures.frame_ms.p50 <= figures.frame_ms.p99
    assert figures.start_s > 0
    json.dumps(figures.as_dict())
    assert _table(figures).row_count == 11
    assert capsys.readouterr().out == ""


def test_rounds_count_what_the_engine_dropped_and_leave_out_what_the_runner_missed() -> None:
    from posekit.bench.engine import Seen, Watched
    from posekit.engine.answers import Ready
    from posekit.scene import Scene

    def seen(index: int, dropped: int, captured: float) -> Seen:
        return Seen(Scene(index, (64, 48), captured, captured, captured, dropped=dropped), captured)

    scenes = (seen(0, 0, 0.0), seen(1, 0, 0.1), seen(4, 2, 0.3), seen(7, 3, 0.6))
    watched = Watched(Ready("clip", False, 30.0, "posenet"), scenes)
    assert watched.rounds == pytest.approx([0.1, 0.2])
