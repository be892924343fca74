"""The lines of the parameter panel: what each shows, and what dragging, stepping and typing make of it."""

from __future__ import annotations

import colorsys
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from posekit.sketch.colors import is_color, read_color

if TYPE_CHECKING:
    from collections.abc import Mapping

    from posekit.sketch.parameters import Parameters
    from posekit.sketch.params import Param

STEPS = 100
"""Steps from one end of a slider to the other, unless the parameter says how large one is."""
COLOUR_STEPS = 36
FINE = 10
"""Fine steps in a step."""
PARTS = ("hue", "saturation", "lightness")
"""What a colour's own lines set, and in this order what is kept of one."""

MOST = 1e300
"""Wider than this no range is; infinity cannot be reckoned with."""

Shade = tuple[float, float, float]
"""Hue, saturation and lightness, each from 0 to 1."""


@dataclass(frozen=True)
class Line:
    """One line: a parameter, or one part of a colour that is being mixed."""

    name: str
    param: Param[Any]
    part: str = ""

    @property
    def has_slider(self) -> bool:
        """Whether it goes from one end to another."""
        return bool(self.part) or (self.is_number and None not in (self.param.min, self.param.max))

    @property
    def is_number(self) -> bool:
        """Whether it is a float or an int."""
        return self.param.kind in ("float", "int")

    @property
    def step(self) -> float:
        """How far one step goes; of a colour's part, in its own 0 to 1."""
        if self.part:
            return 1 / COLOUR_STEPS
        param = self.param
        if param.step:
            return float(param.step)
        low, high = _ends(self) if self.has_slider else (0.0, max(abs(float(param.default)), 1.0))
        reach = min(high - low, MOST)
        return max(1.0, round(reach / STEPS)) if param.kind == "int" else reach / STEPS


def lines_of(parameters: Parameters, mixed: str | None) -> list[Line]:
    """Return every line; the colour that is `mixed` has one for each of its parts below it."""
    lines = []
    for name, param in parameters.declared.items():
        lines.append(Line(name, param))
        if name == mixed and param.kind == "colour":
            lines += [Line(name, param, part) for part in PARTS]
    return lines


def fraction_of(line: Line, value: Any, shade: Shade | None = None) -> float:
    """Return how far along its slider a value is, from 0 to 1."""
    if line.part:
        return (shade or shade_of(value))[PARTS.index(line.part)]
    low, high = _ends(line)
    return float(min(max((value / 2 - low / 2) / (high / 2 - low / 2), 0.0), 1.0))


def value_at(line: Line, fraction: float, value: Any, shade: Shade | None = None) -> Any:
    """Return what a slider means by a place on it, from 0 to 1."""
    fraction = min(max(fraction, 0.0), 1.0)
    if line.part:
        mixed = list(shade or shade_of(value))
        mixed[PARTS.index(line.part)] = fraction
        return colour_of((mixed[0], mixed[1], mixed[2]), value)
    low, high = _ends(line)
    if fraction in (0.0, 1.0):
        return high if fraction else low
    # No more digits than a pixel of the slider can mean.
    digits = 3 - math.floor(math.log10(min(high - low, MOST)))
    return round(low * (1 - fraction) + high * fraction, min(digits, 300))


def stepped(line: Line, value: Any, steps: int, shade: Shade | None = None, *, fine: bool = False) -> Any:
    """Return the value so many steps further."""
    kind, param = line.param.kind, line.param
    if kind == "bool":
        return steps > 0
    if kind == "choice":
        return param.choices[(param.choices.index(value) + steps) % len(param.choices)]
    if kind == "colour":
        hue, saturation, lightness = shade or shade_of(value)
        return colour_of(((hue + steps / COLOUR_STEPS) % 1.0, saturation, lightness), value)
    step = line.step
    if fine and not param.step:
        step = 1.0 if kind == "int" else step / FINE
    # Sums of tenths are no tenths; what is shown is what is meant.
    return round(value + steps * step, 12)


def fraction_after(line: Line, shade: Shade, steps: int, *, fine: bool = False) -> float:
    """Return where a part of a colour is so many steps further; hues go round in a circle."""
    found = shade[PARTS.index(line.part)] + steps * line.step / (FINE if fine else 1)
    return found % 1.0 if line.part == "hue" else min(max(found, 0.0), 1.0)


def typed(line: Line, text: str) -> Any:
    """Return the value that a typed text may mean; whether it is one the parameter itself decides."""
    text = text.strip()
    if line.is_number:
        try:
            return float(text.replace(",", "."))
        except ValueError:
            return text
    if line.param.kind == "bool":
        return {"on": True, "off": False, "1": True, "0": False}.get(text, text)
    bare = line.param.kind == "colour" and not is_color(text) and is_color(f"#{text}")
    return f"#{text}" if bare else text


def shown(line: Line, value: Any, shade: Shade | None = None) -> str:
    """Return a value as the panel writes it, in no more digits than its slider can tell apart."""
    if line.part:
        found = fraction_of(line, value, shade)
        return f"{found * 360:.0f}°" if line.part == "hue" else f"{found * 100:.0f} %"
    if line.param.kind == "bool":
        return "on" if value else "off"
    if line.param.kind != "float":
        return str(value)
    step = min(line.step, abs(value) / STEPS or line.step) if not line.has_slider else line.step
    digits = max(0, min(6, math.ceil(-math.log10(step)) + (0 if line.param.step else 1)))
    text = f"{value:.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text if len(text) < 10 else f"{value:.4g}"


def range_of(line: Line) -> str:
    """Return what may be set, and what it is by default, as a line of its own."""
    param = line.param
    if line.is_number:
        low, high = (None if end is None else f"{end:g}" for end in (param.min, param.max))
        ends = f"{low} to {high}" if low and high else f"from {low}" if low else f"to {high}" if high else ""
    else:
        ends = f"{len(param.choices)} choices" if param.choices else ""
    default = f"default {shown(Line(line.name, param), param.default)}"
    return f"{ends}, {default}" if ends else default


def shade_of(colour: str) -> Shade:
    """Return a colour's hue, saturation and lightness."""
    red, green, blue, _ = read_color(colour)
    hue, lightness, saturation = colorsys.rgb_to_hls(red / 255, green / 255, blue / 255)
    return hue, saturation, lightness


def colour_of(shade: Shade, before: str) -> str:
    """Return the colour of a shade as `#rrggbb`, as opaque as the one before."""
    red, green, blue = rgb_of(shade)
    opacity = read_color(before)[3]
    return f"#{red:02x}{green:02x}{blue:02x}" + (f"{opacity:02x}" if opacity < 255 else "")


def rgb_of(shade: Shade) -> tuple[int, int, int]:
    """Return a shade as numbers from 0 to 255."""
    hue, saturation, lightness = shade
    red, green, blue = colorsys.hls_to_rgb(hue % 1.0, lightness, saturation)
    return round(red * 255), round(green * 255), round(blue * 255)


def kept_shade(kept: Mapping[str, tuple[str, Shade]], name: str, colour: str) -> Shade:
    """Return the shade that a colour was mixed from: grey and white have forgotten their hue."""
    if name in kept and kept[name][0] == colour:
        return kept[name][1]
    return shade_of(colour)


def _ends(line: Line) -> tuple[float, float]:
    """Return both ends of a slider."""
    low: Any = line.param.min
    high: Any = line.param.max
    return float(low), float(high)
