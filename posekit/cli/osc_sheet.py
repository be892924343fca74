"""`posekit osc-sheet`: every channel that a receiver will see, with its range and meaning."""

from __future__ import annotations

import csv
import io
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from posekit.cli.options import ConfigOption, resolve_given, with_settings
from posekit.errors import OutputError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from posekit.outputs.osc import Target
    from posekit.outputs.osc.sheet import Channel, Occasions
    from posekit.settings import Settings

HEADINGS = ("channel", "address", "argument", "type", "lowest", "highest", "unit", "sent", "meaning")
WIDTH = 150
"""Columns of the table where there is no terminal to measure."""
LATER = ("_held", "_end")
SENT = {"always": "always", "people": "with people", "event": "on event"}


@with_settings("osc", "osc_for", "osc_template", "slots", "gestures", "zones")
def osc_sheet(
    *,
    dialect: Annotated[
        str | None,
        typer.Option(metavar="NAME[,key=value...]", help="what to describe: posekit, kinect, tuio, ..."),
    ] = None,
    csv_file: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="write CSV; - : stdout")
    ] = None,
    markdown: Annotated[Path | None, typer.Option(metavar="FILE", help="write Markdown; - : stdout")] = None,
    config: ConfigOption = None,
    given: dict[str, Any],
) -> None:
    """List every OSC channel by name, with address, type, range and meaning, as TouchDesigner shows it."""
    from posekit.outputs.osc.dialects import find_dialect
    from posekit.outputs.osc.sheet import channels, notes

    settings = resolve_given(given, config).settings
    target = find_target(settings, dialect)
    entries = list(find_dialect(target.dialect).sheet(target, occasions_of(settings)))
    listed = list(channels(entries))
    if csv_file is None and markdown is None:
        _print_table(listed, target, notes(entries, target))
        return
    if csv_file is not None:
        _write(csv_file, as_csv(listed))
    if markdown is not None:
        _write(markdown, as_markdown(listed, target, notes(entries, target)))


def find_target(settings: Settings, dialect: str | None) -> Target:
    """Return the one target that is meant; raises `SettingsError` where there are several."""
    from posekit.outputs.osc.dialects import find_dialect
    from posekit.outputs.osc.opening import parse_targets

    texts: Sequence[str] = settings.osc
    if dialect is not None:
        name, comma, keys = dialect.partition(",")
        texts = (f"127.0.0.1:{find_dialect(name).port}:{name}{comma}{keys}",)
    elif not texts or texts == ("off",):
        texts = ("7000",)
    targets = parse_targets(texts, settings.osc_for, settings.slots, settings.osc_template)
    if len(targets) != 1:
        raise SettingsError(
            f"a sheet is about one target, and here are {len(targets)}; name one, as in --osc {texts[0]!r}"
        )
    return targets[0]


def occasions_of(settings: Settings) -> Occasions:
    """Return what can happen besides people coming and going, as the settings have it."""
    from posekit.engine.options import gesture_options, watched_zones
    from posekit.events.gestures import gesture_names
    from posekit.outputs.osc.sheet import Occasions

    zones = tuple(zone.name for zone in watched_zones(settings))
    return Occasions(tuple(gesture_names(gesture_options(settings))), zones)


def as_csv(listed: Iterable[Channel]) -> str:
    """Return the sheet as CSV, a line for each channel."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADINGS)
    for one in listed:
        place = (one.channel, one.address, one.argument, one.type)
        writer.writerow((*place, one.low, one.high, one.unit, SENT[one.sent], one.meaning))
    return text.getvalue()


def as_markdown(listed: Iterable[Channel], target: Target, told: Iterable[str]) -> str:
    """Return the sheet as a Markdown table, with the notes below."""
    lines = [f"# OSC at port {target.port}: {target.dialect}", "", f"`--osc {target}`", ""]
    lines += [f"| {' | '.join(HEADINGS)} |", "|" + "---|" * len(HEADINGS)]
    for one in listed:
        cells = (f"`{one.channel}`", f"`{one.address}`", str(one.argument), one.type, one.low, one.high)
        lines.append(f"| {' | '.join((*cells, one.unit, SENT[one.sent], one.meaning))} |")
    return "\n".join((*lines, "", *(f"- {note}" for note in told), ""))


def folded(listed: Iterable[Channel]) -> list[Channel]:
    """Return the channels for people to read: those of all slots, and of all events, are one row each."""
    rows: dict[tuple[object, ...], list[Channel]] = {}
    for one in listed:
        one = _without_event(one)
        key = (_SLOT.sub("/p*/", f"/{one.channel}", count=1), *one[2:])
        rows.setdefault((*key, _SLOT.sub("/p*/", one.address, count=1)), []).append(one)
    return [
        same[0]
        if len(same) == 1
        else same[0]._replace(
            channel=_between(same[0].channel, same[-1].channel),
            address=_between(same[0].address, same[-1].address),
        )
        for same in rows.values()
    ]


def _without_event(one: Channel) -> Channel:
    """Return a channel with `{event}` in place of the event's name, where it has one."""
    found = _EVENT.search(one.address)
    if found is None:
        return one
    channel = f"/{one.channel}".replace(f"/event/{found[1]}", "/event/{event}", 1)[1:]
    address = one.address.replace(found[0], "/event/{event}")
    said = " {event}_held or _end " if found[1].endswith(LATER) else " {event} "
    return one._replace(channel=channel, address=address, meaning=one.meaning.replace(f" {found[1]} ", said))


_EVENT = re.compile(r"/event/([^/]+)$")
_SLOT = re.compile(r"/p\d+/")


def _between(first: str, last: str) -> str:
    found, end = _SLOT.search(f"/{first}"), _SLOT.search(f"/{last}")
    if found is None or end is None or found[0] == end[0]:
        return first
    return f"/{first}".replace(found[0], f"{found[0][:-1]}..{end[0][1:]}", 1)[1:]


def _print_table(listed: Sequence[Channel], target: Target, told: Iterable[str]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from posekit.outputs.osc.sheet import DAT

    rows = folded(listed)
    table = Table(
        title=Text(f"{len(listed)} channels of --osc {target}"), title_justify="left", box=SIMPLE_HEAD
    )
    table.add_column("channel in TouchDesigner", no_wrap=True)
    for heading, least in (("type", 4), ("range", 10), ("sent", 11), ("meaning", 16)):
        table.add_column(heading, min_width=least)
    for one in rows:
        name = one.channel if one.channel != DAT else f"{one.address} [{one.argument}]"
        cells = (name, one.type, f"{one.range} {one.unit}".strip(), SENT[one.sent], one.meaning)
        table.add_row(*map(Text, cells))
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=max(WIDTH, console.width))
    console.print(table)
    if any(one.channel != DAT for one in rows):
        console.print("The OSC address is a channel's name with a / in front.")
    for note in told:
        console.print(note, markup=False)
    events = {found[1] for one in listed if (found := _EVENT.search(one.address))}
    if events:
        plain = sorted(name for name in events if not name.endswith(LATER))
        also = "; gestures also with _held and _end" if len(plain) < len(events) else ""
        console.print(f"{{event}} is {', '.join(plain)}{also}.", markup=False)
    if len(rows) < len(listed):
        console.print("Every channel in a row of its own: --csv FILE, or --markdown FILE.")


def _write(file: Path, text: str) -> None:
    if str(file) == "-":
        sys.stdout.write(text)
        return
    try:
        file.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise OutputError(f"cannot write {file}: {error.strerror or error}") from None
