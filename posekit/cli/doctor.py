"""`posekit doctor`: looks at everything a show needs, and says what to do about what is missing."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from posekit.cli.options import ConfigOption, resolve_given, with_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from posekit.doctor.finding import Finding

STYLES = {"ok": "green", "warning": "yellow", "trouble": "bold red"}
TARGETS = ("127.0.0.1:7000",)


@with_settings(
    *(
        "source",
        "camera_size",
        "exposure",
        "gain",
        "white_balance",
        "camera_focus",
        "estimator",
        "model",
        "input_size",
        "runtime",
        "slots",
    ),
    *("osc", "osc_for", "osc_template", "osc_in", "web"),
)
def doctor(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="print the findings as JSON")] = False,
    config: ConfigOption = None,
    given: dict[str, Any],
) -> None:
    """Look at camera, model, display, ports and libraries, and say what to do; ends with 1 on trouble."""
    from posekit.doctor.examine import examine
    from posekit.secret_values import hide_revealed

    settings = resolve_given(given, config, {"source": "auto", "osc": TARGETS}).settings
    if not as_json:
        from posekit.cli.console import say

        say("posekit doctor looks at this machine, ten seconds at most ...")
    findings = [
        replace(finding, found=hide_revealed(finding.found), todo=hide_revealed(finding.todo))
        for finding in examine(settings)
    ]
    if as_json:
        told = {"findings": [asdict(finding) for finding in findings], **counts(findings)}
        typer.echo(json.dumps(told, indent=2))
    else:
        _print(findings)
    if counts(findings)["trouble"]:
        raise typer.Exit(1)


def counts(findings: Sequence[Finding]) -> dict[str, int]:
    """Return how many findings there are of each level."""
    levels = [finding.level for finding in findings]
    return {level: levels.count(level) for level in ("ok", "warning", "trouble")}


def _print(findings: Sequence[Finding]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    told = counts(findings)
    warnings = f"{told['warning']} warning{'s' * (told['warning'] != 1)}"
    end = f"{told['trouble']} in trouble" if told["trouble"] else "nothing in trouble"
    last = f"{len(findings)} checks: {told['ok']} ok, {warnings}, {end}"
    console = Console(highlight=False)
    if not console.is_terminal:
        for finding in findings:
            typer.echo(f"{finding.level:<9}{finding.check:<11}{finding.found}")
            if finding.todo:
                typer.echo(f"{'':<20}-> {finding.todo}")
        typer.echo(last)
        return
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for no_wrap in (True, True, False):
        table.add_column(no_wrap=no_wrap)
    for finding in findings:
        said = Text(finding.found)
        if finding.todo:
            said.append(f"\n-> {finding.todo}", style="dim" if finding.level == "ok" else "")
        table.add_row(Text(finding.level, STYLES[finding.level]), Text(finding.check), said)
    console.print(table)
    console.print(f"\n{last}")
