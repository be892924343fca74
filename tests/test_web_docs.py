"""The messages that docs/web.md shows are the ones that the program writes."""

from __future__ import annotations

import json
import re
from pathlib import Path

from builders import a_person, a_scene

from posekit.outputs.web.mailbox import EVENT_LIMIT
from posekit.outputs.web.messages import Moment, write_event
from posekit.outputs.web.projector import LARGEST_SIDE, RATE
from posekit.outputs.web.site import CLIENT_LIMIT, FORMS
from posekit.scene import Empty, Enter, Gesture, Leave, ZoneEvent

PAGE = (Path(__file__).parent.parent / "docs" / "web.md").read_text()
WHOLE, EVENTS = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)


def test_the_whole_message() -> None:
    enter = write_event(Enter(7, 1, 12.5))
    assert enter is not None
    moment = Moment(a_scene(a_person(7, 1), time=12.5, size=(640, 480)))
    written = json.loads(moment.whole([enter], mirror=False))
    shown = json.loads(re.sub(r",\s*\.\.\.", "", WHOLE))
    (pose,), (first,) = shown["poses"], written["poses"]
    assert len(pose["keypoints"]) == 2
    first["keypoints"] = first["keypoints"][:2]
    assert list(shown) == list(written)
    assert list(pose) == list(first)
    assert shown == written


def test_the_events() -> None:
    told = [
        Gesture("wave", 7, 1, 14.0, strength=0.8),
        ZoneEvent("zone_enter", 7, 1, 15.0, zone="stage", occupancy=2),
        Leave(7, 1, 21.25, visit=8.75),
        Empty(time=26.25),
    ]
    written = [json.loads(write_event(event) or "") for event in told]
    shown = [json.loads(line) for line in EVENTS.splitlines()]
    assert [list(event.items()) for event in shown] == [list(event.items()) for event in written]


def test_the_numbers() -> None:
    assert f"{EVENT_LIMIT:,} wait for a client" in PAGE
    assert f"{CLIENT_LIMIT} clients are served" in PAGE
    assert f"at most {RATE:g} pictures a second and\n{LARGEST_SIDE} pixels" in PAGE
    for path in FORMS:
        assert f"`ws://127.0.0.1:8080{path}`" in PAGE
