"""Where in a TOML text each key stands, for messages; the reader of the values keeps no lines.

The text has to be valid TOML already: this only walks over it.
"""

from __future__ import annotations

import re
import sys
from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

KeyPath = tuple[str | int, ...]
"""Names from the top down; numbers, from 0, for the elements of arrays and for `[[tables]]`."""
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\]}#\n]*")
_STRINGS = (
    re.compile(r'"""(?:\\.|[^\\])*?"{3,5}(?!")', re.DOTALL),
    re.compile(r"'''.*?'{3,5}(?!')", re.DOTALL),
    re.compile(r'"(?:\\.|[^"\\\n])*"'),
    re.compile(r"'[^'\n]*'"),
)
_AT_LINE = re.compile(r"\s*\(?at line (\d+), column (\d+)\)?")
_AT_END = re.compile(r"\s*\(?at end of document\)?")


def key_lines(text: str) -> dict[KeyPath, int]:
    """Return the line, from 1, of every key, table and array element of a valid TOML text."""
    return _Walk(text).lines


def line_of(lines: Mapping[KeyPath, int], path: KeyPath) -> int | None:
    """Return the line of a key path, or of the nearest thing around it; None for nothing."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return None


def error_place(error: Exception, text: str) -> tuple[int, str]:
    """Return the line that a TOML reader's error is about, and what is wrong there."""
    message = str(error)
    found = _AT_LINE.search(message)
    if found:
        number, reason = int(found[1]), message[: found.start()]
        written = "".join(text.split("\n")[number - 1 : number])
        return number, f"{reason} (column {found[2]}){_hint(reason, written)}"
    return max(text.rstrip().count("\n") + 1, 1), _AT_END.sub(" before the end of the file", message)


def _hint(reason: str, line: str) -> str:
    """Say what to do about a slip that people make; the reader only says what it did not expect."""
    if "\\" in line and ("Invalid hex" in reason or "escape" in reason):
        return "; write / for \\ in a path, or put it in 'single quotes'"
    if "twice" in reason or "overwrite" in reason:
        return "; a table or a name stands there once: put both into one"
    if reason != "Invalid value":
        return ""
    curly = any(quote in line for quote in "\u201c\u201d\u201e\u2018\u2019")
    return f'; {"quotes have to be straight" if curly else "a text stands in quotes"}, as in "sample"'


class _Walk:
    """One walk over a text; `lines` holds what it met."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[KeyPath, int] = {}
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self._counts: dict[KeyPath, int] = {}
        self._walk()

    def _walk(self) -> None:
        table: KeyPath = ()
        while True:
            self._skip(_BLANK)
            if self.at >= len(self.text):
                return
            if self.text[self.at] != "[":
                self._pair(table)
                continue
            line, is_array = self._line(), self.text.startswith("[[", self.at)
            self.at += 2 if is_array else 1
            table = self._table(self._key(), is_array)
            self.lines.setdefault(table, line)
            self.at = self.text.index("]", self.at) + (2 if is_array else 1)

    def _table(self, names: list[str], is_array: bool) -> KeyPath:
        path: KeyPath = ()
        for number, name in enumerate(names, start=1):
            path += (name,)
            self.lines.setdefault(path, self._line())
            if is_array and number == len(names):
                self._counts[path] = self._counts.get(path, 0) + 1
            if path in self._counts:  # what follows belongs to the newest of them
                path += (self._counts[path] - 1,)
        return path

    def _pair(self, table: KeyPath) -> None:
        line, path = self._line(), table
        for name in self._key():
            path += (name,)
            self.lines.setdefault(path, line)
        self.at = self.text.index("=", self.at) + 1
        self._value(path)

    def _key(self) -> list[str]:
        names = []
        while True:
            self._skip(_SPACE)
            if self.text[self.at] in "\"'":
                names.append(str(tomllib.loads(f"k = {self._string()}")["k"]))
            else:
                bare = _BARE.match(self.text, self.at)
                assert bare is not None, "the text is valid TOML"
                names.append(bare[0])
                self.at = bare.end()
            self._skip(_SPACE)
            if not self.text.startswith(".", self.at):
                return names
            self.at += 1

    def _value(self, path: KeyPath) -> None:
        self._skip(_SPACE)
        first = self.text[self.at]
        if first in "\"'":
            self._string()
        elif first == "[":
            self._array(path)
        elif first == "{":
            self._inline_table(path)
        else:
            self._skip(_SCALAR)

    def _array(self, path: KeyPath) -> None:
        self.at += 1
        for number in range(len(self.text)):
            self._skip(_BLANK)
            if self.text[self.at] != "]":
                self.lines.setdefault((*path, number), self._line())
                self._value((*path, number))
                self._skip(_BLANK)
            if self.text[self.at] == "]":
                break
            self.at += 1  # the comma
        self.at += 1

    def _inline_table(self, path: KeyPath) -> None:
        self.at += 1
        while True:
            self._skip(_BLANK)
            if self.text[self.at] == "}":
                break
            if self.text[self.at] == ",":
                self.at += 1
            else:
                self._pair(path)
        self.at += 1

    def _string(self) -> str:
        for kind in _STRINGS:
            found = kind.match(self.text, self.at)
            if found:
                self.at = found.end()
                return found[0]
        raise AssertionError("the text is valid TOML")

    def _skip(self, what: re.Pattern[str]) -> None:
        found = what.match(self.text, self.at)
        if found:
            self.at = found.end()

    def _line(self) -> int:
        return bisect_right(self._starts, self.at)
