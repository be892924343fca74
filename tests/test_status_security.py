"""Who may ask the status page, and what strangers may do to it."""

from __future__ import annotations

import gc
import json
import os
import random
import re
import socket
import threading
import time
from contextlib import ExitStack, suppress

import psutil
import pytest
from builders import a_person, a_scene
from status_world import TOKEN, ADesk, SomeRecords, a_page, ask, until
from web_world import a_stuck_client, free_port, get, hear_out, one_scene, say, status_of, upgrade
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from posekit.clock import ManualClock, ManualWall
from posekit.errors import OutputError, SettingsError
from posekit.outputs.web.address import WebAddress
from posekit.status.access import SESSION_DAYS
from posekit.status.asking import LARGEST_BODY
from posekit.status.limits import Breath, Buckets, client_of
from posekit.status.opening import check_status, open_status
from posekit.status.pages import TABLE
from posekit.status.routes import LIVE, ROUTES
from posekit.status.server import StatusServer
from posekit.status.site import READS_AT_ONCE, WATCHERS, WRITES_AT_ONCE

SECONDS = float(os.environ.get("POSEKIT_SOAK_SECONDS", "60"))


# -- before it starts


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "::", "studio.local"])
def test_on_another_address_than_loopback_a_token_is_required(host: str) -> None:
    with pytest.raises(SettingsError) as refused:
        StatusServer(ADesk(), WebAddress(8090, host))
    assert "needs a token" in str(refused.value)
    assert "secrets.token_urlsafe(24)" in str(refused.value)
    assert "secrets.env" in str(refused.value)


@pytest.mark.parametrize("token", ["short", "with a space in it " * 2, "ümläut" * 5])
def test_a_weak_token_is_refused(token: str) -> None:
    with pytest.raises(SettingsError, match="16 or more plain letters"):
        StatusServer(ADesk(), WebAddress(free_port()), token=token)


def test_what_the_show_file_says_is_checked_before_the_start(monkeypatch) -> None:
    assert check_status("off", None) is None
    assert check_status("127.0.0.1:8090", None) == WebAddress(8090, "127.0.0.1")
    with pytest.raises(SettingsError, match=r"\[status\] address is PORT"):
        check_status("here", None)
    with pytest.raises(SettingsError, match="needs a token"):
        check_status("0.0.0.0:8090", "")
    told: list[str] = []
    port = free_port()
    server = open_status(str(port), ADesk(), report=told.append, preview=lambda: None)
    assert server is not None
    try:
        assert told[0] == f"the status page is at http://127.0.0.1:{port}/, for this machine only"
        assert "camera's picture" in told[1]
        with pytest.raises(OutputError, match=rf"port {port} is in use .*\[status\] address = {port + 1}"):
            open_status(str(port), ADesk())
    finally:
        server.close()
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "prometheus_client" else 1)
    with pytest.raises(SettingsError, match="needs prometheus-client; pip install"):
        check_status("8090", None)


# -- the token


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def wall() -> ManualWall:
    return ManualWall(1_772_366_400.0)


@pytest.fixture
def locked(clock, wall, monkeypatch):
    """Return a page that needs a token."""
    monkeypatch.setattr("posekit.status.site.WRONG_TOKEN_SECONDS", 0.01)
    with a_page(ADesk(), token=TOKEN, records=SomeRecords(), clock=clock, wall=wall) as page:
        yield page


def test_without_the_token_nothing_is_told_but_health_and_the_empty_page(locked) -> None:
    for route in ROUTES:
        path = route.path.replace("{name}", "speed")
        answer = ask(locked, path, route.method, {} if route.body is not None else None)
        if route.is_public:
            assert answer.code != 401
        else:
            assert answer.code == 401, path
            assert answer.headers["www-authenticate"].startswith("Bearer")
            assert "Ribbons" not in answer.data.decode()
    assert {route.path for route in ROUTES if route.is_public} == {"/healthz", "/api/login", "/api/logout"}
    for path in TABLE:
        answer = ask(locked, path)
        assert answer.code == 200
        assert b"Ribbons" not in answer.data
    with pytest.raises(InvalidStatus) as refused, connect(f"ws://127.0.0.1:{locked.port}{LIVE}"):
        pass
    assert refused.value.response.status_code == 401


