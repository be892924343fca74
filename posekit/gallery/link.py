"""What a gallery and its window tell each other, in the engine's own messages (`engine/wire.py`).

| to the window | |
|---|---|
| `scene`, `events` | as the engine sends them; the scene says where its picture is |
| `blank` | there is no scene any more, only `health` |
| `letters` | OSC for the sketch: packets in the blob, one after the other |
| `tell` | what is to be done: `what`, and what belongs to it |
| `end` | end in good order |

| from the window | |
|---|---|
| `ready` | the first frame is on the screen |
| `beat` | `WindowBeat`, a few times a second |
| `wish` | what it asks of the engine |
| `report`, `failure`, `quit` | a sentence; why it ends; that its user ended it |
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from posekit.engine.wire import Message, scene_message
from posekit.inputs.osc import Letter, read_packet

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from posekit.runner.feed import Update


@dataclass(frozen=True)
class WindowBeat:
    """How a window is doing. Times are seconds on the clock of frames and scenes."""

    frames: int = 0
    """Frames shown since it was started."""
    fps: float = 0.0
    """Frames per second since the beat before."""
    longest_ms: float = 0.0
    """The longest time between two frames since the beat before, the one that lasts among them."""
    stalled: float = 0.0
    """How long the frame that it is at has taken."""
    captured: float = 0.0
    """When the newest picture was captured of which it has shown the scene; 0 before the first."""
    failing: str = ""
    """What goes wrong in the sketch just now; empty when nothing does."""
    errors: int = 0
    """Errors in the sketch so far."""
    refused: str = ""
    """Why the sketch that was saved last is not the one that runs; empty where it is."""
    parameters: tuple[dict[str, Any], ...] = ()
    """Name, value, default and kind of each parameter, and what of min, max, step, choices, description
    there is."""
    presets: tuple[dict[str, Any], ...] = ()
    """Number and name of each saved preset."""
    title: str = ""

    @classmethod
    def read(cls, message: Message) -> WindowBeat:
        """Read a `beat`; one from before there is a sketch says little."""
        data = dict(message.data)
        for name in ("parameters", "presets"):
            data[name] = tuple(data.get(name, ()))
        return cls(**data)


def update_message(update: Update) -> Message:
    """Pack an update's scene, health and where its picture is; its events travel by themselves."""
    if update.scene is None:
        return Message("blank", {"health": asdict(update.health)})
    return scene_message(update.scene, update.health, update.place, masked=update.masked)


def letters_message(letters: Sequence[Letter]) -> Message:
    """Pack OSC messages; who sent them does not matter any more."""
    packets = [letter.message.with_address(letter.message.address) for letter in letters]
    return Message("letters", {"lengths": [len(packet) for packet in packets]}, b"".join(packets))


def read_letters(message: Message) -> Iterator[Letter]:
    """Unpack what `letters_message` packed."""
    at = 0
    for length in message.data["lengths"]:
        for found in read_packet(message.blob[at : at + length]) or ():
            yield Letter(found, None)
        at += length


def kept_values(parameters: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return what of a beat's parameters a later window is to begin with: those that were turned.

    Others follow their default, also when that is changed in the sketch.
    """
    return {one["name"]: one["value"] for one in parameters if one["value"] != one["default"]}
