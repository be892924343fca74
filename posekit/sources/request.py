"""What a camera is asked for whenever it is opened, the first time and after it was unplugged."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from posekit.geometry import Size

Control = float | Literal["auto"] | None
"""A value in the camera's own unit (locked), "auto" (the camera decides), or None (left as it is)."""


@dataclass(frozen=True)
class CameraControls:
    """What a camera otherwise decides for itself, and changes while people walk about."""

    exposure: Control = None
    """Linux: in 100 microseconds; Windows: the power of two of seconds (-6 is 1/64 s)."""
    white_balance: Control = None
    """In kelvin."""
    focus: Control = None
    """In the camera's own steps."""
    gain: float | None = None
    """In the camera's own steps."""


@dataclass(frozen=True)
class CameraRequest:
    """What a camera is asked for whenever it is opened."""

    size: Size = (1280, 720)
    rate: float = 30.0
    controls: CameraControls = field(default_factory=CameraControls)
