"""docs/extending.md: the dialect and the estimator that it shows are run as they stand there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from builders import a_person, a_pose, a_scene
from osc_messages import messages_of

from posekit.outputs.osc import parse_target
from posekit.outputs.osc.dialects import DIALECTS
from posekit.outputs.osc.sheet import Occasions

PAGE = Path(__file__).parent.parent / "docs/extending.md"
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)


def run(*blocks: str) -> dict[str, Any]:
    """Run code as one file and return its names."""
    names: dict[str, Any] = {}
    exec(compile("\n".join(blocks), str(PAGE), "exec"), names)
    return names


def test_the_page_shows_a_dialect_an_estimator_and_a_program() -> None:
    assert len(BLOCKS) == 3


def test_the_dialect_tells_of_hands_and_of_an_empty_room(monkeypatch: pytest.MonkeyPatch) -> None:
    dialect = run(BLOCKS[0])["DIALECT"]
    monkeypatch.setitem(DIALECTS, "hands", dialect)
    target = parse_target("127.0.0.1:9000:hands,slots=2,prefix=/cam")
    encoder = dialect.encoder(target, {})
    pose = a_pose(left_wrist=(0.25, 0.5), right_wrist=(0.75, 0.5), missing=["nose"])
    packets = encoder.update(0.0, a_scene(a_person(1, slot=1, pose=pose)), (), None)
    told = dict(message for packet in packets for message in messages_of(packet))
    assert set(told) == {"/cam/hand/1", "/cam/hand/2"}
    assert told["/cam/hand/1"] == pytest.approx((0.25, 0.5, 0.75, 0.5))
    assert told["/cam/hand/2"] == (0, 0, 0, 0)
    sheet = list(dialect.sheet(target, Occasions()))
    assert [entry.address for entry in sheet] == ["/cam/hand/1", "/cam/hand/2"]
    assert all(len(entry.values) == 4 for entry in sheet)


def test_the_estimator_drives_the_stages(asset: Any, capsys: pytest.CaptureFixture[str]) -> None:
    clip = str(asset("data/videos/crossing.mp4"))
    program = BLOCKS[2].replace('"sample"', repr(clip)).replace("    break\n", "")
    names = run(BLOCKS[1], program)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 50
    assert not lines[-1].endswith("[]")  # what it follows is somebody by then
    (pose,) = names["step"].estimate.poses
    assert np.isfinite(pose.xy).all()
