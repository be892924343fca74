"""A `setup` that was changed while the sketch runs: what is new in it counts, what was there stays."""

from __future__ import annotations

import ast
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from posekit.sketch.changes import changed_names

if TYPE_CHECKING:
    from collections.abc import Iterator, MutableMapping

    from posekit.sketch.loader import LoadedSketch
    from posekit.sketch.source import Source

OWNERS = ("state", "self")
"""What a sketch's own values hang on, in `setup`."""


def closes_and_sets_up(loaded: LoadedSketch) -> bool:
    """Whether every new version begins with `setup`, after the old one's `close`."""
    return loaded.sketch.reload_setup is True


def setup_is_new(old: LoadedSketch, new: LoadedSketch) -> bool:
    """Whether a version's `setup` is to be run because it is another one, or the first, and may be."""
    if new.sketch.reload_setup != "auto" or "setup" not in new.hooks or new.source is None:
        return False
    before = [ast.dump(statement) for statement in _body(old.source, type(old.sketch).__name__)]
    return before != [ast.dump(statement) for statement in _body(new.source, type(new.sketch).__name__)]


@contextmanager
def keeping_the_rest(old: LoadedSketch, loaded: LoadedSketch, class_name: str) -> Iterator[None]:
    """Let `setup` run inside the `with`; every value that it makes as it did before stays what it has become.

    `old` is the version before `loaded`, whose class was named `class_name`.
    """
    assert loaded.source is not None
    sketch, parameters = loaded.sketch, loaded.parameters
    places: tuple[MutableMapping[str, Any], ...] = (
        vars(sketch),
        vars(sketch.state),
        vars(loaded.source.module),
    )
    before = [dict(place) for place in places]
    turned = parameters.values
    yield
    anew = _made_otherwise(_body(old.source, class_name), _body(loaded.source, type(sketch).__name__))
    for place, values in zip(places, before, strict=True):
        place.update({name: value for name, value in values.items() if name not in anew})
    for name, value in turned.items():
        if name not in anew:
            parameters.put(name, value)


def _body(source: Source | None, class_name: str) -> list[ast.stmt]:
    """Return the statements of a file's `setup`, that of the class of this name where it has one."""
    if source is None:
        return []
    places = [
        node.body for node in source.tree.body if isinstance(node, ast.ClassDef) and node.name == class_name
    ]
    for body in (*places, source.tree.body):
        for node in body:
            if isinstance(node, ast.FunctionDef) and node.name == "setup":
                return node.body
    return []


def _made_otherwise(before: list[ast.stmt], after: list[ast.stmt]) -> set[str]:
    """Return the names of what a body gives values otherwise than before, wherever they hang."""
    return changed_names(
        [_Bare().visit(one) for one in _copies(before)], [_Bare().visit(one) for one in _copies(after)]
    )


def _copies(body: list[ast.stmt]) -> list[ast.stmt]:
    return ast.parse(ast.unparse(ast.Module(body, []))).body


class _Bare(ast.NodeTransformer):
    """Makes `rings` of `state.rings`, `self.rings` and `self.state.rings`."""

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        owner = node.value
        name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
        if name in OWNERS:
            return ast.copy_location(ast.Name(node.attr, node.ctx), node)
        return self.generic_visit(node)


def made_in(loaded: LoadedSketch, function: str, name: str) -> bool:
    """Whether a sketch's `setup` or `__init__` gives this name a value, of an attribute or a global."""
    if loaded.source is None:
        return False
    functions = (node for node in ast.walk(loaded.source.tree) if isinstance(node, ast.FunctionDef))
    inside = (inner for one in functions if one.name == function for inner in ast.walk(one))
    return any(
        name == (node.attr if isinstance(node, ast.Attribute) else node.id)
        for node in inside
        if isinstance(node, (ast.Attribute, ast.Name)) and isinstance(node.ctx, ast.Store)
    )
