"""Every setting of a run, once: its name, type, default and meaning, and where its value came from.

Precedence, first wins: command line, environment (`POSEKIT_...`), show file, what `send` remembers, the
sketch's attributes, default. `posekit config show` prints each value with its origin. A wrong setting stops
the start.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from posekit.errors import SettingsError, UnknownNameError
from posekit.geometry import Fit, Size
from posekit.ignore_file import ORIGIN as DRAWN
from posekit.ignore_file import read_ignored
from posekit.sentences import wrong_values
from posekit.settings_file import GALLERY_TABLES, SPELLED, ShowText, read_show_text

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "GALLERY_TABLES",
    "NOT_SETTINGS",
    "SPELLED",
    "Resolved",
    "Settings",
    "parse_size",
    "read_environment",
    "read_show_file",
    "resolve",
]

NOT_SETTINGS = frozenset(
    f"POSEKIT_{name}"
    for name in (
        *("ASSETS", "CACHE", "REMEMBERED", "REQUIRE_ASSETS", "REQUIRE_TOOLS", "SERVICE"),
        *("SOAK_SECONDS", "STATUS_TOKEN", "TAUGHT"),
    )
)
"""Environment variables of ours that say where things are and how to test, not how a run behaves."""


class Settings(BaseModel):
    """The settings of one run; frozen, and checked once."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    source: str = Field("0", description="camera number, camera:NAME, file, folder, URL, or sample")
    camera_size: Size = Field((1280, 720), description="what a camera is asked for, width x height")
    rotate: Literal[0, 90, 180, 270] = Field(0, description="turn the picture clockwise by so many degrees")
    flip: Literal["none", "horizontal", "vertical", "both"] = Field(
        "none", description="which sides of the picture to swap: none, horizontal, vertical or both"
    )
    crop: str | None = Field(
        None, description="the part of the picture to look at: x,y,width,height, e.g. 10%,0,80%,100%"
    )
    exposure: float | Literal["auto"] | None = Field(
        None, description="lock the camera's exposure at a value, or auto; without it it is left as it is"
    )
    white_balance: float | Literal["auto"] | None = Field(
        None, description="lock the camera's white balance (kelvin), or auto"
    )
    gain: float | None = Field(None, description="lock how much the camera amplifies, in its own steps")
    camera_focus: float | Literal["auto"] | None = Field(None, description="lock the camera's focus, or auto")
    focus: Literal["auto", "on", "people", "off"] = Field(
        "auto",
        description="look closer where people are: auto (PoseNet, not in single pictures), on, people (far "
        "ones one by one, several times as slow), or off",
    )
    light: Literal["auto", "gamma", "clahe", "off"] = Field(
        "auto",
        description="what the model is shown of bad light: auto (more light in the dark, less haze), gamma "
        "(also against the light), clahe (local contrast), or off",
    )
    estimator: str = Field("auto", description="auto, posenet, movenet or blazepose")
    model: str | None = Field(
        None, description="a registered model's name, blazepose's lite, full or heavy, or a file of your own"
    )
    input_size: Size | Literal["auto"] | None = Field(
        None,
        description="what the model looks at, width x height, e.g. 481x353; auto: as large as goes",
    )
    target_rate: float = Field(
        30.0, gt=0, le=1000, description="frames per second that input-size auto has to hold"
    )
    runtime: str = Field("auto", description="auto, mediapipe or litert")
    threads: int | None = Field(
        None, ge=1, le=64, description="threads of the model, where the runtime has any"
    )
    single: bool = Field(False, description="look for one body only, the quicker and simpler way")
    max_poses: int | None = Field(
        None, ge=1, le=100, description="bodies looked for in one frame: 10, or BlazePose's one, unless said"
    )
    mask: bool | Literal["auto"] = Field(
        "auto",
        description="silhouettes, from blazepose; auto: when the sketch asks for them, or --share mask",
    )
    pose_score: float | None = Field(None, ge=0, le=1, description="a body below this score is ignored")
    keypoint_score: float = Field(0.3, ge=0, le=1, description="a keypoint below this score is missing")
    slots: int = Field(6, ge=1, le=32, description="people who get a slot, 1 to N")
    min_age: float = Field(0.25, ge=0, le=60, description="seconds that a body is seen until it is a person")
    grace: float = Field(2.0, ge=0, le=60, description="seconds that a person stays who is not found")
    still_after: float = Field(
        60.0, ge=0, description="seconds after which what has never moved is a thing, not a person; 0: never"
    )
    ignore: str | None = Field(
        None, description="where nobody is looked at: x,y,width,height or a polygon x,y x,y x,y; ... by ;"
    )
    lead: str = Field("longest", description="who leads: longest, biggest, nearest or zone:NAME")
    empty_after: float = Field(
        5.0, ge=0, description="seconds without anybody until the room counts as empty"
    )
    smoothing: Literal["calm", "normal", "quick", "off"] = Field(
        "normal", description="how much keypoints are steadied: calm, normal, quick or off"
    )
    zones: str | tuple[dict[str, Any], ...] = Field(
        "auto", description="zones file; auto: zones.toml where there is one; or off"
    )
    gestures: tuple[str, ...] = Field(
        ("all",), description="gestures to tell of: all, off, or names, e.g. wave,clap,jump"
    )
    size: Size = Field((1280, 720), description="the canvas, width x height in pixels")
    fps: float = Field(60.0, gt=0, le=1000, description="how often the window is drawn, per second")
    mirror: bool | Literal["auto"] = Field(
        "auto", description="show the room as a mirror does; auto: cameras only"
    )
    fit: Fit = Field("cover", description="how the picture fills the canvas: cover, contain or stretch")
    display: int = Field(0, ge=0, description="which screen, from 0; posekit displays lists them")
    fullscreen: bool = Field(False, description="fill the screen")
    more_displays: tuple[int, ...] = Field(
        (), description="screens that are filled together with the first: numbers, e.g. 1,2"
    )
    spread: Literal["across", "down", "same"] = Field(
        "across",
        description="what several screens show: the canvas cut from left to right (across) or from top to "
        "bottom (down), or all the same",
    )
    turn: Literal[0, 90, 180, 270] = Field(
        0, description="turn what is shown clockwise by so many degrees, for a screen that hangs on its side"
    )
    room: str = Field(
        "auto",
        description="file with keystone and stage of each screen; auto: room.toml where there is one; or off",
    )
    osc: tuple[str, ...] = Field((), description="OSC targets, HOST:PORT[:DIALECT][,key=value...], or off")
    osc_for: str | None = Field(None, description="the receiving tool: sets what suits it")
    osc_template: str | None = Field(
        None, description="messages of your own, as in '/body/{slot}/{keypoint} {x} {y}'"
    )
    osc_in: str = Field(
        "auto", description="where OSC comes in: PORT, HOST:PORT, off; auto: 127.0.0.1:7001 where it is free"
    )
    web: str = Field("off", description="serve browsers poses and events: PORT, HOST:PORT, or off")
    share: tuple[str, ...] = Field(
        (), description="what of the camera --web serves too: picture, mask; nothing unless it is asked for"
    )
    web_origin: tuple[str, ...] = Field(
        (), description="a web page that may connect besides this machine's own; null: pages from disk"
    )
    reload: bool | Literal["auto"] = Field(
        "auto", description="take a sketch's new code when its file is saved; auto: in windows, unless kept"
    )
    headless: bool = Field(False, description="no window; a file is rendered frame by frame")
    frames: int | None = Field(None, ge=1, description="stop after this many frames")
    save_video: Path | None = Field(None, description="write the canvas to this video file")
    save_frame: Path | None = Field(None, description="write the last canvas to this picture file")
    verbose: bool = Field(False, description="tell the whole story of an error")

    @field_validator("rotate", "turn", mode="before")
    @classmethod
    def _read_rotation(cls, value: object) -> object:
        return int(value) if isinstance(value, str) and value.strip().isdecimal() else value

    @field_validator("input_size", "size", "camera_size", mode="before")
    @classmethod
    def _read_size(cls, value: object) -> object:
        return parse_size(value) if isinstance(value, str) and value != "auto" else value

    @field_validator("input_size", "size", "camera_size")
    @classmethod
    def _check_size(cls, value: Size | str | None) -> Size | str | None:
        if isinstance(value, tuple) and not all(1 <= side <= 16384 for side in value):
            raise ValueError(
                f"{value[0]}x{value[1]} is not a size that can be used; sides run from 1 to 16384"
            )
        return value

    @field_validator("mirror", "mask", "reload", mode="before")
    @classmethod
    def _read_mirror(cls, value: object) -> object:
        words = {
            "on": True,
            "true": True,
            "yes": True,
            "1": True,
            "off": False,
            "false": False,
            "no": False,
            "0": False,
        }
        if isinstance(value, str) and value != "auto":
            if value.lower() not in words:
                raise ValueError(f"{value!r} is neither auto, on nor off")
            return words[value.lower()]
        return value

    @field_validator("threads", "max_poses", "slots", "display", "frames", "fps", mode="before")
    @classmethod
    def _refuse_truth(cls, value: object) -> object:
        if isinstance(value, bool):
            raise ValueError(f"{str(value).lower()} is not a number")
        return value

    @field_validator("source", mode="before")
    @classmethod
    def _read_source(cls, value: object) -> object:
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else value

    @field_validator("zones", mode="before")
    @classmethod
    def _read_zones(cls, value: object) -> object:
        if isinstance(value, (list, tuple)) and all(isinstance(zone, dict) for zone in value):
            return tuple(value)
        if not isinstance(value, (str, Path)):
            raise ValueError(f"zones are a file, auto, off, or a [[zones]] table for each; found {value!r}")
        return str(value)

    @field_validator("room", mode="before")
    @classmethod
    def _read_room(cls, value: object) -> object:
        return "off" if value is False else str(value) if isinstance(value, Path) else value

    @field_validator("more_displays", mode="before")
    @classmethod
    def _read_displays(cls, value: object) -> object:
        parts = value.replace(",", " ").split() if isinstance(value, str) else value
        parts = [parts] if isinstance(parts, int) else parts
        if not isinstance(parts, (list, tuple)):
            raise ValueError(f"more screens are numbers, as in 1,2; found {value!r}")
        numbers = [int(part) if str(part).isdecimal() else part for part in parts]
        wrong = [part for part in numbers if isinstance(part, bool) or not isinstance(part, int) or part < 0]
        if wrong:
            raise ValueError(f"{wrong[0]!r} is no screen; screens are numbers from 0, as in 1,2")
        return tuple(dict.fromkeys(numbers))

    @field_validator("gestures", mode="before")
    @classmethod
    def _read_gestures(cls, value: object) -> object:
        words = value.replace(",", " ").split() if isinstance(value, str) else value
        if not words:
            raise ValueError("no gesture is named; write off for none, or all")
        if isinstance(words, (list, tuple)) and len(words) > 1 and {"all", "off"} & set(map(str, words)):
            raise ValueError("all and off stand alone, without other names")
        return words

    @field_validator("web", "osc_in", mode="before")
    @classmethod
    def _read_web(cls, value: object) -> object:
        if value is False:  # as some write off in a show file
            return "off"
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else value

    @field_validator("share", "web_origin", mode="before")
    @classmethod
    def _read_words(cls, value: object) -> object:
        if isinstance(value, (list, tuple)) and all(isinstance(part, str) for part in value):
            value = " ".join(value)
        words = value.replace(",", " ").lower().split() if isinstance(value, str) else value
        return tuple(dict.fromkeys(words)) if isinstance(words, list) else words

    @field_validator("osc", mode="before")
    @classmethod
    def _read_targets(cls, value: object) -> object:
        if isinstance(value, (list, tuple)):  # a port is a natural thing to write as a number
            return tuple(str(part) if isinstance(part, int) else part for part in value)
        if isinstance(value, int):
            return (str(value),)
        if isinstance(value, str):
            return tuple(value.split())
        return value


