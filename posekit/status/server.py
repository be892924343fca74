"""The status page of a show: its server, in a thread of the supervisor with a loop of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posekit.clock import SystemClock, SystemWall
from posekit.outputs.web.door import Door, own_names
from posekit.outputs.web.guard import Guard
from posekit.outputs.web.listening import open_sockets
from posekit.outputs.web.serving import Serving
from posekit.status.access import Access, check_token
from posekit.status.api import Api
from posekit.status.asking import LARGEST_REQUEST
from posekit.status.limits import Breath
from posekit.status.live import Live
from posekit.status.site import Site

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from posekit.clock import Clock, Wall
    from posekit.health import Health
    from posekit.outputs.web.address import WebAddress
    from posekit.scene import Event, Scene
    from posekit.show.actions import Desk
    from posekit.status.needs import Picture, Records

SETTING = "[status] address ="
"""What the user writes the address behind."""


class StatusServer:
    """Serves the page and the API of a running show until it is closed.

    Raises `SettingsError` for an address that others can reach without a token, and `OutputError` where it
    cannot listen. Nothing that clients do raises, or holds up who publishes.
    """

    def __init__(
        self,
        desk: Desk,
        address: WebAddress,
        *,
        token: str | None = None,
        records: Records | None = None,
        preview: Callable[[], Picture | None] | None = None,
        report: Callable[[str], None] | None = None,
        clock: Clock | None = None,
        wall: Wall | None = None,
    ) -> None:
        """Open the port and begin.

        `preview` returns the newest picture, and is given only where the owner allows that it is shown; it is
        called in a thread. `report` is told sentences for the log, from the server's thread.
        """
        check_token(address, token)
        self.address = address
        clock, say = clock or SystemClock(), report or (lambda _: None)
        access = Access(token, address.port, clock, wall or SystemWall())
        self._api = Api(desk, access, clock, records, preview)
        self._live = Live(desk.state, self._api.describe_state)
        names = frozenset() if address.is_loopback else own_names()
        site = Site(self._api, self._live, Door(names=names, is_strict=True), access, clock, say)
        self._serving = Serving(
            site,
            self._live,
            open_sockets(address, SETTING),
            url=address.url(),
            guard=Guard(largest_request=LARGEST_REQUEST, breathe=Breath()),
            name="status",
            report=say,
        )

    @property
    def port(self) -> int:
        """The port it listens at."""
        return self.address.port

    @property
    def watchers(self) -> int:
        """How many pages watch live."""
        return len(self._live)

    def publish(
        self, scene: Scene | None, events: Sequence[Event] = (), health: Health | None = None
    ) -> None:
        """Lay down the newest scene and what happened; microseconds, and less when nobody looks."""
        self._live.hub.publish(scene, events, None, health)

    def stop(self) -> None:
        """Begin to end, without waiting; twice is harmless."""
        self._serving.stop()

    def close(self) -> None:
        """End, within two seconds; twice is harmless."""
        self._serving.close()
        self._api.close()
