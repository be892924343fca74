"""The show's state as Prometheus reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import generate_latest

from posekit.show.state import TROUBLES, Phase, ShowState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from prometheus_client.core import Metric

PHASES: tuple[Phase, ...] = ("starting", "open", "closed", "blackout", "card", "ending")


MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""Written out: the name in later versions of the library says another one."""


def write_metrics(state: ShowState) -> tuple[bytes, str]:
    """Return the figures as text, and what kind of text it is."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Reading(state))
    return generate_latest(registry), MEDIA_TYPE


class _Reading:
    """One state, as the library collects it."""

    def __init__(self, state: ShowState) -> None:
        self._state = state

    def collect(self) -> Iterator[Metric]:
        """Yield every family of figures."""
        state = self._state
        yield _one(
            "posekit_healthy", "1 when nothing is wrong that somebody has to look at", state.is_healthy
        )
        yield _one("posekit_uptime_seconds", "seconds since the supervisor started", state.uptime)
        yield _one("posekit_state_time_seconds", "wall time of this state, since 1970", state.time)
        yield _one("posekit_fps", "scenes per second from the engine", state.fps)
        yield _one("posekit_window_fps", "frames per second that the window shows", state.window_fps)
        yield _one("posekit_latency_seconds", "capture to publication of a scene", state.latency_ms / 1000)
        yield _one("posekit_people", "people now", state.people)
        yield _one("posekit_visits_today", "visits since midnight", state.visits_today)
        yield _one("posekit_osc_packets_per_second", "OSC packets sent", state.packets_per_second)
        yield _one("posekit_paused", "1 while nobody is looked for", state.paused)
        yield _one("posekit_disk_free_bytes", "bytes free on the show's disk", state.disk_free)
        yield _counter("posekit_dropped_frames", "frames that nobody looked at", {(): state.dropped}, ())
        phases = {(one,): one == state.phase for one in PHASES}
        yield _many("posekit_phase", "1 for what visitors see", ("phase",), phases)
        active = {trouble.name for trouble in state.troubles}
        troubles = {(name,): name in active for name in sorted({*TROUBLES, *active})}
        yield _many("posekit_trouble", "1 while this is wrong", ("name",), troubles)
        yield from self._parts()
        info = {(state.name, state.version, state.source, state.estimator, state.sketch): 1}
        labels = ("name", "version", "source", "estimator", "sketch")
        yield _many("posekit_show_info", "what runs", labels, info)

    def _parts(self) -> Iterable[Metric]:
        parts = self._state.parts
        label = ("part",)
        running = {(one.name,): one.state == "running" for one in parts}
        yield _many("posekit_part_running", "1 while the process runs", label, running)
        memory = {(one.name,): one.memory for one in parts}
        yield _many("posekit_part_memory_bytes", "resident memory", label, memory)
        restarts = {(one.name,): one.restarts for one in parts}
        yield _counter("posekit_part_restarts", "replacements that nobody planned", restarts, label)
        renewals = {(one.name,): one.renewals for one in parts}
        yield _counter("posekit_part_renewals", "replacements as planned", renewals, label)


def _one(name: str, description: str, value: float) -> Metric:
    return GaugeMetricFamily(name, description, value=float(value))


def _many(name: str, description: str, labels: tuple[str, ...], values: Mapping[Any, float]) -> Metric:
    family = GaugeMetricFamily(name, description, labels=labels)
    for of, value in values.items():
        family.add_metric(of, float(value))
    return family


def _counter(name: str, description: str, values: Mapping[Any, float], labels: tuple[str, ...]) -> Metric:
    family = CounterMetricFamily(name, description, labels=labels)
    for of, value in values.items():
        family.add_metric(of, float(value))
    return family
