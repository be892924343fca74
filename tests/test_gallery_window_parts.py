"""What a gallery's window is made of, part by part, and the run that it hosts."""

from __future__ import annotations

import dataclasses
import os
import signal
import sys
import threading
from contextlib import closing
from queue import Queue

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sketch_world import ScriptedFeed, dancer, scene

from posekit.clock import ManualClock, SystemClock
from posekit.engine.outbox import Outbox
from posekit.engine.pictures import SharedPictures
from posekit.engine.wire import Message, events_message
from posekit.gallery.child import Child
from posekit.gallery.fading import Fading
from posekit.gallery.link import WindowBeat, kept_values, letters_message, read_letters, update_message
from posekit.gallery.link_feed import LinkFeed
from posekit.gallery.link_receiver import MOST_LETTERS, LinkReceiver
from posekit.gallery.orders import CurtainOrder, WindowOrder
from posekit.gallery.present import Present
from posekit.gallery.progress import Progress
from posekit.gallery.title_card import draw_title_card
from posekit.health import CameraState, Health
from posekit.inputs.osc import Letter, read_packet
from posekit.inputs.osc import Message as OscMessage
from posekit.inputs.osc.receiver import MOST_DATAGRAMS
from posekit.runner import run_sketch
from posekit.runner.feed import Update
from posekit.runner.host import Backstage, Host
from posekit.scene import Empty, Enter, First, Leave, ZoneEvent
from posekit.settings import Settings
from posekit.sketch import Sketch
from posekit.sketch.loader import load_class
from posekit.sketch.quiet_pygame import pygame

# ---------------------------------------------------------------- its process


def test_what_is_printed_without_an_end_is_heard_and_not_kept(tmp_path, monkeypatch) -> None:
    """A sketch that prints dots prints a line of gigabytes in six months."""
    (tmp_path / "dots.py").write_text(
        "import sys\nsys.stdin.readline()\n"
        "sys.stderr.write('.' * 100_000)\nsys.stderr.flush()\nsys.stdin.read()\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    heard: Queue[str] = Queue()
    child = Child("dots", b"{}\n", SystemClock(), lambda _: None, heard.put)
    try:
        assert [heard.get(timeout=10.0) for _ in range(5)] == ["." * 500] * 5
        assert child.is_alive
    finally:
        child.close()


@pytest.mark.skipif(sys.platform == "win32", reason="kills by signals")
def test_what_a_process_has_started_itself_holds_nobody_up(tmp_path, monkeypatch) -> None:
    """A program that a sketch starts has the sketch's pipes, and keeps them open after its end."""
    (tmp_path / "parent.py").write_text(
        "import subprocess, sys\nsys.stdin.readline()\n"
        "sleeper = subprocess.Popen(['sleep', '60'])\n"
        "print(sleeper.pid, file=sys.stderr, flush=True)\nsys.stdin.read()\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    heard: Queue[str] = Queue()
    child = Child("parent", b"{}\n", SystemClock(), lambda _: None, heard.put)
    sleeper = int(heard.get(timeout=10.0))
    try:
        child.kill()
        assert child.wait(5.0), "its end is its exit"
        assert not child.is_alive
        assert "killed by signal 9" in child.how_it_ended()
        closing = threading.Thread(target=child.close, daemon=True)
        closing.start()
        closing.join(5.0)
        assert not closing.is_alive(), "closing waits for nothing but the process"
    finally:
        os.kill(sleeper, signal.SIGKILL)
    for thread in child._threads:
        thread.join(5.0)
        assert not thread.is_alive(), "the readers end with what had the pipes"


# ---------------------------------------------------------------- fading


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0.01, 60))
def test_a_fade_begins_where_it_is_and_ends_where_it_is_to(start: float, end: float, seconds: float) -> None:
    fading = Fading(start)
    fading.fade(end, seconds, now=100.0)
    seen = [fading.at(100.0 + seconds * part) for part in np.linspace(0, 1.2, 25)]
    assert seen[0] == pytest.approx(start)
    assert seen[-1] == end
    steps = np.diff(seen) * (1 if end >= start else -1)
    assert steps.min() > -1e-12
    fading.fade(start, seconds, now=100.0 + seconds / 2)
    assert fading.at(100.0 + seconds / 2) == pytest.approx(seen[0] + (end - start) / 2)


