"""When what happens in the simulated month: opening hours, nights, faults, and power cuts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from month_faults import FAULTS, Fault

if TYPE_CHECKING:
    import random

ZONE = ZoneInfo("Europe/Berlin")
FIRST_DAY = datetime(2027, 3, 8)
CLOSED, EXTRA = "2027-03-26", "2027-03-27"
HOURS = f"""open = ["tue-sun 10:00-18:00", "thu 10:00-20:00"]
closed = ["{CLOSED}"]
extra = ["{EXTRA} 22:00-04:00"]
"""
CAMERA_EVERY = 5
"""Every fifth day the show has a camera; on the others people are scripted, which costs less time."""


@dataclass(frozen=True, order=True)
class Item:
    """Something that happens at a wall time."""

    wall: float
    name: str
    fault: Fault | None = field(default=None, compare=False)


def at(day: datetime, hour: float) -> float:
    """Return the wall time of an hour of a day in Berlin, whatever its clocks do that night."""
    minutes = round(hour * 60)
    return (day + timedelta(minutes=minutes)).replace(tzinfo=ZONE).timestamp()


def opening(day: datetime) -> tuple[float, float] | None:
    """Return when it opens and closes on a day: by the bench's own reckoning, not the show's."""
    name = day.strftime("%Y-%m-%d")
    if name == EXTRA:
        return at(day, 22), at(day, 28)
    if name == CLOSED or day.weekday() == 0:
        return None
    return at(day, 10), at(day, 20 if day.weekday() == 3 else 18)


def plan(days: int, faults: list[Fault], kills: int, dice: random.Random) -> list[Item]:
    """Return everything that happens, in order."""
    calendar = [FIRST_DAY + timedelta(days=number) for number in range(days)]
    spans = {day: span for day in calendar if (span := opening(day)) is not None}
    items = [Item(at(day, 5.6), "night") for day in calendar[1:]]
    for begin, end in spans.values():
        items += [Item(begin + 60, "opened"), Item(end + 60, "closed")]
    with_camera = {day for number, day in enumerate(spans) if number % CAMERA_EVERY == 1}
    items += [Item(at(day, 9.5), "camera on" if day in with_camera else "camera off") for day in spans]
    for fault in faults:
        among = [day for day in spans if (day in with_camera) == fault.needs_camera]
        if among:
            begin, end = spans[dice.choice(among)]
            items.append(Item(dice.uniform(begin + 900, end - 900), "fault", fault))
    for _ in range(kills):
        if dice.random() < 0.85:
            begin, end = spans[dice.choice(list(spans))]
            items.append(Item(dice.uniform(begin + 600, end - 600), "kill"))
        else:
            items.append(Item(dice.uniform(at(calendar[0], 11), at(calendar[-1], 22)), "kill"))
    return sorted(items)


def chosen_faults(
    many: int, only: str = "", *, has_camera: bool = True, has_disk: bool = True
) -> list[Fault]:
    """Return so many faults, all kinds as often as far as that goes; for 0 those that are quick, once."""
    kinds = [
        fault
        for fault in FAULTS
        if only in fault.name
        and (has_camera or not fault.needs_camera)
        and (has_disk or not fault.needs_disk)
        and (many or not fault.is_long)
    ]
    return [kinds[number % len(kinds)] for number in range(many or len(kinds))] if kinds else []
