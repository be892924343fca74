"""What the API answers: plain values of the show, and wishes handed to its desk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from posekit.errors import PosekitError, SettingsError, UnknownNameError
from posekit.ignore_file import is_kept
from posekit.show.actions import ACTIONS, check_action
from posekit.show.state import TROUBLES
from posekit.status.answers import ProblemError, as_bytes, as_json, too_often
from posekit.status.background import Background
from posekit.status.known import check_known, check_parameter
from posekit.status.limits import Buckets
from posekit.status.metrics import write_metrics
from posekit.status.openapi import describe
from posekit.status.values import (
    check_size,
    check_version,
    describe_action,
    encode_preview,
    read_day,
    shapes_of,
    version_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.responses import Response

    from posekit.clock import Clock
    from posekit.show.actions import Desk
    from posekit.show.state import Severity, ShowState
    from posekit.status.access import Access
    from posekit.status.asking import Ask
    from posekit.status.needs import Picture, Records

PAGE = "page"
"""Who asks, in the show's log."""
STUCK_SECONDS = 10.0
"""A state that has been the same for so long is no state: whoever makes it has stopped."""
LINES = 100
"""Lines of the log, where nobody says how many."""
DAYS = 30
RESTARTS_PER_SECOND, RESTARTS_AT_ONCE = 1 / 10, 3
NEW_PICTURE_AFTER = 0.2
"""Seconds that one picture is shown to everybody who asks."""


