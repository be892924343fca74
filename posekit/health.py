"""How the engine and its camera are doing, as a value that can be read, shown and sent."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class CameraState(IntEnum):
    """What the source delivers; the numbers are those of OSC's `/health/camera`."""

    LOST = 0
    OK = 1
    FROZEN = 2
    BLACK = 3


@dataclass(frozen=True)
class Health:
    """The engine's condition at one instant."""

    engine: bool = True
    """Whether an engine runs."""
    camera: CameraState = CameraState.OK
    fps: float = 0.0
    """Scenes per second over the last second or so."""
    latency_ms: float = 0.0
    """Milliseconds from capture to publication of the newest scene."""
    packets_per_second: float = 0.0
    """OSC packets sent, all targets together, over the last second or so."""
    target_rates: tuple[float, ...] = ()
    """The same for each target, in their order."""
    dropped: int = 0
    """Frames that the source captured and nobody looked at, since the start."""
    sharing: str = ""
    """What of the camera other programs can see over `--web`: `picture`, `mask`, both; empty for nothing."""
    paused: bool = False
    """Whether nobody is looked for, because somebody asked for a pause."""
