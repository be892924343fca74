"""A sketch's file as code: read, executed as a module of its own, with the modules beside it."""

from __future__ import annotations

import ast
import importlib
import io
import linecache
import os
import sys
import tokenize
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import resolve_name
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from posekit.errors import SketchError
from posekit.sketch.problems import is_own, load_error, syntax_error
from posekit.sketch.sketch import Loading

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

PREFIX = "_posekit_sketch_"
"""No import could ever be meant by a name that begins so, and it is not __main__."""
SKETCH_ERRORS = (SyntaxError, OSError, ValueError, RecursionError, MemoryError)
"""What reading a file as Python may raise; the last two for brackets in brackets in brackets."""


@dataclass(frozen=True)
class Source:
    """One version of a sketch's file, executed."""

    path: Path
    tree: ast.Module
    lines: tuple[str, ...]
    module: ModuleType

    def is_on_disk(self) -> bool:
        """Whether the file has these very lines now; so it counts while it cannot be read."""
        try:
            return _lines(self.path.read_bytes()) == self.lines
        except SKETCH_ERRORS:
            return True

    def remember(self) -> None:
        """Let tracebacks quote this version, whatever stands on the disk meanwhile."""
        name = str(self.path)
        linecache.cache[name] = (sum(map(len, self.lines)), None, list(self.lines), name)


def execute(path: Path) -> Source:
    """Run a file as a module of its own, with its folder importable.

    Raises `SketchError` for what cannot be read, is no Python, or raises; nothing is left of it then.
    """
    name = f"{PREFIX}{path.stem}"
    tree, lines = read(path)
    module = ModuleType(name)
    module.__file__ = str(path)
    before = sys.modules.get(name)
    source = Source(path, tree, lines, module)
    source.remember()
    if str(path.parent) not in sys.path:
        sys.path.insert(0, str(path.parent))
    sys.modules[name] = module
    try:
        with Loading(), _without_bytecode():
            exec(compile(tree, str(path), "exec"), vars(module))  # noqa: S102 (the user's file is to be run)
    except BaseException as error:
        sys.modules.pop(name, None)
        if before is not None:
            sys.modules[name] = before
        if isinstance(error, (Exception, SystemExit)):
            raise load_error(path, error) from error
        raise
    return source


def read_source(path: Path, module: ModuleType) -> Source | None:
    """Return the file of a module that is there already; None when it cannot be read as Python."""
    try:
        return Source(path, *read(path), module)
    except SketchError:
        return None


def read(path: Path) -> tuple[ast.Module, tuple[str, ...]]:
    """Return a file's syntax tree and its lines; raises `SketchError`."""
    try:
        content = path.read_bytes()
        tree = ast.parse(content, str(path))
        lines = _lines(content)
    except SyntaxError as error:
        raise syntax_error(path, error) from None
    except (RecursionError, MemoryError):
        raise SketchError(f"{path.name}: its brackets are nested too deeply to be read") from None
    except (OSError, ValueError) as error:
        raise SketchError(f"cannot read {path}: {error}") from None
    return tree, lines


def _lines(content: bytes) -> tuple[str, ...]:
    text = content.decode(tokenize.detect_encoding(io.BytesIO(content).readline)[0])
    # Not splitlines(), for which a form feed is the end of a line too.
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return tuple(f"{line}\n" for line in lines)


@contextmanager
def _without_bytecode() -> Iterator[None]:
    """Keep imports from being cached: within one second a cache cannot tell a file from its successor."""
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.dont_write_bytecode = before


def own_modules(folder: Path) -> dict[str, ModuleType]:
    """Return the modules that were imported from a sketch's folder, and those of sketches themselves."""
    found, inside = {}, f"{folder}{os.sep}"
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        # There are a thousand modules, nearly all of them elsewhere.
        if isinstance(file, str) and file.startswith(inside) and name != "__main__" and is_own(file, folder):
            found[name] = module
    return found


def files_of(modules: Mapping[str, ModuleType]) -> tuple[Path, ...]:
    """Return the files of modules."""
    return tuple(Path(str(module.__file__)) for module in modules.values())


def forget_changed(modules: Mapping[str, ModuleType], changed: Collection[Path]) -> None:
    """Take modules whose file has changed, and whatever imports one of them, out of `sys.modules`.

    They are executed anew when they are next imported; the others stay as they are, with what they hold.
    """
    helpers = {name: module for name, module in modules.items() if not name.startswith(PREFIX)}
    wanted = {path.resolve() for path in changed}
    stale = {name for name, module in helpers.items() if Path(str(module.__file__)).resolve() in wanted}
    imports = {name: _imports(module) for name, module in helpers.items()} if stale else {}
    while more := {name for name in imports if name not in stale and imports[name] & stale}:
        stale |= more
    for name in stale:
        sys.modules.pop(name, None)


def put_back(folder: Path, modules: Mapping[str, ModuleType]) -> None:
    """Make `sys.modules` hold exactly these of a sketch's folder."""
    for name in own_modules(folder):
        if name not in modules:
            sys.modules.pop(name, None)
    sys.modules.update(modules)


def _imports(module: ModuleType) -> set[str]:
    """Return the names of the modules that a module's file imports, as far as they can be read from it."""
    try:
        tree = ast.parse(Path(str(module.__file__)).read_bytes())
    except SKETCH_ERRORS:
        return set()
    package = module.__package__ or ""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            try:
                base = resolve_name(base, package) if node.level else base
            except ImportError:
                continue
            found.update((base, *(f"{base}.{alias.name}" for alias in node.names)))
    return found | {name.rpartition(".")[0] for name in found} - {""}
