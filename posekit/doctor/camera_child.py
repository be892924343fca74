"""Opens a source as a show does and watches what it delivers; runs in a process of its own."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from dataclasses import asdict
from typing import Any

from posekit.doctor.child import die_in_time, say
from posekit.errors import PosekitError
from posekit.sources.request import CameraControls, CameraRequest

WATCH_SECONDS = 2.2
"""How long the picture is watched: longer than it takes to tell that it is frozen or black."""


def look(order: dict[str, Any]) -> None:
    """Tell of a source: `{"source": ..., "size": [w, h], "controls": {...}}`."""
    text = order["source"]
    if not text:
        return
    try:
        _look(text, CameraRequest(tuple(order["size"]), controls=CameraControls(**order.get("controls", {}))))
    except PosekitError as error:
        say(found="failure", reason=str(error))
    except Exception as error:  # a broken library raises what it likes
        say(found="failure", reason=f"{type(error).__name__}: {error}")


def _look(text: str, request: CameraRequest) -> None:
    if text == "auto":
        from posekit.sources.camera import find_cameras

        say(doing="ask the system for its cameras")
        cameras = find_cameras()
        say(found="cameras", cameras=[[one.number, one.name] for one in cameras])
        if not cameras:
            return
        text = str(cameras[0].number)
    say(doing=f"open {text}", source=text)
    _watch(text, request)


def _watch(text: str, request: CameraRequest) -> None:
    from posekit.clock import SystemClock
    from posekit.doctor.light import Watch
    from posekit.frame import Frame
    from posekit.sources import is_live, open_source

    clock = SystemClock()
    notes: list[str] = []
    source = open_source(text, clock, request=request, report=notes.append)
    with closing(source):
        say(found="opened", description=source.description, is_live=is_live(text))
        say(doing=f"read {text}")
        first = began = clock.now()
        pictures, shape, watch = 0, (0, 0), Watch()
        for frame in source.frames():
            now = clock.now()
            if isinstance(frame, Frame):
                first = now if not pictures else first
                pictures += 1
                shape = frame.size
                watch.update(frame.pixels, frame.time)
            if now - (first if pictures else began) > WATCH_SECONDS:
                break
        pictures, seconds = pictures + getattr(source, "dropped", 0), clock.now() - first
        say(
            found="pictures",
            pictures=pictures,
            seconds=seconds,
            announced=source.rate,
            state=source.state.name.lower(),
            size=shape,
            notes=notes,
        )
        paces = (source.rate, pictures / max(seconds, 0.1)) if is_live(text) else (None, None)
        say(found="light", findings=[asdict(finding) for finding in watch.findings(*paces)])


if __name__ == "__main__":
    die_in_time()
    look(json.loads(sys.argv[1]))
