"""The figures of one benchmark, and how they are written as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from posekit.bench.machine import Machine


@dataclass(frozen=True)
class Spread:
    """How a figure is distributed: half of all values lie below `p50`, 95 of 100 below `p95`."""

    p50: float
    p95: float
    p99: float

    @staticmethod
    def of(values: Sequence[float]) -> Spread:
        """Return the spread of at least one value."""
        return Spread(*(percentile(values, share) for share in (50, 95, 99)))

    def as_dict(self, *names: str) -> dict[str, float]:
        """Return some of the percentiles by name."""
        return {name: _short(getattr(self, name)) for name in names}


@dataclass(frozen=True)
class Figures:
    """What `posekit bench` found; times in the unit that the name says."""

    inference_ms: float
    """Median: drawing a frame into the model's input and running it, alone on the machine."""
    inference_paced_ms: float
    """Median of the same 30 times a second: a model that rests between frames finds its caches cold."""
    decode_ms: float
    """Median: finding poses in the model's tensors; 0 for a model that gives poses itself."""
    overhead_ratio: float
    """The engine's whole round over the bare estimator's, both flat out, without reading the clip."""
    captured_to_scene: Spread
    """Milliseconds from a frame's capture until its scene and picture are in the runner."""
    captured_to_osc: Spread
    """Milliseconds from a frame's capture until its last OSC packet has arrived."""
    frame_ms: Spread
    """Milliseconds from one frame of a window to the next, at 60 a second."""
    osc_us_per_frame: float
    """Median microseconds that sending one scene takes."""
    start_s: float
    """Seconds from starting `posekit run` to its first scene."""
    import_s: float
    """Seconds that importing posekit's public names takes longer than importing NumPy."""
    rss_mb: float | None
    """Resident memory of `posekit run` and its engine, in MB; None where the system does not say."""
    people: float
    """Mean number of people in a scene."""
    source: str
    estimator: str
    machine: Machine

    def as_dict(self) -> dict[str, Any]:
        """Return the figures as plain values, as `posekit bench --json` prints them."""
        found: dict[str, Any] = {field.name: getattr(self, field.name) for field in fields(self)}
        latency = {
            name: found.pop(name).as_dict("p50", "p95") for name in ("captured_to_scene", "captured_to_osc")
        }
        found["latency_ms"] = latency
        found["frame_ms"] = self.frame_ms.as_dict("p50", "p99")
        found["machine"] = asdict(self.machine)
        return {name: _short(value) if isinstance(value, float) else value for name, value in found.items()}


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` of 100 values lie."""
    import numpy as np

    return float(np.percentile(values, share))


def _short(value: float) -> float:
    """Drop digits that nobody can repeat."""
    return round(value, 3)
