"""Makes docs/examples/week.html and sheet.html, and docs/pictures/week.png and sheet.png from them.

python docs/make_records.py        (the pictures need Chromium, and are left as they are without)
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import tempfile
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from posekit.cli.gallery_sheet import sheet_facts
from posekit.clock import ManualWall
from posekit.records.counts import Counts
from posekit.records.reader import Records
from posekit.records.report import make_report
from posekit.records.report_paper import report_paper
from posekit.records.sheet import sheet_paper
from posekit.scene import Event, Gesture, Leave, ZoneEvent
from posekit.show.file import read_show
from posekit.show.state import Part, ShowState, Trouble

HERE = Path(__file__).parent
BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = date(2026, 10, 12)
SHOW = """
source = "camera:Logitech"
osc = ["10.0.0.7:7000"]
[[zones]]
name = "stage"
points = [[0.2, 0.6], [0.8, 0.6], [0.9, 1.0], [0.1, 1.0]]
[show]
sketch = "ribbon"
title = "Ribbons"
[hours]
timezone = "Europe/Berlin"
open = ["tue-sun 10:00-18:00", "thu 10:00-20:00"]
[heartbeat]
osc = ["10.0.0.9:9000"]
[hooks]
open = [["amp", "on"]]
close = [["amp", "off"]]
[sheet]
venue = "Kunsthalle"
contact = "privacy@kunsthalle.example"
"""
SHARE = {1: 0.5, 2: 0.6, 3: 0.8, 4: 0.7, 5: 1.5, 6: 1.3}
"""How full a weekday is; closed on Mondays."""
HOURLY = (6, 14, 11, 9, 18, 26, 22, 9, 7, 3)
"""Visits of a usual hour, from ten o'clock."""


def main() -> None:
    chance = random.Random(7)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "show.toml"
        path.write_text(SHOW)
        os.chdir(folder)
        show = read_show(path, environment={})
        wall = ManualWall(datetime(2026, 10, 12, tzinfo=BERLIN).timestamp())
        counts = Counts(show.folder.counts_file, wall, zone=BERLIN)
        two_weeks(counts, wall, chance)
        report = make_report(Records(None, counts), "Ribbons", MONDAY + timedelta(days=13))
        counts.close()
        pages = {"week": report_paper(report), "sheet": sheet_paper(sheet_facts(show, "Ribbons"))}
        for name, paper in pages.items():
            file = HERE / f"examples/{name}.html"
            file.parent.mkdir(exist_ok=True)
            file.write_text(paper.as_html())
            photograph(file, HERE / f"pictures/{name}.png")


def two_weeks(counts: Counts, wall: ManualWall, chance: random.Random) -> None:
    """Let visitors come and go, and the camera's plug be pulled once."""
    uptime = 0.0
    for day in range(14):
        weekday = day % 7
        last = 20 if weekday == 3 else 18
        for hour in range(10, last if weekday else 10):
            start = datetime(2026, 10, 12, hour, 30, tzinfo=BERLIN) + timedelta(days=day)
            wall.seconds = start.timestamp()
            usual = HOURLY[hour - 10] * SHARE[weekday] * (1.15 if day > 6 else 1.0)
            for _ in range(round(chance.gauss(usual, usual**0.5)) if usual else 0):
                counts.note(visit(chance))
            for minute in range(60):
                uptime += 60.0
                is_lost = (day, hour) == (9, 15) and minute < 4
                troubles = (Trouble("camera_lost", "pulled", wall.seconds),) if is_lost else ()
                parts = (Part("engine"), Part("window", restarts=int(day > 10)))
                phase = "open"
                state = ShowState("Ribbons", 0, phase, uptime=uptime, parts=parts, troubles=troubles)
                counts.note_state(state)


def visit(chance: random.Random) -> list[Event]:
    """Return what somebody did between coming and going."""
    told: list[Event] = [Leave(1, visit=chance.lognormvariate(3.6, 0.9))]
    told += [Gesture(name, 1) for name in ("wave", "jump", "clap") if chance.random() < 0.2]
    if chance.random() < 0.7:
        told += [ZoneEvent("zone_enter", 1, zone="stage")]
        told += [ZoneEvent("zone_leave", 1, zone="stage", stay=chance.lognormvariate(2.8, 0.8))]
    return told


def photograph(page: Path, picture: Path) -> None:
    """Let Chromium show a page as a picture."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        print(f"{picture.name} is left as it is: there is no Chromium here")
        return
    heights = {"week": 1700, "sheet": 1200}
    subprocess.run(
        [
            *(program, "--headless", "--no-sandbox", "--hide-scrollbars", "--disable-gpu"),
            *(f"--screenshot={picture}", f"--window-size=820,{heights[picture.stem]}", page.as_uri()),
        ],
        check=True,
        capture_output=True,
        timeout=60,
    )


if __name__ == "__main__":
    main()