def test_the_token_opens_everything_as_a_header(locked) -> None:
    assert ask(locked, "/api/state", token=TOKEN).code == 200
    assert ask(locked, "/metrics", token=TOKEN).code == 200
    headers = {"authorization": f"Bearer {TOKEN}"}
    with connect(f"ws://127.0.0.1:{locked.port}{LIVE}", additional_headers=headers) as client:
        assert json.loads(client.recv(5))["kind"] == "state"


def test_the_form_opens_a_session_that_is_not_the_token(locked, wall) -> None:
    assert ask(locked, "/api/login", "POST", {"token": "not this one, surely"}).code == 401
    answer = ask(locked, "/api/login", "POST", {"token": TOKEN})
    assert answer.code == 200
    cookie = answer.headers["set-cookie"]
    assert TOKEN not in cookie
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
    session = cookie.split(";")[0]
    assert session.startswith(f"posekit_{locked.port}=")
    assert ask(locked, "/api/state", cookie=session).code == 200
    with connect(f"ws://127.0.0.1:{locked.port}{LIVE}", additional_headers={"cookie": session}) as client:
        assert json.loads(client.recv(5))["kind"] == "state"
    flipped = session[:-1] + ("0" if session[-1] != "0" else "1")
    later = session.replace("=6", "=7", 1)
    for wrong in (
        flipped,
        later,
        session.split(".")[0],
        "posekit_1=x",
        "posekit=;;;=",
        f"{session}{session}",
    ):
        assert wrong != session
        assert ask(locked, "/api/state", cookie=wrong).code == 401, wrong
    assert "Max-Age=0" in ask(locked, "/api/logout", "POST", {}).headers["set-cookie"]
    wall.seconds += SESSION_DAYS * 86400 + 10
    assert ask(locked, "/api/state", cookie=session).code == 401


def test_wrong_tokens_are_counted_and_the_right_one_waits_with_them(locked, clock) -> None:
    codes = [ask(locked, "/api/state", token=f"wrong-{at:020d}").code for at in range(8)]
    assert codes == [401] * 5 + [429] * 3
    refused = ask(locked, "/api/state", token=TOKEN)
    assert refused.code == 429
    assert 1 <= int(refused.headers["retry-after"]) <= 12
    assert ask(locked, "/api/login", "POST", {"token": TOKEN}).code == 429
    clock.advance(12.5)
    assert ask(locked, "/api/login", "POST", {"token": TOKEN}).code == 200


def test_a_session_goes_on_while_somebody_guesses(locked, clock) -> None:
    session = ask(locked, "/api/login", "POST", {"token": TOKEN}).headers["set-cookie"].split(";")[0]
    for at in range(8):
        ask(locked, "/api/login", "POST", {"token": f"wrong-{at:020d}"})
    assert ask(locked, "/api/login", "POST", {"token": TOKEN}).code == 429
    assert ask(locked, "/api/state", cookie=session).code == 200


def test_a_wrong_token_takes_a_while() -> None:
    with a_page(token=TOKEN) as page:
        start = time.monotonic()
        assert ask(page, "/api/state", token="wrong" * 5).code == 401
        assert time.monotonic() - start > 0.4


# -- other pages, other hosts


@pytest.fixture(scope="module")
def open_page():
    desk = ADesk()
    with a_page(desk, records=SomeRecords()) as page:
        yield page, desk


FOREIGN = [
    "https://evil.example",
    "http://localhost:3000",
    "http://127.0.0.1",
    "null",
    "http://127.0.0.1.evil.example",
]


@pytest.mark.parametrize("origin", FOREIGN)
def test_another_page_is_refused(open_page, origin: str) -> None:
    page, desk = open_page
    assert ask(page, "/api/state", origin=origin).code == 403
    answer = ask(page, "/api/actions/restart", "POST", {}, origin=origin)
    assert answer.code == 403
    assert "access-control-allow-origin" not in answer.headers
    assert ask(page, "/api/zones", "PUT", {"zones": []}, origin=origin).code == 403
    with (
        pytest.raises(InvalidStatus) as refused,
        connect(f"ws://127.0.0.1:{page.port}{LIVE}", origin=origin),
    ):
        pass
    assert refused.value.response.status_code == 403
    assert desk.asked == []


def test_our_own_page_is_not(open_page) -> None:
    page, _ = open_page
    own = f"http://127.0.0.1:{page.port}"
    assert ask(page, "/api/state", origin=own).code == 200
    with connect(f"ws://127.0.0.1:{page.port}{LIVE}", origin=own) as client:
        assert client.recv(5)


