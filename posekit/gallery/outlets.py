"""Opens what a show is seen and asked by: its page, OSC, and the server of `--web`.

Where one of them cannot be had, that is said, and no reason to do without the show.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from posekit.errors import OutputError, SettingsError
from posekit.gallery.nothing import NoCounts, NoStatus
from posekit.records.reader import Records

if TYPE_CHECKING:
    from collections.abc import Callable

    from posekit.gallery.parts import Parts

    Report = Callable[[str], None]


def open_status(parts: Parts, report: Report) -> Any:
    """Serve the page, or return what stands in its place."""
    table = parts.show.gallery.status
    if table.place is None:
        return NoStatus()
    from posekit.outputs.web.address import WebAddress
    from posekit.status.opening import check_packages

    host, port = table.place
    address = WebAddress(port, host)
    try:
        check_packages()
        from posekit.status.server import StatusServer

        server = StatusServer(
            parts.desk,
            address,
            token=parts.show.status_token,
            records=_PageRecords(parts),
            preview=parts.picture if table.preview else None,
            report=report,
            clock=parts.clock,
            wall=parts.wall,
        )
    except (OutputError, SettingsError) as error:
        _miss(parts, f"no status page: {error}", report)
        return NoStatus()
    report(f"status page: {address.url()}")
    return server


def open_osc(parts: Parts, report: Report) -> Any:
    """Listen as the settings say; None where nobody listens."""
    from posekit.gallery.osc_actions import OscActions
    from posekit.inputs.osc import OscReceiver
    from posekit.runner.remote_opening import open_remote

    try:
        remote = open_remote(parts.settings, parts.clock, report)
    except OutputError as error:
        _miss(parts, str(error), report)
        return None
    remote.osc.close()  # the sketch's own messages leave from its window
    if not isinstance(remote.receiver, OscReceiver):
        return None
    return OscActions(remote.receiver, parts.desk, parts.window.hear, report, parts.clock)


def open_web_server(parts: Parts, report: Report) -> Any:
    """Serve scenes, as `--web` says; None where nobody wants them."""
    from posekit.outputs.web.opening import open_web

    try:
        return open_web(parts.settings, report)
    except OutputError as error:
        _miss(parts, str(error), report)
        return None


def _miss(parts: Parts, sentence: str, report: Report) -> None:
    """Say that a port is not open, now and for as long as it is not: the show goes on without."""
    report(sentence)
    parts.not_reachable += (sentence,)


class _PageRecords:
    """The records of a running show for its page, whichever counts are open just now."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def __getattr__(self, name: str) -> Any:
        counts = self._parts.counts
        return getattr(Records(self._parts.log, None if isinstance(counts, NoCounts) else counts), name)
