"""One estimator gives way to the next between two frames; whatever happens meanwhile, each is closed once."""

from __future__ import annotations

import threading
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from posekit.engine.options import ESTIMATOR_SETTINGS, differ_in_estimator, estimator_options
from posekit.errors import AssetError, EstimatorError
from posekit.estimators import EstimatorOptions
from posekit.estimators.base import Estimate
from posekit.estimators.switching import Switchable
from posekit.frame import Frame
from posekit.settings import Settings

WAIT = 10.0
"""Seconds that a test waits for a thread before it is a failure."""


class Noted:
    """An estimator that notes what is done with it."""

    input_size = (8, 8)

    def __init__(self, name: str) -> None:
        self.name = self.description = name
        self.seen: list[int] = []
        self.resets = self.closed = 0

    def estimate(self, frame, hint=None) -> Estimate:
        assert not self.closed
        if self.name == "blind":
            raise EstimatorError("it sees nothing")
        if self.name == "odd":
            raise ZeroDivisionError("no body")
        self.seen.append(frame.index)
        return Estimate(())

    def reset(self) -> None:
        assert not self.closed
        self.resets += 1

    def close(self) -> None:
        self.closed += 1
        self.at_close()

    def at_close(self) -> None: ...


class Workshop:
    """Opens estimators by name, as slowly as it is told."""

    def __init__(self) -> None:
        self.made: list[Noted] = [Noted("first")]
        self.gate = threading.Event()
        self.gate.set()
        self.opening = threading.Event()
        self.switchable = Switchable(self.made[0], self.open)
        self.told: list[object] = []
        self.over = threading.Event()

    def open(self, options: EstimatorOptions) -> Noted:
        self.opening.set()
        assert self.gate.wait(WAIT)
        if options.name == "missing":
            raise AssetError("it is not there")
        if options.name == "torn":
            raise OSError("the disk is gone")
        self.made.append(Noted(options.name))
        return self.made[-1]

    def ask(self, name: str, *, wait: bool = False) -> None:
        self.over.clear()
        self.switchable.switch(EstimatorOptions(name=name), self.note, wait=wait)

    def note(self, error: object) -> None:
        self.told.append(None if error is None else str(error))
        self.over.set()

    def look(self, index: int) -> str:
        self.switchable.estimate(Frame(np.zeros((4, 6, 3), np.uint8), index / 30, index))
        return self.switchable.description

    def ends(self) -> None:
        """Wait until nothing is being opened."""
        loader = self.switchable._loader
        if loader is not None:
            loader.join(WAIT)
        assert self.switchable._loader is None


@pytest.fixture
def workshop():
    workshop = Workshop()
    yield workshop
    workshop.gate.set()
    workshop.switchable.close()
    workshop.ends()
    assert [one.closed for one in workshop.made] == [1] * len(workshop.made)
    assert "estimator" not in {thread.name for thread in threading.enumerate()}


def test_the_old_one_goes_on_until_the_next_is_ready_and_has_seen_a_frame(workshop: Workshop) -> None:
    workshop.gate.clear()
    workshop.ask("second")
    assert workshop.opening.wait(WAIT)
    assert [workshop.look(index) for index in range(3)] == ["first"] * 3
    workshop.gate.set()
    assert workshop.over.wait(WAIT)
    assert workshop.look(3) == "second"
    first, second = workshop.made
    assert (first.seen, first.closed) == ([0, 1, 2], 1)
    assert (second.seen, second.closed, second.resets) == ([2, 3], 0, 0)  # one to get warm
    assert workshop.told == [None]
    assert (workshop.switchable.name, workshop.switchable.input_size) == ("second", (8, 8))


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("missing", "it is not there"),
        ("torn", "it cannot be opened (OSError: the disk is gone)"),
        ("blind", "it sees nothing"),
        ("odd", "it cannot look at the picture (ZeroDivisionError: no body)"),
    ],
)
@pytest.mark.parametrize("wait", [True, False])
def test_the_old_one_goes_on_where_the_next_cannot_look(
    workshop: Workshop, name: str, sentence: str, wait: bool
) -> None:
    workshop.look(0)
    workshop.ask(name, wait=wait)
    assert workshop.over.wait(WAIT)
    assert workshop.look(1) == "first"
    assert workshop.told == [sentence]
    workshop.ask("second", wait=wait)
    assert workshop.over.wait(WAIT)
    assert workshop.look(2) == "second"


def test_the_last_one_that_was_asked_for_counts_and_nobody_is_told_of_the_others(workshop: Workshop) -> None:
    workshop.gate.clear()
    for name in ("second", "third", "missing", "fifth"):
        workshop.ask(name)
        assert workshop.opening.wait(WAIT)
    workshop.gate.set()
    assert workshop.over.wait(WAIT)
    workshop.ends()
    assert workshop.look(0) == "fifth"
    assert workshop.told == [None]
    assert [one.name for one in workshop.made] == ["first", "second", "fifth"]


