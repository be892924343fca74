"""The tables of a show file, for a show in a gallery: every setting once, with its default and meaning.

What stands above the tables are the settings of the command line (`posekit.settings`).
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)

from posekit.show.hours_rules import check_zone, read_closed, read_extra, read_open, read_time
from posekit.show.lines import check_hook, check_target, check_template, read_place


def _checked(read: Any) -> AfterValidator:
    def check(line: str) -> str:
        read(line)
        return line

    return AfterValidator(check)


def _day_as_text(value: object) -> object:
    # TOML knows dates, and 2026-12-24 is as often written without quotes.
    return str(value) if isinstance(value, date) and not isinstance(value, datetime) else value


OpenLine = Annotated[str, _checked(read_open)]
ClosedLine = Annotated[str, BeforeValidator(_day_as_text), _checked(read_closed)]
ExtraLine = Annotated[str, _checked(read_extra)]
Target = Annotated[str, AfterValidator(check_target)]
Url = Annotated[str, AfterValidator(check_template)]
Hook = Annotated[
    str | tuple[str, ...],
    BeforeValidator(check_hook, json_schema_input_type=str | list[str]),
]


class Table(BaseModel):
    """A table of the show file: frozen, and nothing in it that is not known."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _refuse_truth(cls, value: object, info: ValidationInfo) -> object:
        field = cls.model_fields.get(info.field_name or "")
        if isinstance(value, bool) and field is not None and field.annotation in (int, float):
            raise ValueError(f"{str(value).lower()} is not a number")
        return value


class ShowTable(Table):
    """`[show]`: what runs, and how it is kept running."""

    sketch: str | None = Field(
        default=None,
        description="the sketch: a file of the show folder, or a built-in name; the command line wins",
    )
    title: str | None = Field(
        default=None, description="what the show is called; the sketch's name unless said"
    )
    card: str = Field(
        default="Back in a moment", description="what the title card says when something is broken"
    )
    restart_at: str = Field(
        default="04:30", description='when engine and window are started anew every night; "" for never'
    )
    renew_after: float = Field(
        default=24.0,
        ge=0,
        le=8760,
        description="hours after which engine and window are renewed when the room is empty; 0: never",
    )
    memory_limit: int = Field(
        default=1500,
        ge=100,
        le=1_000_000,
        description="MB that one process may take: above it is renewed when the room is empty, at twice as "
        "much at once",
    )
    frozen_after: float = Field(
        default=5.0,
        ge=1,
        le=600,
        description="seconds without a drawn frame after which the window is replaced",
    )
    keys: bool = Field(
        default=False, description="whether the keyboard's tools (F1 and so on) work in the window"
    )
    view: Literal["auto", "off"] = Field(
        default="auto", description="warn when the camera was nudged since calibration: auto or off"
    )

    @field_validator("restart_at")
    @classmethod
    def _check_time(cls, value: str) -> str:
        if value and (not re.fullmatch(r"\d{1,2}:\d{2}", value) or read_time(value) >= 86400):
            raise ValueError(f"{value!r} is no time of day; write it as in '04:30', or '' for never")
        return value

    @field_validator("sketch", "title")
    @classmethod
    def _check_named(cls, value: str | None) -> str | None:
        if value == "":
            raise ValueError("nothing is named; leave the line out, or write a name")
        return value


class HoursTable(Table):
    """`[hours]`: when the show is open; always, unless something is said."""

    timezone: str | None = Field(
        default=None, description="whose clock counts, as in Europe/Berlin; the machine's unless said"
    )
    open: tuple[OpenLine, ...] = Field(
        default=(),
        description="days and times, as in 'tue-sun 10:00-18:00'; later lines win for their days, other days "
        "are closed; without any line every day is open",
    )
    closed: tuple[ClosedLine, ...] = Field(
        default=(), description="whole days: '2026-12-24', or '2026-08-01..2026-08-14'"
    )
    extra: tuple[ExtraLine, ...] = Field(
        default=(), description="instead of that day's hours: '2026-12-26 12:00-16:00'"
    )
    fade: float = Field(default=3.0, ge=0, le=600, description="seconds of fade to black, and back")

    @field_validator("timezone")
    @classmethod
    def _check_zone(cls, value: str | None) -> str | None:
        return value if value is None else check_zone(value)

    @field_validator("open", "closed", "extra", mode="before")
    @classmethod
    def _read_lines(cls, value: object) -> object:
        return _as_list(value)


