"""What the sketches that sound play and send: a theremin follows its hands, a piano its feet."""

from __future__ import annotations

import socket

import numpy as np
import pytest
from gallery_world import RATE, crowd, dance, lived, show
from osc_messages import messages_of

from posekit.engine.options import watched_zones
from posekit.outputs.osc import parse_target
from posekit.outputs.osc.messages import OscMessages
from posekit.settings import Settings
from posekit.sketch.loader import load_sketch
from posekit.sound import SCALES, note, pluck, speaker


@pytest.fixture
def plucked(monkeypatch):
    """Return the notes that were plucked instead of sounding: (Hz, volume)."""
    notes = []
    monkeypatch.setattr(speaker, "pluck", lambda hertz, volume, decay: notes.append((hertz, volume)))
    return notes


@pytest.fixture
def heard():
    """Return an `OscMessages` and a function that reads what it has sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind(("127.0.0.1", 0))
        ear.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        ear.setblocking(False)
        osc = OscMessages([parse_target(f"127.0.0.1:{ear.getsockname()[1]}")])

        def read():
            found = []
            while True:
                try:
                    found += messages_of(ear.recv(65535))
                except BlockingIOError:
                    return found

        yield osc, read
        osc.close()


def test_the_theremin_sends_where_its_hands_are(heard):
    osc, read = heard
    updates = lived([*dance(1, 4.0), *[()] * (3 * RATE)], ())
    show("theremin", updates, (), osc=osc)
    said = read()
    pitches = [values[0] for address, values in said if address == "/theremin/pitch"]
    volumes = [values[0] for address, values in said if address == "/theremin/volume"]
    assert len(volumes) == len(updates)
    assert 60 < len(pitches) < len(updates)  # nobody's hand, no pitch
    assert max(pitches) / min(pitches) > 1.5  # the dancer's right hand goes up and down
    assert 0 <= min(volumes) < 0.2 < max(volumes) <= 1
    assert volumes[-1] == 0
    wrists = np.array([one.scene.people[0].pose.right_wrist.y for one in updates if one.scene.people])
    seen = np.flatnonzero(np.isfinite(wrists))
    together = np.corrcoef(np.log(pitches)[seen], wrists[seen])[0, 1]
    assert together < -0.95  # higher is a higher note
    speaker.close()


def test_the_piano_plays_a_note_of_its_scale_for_every_step(heard, plucked):
    osc, read = heard
    zones = watched_zones(Settings(zones=load_sketch("floor_piano").sketch.zones))
    updates = lived(crowd(6, 240), zones)
    show("floor_piano", updates, zones, osc=osc)
    steps = [event for one in updates for event in one.events if event.name == "zone_enter"]
    sent = [values for address, values in read() if address == "/note"]
    assert len(steps) > 8
    assert len(sent) == len(plucked) == len(steps)
    for (number, velocity), (hertz, volume) in zip(sent, plucked, strict=True):
        assert hertz == pytest.approx(note(number), rel=1e-6)
        assert (number - 48) % 12 in SCALES["pentatonic"]
        assert 0 < velocity <= 127
        assert 0 < volume <= 1


def test_pose_match_rings_for_whoever_matches(plucked):
    show("pose_match", lived(dance(2, 7.0, "match"), ()), ())
    matched = len(plucked)
    assert matched >= 4  # two people, a pose every two seconds
    plucked.clear()
    show("pose_match", lived(dance(2, 1.0)[-1:] * (7 * RATE), ()), ())
    assert len(plucked) < matched / 2  # whoever stands about does not win


def test_a_name_is_the_note_of_that_name(plucked):
    pluck("A4")
    assert plucked == [(440.0, 0.6)]
