"""Opens what listens to others, and what sends a sketch's own messages, as the settings say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posekit.errors import OutputError, SettingsError
from posekit.inputs.osc import OscReceiver, parse_place
from posekit.inputs.osc.place import AUTO
from posekit.outputs.osc.opening import open_messages, targets_of
from posekit.ports import PortTakenError
from posekit.runner.remote import Remote

if TYPE_CHECKING:
    from collections.abc import Callable

    from posekit.clock import Clock
    from posekit.inputs.osc import Place
    from posekit.settings import Settings


def check_remote(settings: Settings) -> Place | None:
    """Return where the settings want OSC in to listen, and say what cannot be before anything is started.

    Raises `SettingsError` for what is no place, or one that OSC is sent to as well.
    """
    place = parse_place(settings.osc_in)
    if place is not None and settings.osc_in != AUTO and _is_target(settings, place):
        raise SettingsError(
            f"osc-in: OSC is sent to {place} too, and would come back; listen elsewhere, "
            f"as in --osc-in {_another(place.port)}"
        )
    return place


def open_remote(
    settings: Settings, clock: Clock, report: Callable[[str], None], *, is_show: bool = True
) -> Remote:
    """Open what listens and what sends the sketch's own messages, and say where.

    Unless a place is set it listens in a show only (`is_show`), not while a file is rendered, and a port that
    is taken is no reason to do without the show. Raises `OutputError` for a place that was set and cannot be
    had.
    """
    messages = open_messages(settings, report)
    try:
        receiver = _open_receiver(settings, clock, report, is_show=is_show)
    except BaseException:
        messages.close()
        raise
    return Remote(clock, receiver, messages, report)


def _open_receiver(
    settings: Settings, clock: Clock, report: Callable[[str], None], *, is_show: bool
) -> OscReceiver | None:
    place = check_remote(settings)
    is_auto = settings.osc_in == AUTO
    if place is None or (is_auto and not is_show):
        return None
    if is_auto and _is_target(settings, place):
        report(f"OSC in: off, because OSC is sent to {place}; --osc-in PORT listens elsewhere")
        return None
    try:
        receiver = OscReceiver(place, clock)
    except PortTakenError as error:
        taken = f"{place} is in use by {error.holder or 'another program'}"
        if is_auto:
            report(f"OSC in: off, because {taken}; --osc-in PORT listens elsewhere")
            return None
        raise OutputError(
            f"osc-in: {taken}; close it, or listen elsewhere, as in --osc-in {_another(place.port)}"
        ) from error
    except OutputError as error:
        if is_auto:
            report(f"OSC in: off ({error})")
            return None
        reason = getattr(error.__cause__, "strerror", None) or "no such host"
        raise OutputError(
            f"osc-in: cannot listen at {place} ({reason}); the host is this machine's own address, "
            f"and {place.port} alone is its own programs'"
        ) from error
    who = "" if place.is_private else ", open to every computer in the network"
    report(f"OSC in: {place}{who}")
    return receiver


def _is_target(settings: Settings, place: Place) -> bool:
    """Whether what is sent would come back in."""
    here = ("127.0.0.1", "localhost", "::1", "0.0.0.0", "::", place.host)  # noqa: S104 (compared, not bound)
    return any(
        target.port == place.port and (target.host in here or not place.is_private)
        for target in targets_of(settings)
    )


def _another(port: int) -> int:
    return port + 1 if port < 65535 else port - 1
