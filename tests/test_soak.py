"""Long runs: `POSEKIT_SOAK_SECONDS=1200 pytest -m soak`; CI runs the short form."""

from __future__ import annotations

import io
import os
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from posekit.engine.owner import Engine
from posekit.engine.wire import Message, read_messages
from posekit.errors import PosekitError
from posekit.resolving import resolve
from posekit.settings import Settings

pytestmark = [pytest.mark.soak, pytest.mark.timeout(0)]
SECONDS = float(os.environ.get("POSEKIT_SOAK_SECONDS", "600"))


def measure(process_id: int) -> tuple[int, int, int]:
    """Return a process's resident memory in kB, open files and threads."""
    status = Path(f"/proc/{process_id}/status").read_text()
    fields = dict(line.split(":", 1) for line in status.splitlines())
    files = len(list(Path(f"/proc/{process_id}/fd").iterdir()))
    return int(fields["VmRSS"].split()[0]), files, int(fields["Threads"])


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_an_engine_on_a_looping_clip_does_not_grow(asset) -> None:
    engine = Engine(Settings(source=str(asset("data/videos/crossing.mp4")), osc=("127.0.0.1:9",)))
    measures = []
    try:
        engine.wait_ready()
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            assert engine.wait_scene(5.0)
            engine.take_scene()
            engine.take_events()
            measures.append(measure(engine.process_id))
    finally:
        engine.close()
    settled = np.array(measures[len(measures) // 4 :])
    assert len(settled) > 20
    assert np.ptp(settled[:, 1]) <= 1  # files
    assert np.ptp(settled[:, 2]) <= 1  # threads
    assert np.median(settled[-10:, 0]) - np.median(settled[:10, 0]) < 20_000  # kB


def test_random_bytes_on_the_pipe_end_in_an_error_or_in_nothing() -> None:
    numbers = np.random.default_rng(1)
    whole = Message("report", {"text": "hello"}, b"1234").encode()
    end, rounds = time.monotonic() + SECONDS / 10, 0
    while time.monotonic() < end or rounds < 100:
        data = bytearray(whole * 3)
        for _ in range(numbers.integers(1, 8)):
            data[numbers.integers(len(data))] = numbers.integers(256)
        try:
            for message in read_messages(io.BytesIO(bytes(data))):
                assert isinstance(message, Message)
        except (ValueError, KeyError, AttributeError):
            pass
        rounds += 1


def test_random_settings_are_taken_or_refused_in_a_sentence() -> None:
    numbers = np.random.default_rng(2)
    values = ["", "0", "-1", "1e9", "nan", "off", "481x353", "x", "\0", "ü" * 50, "[1]", "true"]
    end, rounds = time.monotonic() + SECONDS / 10, 0
    while time.monotonic() < end or rounds < 200:
        chosen = numbers.choice(list(Settings.model_fields), 3)
        try:
            resolve({}, {f"POSEKIT_{name.upper()}": str(numbers.choice(values)) for name in chosen})
        except PosekitError as error:
            assert "\n" not in str(error)
        rounds += 1
