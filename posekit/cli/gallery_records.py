"""`posekit gallery counts`, `report` and `sheet`: what a show has kept, and what it says of that."""

from __future__ import annotations

import json
import os
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from posekit.cli.options import ConfigOption
from posekit.cli.show_named import SketchArgument, named_from_here

if TYPE_CHECKING:
    from posekit.records.paper import Paper
    from posekit.records.reader import Records
    from posekit.show.file import Show

EARLIER_DAYS = 400
"""A show that was counted within so many days before the report's second is no young one."""
DAY = "as in 2026-11-22"


def counts(
    sketch: SketchArgument = None,
    *,
    config: ConfigOption = None,
    csv: Annotated[
        str | None,
        typer.Option("--csv", metavar="FILE", help="write all numbers to a CSV file; - prints them"),
    ] = None,
    since: Annotated[str | None, typer.Option(metavar="DAY", help=f"the first day, {DAY}")] = None,
    until: Annotated[str | None, typer.Option(metavar="DAY", help=f"the last day, {DAY}")] = None,
) -> None:
    """Show how many people came, or write the counts to a file."""
    from posekit.errors import SettingsError
    from posekit.records.report_paper import told_seconds

    records = _records(_read(sketch, config))
    last = records.day(until)
    first = records.day(since) if since else last - timedelta(days=6)
    if first > last:
        raise SettingsError(f"--since {first} is later than --until {last}")
    if csv is not None:
        _write(records.csv(since, until), csv)
        return
    for day in records.days((last - first).days + 1, last):
        median = "" if day["median"] is None else f", half of them shorter than {told_seconds(day['median'])}"
        typer.echo(f"{day['day']}  {day['visits']:6,} visits{median}")


def report(
    sketch: SketchArgument = None,
    *,
    config: ConfigOption = None,
    week: Annotated[
        bool, typer.Option("--week", help="seven days, beside the seven before; as is usual")
    ] = False,
    days: Annotated[int, typer.Option(min=1, max=400, help="so many days instead")] = 7,
    until: Annotated[
        str | None,
        typer.Option(metavar="DAY", help=f"the last day, {DAY}; else yesterday, or today in the first days"),
    ] = None,
    save: Annotated[
        Path | None, typer.Option(metavar="FILE", help="write it to a file: .html, .md, .txt or .json")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print all numbers as JSON")] = False,
) -> None:
    """Tell how a week went: visits, hours, zones, faults, beside the week before."""
    from posekit.errors import SettingsError
    from posekit.records.report import make_report
    from posekit.records.report_paper import report_paper

    if week and days != 7:
        raise SettingsError("--week is seven days; leave one of --week and --days out")
    show = _read(sketch, config)
    records = _records(show)
    last = records.day(until) if until else _last_day(records, days)
    found = make_report(records, _title(show), last, days)
    in_json = json.dumps(found.as_dict(), indent=2, ensure_ascii=False) + "\n"
    if save is not None:
        paper = report_paper(found)
        kinds = {
            ".html": paper.as_html(),
            ".md": paper.as_markdown(),
            ".txt": paper.as_text(),
            ".json": in_json,
        }
        if save.suffix.lower() not in kinds:
            raise SettingsError(f"--save {save}: a report is {', '.join(kinds)}; choose one of these endings")
        _write(kinds[save.suffix.lower()], str(save))
    if as_json or save is None:
        typer.echo(in_json if as_json else report_paper(found).as_text(), nl=False)


def _last_day(records: Records, days: int) -> date:
    """Return yesterday, the last whole day; but today while a show is younger than the report."""
    today = records.day()
    earlier = today - timedelta(days=days)
    if records.counted(earlier - timedelta(days=EARLIER_DAYS), earlier):
        return today - timedelta(days=1)
    typer.echo("the show is younger than the report is long: it includes today, which is not over", err=True)
    return today


def sheet(
    sketch: SketchArgument = None,
    *,
    config: ConfigOption = None,
    html: Annotated[
        str | None, typer.Option("--html", metavar="FILE", help="write a page to print; - prints its HTML")
    ] = None,
    markdown: Annotated[
        str | None, typer.Option("--markdown", metavar="FILE", help="write it as Markdown; - prints it")
    ] = None,
) -> None:
    """Write the data sheet for visitors and the venue: what these settings measure, send and keep."""
    here = Path.cwd()
    paper = _sheet(sketch, config)
    for name, text in ((html, paper.as_html), (markdown, paper.as_markdown)):
        if name is not None:
            _write(text(), name if name == "-" else str(here / name))
    if html is None and markdown is None:
        typer.echo(paper.as_text(), nl=False)


def _sheet(sketch: str | None, config: Path | None) -> Paper:
    """Return the sheet of a show; its folder becomes ours, because zones are looked for in it."""
    from posekit.cli.gallery_sheet import sheet_facts
    from posekit.gallery.sketch_settings import ask_sketch
    from posekit.records.sheet import sheet_paper
    from posekit.show.file import read_show

    sketch, config = named_from_here(sketch, config)
    show = read_show(config, sketch=sketch)
    named = show.require_sketch()
    os.chdir(show.folder.path)
    # A sketch asks for settings too. One that cannot be loaded could ask for anything: no sheet is made then.
    facts = ask_sketch(named, show.folder.path)
    show = read_show(config, sketch=sketch, sketch_settings=facts.settings)
    title = show.gallery.show.title or facts.title or facts.name
    return sheet_paper(sheet_facts(show, title))


def _read(sketch: str | None, config: Path | None) -> Show:
    from posekit.show.file import read_show

    sketch, config = named_from_here(sketch, config, may_be_kept=True)
    return read_show(config, sketch=sketch)


def _title(show: Show) -> str:
    named = show.gallery.show
    return named.title or (Path(named.sketch).stem if named.sketch else show.folder.path.name)


def _records(show: Show) -> Records:
    from zoneinfo import ZoneInfo

    from posekit.clock import SystemWall
    from posekit.errors import OutputError
    from posekit.records.reader import Records, StoredCounts

    path, named = show.folder.counts_file, show.gallery.hours.timezone
    if not path.exists():
        raise OutputError(f"{path} is not there: this show has counted nobody yet")
    return Records(None, StoredCounts(path, SystemWall(), ZoneInfo(named) if named else None))


def _write(text: str, name: str) -> None:
    from posekit.whole_file import replace_file

    if name == "-":
        sys.stdout.write(text)
        return
    replace_file(Path(name), text, "the file")
    typer.echo(f"{name} is written")