def test_a_link_from_elsewhere_shows_the_page_and_nothing_else(open_page) -> None:
    page, _ = open_page
    link = {"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate", "sec_fetch_dest": "document"}
    assert ask(page, "/", **link).code == 200
    assert ask(page, "/api/state", **link).code == 403
    assert ask(page, "/", **{**link, "sec_fetch_dest": "iframe"}).code == 403
    assert ask(page, "/", **link, host="evil.example").code == 403


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8090", "", "127.0.0.1.nip.example", "[::"])
def test_a_foreign_name_that_leads_here_is_refused(open_page, host: str) -> None:
    page, _ = open_page
    assert ask(page, "/api/state", host=host).code in (400, 403)
    assert ask(page, "/", host=host).code in (400, 403)


def test_a_plain_form_of_another_page_can_send_nothing(open_page) -> None:
    page, desk = open_page
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", ""):
        headers = {"content_type": kind} if kind else {}
        assert ask(page, "/api/actions/restart", "POST", raw=b"{}", **headers).code == 415
    assert desk.asked == []


def test_every_answer_has_the_headers_that_keep_it_in_its_place(open_page) -> None:
    page, _ = open_page
    for path in (*TABLE, "/api/state", "/healthz", "/nothing", "/api/counts.csv"):
        headers = ask(page, path).headers
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "camera=()" in headers["permissions-policy"]
        rules = headers["content-security-policy"]
        assert rules.startswith("default-src 'none'")
        assert "frame-ancestors 'none'" in rules
        assert "unsafe" not in rules
        assert headers["cache-control"] == ("no-cache" if path in TABLE else "no-store")
        assert "server" not in headers


def test_the_page_has_no_inline_script_or_style_and_fetches_nothing_from_elsewhere(open_page) -> None:
    page, _ = open_page
    for path in TABLE:
        text = ask(page, path).data.decode()
        assert not re.search(r"<style|<script(?![^>]*src=)|\sstyle=|\son\w+=\"|javascript:", text), path
        assert "innerHTML" not in text
        found = set(re.findall(r"https?://[^\"'\s`)]+", text))
        assert found <= {"http://www.w3.org/2000/svg"}, path
    again = ask(page, "/main.js")
    assert ask(page, "/main.js", if_none_match=again.headers["etag"]).code == 304


TRAVERSALS = [
    "/../pyproject.toml",
    "/..%2f..%2fetc/passwd",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/page/../server.py",
    "/....//....//etc/passwd",
    "/style.css/../server.py",
    "/style.css%00.js",
    "/..\\..\\windows\\win.ini",
    "//etc/passwd",
    "/api/../../etc/passwd",
    "/api/parameters/..%2f..%2fsecrets.env",
    "/api/actions/%2e%2e",
    "/server.py",
    "/index.html/",
    "/%ff%fe",
    "/api/parameters/" + "a" * 3000,
]


@pytest.mark.parametrize("path", TRAVERSALS)
def test_no_path_leads_out_of_the_table(open_page, path: str) -> None:
    page, _ = open_page
    answer = say(page, get(path))
    assert status_of(answer) in (400, 404, 405)
    assert b"root:" not in answer
    assert b"import" not in answer


# -- too much


def test_an_oversize_body_is_refused_whether_its_length_is_told_or_not(open_page) -> None:
    page, desk = open_page
    big = b'{"value": "' + b"x" * LARGEST_BODY + b'"}'
    assert ask(page, "/api/actions/ignore", "POST", raw=big, content_type="application/json").code == 413
    head = b"POST /api/actions/ignore HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    chunks = b"".join(b"%x\r\n%s\r\n" % (8192, b"y" * 8192) for _ in range(20)) + b"0\r\n\r\n"
    answer = say(page, head + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)
    assert status_of(answer) == 413
    with suppress(ConnectionError):  # it hangs up while we still talk
        assert status_of(say(page, head + b"Content-Length: 99999999\r\n\r\n" + b"z" * 3_000_000)) in (0, 413)
    deep = b'{"value": ' + b"[" * 5000 + b"]" * 5000 + b"}"
    for wrong in (deep, b"\xff\xfe", b'{"value": NaN}', b"{", b""):
        code = ask(page, "/api/actions/ignore", "POST", raw=wrong, content_type="application/json").code
        assert code in (400, 422), wrong[:20]
    assert desk.asked == []


def test_writing_without_end_is_slowed_down_for_that_client_alone(clock) -> None:
    desk = ADesk()
    with a_page(desk, clock=clock) as page:
        body = {"value": 1.0}
        codes = [ask(page, "/api/parameters/speed", "PUT", body).code for _ in range(WRITES_AT_ONCE + 5)]
        assert codes == [202] * WRITES_AT_ONCE + [429] * 5
        assert len(desk.asked) == WRITES_AT_ONCE
        assert ask(page, "/api/state").code == 200
        codes = [ask(page, "/api/state").code for _ in range(READS_AT_ONCE)]
        assert codes.count(429) == 1
        clock.advance(1)
        assert ask(page, "/api/parameters/speed", "PUT", body).code == 202


def test_buckets_forget_the_longest_silent_and_know_networks() -> None:
    clock = ManualClock()
    buckets = Buckets(1.0, 2, clock)
    assert [buckets.take("a") for _ in range(3)] == [0, 0, 1.0]
    clock.advance(0.25)
    assert buckets.take("a") == pytest.approx(0.75)
    for at in range(3000):
        buckets.take(str(at))
    assert len(buckets._known) <= 1024
    assert client_of(("2001:db8::1", 1)) == client_of(("2001:db8::ffff:1", 2))
    assert client_of(("192.0.2.1", 1)) != client_of(("192.0.2.2", 1))
    assert client_of(("::1", 1)) == "::1"
    assert client_of(None) == "nobody"


def test_the_thread_rests_when_it_has_taken_more_than_its_share() -> None:
    breath = Breath(0.2)
    start, spent = time.perf_counter(), time.thread_time()
    while time.perf_counter() - start < 0.8:
        breath()
        sum(range(2000))
    share = (time.thread_time() - spent) / (time.perf_counter() - start)
    print(f"share of a core: {share:.2f}")
    assert share < 0.35


def test_slow_clients_hold_no_place_and_no_memory(monkeypatch) -> None:
    monkeypatch.setattr("posekit.outputs.web.guard.REQUEST_SECONDS", 0.4)
    monkeypatch.setattr("posekit.status.asking.BODY_SECONDS", 0.4)
    half_body = (
        b"PUT /api/zones HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        b"Content-Length: 500\r\n\r\n{"
    )
    with a_page() as page, ExitStack() as stack:
        slow = []
        for half in [b"GET /api/st", b"GET / HTTP/1.1\r\nX: ", half_body] * 20:
            client = stack.enter_context(socket.create_connection(("127.0.0.1", page.port), timeout=5))
            client.sendall(half)
            slow.append((client, half))
        assert ask(page, "/healthz").code == 200
        for client, half in slow:
            heard = hear_out(client)
            assert heard == b"" or (half == half_body and status_of(heard) in (400, 429))


def test_whoever_keeps_his_body_back_gives_way_to_newcomers() -> None:
    half_login = (
        b"POST /api/login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        b"Content-Length: 40\r\n\r\n{"
    )
    with a_page(token=TOKEN) as page, ExitStack() as stack:
        page._serving._guard._limit = 8
        headers = {"authorization": f"Bearer {TOKEN}"}
        watching = f"ws://127.0.0.1:{page.port}{LIVE}"
        watcher = stack.enter_context(connect(watching, additional_headers=headers))
        assert json.loads(watcher.recv(5))["kind"] == "state"
        for _ in range(20):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", page.port), timeout=5))
            client.sendall(half_login)
            assert ask(page, "/healthz").code == 200
        assert ask(page, "/api/login", "POST", {"token": TOKEN}).code == 200
        assert page.watchers == 1


def test_a_body_that_is_slow_is_told_so_and_one_that_comes_in_parts_is_taken(monkeypatch) -> None:
    monkeypatch.setattr("posekit.outputs.web.guard.REQUEST_SECONDS", 0.3)
    monkeypatch.setattr("posekit.status.asking.BODY_SECONDS", 0.4)
    head = b"POST /api/logout HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    with a_page() as page:
        assert status_of(say(page, head + b"Content-Length: 40\r\n\r\n{")) == 400
        with socket.create_connection(("127.0.0.1", page.port), timeout=5) as client:
            client.sendall(head + b"Content-Length: 2\r\n\r\n{")
            assert ask(page, "/healthz").code == 200
            client.sendall(b"}")
            assert status_of(hear_out(client)) == 200


def hang_up(client: socket.socket) -> None:
    with suppress(OSError):
        client.shutdown(socket.SHUT_RDWR)


def watchers_that_never_read(page, stack: ExitStack, count: int) -> tuple[int, int]:
    """Let many watch, of whom half never read; return how many got in and how many were sent away."""
    inside = turned_away = 0
    for at in range(count):
        if at % 2:
            client = stack.enter_context(a_stuck_client(page, upgrade(LIVE)))
            client.settimeout(5)
            answer = client.recv(64)
        else:
            client = stack.enter_context(socket.create_connection(("127.0.0.1", page.port), timeout=5))
            client.sendall(upgrade(LIVE))
            answer = client.recv(64)
            reader = threading.Thread(target=hear_out, args=(client,))
            reader.start()
            stack.callback(reader.join, 5)
            stack.callback(hang_up, client)
        inside += answer.startswith(b"HTTP/1.1 101")
        turned_away += answer.startswith(b"HTTP/1.1 503")
    return inside, turned_away


def test_two_hundred_watchers_of_whom_half_never_read_cost_little() -> None:
    crowd = [a_person(at, at, x=at / 12) for at in range(1, 11)]
    with a_page() as page, ExitStack() as stack:
        page.publish(a_scene(*crowd, time=0.0))
        inside, turned_away = watchers_that_never_read(page, stack, 200)
        assert inside == WATCHERS // 2, "one client has half of the places"
        assert turned_away == 200 - inside
        gc.collect()
        before = psutil.Process().memory_info().rss
        longest = 0.0
        for at in range(600):
            start = time.perf_counter()
            page.publish(a_scene(*crowd, time=float(at)))
            longest = max(longest, time.perf_counter() - start)
            time.sleep(0.003)
        gc.collect()
        grown = (psutil.Process().memory_info().rss - before) / 1e6
        print(f"grown by {grown:.1f} MB, longest publish {longest * 1e3:.1f} ms")
        assert grown < 25
        assert ask(page, "/healthz").code == 200


def test_noise_on_the_socket_is_no_news() -> None:
    told: list[str] = []
    source = random.Random(8)
    with a_page(report=told.append) as page:
        for _ in range(60):
            text = source.randbytes(source.randrange(1, 2000))
            if source.random() < 0.5:
                text = b"POST /api/actions/restart HTTP/1.1\r\nHost: 127.0.0.1\r\n" + text + b"\r\n\r\n"
            with suppress(OSError), socket.create_connection(("127.0.0.1", page.port), timeout=1) as client:
                client.sendall(text)
                client.shutdown(socket.SHUT_WR)
                assert b"Traceback" not in hear_out(client)
        assert ask(page, "/healthz").code == 200
    assert told == []


@pytest.mark.soak
def test_a_storm_of_noise_leaves_nothing_behind() -> None:
    told: list[str] = []
    desk = ADesk()
    with a_page(desk, report=told.append, records=SomeRecords()) as page:
        end = time.monotonic() + SECONDS

        def storm(seed: int) -> None:
            source = random.Random(seed)
            good = [get("/api/state"), get("/"), upgrade(LIVE), get("/metrics")]
            while time.monotonic() < end:
                text = bytearray(source.choice(good))
                for _ in range(source.randrange(8)):
                    text[source.randrange(len(text))] = source.randrange(256)
                text += source.randbytes(source.randrange(200))
                with (
                    suppress(OSError),
                    socket.create_connection(("127.0.0.1", page.port), timeout=0.2) as client,
                ):
                    client.sendall(bytes(text))
                    client.recv(4096)

        threads = [threading.Thread(target=storm, args=(seed,)) for seed in (1, 2)]
        for thread in threads:
            thread.start()
        sizes = []
        while time.monotonic() < end:
            page.publish(one_scene(time.monotonic()))
            time.sleep(0.01)
            sizes.append(psutil.Process().memory_info().rss)
        for thread in threads:
            thread.join()
        until(lambda: page.watchers == 0, 30)
        assert ask(page, "/healthz").code == 200
    grown = (sizes[-1] - sizes[len(sizes) // 3]) / 1e6
    print(f"grown by {grown:.1f} MB")
    assert grown < 20
    assert [line for line in told if "refused" not in line] == []
    assert desk.asked == []
