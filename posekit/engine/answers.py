"""What an engine tells its owner, as the owner hands it on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from posekit import errors

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from posekit.health import Health
    from posekit.scene import Scene


@dataclass(frozen=True)
class Ready:
    """What the engine says once it runs."""

    source: str
    is_camera: bool
    rate: float
    estimator: str


class Taken(NamedTuple):
    """A scene and what belongs to it."""

    scene: Scene
    health: Health
    picture: NDArray[np.uint8] | None = None
    """(H, W, 3) uint8 RGB; None when it was not wanted, or has been overwritten meanwhile."""
    mask: NDArray[np.uint8] | None = None
    """(H, W) uint8; None when there is none, or it has been overwritten meanwhile."""
    has_picture: bool = False
    """Whether the source showed a picture with it, here or overwritten."""
    has_mask: bool = False
    """Whether silhouettes are known of it, here or overwritten."""
    place: tuple[int, int] | None = None
    """Where in the shared memory the picture is: the buffer, and its stamp."""


class Switched(NamedTuple):
    """What became of another estimator that the engine was asked to go on with."""

    number: int
    """Under which it was asked for."""
    estimator: str
    """What looks now, in a line."""
    failure: errors.PosekitError | None
    """Why that is still the old one."""


def read_switched(data: dict[str, Any]) -> Switched:
    """Unpack an engine's answer to another estimator that it was asked for."""
    failure = as_error(data["failure"]) if data["failure"] is not None else None
    return Switched(data["number"], data["estimator"], failure)


def as_error(data: dict[str, Any]) -> errors.PosekitError:
    """Return the error that the engine raised, as the same type where it can be made from a sentence."""
    kind = getattr(errors, data["type"], errors.EngineError)
    # An UnknownNameError is made from names, and its sentence is finished already.
    made: type[errors.PosekitError] = errors.SettingsError if kind is errors.UnknownNameError else kind
    return made(data["text"])
