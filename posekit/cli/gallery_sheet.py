"""What a show's settings come to on its data sheet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from posekit.engine.options import wants_mask, watched_zones
from posekit.estimators.base import MAX_POSES
from posekit.outputs.osc.opening import targets_of
from posekit.outputs.web.address import web_address
from posekit.records.sheet import SheetFacts
from posekit.sources import STREAMS, brings_poses, is_live

if TYPE_CHECKING:
    from collections.abc import Iterator

    from posekit.records.sheet import Origin
    from posekit.settings import Settings
    from posekit.show.file import Show

LISTENS = "127.0.0.1:7001"
"""Where OSC comes in unless something is said; see `posekit.inputs`."""


def sheet_facts(show: Show, title: str) -> SheetFacts:
    """Return what concerns those who are looked at; the show folder has to be the working folder.

    Raises what is wrong with targets, addresses or zones, as a start would.
    """
    settings, gallery = show.settings, show.gallery
    address = web_address(settings)
    place = gallery.status.place
    origin = _origin(settings.source)
    sketch = gallery.show.sketch or ""
    is_blazepose = settings.estimator.startswith("blazepose")
    return SheetFacts(
        title=title,
        venue=gallery.sheet.venue,
        contact=gallery.sheet.contact,
        purpose=gallery.sheet.purpose,
        sketch=Path(sketch).name,
        is_own_sketch=sketch.endswith(".py") or not sketch,
        origin=origin,
        source=_told_source(show, origin),
        keypoints="17" if settings.estimator in ("posenet", "movenet") else "17 to 33",
        most_people=settings.max_poses or (1 if settings.single or is_blazepose else MAX_POSES),
        has_mask=wants_mask(settings) or "mask" in settings.share,
        gestures=settings.gestures,
        zones=tuple(zone.name for zone in watched_zones(settings)),
        osc=tuple(target.where for target in targets_of(settings)),
        web=f"{address.name}:{address.port}" if address else "",
        share=settings.share,
        status=_joined(*place) if place else "",
        preview=gallery.status.preview,
        heartbeat_osc=gallery.heartbeat.osc,
        heartbeat_http=tuple(urlsplit(url).hostname or url for url in gallery.heartbeat.http),
        hook_commands=tuple(dict.fromkeys(_commands(show))),
        hook_messages=tuple(dict.fromkeys(_messages(show))),
        osc_in=_listens(settings),
        counts=gallery.records.counts,
        counts_are_there=show.folder.counts_file.exists(),
        keep_days=gallery.records.keep_days,
        log_megabytes=gallery.records.log_megabytes,
        view=gallery.show.view == "auto",
        view_is_there=show.folder.view_file.exists(),
        keys=gallery.show.keys,
        save_video=str(settings.save_video or ""),
        save_frame=str(settings.save_frame or ""),
    )


def _origin(source: str) -> Origin:
    if brings_poses(source):
        return "poses"
    if source.lower().startswith(STREAMS):
        return "stream"
    # `auto` may be a camera or not; visitors are told of the camera.
    return "camera" if is_live(source) or source == "auto" else "film"


def _told_source(show: Show, origin: Origin) -> str:
    """Return the source without what may be secret in it: a stream's address holds passwords."""
    if origin == "stream":
        return urlsplit(show.source).hostname or "another machine"
    return Path(show.source).name if origin == "film" else show.source


def _listens(settings: Settings) -> str:
    place = settings.osc_in
    if place == "off":
        return ""
    if place == "auto":
        return LISTENS
    return f"127.0.0.1:{place}" if place.isdecimal() else place


def _joined(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _hooks(show: Show) -> Iterator[str | tuple[str, ...]]:
    table = show.gallery.hooks
    for name in type(table).model_fields:
        yield from getattr(table, name)


def _commands(show: Show) -> Iterator[str]:
    """Name the programs only: their arguments may hold passwords."""
    for hook in _hooks(show):
        if not isinstance(hook, str):
            yield Path(hook[0]).name
        elif not hook.startswith("osc:"):
            yield hook.split()[0]


def _messages(show: Show) -> Iterator[str]:
    for hook in _hooks(show):
        if isinstance(hook, str) and hook.startswith("osc:"):
            yield hook.removeprefix("osc:").partition("/")[0].strip()
