"""The status page's API: what it answers, and what it hands to the show."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import replace

import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families
from status_world import NOON, TROUBLE, ZONES, ADesk, SomeRecords, a_page, a_state, ask, until
from web_world import one_scene, upgrade
from websockets.sync.client import connect

from posekit.clock import ManualClock
from posekit.errors import OutputError
from posekit.scene import ZoneEvent, ZoneState
from posekit.show.actions import ACTIONS
from posekit.status.checks import fault_of
from posekit.status.live import GRAIN, MISSING, write_scene
from posekit.status.openapi import codes_of, describe
from posekit.status.routes import LIVE, ROUTES, find_route, methods_of
from posekit.status.server import StatusServer


@pytest.fixture(scope="module")
def served():
    """Return a page with everything, and its desk."""
    desk = ADesk()
    with a_page(desk, records=SomeRecords()) as page:
        yield page, desk


@pytest.fixture
def page(served) -> StatusServer:
    served[1].asked.clear()
    served[0]._serving._application._writes._known.clear()
    served[0]._serving._application._reads._known.clear()
    return served[0]


@pytest.fixture
def desk(served) -> ADesk:
    return served[1]


def test_everything_that_can_be_read_fits_its_own_description(page) -> None:
    read = [route for route in ROUTES if route.method == "GET" and "preview" not in route.path]
    assert len(read) == 12
    for route in read:
        answer = ask(page, route.path)
        assert answer.code == 200, (route.path, answer)
        assert answer.headers["content-type"] == route.media_type
        assert answer.headers["cache-control"] == "no-store"
        if route.answer:
            assert fault_of(answer.json, route.answer) is None, route.path


def test_the_description_is_the_table_of_routes(page) -> None:
    described = ask(page, "/openapi.json").json
    assert described == describe("0.1.0", needs_token=False)
    told = {(method.upper(), path) for path, ways in described["paths"].items() for method in ways}
    assert told == {(route.method, route.path) for route in ROUTES}
    assert len(told) == len(ROUTES) == 19
    for route in ROUTES:
        path = route.path.replace("{name}", "x")
        found = find_route(route.method, path)
        assert found is not None
        assert found[0] is route
        assert hasattr(page._api, route.handler)
        told_codes = set(described["paths"][route.path][route.method.lower()]["responses"])
        assert told_codes == {str(code) for code in (route.code, *codes_of(route, needs_token=False))}
        assert route.method in methods_of(path)


def test_health_is_for_monitors_and_tells_strangers_no_details() -> None:
    desk, clock = ADesk(), ManualClock()
    with a_page(desk, token="t" * 20, clock=clock) as page:
        well = ask(page, "/healthz")
        assert (well.code, well.json) == (200, {"healthy": True, "troubles": []})
        desk.now = a_state(troubles=(TROUBLE, replace(TROUBLE, name="slow", severity="notice")))
        ill = ask(page, "/healthz")
        assert ill.code == 503
        means = "the camera's picture is black"
        assert ill.json == {"healthy": False, "troubles": [{"name": "camera_black", "means": means}]}
        assert b"cap is on" not in ill.data
        desk.now = a_state()
        clock.advance(9)
        assert ask(page, "/healthz").code == 200
        clock.advance(11)
        stuck = ask(page, "/healthz")
        assert stuck.code == 503
        assert [one["name"] for one in stuck.json["troubles"]] == ["supervisor_stuck"]


def test_metrics_are_read_by_prometheus(page) -> None:
    answer = ask(page, "/metrics")
    families = {one.name: one for one in text_string_to_metric_families(answer.data.decode())}
    values = {
        name: {tuple(one.labels.values()): one.value for one in families[name].samples} for name in families
    }
    assert values["posekit_fps"] == {(): 29.8}
    assert values["posekit_latency_seconds"] == {(): pytest.approx(0.0412)}
    assert values["posekit_people"] == {(): 2}
    assert values["posekit_visits_today"] == {(): 87}
    assert values["posekit_part_restarts"] == {("engine",): 1, ("window",): 0, ("curtain",): 0}
    assert values["posekit_part_memory_bytes"][("engine",)] == 412_000_000
    assert values["posekit_trouble"][("camera_black",)] == 0
    assert len(values["posekit_trouble"]) >= 16
    assert values["posekit_phase"][("open",)] == 1
    assert sum(values["posekit_phase"].values()) == 1
    assert values["posekit_disk_free_bytes"] == {(): 41e9}


def test_every_action_reaches_the_desk_with_its_value(page, desk) -> None:
    values = {
        "blackout": True,
        "test-card": False,
        "pause": None,
        "parameter": {"name": "speed", "value": 2.5},
        "preset": "late",
        "zones": ZONES,
        "ignore": "0,0,0.2,1",
        "estimator": "movenet",
    }
    restarts = [name for name in ACTIONS if name.startswith("restart")]
    assert len(restarts) == 3
    for name in ACTIONS:
        answer = ask(page, f"/api/actions/{name}", "POST", {"value": values.get(name)})
        assert (answer.code, answer.json) == (202, {"asked": name})
    assert [one[0] for one in desk.asked] == list(ACTIONS)
    assert {one[2] for one in desk.asked} == {"page"}
    assert {name: value for name, value, _ in desk.asked}["preset"] == "late"
    again = ask(page, "/api/actions/restart", "POST", {})
    assert again.code == 429
    assert 1 <= int(again.headers["retry-after"]) <= 10


WRONG = [
    ("POST", "/api/actions/explode", {}, 404, "unknown action"),
    ("POST", "/api/actions/restrat", {}, 404, "did you mean 'restart'"),
    ("POST", "/api/actions/blackout", {"value": 3}, 422, "true or false"),
    ("POST", "/api/actions/reload", {"value": True}, 422, "takes no value"),
    ("POST", "/api/actions/reload", {"valeu": True}, 422, "nobody knows"),
    ("POST", "/api/actions/zones", {"value": [{"name": "a b", "points": []}]}, 422, "name"),
    ("POST", "/api/actions/parameter", {"value": {"name": "speed"}}, 422, "has no value"),
    ("PUT", "/api/parameters/sped", {"value": 1}, 404, "did you mean 'speed'"),
    ("PUT", "/api/parameters/speed", {"value": "fast"}, 422, "something else"),
    ("PUT", "/api/parameters/speed", {"value": True}, 422, "something else"),
    ("PUT", "/api/parameters/speed", {"value": 7777}, 422, "goes from"),
    ("PUT", "/api/parameters/speed", {"value": -7777}, 422, "goes from"),
    ("POST", "/api/actions/parameter", {"value": {"name": "sped", "value": 1}}, 404, "did you mean 'speed'"),
    ("POST", "/api/actions/parameter", {"value": {"name": "speed", "value": 7777}}, 422, "goes from"),
    ("POST", "/api/actions/parameter", {"value": {"name": "speed"}}, 422, "has no value"),
    ("POST", "/api/actions/preset", {"value": 7}, 404, "saved are 1 (morning), 2 (late)"),
    ("POST", "/api/actions/preset", {"value": "evening"}, 404, "there is no preset 'evening'"),
    ("PUT", "/api/parameters/mood", {"value": "sad"}, 422, "one of calm, wild"),
    ("PUT", "/api/parameters/speed", {}, 422, "has no value"),
    ("PUT", "/api/zones", {"zones": [{"name": "a", "points": [[0, 0], [1, 1]]}]}, 422, "3 or more"),
    ("PUT", "/api/zones", {"zones": [{"name": "a", "points": [[0, 0], [1, 1], [2, 2]]}]}, 422, "one line"),
    ("PUT", "/api/zones", {"zones": [{"name": "a", "points": [[0, 0], [1, 9], [2, 2]]}]}, 422, "from -1"),
    ("PUT", "/api/zones", {"zones": ZONES * 2}, 422, "two zones"),
    ("PUT", "/api/zones", {"zones": [{**ZONES[0], "name": f"z{at}"} for at in range(65)]}, 422, "64 at most"),
    ("PUT", "/api/zones", {"zones": ZONES, "version": "old"}, 409, "somebody else"),
    ("PUT", "/api/ignore", {"ignore": "the door"}, 422, "no place to ignore"),
    ("PUT", "/api/ignore", {"ignore": 7}, 422, "text"),
    ("PUT", "/api/ignore", [], 422, "object"),
    ("GET", "/api/counts?day=yesterday", None, 400, "2026-03-01"),
    ("GET", "/api/counts?week=1", None, 400, "cannot be asked for"),
    ("GET", "/api/log?count=0", None, 400, "1 to 500"),
    ("GET", "/api/log?severity=bad", None, 400, "notice or fault"),
    ("GET", "/api/log?count=1&count=2", None, 400, "twice"),
    ("GET", "/api/nothing", None, 404, "openapi"),
    ("GET", "/api/preview.jpg", None, 404, "the owner can allow it"),
    ("DELETE", "/api/zones", None, 405, "GET or PUT"),
    ("POST", "/", None, 405, "GET"),
]


@pytest.mark.parametrize(("method", "path", "body", "code", "words"), WRONG)
def test_what_cannot_be_is_said_in_a_sentence(page, desk, method, path, body, code, words) -> None:
    answer = ask(page, path, method, body)
    assert answer.code == code, answer.data
    assert words in answer.json["error"]
    assert desk.asked == []
    if code == 405:
        assert answer.headers["allow"]


def test_zones_are_read_changed_and_not_overwritten_by_somebody_who_read_older_ones(page, desk) -> None:
    before = ask(page, "/api/zones").json
    desk.watched = [dict(ZONES[0])]
    version = ask(page, "/api/zones").json["version"]
    zones = [{"name": "door", "points": [[0, 0], [0.2, 0], [0.2, 1]]}]
    assert ask(page, "/api/zones", "PUT", {"zones": zones, "version": version}).code == 202
    assert desk.asked[-1][0] == "zones"
    assert desk.watched[0]["what"] == "feet"
    assert ask(page, "/api/zones", "PUT", {"zones": [], "version": version}).code == 409
    assert ask(page, "/api/zones", "PUT", {"zones": []}).code == 202
    assert ask(page, "/api/zones").json["zones"] == []
    desk.watched = before["zones"]


def test_ignored_places_are_told_as_text_and_as_polygons(page, desk) -> None:
    assert ask(page, "/api/ignore", "PUT", {"ignore": "0,0,0.2,1; 0.5,0.5 0.7,0.5 0.6,0.9"}).code == 202
    told = ask(page, "/api/ignore").json
    assert told["shapes"][1] == [[0.5, 0.5], [0.7, 0.5], [0.6, 0.9]]
    assert [len(shape) for shape in told["shapes"]] == [4, 3]
    assert ask(page, "/api/ignore", "PUT", {"ignore": None}).code == 202
    assert ask(page, "/api/ignore").json["shapes"] == []
    assert desk.ignored is None


def test_a_show_without_records_or_with_a_slow_disk_says_so() -> None:
    class Slow(SomeRecords):
        def log(self, count, severity=None):
            raise OutputError("the disk is gone")

    with a_page() as page:
        assert ask(page, "/api/counts").code == 503
        assert ask(page, "/api/state").json["has_records"] is False
    with a_page(records=Slow()) as page:
        answer = ask(page, "/api/log")
        assert (answer.code, answer.json) == (503, {"error": "the disk is gone"})


def test_a_picture_is_shown_only_where_the_owner_allows_it_and_made_once_for_all() -> None:
    made = []

    def picture():
        made.append(threading.current_thread().name)
        return np.full((48, 64, 3), 90, np.uint8)

    clock = ManualClock()
    with a_page(preview=picture, clock=clock) as page:
        answers = [ask(page, "/api/preview.jpg") for _ in range(5)]
        assert {one.code for one in answers} == {200}
        assert answers[0].headers["content-type"] == "image/jpeg"
        assert answers[0].data.startswith(b"\xff\xd8")
        assert len(made) == 1
        assert made[0].startswith("posekit-status"), "it is encoded off the loop"
        clock.advance(1)
        ask(page, "/api/preview.jpg")
        assert len(made) == 2
    with a_page(preview=lambda: None) as page:
        assert ask(page, "/api/preview.jpg").code == 503


def test_whoever_watches_hears_scenes_events_and_the_state() -> None:
    desk = ADesk()
    with a_page(desk) as page, connect(f"ws://127.0.0.1:{page.port}{LIVE}") as client:
        assert json.loads(client.recv(5))["state"]["name"] == "Ribbons"
        until(lambda: page.watchers == 1)
        where = ZoneState("stage", (7,))
        event = ZoneEvent(name="zone_enter", person_id=7, slot=1, time=1.0, zone="stage", occupancy=1)
        page.publish(one_scene(3.0, zones=(where,)), (event,))
        scene, happened = json.loads(client.recv(5)), json.loads(client.recv(5))
        assert scene["kind"] == "scene"
        assert scene["zones"] == {"stage": 1}
        assert len(scene["people"][0]["points"]) == 34
        assert happened["kind"] == "event"
        assert happened["event"]["zone"] == "stage"
        assert happened["event"]["name"] == "stage_enter"
        desk.now = replace(desk.now, time=NOON + 1, phase="closed")
        assert json.loads(client.recv(5))["state"]["phase"] == "closed"
    with a_page(desk) as page, connect(f"ws://127.0.0.1:{page.port}{LIVE}") as client:
        until(lambda: page.watchers == 1)
        page.close()
        for _ in client:
            pass
        assert client.close_code == 1001


def test_a_name_that_is_no_utf8_ends_up_as_a_question_mark_and_ends_nothing() -> None:
    # So Python spells the file name b"caf\xe9.png", which a camera's maker or an old disk may have given.
    broken = replace(TROUBLE, sentence="the sketch: cannot open caf\udce9.png")
    desk = ADesk()
    desk.now = a_state(troubles=(broken,), name="caf\udce9", sketch="\ud83d.py")
    desk.watched = [{**ZONES[0], "name": "\udce9"}]
    with a_page(desk) as page, connect(f"ws://127.0.0.1:{page.port}{LIVE}") as client:
        told = json.loads(client.recv(5))["state"]
        assert told["troubles"][0]["sentence"] == "the sketch: cannot open caf?.png"
        page.publish(one_scene(1.0, zones=(ZoneState("\udce9", (1,)),)))
        assert json.loads(client.recv(5))["zones"] == {"?": 1}
        assert ask(page, "/api/state").json["sketch"] == told["sketch"] == "?.py"
        assert ask(page, "/api/zones").json["zones"][0]["name"] == "?"


def test_a_scene_is_written_in_whole_ten_thousandths_and_what_is_not_seen_stands_out() -> None:
    from builders import a_person, a_pose, a_scene

    person = a_person(3, 2, a_pose(0.25, 0.5, missing=["left_wrist"]))
    told = json.loads(write_scene(a_scene(person, time=1.25, size=(640, 480))))
    points = told["people"][0]["points"]
    assert points[:2] == [0.25 * GRAIN, 0.5 * GRAIN]
    assert points[18:20] == [MISSING, MISSING]
    assert (told["size"], told["time"], told["people"][0]["slot"]) == ([640, 480], 1.25, 2)


def test_publishing_costs_next_to_nothing() -> None:
    with a_page() as page:
        scenes = [one_scene(float(at)) for at in range(600)]

        def cost() -> float:
            costs = []
            for scene in scenes:
                start = time.perf_counter()
                page.publish(scene)
                costs.append(time.perf_counter() - start)
                time.sleep(0.0005)
            return float(np.median(costs))

        alone = cost()
        with connect(f"ws://127.0.0.1:{page.port}{LIVE}") as client:
            threading.Thread(target=lambda: list(client), daemon=True).start()
            until(lambda: page.watchers == 1)
            watched = cost()
    print(f"publish: {alone * 1e6:.1f} us alone, {watched * 1e6:.1f} us watched")
    assert alone < 2e-4
    assert watched < 2e-4


def test_upgrade_elsewhere_is_refused(page) -> None:
    from web_world import say, status_of

    assert status_of(say(page, upgrade("/api/state"))) == 404
