"""Which hours of a show's counts are too old to be kept, and when a clock is believed about it."""

from __future__ import annotations

from datetime import datetime, time, timedelta, timezone
from typing import TYPE_CHECKING

from posekit.records.counts_file import remove_aside

if TYPE_CHECKING:
    from datetime import date

    from posekit.records.counts_file import CountsFile

PLAUSIBLE_DAYS = 31
"""Old hours go only when another day was counted within so many: a wrong clock must not clear everything."""
DAY = 86400


def remove_old(file: CountsFile, today: date, keep_days: int) -> None:
    """Remove hours of more than so many days ago, and broken files that were last written to then."""
    recent = file.read(midnight(today) - PLAUSIBLE_DAYS * DAY, midnight(today) + DAY)
    if any(key.hour.day != today for key in recent):
        before = midnight(today - timedelta(days=keep_days)) - DAY
        file.remove_before(before)
        remove_aside(file.path, before)


def midnight(day: date) -> int:
    """Return the day's first second in UTC; a venue's own may be up to 14 hours away from it."""
    return int(datetime.combine(day, time(), timezone.utc).timestamp())
