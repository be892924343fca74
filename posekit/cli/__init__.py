"""The command line: one file per command; this one puts them together and turns errors into one line."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, NoReturn

from posekit.errors import PosekitError

if TYPE_CHECKING:
    from posekit.sketch import Sketch


def main() -> None:
    """Run the `posekit` command; ends the process with 0, 1 or 2 as docs/command-line.md says."""
    from posekit.cli.app import app

    _end_cleanly_on_terminate()
    try:
        app(prog_name="posekit", standalone_mode=True)
    except PosekitError as error:
        _fail(error)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # Somebody closed our stdout (`posekit ... | head`). Python must not complain about it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def run_class(sketch: type[Sketch]) -> None:
    """Run a sketch class as `python paint.py` does, with the options of `posekit run`."""
    from posekit.cli.show import run_class_command

    _end_cleanly_on_terminate()
    try:
        run_class_command(sketch, sys.argv[1:])
    except PosekitError as error:
        _fail(error)
    except KeyboardInterrupt:
        sys.exit(130)


def _fail(error: PosekitError) -> NoReturn:
    print(f"posekit: {error}", file=sys.stderr)  # noqa: T201 (rich would wrap and colour it)
    if "--verbose" in sys.argv:
        import traceback

        traceback.print_exception(error)
    sys.exit(error.exit_code)


def _end_cleanly_on_terminate() -> None:
    """Make SIGTERM end the program as Ctrl-C does, so that everything opened is closed."""
    if sys.platform != "win32":
        signal.signal(signal.SIGTERM, signal.default_int_handler)
