"""A runner without a sketch: keeps the engine going, which sends by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posekit.runner import interrupt

if TYPE_CHECKING:
    from posekit.runner.feed import Feed
    from posekit.runner.remote import Remote


def send_until_ended(feed: Feed, frames: int | None = None, remote: Remote | None = None) -> int:
    """Look at a waiting feed until it ends or `frames` scenes have come; returns how many came.

    `remote` is who is listened to meanwhile. Raises what the feed raises when the engine is lost.
    """
    last, count = None, 0
    while frames is None or count < frames:
        interrupt.check()
        update = feed.poll()
        if remote is not None:
            remote.listen(feed)
        if update.finished:
            break
        if update.scene is not last:
            last = update.scene
            count += 1
    return count