def test_a_fade_without_time_is_at_once_and_stays_within_its_ends() -> None:
    fading = Fading()
    fading.fade(7.0, 0.0, now=5.0)
    assert fading.at(5.0) == 1.0
    fading.fade(-1.0, -3.0, now=6.0)
    assert fading.at(6.0) == 0.0


# ---------------------------------------------------------------- progress and beats


def test_a_frame_that_lasts_is_the_longest() -> None:
    clock = ManualClock(10.0)
    progress = Progress(clock)
    for _ in range(5):
        clock.advance(0.02)
        progress.step()
    said = progress.take()
    assert said["frames"] == 5
    assert said["fps"] == pytest.approx(50)
    assert said["longest_ms"] == pytest.approx(20)
    clock.advance(1.5)
    assert progress.take() == {"frames": 5, "fps": 0.0, "longest_ms": pytest.approx(1500)}


def test_a_beat_from_before_there_is_a_sketch_can_be_read() -> None:
    beat = WindowBeat.read(Message("beat", {"stalled": 0.3, "frames": 0}))
    assert (beat.stalled, beat.parameters, beat.title) == (0.3, (), "")


def test_only_what_was_turned_is_kept() -> None:
    one = {"name": "speed", "value": 2.0, "default": 1.0, "kind": "float"}
    two = {"name": "tint", "value": "gold", "default": "gold", "kind": "colour"}
    assert kept_values([one, two]) == {"speed": 2.0}


# ---------------------------------------------------------------- orders, letters, events


def test_an_order_is_one_line_and_reads_back() -> None:
    order = WindowOrder(
        "a\nb.py", {"fps": 30.0}, parameters={"x": 1}, here=({"name": "enter"},), after=(2, 7)
    )
    line = order.encode()
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    back = WindowOrder.decode(line)
    assert dataclasses.replace(back, here=tuple(back.here), after=tuple(back.after)) == order
    assert CurtainOrder.decode(CurtainOrder((0, 1), "Ü").encode()).title == "Ü"


def osc(address: str, tail: bytes = b",\0\0\0") -> Letter:
    return Letter(read_packet(OscMessage(address, (), tail).with_address(address))[0], ("1.2.3.4", 5))


def test_letters_arrive_in_order_and_a_flood_is_bounded() -> None:
    sent = [osc("/a", b",fs\0\x3f\x80\0\0abc\0"), osc("/b", b",[ii]\0\0\0\0\0\0\1\0\0\0\2"), osc("/c")]
    back = list(read_letters(letters_message(sent)))
    assert [one.message for one in back] == [one.message for one in sent]
    receiver = LinkReceiver("off", ManualClock())
    receiver.take(back * MOST_LETTERS)
    first = list(receiver.letters())
    assert len(first) == MOST_DATAGRAMS
    assert receiver.counters.dropped == 2 * MOST_LETTERS
    receiver.close()
    assert not list(receiver.letters())


def test_who_is_here_enters_in_a_window_that_comes_later() -> None:
    present = Present()
    stay = ZoneEvent("zone_enter", 2, 2, 3.0, zone="door", occupancy=1, epoch=1, sequence=4)
    present.note([Enter(1, 1, 1.0, epoch=1, sequence=1), First(1, 1, 1.0, epoch=1, sequence=2)])
    present.note([Enter(2, 2, 2.0, epoch=1, sequence=3), stay])
    present.note([Leave(1, 1, 4.0, epoch=1, sequence=5)])
    told = present.events()
    assert [(event["name"], event["person_id"]) for event in told] == [
        ("enter", 2), ("first", 2), ("zone_enter", 2),
    ]  # fmt: skip
    assert present.last == (1, 5)
    present.note([dataclasses.replace(stay, name="zone_leave", sequence=6), Leave(2, 2, 5.0, sequence=7)])
    present.note([Empty(epoch=1, sequence=8)])
    assert present.events() == ()


