"""Finds what is spelt right in a sketch and still cannot be: parameters' names, hooks that nothing calls."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from posekit.events.table import GESTURE_NAMES
from posekit.sketch.hooks import PHASES, Problem, known_hooks
from posekit.sketch.params import NAME, parameters_of
from posekit.sketch.sketch import OWN_ATTRIBUTES, SETTINGS, Sketch, settings_of
from posekit.sketch.spelling import line_of
from posekit.taught import taught_names

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from posekit.sketch.hooks import Hook
    from posekit.sketch.params import Param


def check_params(declared: Mapping[str, Param[Any]], tree: ast.Module) -> list[Problem]:
    """Return what is wrong with the names of parameters."""
    problems = []
    hooks = known_hooks()
    seen: dict[int, str] = {}
    for name, param in declared.items():
        line = line_of(tree, name) or 1
        first = seen.setdefault(id(param), name)
        if name in SETTINGS or name in OWN_ATTRIBUTES:
            sentence = f"{name} is a setting; call the parameter something else, such as my_{name}"
        elif name in hooks or hasattr(Sketch, name) or name == "state":
            sentence = f"{name} means something else in a sketch; call the parameter something else"
        elif not NAME.fullmatch(name):
            sentence = (
                f"{name} becomes part of an OSC address: a parameter's name is at most 48 letters from a to "
                "z, digits and _, and begins with a letter"
            )
        elif first != name:
            sentence = f"{first} and {name} are the same Param; make one for each"
        else:
            continue
        problems.append(Problem(line, "", sentence))
    return problems


def find_idle(path: Path, hooks: Mapping[str, Hook], sketch: Sketch, tree: ast.Module) -> tuple[str, ...]:
    """Return a sentence for every hook that the sketch's own settings keep from ever being called."""
    settings = settings_of(sketch)
    gestures = _words(settings.get("gestures", "all"))
    reasons: dict[str, str] = {}
    if gestures != {"all"}:
        for gesture in (*GESTURE_NAMES, *taught_names()):
            if gesture not in gestures:
                said = f"gestures = {settings['gestures']!r} leaves {gesture} out"
                reasons.update({f"on_{gesture}{phase}": said for phase in PHASES})
    if gestures == {"off"}:
        reasons["on_gesture"] = f"gestures = {settings['gestures']!r}"
    if settings.get("zones") in ("off", (), []):
        told = f"zones = {settings['zones']!r}"
        reasons.update(dict.fromkeys(("on_zone_enter", "on_zone_dwell", "on_zone_leave"), told))
    if settings.get("osc_in") == "off":
        reasons["on_osc"] = "osc_in = 'off'"
    if not parameters_of(sketch):
        reasons["on_param"] = "the sketch has no Param"
    idle = tuple(
        f"{path.name}, line {line_of(tree, name) or 1}: {name} is never called, because {reasons[name]}"
        for name in hooks
        if name in reasons
    )
    line = _silhouette_line(tree) if "mask" not in settings else None
    if line is None:
        return idle
    return (
        *idle,
        f"{path.name}, line {line}: silhouettes come when they are asked for: mask = True, at the top",
    )


def _silhouette_line(tree: ast.AST) -> int | None:
    """Return where a file first uses silhouettes: `canvas.silhouette` or `scene.mask`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and (
            node.attr == "silhouette"
            or (node.attr == "mask" and isinstance(node.value, ast.Name) and node.value.id == "scene")
        ):
            return node.lineno
    return None


def _words(value: object) -> set[str]:
    """Return the names in a setting that is a text or a list of them."""
    if isinstance(value, str):
        return set(value.replace(",", " ").split())
    return {str(one) for one in value} if isinstance(value, Iterable) else set()
