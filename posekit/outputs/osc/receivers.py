"""The programs that receive: which target suits each of them, and what to set there."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from posekit.errors import UnknownNameError
from posekit.outputs.osc.dialects import find_dialect
from posekit.outputs.osc.target import DEFAULT_DIALECT

if TYPE_CHECKING:
    from posekit.outputs.osc.target import Target


class Receiver(NamedTuple):
    """A program that receives OSC."""

    keys: dict[str, str]
    """Keys of the target that suits it, as they are written in a target."""
    hint: str
    """What to set there; words in braces stand for the target's own, see `receiver_hint`."""
    dialect: str = "posekit"
    """The vocabulary that suits it."""


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
    "processing": Receiver(
        {"layout": "packed"},
        'In Processing with oscP5: new OscP5(this, {port}), and in oscEvent checkAddrPattern("{address}"), '
        "which holds {numbers}.",
    ),
    "supercollider": Receiver(
        {"layout": "packed"},
        "In SuperCollider: OSCdef(\\wrist, _.postln, '{address}', recvPort: {port}); "
        "after the address the message holds {numbers}.",
    ),
    "openframeworks": Receiver(
        {"layout": "packed"},
        'In openFrameworks: ofxOscReceiver::setup({port}), and getAddress() == "{address}" holds {numbers}.',
    ),
    "wekinator": Receiver(
        {},
        "In Wekinator: listen at port {port} for the input message {address}, which has {numbers}.",
        "wekinator",
    ),
}
"""The programs that `--for` knows."""
ALIASES = {"puredata": "pd", "td": "touchdesigner", "live": "ableton", "sc": "supercollider"}
"""What else some of them are called."""


def preset(tool: str) -> dict[str, str]:
    """Return the target keys that suit a program; raises `UnknownNameError` with the nearest name.

    `dialect` is among them where posekit's own is not what the program understands.
    """
    keys, _, dialect = _find(tool)
    return dict(keys) if dialect == DEFAULT_DIALECT else {"dialect": dialect, **keys}


def receiver_hint(tool: str | None, target: Target) -> str:
    """Return what to set in the receiver and what it will get; None for any program that speaks OSC."""
    suited = ANY if tool is None else _find(tool)
    # How a program is set up for one dialect says nothing about another.
    receiver = suited if suited.dialect == target.dialect else ANY
    address, numbers, units, note = find_dialect(target.dialect).sample(target)
    hint = receiver.hint.format(
        port=target.port,
        address=address,
        channel=address.lstrip("/"),
        routes=", ".join(f"[route {part}]" for part in address.strip("/").split("/")),
        numbers=numbers,
    )
    return " ".join(part for part in (hint, units, note) if part)


def _find(tool: str) -> Receiver:
    name = tool.lower()
    try:
        return PRESETS[ALIASES.get(name, name)]
    except KeyError:
        raise UnknownNameError("receiver", tool, PRESETS) from None
