"""A rehearsal's steps and its verdicts; the whole of it runs as `posekit gallery rehearse`."""

from __future__ import annotations

from dataclasses import replace

from posekit.gallery.rehearsal import Result
from posekit.gallery.rehearsal_steps import Step, steps
from posekit.show.state import Part, ShowState, Trouble

WELL = ShowState(
    "Ribbons",
    10.0,
    phase="open",
    parts=tuple(Part(name, "running", 1) for name in ("engine", "window", "curtain")),
    fps=30.0,
    window_fps=60.0,
)


def find(what: str) -> Step:
    (step,) = [step for step in steps(quick=False) if step.what == what]
    return step


def with_part(show: ShowState, name: str, /, **changed: object) -> ShowState:
    parts = tuple(replace(part, **changed) if part.name == name else part for part in show.parts)  # type: ignore[arg-type]
    return replace(show, parts=parts)


def with_trouble(state: ShowState, name: str) -> ShowState:
    return replace(state, troubles=(Trouble(name, "something is wrong", 10.0),))


def test_a_killed_window_is_noticed_and_over() -> None:
    step = find("the window is killed")
    assert not step.noticed(WELL, WELL)
    lost = with_trouble(with_part(WELL, "window", restarts=1, state="starting"), "window_lost")
    assert step.noticed(WELL, lost)
    assert not step.over(WELL, lost)
    back = with_part(WELL, "window", restarts=1)
    assert not step.over(WELL, with_trouble(back, "window_lost")), "until nothing is wrong any more"
    assert step.over(WELL, back)


def test_closing_is_seen_at_the_engine() -> None:
    step = find("the show closes, and opens")
    assert not step.noticed(WELL, replace(WELL, phase="closed"))
    assert step.noticed(WELL, with_part(replace(WELL, phase="closed"), "engine", state="off"))
    assert step.undo is not None


def test_what_is_put_right_has_to_be_noticed_first() -> None:
    for what, trouble in (
        ("the camera is taken away, and comes back", "camera_lost"),
        ("the disk is full, so it is said", "disk_full"),
    ):
        step = find(what)
        assert step.undo is not None
        assert not step.noticed(WELL, WELL)
        assert step.noticed(WELL, with_trouble(WELL, trouble))
        assert step.over(WELL, WELL)


def test_the_quick_one_does_each_once_and_the_supervisor_last() -> None:
    quick, whole = steps(quick=True), steps(quick=False)
    assert (len(quick), len(whole)) == (7, 13)
    assert quick[-1].what == whole[-1].what == "the supervisor is killed, and started again"
    assert {step.what for step in quick} < {step.what for step in whole}


def test_a_verdict() -> None:
    assert Result("it is killed", 1.0, 3.0, 30.0).is_ok
    assert not Result("it is killed", None, None, 30.0).is_ok
    assert not Result("it is killed", 1.0, None, 30.0).is_ok
    assert not Result("it is killed", 1.0, 31.0, 30.0).is_ok
