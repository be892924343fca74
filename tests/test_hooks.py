import pytest

from posekit.sketch.hooks import ALWAYS, EVENT_HOOKS, HOOKS, bind, known_arguments

VALUES = {name: f"the {name}" for hook in HOOKS for name in known_arguments(hook)}


@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_gets_what_it_names_and_nothing_else(name):
    hook, problems = bind(name, lambda **everything: everything)
    assert not problems
    assert hook(VALUES) == {argument: VALUES[argument] for argument in known_arguments(name)}
    hook, problems = bind(name, lambda: "nothing")
    assert not problems
    assert hook(VALUES) == "nothing"


def test_every_event_with_a_hook_has_one_that_exists():
    assert set(EVENT_HOOKS.values()) <= set(HOOKS)


def test_arguments_come_in_any_order_and_defaults_stay():
    hook, problems = bind("draw", lambda people, canvas, mine=4, dt=0: (people, canvas, mine, dt))
    assert not problems
    assert hook(VALUES) == ("the people", "the canvas", 4, "the dt")


def test_keyword_only_arguments_and_bound_methods_work():
    class Thing:
        def draw(self, *, lead):
            return lead

    hook, problems = bind("draw", Thing().draw)
    assert not problems
    assert hook(VALUES) == "the lead"


def test_the_arguments_are_all_explained():
    assert all(ALWAYS.values())
