"""From the words a user writes to a server, and to the sentences that say who can see what."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

from posekit.errors import SettingsError
from posekit.estimators.options import WITH_MASK
from posekit.outputs.web.address import WebAddress, web_address

if TYPE_CHECKING:
    from collections.abc import Callable

    from posekit.outputs.web.server import WebServer
    from posekit.settings import Settings

NEEDED = ("starlette", "uvicorn", "websockets")
MASKLESS = (
    "--share mask needs a silhouette, which of the estimators blazepose alone gives, not {name}; choose "
    "--estimator blazepose, or share the picture"
)


def check_web(settings: Settings) -> WebAddress | None:
    """Return where the settings want a server, or None; raises `SettingsError` for what cannot be."""
    address = web_address(settings)
    if address is None:
        return None
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise SettingsError(f"--web needs {' and '.join(missing)}; pip install 'posekit[web]'")
    if "mask" in settings.share:
        if settings.estimator not in ("auto", *WITH_MASK):
            raise SettingsError(MASKLESS.format(name=settings.estimator))
        if settings.mask is False:
            raise SettingsError("--share mask needs silhouettes, which are switched off; leave --no-mask out")
    return address


def open_web(settings: Settings, report: Callable[[str], None]) -> WebServer | None:
    """Open the server that the settings ask for, and say what it shows to whom; None without `--web`.

    Raises what `check_web` raises, and `OutputError` for a port that is taken.
    """
    address = check_web(settings)
    if address is None:
        return None
    from posekit.outputs.web.server import WebServer

    sharing = describe_sharing(address, settings)
    server = WebServer(
        address, shares=settings.share, origins=settings.web_origin, sharing=sharing, report=report
    )
    report(f"web: {address.url(scheme='ws')} (also /tfjs, /events); to look at: {address.url()}")
    for line in (*describe_network(address, settings), *sharing):
        report(line)
    return server


def describe_network(address: WebAddress, settings: Settings) -> list[str]:
    """Return what to say where others than this machine can listen."""
    if address.is_loopback:
        return []
    shown = " and ".join(("poses and events", *(f"the {name}" for name in settings.share)))
    return [f"everybody in the network who reaches {address.name}:{address.port} can see {shown}"]


def describe_sharing(address: WebAddress, settings: Settings) -> list[str]:
    """Return what of the camera is shared, in sentences."""
    whom = "this machine only" if address.is_loopback else "the whole network"
    return [f"the {name} is shared at {address.url(f'/{name}.mjpg')}, with {whom}" for name in settings.share]
