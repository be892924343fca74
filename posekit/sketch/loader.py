"""From a name or a file to a sketch that has been checked and is ready to run."""

from __future__ import annotations

import ast
import inspect
import re
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posekit.errors import SettingsError, SketchError, UnknownNameError, nearest_name
from posekit.sketch.colors import read_color
from posekit.sketch.hooks import Hook, Problem, bind, known_hooks
from posekit.sketch.parameters import Parameters
from posekit.sketch.params import KEPT, Param, declared_in, parameters_of
from posekit.sketch.problems import is_own, load_error, quote, raise_problems
from posekit.sketch.sense import check_params, find_idle
from posekit.sketch.sketch import OWN_ATTRIBUTES, SETTINGS, Sketch, is_setting
from posekit.sketch.source import Source, execute, read_source
from posekit.sketch.spelling import check_keypoints, check_spelling, find_untaken, function_line, line_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from types import ModuleType


@dataclass(frozen=True)
class LoadedSketch:
    """A sketch with its hooks bound."""

    sketch: Sketch
    hooks: Mapping[str, Hook]
    path: Path
    """Its file; for a class that was made in no file, the current folder."""
    remarks: tuple[str, ...] = ()
    """What its author should hear at the start; no reason not to run it."""
    parameters: Parameters = field(default_factory=Parameters)
    """What of it can be set while it runs."""
    source: Source | None = None
    """The version of its file that runs; None for a class that was made elsewhere than by loading it."""
    link: Path | None = None
    """Where it is looked for again, which may be a link to its file; None for a class made in no file."""


def load_sketch(name: str) -> LoadedSketch:
    """Load a `.py` file, or a built-in sketch by its name (`hello`, `02_skeleton`).

    Raises `UnknownNameError` for a name that is none, `SketchError` for a file that is not there or cannot be
    run as it stands.
    """
    path = find_sketch(name)
    asked = Path(name).expanduser()
    return replace(_load(path), link=asked.absolute() if asked.is_file() else path)


def load_again(link: Path, class_name: str = "") -> LoadedSketch:
    """Load a sketch's file as it is now, without making a sketch of it: no `__init__` of a class is called.

    Of several classes the one of this name is meant, or the last. Raises `SketchError`.
    """
    return replace(_load(link.resolve(), class_name, fresh=False), link=link)


def _load(path: Path, class_name: str = "", *, fresh: bool = True) -> LoadedSketch:
    source = execute(path)
    module, tree = source.module, source.tree
    classes = [
        value
        for value in vars(module).values()
        if inspect.isclass(value) and issubclass(value, Sketch) and value.__module__ == module.__name__
    ]
    if classes:
        mixed = next((hook for hook in known_hooks() if function_line(tree, hook)), None)
        if mixed:
            sentence = (
                f"both a function {mixed} and the class {classes[-1].__name__}; a sketch is either functions "
                f"or one class: move {mixed} into the class"
            )
            raise _at_line(path, function_line(tree, mixed), sentence)
        chosen = next((cls for cls in classes if cls.__name__ == class_name), classes[-1])
        loaded = _load_class(chosen, path, tree, fresh=fresh)
    else:
        loaded = _load_functions(module, path, tree)
    return replace(loaded, source=source)


def load_class(cls: type[Sketch]) -> LoadedSketch:
    """Check and bind a class that its own file has defined already, as `Paint.run()` does."""
    try:
        path = Path(inspect.getfile(cls)).resolve()
        module = sys.modules[cls.__module__]
    except (OSError, TypeError, KeyError):
        path, source = Path.cwd() / cls.__name__, None
    else:
        source = read_source(path, module)
    if source is None:
        return _load_class(cls, path, ast.Module([], []))
    is_found_again = is_own(str(path), path.parent) and "<locals>" not in cls.__qualname__
    loaded = _load_class(cls, path, source.tree)
    return replace(loaded, source=source, link=path if is_found_again else None)


