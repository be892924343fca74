"""Where in a TOML text each key stands, compared with what the standard reader makes of the same text."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posekit.toml_lines import error_place, key_lines, line_of

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

SCALARS = (
    "1", "-2.5", "true", "1979-05-27T07:32:00Z", "1979-05-27 07:32:00", "inf",
    '""', "''", '"a # b = [c]"',
    "'C:\\'", '"\\"]\\""', '"\\\\"', '"""\n[table]\nkey = 1\n"""',
    "'''\n[[zones]]\n\"\"\"\n'''", '"""a""b"""',
    '""""quoted""""', "'''''five'''''", '"""\\"""\\\n   b"""',
)  # fmt: skip
KEYS = ("fps", "a-b", "a_b", "3", '"quoted key"', "'it.s'", '"="', '"\\u00e9"', '"#"')
BLANKS = ("", "\n", "# a comment\n", "  \n", '# """\n', "\t# [x]\n")


class Writer:
    """Writes a TOML document, and remembers on which line it put each key."""

    def __init__(self, data: st.DataObject) -> None:
        self.data, self.text = data, ""
        self.expected: dict[tuple[str | int, ...], int] = {}

    def draw(self, choices: Any) -> Any:
        return self.data.draw(st.sampled_from(choices))

    @property
    def line(self) -> int:
        return self.text.count("\n") + 1

    def pairs(self, path: tuple[str | int, ...], depth: int) -> None:
        for key in self.data.draw(st.lists(st.sampled_from(KEYS), unique=True, max_size=3)):
            self.text += self.draw(BLANKS)
            self.pair(path, key, depth)
            self.text += self.draw(("\n", "  # after = 1\n", "\n\n"))

    def pair(self, path: tuple[str | int, ...], key: str, depth: int) -> None:
        names = [key] if self.draw((True, True, False)) else [key, "dotted"]
        for name in names:
            path = (*path, spelled(name))
            self.expected[path] = self.line
        self.text += self.draw((".", " . ")).join(names) + self.draw(("=", " = "))
        self.value(path, depth)

    def value(self, path: tuple[str | int, ...], depth: int) -> None:
        kind = self.draw(("scalar", "scalar", "array", "table")) if depth else "scalar"
        if kind == "scalar":
            self.text += self.draw(SCALARS)
        elif kind == "array":
            self.text += "["
            for number in range(self.draw((0, 1, 3))):
                self.text += self.draw(BLANKS)
                self.expected[(*path, number)] = self.line
                self.value((*path, number), depth - 1)
                self.text += self.draw((",", " ,", ",\n"))
            self.text += self.draw(("]", "\n]"))
        else:
            self.text += "{"
            for number, key in enumerate(
                self.data.draw(st.lists(st.sampled_from(KEYS), unique=True, max_size=2))
            ):
                self.text += ", " if number else " "
                self.pair(path, key, depth - 1)
            self.text += "}"


def spelled(key: str) -> str:
    return str(next(iter(tomllib.loads(f"{key} = 1"))))


def paths_in(value: Any, path: tuple[str | int, ...] = ()) -> set[tuple[str | int, ...]]:
    found = {path} if path else set()
    children = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    return found.union(*(paths_in(child, (*path, name)) for name, child in children))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_every_key_of_every_document_is_found_where_it_was_written(data: st.DataObject) -> None:
    writer = Writer(data)
    writer.pairs((), 2)
    arrays = 0
    for number in range(data.draw(st.integers(0, 4))):
        writer.text += writer.draw(BLANKS)
        if writer.draw((True, False)):
            table: tuple[str | int, ...] = (f"table{number}", "inner")
            writer.expected |= {table[:1]: writer.line, table: writer.line}
            writer.text += writer.draw((f"[table{number}.inner]\n", f'[ table{number} . "inner" ] # x\n'))
        else:
            table = ("many", arrays)
            writer.expected[table] = writer.line
            writer.expected.setdefault(("many",), writer.line)
            writer.text += "[[many]]\n"
            arrays += 1
        writer.pairs(table, 2)
    known = tomllib.loads(writer.text)
    assert key_lines(writer.text) == writer.expected
    assert paths_in(known) == set(writer.expected)


def test_a_table_inside_a_table_of_many_belongs_to_the_newest() -> None:
    text = "[[a]]\n[a.b]\nc = 1\n[[a.d]]\n[[a]]\n[a.b]\nc = 2\n[[a.d]]\n[[a.d]]\nx.y = 3\n"
    lines = key_lines(text)
    assert lines["a", 0, "b", "c"] == 3
    assert lines["a", 1, "b", "c"] == 7
    assert lines["a", 1, "d", 1, "x", "y"] == 10
    assert paths_in(tomllib.loads(text)) == set(lines)


def test_what_has_no_line_has_that_of_what_is_around_it() -> None:
    lines = key_lines("\n[hours]\nopen = [\n  'a',\n  'b',\n]\n")
    assert line_of(lines, ("hours", "open", 1)) == 5
    assert line_of(lines, ("hours", "open", 7)) == 3
    assert line_of(lines, ("hours", "closed")) == 2
    assert line_of(lines, ("show",)) is None


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a = 1\nb =\n", 2),
        ("a = 1\na = 2\n", 2),
        ("\n\n[x\n", 3),
        ('a = """\n\n', 1),
        ("a = 1\n\nb = [1,\n\n", 3),
    ],
)
def test_the_line_of_what_is_no_toml(text: str, line: int) -> None:
    with pytest.raises(tomllib.TOMLDecodeError) as refused:
        tomllib.loads(text)
    found, reason = error_place(refused.value, text)
    assert found == line
    assert "at line" not in reason
    assert "end of document" not in reason


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ('source = "C:\\Users\\film.mp4"\n', "write / for \\ in a path, or put it in 'single quotes'"),
        ("[show]\n[show]\n", "put both into one"),
        ("fps = 1\nfps = 2\n", "put both into one"),
        ("source = sample\n", 'a text stands in quotes, as in "sample"'),
        ("source = \u201csample\u201d\n", "quotes have to be straight"),
    ],
)
def test_a_slip_that_people_make_is_told_with_what_to_do(text: str, hint: str) -> None:
    with pytest.raises(tomllib.TOMLDecodeError) as refused:
        tomllib.loads(text)
    assert hint in error_place(refused.value, text)[1]
