"""WebSocket: what clients of posenet-for-installations and tfjs read, with ids, events, and limits."""

from __future__ import annotations

import json
import socket
import threading
import time
from contextlib import ExitStack

import numpy as np
import pytest
from builders import a_person, a_scene
from hypothesis import given
from hypothesis import strategies as st
from web_world import (
    a_client,
    a_server,
    a_stuck_client,
    free_port,
    hear,
    one_scene,
    upgrade,
    url,
    wait_until,
    web,
)
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from posekit.errors import OutputError
from posekit.outputs.web.address import WebAddress
from posekit.outputs.web.mailbox import EVENT_LIMIT, Mailbox
from posekit.outputs.web.messages import Moment, write_event, write_person
from posekit.outputs.web.site import CLIENT_LIMIT
from posekit.recording.tfjs_form import Reader
from posekit.scene import Empty, Enter, First, Gesture, Leave, ZoneEvent
from posekit.skeleton import COCO_17

# --- what it says ---


def test_a_client_of_posenet_for_installations_finds_what_it_knows() -> None:
    with a_server() as server, a_client(server) as client:
        server.publish(one_scene(), (Enter(7, 1, 1.0),))
        heard = hear(client)
    assert heard["image"] == {"width": 640, "height": 480}
    (pose,) = heard["poses"]
    parts = [keypoint["part"] for keypoint in pose["keypoints"]]
    assert len(parts) == 17
    assert parts[0] == "nose"
    assert "leftWrist" in parts
    assert pose["keypoints"][0]["position"] == {"x": pytest.approx(160, abs=0.01), "y": pytest.approx(96)}
    # And what it does not know yet.
    assert (pose["id"], pose["slot"], heard["lead"], heard["time"]) == (7, 1, 7, 1.0)
    assert heard["events"] == [{"name": "enter", "id": 7, "slot": 1, "time": 1.0, "value": 1.0}]


def test_tfjs_hears_bare_poses_that_our_own_reader_reads_back() -> None:
    scene = a_scene(a_person(3, 2, missing=["left_ankle"]), a_person(4, None, x=0.8), size=(640, 480))
    with a_server() as server, a_client(server, "/tfjs") as client:
        server.publish(scene, (Enter(3, 2, 0.0),))
        heard = hear(client)
    assert isinstance(heard, list)
    read = Reader((640, 480), 30.0).read(heard)
    assert [(person.id, person.slot) for person in read.people] == [(3, 2), (4, None)]
    for found, person in zip(read.people, scene.people, strict=True):
        assert found.pose is not None
        np.testing.assert_allclose(found.pose.xy, person.pose.xy, atol=1e-5)
        np.testing.assert_allclose(found.pose.scores, person.pose.scores, atol=1e-5)


def test_events_have_a_path_of_their_own() -> None:
    told = (
        Enter(7, 1, 1.0),
        First(7, 1, 1.0),
        Gesture("wave", 7, 1, 1.5, phase="start", strength=0.75),
        Gesture("wave", 7, 1, 1.6, phase="progress"),
        Gesture("touch", 7, 1, 1.7, phase="end", duration=2.5, partner_id=9),
        ZoneEvent("zone_enter", 7, 1, 1.8, zone="stage", occupancy=2),
        Leave(7, 1, 2.0, visit=1.0, reason="gone"),
        Empty(time=7.0),
    )
    with a_server() as server, a_client(server, "/events") as client:
        server.publish(one_scene(), told)
        heard = [hear(client) for _ in range(7)]
    # What receivers are not told over OSC they are not told here: progress.
    names = ["enter", "first", "wave", "touch_end", "stage_enter", "leave", "empty"]
    assert [event["name"] for event in heard] == names
    wave, touch, zone, leave, empty = heard[2:]
    assert wave == {
        "name": "wave",
        "id": 7,
        "slot": 1,
        "time": 1.5,
        "value": 0.75,
        "gesture": "wave",
        "partner": None,
        "phase": "start",
        "strength": 0.75,
        "duration": 0.0,
    }
    assert (touch["gesture"], touch["phase"], touch["duration"], touch["partner"]) == ("touch", "end", 2.5, 9)
    assert (zone["zone"], zone["occupancy"], zone["stay"]) == ("stage", 2, 0.0)
    assert (leave["visit"], leave["reason"]) == (1.0, "gone")
    assert (empty["id"], empty["slot"]) == (None, None)


@given(
    score=st.floats(0, 1, width=32),
    x=st.floats(-1, 2, width=32),
    y=st.floats(-1, 2, width=32),
    missing=st.sets(st.sampled_from(COCO_17.keypoints)),
    size=st.tuples(st.integers(1, 4000), st.integers(1, 4000)),
)
def test_the_template_says_what_tfjs_form_says(score, x, y, missing, size) -> None:
    person = a_person(5, 2, x=x, y=y, score=score, missing=missing)
    written = json.loads(write_person(person, size))
    assert written == {**person.pose.to_tfjs(size), "id": 5, "slot": 2}


