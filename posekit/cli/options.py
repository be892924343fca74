"""Turns the settings model into command-line options, so that every setting is declared once."""

from __future__ import annotations

import functools
import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from posekit.packed import use_packed
from posekit.resolving import Resolved, resolve
from posekit.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FLAGS = {
    "osc_for": "--for",
    "mirror": "--mirror/--no-mirror",
    "mask": "--mask/--no-mask",
    "reload": "--reload/--no-reload",
    "single": "--single/--multi",
    "fullscreen": "--fullscreen/--window",
}
"""Options whose spelling is not simply the setting's name."""

PANELS = {
    "Seeing": "source estimator model input_size focus light target_rate runtime threads single max_poses "
    "mask pose_score keypoint_score",
    "Camera": "camera_size rotate flip crop exposure gain white_balance camera_focus",
    "People": "slots lead min_age grace still_after ignore empty_after smoothing zones gestures",
    "Window": "size fps mirror fit reload display fullscreen more_displays spread turn room",
    "OSC": "osc osc_for osc_template osc_in",
    "Web": "web share web_origin",
    "Output": "headless frames save_video save_frame verbose",
}

TYPES: dict[str, Any] = {
    "threads": int,
    "max_poses": int,
    "pose_score": float,
    "keypoint_score": float,
    "slots": int,
    "empty_after": float,
    "min_age": float,
    "grace": float,
    "still_after": float,
    "fps": float,
    "target_rate": float,
    "display": int,
    "frames": int,
    "single": bool,
    "mirror": bool,
    "mask": bool,
    "reload": bool,
    "fullscreen": bool,
    "headless": bool,
    "verbose": bool,
    "osc": list[str],
    "web_origin": list[str],
    "save_video": Path,
    "save_frame": Path,
}
"""What the command line reads an option as; everything else is text that the settings model reads."""


def with_settings(*names: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command an option for each named setting (all when none is named), and `--config FILE`.

    The command takes `given`: the settings that were given on the command line, by name, and `config`.
    """
    chosen = names or tuple(Settings.model_fields)

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(command)
        def wrapped(**arguments: Any) -> None:
            given = {name: arguments.pop(name) for name in chosen}
            given = {name: value for name, value in given.items() if value not in (None, [], ())}
            command(**arguments, given=given)

        own = [
            parameter
            for parameter in inspect.signature(command, eval_str=True).parameters.values()
            if parameter.name != "given"
        ]
        parameters = [*own, *(_option(name) for name in chosen)]
        wrapped.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        wrapped.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        return wrapped

    return decorate


ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config", metavar="FILE", help="a show file (TOML) with settings", rich_help_panel="Output"
    ),
]


def resolve_given(
    given: Mapping[str, Any],
    config: Path | None = None,
    sketch: Mapping[str, Any] | None = None,
    remembered: Mapping[str, Any] | None = None,
) -> Resolved:
    """Merge what was given on the command line with every other origin of settings."""
    command_line = dict(given)
    if "osc" in command_line:
        command_line["osc"] = tuple(command_line["osc"])
    if config is not None:
        use_packed(config.absolute().parent)
    resolved = resolve(command_line, file=config, sketch=sketch, remembered=remembered)
    _verbose.append(resolved.settings.verbose)
    return resolved


_verbose: list[bool] = []


def is_verbose() -> bool:
    """Whether the settings, wherever they came from, ask for the whole story of an error."""
    return any(_verbose)


def _option(name: str) -> inspect.Parameter:
    field = Settings.model_fields[name]
    kind = TYPES.get(name, str)
    flag = FLAGS.get(name, f"--{name.replace('_', '-')}")
    panel = next(title for title, members in PANELS.items() if name in members.split())
    default = field.default
    shown = f" [default: {_spell(default)}]" if default not in (None, (), False, "auto") else ""
    option = typer.Option(flag, help=f"{field.description}{shown}", rich_help_panel=panel, show_default=False)
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[kind | None, option],
    )


def _spell(value: object) -> str:
    return "x".join(map(str, value)) if isinstance(value, tuple) else f"{value}"
