"""`posekit osc-sheet`: what it lists is what is sent, and what is sent is on it."""

from __future__ import annotations

import csv
import io
import re
import socket
from contextlib import ExitStack

import pytest
from builders import a_person, a_scene
from pythonosc.osc_packet import OscPacket
from typer.testing import CliRunner

from posekit.cli.app import app
from posekit.cli.osc_sheet import folded
from posekit.engine.options import gesture_options
from posekit.events.gestures import gesture_names
from posekit.outputs.osc import parse_target
from posekit.outputs.osc.dialects import DIALECTS
from posekit.outputs.osc.sheet import Entry, Occasions, channel_name, channels, notes
from posekit.runner.inline_feed import InlineFeed
from posekit.scene import ZoneState
from posekit.settings import Settings
from posekit.zones import Zone

TARGETS = (
    "posekit",
    "posekit,slots=2,layout=packed,origin=centred",
    "posekit,slots=3,mirror=on,origin=bottom-left,prefix=/cam2/a,only=*wrist+nose,leave=hold",
    "kinect,slots=4",
    "kinect,slots=2,origin=top-left,mirror=on,prefix=/k,only=*wrist+*elbow",
    "poseosc,slots=5",
    "poseosc,mode=addr,slots=2",
    "tuio",
    "tuio,points=hands,slots=3",
    "tuio,points=lead",
    "augmenta",
    "augmenta,prefix=/x,mirror=on",
    "tsps",
    "wekinator",
    "wekinator,slots=3",
    "osceleton",
    "augmenta1,origin=bottom-left",
    "template",
    "template,slots=2,template=/e/{event} {slot} {id} {value}; /s {count} {time} {width} {people.xys}",
    "template,slots=2,template=/p/{slot}/k {active} {keypoints.xy} {neck.x} {id} one 1 2.5; /e {event}",
)
STAGE = Zone("main_stage", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)))
GESTURES = tuple(gesture_names(gesture_options(Settings())))
OCCASIONS = Occasions(GESTURES, (STAGE.name,))
TYPES = {int: "i", float: "f", str: "s"}
STAGE_EMPTY = ZoneState(STAGE.name)
OUTSIDE = {"picture widths": 0.6, "picture heights": 1.2, "pixels": 800.0}
"""How far outside of its range a place may be: bodies reach out of the picture."""


def sheet(text: str) -> list[Entry]:
    target = parse_target(f"7000:{text}")
    return list(DIALECTS[target.dialect].sheet(target, OCCASIONS))


def entries_by_name(entries: list[Entry]) -> dict[tuple[str, str], Entry]:
    named = {(entry.address, entry.keyword): entry for entry in entries}
    assert len(named) == len(entries), "two entries of the same name"
    return named


def messages(packet: bytes) -> list[tuple[str, list]]:
    return [(timed.message.address, timed.message.params) for timed in OscPacket(packet).messages]


def find(named: dict[tuple[str, str], Entry], address: str, values: list) -> Entry:
    first = values[0] if values and isinstance(values[0], str) else ""
    entry = named.get((address, first)) or named.get((address, ""))
    assert entry is not None, f"{address} {first} is not on the sheet"
    return entry


def check(entry: Entry, values: list) -> None:
    """Compare a message that was sent with what the sheet says of it."""
    assert len(values) <= len(entry.values), entry
    left = entry.values[len(values) :]
    assert all(value.sent == "people" for value in left), entry
    for found, value in zip(values, entry.values, strict=False):
        assert TYPES[type(found)] == value.type, (entry.address, value, found)
        if value.type == "s":
            continue
        room = OUTSIDE.get(value.unit, 1e-5)
        assert not value.low or found >= float(value.low) - room, (entry.address, value, found)
        assert not value.high or found <= float(value.high) + room, (entry.address, value, found)


@pytest.fixture(scope="module")
def sent() -> dict[str, list[tuple[str, list]]]:
    """Return what a real run with a crowd sends to each target, over UDP."""
    with ExitStack() as stack:
        sockets = {}
        for text in TARGETS:
            opened = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            opened.bind(("127.0.0.1", 0))
            opened.setblocking(False)
            sockets[text] = opened
        osc = tuple(f"{opened.getsockname()[1]}:{text}" for text, opened in sockets.items())
        settings = Settings(
            source="synthetic:people=4,seed=3,seconds=5", osc=osc, zones=(STAGE.as_table(),), headless=True
        )
        told: dict[str, list[tuple[str, list]]] = {text: [] for text in TARGETS}
        feed = InlineFeed(settings)
        try:
            while not feed.poll().finished:
                take_in(sockets, told)
        finally:
            feed.close()
        take_in(sockets, told)
    return told


