"""A running sketch gets the code that its file has now, and keeps what it has become.

What stays and what is made anew is told in docs/sketches.md ("While you write"): people, `state`,
parameters and every value whose line in the file is as it was; what was changed in the file counts.
"""

from __future__ import annotations

import gc
import sys
from contextlib import suppress
from dataclasses import replace
from enum import Enum
from types import MethodType, ModuleType
from typing import TYPE_CHECKING, Any, TypeGuard

from posekit.errors import SketchError
from posekit.sketch.changes import changed_names, classes_of, defined_names, value_names
from posekit.sketch.loader import LoadedSketch, load_again
from posekit.sketch.params import KEPT, Param
from posekit.sketch.setup_again import setup_is_new
from posekit.sketch.source import Source, files_of, forget_changed, own_modules, put_back

if TYPE_CHECKING:
    import ast
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from pathlib import Path


def watched_files(loaded: LoadedSketch) -> tuple[Path, ...]:
    """Return the files that a sketch's code comes from: its own and those beside it that it imports."""
    if loaded.link is None:
        return ()
    beside = files_of(own_modules(loaded.path.parent))
    return tuple(dict.fromkeys((loaded.link, *(path for path in beside if path != loaded.path))))


def bare(loaded: LoadedSketch) -> LoadedSketch:
    """Return a version as its file has it, without what the sketch has become while it ran."""
    cls = type(loaded.sketch)
    return replace(loaded, sketch=cls.__new__(cls))


class Renewal:
    """A sketch's files as they are now, and the way to put them in the place of what runs, and back.

    `changed` are the files that were saved since what runs was loaded. `sys.modules` is the new version's
    at once. Raises `SketchError`, and then everything is as it was.
    """

    def __init__(self, old: LoadedSketch, changed: Collection[Path]) -> None:
        assert old.link is not None, "a class made in no file has nothing to be loaded from"
        self.old = old
        self._before = own_modules(old.path.parent)
        self._pairs: list[tuple[type[Any], type[Any]]] = []
        forget_changed(self._before, changed)
        try:
            self.new = load_again(old.link, type(old.sketch).__name__)
        except BaseException:
            self.refuse()
            raise
        self._class = type(old.sketch)
        self.class_name = self._class.__name__
        self.is_setup_new = setup_is_new(old, self.new)
        self._kept = dict(vars(old.sketch)), dict(vars(old.sketch.state))

    def refuse(self) -> None:
        """Leave the old version where it is."""
        put_back(self.old.path.parent, self._before)
        if self.old.source is not None:
            self.old.source.remember()

    def take_place(self) -> LoadedSketch:
        """Let the sketch that runs go on with the new code, and return it so.

        It stays the same object; objects of its own classes become those of the classes of that name in the
        new code. Raises `SketchError` where Python cannot exchange a class.
        """
        old, new, sketch = self.old, self.new, self.old.sketch
        try:
            sketch.__class__ = type(new.sketch)
        except TypeError as error:
            self.refuse()
            raise SketchError(f"{new.path.name}: this change needs a new start, because {error}") from None
        self._pairs = _exchanged(old, new, self._before)
        _become(self._pairs)
        if old.source is not None and new.source is not None:
            _keep_values(old.source, new.source, vars(sketch), type(sketch).__mro__)
        new.parameters.adopt(old.parameters)
        vars(sketch)[KEPT] = new.parameters
        return replace(new, sketch=sketch, hooks=_bound(new, sketch))

    def undo(self) -> LoadedSketch:
        """Give the sketch back the code and the values that it had, and return it so."""
        sketch = self.old.sketch
        self.refuse()
        _become([(new, old) for old, new in self._pairs])
        sketch.__class__ = self._class
        for namespace, values in zip((vars(sketch), vars(sketch.state)), self._kept, strict=True):
            namespace.clear()
            namespace.update(values)
        return self.old


def _bound(new: LoadedSketch, sketch: Any) -> dict[str, Any]:
    """Return the new version's hooks, those that are methods bound to the sketch that runs."""
    hooks = {}
    for name, hook in new.hooks.items():
        function = hook.function
        if isinstance(function, MethodType) and function.__self__ is new.sketch:
            hook = replace(hook, function=MethodType(function.__func__, sketch))
        hooks[name] = hook
    return hooks


def _exchanged(
    old: LoadedSketch, new: LoadedSketch, before: Mapping[str, ModuleType]
) -> list[tuple[type[Any], type[Any]]]:
    """Return the classes, old and new, of modules that were executed anew."""
    modules = [(module, sys.modules.get(name)) for name, module in before.items()]
    if old.source is not None and new.source is not None:
        modules.append((old.source.module, new.source.module))  # they need not have the same name
    return [
        (one, other)
        for module, newer in modules
        if newer is not None and newer is not module
        for name, one in vars(module).items()
        for other in (vars(newer).get(name),)
        if _is_class_of(one, module) and _is_class_of(other, newer) and not issubclass(one, Enum)
    ]


def _is_class_of(value: Any, module: ModuleType) -> TypeGuard[type[Any]]:
    return isinstance(value, type) and value.__module__ == module.__name__


def _become(pairs: Sequence[tuple[type[Any], type[Any]]]) -> None:
    """Turn every object of the first class of a pair into one of the second, where Python can."""
    if not pairs:
        return
    newer = dict(pairs)
    for thing in gc.get_referrers(*newer):
        kind = type(thing)
        if kind in newer:
            with suppress(TypeError):  # other slots than before: it stays what it is
                thing.__class__ = newer[kind]


def _keep_values(old: Source, new: Source, own: dict[str, Any], bases: Iterable[type[Any]]) -> None:
    """Take over what the old version's values have become, unless the code that makes them was changed."""
    changed = changed_names(old.tree.body, new.tree.body)
    _take_over(vars(old.module), vars(new.module), old.tree.body, new.tree.body, changed)
    classes, newer = classes_of(old.tree.body), classes_of(new.tree.body)
    ours = {base.__name__ for base in bases}
    for name in classes.keys() & newer.keys():
        before, after = vars(old.module).get(name), vars(new.module).get(name)
        if not (_is_class_of(before, old.module) and _is_class_of(after, new.module)):
            continue
        if issubclass(before, Enum) or issubclass(after, Enum):
            continue
        inside = changed_names(classes[name].body, newer[name].body, changed)
        kept: dict[str, Any] = dict(vars(after))
        _take_over(vars(before), kept, classes[name].body, newer[name].body, inside)
        for word, value in kept.items():
            if vars(after).get(word) is not value:
                setattr(after, word, value)
        if name in ours:
            for word in inside & value_names(newer[name].body):
                own.pop(word, None)


def _take_over(
    before: Mapping[str, Any],
    after: dict[str, Any],
    old: Sequence[ast.stmt],
    new: Sequence[ast.stmt],
    changed: Collection[str],
) -> None:
    """Put values of one namespace into its successor."""
    were, are, values = defined_names(old), defined_names(new), value_names(new)
    for name, value in before.items():
        if name.startswith("__") or _is_code(value):
            continue
        is_same = name in values and name in were and name in after and name not in changed
        # What no line at the top makes was made while it ran: `global rings` in setup.
        if is_same or (name not in were and name not in are):
            after[name] = value


def _is_code(value: object) -> bool:
    """Whether a value is code, or says how an attribute is treated; such things are always the newest."""
    return callable(value) or isinstance(value, (ModuleType, Param)) or hasattr(type(value), "__get__")
