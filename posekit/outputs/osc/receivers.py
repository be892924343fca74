"""The programs that receive: which target suits each of them, and what to set there."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from posekit.errors import UnknownNameError

if TYPE_CHECKING:
    from posekit.outputs.osc.target import Target


class Receiver(NamedTuple):
    """A program that receives OSC."""

    keys: dict[str, str]
    """Keys of the target that suits it, as they are written in a target."""
    hint: str
    """What to set there; words in braces stand for the target's own, see `receiver_hint`."""


ANY = Receiver({}, "In the receiver: OSC over UDP, port {port}; {address} brings {numbers}.")
PRESETS: dict[str, Receiver] = {
    "touchdesigner": Receiver(
        {"layout": "split", "origin": "bottom-left"},
        "In TouchDesigner: an OSC In CHOP with Network Port {port}; its channels begin with {channel}.",
    ),
    "max": Receiver(
        {"layout": "packed"},
        "In Max: [udpreceive {port}] into [route {address}], which gives {numbers}.",
    ),
    "pd": Receiver(
        {"layout": "packed"},
        "In Pd: [netreceive -u -b {port}], [oscparse], [list trim], {routes} give {numbers}.",
    ),
    "ableton": Receiver(
        {"layout": "split", "origin": "bottom-left"},
        "In Live: a Max for Live device, [udpreceive {port}] into [route {address}], which gives {numbers}.",
    ),
    "resolume": Receiver(
        {"layout": "split", "origin": "bottom-left"},
        "In Resolume: Preferences > OSC, OSC Input on, port {port}; Shortcuts > Edit OSC, choose a parameter "
        "and enter {address} as its address.",
    ),
    "unity": Receiver(
        {"layout": "packed", "origin": "centred"},
        'In Unity with extOSC: an OSC Receiver with Local Port {port}, and Bind("{address}", ...), whose '
        "message holds {numbers}.",
    ),
}
"""The programs that `--for` knows."""
ORIGIN_HINTS = {
    "top-left": "x and y run from 0 to 1 over the picture, y downwards.",
    "bottom-left": "x and y run from 0 to 1 over the picture, y upwards.",
    "centred": "x and y are 0 in the picture's middle, in picture heights, y upwards.",
}


def preset(tool: str) -> dict[str, str]:
    """Return the target keys that suit a program; raises `UnknownNameError` with the nearest name."""
    return dict(_find(tool).keys)


def receiver_hint(tool: str | None, target: Target) -> str:
    """Return what to set in the receiver and what it will get; None for any program that speaks OSC."""
    receiver = ANY if tool is None else _find(tool)
    names = target.keypoint_names
    name = "left_wrist" if "left_wrist" in names else names[0]
    address = f"{target.prefix}/p1/{name}" + ("/x" if target.layout == "split" else "")
    hint = receiver.hint.format(
        port=target.port,
        address=address,
        channel=address.lstrip("/"),
        routes=", ".join(f"[route {part}]" for part in address.strip("/").split("/")),
        numbers="x" if target.layout == "split" else "x, y and score",
    )
    return f"{hint} {ORIGIN_HINTS[target.origin]}"


def _find(tool: str) -> Receiver:
    try:
        return PRESETS[tool]
    except KeyError:
        raise UnknownNameError("receiver", tool, PRESETS) from None
