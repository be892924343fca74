"""A proxy between sender and receiver loses 30 % of all packets: after a second no ghost and no stale slot.

Real packets on real sockets; only the clock is ours. Three people walk; one leaves, another comes into her
slot, at last the sender ends. Each receiver is written from its format alone, as somebody else would.
"""

from __future__ import annotations

import contextlib

import pytest
from builders import a_person, a_scene
from lossy_proxy import LossyProxy
from osc_messages import messages_of

from posekit.clock import ManualClock
from posekit.outputs.osc import OscSender, parse_target
from posekit.scene import Enter, Leave

LOSS = 0.3
SEEDS = range(4)
HERTZ = 30
LEFT_AT, CAME_AT, END = 1.0, 2.5, 4.0
"""Seconds: when person 2 leaves slot 2, when person 4 takes it, and when the sender ends."""
SPEED = 0.05
"""Picture widths per second: how fast everybody walks."""


class Posekit:
    """A patch that keeps the last value of every address, as TouchDesigner does."""

    keys = ("posekit", "posekit,layout=packed")

    def __init__(self):
        self.values: dict[str, tuple] = {}

    def hear(self, packets, now):
        for packet in packets:
            self.values.update(messages_of(packet))

    def people(self, now):
        """Return who is there, and where."""
        slots = [slot for slot in range(1, 7) if self.values.get(f"/p{slot}/active") == (1,)]
        return {self.values[f"/p{slot}/id"][0]: self.place(f"/p{slot}/nose")[0] for slot in slots}

    def place(self, name):
        return self.values.get(name) or tuple(
            self.values[f"{name}/{part}"][0] for part in ("x", "y", "score")
        )

    def check_empty(self, slot):
        stale = {
            address: values
            for address, values in self.values.items()
            if address.startswith(f"/p{slot}/") and "/event/" not in address and any(values)
        }
        assert stale == {}
        assert sum(address.startswith(f"/p{slot}/") for address in self.values) > 17


class Tuio:
    """A TUIO client: who is not alive is gone; older frames are ignored."""

    keys = ("tuio",)

    def __init__(self):
        self.cursors: dict[int, tuple] = {}
        self.frame = -1

    def hear(self, packets, now):
        for packet in packets:
            lines = [values for _, values in messages_of(packet)]
            (frame,) = [values[1] for values in lines if values[0] == "fseq"]
            if frame != -1 and frame < self.frame:
                continue
            self.frame = max(self.frame, frame)
            (alive,) = [values[1:] for values in lines if values[0] == "alive"]
            self.cursors.update({values[1]: values[2:] for values in lines if values[0] == "set"})
            self.cursors = {session: self.cursors[session] for session in alive if session in self.cursors}

    def people(self, now):
        return {session: values[0] for session, values in self.cursors.items()}


class Augmenta:
    """An Augmenta client: it drops whom nobody has spoken of for a second."""

    keys = ("augmenta",)

    def __init__(self):
        self.objects: dict[int, tuple[float, float]] = {}

    def hear(self, packets, now):
        for address, values in (one for packet in packets for one in messages_of(packet)):
            if address in ("/object/enter", "/object/update"):
                self.objects[values[1]] = (now, values[4])
            elif address == "/object/leave":
                self.objects.pop(values[1], None)

    def people(self, now):
        return {one: x for one, (heard, x) in self.objects.items() if now - heard < 1.0}


KINDS = [(kind, keys) for kind in (Posekit, Tuio, Augmenta) for keys in kind.keys]


def who_is_there(seconds):
    return [1, 3] if LEFT_AT <= seconds < CAME_AT else [1, 2, 3] if seconds < LEFT_AT else [1, 3, 4]


def x_of(number, seconds):
    return 0.2 * number + SPEED * seconds


def scene_at(seconds, step):
    slots = {1: 1, 2: 2, 3: 3, 4: 2}
    people = [
        a_person(number, slot=slots[number], x=x_of(number, seconds), age=seconds + 1.0)
        for number in who_is_there(seconds)
    ]
    events = {0: [Enter(2, 2)], int(LEFT_AT * HERTZ): [Leave(2, 2)], int(CAME_AT * HERTZ): [Enter(4, 2)]}
    return a_scene(*people, index=step), events.get(step, [])


@pytest.mark.parametrize("seed", SEEDS)
def test_after_a_second_no_ghost_and_no_stale_slot(seed: int):
    receivers = [(kind(), keys) for kind, keys in KINDS]
    clock = ManualClock(100.0)
    with contextlib.ExitStack() as stack:
        proxies = [stack.enter_context(LossyProxy(LOSS, seed + 100 * at)) for at in range(len(receivers))]
        targets = [
            parse_target(f"{proxy.port}:{keys}") for proxy, (_, keys) in zip(proxies, receivers, strict=True)
        ]
        with OscSender(targets, clock) as sender:
            for step in range(int(END * HERTZ)):
                seconds = step / HERTZ
                sender.update(*scene_at(seconds, step))
                for proxy, (receiver, _) in zip(proxies, receivers, strict=True):
                    receiver.hear(proxy.pump(), seconds)
                    check(receiver, seconds)
                clock.advance(1 / HERTZ)
        for proxy, (receiver, _) in zip(proxies, receivers, strict=True):
            receiver.hear(proxy.pump(), END)
            assert 0.15 < proxy.lost / (proxy.lost + proxy.passed) < 0.45
            assert receiver.people(END + 1.0) == {}
            if isinstance(receiver, Posekit):
                assert receiver.values["/health/engine"] == (0,)
                for slot in range(1, 7):
                    receiver.check_empty(slot)


def check(receiver, seconds: float) -> None:
    """Assert what holds a second after somebody came or left, and after the start."""
    if min(abs(seconds - moment) for moment in (0.0, LEFT_AT, CAME_AT)) < 1e-9:
        return
    since = min(seconds - moment for moment in (0.0, LEFT_AT, CAME_AT) if seconds >= moment)
    if since < 1.0:
        return
    there = receiver.people(seconds)
    assert sorted(there) == who_is_there(seconds), seconds
    for number, x in there.items():
        expected = x_of(number, seconds)
        assert expected - SPEED - 1e-4 <= x <= expected + 1e-4, (number, x, expected)
    if isinstance(receiver, Posekit) and LEFT_AT <= seconds < CAME_AT:
        receiver.check_empty(2)
