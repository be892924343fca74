"""`posekit simulate`: a crowd that does not exist instead of a camera, for rehearsing a patch or a sketch."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from posekit.cli.options import ConfigOption, with_settings
from posekit.settings import Settings


@with_settings(*(name for name in Settings.model_fields if name != "source"))
def simulate(
    *,
    people: Annotated[int | None, typer.Option(help="how many at a time [default: 4]")] = None,
    seed: Annotated[int | None, typer.Option(help="another number, other people [default: 1]")] = None,
    rate: Annotated[float | None, typer.Option(help="frames per second [default: 30]")] = None,
    seconds: Annotated[float | None, typer.Option(help="stop after this long")] = None,
    noise: Annotated[
        float | None, typer.Option(help="how much of PoseNet's noise, 0 for none [default: 1]")
    ] = None,
    acts: Annotated[
        str | None, typer.Option(help="what they do: all, distractors or none [default: all]")
    ] = None,
    no_preview: Annotated[bool, typer.Option("--no-preview", help="no preview window")] = False,
    config: ConfigOption = None,
    given: dict[str, Any],
) -> None:
    """Send a made-up crowd over OSC, as if a camera saw it; the same seed is the same crowd."""
    from posekit.cli.show import send_poses

    said = {"people": people, "seed": seed, "rate": rate, "seconds": seconds, "noise": noise, "acts": acts}
    options = ",".join(f"{name}={value}" for name, value in said.items() if value is not None)
    send_poses({**given, "source": f"synthetic:{options}"}, config, no_preview=no_preview)
