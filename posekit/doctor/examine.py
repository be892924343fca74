"""All checks, side by side where they take long; none opens a connection to another machine."""

from __future__ import annotations

import ipaddress
from dataclasses import asdict
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from posekit.clock import SystemClock
from posekit.doctor.camera import describe_camera, describe_light
from posekit.doctor.child import Child
from posekit.doctor.display import describe_display
from posekit.doctor.finding import Finding, ok, trouble
from posekit.doctor.machine import (
    check_disk,
    check_memory,
    check_versions,
    describe_libraries,
    wanted_libraries,
)
from posekit.doctor.models import describe_model
from posekit.doctor.network import check_echo, check_firewall, check_osc_in, check_targets, check_web
from posekit.engine.options import camera_request
from posekit.sources import STREAMS

if TYPE_CHECKING:
    from collections.abc import Callable

    from posekit.settings import Settings

SECONDS = 8.5
"""How long camera and model may take, side by side: some webcams need five to open, and the picture is
watched for two."""
MODEL_SETTINGS = {"estimator", "model", "input_size", "runtime"}


def examine(settings: Settings) -> list[Finding]:
    """Look at everything, in ten seconds at most; nothing is raised, fetched, or asked of other machines."""
    clock = SystemClock()
    end = clock.now() + SECONDS
    told = settings.model_dump(mode="json", include=MODEL_SETTINGS)
    with (
        Child("posekit.doctor.parts_child", {"libraries": wanted_libraries(), "settings": told}) as parts,
        Child("posekit.doctor.camera_child", _camera_order(settings)) as camera,
    ):
        quick = [finding for check in _quick_checks(settings) for finding in check()]
        has_seen = camera.wait(max(0.1, end - clock.now()))
        has_run = parts.wait(max(0.1, end - clock.now()))
        slow = [
            _guarded("camera", lambda: _describe_camera(camera, has_seen, settings)),
            _guarded("light", lambda: describe_light(camera)),
            _guarded("model", lambda: describe_model(parts, has_run)),
            _guarded("display", lambda: describe_display(parts, has_run)),
        ]
        libraries = _guarded("libraries", lambda: describe_libraries(parts, has_run))
    return [*(finding for check in slow for finding in check()), *quick, *libraries()]


def _quick_checks(settings: Settings) -> list[Callable[[], list[Finding]]]:
    return [
        _guarded("OSC out", lambda: check_targets(settings)),
        _guarded("OSC in", lambda: check_osc_in(settings)),
        _guarded("web", lambda: check_web(settings)),
        _guarded("echo", check_echo),
        _guarded("firewall", lambda: check_firewall(settings)),
        _guarded("disk", check_disk),
        _guarded("memory", check_memory),
        _guarded("versions", check_versions),
    ]


def _guarded(name: str, check: Callable[[], list[Finding]]) -> Callable[[], list[Finding]]:
    """Return a check that finds its own failure instead of raising it, so that the others are told."""

    def guarded() -> list[Finding]:
        try:
            return check()
        except Exception as error:
            found = f"this could not be looked at ({type(error).__name__}: {error})"
            return [trouble(name, found, "please report it, with posekit doctor --json")]

    return guarded


def _camera_order(settings: Settings) -> dict[str, object]:
    source = "" if is_remote(settings.source) else settings.source
    controls = asdict(camera_request(settings).controls)
    return {"source": source, "size": settings.camera_size, "controls": controls}


def _describe_camera(child: Child, in_time: bool, settings: Settings) -> list[Finding]:
    if is_remote(settings.source):
        return [ok("camera", f"{settings.source}: not looked at, as it is on another machine")]
    return describe_camera(child, in_time, settings.source)


def is_remote(source: str) -> bool:
    """Whether a source is a stream that another machine sends."""
    if not source.lower().startswith(STREAMS):
        return False
    host = urlsplit(source).hostname or ""
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host != "localhost"
