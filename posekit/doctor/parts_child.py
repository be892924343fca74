"""Loads libraries, the display and the model, one after the other; runs in a process of its own."""

from __future__ import annotations

import importlib
import json
import os
import sys
from dataclasses import asdict

from posekit.doctor.child import die_in_time, say
from posekit.doctor.models import choose_model
from posekit.errors import PosekitError
from posekit.settings import Settings

RUNS = 3
"""Times that the model looks at a grey picture; the first is slower than those after it."""


def look(libraries: list[str], settings: Settings) -> None:
    """Tell of libraries, of the display, and of the model that the settings mean."""
    for name in libraries:
        say(doing=f"import {name}")
        try:
            importlib.import_module(name)
        except Exception as error:  # a broken library raises what it likes
            say(found=f"library {name}", reason=f"{type(error).__name__}: {error}")
        else:
            say(found=f"library {name}", reason="")
    say(doing="open the display")
    _look_at_display()
    say(doing="look for the model")
    try:
        choice = choose_model(settings)
    except Exception as error:
        say(found="choice", reason=_words(error), file="")
        return
    say(found="choice", **{**asdict(choice), "file": str(choice.file or "")})
    if choice.file is not None:
        say(doing="run the model")
        try:
            _run_model(settings, choice.family, str(choice.file))
        except Exception as error:
            say(found="model", reason=_words(error))


def _look_at_display() -> None:
    try:
        from posekit.runner.window import open_display
        from posekit.sketch.quiet_pygame import pygame

        sizes = open_display()
        say(found="display", driver=pygame.display.get_driver(), sizes=sizes)
        pygame.display.quit()
    except Exception as error:
        say(found="display", reason=_words(error))


def _run_model(settings: Settings, family: str, model: str) -> None:
    import numpy as np

    from posekit.clock import SystemClock
    from posekit.estimators import EstimatorOptions, open_estimator
    from posekit.frame import Frame

    clock = SystemClock()
    options = EstimatorOptions(name=family, model=model, runtime=settings.runtime, single=True)
    estimator = open_estimator(options)
    times = []
    for index in range(RUNS):
        began = clock.now()
        estimator.estimate(Frame(np.full((360, 640, 3), 128, np.uint8), began, index))
        times.append(clock.now() - began)
    say(found="model", description=estimator.description, milliseconds=min(times) * 1000)
    estimator.close()


def _words(error: Exception) -> str:
    return str(error) if isinstance(error, PosekitError) else f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    die_in_time()
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    order = json.loads(sys.argv[1])
    look(order["libraries"], Settings(**order["settings"]))