def take_in(sockets: dict[str, socket.socket], told: dict[str, list[tuple[str, list]]]) -> None:
    for text, opened in sockets.items():
        while True:
            try:
                told[text] += messages(opened.recv(65535))
            except BlockingIOError:
                break


@pytest.mark.parametrize("text", TARGETS)
def test_all_that_is_sent_is_on_the_sheet(text: str, sent: dict[str, list[tuple[str, list]]]):
    named = entries_by_name(sheet(text))
    assert len(sent[text]) > 100
    heard = set()
    for address, values in sent[text]:
        entry = find(named, address, values)
        check(entry, values)
        heard.add(entry)
    if "slots" not in text and "template" not in text:  # four people leave no slot of so few unused
        people = [entry for entry in named.values() if entry.sent == "people" and entry.slot <= 4]
        assert set(people) <= heard


@pytest.mark.parametrize("text", TARGETS)
def test_all_that_the_sheet_says_is_always_sent_is_sent_in_an_empty_room(text: str):
    target = parse_target(f"7000:{text}")
    entries = sheet(text)
    counters = {f"p1/{name}": 0 for name in OCCASIONS.counted}
    encoder = DIALECTS[target.dialect].encoder(target, counters)
    named = entries_by_name(entries)
    heard = set()
    for number in range(31):
        scene = a_scene(index=number, zones=(STAGE_EMPTY,))
        for packet in encoder.update(1.0 + number / 30, scene, (), None):
            heard |= {find(named, address, values) for address, values in messages(packet)}
    assert heard == {entry for entry in entries if entry.sent == "always"}
    assert heard or text == "osceleton"


@pytest.mark.parametrize("text", TARGETS)
def test_a_second_of_somebody_says_all_of_her_channels(text: str):
    target = parse_target(f"7000:{text}")
    entries = sheet(text)
    encoder = DIALECTS[target.dialect].encoder(target, {f"p1/{name}": 0 for name in OCCASIONS.counted})
    named = entries_by_name(entries)
    heard = set()
    people = [a_person(slot, slot, x=0.1 * slot) for slot in range(1, target.slots + 1)]
    for number in range(31):
        scene = a_scene(*people, index=number, zones=(STAGE_EMPTY,))
        for packet in encoder.update(1.0 + number / 30, scene, (), None):
            for address, values in messages(packet):
                entry = find(named, address, values)
                heard.add(entry)
                check(entry, values)
                if entry.address == "/poses/arr":
                    assert len(values) == len(entry.values)  # every slot is taken
    assert {entry for entry in entries if entry.sent != "event"} <= heard


def test_every_dialect_and_every_gesture_has_its_place():
    assert {text.partition(",")[0] for text in TARGETS} == set(DIALECTS)
    assert len(GESTURES) >= 20
    addresses = {entry.address for entry in sheet("posekit,slots=2")}
    for name in GESTURES:
        assert {f"/event/{name}", f"/event/{name}_held", f"/event/{name}_end"} <= addresses
        assert {f"/p2/event/{name}", f"/lead/event/{name}_end"} <= addresses
    assert {"/zone/main_stage/count", "/event/main_stage_dwell", "/p1/event/main_stage_leave"} <= addresses


@pytest.mark.parametrize(
    ("address", "argument", "arguments", "name"),
    [
        ("/p1/left_wrist/x", 1, 1, "p1/left_wrist/x"),
        ("/p1/left_wrist", 3, 3, "p1/left_wrist3"),
        ("/p1/hand_r:tx", 1, 1, "p1/hand_r:tx"),
        ("/zone/a.b/count", 1, 1, "zone/a_b/count"),
        ("/TSPS/scene/", 2, 7, "TSPS/scene/2"),
    ],
)
def test_channels_are_called_as_touchdesigner_does(address: str, argument: int, arguments: int, name: str):
    assert channel_name(address, argument, arguments) == name


