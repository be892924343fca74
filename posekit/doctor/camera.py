"""Does the camera open, does its picture move, and if not, what may be the matter."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from posekit.doctor.finding import SEE_LIBRARIES, Finding, blames_library, ok, trouble, warning
from posekit.ports import program_name
from posekit.service.permissions import holders

if TYPE_CHECKING:
    from posekit.doctor.child import Child

CHECK = "camera"
LEAST_SHARE = 0.6
"""A camera that gives less than this of the rate it announced is worth a word."""
REPLUG = "unplug it and plug it in again, at another socket of the computer itself"


def describe_camera(child: Child, in_time: bool, asked: str) -> list[Finding]:
    """Return what the child found of the source that was asked for."""
    cameras = child.found("cameras")
    if cameras is not None and not cameras["cameras"]:
        return [
            warning(
                CHECK,
                "no camera was found",
                "plug one in (Linux: you must be in the group video); films work without: --source sample",
            )
        ]
    source = next((one["source"] for one in child.told if "source" in one), asked)
    failure = child.found("failure")
    if failure is not None and blames_library(failure["reason"]):
        return [trouble(CHECK, "it cannot be looked at without a library", SEE_LIBRARIES)]
    if failure is not None:
        return [
            trouble(CHECK, failure["reason"], _holder_hint(source) or "posekit cameras lists what is here")
        ]
    opened, seen = child.found("opened"), child.found("pictures")
    if seen is not None and opened is not None:
        return [_judge(opened, seen)]
    if not in_time:
        what = f"{opened['description']}: its driver hangs" if opened else f"{source} does not open in time"
        todo = _holder_hint(source) or f"{REPLUG}; end other programs that use a camera"
        return [trouble(CHECK, what, todo)]
    return [trouble(CHECK, f"looking at {source} took the process down ({child.reason})", REPLUG)]


def describe_light(child: Child) -> list[Finding]:
    """Return what the child found of the light, where there was a picture that shows any."""
    seen, light = child.found("pictures"), child.found("light")
    if light is None or seen is None or seen["state"] in ("black", "frozen", "lost"):
        return []
    return [Finding(**finding) for finding in light["findings"]]


def _judge(opened: dict[str, Any], seen: dict[str, Any]) -> Finding:
    """Judge what was seen of an open source."""
    named, pictures, state = opened["description"], seen["pictures"], seen["state"]
    rate = pictures / seen["seconds"] if seen["seconds"] > 0 else 0.0
    if not opened["is_live"]:
        return ok(CHECK, f"{named}: no camera, and it can be read")
    if not pictures or state == "lost":
        return trouble(CHECK, f"{named}: it delivers no picture", REPLUG)
    if state == "frozen":
        return trouble(CHECK, f"{named}: it shows the very same picture again and again", REPLUG)
    if state == "black":
        return warning(CHECK, f"{named}: it shows black", "is it covered, or the room dark?")
    named += f"; its picture moves, {rate:.0f} a second"
    if rate < LEAST_SHARE * seen["announced"]:
        todo = f"it announced {seen['announced']:.0f}: more light, a smaller --camera-size, another socket"
        return warning(CHECK, named, todo)
    return ok(CHECK, named)


def _holder_hint(source: str) -> str:
    """Say who has a camera, where the system tells (Linux)."""
    names = {name for pid in holders(Path(f"/dev/video{source}")) if (name := program_name(pid))}
    return f"close {' and '.join(sorted(names))}, which has it" if names else ""
