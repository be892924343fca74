"""What another version of a show's file asks for: which settings differ, and where each begins to count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from posekit.settings import Settings
from posekit.show.file import STATUS_TOKEN
from posekit.show.tables import GallerySettings

if TYPE_CHECKING:
    from posekit.show.file import Show

Place = Literal["live", "zones", "estimator", "engine", "window", "supervisor"]
"""Where a setting counts: at once; with other zones, told to the running engine; with another estimator, that
it changes to; with a new engine; with a new window; with a new start of the whole show."""

_SETTINGS: dict[Place, str] = {
    "zones": "zones",
    "estimator": "estimator model input_size target_rate runtime threads max_poses single mask focus light",
    # A body's score says something to the tracker too, which lives as long as the engine.
    "engine": "source camera_size rotate flip crop exposure white_balance gain camera_focus pose_score "
    "keypoint_score slots min_age grace still_after ignore lead empty_after smoothing gestures "
    "osc osc_for osc_template",
    "window": "size fps mirror fit reload display fullscreen more_displays spread turn room",
    # Sockets that the supervisor holds open, and what it runs at all.
    "supervisor": "osc_in web share web_origin headless frames save_video save_frame verbose",
}
_TABLES: dict[Place, str] = {
    "live": "show.title show.card show.restart_at show.renew_after show.memory_limit show.frozen_after "
    "show.view hours.timezone hours.open hours.closed hours.extra hours.fade "
    "records.counts records.keep_days records.log_megabytes "
    "heartbeat.every heartbeat.osc heartbeat.http "
    "hooks.start hooks.open hooks.close hooks.fault hooks.clear hooks.end "
    "sheet.venue sheet.contact sheet.purpose",
    "window": "show.sketch show.keys",
    "supervisor": "status.address status.preview",
}
TOKEN, SECRETS = "secrets.status_token", "secrets.others"
PLACES: dict[str, Place] = {
    **{
        name: place
        for parts in (_SETTINGS, _TABLES)
        for place, names in parts.items()
        for name in names.split()
    },
    TOKEN: "supervisor",
    SECRETS: "live",
}
"""Every setting, by its name or as `hours.open`, and where it counts."""
LATER: dict[Place, str] = {
    "window": "with a new window",
    "engine": "with a new engine",
    "supervisor": "when the show is started anew",
}


@dataclass(frozen=True)
class Change:
    """A setting that differs, with both values as they may be shown."""

    name: str
    place: Place
    before: object
    after: object


@dataclass(frozen=True)
class Plan:
    """What has to be done to go on with another version of the settings."""

    changes: tuple[Change, ...] = ()

    def names(self, place: Place) -> tuple[str, ...]:
        """Return the settings that count there."""
        return tuple(change.name for change in self.changes if change.place == place)

    def needs(self, place: Place) -> bool:
        """Whether something has to be done there; a new engine brings its zones and estimator along."""
        if place in ("zones", "estimator") and self.names("engine"):
            return False
        return bool(self.names(place))

    def describe(self) -> str:
        """Return one sentence for the log: what changed, and what counts only later."""
        if not self.changes:
            return "nothing changed"
        told = f"changed: {', '.join(change.name for change in self.changes)}"
        later = [
            f"{', '.join(self.names(place))} {'counts' if len(self.names(place)) == 1 else 'count'} {words}"
            for place, words in LATER.items()
            if self.names(place)
        ]
        return "; ".join((told, *later))


def plan(before: Show, after: Show) -> Plan:
    """Return how one version of a show differs from another; no value in it tells a secret."""
    found = [
        Change(name, PLACES[name], before.resolved.shown[name], after.resolved.shown[name])
        for name in Settings.model_fields
        if getattr(before.settings, name) != getattr(after.settings, name)
    ]
    for table in GallerySettings.model_fields:
        old, new = getattr(before.gallery, table), getattr(after.gallery, table)
        for name in type(old).model_fields:
            if getattr(old, name) != getattr(new, name):
                name_in_full = f"{table}.{name}"
                found.append(
                    Change(name_in_full, PLACES[name_in_full], getattr(old, name), getattr(new, name))
                )
    if before.status_token != after.status_token:
        found.append(Change(TOKEN, PLACES[TOKEN], "", ""))
    if _others(before) != _others(after):
        found.append(Change(SECRETS, PLACES[SECRETS], "", ""))
    return Plan(tuple(found))


def _others(show: Show) -> dict[str, str]:
    return {name: value for name, value in show.secrets.values.items() if name != STATUS_TOKEN}
