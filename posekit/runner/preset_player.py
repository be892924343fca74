"""Presets in use: loaded at once or by fading, saved, named, and taken away."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from posekit.errors import PosekitError
from posekit.runner.presets import Preset, PresetFile, clean_name, read_presets, write_presets

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from posekit.clock import Clock
    from posekit.runner.knobs import Knobs

FADES = (0.0, 1.0, 3.0, 10.0)
"""Seconds that the strip goes through."""
FADING = ("float",)
"""Kinds of parameters that have something between two values."""


@dataclass
class _Fade:
    """One number on its way."""

    start: float
    end: float
    began: float
    seconds: float
    last: float
    """What it was set to; where it is something else by now, somebody has turned it, who is right."""


class PresetPlayer:
    """Loads and saves a sketch's presets; the file is read each time, as it may be edited meanwhile.

    What cannot be done is reported and is `message`; nothing here ends a show. `tick` is to be called once a
    frame.
    """

    def __init__(self, knobs: Knobs, path: Path, clock: Clock, report: Callable[[str], None]) -> None:
        self._knobs, self._path, self._clock, self._report = knobs, path, clock, report
        self._fades: dict[str, _Fade] = {}
        self.content = PresetFile()
        """What the file had when it was last looked at."""
        self.active: int | None = None
        """The preset that was loaded or saved last."""
        self.message = ""
        """What there is to say, in a sentence."""
        self.is_alarm = False
        """Whether that is something that has gone wrong."""

    def look(self) -> bool:
        """Read the file; false where it is none: `message` says why."""
        try:
            self.content = read_presets(self._path)
        except PosekitError as error:
            self._note(str(error), is_alarm=True)
            return False
        return True

    def load(self, wanted: int | str) -> bool:
        """Load a preset by its number or name; false where there is none, which is said.

        A parameter that the sketch does not have is left alone, a value that cannot be is left out; both are
        said with the nearest that is.
        """
        is_there = self._load(wanted)
        self._report(self.message)
        return is_there

    def obey(self, wanted: int | str) -> str:
        """Do the same for somebody who may ask often; say nothing, and return what is wrong, or nothing."""
        self._load(wanted)
        return self.message if self.is_alarm else ""

    def load_next(self) -> bool:
        """Load the preset after the one that is active, and after the last the first."""
        if not self.look():
            self._report(self.message)
            return False
        numbers = sorted(self.content.presets)
        after = [number for number in numbers if self.active is not None and number > self.active]
        return self.load((after or numbers or [1])[0])

    def save(self, number: int) -> bool:
        """Save every value under a number; what else the preset had there is kept."""
        is_saved = self.look()
        if is_saved:
            before = self.content.presets.get(number, Preset(number))
            now = replace(before, values={**before.values, **self._knobs.parameters.values})
            is_saved = self._write({**self.content.presets, number: now})
        if is_saved:
            self.active = number
            self._note(f"saved preset {now.title} in {self._path.name}")
        self._report(self.message)
        return is_saved

    def rename(self, number: int, name: str) -> bool:
        """Give a preset a name; empty for none."""
        name = clean_name(name)
        if not self.look() or number not in self.content.presets:
            return False
        for other in self.content.presets.values():
            if other.number != number and name and name in (other.name, str(other.number)):
                self._note(f"preset {other.number} is called {name!r} already", is_alarm=True)
                return False
        return self._write({**self.content.presets, number: replace(self.content.presets[number], name=name)})

    def remove(self, number: int) -> bool:
        """Take a preset away."""
        if not self.look() or number not in self.content.presets:
            return False
        self._note(f"preset {self.content.presets[number].title} is gone")
        return self._write({key: one for key, one in self.content.presets.items() if key != number})

    def next_fade(self) -> None:
        """Go on to the next of `FADES`, and remember it."""
        if self.look():
            following = next((seconds for seconds in FADES if seconds > self.content.fade), FADES[0])
            self._write(dict(self.content.presets), following)

    def tick(self) -> None:
        """Let what is fading come nearer."""
        now = self._clock.now()
        for name, fade in list(self._fades.items()):
            parameters = self._knobs.parameters
            if name not in parameters.declared or parameters[name] != fade.last:
                del self._fades[name]
                continue
            part = min(1.0, (now - fade.began) / fade.seconds)
            value = fade.end if part >= 1 else fade.start + (fade.end - fade.start) * part
            try:
                fade.last = self._knobs.turn(name, value)
            except PosekitError:  # its code has changed: it is something else now
                part = 1.0
            if part >= 1:
                del self._fades[name]

    def is_changed(self) -> bool:
        """Whether something has been turned since the active preset was loaded or saved."""
        preset = self.content.presets.get(self.active or 0)
        if preset is None or self._fades:
            return False
        parameters = self._knobs.parameters
        return any(
            name in parameters.declared and parameters[name] != value for name, value in preset.values.items()
        )

    def _load(self, wanted: int | str) -> bool:
        if not self.look():
            return False
        try:
            preset = self.content.find(wanted)
        except PosekitError as error:
            self._note(str(error), is_alarm=True)
            return False
        problems = [problem for name in preset.values if (problem := self._set(preset, name))]
        self.active = preset.number
        told = f"preset {preset.title}"
        self._note(f"{told}: {'; '.join(problems)}" if problems else told, is_alarm=bool(problems))
        return True

    def _set(self, preset: Preset, name: str) -> str:
        """Set one parameter, or let it begin to fade; return what is wrong with it, or nothing."""
        parameters, value = self._knobs.parameters, preset.values[name]
        self._fades.pop(name, None)
        try:
            param = parameters.find(name)
            end = param.read((value,))
            if self.content.fade > 0 and param.kind in FADING:
                start = parameters[name]
                self._fades[name] = _Fade(start, end, self._clock.now(), self.content.fade, start)
            else:
                self._knobs.turn(name, value)
        except PosekitError as error:
            return str(error) if name not in parameters.declared else f"{name}: {error}"
        return ""

    def _write(self, presets: dict[int, Preset], fade: float | None = None) -> bool:
        content = PresetFile(presets, self.content.fade if fade is None else fade)
        try:
            write_presets(self._path, content)
        except PosekitError as error:
            self._note(str(error), is_alarm=True)
            return False
        self.content = content
        return True

    def _note(self, sentence: str, *, is_alarm: bool = False) -> None:
        self.message, self.is_alarm = sentence, is_alarm
