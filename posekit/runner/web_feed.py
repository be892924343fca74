"""A feed whose scenes, events and pictures are served to browsers while somebody looks at it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from posekit.runner.feed import FeedAround

if TYPE_CHECKING:
    from posekit.outputs.web.server import WebServer
    from posekit.runner.feed import Feed, Update


class WebFeed(FeedAround):
    """Passes another feed on and publishes what it says; both feed and server are closed with it."""

    def __init__(self, feed: Feed, server: WebServer, sharing: str = "") -> None:
        """`sharing` is what of the camera others can see, for the health that the sketch reads."""
        super().__init__(feed)
        self._server, self._sharing = server, sharing

    def poll(self) -> Update:
        """Look, and publish what is new."""
        update = self._feed.poll()
        self._server.publish(update.scene, update.events, update.picture, update.health, update.mask)
        if self._sharing:
            return replace(update, health=replace(update.health, sharing=self._sharing))
        return update

    def close(self) -> None:
        """End the server while the feed ends."""
        with suppress(Exception):
            self._server.stop()
        try:
            self._feed.close()
        finally:
            self._server.close()
