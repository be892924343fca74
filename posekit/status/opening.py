"""From what `[status]` of the show file says to a server, or to a sentence why there can be none."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

from posekit.errors import SettingsError
from posekit.outputs.web.address import OFF, parse_address
from posekit.outputs.web.opening import NEEDED
from posekit.status.access import check_token

if TYPE_CHECKING:
    from collections.abc import Callable

    from posekit.clock import Clock, Wall
    from posekit.outputs.web.address import WebAddress
    from posekit.show.actions import Desk
    from posekit.status.needs import Picture, Records
    from posekit.status.server import StatusServer

PACKAGES = (*NEEDED, "prometheus_client")


def check_status(text: str, token: str | None) -> WebAddress | None:
    """Return where the page is to be served, or None for `off`; raises `SettingsError` for what cannot be."""
    if text.strip().lower() in ("", OFF):
        return None
    try:
        address = parse_address(text)
    except SettingsError as error:
        raise SettingsError(str(error).replace("--web", "[status] address")) from None
    check_packages()
    if address is not None:
        check_token(address, token)
    return address


def check_packages() -> None:
    """Raise `SettingsError` where the packages that the page is served with are not installed."""
    missing = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        names = " and ".join(missing).replace("_", "-")
        raise SettingsError(
            f"the status page needs {names}; pip install 'posekit[web]', or write [status] address = \"off\""
        )


def open_status(
    text: str,
    desk: Desk,
    *,
    token: str | None = None,
    records: Records | None = None,
    preview: Callable[[], Picture | None] | None = None,
    report: Callable[[str], None] | None = None,
    clock: Clock | None = None,
    wall: Wall | None = None,
) -> StatusServer | None:
    """Open the page that `[status] address` asks for, and say where it is; None for `off`.

    Raises what `check_status` and `StatusServer` raise.
    """
    address = check_status(text, token)
    if address is None:
        return None
    from posekit.status.server import StatusServer

    server = StatusServer(
        desk, address, token=token, records=records, preview=preview, report=report, clock=clock, wall=wall
    )
    if report is not None:
        who = "this machine only" if address.is_loopback else "whoever in the network has the token"
        report(f"the status page is at {address.url()}, for {who}")
        if preview is not None:
            report(f"the camera's picture is shown on the status page, to {who}")
    return server
