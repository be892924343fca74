"""Turns what is wrong with a user's file into a sentence with its file, line and code."""

from __future__ import annotations

import linecache
import re
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from posekit.errors import HookError, PosekitError, SketchError, UnknownNameError, nearest_name

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from posekit.sketch.hooks import Problem

_NOT_IN_MODULE = re.compile(r"cannot import name '(\w+)'")


class SketchNameError(SketchError, UnknownNameError):
    """A name in a sketch that is not known: a hook, an argument or a setting."""

    def __init__(self, path: Path, problems: Sequence[Problem]) -> None:
        first = problems[0]
        UnknownNameError.__init__(self, first.kind, first.found, first.known)
        self.args = (_listed(path, problems),)


def raise_problems(path: Path, problems: Sequence[Problem]) -> None:
    """Raise one error that tells all problems in the order of their lines, if there are any."""
    ordered = sorted(problems, key=lambda problem: problem.line)
    if not ordered:
        return
    if ordered[0].kind:
        raise SketchNameError(path, ordered)
    raise SketchError(_listed(path, ordered))


def syntax_error(path: Path, error: SyntaxError) -> SketchError:
    """Return the error for a file that is not Python."""
    code = f": {error.text.strip()}" if error.text else ""
    return SketchError(f"{path.name}, line {error.lineno}: {error.msg}{code}")


def load_error(path: Path, error: BaseException) -> SketchError:
    """Return the error for a file that raised while it was executed; the traceback is the user's own part."""
    sentence = _blame(path, error)
    prune(error, path.parent)
    return SketchError(sentence)


def hook_error(path: Path, hook: str, error: BaseException) -> HookError:
    """Return the error for a hook that raised; the traceback is the user's own part."""
    sentence = f"{_blame(path, error)} (in {hook})"
    prune(error, path.parent)
    return HookError(sentence)


def prune(error: BaseException, folder: Path) -> None:
    """Cut from an error's traceback everything before and after the user's own lines.

    What came before is posekit's calling; what came after, inside a library, stays only when nothing of
    the user's is in the traceback at all.
    """
    kept = [step for step in _steps(error.__traceback__) if _is_own(step.tb_frame.f_code.co_filename, folder)]
    below: TracebackType | None = None
    for step in reversed(kept):
        below = type(step)(below, step.tb_frame, step.tb_lasti, step.tb_lineno)
    error.__traceback__ = below or error.__traceback__


def _blame(path: Path, error: BaseException) -> str:
    """Say what happened on which line of the user's."""
    said = " ".join(str(error).split()) + _meant(error)
    if not isinstance(error, PosekitError):
        said = f"{type(error).__name__}: {said}" if said else type(error).__name__
    own = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if _is_own(frame.filename, path.parent) and frame.lineno
    ]
    if isinstance(error, SyntaxError):
        # A module that the sketch imports and that is not Python.
        return str(syntax_error(Path(error.filename or path), error))
    if not own:
        return f"{path.name}: {said}"
    file, line = own[-1].filename, own[-1].lineno or 0
    code = linecache.getline(file, line).strip()
    return f"{Path(file).name}, line {line}: {said}" + (f", in `{code}`" if code else "")


def _meant(error: BaseException) -> str:
    """Return the name that was likely meant where Python has none of that name; it tells tracebacks alone."""
    if "did you mean" in str(error):
        return ""
    name: str | None = ""
    known: set[str] = set()
    with suppress(Exception):  # what something has may be asked of the user's own code
        if isinstance(error, ImportError) and (found := _NOT_IN_MODULE.match(str(error))):
            name = found[1]
            known.update(dir(sys.modules[error.name or ""]))
        elif isinstance(error, AttributeError):
            name = error.name
            known.update(dir(error.obj))
        elif isinstance(error, NameError):
            name, frame = error.name, _steps(error.__traceback__)[-1].tb_frame
            known.update(frame.f_locals, frame.f_globals, frame.f_builtins)
    near = nearest_name(name or "", sorted(one for one in known if not one.startswith("_")))
    return f"; did you mean {near!r}?" if near and near != name else ""


def _steps(trace: TracebackType | None) -> list[TracebackType]:
    steps = []
    while trace is not None:
        steps.append(trace)
        trace = trace.tb_next
    return steps


def _is_own(filename: str, folder: Path) -> bool:
    """Whether a file is the user's: at or below the sketch's folder, and neither posekit nor installed."""
    file = Path(filename)
    package = Path(__file__).resolve().parents[1]
    if not file.is_absolute() or "site-packages" in file.parts:
        return False
    sketches = (package / "data" / "sketches", package.parent / "sketches")
    return file.is_relative_to(folder) and (
        not file.is_relative_to(package) or any(file.is_relative_to(place) for place in sketches)
    )


def _listed(path: Path, problems: Sequence[Problem]) -> str:
    first, *others = (f"line {problem.line}: {_sentence(problem)}" for problem in problems)
    more = "".join(f"; also {other}" for other in others)
    return f"{path.name}, {first}{more}"


def _sentence(problem: Problem) -> str:
    if not problem.kind:
        return problem.found
    return str(UnknownNameError(problem.kind, problem.found, problem.known))