def test_the_outbox_keeps_a_scene_when_only_events_follow_and_gives_up_what_is_too_much() -> None:
    class Stuck:
        def __init__(self):
            self.sent = []

        def write(self, data):
            self.sent.append(data)

        def flush(self):
            pass

    stream = Stuck()
    outbox = Outbox(stream)
    with outbox._changed:  # its thread cannot send meanwhile
        outbox.publish(Message("scene", {}), ())
        outbox.publish(None, [Enter(1)])
        assert outbox.put(Message("tell", {}), 1)
        assert not outbox.put(Message("tell", {}), 1)
    assert outbox.close()
    assert b"".join(stream.sent).count(b'"kind":"scene"') == 1


# ---------------------------------------------------------------- the feed


def linked(
    pictures: SharedPictures, clock: ManualClock | None = None, **order: object
) -> tuple[LinkFeed, list[dict[str, object]]]:
    wishes: list[dict[str, object]] = []
    return LinkFeed(WindowOrder("hello", {}, **order), pictures, wishes.append, clock), wishes


def test_pictures_and_masks_are_those_of_their_scene() -> None:
    with closing(SharedPictures.create()) as pictures:
        feed, _ = linked(pictures)
        assert feed.poll().scene is None
        picture, mask = np.full((4, 6, 3), 9, np.uint8), np.full((2, 3), 255, np.uint8)
        place = pictures.publish(picture, mask)
        now = scene((dancer(1, 1, 0.0),), 1, 0.5)
        feed.take(update_message(Update(now, (), None, Health(fps=25.0), place=place, masked=True)))
        seen = feed.poll()
        assert seen.scene.people[0].id == 1
        assert seen.health == Health(fps=25.0)
        assert np.array_equal(seen.picture, picture)
        assert np.array_equal(seen.mask, mask)
        lost = Health(engine=False, camera=CameraState.LOST)
        feed.take(update_message(Update(now, (), None, lost)))
        after = feed.poll()
        assert after.picture is seen.picture, "the last picture stays while there is no engine"
        assert after.health == lost
        assert not after.mask.any()
        feed.take(update_message(Update(None, (), None, lost)))
        assert (feed.poll().scene, feed.poll().mask) == (None, None)


@pytest.mark.parametrize("is_live", [True, False])
def test_whoever_went_by_when_the_cable_was_pulled_does_not_hang_on_the_wall(is_live: bool) -> None:
    clock, lost = ManualClock(100.0), Health(camera=CameraState.LOST)
    with closing(SharedPictures.create()) as pictures:
        feed, _ = linked(pictures, clock, is_live=is_live)
        place = pictures.publish(np.full((4, 6, 3), 9, np.uint8))
        feed.take(update_message(Update(scene((), 1, 0.5), (), None, Health(), place=place)))
        shown = [feed.poll().picture is not None]
        for seconds in (4.9, 0.2):
            clock.advance(seconds)
            feed.take(update_message(Update(scene((), 2, 0.6), (), None, lost)))
            shown.append(feed.poll().picture is not None)
        assert shown == [True, True, not is_live], "a film's last picture is the film's"
        place = pictures.publish(np.full((4, 6, 3), 7, np.uint8))
        feed.take(update_message(Update(scene((), 3, 0.7), (), None, Health(), place=place)))
        assert feed.poll().picture.max() == 7


def test_a_picture_that_was_overwritten_is_not_shown_for_another() -> None:
    with closing(SharedPictures.create()) as pictures:
        feed, _ = linked(pictures)
        places = [pictures.publish(np.full((4, 6, 3), shade, np.uint8)) for shade in range(6)]
        feed.take(update_message(Update(scene((), 1, 0.5), (), None, Health(), place=places[0])))
        assert feed.poll().picture is None
        feed.take(update_message(Update(scene((), 2, 0.6), (), None, Health(), place=places[-1])))
        assert feed.poll().picture.max() == 5


