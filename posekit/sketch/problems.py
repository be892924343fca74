"""Turns what is wrong with a user's file into a sentence with its file, line and code."""

from __future__ import annotations

import linecache
import re
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from posekit.errors import CodePlace, HookError, PosekitError, SketchError, UnknownNameError, nearest_name

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from posekit.sketch.hooks import Problem

LINES_BEFORE, LINES_AFTER = 2, 1
"""How much code is quoted around a line."""
LONGEST_CODE = 120
"""Letters of a line that a sentence quotes."""
_PACKAGE = Path(__file__).resolve().parents[1]
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
    first = ordered[0]
    failure = SketchNameError(path, ordered) if first.kind else SketchError(_listed(path, ordered))
    failure.place = quote(path, first.line, _sentence(first), word=first.found if first.kind else "")
    raise failure


def syntax_error(path: Path, error: SyntaxError) -> SketchError:
    """Return the error for a file that is not Python."""
    code = f": {error.text.strip()[:LONGEST_CODE]}" if error.text else ""
    failure = SketchError(f"{path.name}, line {error.lineno}: {error.msg}{code}")
    columns = None
    if error.offset and error.offset > 0:
        same = error.end_lineno == error.lineno and (error.end_offset or 0) > error.offset
        columns = (error.offset - 1, (error.end_offset or 0) - 1 if same else error.offset)
    with suppress(OSError):
        text = path.read_text(encoding="utf-8", errors="replace").splitlines()
        failure.place = quote(path, error.lineno or 1, error.msg, columns, lines=text)
    return failure


def load_error(path: Path, error: BaseException) -> SketchError:
    """Return the error for a file that raised while it was executed; the traceback is the user's own part."""
    failure = SketchError(_blame(path, error))
    failure.place = _place(path, error)
    prune(error, path.parent)
    return failure


def hook_error(path: Path, hook: str, error: BaseException) -> HookError:
    """Return the error for a hook that raised; the traceback is the user's own part."""
    failure = HookError(f"{_blame(path, error)} (in {hook})")
    failure.place = _place(path, error)
    prune(error, path.parent)
    return failure


def exit_error(path: Path, end: SystemExit) -> HookError:
    """Return the error for a sketch that ended Python with a code that says that something was wrong."""
    failure = HookError(f"{_blame(path, end)}, so the sketch ended itself")
    failure.place = _place(path, end)
    return failure


def quote(
    path: Path,
    line: int,
    sentence: str,
    columns: tuple[int, int] | None = None,
    *,
    word: str = "",
    lines: Sequence[str] | None = None,
) -> CodePlace:
    """Return a place with the code around it: a file's `lines`, or those that tracebacks quote.

    Instead of columns a `word` may be given, to be found in the line.
    """
    known = linecache.getlines(str(path)) if lines is None else lines
    first = max(1, line - LINES_BEFORE)
    around = [text.rstrip() for text in known[first - 1 : line + LINES_AFTER]]
    while around and not around[-1]:
        around.pop()
    while around and not around[0] and first < line:
        del around[0]
        first += 1
    code = around[line - first] if line - first < len(around) else ""
    if word and (found := re.search(rf"\b{re.escape(word)}\b", code)):
        columns = found.span()
    if columns is None or not 0 <= columns[0] < columns[1]:
        columns = len(code) - len(code.lstrip()), len(code)
    # A tab is as wide as four letters here; an indentation stays one.
    wide = tuple(len(f"{code} "[:column].expandtabs(4)) for column in columns)
    shown = tuple((first + at, text.expandtabs(4)) for at, text in enumerate(around))
    return CodePlace(path, line, sentence, shown, (wide[0], wide[1]) if wide[0] < wide[1] else None)


def prune(error: BaseException, folder: Path) -> None:
    """Cut from an error's traceback everything before and after the user's own lines.

    What came before is posekit's calling; what came after, inside a library, stays only when nothing of
    the user's is in the traceback at all.
    """
    kept = [step for step in _steps(error.__traceback__) if is_own(step.tb_frame.f_code.co_filename, folder)]
    below: TracebackType | None = None
    for step in reversed(kept):
        below = type(step)(below, step.tb_frame, step.tb_lasti, step.tb_lineno)
    error.__traceback__ = below or error.__traceback__


def _place(path: Path, error: BaseException) -> CodePlace | None:
    """Return the last line of the user's own that an error went through."""
    if isinstance(error, SyntaxError):
        return syntax_error(Path(error.filename or path), error).place
    own = _own_frames(path, error)
    if not own:
        return None
    frame = own[-1]
    file, line, columns = Path(frame.filename), frame.lineno or 1, None
    start, end = getattr(frame, "colno", None), getattr(frame, "end_colno", None)
    if start is not None and end is not None:  # Python 3.11 and later know, in bytes
        text = linecache.getline(frame.filename, line).encode()
        end = end if getattr(frame, "end_lineno", line) == line else len(text.rstrip())
        columns = len(text[:start].decode(errors="replace")), len(text[:end].decode(errors="replace"))
    return quote(file, line, _said(error), columns)


def _own_frames(path: Path, error: BaseException) -> list[traceback.FrameSummary]:
    return [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if is_own(frame.filename, path.parent) and frame.lineno
    ]


def _said(error: BaseException) -> str:
    said = " ".join(str(error).split()) + _meant(error)
    if isinstance(error, PosekitError):
        return said
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def _blame(path: Path, error: BaseException) -> str:
    """Say what happened on which line of the user's."""
    said, own = _said(error), _own_frames(path, error)
    if isinstance(error, SyntaxError):
        # A module that the sketch imports and that is not Python.
        return str(syntax_error(Path(error.filename or path), error))
    if not own:
        return f"{path.name}: {said}"
    file, line = own[-1].filename, own[-1].lineno or 0
    code = linecache.getline(file, line).strip()[:LONGEST_CODE]
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


def is_own(filename: str, folder: Path) -> bool:
    """Whether a file is the user's: at or below the sketch's folder, and neither posekit nor installed."""
    file, package = Path(filename), _PACKAGE
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
