"""A month of a show in a gallery: python bench/month.py [--days 30] [--faults 60] [--kills 200]

    --faults 0  every kind that does not take long, once
    --seed N    another month
    --only W    only faults whose name contains W
    --json F    keep every figure
    --keep F    keep the show's folder, with its log and what it said
    --priority -15    go before what else the machine does, where it has other work (root only)

The real `posekit gallery run` with its engine, window and curtain; only its wall clock is ours: it hurries to
what comes next, and then goes as a clock does. Durations are real. Opening hours in Berlin with a late night,
closed days, and the end of March, where a night loses an hour; nightly restarts (month_plan.py). Faults of
every kind (month_faults.py) at random moments of the opening hours, and SIGKILL of all processes at once at
random moments of day and night, after which the bench starts the show again, as a service manager does. Who
visits is scripted, and told over OSC to the bench, which compares that with the database after every end. It
ends with 1 if anything failed. Linux only.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import statistics
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import show_processes

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from month_faults import PATIENCE, SECONDS, Fault, noted, people_again
from month_plan import FIRST_DAY, HOURS, ZONE, Item, at, chosen_faults, opening, plan
from month_room import CLIP
from month_show import Show, set_priority

SPEED = 28800.0
"""Seconds a second in which nothing is to be seen."""
SAME_PART = 2
"""Faults of the same part in one life of the supervisor: each one's next try waits longer."""
AT_ONCE = 0.3
"""The share of kills after which the show is killed again before it has come up."""


