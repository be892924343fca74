"""The command line: one file per command; this one starts it and turns errors into one line."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable

    from posekit.sketch import Sketch


CTRL_C_CODE = 130
"""What typer ends with after a Ctrl-C that no command took for its end."""


def main() -> None:
    """Run the `posekit` command; ends the process with 0, 1 or 2 as docs/command-line.md says."""
    _run(_command)


def run_class(sketch: type[Sketch]) -> None:
    """Run a sketch class as `python paint.py` does, with the options of `posekit run`."""

    def command() -> None:
        from posekit.cli.show import run_class_command

        run_class_command(sketch, sys.argv[1:])

    _run(command)


def _command() -> None:
    from posekit.cli.app import app

    try:
        app(prog_name="posekit", standalone_mode=True)
    except SystemExit as end:
        if end.code == CTRL_C_CODE:
            raise KeyboardInterrupt from None
        raise


def _run(command: Callable[[], None]) -> None:
    # Everything is imported in here, so that Ctrl-C has one answer from the first moment on.
    try:
        from posekit.errors import PosekitError
        from posekit.runner import interrupt

        _open_standard_streams()
        interrupt.install()
        try:
            command()
        except PosekitError as error:
            _fail(str(error), error.exit_code, error)
        except BrokenPipeError:
            # Somebody closed our stdout (`posekit ... | head`). Python must not complain about it at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            sys.exit(1)
    except KeyboardInterrupt:
        _fail("ended by Ctrl-C before it was done", 1)


def _fail(sentence: str, code: int, error: BaseException | None = None) -> NoReturn:
    secrets = sys.modules.get("posekit.secret_values")
    hide = secrets.hide_revealed if secrets is not None else str
    print(f"posekit: {hide(sentence)}", file=sys.stderr)  # noqa: T201 (rich would wrap and colour it)
    if error is not None and ("--verbose" in sys.argv or _is_verbose()):
        import traceback

        for line in (*traceback.format_exception(error), *getattr(error, "details", ())):
            print(hide(line).rstrip("\n"), file=sys.stderr)  # noqa: T201
    sys.exit(code)


def _is_verbose() -> bool:
    options = sys.modules.get("posekit.cli.options")
    return options is not None and options.is_verbose()


def _open_standard_streams() -> None:
    """Make sure that 0, 1 and 2 are open: started without, files of ours would take their numbers."""
    descriptor = os.open(os.devnull, os.O_RDWR)
    while descriptor <= 2:
        descriptor = os.dup(descriptor)
    os.close(descriptor)
