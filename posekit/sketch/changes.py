"""Which values of a file are made otherwise after an edit than before it.

The value of a top-level name counts as changed when a statement that makes it was changed, added or
removed, or when it is made from one that changed. What only a comment or an empty line did changes nothing.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

CODE = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
"""Statements that bring code rather than values; code is always the newest."""


def changed_names(
    before: Sequence[ast.stmt], after: Sequence[ast.stmt], changed: Iterable[str] = ()
) -> set[str]:
    """Return the names of values that a body of code makes otherwise than before.

    `changed` are names that have changed outside of it. A value that holds functions or classes of the body
    itself, rather than what they return, is made anew too, for it would hold the old ones.
    """
    old = {ast.dump(statement): statement for statement in _values(before)}
    new = {ast.dump(statement): statement for statement in _values(after)}
    found = {*changed, *_code_names(before), *_code_names(after)}
    for dump in old.keys() ^ new.keys():
        statement = old.get(dump) or new[dump]
        found |= _bound(statement) | _touched(statement)
    for statement in new.values():
        if _read(statement) & found:
            found |= _bound(statement) | _touched(statement)
    return found


def value_names(body: Sequence[ast.stmt]) -> set[str]:
    """Return the names of the values that a body of code makes."""
    return {name for statement in _values(body) for name in _bound(statement)}


def defined_names(body: Sequence[ast.stmt]) -> set[str]:
    """Return every name that a body of code makes: values, functions, classes and imports."""
    return value_names(body) | _code_names(body) | _imported_names(body)


def classes_of(body: Sequence[ast.stmt]) -> dict[str, ast.ClassDef]:
    """Return the classes of a body of code by name."""
    return {statement.name: statement for statement in body if isinstance(statement, ast.ClassDef)}


def _values(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    return (statement for statement in body if not isinstance(statement, CODE))


def _code_names(body: Sequence[ast.stmt]) -> set[str]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return {statement.name for statement in body if isinstance(statement, kinds)}


def _imported_names(body: Sequence[ast.stmt]) -> set[str]:
    return {
        (alias.asname or alias.name).partition(".")[0]
        for statement in body
        if isinstance(statement, (ast.Import, ast.ImportFrom))
        for alias in statement.names
    }


def _bound(statement: ast.stmt) -> set[str]:
    """Return the names that a statement gives a value."""
    return {
        node.id
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, (ast.Store, ast.Del))
    }


def _touched(statement: ast.stmt) -> set[str]:
    """Return the names whose value a statement may alter in place: `rings.append(1)`, `sizes[0] = 2`."""
    if isinstance(statement, (ast.Assign, ast.AnnAssign)) and _bound(statement):
        return set()
    return {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}


def _read(statement: ast.stmt) -> set[str]:
    """Return the names that a statement makes something from, but for the functions that it only calls."""
    made_of = statement.value if isinstance(statement, ast.AnnAssign) else statement
    nodes = list(ast.walk(made_of)) if made_of is not None else []
    called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    return {
        node.id
        for node in nodes
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and id(node) not in called
    }
