"""Opens what a command shows or sends with: targets and assets first, then OSC in, the web, and the feed."""

from __future__ import annotations

from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from posekit.cli.console import DownloadBar, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from posekit.runner.engine_feed import EngineFeed
    from posekit.runner.feed import Feed
    from posekit.runner.inline_feed import InlineFeed
    from posekit.runner.remote import Remote
    from posekit.settings import Settings

    Wrap = Callable[[EngineFeed | InlineFeed], Feed]


@contextmanager
def closing_feed(feed: Feed) -> Iterator[Feed]:
    """Close a feed on every way out; a second Ctrl-C must not leave its engine behind."""
    from posekit.runner import interrupt

    try:
        yield feed
    finally:
        interrupt.grace()
        feed.close()


def prepare_show(settings: Settings) -> Settings:
    """Check what can be checked and fetch what is missing, before anything is shown or started."""
    from posekit.outputs.osc.opening import describe_targets
    from posekit.outputs.web.opening import check_web
    from posekit.runner.remote_opening import check_remote

    check_web(settings)
    check_remote(settings)
    lines = describe_targets(settings)
    prepared = fetch(settings)
    for line in lines:
        say(line)
    return prepared


def open_osc(settings: Settings, *, is_show: bool) -> Remote:
    """Open OSC in, and what a sketch sends itself."""
    from posekit.clock import SystemClock
    from posekit.runner.remote_opening import open_remote

    return open_remote(settings, SystemClock(), say, is_show=is_show)


def fetch(settings: Settings) -> Settings:
    """Decide what is open in the settings and fetch what is missing."""
    from posekit.engine.prepare import prepare

    with closing(DownloadBar()) as bar:
        return prepare(settings, report=say, progress=bar)


def open_feed(
    settings: Settings,
    *,
    inline: bool,
    with_pictures: bool = True,
    again: Callable[[], Settings] | None = None,
    wrap: Wrap | None = None,
) -> Feed:
    """Open the feed, and before it the server of `--web`: a port that is taken is to be told at once."""
    from posekit.outputs.web.opening import open_web

    web = open_web(settings, say)
    shown = with_pictures or "picture" in settings.share
    try:
        feed = _open_stages(settings, inline=inline, with_pictures=shown, again=again, wrap=wrap)
    except BaseException:
        if web is not None:
            web.close()
        raise
    if web is None:
        return feed
    from posekit.runner.web_feed import WebFeed

    return WebFeed(feed, web, ",".join(settings.share))


def _open_stages(
    settings: Settings,
    *,
    inline: bool,
    with_pictures: bool,
    again: Callable[[], Settings] | None,
    wrap: Wrap | None,
) -> Feed:
    """Open the stages: inline for a file that is rendered frame by frame, else in an engine."""
    from posekit.clock import SystemClock
    from posekit.runner.engine_feed import EngineFeed

    feed: EngineFeed | InlineFeed
    if inline:
        from posekit.runner.inline_feed import InlineFeed

        feed = InlineFeed(settings, report=say)
    else:
        feed = EngineFeed(
            settings,
            SystemClock(),
            waits=settings.headless,
            with_pictures=with_pictures,
            prepare=again,
            report=say,
        )
    say(f"source: {feed.source}")
    say(f"estimator: {feed.estimator}")
    if wrap is None:
        return feed
    try:
        return wrap(feed)
    except BaseException:
        feed.close()
        raise