@dataclass(frozen=True)
class Resolved:
    """Settings together with where each value came from."""

    settings: Settings
    origins: Mapping[str, str]
    """Setting name to `default`, `sketch`, `remembered`, `file FILE`, `environment POSEKIT_X` or
    `command line`."""
    written: Mapping[str, str] = field(default_factory=dict)
    """Settings with a secret in them, as they were written, with `$NAME`: to be shown in their place."""

    @property
    def shown(self) -> dict[str, Any]:
        """Every setting's value as plain values, without any secret."""
        return {**self.settings.model_dump(mode="json"), **self.written}


def resolve(
    command_line: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    file: Path | None = None,
    sketch: Mapping[str, Any] | None = None,
    remembered: Mapping[str, Any] | None = None,
    folder: Path | None = None,
) -> Resolved:
    """Merge every origin of settings into one checked `Settings`.

    What was drawn in a room is kept in `folder`: the file's, unless it is named. `None` on the command line
    means that the option was not given. Raises `SettingsError` for a value that cannot be right, saying where
    it came from, and `UnknownNameError` for a misspelt name.
    """
    origins = dict.fromkeys(Settings.model_fields, "default")
    values: dict[str, Any] = {}
    environment = os.environ if environment is None else environment
    text = read_show_text(file) if file else None
    folder = file.absolute().parent if folder is None and file else folder
    layers = (
        ("sketch", dict(sketch or {})),
        ("remembered", dict(remembered or {})),
        (DRAWN, read_ignored(folder) if folder else {}),
        (f"file {file}", _settings_of(text) if text else {}),
        ("environment", read_environment(environment)),
        ("command line", {name: value for name, value in (command_line or {}).items() if value is not None}),
    )
    for origin, layer in layers:
        for name, value in layer.items():
            _check_name(name, origin)
            values[name] = value
            origins[name] = f"environment {_variable(name)}" if origin == "environment" else origin
    written: dict[str, str] = {}
    if text is not None and origins["source"] == f"file {file}":
        values["source"], written = text.reveal_source(values["source"], environment)
    try:
        return Resolved(Settings(**values), origins, written)
    except ValidationError as error:
        raise _wrong(error, origins, text) from None


