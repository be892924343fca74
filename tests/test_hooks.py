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


BOUND = {
    "as the rest": (lambda address, *args: (address, args), ("/a", (1, 2))),
    "called otherwise": (lambda *values: values, (1, 2)),
    "by name": (lambda args, address: (args, address), ((1, 2), "/a")),
    "not at all": (lambda canvas: canvas, "the canvas"),
    "between others": (lambda canvas, address, mine=4, *args, dt: (canvas, address, mine, args, dt), None),
}


@pytest.mark.parametrize("name", BOUND)
def test_the_arguments_of_a_message_come_by_place_or_by_name(name):
    function, expected = BOUND[name]
    hook, problems = bind("on_osc", function)
    assert not problems
    expected = expected or ("the canvas", "/a", 4, (1, 2), "the dt")
    assert hook({**VALUES, "address": "/a", "args": (1, 2)}) == expected


def test_an_argument_that_on_osc_does_not_have_is_told():
    _, problems = bind("on_osc", lambda address, value: None)
    assert [(problem.found, problem.kind) for problem in problems] == [("value", "argument of on_osc")]
    assert problems[0].known[:2] == ("address", "args")
