"""Edits as people make them, and as they do not: from a seed, valid and broken."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path

START = '''"""A sketch that is edited without end."""
from posekit import Param

size = (320, 180)
background = "black"
reach = Param(24.0, 1, 200)
amount = 3
trail = []


def shade(number):
    return ("gold", "tomato", "deepskyblue")[number % 3]


def on_enter(person, state):
    person.memory.token = state.token


def update(dt, state):
    state.age = getattr(state, "age", 0.0) + dt
    trail.append(state.age)
    del trail[:-20]


def draw(canvas, people, params, state):
    state.drawn = getattr(state, "drawn", 0) + 1
    for person in people:
        for number in range(amount):
            canvas.circle(person.left_wrist, params.reach + 4 * number, shade(number), width=2)
        canvas.skeleton(person)
    canvas.text(len(trail), (10, 10), size=20)
'''

Edit = Callable[[random.Random, str], "str | bytes"]


def _line(rng: random.Random, code: str) -> int:
    return rng.randrange(1, len(code.splitlines()))


def rename_a_variable(rng, code):
    return re.sub(r"\btrail\b", rng.choice(("trail", "path_of", "past")), code)


def change_a_constant(rng, code):
    return re.sub(r"amount = \d+", f"amount = {rng.randrange(1, 9)}", code)


def change_a_colour(rng, code):
    return re.sub(r'background = "\w+"', f'background = "{rng.choice(("black", "navy", "teal"))}"', code)


def change_the_size(rng, code):
    return re.sub(r"size = \(\d+, \d+\)", f"size = ({rng.choice((320, 240))}, 180)", code)


def delete_a_line(rng, code):
    lines = code.splitlines(keepends=True)
    del lines[_line(rng, code)]
    return "".join(lines)


def delete_a_stretch(rng, code):
    at = rng.randrange(len(code))
    return code[:at] + code[at + rng.randrange(1, 40) :]


def repeat_a_line(rng, code):
    lines = code.splitlines(keepends=True)
    at = _line(rng, code)
    return "".join([*lines[:at], lines[at], *lines[at:]])


def indent_a_line(rng, code):
    lines = code.splitlines(keepends=True)
    at = _line(rng, code)
    lines[at] = f"  {lines[at]}"
    return "".join(lines)


def unbalance_a_bracket(rng, code):
    places = [at for at, letter in enumerate(code) if letter in "()"]
    at = rng.choice(places)
    return code[:at] + code[at + 1 :]


def type_a_letter(rng, code):
    at = rng.randrange(len(code))
    return code[:at] + rng.choice("abcxyz=.:,([{\"'\\#\n\t 0") + code[at:]


def misspell_a_hook(rng, code):
    return code.replace("def draw(", rng.choice(("def drawn(", "def Draw(", "def darw(")))


def misspell_a_keypoint(rng, code):
    return code.replace("person.left_wrist", "person.left_wirst")


def raise_in_draw(rng, code):
    return code.replace(
        "    for person in people:\n", "    canvas.rect((0, 0, 999, 999), 'white'); 1 / 0\n", 1
    )


def raise_in_update(rng, code):
    return code.replace("    trail.append", "    nobody.trail.append", 1)


def raise_at_import(rng, code):
    return code + rng.choice(
        ("\n1 / 0\n", "\nraise SystemExit(3)\n", "\nimport no_such_thing\n", "\nopen('/no/such')\n")
    )


def spoil_the_state(rng, code):
    return code.replace("    state.drawn =", "    state.drawn = None\n    state.drawn =", 1)


def add_a_parameter(rng, code):
    return code.replace("amount =", f"extra_{rng.randrange(5)} = Param(1.0, 0, 2)\namount =", 1)


def remove_the_parameter(rng, code):
    return re.sub(r"reach = Param.*\n", "", code).replace("params.reach", "24")


def bring_it_back(rng, code):
    return START


def become_a_class(rng, code):
    name = rng.choice(("Mine", "Other"))
    return (
        "from posekit import Param, Sketch\n\n\nclass " + name + "(Sketch):\n    size = (320, 180)\n"
        "    reach = Param(24.0, 1, 200)\n\n    def draw(self, canvas, people):\n"
        "        self.state.drawn = getattr(self.state, 'drawn', 0) + 1\n"
        "        for person in people:\n            canvas.circle(person.nose, self.reach, 'gold')\n"
    )


def empty_it(rng, code):
    return ""


def carriage_returns(rng, code):
    return code.replace("\n", "\r\n").encode()


def tabs(rng, code):
    return code.replace("    ", "\t")


def some_tabs(rng, code):
    return code.replace("    ", "\t", rng.randrange(1, 6))


def another_encoding(rng, code):
    return code.encode("utf-8") + "# sch\xf6n\n".encode("latin-1")


def a_known_encoding(rng, code):
    return b"# -*- coding: latin-1 -*-\n" + code.encode() + "# sch\xf6n\n".encode("latin-1")


def zeros(rng, code):
    return code.encode() + b"\0" * 5


def half_a_file(rng, code):
    return code[: rng.randrange(len(code))]


EDITS: tuple[Edit, ...] = (
    rename_a_variable, change_a_constant, change_a_colour, change_the_size, delete_a_line, delete_a_stretch,
    repeat_a_line, indent_a_line, unbalance_a_bracket, type_a_letter, misspell_a_hook, misspell_a_keypoint,
    raise_in_draw, raise_in_update, raise_at_import, spoil_the_state, add_a_parameter, remove_the_parameter,
    bring_it_back, become_a_class, empty_it, carriage_returns, tabs, some_tabs, another_encoding,
    a_known_encoding, zeros, half_a_file,
)  # fmt: skip


def save_by_renaming(path: Path, content: bytes, rng: random.Random) -> None:
    beside = path.with_name(f".{path.name}.{rng.randrange(10**9)}")
    beside.write_bytes(content)
    beside.replace(path)


def save_in_place(path: Path, content: bytes, rng: random.Random) -> None:
    path.write_bytes(content)


def save_in_pieces(path: Path, content: bytes, rng: random.Random) -> None:
    with path.open("wb", buffering=0) as file:
        for at in range(0, len(content), 200):
            file.write(content[at : at + 200])


def save_anew(path: Path, content: bytes, rng: random.Random) -> None:
    path.unlink()
    path.write_bytes(content)


def save_behind_a_link(path: Path, content: bytes, rng: random.Random) -> None:
    target = path.with_name(f"version_{rng.randrange(10**9)}.txt")
    target.write_bytes(content)
    link = path.with_name("link")
    link.symlink_to(target)
    link.replace(path)


SAVES = (save_by_renaming, save_in_place, save_in_pieces, save_anew, save_behind_a_link)