@dataclass
class Figures:
    """What was measured."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """Until people were there again, by what had happened."""
    counts: Counter[str] = field(default_factory=Counter)


class Month:
    """Goes through what happens, and notes how the show takes it."""

    def __init__(self, show: Show, dice: random.Random, kills: int) -> None:
        """`kills` is how many there have to be in the end."""
        self.show, self.figures, self._kills = show, Figures(), kills
        self._dice = dice
        self._camera = False
        self._shared = set(show_processes.shared_memory())
        self._spans = [opening(FIRST_DAY + timedelta(days=number)) for number in range(-1, 62)]

    def is_open(self, wall: float) -> bool:
        """Whether it has to be open, a minute about each change left out."""
        return any(span is not None and span[0] <= wall < span[1] for span in self._spans)

    def go(self, items: list[Item]) -> None:
        """Live through all of it."""
        self.show.start()
        self.settle("start")
        for number, item in enumerate(items):
            self.travel(item.wall)
            begin = time.monotonic()
            if item.fault is not None:
                self.fault(item.fault)
            elif item.name == "kill":
                self.kill()
            elif item.name.startswith("camera"):
                self.set_camera(item.name == "camera on")
            elif item.name == "night":
                self.night()
            else:
                self.settle(item.name)
            what = item.fault.name if item.fault else item.name
            day = datetime.fromtimestamp(item.wall, ZONE).strftime("%d %b %H:%M")
            print(f"{number + 1}/{len(items)} {day} {what}: {time.monotonic() - begin:.1f} s; "
                  f"{len(self.show.failures)} failures", file=sys.stderr, flush=True)  # fmt: skip
        while self.figures.counts["kills"] < self._kills:
            self.kill()
        self.show.until(lambda: self.show.state() is not None, PATIENCE, "a state at the end")
        self.end()

    def travel(self, wall: float) -> None:
        """Let the wall clock hurry to a time."""
        show = self.show
        if (ahead := wall - show.wall.time()) <= 0:
            return
        show.wall.set(rate=min(SPEED, max(1.0, ahead / 0.1)))
        while show.wall.time() < wall:
            time.sleep(min(0.02, max(0.001, (wall - show.wall.time()) / SPEED)))
            self.mind()
        show.wall.set(wall)

    def mind(self) -> None:
        """A supervisor that ended by itself is a failure; the show goes on all the same."""
        show = self.show
        assert show.life is not None
        if (code := show.life.process.poll()) is not None:
            show.fail(f"the supervisor ended by itself with {code}: {said(show)}")
            show.kill_all()
            show.end_life(hard=True)
            show.start()

    def settle(self, name: str, since: float | None = None) -> None:
        """Wait until all is as the hours want it, and note how long that took."""
        show = self.show
        since = show.clock.now() if since is None else since
        is_open = self.is_open(show.wall.time())
        with noted(show, name):
            if is_open:
                seconds = people_again(show, since, lambda: self._is("open"))
            else:
                show.until(lambda: self._is("closed"), PATIENCE, "closed")
                seconds = show.clock.now() - since
            self.note(name if is_open else f"{name}, closed", seconds)

    def note(self, name: str, seconds: float) -> None:
        """Remember how long it took; more than ten seconds is a failure."""
        self.figures.seconds[name].append(seconds)
        if seconds > SECONDS:
            self.show.fail(f"{name}: back after {seconds:.1f} s")

    def fault(self, fault: Fault) -> None:
        """Let a fault strike where people are there before it."""
        show = self.show
        with noted(show, "before a fault"):
            people_again(show, show.clock.now(), lambda: self._is("open"))
        time.sleep(self._dice.uniform(0.0, 1.0))
        assert show.life is not None
        if fault.part and show.life.what.count(fault.part) >= SAME_PART:
            self.kill()
        show.life.what.append(fault.part)
        with noted(show, fault.name):
            self.note(fault.name, fault.strike(show))
        self.figures.counts["faults"] += 1
        self.mind()

    def kill(self) -> None:
        """Kill everything, perhaps again while it starts, and see that it is back."""
        show = self.show
        time.sleep(self._dice.uniform(0.0, 2.0))
        while True:
            show.kill_all()
            self.figures.counts["kills"] += 1
            show.end_life(hard=True)
            show.check_nothing_left(self._shared)
            time.sleep(0.2)
            since = show.clock.now()
            show.start()
            if self._dice.random() >= AT_ONCE:
                break
            time.sleep(self._dice.uniform(0.0, 2.0))
        self.settle("everything killed", since)

    def set_camera(self, is_on: bool) -> None:
        """Give the show another source, as a technician does while it is closed."""
        if is_on == self._camera or (is_on and self.show.stage is None):
            return
        self._camera = is_on
        self.end()
        self.show.write_settings(camera=is_on)
        self.show.start()
        self.settle("another source")

    def night(self) -> None:
        """See that engine and window were started anew, an hour after the time for it at the latest."""
        show = self.show
        with noted(show, "night"):
            show.until(self._is_renewed, PATIENCE, "the nightly restart")
            self.figures.counts["nights"] += 1
        self.settle("night")

    def _is_renewed(self) -> bool:
        state = self.show.state()
        if state is None or self.show.life is None:
            return False
        midnight = self.show.wall.time() - 6 * 3600
        parts = [part for part in state.parts if part.name in ("engine", "window")]
        return all(part.state == "off" or part.started > midnight for part in parts)

    def end(self) -> None:
        """End the show as a service manager does."""
        show = self.show
        assert show.life is not None
        show.life.process.terminate()
        with noted(show, "end"):
            code = show.life.process.wait(15)
            if code != 0:
                show.fail(f"the show ended with {code}: {said(show)}")
            show.until(lambda: not show_processes.left_over(show.mark), 5.0, "everything has ended")
        show.kill_all()
        show.end_life(hard=False)
        show.check_nothing_left(self._shared)

    def _is(self, phase: str) -> bool:
        state = self.show.state()
        return state is not None and state.phase == phase


def said(show: Show) -> str:
    return show.said_file.read_text(errors="replace")[-1500:] if show.said_file.exists() else ""


def report(month: Month, minutes: float, days: int) -> dict[str, Any]:
    """Return all figures."""
    show = month.show
    return {
        "days": days,
        "minutes": round(minutes, 1),
        **month.figures.counts,
        "visits": len(show.ears.leaves),
        "visits_in_the_database": show.count(),
        "kills_that_lost_visits": len(show.lost),
        "visits_lost": sum(many for _, many in show.lost),
        "oldest_lost_seconds": round(max((oldest for oldest, _ in show.lost), default=0.0), 2),
        "back_after": {
            name: {
                "times": len(took),
                "median": round(statistics.median(took), 2),
                "most": round(max(took), 2),
            }
            for name, took in sorted(month.figures.seconds.items())
        },
        "failures": show.failures,
    }


def print_table(figures: dict[str, Any]) -> None:
    """Print what a person reads."""
    print("| what happened | times | people back after, median | longest |\n|---|---|---|---|")
    for name, row in figures["back_after"].items():
        print(f"| {name} | {row['times']} | {row['median']:.1f} s | {row['most']:.1f} s |")
    rest = {name: value for name, value in figures.items() if name not in ("back_after", "failures")}
    print("\n" + ", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in rest.items()))
    for failure in figures["failures"]:
        print(f"FAILED: {failure}")


@dataclass(frozen=True)
class Asked:
    """What kind of month is wanted."""

    days: int = 30
    faults: int = 60
    """0: every kind that does not take long, once."""
    kills: int = 200
    seed: int = 1
    only: str = ""
    keep: Path | None = None
    priority: int = 0


def live(asked: Asked) -> dict[str, Any]:
    """Live through a month and return its figures."""
    dice = random.Random(asked.seed)
    assets = os.environ.get("POSEKIT_ASSETS")
    clip = Path(assets) / CLIP if assets else None
    begin = time.monotonic()
    show = Show(clip if clip and clip.exists() else None, HOURS, at(FIRST_DAY, 9), asked.keep)
    if asked.priority:
        show.priority = asked.priority
        set_priority(os.getpid(), asked.priority)
    try:
        month = Month(show, dice, asked.kills)
        has = {"has_camera": show.stage is not None, "has_disk": show.has_disk}
        faults = chosen_faults(asked.faults, asked.only, **has)
        month.go(plan(asked.days, faults, round(asked.kills * (1 - AT_ONCE)), dice))
        return report(month, (time.monotonic() - begin) / 60, asked.days)
    finally:
        show.close()


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    words.add_argument("--days", type=int, default=30)
    words.add_argument("--faults", type=int, default=60)
    words.add_argument("--kills", type=int, default=200)
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--only", default="")
    words.add_argument("--json", type=Path)
    words.add_argument("--keep", type=Path)
    words.add_argument("--priority", type=int, default=0)
    given = words.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was started is ended, what was mounted too
    asked = {name: value for name, value in vars(given).items() if name != "json"}
    figures = live(Asked(**asked))
    if given.json:
        given.json.write_text(json.dumps(figures, indent=2), encoding="utf-8")
    print_table(figures)
    return 1 if figures["failures"] else 0


if __name__ == "__main__":
    sys.exit(main())
