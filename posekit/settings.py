"""Every setting of a run, once: its name, type, default and meaning; `posekit.resolving` finds its value."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from posekit.geometry import Fit, Size


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


def parse_size(text: str) -> Size:
    """Read `481x353`, width first; raises `ValueError` with a sentence."""
    width, separator, height = text.lower().partition("x")
    if not (separator and width.strip().isdecimal() and height.strip().isdecimal()):
        raise ValueError(f"{text!r} is not a size; write width x height, for example 481x353")
    return int(width), int(height)