def test_stamps_of_two_engines_are_never_the_same() -> None:
    with closing(SharedPictures.create()) as owner:
        places = []
        for epoch in (1, 2, 1001):
            engine = SharedPictures.open(owner.handle, epoch)
            places += [engine.publish(np.zeros((4, 6, 3), np.uint8)) for _ in range(4)]
            engine._memory.close()
        assert len({stamp for _, stamp in places}) == 12
        assert [owner.read(place) is not None for place in places[-3:]] == [True] * 3
        assert [owner.read(place) for place in places[:9]] == [None] * 9


def test_who_is_here_is_told_with_the_first_scene_and_the_rest_once() -> None:
    present = Present()
    present.note([Enter(1, 1, 0.1, epoch=1, sequence=1)])
    with closing(SharedPictures.create()) as pictures:
        feed, wishes = linked(pictures, here=present.events())
        assert feed.poll().events == ()
        feed.take(events_message([Enter(2, 2, 0.4, epoch=1, sequence=2)]))
        feed.take(update_message(Update(scene((dancer(1, 1, 0.0),), 1, 0.5), (), None, Health())))
        assert [event.person_id for event in feed.poll().events] == [1, 2]
        assert feed.poll().events == ()
        feed.pause(True)
        feed.reset()
        assert wishes == [{"kind": "pause", "paused": True}, {"kind": "reset"}]
        feed.finish()
        assert feed.poll().finished


# ---------------------------------------------------------------- the run that it hosts


class Pressed(Sketch):
    def __init__(self):
        super().__init__()
        self.heard = []

    def draw(self, canvas, time):
        canvas.background("red")
        if len(self.heard) < 5:
            for key in (pygame.K_ESCAPE, pygame.K_F6, pygame.K_F11, pygame.K_F12, pygame.K_a):
                pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=key, unicode=""))
            pygame.event.post(pygame.event.Event(pygame.QUIT))
        if time > 0.05:
            raise OSError("no lamp")

    def on_key(self, key):
        self.heard.append(key)


class Watching(Host):
    has_keys = shows_errors = reloads = False

    def __init__(self, black: float) -> None:
        self.black, self.before, self.after, self.seen = black, 0, 0, []

    def begin(self, backstage: Backstage) -> None:
        self.backstage = backstage
        backstage.screens.black = self.black

    def before_frame(self) -> None:
        self.before += 1

    def after_frame(self) -> None:
        self.after += 1
        self.seen.append(pygame.display.get_surface().get_at((160, 90))[:3])
        self.canvas = self.backstage.loop.canvas.pixels[90, 160].tolist()


@pytest.mark.parametrize(("black", "light"), [(0.0, 255), (0.4, 153), (1.0, 0)])
def test_a_hosts_window_is_nobody_elses(black: float, light: int, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    host, loaded, said = Watching(black), load_class(Pressed), []
    settings = Settings(size=(320, 180), fps=500.0)
    feed = ScriptedFeed(1, frames=60)
    with pytest.raises(Exception, match="no lamp"):
        run_sketch(loaded, feed, settings, report=said.append, host=host)
    assert loaded.sketch.heard[:5] == ["escape", "f6", "f11", "f12", "a"]
    assert (host.before, host.after) == (62, 61)
    assert set(host.seen) == {(light, 0, 0)}, "no banner, no card, nothing brighter"
    assert host.canvas[2] == 255, "and nothing of the black is on the canvas"
    assert not list(tmp_path.iterdir())
    assert sum("the show goes on" in line for line in said) == 1


def test_a_title_card_is_quiet_and_fits_its_screen() -> None:
    for size in ((1920, 1080), (1080, 1920), (320, 180)):
        for title in ("Ribbons", "An unreasonably long title for a work about ribbons and rooms", ""):
            card = draw_title_card(size, title, "Back in a moment").pixels[..., :3]
            lit = np.argwhere(card.max(axis=2) > 40)
            assert len(lit)
            assert (card.max(axis=2) > 40).mean() < 0.12
            rows, columns = lit.min(axis=0).tolist(), lit.max(axis=0).tolist()
            assert rows[1] > size[0] * 0.05
            assert columns[1] < size[0] * 0.95
    assert not draw_title_card((320, 180), "", "").pixels[..., :3].any()
