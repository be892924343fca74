"""Turns: everyone's at first, and then each within a second, a few at a time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posekit.outputs.osc.refresh import ECHOES, SLOW_SECONDS, Echoes, Turns


@given(st.integers(3, 40), st.lists(st.floats(0.001, SLOW_SECONDS), min_size=40, max_size=80))
def test_each_has_a_turn_within_a_second(count: int, gaps: list[float]):
    turns, seconds = Turns(count), 12345.6
    assert turns.take(seconds) == list(range(count))
    last = [seconds] * count
    for gap in gaps:
        seconds += gap
        taken = turns.take(seconds)
        assert len(taken) == len(set(taken)) <= count * gap / 0.75 + 1
        for one in taken:
            last[one] = seconds
        assert min(last) >= seconds - 1.0


@pytest.mark.parametrize("hertz", [5, 7, 24, 30, 60, 144])
def test_turns_are_spread_evenly(hertz: int):
    turns = Turns(34)
    turns.take(0.0)
    taken = [len(turns.take(number / hertz)) for number in range(1, 3 * hertz + 1)]
    assert sum(taken) == pytest.approx(3 * 34 / 0.75, abs=1)
    assert max(taken) - min(taken) <= 1


@pytest.mark.parametrize("jump", [0.3, 2.0, 1e6, -0.1, -1e6])
def test_after_a_pause_or_a_jump_everyone_has_a_turn(jump: float):
    turns = Turns(5)
    turns.take(1e6)
    assert turns.take(1e6 + jump) == [0, 1, 2, 3, 4]
    turns.reset()
    assert turns.take(1e6 + jump) == [0, 1, 2, 3, 4]
    assert turns.take(1e6 + jump) == []


def test_what_is_over_is_said_again_until_it_is_not_over_any_more():
    echoes = Echoes()
    assert echoes.take([2, 3]) == [2, 3]
    assert echoes.take([]) == [2, 3]
    assert echoes.take([], but=[3]) == [2]
    told = 3
    while echoes.take([]) == [2]:
        told += 1
        assert told <= ECHOES + 1
    assert told == ECHOES + 1
    assert echoes.take([3]) == [3]
    echoes.reset()
    assert echoes.take([]) == []
