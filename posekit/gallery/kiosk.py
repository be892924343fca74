"""Keeps screen saver, blanking, sleep and notifications away while a show runs, and gives them back.

What was changed is remembered in a file, so that a machine whose power was cut gets back what it had once a
show begins there again and ends. Each step says what it did or could not do; none of them stops a show.
"""

from __future__ import annotations

import json
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import platformdirs

from posekit.errors import PosekitError
from posekit.gallery.kiosk_steps import has_ended, steps_here
from posekit.show.process_mark import ProcessMark, own_mark
from posekit.whole_file import replace_file

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from posekit.gallery.kiosk_steps import Step

MOST_BYTES = 100_000
Answer = TypeVar("Answer")


def memory_file() -> Path:
    """Return where it is remembered what a machine's owner had set."""
    return platformdirs.user_state_path("posekit", appauthor=False) / "kiosk.json"


class Kiosk:
    """The machine as a show needs it, from `begin` to `end`.

    Both are called by the same thread, which has to live as long as the show: Windows ties it to the thread.
    """

    def __init__(self, steps: Sequence[Step] | None = None, memory: Path | None = None) -> None:
        """Take by default the `steps` of this machine."""
        self._steps = steps
        self._memory = memory or memory_file()
        self._begun: list[tuple[Step, dict[str, Any]]] = []
        self._report: Callable[[str], None] = lambda _: None
        self._holder: ProcessMark | None = None

    def begin(self, report: Callable[[str], None]) -> bool:
        """Take every step; `report` is told of each in a sentence.

        What a show changed that was cut off is undone first, so that it is not taken for the owner's wish.
        Returns False, having done nothing, as long as another show has taken them: it will give them back.
        """
        self._report = report
        steps = list(steps_here() if self._steps is None else self._steps)
        left = self._recall()
        if self._is_held(left):
            return False
        found: dict[str, Any] = self._mend(steps, left)
        own = own_mark()
        found |= {
            "process_id": own.process_id,
            "process_started": own.started,
            "process_birth": own.birth,
        }
        for step in steps:
            was = self._try(step, step.look)
            if was is None:
                continue
            # What could not be given back yet is older than what is found now.
            was = found.setdefault(step.name, was)
            # Remembered before it is changed: the power may be cut in between.
            if was and not self._remember(found):
                report(
                    f"kiosk: {step.name} is left alone, since it could not be given back after a power cut"
                )
                continue
            done = self._try(step, step.take)
            if done is not None:
                self._begun.append((step, was))
                report(f"kiosk: {done}")
        return True

    def look(self) -> None:
        """Take anew what does not hold any more; called now and then between `begin` and `end`."""
        for step, _ in self._begun:
            if has_ended(step):
                done = self._try(step, step.take)
                if done is not None:
                    self._report(f"kiosk: again: {done}")

    def end(self) -> None:
        """Give everything back, the last step first; calling it twice does nothing."""
        begun, self._begun = self._begun, []
        kept = {
            step.name: was
            for step, was in reversed(begun)
            if not self._try(step, partial(_give_back, step, was)) and was
        }
        if begun and not (kept and self._remember(kept)):
            with suppress(OSError):
                self._memory.unlink()

    def _is_held(self, left: dict[str, Any]) -> bool:
        """Whether another show that runs has changed this machine, and will give it back."""
        with suppress(KeyError, TypeError, ValueError):
            birth = str(left.get("process_birth", ""))
            other = ProcessMark(int(left["process_id"]), float(left["process_started"]), birth)
            if other != own_mark() and other.is_running:
                if other != self._holder:
                    self._holder = other
                    self._report(
                        f"kiosk: another show (process {other.process_id}) keeps this machine awake already"
                    )
                return True
        return False

    def _mend(self, steps: Sequence[Step], left: dict[str, Any]) -> dict[str, Any]:
        """Undo what a show left behind that was cut off; return what could not be undone."""
        kept = {}
        for step in steps:
            was = left.get(step.name)
            if isinstance(was, dict) and was and not self._try(step, partial(_give_back, step, was)):
                kept[step.name] = was
        return kept

    def _try(self, step: Step, act: Callable[[], Answer]) -> Answer | None:
        """Do a step's part; what fails is told, and the show goes on."""
        try:
            return act()
        except (PosekitError, OSError, ValueError, TypeError) as error:
            self._report(f"kiosk: {step.name} cannot be had: {error}")
            return None

    def _recall(self) -> dict[str, Any]:
        try:
            if self._memory.stat().st_size > MOST_BYTES:
                return {}
            found = json.loads(self._memory.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    def _remember(self, found: dict[str, Any]) -> bool:
        try:
            self._memory.parent.mkdir(parents=True, exist_ok=True)
            replace_file(self._memory, json.dumps(found, indent=2) + "\n", "what the machine was like")
        except (OSError, PosekitError):
            return False
        return True


def _give_back(step: Step, was: dict[str, Any]) -> bool:
    step.give_back(was)
    return True