def test_a_mirror_exchanges_sides_of_the_picture_but_not_of_the_body() -> None:
    scene = a_scene(a_person(1, 1, x=0.25, missing=["left_eye"]), size=(640, 480))
    with (
        a_server(mirror=True) as server,
        a_client(server) as client,
        a_client(server, "/tfjs?mirror=off") as plain,
        a_client(server, "/tfjs?mirror=on") as mirrored,
    ):
        server.publish(scene)
        (turned,), (straight,), (asked,) = hear(client)["poses"], hear(plain), hear(mirrored)
    assert turned == asked
    assert len(turned["keypoints"]) == 17
    for here, there in zip(turned["keypoints"], straight["keypoints"], strict=True):
        assert here["part"] == there["part"]
        assert here["position"]["y"] == there["position"]["y"]
        if here["part"] == "leftEye":
            assert here["score"] == here["position"]["x"] == 0
        else:
            assert here["position"]["x"] == pytest.approx(640 - there["position"]["x"], abs=0.002)


def test_nothing_that_json_does_not_know_is_written() -> None:
    written = write_event(Gesture("wave", 1, 1, 2.0, strength=float("nan"), duration=float("inf")))
    assert written is not None
    assert json.loads(written)["strength"] is None
    assert json.loads(written)["duration"] is None
    person = a_person(1, None, x=float("inf"))
    assert all(keypoint["score"] == 0 for keypoint in json.loads(write_person(person, (9, 9)))["keypoints"])


# --- who hears what, and when ---


def test_whoever_comes_later_sees_at_once_who_is_here() -> None:
    with a_server() as server:
        server.publish(one_scene(), (Enter(7, 1, 1.0),))
        with a_client(server) as client:
            heard = hear(client)
    assert [pose["id"] for pose in heard["poses"]] == [7]
    assert heard["events"] == []  # what happened before is over


def test_a_scene_is_written_once_for_all_and_not_at_all_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    written = []
    real = Moment.poses

    def poses(self, *, mirror):
        if mirror not in self._poses:
            written.append(mirror)
        return real(self, mirror=mirror)

    monkeypatch.setattr(Moment, "poses", poses)
    with a_server() as server:
        for at in range(20):
            server.publish(one_scene(at))
        assert written == []
        with a_client(server) as one, a_client(server, "/tfjs") as two, a_client(server) as three:
            for client in (one, two, three):
                hear(client)
            assert written == [False]
            server.publish(one_scene(20.0))
            assert hear(one)["time"] == hear(three)["time"] == 20.0
            hear(two)
            assert written == [False, False]


def test_events_without_a_new_scene_are_told_with_the_one_before() -> None:
    scene = one_scene()
    with a_server() as server, a_client(server) as client:
        server.publish(scene)
        assert hear(client)["events"] == []
        server.publish(scene, (Leave(7, 1, 2.0, reason="engine"),))
        assert [event["reason"] for event in hear(client)["events"]] == ["engine"]


def test_of_the_scenes_that_a_slow_client_misses_it_gets_the_newest_and_every_event() -> None:
    box = Mailbox("whole")
    for at in range(100):
        event = write_event(Enter(at + 1, 1, at))
        assert event is not None
        box.put(Moment(one_scene(at)), [event])
    (message,) = box.take()
    heard = json.loads(message)
    assert heard["time"] == 99
    assert [event["id"] for event in heard["events"]] == list(range(1, 101))
    assert box.take() == []


def test_events_that_nobody_fetches_are_counted_and_dropped() -> None:
    for form in ("whole", "events"):
        box = Mailbox(form)
        box.put(Moment(one_scene()))
        lost = sum(box.put(None, [f'{{"id":{at}}}']) for at in range(EVENT_LIMIT + 50))
        assert lost == 50
        messages = [json.loads(message) for message in box.take()]
        events = messages[0]["events"] if form == "whole" else messages
        assert len(events) == EVENT_LIMIT + 1
        assert (events[0]["name"], events[0]["value"]) == ("overflow", 50)
        assert [event["id"] for event in events[1:]] == list(range(50, EVENT_LIMIT + 50))


def test_a_client_that_does_not_read_costs_the_others_nothing() -> None:
    crowd = [a_person(at, at, x=at / 12) for at in range(1, 11)]
    with a_server() as server, a_stuck_client(server, upgrade()):
        wait_until(lambda: len(server.hub.boxes) == 1)
        with a_client(server) as client:
            for at in range(3000):
                server.publish(a_scene(*crowd, time=at))
                if at % 100 == 99:
                    heard = hear(client)
                    while heard["time"] < at:
                        heard = hear(client)
                    assert heard["time"] == at
            assert len(server.hub.boxes) == 2