def test_ranges_follow_origin_and_mirror():
    def told(text: str, address: str) -> tuple[str, str]:
        (one,) = [channel for channel in channels(sheet(text)) if channel.address == address]
        return one.range, one.meaning

    x, y = "/p1/nose/x", "/p1/nose/y"
    assert told("posekit", x) == ("0 to 1", "nose, from the left")
    assert told("posekit,mirror=on", x) == ("0 to 1", "nose, from the right")
    assert told("posekit,origin=bottom-left", y) == ("0 to 1", "nose, from the bottom")
    assert told("posekit,origin=centred", x)[0] == "-0.889 to 0.889"
    assert told("posekit,origin=centred", y) == ("-0.5 to 0.5", "nose, 0 in the middle, upwards")
    assert told("kinect", "/p1/head:tz") == ("0", "always 0: a camera sees no depth")


def test_notes_are_for_those_they_concern():
    def told(text: str) -> str:
        return " ".join(notes(sheet(text), parse_target(f"7000:{text}")))

    assert "16:9" in told("kinect")
    assert "16:9" not in told("posekit")
    assert "OSC In DAT" in told("tuio")
    assert "Several people share" in told("augmenta")
    assert "Several" not in told("template")


def run(*words: str) -> str:
    done = CliRunner().invoke(app, ["osc-sheet", *words])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_csv_and_markdown_have_a_line_for_every_channel(tmp_path):
    rows = list(csv.DictReader(io.StringIO(run("--dialect", "kinect", "--slots", "4", "--csv", "-"))))
    assert len(rows) == 4 * (1 + 3 * 23)
    assert rows[0]["channel"] == "p1/id"
    assert {row["address"] for row in rows} == {f"/{row['channel']}" for row in rows}
    assert rows[1] == {
        "channel": "p1/head:tx",
        "address": "/p1/head:tx",
        "argument": "1",
        "type": "f",
        "lowest": "-0.889",
        "highest": "0.889",
        "unit": "picture heights",
        "sent": "always",
        "meaning": "middle of left ear and right ear, 0 in the middle",
    }
    written, table = tmp_path / "a.csv", tmp_path / "a.md"
    run("--dialect", "kinect", "--slots", "4", "--csv", str(written), "--markdown", str(table))
    assert len(written.read_text().splitlines()) == len(rows) + 1
    assert len(re.findall(r"^\| `p\d/", table.read_text(), re.MULTILINE)) == len(rows)


def test_the_table_folds_slots_and_says_all_that_is_true_of_one():
    listed = list(channels(sheet("kinect,slots=4")))
    rows = folded(listed)
    assert len(rows) == len(listed) / 4
    assert rows[1].channel == "p1..p4/head:tx"
    assert "p1..p4/head:tx" in run("--dialect", "kinect", "--slots", "4")
    wide = run("--for", "max", "--slots", "2")
    assert re.search(r"p1\.\.p2/left_wrist3 +f +0 to 1 +always +left wrist: how sure", wide)
    assert wide.count("event/{event}3") == 4
    assert "{event} is arms_crossed, clap," in wide
    assert re.search(r"p1\.\.p2/event/\{event\} +i +0 and up times +always +counts \{event\} in", wide)
    assert re.search(r"p1\.\.p2/event/\{event\} +i .+ on event +counts \{event\}_held or _end in", wide)
    alone = run("--slots", "1")
    assert "p1/event/{event}" in alone
    assert "p1..p1" not in alone
    assert "/tuio/2Dcur set [3]" in run("--dialect", "tuio")
    assert "numbers the values" in wide


def test_it_is_about_one_target_and_says_what_it_does_not_know():
    from posekit.errors import PosekitError

    for words, sentence in (
        (("--osc", "7000", "--osc", "7001"), "a sheet is about one target, and here are 2"),
        (("--dialect", "kinekt"), "did you mean 'kinect'"),
        (("--dialect", "kinect,layout=packed"), "the dialect kinect has no key layout"),
        (("--for", "touchdesinger"), "did you mean 'touchdesigner'"),
        (("--csv", "/no/such/folder/a.csv"), "cannot write /no/such/folder/a.csv"),
    ):
        done = CliRunner().invoke(app, ["osc-sheet", *words])
        assert isinstance(done.exception, PosekitError)
        assert sentence in str(done.exception)
