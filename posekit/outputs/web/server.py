"""The web server: the site, its hub, and the thread of the runner's process that they live in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posekit.outputs.web.door import Door, own_names
from posekit.outputs.web.hub import Hub
from posekit.outputs.web.listening import open_sockets
from posekit.outputs.web.serving import Serving
from posekit.outputs.web.site import Site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from threading import Thread

    import numpy as np
    from numpy.typing import NDArray

    from posekit.health import Health
    from posekit.outputs.web.address import WebAddress
    from posekit.scene import Event, Scene


class WebServer:
    """Serves what is published until it is closed. Raises `OutputError` where it cannot listen."""

    def __init__(
        self,
        address: WebAddress,
        *,
        shares: Iterable[str] = (),
        origins: Iterable[str] = (),
        sharing: Sequence[str] = (),
        report: Callable[[str], None] | None = None,
    ) -> None:
        """Open the port and begin; `sharing` says in sentences what of the camera can be seen."""
        self.address = address
        self._hub = Hub(shares)
        site = Site(
            self._hub,
            Door(frozenset(origins), frozenset() if address.is_loopback else own_names()),
            mirror=address.mirror,
            sharing=sharing,
            report=report,
        )
        self._serving = Serving(site, self._hub, open_sockets(address), url=address.url(), report=report)

    @property
    def port(self) -> int:
        """The port it listens at."""
        return self.address.port

    @property
    def hub(self) -> Hub:
        """What it serves; belongs to its thread."""
        return self._hub

    @property
    def _thread(self) -> Thread:
        return self._serving.thread

    def publish(
        self,
        scene: Scene | None,
        events: Sequence[Event] = (),
        picture: NDArray[np.uint8] | None = None,
        health: Health | None = None,
        mask: NDArray[np.uint8] | None = None,
    ) -> None:
        """Lay down the newest scene, what happened, and picture and mask, which nobody writes to any more."""
        self._hub.publish(scene, events, picture, health, mask)

    def stop(self) -> None:
        """Begin to end, without waiting; twice is harmless."""
        self._serving.stop()

    def close(self) -> None:
        """End, within `serving.STOP_SECONDS`; twice is harmless."""
        self._serving.close()