def test_publishing_takes_microseconds_whatever_the_clients_do() -> None:
    crowd = [a_person(at, at, x=at / 12) for at in range(1, 11)]
    scenes = [a_scene(*crowd, time=at) for at in range(300)]
    with a_server() as server, a_client(server), a_client(server, "/tfjs"):
        spent = []
        for scene in scenes:
            start = time.perf_counter()
            server.publish(scene)
            spent.append(time.perf_counter() - start)
            time.sleep(0.001)
    assert np.median(spent) < 0.0005  # 20 to 40 us; a busy machine may be slower


# --- limits, and the end ---


def test_more_clients_than_there_is_room_for_are_refused_politely() -> None:
    with a_server() as server, ExitStack() as clients:
        entered = [clients.enter_context(a_stuck_client(server, upgrade())) for _ in range(CLIENT_LIMIT)]
        wait_until(lambda: len(server.hub.boxes) == CLIENT_LIMIT)
        with pytest.raises(InvalidStatus) as refused, connect(url(server)):
            pass
        assert refused.value.response.status_code == 503
        assert f"{CLIENT_LIMIT} clients" in refused.value.response.body.decode()
        entered.pop().close()
        wait_until(lambda: len(server.hub.boxes) < CLIENT_LIMIT)
        with a_client(server) as client:
            server.publish(one_scene())
            assert hear(client)["poses"]


def test_a_path_that_is_none_is_told_which_there_are() -> None:
    with a_server() as server, pytest.raises(InvalidStatus) as refused, connect(url(server, "/tjfs")):
        pass
    assert refused.value.response.status_code == 404
    assert "/tfjs" in refused.value.response.body.decode()


def test_what_a_client_says_is_ignored_and_too_much_of_it_ends_the_talk() -> None:
    with a_server() as server:
        with a_client(server) as client:
            for word in ('{"poses":[]}', b"\0\1", "hello"):
                client.send(word)
            server.publish(one_scene())
            assert hear(client)["poses"]
            with pytest.raises(ConnectionClosed) as closed:
                for _ in range(1000):
                    client.send("x")
                    time.sleep(0.0005)
            assert closed.value.rcvd is None or closed.value.rcvd.code == 1008
        with a_client(server) as client:
            with pytest.raises(ConnectionClosed) as closed:
                client.send("x" * 5000)
                while client.recv(timeout=10):
                    pass
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1009
        with a_client(server) as client:
            server.publish(one_scene(2.0))
            while hear(client)["time"] != 2.0:
                pass


def test_at_the_end_the_room_is_empty_and_everybody_is_told() -> None:
    with a_server() as server, a_client(server) as client:
        server.publish(one_scene())
        assert hear(client)["poses"]
        start = time.perf_counter()
        server.close()
        assert time.perf_counter() - start < 1.5
        assert hear(client)["poses"] == []
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(timeout=10)
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1001, "posekit has ended")
        server.close()
        server.publish(one_scene())  # too late, and harmless


def test_an_end_with_clients_that_hang_takes_no_longer() -> None:
    crowd = [a_person(at, at, x=at / 12) for at in range(1, 11)]
    with a_server() as server, a_stuck_client(server, upgrade()):
        wait_until(lambda: len(server.hub.boxes) == 1)
        for at in range(200):
            server.publish(a_scene(*crowd, time=at))
            time.sleep(0.001)
        start = time.perf_counter()
        server.close()
        assert time.perf_counter() - start < 1.5


def test_a_port_that_is_taken_is_told_with_the_way_out() -> None:
    with a_server() as server, pytest.raises(OutputError) as taken:
        web.WebServer(server.address)
    assert str(taken.value).startswith(f"port {server.port} is in use by ")
    assert f"--web {server.port + 1}" in str(taken.value)
    assert "this very program" in str(taken.value)


def test_a_port_that_is_taken_where_localhost_may_lead_is_taken() -> None:
    port = free_port()
    with socket.socket(socket.AF_INET6) as other:
        try:
            other.bind(("::1", port))
        except OSError:
            pytest.skip("no IPv6 here")
        other.listen()
        with pytest.raises(OutputError, match=f"port {port} is in use by this very program"):
            web.open_sockets(WebAddress(port))
    with socket.socket() as free:
        free.bind(("127.0.0.1", port))  # and nothing stays open


@pytest.mark.parametrize("host", ["192.0.2.1", "no.such.host.invalid", "a" * 70])
def test_an_address_that_is_not_ours_is_told(host: str) -> None:
    with pytest.raises(OutputError, match=f"cannot serve at {host}.*0.0.0.0:8080"):
        web.WebServer(WebAddress(free_port(), host))


def test_no_thread_and_no_port_remains() -> None:
    before = set(threading.enumerate())
    with a_server() as server, a_client(server):
        port = server.port
    wait_until(lambda: set(threading.enumerate()) <= before)
    for opened in web.open_sockets(WebAddress(port)):
        opened.close()
