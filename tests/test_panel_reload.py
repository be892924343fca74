"""Values that survive another version of the code, unless the default in the code changed: as laws."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from posekit import Param
from posekit.sketch.parameters import Parameters


def adopted(before, value, after):
    """Return the value that a parameter has after its declaration was changed."""
    old, new = Parameters({"x": before}), Parameters({"x": after})
    old.put("x", value)
    new.adopt(old)
    return new["x"]


numbers = st.floats(-100, 100).map(lambda number: round(number, 3))


@given(numbers, numbers)
def test_a_value_that_the_sketch_itself_began_with_stays_too(default, value):
    old, new = (Parameters({"x": Param(default)}) for _ in range(2))
    old.put("x", value)
    old.begin()  # as `__init__` leaves it, which is not run for a new version
    new.adopt(old)
    assert new["x"] == value


@given(numbers, numbers)
def test_the_same_code_keeps_every_value(default, value):
    assert adopted(Param(default), value, Param(default)) == value


@given(numbers, numbers, numbers)
def test_a_new_default_wins(default, value, other):
    expected = value if default == other else other
    assert adopted(Param(default), value, Param(other)) == expected


@given(st.integers(0, 10), st.integers(0, 10), st.integers(11, 50))
def test_a_value_is_brought_into_its_new_range(default, low, high):
    default = max(default, low)
    assert adopted(Param(default, 0, 100), 90, Param(default, low, high)) == high


def test_a_value_is_brought_onto_its_new_steps():
    assert adopted(Param(0.0, 0, 1), 0.62, Param(0.0, 0, 1, step=0.25)) == 0.5


def test_numbers_stay_numbers_and_nothing_else_becomes_something_else():
    assert adopted(Param(3), 7, Param(3.0, 0, 10)) == 7.0
    assert adopted(Param(3.0), 6.6, Param(3)) == 7
    assert adopted(Param(True), False, Param(1)) == 1
    assert adopted(Param(1), 5, Param(True)) is True
    assert adopted(Param("red"), "blue", Param("red", choices=["red", "blue"])) == "red"
    assert adopted(Param("gold"), "tomato", Param("gold")) == "tomato"


def test_a_choice_that_is_no_more_gives_way_to_the_default():
    three, two = ["a", "b", "c"], ["a", "b"]
    assert adopted(Param("a", choices=three), "c", Param("a", choices=two)) == "a"
    assert adopted(Param("a", choices=three), "b", Param("a", choices=two)) == "b"


def test_new_ones_begin_with_their_default_and_old_ones_are_gone():
    old, new = (
        Parameters({"gone": Param(1.0), "kept": Param(1.0)}),
        Parameters({"kept": Param(1.0), "new": Param(2)}),
    )
    old.put("kept", 3.0)
    new.adopt(old)
    assert new.values == {"kept": 3.0, "new": 2}


def test_what_is_different_now_is_told_and_what_was_still_to_be_told_as_well():
    declared = {"same": Param(1.0), "told": Param(1.0), "cut": Param(9.0, 0, 10), "new": Param(1.0)}
    old = Parameters({name: declared[name] for name in ("same", "told", "cut")})
    old.put("cut", 10)
    old.take_changes()
    old.put("told", 2.0)
    new = Parameters({**declared, "cut": Param(9.0, 0, 9.5)})
    new.adopt(old)
    assert new.take_changes() == {"told": 2.0, "cut": 9.5, "new": 1.0}


@given(st.lists(numbers, min_size=2, max_size=6))
def test_however_often_the_code_is_saved(values):
    parameters = Parameters({"x": Param(0.5)})
    for value in values:
        parameters.put("x", value)
        following = Parameters({"x": Param(0.5)})
        following.adopt(parameters)
        assert following["x"] == value
        parameters = following