def builtin_folder() -> Path:
    """Return where the built-in sketches are: in the installed package, or in the checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "data" / "sketches"
    return installed if installed.is_dir() else package.parent / "sketches"


def builtin_sketches() -> dict[str, Path]:
    """Return the built-in sketches by name, in the order in which they teach."""
    return {re.sub(r"^\d+_", "", path.stem): path for path in sorted(builtin_folder().glob("[0-9]*.py"))}


def find_sketch(name: str) -> Path:
    """Return the file that a user means by `hello.py`, `folder/hello.py`, `hello` or `01_hello`."""
    path = Path(name).expanduser()
    if path.is_file():
        return path.resolve()
    known = builtin_sketches()
    for short, file in known.items():
        if name in (short, file.stem, file.name):
            return file
    if path.is_dir():
        raise SketchError(f"{name} is a folder; name a sketch in it, such as {path / 'hello.py'}")
    if path.suffix == ".py" or path.parent != Path():
        there = sorted(file.name for file in path.parent.glob("*.py")) if path.parent.is_dir() else []
        near = nearest_name(path.name, there)
        hint = f"did you mean {near!r}?" if near else "start one with: posekit new NAME"
        raise SketchError(f"there is no file {name}; {hint}")
    raise UnknownNameError("sketch", name, known)


def _load_functions(module: ModuleType, path: Path, tree: ast.Module) -> LoadedSketch:
    declared = {name: value for name, value in vars(module).items() if isinstance(value, Param)}
    problems = _misspelt(tree, declared) + check_params(declared, tree)
    functions = {name: vars(module)[name] for name in known_hooks() if name in vars(module)}
    hooks = _bind_all(functions, problems)
    raise_problems(path, problems)
    if not functions:
        raise SketchError(
            f"{path.name} has nothing to run: define draw(canvas, people), or a subclass of posekit.Sketch"
        )
    given = {name: vars(module)[name] for name in SETTINGS if is_setting(vars(module).get(name))}
    cls = type(path.stem, (FunctionSketch,), {**given, "path": path, "module": module})
    sketch = cls()
    for name, param in declared.items():
        param.name = name
    vars(sketch)[KEPT] = Parameters(declared)
    _check_attributes(sketch, path, tree)
    return _loaded(sketch, hooks, path, tree)


def _load_class(cls: type[Sketch], path: Path, tree: ast.Module, *, fresh: bool = True) -> LoadedSketch:
    own = tuple(base.__name__ for base in cls.__mro__ if base.__module__ == cls.__module__)
    declared = declared_in(cls)
    raise_problems(path, check_params(declared, tree))
    problems = _misspelt(tree, declared, own)
    try:
        sketch = cls() if fresh else cls.__new__(cls)
    except Exception as error:
        raise load_error(path, error) from error
    if "state" not in vars(sketch):
        # A subclass with an __init__ of its own that does not call ours.
        Sketch.__init__(sketch)
    found = {name: getattr(sketch, name) for name in known_hooks() if hasattr(sketch, name)}
    hooks = _bind_all(found, problems)
    raise_problems(path, problems)
    if not hooks:
        raise SketchError(
            f"{path.name}: the class {cls.__name__} has no hook; give it draw(self, canvas, people)"
        )
    _check_attributes(sketch, path, tree)
    cls.path = path
    return _loaded(sketch, hooks, path, tree, own)


def _misspelt(tree: ast.Module, declared: Collection[str], own: Collection[str] = ()) -> list[Problem]:
    """Return what is misspelt in a file; a parameter has whatever name it likes."""
    found = [problem for problem in check_spelling(tree, own) if problem.found not in declared]
    return found + check_keypoints(tree)


def _loaded(
    sketch: Sketch, hooks: Mapping[str, Hook], path: Path, tree: ast.Module, own: Collection[str] = ()
) -> LoadedSketch:
    parameters = parameters_of(sketch)
    parameters.begin()  # a value that `__init__` gave is where it begins
    remarks = (*_remarks(path, tree, own), *find_idle(path, hooks, sketch, tree))
    return LoadedSketch(sketch, hooks, path, remarks, parameters)


def _check_attributes(sketch: Sketch, path: Path, tree: ast.Module) -> None:
    """Refuse a colour that nobody knows, and what is neither yes nor no, before anything is started."""
    if not isinstance(sketch.extrapolate, bool):
        raise _at_line(
            path,
            line_of(tree, "extrapolate"),
            f"extrapolate is True or False; found {sketch.extrapolate!r}",
        )
    if sketch.reload_setup not in (True, False, "auto"):
        line, sentence = line_of(tree, "reload_setup"), "reload_setup is True, False or 'auto'; found "
        raise _at_line(path, line, f"{sentence}{sketch.reload_setup!r}")
    if sketch.background is None or sketch.background == "camera":
        return
    try:
        read_color(sketch.background)
    except SettingsError as error:
        raise _at_line(path, line_of(tree, "background"), f"the background: {error}") from None


def _at_line(path: Path, line: int, sentence: str) -> SketchError:
    failure = SketchError(f"{path.name}, line {line}: {sentence}")
    failure.place = quote(path, line or 1, sentence)
    return failure


def _remarks(path: Path, tree: ast.Module, class_names: Collection[str] = ()) -> tuple[str, ...]:
    return tuple(
        f"{path.name}, line {line}: a sketch cannot bring along {name}; it is set on the command line or "
        "in a show file"
        for line, name in find_untaken(tree, class_names)
    )


def _bind_all(functions: Mapping[str, Any], problems: list[Problem]) -> dict[str, Hook]:
    hooks = {}
    for name, function in functions.items():
        if not callable(function):
            problems.append(Problem(1, "", f"{name} is a hook's name; found {function!r}, not a function"))
            continue
        hooks[name], wrong = bind(name, function)
        problems += wrong
    return hooks


class FunctionSketch(Sketch):
    """A file of functions as a sketch; what is `OWN_ATTRIBUTES` is looked up as the file has it now."""

    module: ModuleType

    def __getattribute__(self, name: str) -> Any:
        if name in OWN_ATTRIBUTES:
            own = vars(type(self).module)
            if name in own:
                return own[name]
        return super().__getattribute__(name)
