"""Finds misspelt hooks and settings in a sketch's file, without crying wolf.

A name is reported when it is defined at the top level of the file or of the sketch's class, used nowhere
else in the file, and either begins with `on_` or resembles a hook or setting. What the file itself uses is
a helper and its own affair; so is every name that begins with an underscore. A keypoint is reported when an
attribute, or the text given to `keypoint()`, is nearly one's name and nothing in the file has that name.
"""

from __future__ import annotations

import ast
import difflib
from typing import TYPE_CHECKING, TypeGuard

from posekit.errors import nearest_name
from posekit.skeleton import COCO_17
from posekit.sketch.hooks import HOOKS, Problem, known_hooks
from posekit.sketch.sketch import OWN_ATTRIBUTES, SETTINGS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

LIKENESS = 0.8
"""Names more alike than this, by difflib's ratio, are confused: `drawn` with `draw` (0.89), not `redraw`."""
SHORTEST = 4
"""Letters from which on one wrong letter is a slip: `sise` is `size`, but `fix` is not `fit`."""

KNOWN_SETTINGS = SETTINGS + OWN_ATTRIBUTES
SIDED_KEYPOINTS = tuple(name for name in COCO_17.keypoints if "_" in name)
"""Names that mean nothing else; `nose` is too near to `noise`, `pose` and `none`."""


def check_spelling(tree: ast.Module, class_names: Collection[str] = ()) -> list[Problem]:
    """Return the misspelt hooks and settings of a file of functions, or of the classes in it named."""
    used = _names_used(tree)
    problems = []
    hooks = tuple(known_hooks())
    few = (*HOOKS, "on_wave and every other gesture")  # when none of a hundred is near
    for name, line, is_function in _definitions(_body(tree, class_names)):
        if name in used or name.startswith("_"):
            continue
        known = hooks if is_function else KNOWN_SETTINGS
        kind = "hook" if is_function else "setting"
        if name not in known and (_resembles(name, known) or (is_function and name.startswith("on_"))):
            offered = few if is_function and nearest_name(name, hooks) is None else known
            problems.append(Problem(line, kind, name, offered))
    return problems


def find_untaken(tree: ast.Module, class_names: Collection[str] = ()) -> list[tuple[int, str]]:
    """Return line and name of what is named like a setting that no sketch can bring along.

    As with misspelt names, what the file itself uses is its own affair.
    """
    from posekit.settings import Settings

    untaken = set(Settings.model_fields) - set(KNOWN_SETTINGS) - _names_used(tree)
    return [
        (line, name)
        for name, line, is_function in _definitions(_body(tree, class_names))
        if name in untaken and not is_function
    ]


def check_keypoints(tree: ast.Module) -> list[Problem]:
    """Return the misspelt keypoints of a whole file."""
    own = {name for name, _, _ in _definitions(list(_statements(tree)))}
    own |= {node.attr for node in ast.walk(tree) if _is_stored(node)}
    problems: dict[str, Problem] = {}
    for node in ast.walk(tree):
        name = _keypoint_meant(node)
        if name and name not in own and name not in SIDED_KEYPOINTS and _resembles(name, SIDED_KEYPOINTS):
            problems.setdefault(
                name, Problem(getattr(node, "lineno", 1), "keypoint", name, COCO_17.keypoints)
            )
    return list(problems.values())


def _keypoint_meant(node: ast.AST) -> str | None:
    """Return the name in `anything.name` or `anything.keypoint("name")`."""
    match node:
        case ast.Attribute(attr=str(name)):
            return name
        case ast.Call(func=ast.Attribute(attr="keypoint"), args=[ast.Constant(value=str(name)), *_]):
            return name
    return None


def _is_stored(node: ast.AST) -> TypeGuard[ast.Attribute]:
    return isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)


def _statements(tree: ast.Module) -> Iterator[ast.stmt]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.stmt))


def line_of(tree: ast.Module, name: str) -> int:
    """Return the line on which a name is first defined anywhere in a file, or 0."""
    return next((line for found, line, _ in _definitions(list(_statements(tree))) if found == name), 0)


def function_line(tree: ast.Module, name: str) -> int:
    """Return the line on which a top-level function of this name is defined, or 0."""
    return next((line for found, line, function in _definitions(tree.body) if function and found == name), 0)


def _body(tree: ast.Module, class_names: Collection[str]) -> list[ast.stmt]:
    if not class_names:
        return tree.body
    classes = (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef) and node.name in class_names)
    return [statement for found in classes for statement in found.body]


def _definitions(body: list[ast.stmt]) -> Iterator[tuple[str, int, bool]]:
    """Yield every name that a body defines: its name, line, and whether it is a function."""
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node.lineno, True
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    yield target.id, node.lineno, False
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id, node.lineno, False


def _names_used(tree: ast.Module) -> set[str]:
    """Return every name that is read anywhere, by itself or as an attribute."""
    used: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            used.add(node.id)
        elif isinstance(node, ast.Attribute):
            used.add(node.attr)
        elif isinstance(node, ast.Global):
            used.update(node.names)
    return used


def _resembles(name: str, known: tuple[str, ...]) -> bool:
    """Whether a name is a known one in other case, with letters exchanged, or hardly different."""
    lowered = name.lower()
    return any(
        sorted(lowered) == sorted(right)
        or difflib.SequenceMatcher(None, lowered, right).ratio() > LIKENESS
        or (min(len(lowered), len(right)) >= SHORTEST and _is_one_slip(lowered, right))
        for right in known
    )


def _is_one_slip(name: str, right: str) -> bool:
    """Whether one letter was added, left out or replaced."""
    start = next((at for at, (a, b) in enumerate(zip(name, right, strict=False)) if a != b), None)
    if start is None:
        return abs(len(name) - len(right)) == 1
    if len(name) == len(right):
        return name[start + 1 :] == right[start + 1 :]
    longer, shorter = (name, right) if len(name) > len(right) else (right, name)
    return longer[start + 1 :] == shorter[start:]
