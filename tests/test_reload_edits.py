"""A running sketch is edited at random, validly and not: it never dies, loses nobody, and follows at once."""

from __future__ import annotations

import random
import statistics
import sys
import time

import pytest
from random_edits import EDITS, SAVES, START, save_by_renaming
from reload_world import tell
from soaking import IS_SHORT

QUICK = 0.3
"""Seconds from a save to the first frame that new code has drawn."""


def edited(studio, rng: random.Random, count: int, spent: list[float]):
    """Edit a sketch `count` times, every kind about as often, and look at what must hold in every frame."""
    code, token = START, object()
    studio.state.token = token
    for person in studio.loop.scene.people:
        person.memory.token = token
    kinds = [EDITS[at % len(EDITS)] for at in range(count)]
    rng.shuffle(kinds)
    for number, kind in enumerate(kinds):
        made = kind(rng, code)
        content = made if isinstance(made, bytes) else made.encode()
        # An edit that changes nothing is saved all the same, but told apart from the one before.
        content += b"" if kind.__name__ in ("empty_it", "half_a_file") else f"\n# {number}\n".encode()
        told, swaps = len(studio.said), studio.reloader.swaps
        rng.choice(SAVES)(studio.path, content, rng)
        began = time.perf_counter()
        frames = 0
        while len(studio.said) == told:
            assert time.perf_counter() - began < 20, (
                f"{kind.__name__} was not noticed:\n{content.decode(errors='replace')}"
            )
            frames += 1
            yield
        for _ in range(4):
            check(studio, token, kind)
            yield
            if studio.reloader.swaps > swaps:
                spent.append(time.perf_counter() - began)
                swaps = 10**9
        good = studio.trouble is None
        if good and isinstance(made, str) and "draw" in made and rng.random() < 0.7:
            code = made
    studio.path.unlink()
    save_by_renaming(studio.path, START.encode(), rng)
    told = studio.reloader.swaps
    yield from studio.until(lambda: studio.reloader.swaps > told)
    yield from studio.frames(3)
    check(studio, token, "the end")
    assert studio.trouble is None


def check(studio, token, kind):
    people = studio.loop.scene.people
    assert [person.id for person in people] == [1, 2], kind
    assert all(person.memory.token is token for person in people), kind
    assert studio.state.token is token, kind
    assert studio.state.drawn > 0, kind


@pytest.mark.parametrize(
    ("seed", "count"),
    [(1, 30), pytest.param(2, 60 if IS_SHORT else 200, marks=(pytest.mark.soak, pytest.mark.timeout(600)))],
)
def test_a_sketch_that_is_edited_at_random_never_dies(seed, count, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    spent: list[float] = []
    studio = tell(
        lambda studio: edited(studio, random.Random(seed), count, spent), tmp_path, monkeypatch, START
    )
    wrong = [said for said in studio.said if said.endswith("the last version that worked goes on")]
    assert len(wrong) > count / 5
    assert len(spent) > count / 5
    assert statistics.median(spent) < QUICK, sorted(spent)