def parse_size(text: str) -> Size:
    """Read `481x353`, width first; raises `ValueError` with a sentence."""
    width, separator, height = text.lower().partition("x")
    if not (separator and width.strip().isdecimal() and height.strip().isdecimal()):
        raise ValueError(f"{text!r} is not a size; write width x height, for example 481x353")
    return int(width), int(height)


def read_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the settings among environment variables: `POSEKIT_FPS` is `fps`; an empty one is unset."""
    return {
        variable.removeprefix("POSEKIT_").lower(): value
        for variable, value in environment.items()
        if variable.startswith("POSEKIT_") and variable not in NOT_SETTINGS and value.strip()
    }


def read_show_file(path: Path) -> dict[str, Any]:
    """Read the settings of a show file, and leave its tables for a gallery alone.

    TOML, one setting a line; `-` and `_` are the same in names. Raises `SettingsError` with file and line.
    """
    return _settings_of(read_show_text(path))


def _settings_of(text: ShowText) -> dict[str, Any]:
    for problem in text.problems(Settings.model_fields):
        raise problem
    return text.settings


def _variable(name: str) -> str:
    return f"POSEKIT_{name.upper()}"


def _check_name(name: str, origin: str) -> None:
    if name in Settings.model_fields:
        return
    if origin == "environment":
        raise UnknownNameError("environment variable", _variable(name), map(_variable, Settings.model_fields))
    raise UnknownNameError(f"setting in {origin}:", name, Settings.model_fields)


def _wrong(error: ValidationError, origins: Mapping[str, str], text: ShowText | None) -> SettingsError:
    found = [(wrong, str(wrong.path[0])) for wrong in wrong_values(error)]
    if text is not None:  # the file's first line first, behind what was wrong before it
        found.sort(key=lambda pair: text.line(pair[0].path) if origins[pair[1]] == f"file {text.path}" else 0)
    wrong, name = found[0]
    spelled = name.replace("_", "-")
    if text is not None and origins.get(name) == f"file {text.path}":
        return text.problem(wrong.path, f"{spelled}: {wrong.sentence}")
    return SettingsError(f"{spelled} from {origins.get(name, 'nowhere')}: {wrong.sentence}")