def test_one_that_has_taken_over_is_told_of_even_if_another_is_asked_for_while_the_old_one_is_closed(
    workshop: Workshop,
) -> None:
    workshop.made[0].at_close = lambda: workshop.ask("missing")
    workshop.ask("second", wait=True)
    workshop.ends()
    assert workshop.look(0) == "second"
    assert workshop.told == [None, "it is not there"]


@pytest.mark.parametrize("wait", [True, False])
def test_one_that_cannot_be_closed_stands_in_nobody_s_way(workshop: Workshop, wait: bool) -> None:
    def fail() -> None:
        raise RuntimeError("its driver is gone")

    workshop.made[0].at_close = fail
    for name in ("second", "third"):
        workshop.ask(name, wait=wait)
        assert workshop.over.wait(WAIT)
        assert workshop.look(0) == name
    assert workshop.told == [None, None]


def test_what_is_opened_after_the_end_is_closed_and_nobody_is_told(workshop: Workshop) -> None:
    workshop.gate.clear()
    workshop.ask("second")
    assert workshop.opening.wait(WAIT)
    workshop.switchable.close()  # does not wait for it for long
    assert workshop.made[0].closed == 1
    workshop.gate.set()
    workshop.ends()
    workshop.ask("third")
    workshop.ask("fourth", wait=True)
    assert (len(workshop.made), workshop.told) == (2, [])


def test_what_it_saw_to_get_warm_is_forgotten_where_all_else_was(workshop: Workshop) -> None:
    workshop.look(0)
    second = Noted("second")
    workshop.made.append(second)

    def cut(frame, hint=None) -> Estimate:
        workshop.switchable.reset()  # the film began anew just then
        return Estimate(())

    second.estimate = cut
    workshop.switchable._open_next = lambda _: second
    workshop.ask("second", wait=True)
    assert (workshop.made[0].resets, second.resets) == (1, 1)
    assert workshop.told == [None]


def test_before_the_first_frame_and_after_a_reset_it_gets_warm_in_the_dark(
    workshop: Workshop,
) -> None:
    workshop.ask("second", wait=True)
    workshop.look(0)
    workshop.switchable.reset()
    workshop.ask("third", wait=True)
    _, second, third = workshop.made
    assert (second.seen, second.resets) == ([0, 0], 2)  # darkness, forgotten; then the frame, forgotten too
    assert (third.seen, third.resets) == ([0], 1)


NAMES = st.sampled_from(["a", "b", "missing", "torn", "blind", "odd"])
ACTS = st.lists(st.one_of(NAMES, st.sampled_from(["look", "reset", "close", "shut", "open"])), max_size=30)


@given(acts=ACTS)
@effort(max_examples=60, deadline=None)
def test_whatever_happens_each_is_closed_and_the_last_that_works_looks(acts: list[str]) -> None:
    workshop, is_open, index = Workshop(), True, 0
    for act in acts:
        if act == "look" and is_open:
            workshop.look(index)
            index += 1
        elif act == "reset" and is_open:
            workshop.switchable.reset()
        elif act == "close" and is_open and workshop.gate.is_set():
            workshop.switchable.close()
            is_open = False
        elif act in ("shut", "open"):
            workshop.gate.set() if act == "open" else workshop.gate.clear()
        elif act not in ("look", "reset", "close"):
            workshop.ask(act)
    workshop.gate.set()
    workshop.ends()
    standing = [one for one in workshop.made if not one.closed]
    assert [one.name for one in standing] == ([workshop.switchable.name] if is_open else [])
    workshop.switchable.close()
    assert all(one.closed for one in workshop.made)


def test_which_settings_are_the_estimator_s_alone() -> None:
    """A setting that is added later cannot be forgotten."""
    others = {
        "source": "film.mp4", "camera_size": (640, 480), "rotate": 90, "flip": "both", "crop": "0,0,50%,50%",
        "exposure": 1.0, "white_balance": 4000.0, "camera_focus": 3.0, "focus": "off", "estimator": "movenet",
        "model": "lite", "input_size": (353, 257), "light": "off", "target_rate": 20.0, "runtime": "litert",
        "threads": 3, "single": True, "max_poses": 4, "mask": True, "pose_score": 0.7, "keypoint_score": 0.9,
        "share": ("mask",), "headless": True,
    }  # fmt: skip
    before = Settings()
    assert differ_in_estimator(before, before)
    of_estimator = set()
    for name, value in others.items():
        after = before.model_copy(update={name: value})
        if estimator_options(after) != estimator_options(before):
            of_estimator.add(name)
            alone = name in ESTIMATOR_SETTINGS and name != "pose_score"  # the tracker asks for that as well
            assert differ_in_estimator(before, after) == alone, name
        else:
            assert not differ_in_estimator(before, after), name
    assert of_estimator == {*ESTIMATOR_SETTINGS, "headless", "share"}
    known = {field.name for field in fields(EstimatorOptions)}
    decided = {"name", "spare_cores", "min_pose_score", "still"}
    assert known - decided == set(ESTIMATOR_SETTINGS) - {"estimator", "pose_score"}
    assert not differ_in_estimator(before, before.model_copy(update={"model": "lite", "slots": 3}))
    assert differ_in_estimator(before, before.model_copy(update={"model": "lite", "zones": ({"name": "a"},)}))
