"""A show to look at without a show: a desk that keeps what it is asked, counts, and a status page."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from web_world import free_port

from posekit.outputs.web.address import WebAddress
from posekit.show.actions import check_action
from posekit.show.state import Part, ShowState, Trouble
from posekit.status.server import StatusServer

TOKEN = "a-token-of-a-test-0123456789"
NOON = 1_772_366_400.0
"""2026-03-01 12:00 UTC."""
ZONES = [
    {
        "name": "stage",
        "points": [[0.2, 0.5], [0.8, 0.5], [0.9, 1.0], [0.1, 1.0]],
        "what": "feet",
        "dwell": 3.0,
    }
]
PARAMETERS = [
    {
        "name": "speed",
        "value": 1.5,
        "min": 0.0,
        "max": 5.0,
        "kind": "float",
        "description": "how fast ribbons fall",
    },
    {"name": "count", "value": 12, "min": 1, "max": 64, "kind": "int", "description": "how many ribbons"},
    {"name": "glow", "value": True, "kind": "bool", "description": "whether they glow"},
    {"name": "mood", "value": "calm", "choices": ["calm", "wild"], "kind": "choice", "description": ""},
    {"name": "ink", "value": "#7cd6c0", "kind": "colour", "description": "what they are painted with"},
]


def a_state(**values: Any) -> ShowState:
    """Return the state of a show that is well, at noon."""
    state = ShowState(
        name="Ribbons",
        time=NOON,
        phase="open",
        phase_since=NOON - 7200,
        started=NOON - 86400 * 3,
        uptime=86400 * 3 + 4000.0,
        next_change=NOON + 6 * 3600,
        parts=(
            Part("engine", "running", 4101, NOON - 86400, 1, 3, 412_000_000, "the camera's driver hung"),
            Part("window", "running", 4102, NOON - 86400, 0, 3, 268_000_000),
            Part("curtain", "running", 4100, NOON - 86400, 0, 0, 61_000_000),
        ),
        source="camera:Logitech",
        estimator="posenet",
        sketch="ribbons.py",
        camera="ok",
        fps=29.8,
        latency_ms=41.2,
        window_fps=59.9,
        packets_per_second=310.0,
        people=2,
        visits_today=87,
        disk_free=41_000_000_000,
        version="0.1.0",
    )
    return replace(state, **values)


TROUBLE = Trouble(
    "camera_black",
    "the camera's picture is black; look whether its cap is on, or the light is off",
    NOON - 90,
)


@dataclass
class ADesk:
    """A real desk of a small show: what is asked of it happens at once."""

    now: ShowState = field(default_factory=a_state)
    asked: list[tuple[str, object, str]] = field(default_factory=list)
    watched: list[dict[str, Any]] = field(default_factory=lambda: [dict(zone) for zone in ZONES])
    ignored: str | None = None
    parameter_list: list[dict[str, Any]] = field(default_factory=lambda: [dict(one) for one in PARAMETERS])
    preset_list: list[dict[str, Any]] = field(
        default_factory=lambda: [{"number": 1, "name": "morning"}, {"number": 2, "name": "late"}]
    )

    def state(self) -> ShowState:
        return self.now

    def ask(self, action: str, value: object = None, origin: str = "") -> None:
        check_action(action, value)
        self.asked.append((action, value, origin))
        if action == "zones":
            self.watched = list(value)
        elif action == "ignore":
            self.ignored = value
        elif action == "parameter":
            for one in self.parameter_list:
                if one["name"] == value["name"]:
                    one["value"] = value["value"]
        elif action in ("open", "close", "blackout", "schedule"):
            phase = {"open": "open", "close": "closed", "schedule": "open"}.get(action)
            phase = phase or ("open" if value is False else "blackout")
            held = {"open": "opened by hand", "close": "closed by hand"}.get(action, "")
            self.now = replace(self.now, phase=phase, held=held, time=self.now.time + 1)

    def parameters(self):
        return [dict(one) for one in self.parameter_list]

    def presets(self):
        return self.preset_list

    def zones(self):
        return self.watched

    def ignore(self):
        return self.ignored


HOURS = [0] * 10 + [4, 11, 17, 9, 12, 15, 13, 6] + [0] * 6
LENGTHS = [
    (0, 5, 9),
    (5, 10, 14),
    (10, 20, 21),
    (20, 30, 12),
    (30, 60, 18),
    (60, 120, 8),
    (120, 300, 4),
    (300, None, 1),
]


class SomeRecords:
    """Counts and log lines of a few days."""

    def today(self):
        return {"day": "2026-03-01", "visits": sum(HOURS), "median": 19.0}

    def hours(self, day: date):
        return [
            {"hour": f"{hour:02d}:00", "offset": "+00:00", "visits": visits}
            for hour, visits in enumerate(HOURS)
        ]

    def dwell(self, day: date):
        return [{"from": first, "to": last, "visits": visits} for first, last, visits in LENGTHS]

    def days(self, count: int):
        last = date(2026, 3, 1)
        return [
            {"day": (last - timedelta(days=back)).isoformat(), "visits": 60 + back * 37 % 55}
            for back in reversed(range(count))
        ]

    def csv(self) -> str:
        return "day,hour,visits\n2026-03-01,10,4\n"

    def log(self, count: int, severity: str | None = None):
        lines = [
            ("10:00:00", "open", "notice", "open: the hours say so"),
            (
                "09:58:11",
                "engine_lost",
                "fault",
                "the engine ended (signal 9); another one was started after 0.4 s",
            ),
            ("04:30:00", "renewed", "notice", "engine and window were renewed, as every night"),
        ] + [(f"03:{at:02d}:00", "heartbeat", "notice", "the heartbeat reached 1 of 1") for at in range(50)]
        return [
            {"time": f"2026-03-01T{at}.000+00:00", "name": name, "severity": kind, "sentence": sentence}
            for at, name, kind, sentence in lines
            if severity in (None, kind)
        ][:count]


@contextmanager
def a_page(desk: ADesk | None = None, **options: Any) -> Iterator[StatusServer]:
    """Run a status page, on loopback."""
    server = StatusServer(desk or ADesk(), WebAddress(free_port()), **options)
    try:
        yield server
    finally:
        server.close()
        assert not server._serving.thread.is_alive(), "the server does not end"


@dataclass
class Answer:
    """What came back."""

    code: int
    headers: dict[str, str]
    data: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.data)


def ask(
    server: StatusServer,
    path: str,
    method: str = "GET",
    body: Any = None,
    *,
    token: str | None = None,
    raw: bytes | None = None,
    **headers: str,
) -> Answer:
    """Ask the server, as a program would."""
    said = {name.replace("_", "-"): value for name, value in headers.items()}
    if token:
        said["authorization"] = f"Bearer {token}"
    data = raw
    if body is not None:
        data = json.dumps(body).encode()
        said.setdefault("content-type", "application/json")
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        connection.request(method, path, data, said)
        answer = connection.getresponse()
        return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
    finally:
        connection.close()


def until(is_so, seconds: float = 10.0) -> None:
    """Wait until something holds, which must be soon."""
    due = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < due, "it never came to pass"
        time.sleep(0.005)