class Api:
    """Every handler of `routes.ROUTES`; all run in the server's loop, and none of them waits in it."""

    def __init__(
        self,
        desk: Desk,
        access: Access,
        clock: Clock,
        records: Records | None = None,
        preview: Callable[[], Picture | None] | None = None,
    ) -> None:
        self._desk, self._access, self._clock = desk, access, clock
        self._records, self._preview = records, preview
        self._background = Background()
        self._restarts = Buckets(RESTARTS_PER_SECOND, RESTARTS_AT_ONCE, clock)
        self._last_state: tuple[float, float] | None = None
        self._shown: tuple[float, bytes] | None = None

    def close(self) -> None:
        """Let go what runs in the background."""
        self._background.close()

    # -- about the show

    async def healthz(self, _: Ask) -> Response:
        """Answer 200, or 503 with what is wrong: in general words, because everybody may ask."""
        state = self._desk.state()
        names = [one.name for one in state.troubles if one.severity == "fault"]
        if self._is_stuck(state):
            names.append("supervisor_stuck")
        means = {**TROUBLES, "supervisor_stuck": "the supervisor itself tells nothing new"}
        troubles = [{"name": name, "means": means.get(name, "")} for name in dict.fromkeys(names)]
        return as_json({"healthy": not troubles, "troubles": troubles}, 503 if troubles else 200)

    def _is_stuck(self, state: ShowState) -> bool:
        now = self._clock.now()
        if self._last_state is None or self._last_state[0] != state.time:
            self._last_state = (state.time, now)
        return now - self._last_state[1] > STUCK_SECONDS

    async def metrics(self, _: Ask) -> Response:
        """Answer with figures for Prometheus."""
        data, media_type = write_metrics(self._desk.state())
        return as_bytes(data, media_type)

    async def openapi(self, _: Ask) -> Response:
        """Answer with the description of all of this."""
        return as_json(describe(self._desk.state().version, needs_token=self._access.needs_token))

    async def state(self, _: Ask) -> Response:
        """Answer how the show is doing."""
        return as_json(self.describe_state())

    def describe_state(self) -> dict[str, Any]:
        """Return the state as plain values, with what the page has to know besides."""
        state = self._desk.state()
        return {
            **state.as_dict(),
            "healthy": state.is_healthy,
            "preview": self._preview is not None,
            "has_records": self._records is not None,
            "needs_token": self._access.needs_token,
        }

    # -- what is kept

    async def counts(self, ask: Ask) -> Response:
        """Answer with the visits of a day."""
        records = self._kept()
        asked = ask.query.get("day")
        day = read_day(asked) if asked is not None else None

        def read() -> dict[str, Any]:
            today = dict(records.today())
            of = day or read_day(str(today.get("day", "")))
            return {
                "day": of.isoformat(),
                "today": today,
                "hours": list(records.hours(of)),
                "dwell": list(records.dwell(of)),
                "days": list(records.days(DAYS)),
            }

        return as_json(await self._background.do(read))

    async def counts_csv(self, _: Ask) -> Response:
        """Answer with everything that was counted."""
        text = await self._background.do(self._kept().csv)
        headers = {"content-disposition": 'attachment; filename="counts.csv"'}
        return as_bytes(text.encode("utf-8"), "text/csv; charset=utf-8", headers=headers)

    async def log(self, ask: Ask) -> Response:
        """Answer with the newest lines of the log."""
        records = self._kept()
        text = ask.query.get("count", str(LINES))
        if not (text.isascii() and text.isdecimal() and len(text) < 5 and 1 <= int(text) <= 500):
            raise ProblemError(400, f"count is from 1 to 500; found {text[:20]!a}")
        asked = ask.query.get("severity")
        if asked not in (None, "notice", "fault"):
            raise ProblemError(400, f"severity is notice or fault; found {asked[:20]!a}")
        severity = cast("Severity | None", asked)
        lines = await self._background.do(lambda: list(records.log(int(text), severity)))
        return as_json({"lines": lines})

    def _kept(self) -> Records:
        if self._records is None:
            raise ProblemError(503, "nothing is counted or kept in this show")
        return self._records

    # -- the sketch

    async def parameters(self, _: Ask) -> Response:
        """Answer with the sketch's parameters."""
        return as_json({"parameters": list(self._desk.parameters())})

    async def presets(self, _: Ask) -> Response:
        """Answer with the saved presets."""
        return as_json({"presets": list(self._desk.presets())})

    async def set_parameter(self, ask: Ask) -> Response:
        """Set one parameter."""
        name, value = ask.names["name"], ask.body["value"]
        check_parameter(self._desk, name, value)
        return self._ask("parameter", {"name": name, "value": value})

    # -- the room

    async def zones(self, _: Ask) -> Response:
        """Answer with the zones that are watched."""
        zones = list(self._desk.zones())
        return as_json({"zones": zones, "version": version_of(zones)})

    async def set_zones(self, ask: Ask) -> Response:
        """Watch these zones."""
        from posekit.zones import zones_from_tables

        check_version(ask, version_of(list(self._desk.zones())))
        zones = zones_from_tables(ask.body["zones"], "the page")
        return self._ask("zones", [zone.as_table() for zone in zones])

    async def ignore(self, _: Ask) -> Response:
        """Answer where nobody is looked at, also as polygons."""
        text = self._desk.ignore()
        kept = is_kept(str(self._desk.state().extra.get("ignore_from", "")))
        return as_json({"ignore": text, "shapes": shapes_of(text), "version": version_of(text), "kept": kept})

    async def set_ignore(self, ask: Ask) -> Response:
        """Look at nobody in these places."""
        from posekit.tracking.options import parse_ignore

        check_version(ask, version_of(self._desk.ignore()))
        text = ask.body["ignore"]
        if text is not None and not parse_ignore(text):
            text = None
        return self._ask("ignore", text)

    async def preview(self, _: Ask) -> Response:
        """Answer with the newest picture, where the owner allows it."""
        if self._preview is None:
            raise ProblemError(
                404, "the camera's picture is not shown; the owner can allow it: [status] preview"
            )
        now = self._clock.now()
        if self._shown is None or now - self._shown[0] > NEW_PICTURE_AFTER:
            jpeg = await self._background.do(lambda: encode_preview(self._preview))
            if jpeg is None:
                raise ProblemError(503, "there is no picture just now")
            self._shown = (now, jpeg)
        return as_bytes(self._shown[1], "image/jpeg")

    # -- what can be asked of the show

    async def actions(self, _: Ask) -> Response:
        """Answer with everything that can be asked."""
        return as_json({"actions": [describe_action(name) for name in ACTIONS]})

    async def act(self, ask: Ask) -> Response:
        """Ask for something."""
        name, value = ask.names["name"], ask.body.get("value")
        try:
            check_action(name, value)
        except UnknownNameError as error:
            raise ProblemError(404, str(error)) from None
        check_size(name, value)
        check_known(self._desk, name, value)
        if name.startswith("restart"):
            wait = self._restarts.take("everybody")
            if wait:
                raise too_often(wait, f"it was restarted a moment ago; again in {wait:.0f} s")
        return self._ask(name, value)

    def _ask(self, action: str, value: object) -> Response:
        try:
            self._desk.ask(action, value, PAGE)
        except SettingsError:
            raise
        except PosekitError as error:
            raise ProblemError(503, str(error)) from None
        return as_json({"asked": action}, 202)

    # -- sessions

    async def login(self, ask: Ask) -> Response:
        """Open a session."""
        if self._access.needs_token:
            # The site has looked already, but then the body was waited for, and others may have tried since.
            self._access.check_patience(ask.client)
            if not self._access.try_token(ask.body["token"], ask.client):
                raise ProblemError(401, "this is not the token")
            return as_json({"done": True}, headers={"set-cookie": self._access.open_session()})
        return as_json({"done": True})

    async def logout(self, ask: Ask) -> Response:
        """End the session."""
        return as_json({"done": True}, headers={"set-cookie": self._access.end_session(ask.said)})