class StatusTable(Table):
    """`[status]`: the page that tells how the show is doing."""

    address: str = Field(
        default="127.0.0.1:8090",
        description="where the status page is served: PORT, HOST:PORT, or off; for other machines it needs "
        "a token, POSEKIT_STATUS_TOKEN",
    )
    preview: bool = Field(default=False, description="whether the page may show the camera's picture")

    @field_validator("address", mode="before")
    @classmethod
    def _read_address(cls, value: object) -> object:
        if value is False or value == "":
            return "off"
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else value

    @field_validator("address")
    @classmethod
    def _check_address(cls, value: str) -> str:
        if value != "off":
            read_place(value)
        return value

    @property
    def place(self) -> tuple[str, int] | None:
        """Host and port, or None where no page is wanted."""
        return None if self.address == "off" else read_place(self.address)


class RecordsTable(Table):
    """`[records]`: what is written down, and for how long."""

    counts: bool = Field(
        default=True, description="count visits: numbers per hour, no positions, no pictures"
    )
    keep_days: int = Field(default=400, ge=1, le=36_600, description="days for which hourly counts are kept")
    log_megabytes: float = Field(
        default=20, ge=1, le=100_000, description="MB that all log files may take together"
    )


class HeartbeatTable(Table):
    """`[heartbeat]`: who is told regularly that the show is alive."""

    every: float = Field(default=30.0, ge=1, le=86_400, description="seconds from one heartbeat to the next")
    osc: tuple[Target, ...] = Field(default=(), description="OSC targets: HOST:PORT")
    http: tuple[Url, ...] = Field(
        default=(), description="addresses that are asked for (GET); $NAME is taken from secrets.env"
    )

    @field_validator("osc", "http", mode="before")
    @classmethod
    def _read_lines(cls, value: object) -> object:
        return tuple(str(one) if type(one) is int else one for one in _as_list(value) or ())


class HooksTable(Table):
    """`[hooks]`: commands and OSC messages for what happens to the show; no shell reads them.

    Each entry is a command, a list of words, or an OSC message, `osc:HOST:PORT/address value ...`.
    """

    start: tuple[Hook, ...] = Field(default=(), description="when the show starts")
    open: tuple[Hook, ...] = Field(default=(), description="when it opens")
    close: tuple[Hook, ...] = Field(default=(), description="when it closes")
    fault: tuple[Hook, ...] = Field(default=(), description="when something goes wrong")
    clear: tuple[Hook, ...] = Field(default=(), description="when that is over")
    end: tuple[Hook, ...] = Field(default=(), description="when the show ends")

    @field_validator("*", mode="before")
    @classmethod
    def _read_hooks(cls, value: object) -> object:
        if isinstance(value, str):
            return (value,)
        if isinstance(value, (list, tuple)) and value and all(_is_word(word) for word in value):
            raise ValueError(
                f"each command is a list of its own: write [{list(value)!r}] with two pairs of brackets"
            )
        return value


class SheetTable(Table):
    """`[sheet]`: what the data sheet for visitors says of the place."""

    venue: str = Field(default="", description="where the work is shown")
    contact: str = Field(default="", description="whom visitors can ask, as in privacy@kunsthalle.example")
    purpose: str = Field(default="an artwork that answers movement", description="why people are looked at")


class GallerySettings(BaseModel):
    """All tables of a show file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    show: ShowTable = Field(default=ShowTable())
    hours: HoursTable = Field(default=HoursTable())
    status: StatusTable = Field(default=StatusTable())
    records: RecordsTable = Field(default=RecordsTable())
    heartbeat: HeartbeatTable = Field(default=HeartbeatTable())
    hooks: HooksTable = Field(default=HooksTable())
    sheet: SheetTable = Field(default=SheetTable())


def _as_list(value: object) -> Any:
    return (value,) if isinstance(value, (str, int, date)) and not isinstance(value, bool) else value


def _is_word(word: object) -> bool:
    return isinstance(word, str) and not word.startswith("osc:")
