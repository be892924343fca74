"""Who may listen: this machine's programs and pages, and nobody whom a browser brings from elsewhere."""

from __future__ import annotations

from contextlib import closing

import pytest
from web_world import a_server, free_port, get, one_scene, say, status_of, upgrade

from posekit.outputs.web.address import WebAddress
from posekit.outputs.web.door import Door, own_names, page_origin
from posekit.outputs.web.server import WebServer

DOOR = Door(names=frozenset({"studio", "studio.local"}))

PROGRAMS = {
    "a program": {"host": "127.0.0.1:8080"},
    "a program that says localhost": {"host": "localhost:8080"},
    "a program by IPv6": {"host": "[::1]:8080"},
    "another computer, by address": {"host": "192.168.0.5:8080"},
    "another computer, by name": {"host": "studio.local:8080"},
    "a port that is passed on": {"host": "localhost:9999"},
    "a last dot": {"host": "localhost.:8080"},
}
PAGES = {
    "a page of a server on this machine": {"origin": "http://localhost:5500"},
    "the same by address": {"origin": "http://127.0.0.1:3000"},
    "over TLS": {"origin": "https://localhost"},
    "by IPv6": {"origin": "http://[::1]:5173"},
    "our own page": {"origin": "http://127.0.0.1:8080", "sec-fetch-site": "same-origin"},
    "a page of this machine, in the network": {"host": "192.168.0.5:8080", "origin": "http://192.168.0.5"},
    "a picture in our own page": {"sec-fetch-site": "same-origin", "referer": "http://127.0.0.1:8080/"},
    "an address that was typed": {"sec-fetch-site": "none"},
    "a picture in a local page": {"sec-fetch-site": "cross-site", "referer": "http://localhost:5500/a.html"},
}
STRANGERS = {
    "a web site": {"origin": "https://evil.example"},
    "one that looks like us": {"origin": "https://localhost.evil.example"},
    "one that ends like us": {"origin": "https://evil-localhost"},
    "a page from disk, or a frame that hides": {"origin": "null"},
    "an empty origin": {"origin": ""},
    "no URL": {"origin": "http://[::1"},
    "another scheme": {"origin": "chrome-extension://127.0.0.1"},
    "user and password": {"origin": "http://127.0.0.1@evil.example"},
    "what some would read as localhost": {"origin": "http://evil.example\\@localhost"},
    "something hidden in it": {"origin": "http://local\thost"},
    "two at once": {"origin": "https://evil.example, http://localhost"},
    "a file, as some browsers say": {"origin": "file://"},
    "a foreign name for us": {"host": "evil.example:8080"},
    "a foreign name for us, with its page": {"host": "evil.example", "origin": "http://evil.example"},
    "a name like ours": {"host": "studio.local.evil.example"},
    "no name at all": {"host": ""},
    "nothing": {"host": "["},
    "a picture in a web site": {"sec-fetch-site": "cross-site", "referer": "https://evil.example/"},
    "a picture in a page that hides": {"sec-fetch-site": "cross-site"},
    "a page of another machine": {"host": "192.168.0.5:8080", "origin": "http://192.168.0.6"},
}


def headers(case: dict[str, str]) -> dict[str, str]:
    return {"host": "127.0.0.1:8080", **case}


@pytest.mark.parametrize("who", [*PROGRAMS, *PAGES])
def test_this_machine_and_its_pages_come_in(who: str) -> None:
    assert DOOR.refusal(headers({**PROGRAMS, **PAGES}[who])) is None


@pytest.mark.parametrize("who", STRANGERS)
def test_strangers_do_not(who: str) -> None:
    refusal = DOOR.refusal(headers(STRANGERS[who]))
    assert refusal is not None
    assert "refused" in refusal


def test_whom_the_owner_names_comes_in() -> None:
    door = Door(frozenset({"https://preview.p5js.org", "null"}))
    assert door.refusal(headers({"origin": "https://preview.p5js.org"})) is None
    assert door.refusal(headers({"origin": "HTTPS://preview.p5js.org"})) is None
    assert door.refusal(headers({"origin": "null"})) is None
    assert door.refusal(headers({"sec-fetch-site": "cross-site"})) is None
    assert door.refusal(headers({"origin": "https://p5js.org"})) is not None
    # A name for us that is not ours stays refused, whatever page asks.
    assert door.refusal({"host": "evil.example", "origin": "null"}) is not None


def test_what_a_stranger_calls_itself_cannot_write_on_the_terminal() -> None:
    refusal = DOOR.refusal(headers({"origin": "http://\x1b[31mred\r\n" + "x" * 500}))
    assert refusal is not None
    assert refusal.isprintable()
    assert len(refusal) < 300


def test_a_page_is_judged_by_its_origin_first() -> None:
    said = {
        "origin": "http://localhost:1",
        "sec-fetch-site": "cross-site",
        "referer": "https://evil.example/",
    }
    assert page_origin(said) == "http://localhost:1"
    assert (
        page_origin({"referer": "https://evil.example/"}) is None
    )  # a link was followed: no page that reads


def test_the_server_keeps_strangers_out_of_everything_and_tells_its_owner_once() -> None:
    told: list[str] = []
    with a_server(shares=["picture"], report=told.append) as server:
        server.publish(one_scene())
        evil = {"Origin": "https://evil.example"}
        for request in (
            *(get(path, **evil) for path in ("/", "/health", "/picture.mjpg")),
            *(upgrade(path, **evil) for path in ("/", "/tfjs", "/events", "/none")),
        ):
            answer = say(server, request)
            assert status_of(answer) == 403
            assert b"if it is yours: --web-origin https://evil.example" in answer
            assert b"access-control" not in answer.lower()
        assert status_of(say(server, get("/health", Host="rebound.example:8080"))) == 403
        assert server.hub.boxes == set()
    assert [line.partition(";")[0] for line in told] == [
        "web: a page from https://evil.example was refused",
        "web: a request for rebound.example:8080 was refused",
    ]


def test_a_thousand_strangers_do_not_fill_the_terminal() -> None:
    told: list[str] = []
    with a_server(report=told.append) as server:
        for number in range(60):
            assert status_of(say(server, get(Origin=f"https://evil{number}.example"))) == 403
    assert 1 <= len(told) <= 20


def test_a_page_that_was_let_in_may_read_what_it_gets() -> None:
    with a_server(origins=["null"]) as server:
        answer = say(server, get("/health", Origin="null")).lower()
        assert b"access-control-allow-origin: null\r\n" in answer
        assert b"vary: origin\r\n" in answer
        # A program needs no leave.
        assert b"access-control" not in say(server, get("/health")).lower()


def test_an_origin_that_is_said_twice_is_none() -> None:
    with a_server() as server:
        twice = get().replace(
            b"\r\n\r\n", b"\r\nOrigin: https://evil.example\r\nOrigin: http://localhost\r\n\r\n"
        )
        assert status_of(say(server, twice)) == 403


def test_nobody_comes_to_loopback_by_the_name_that_a_network_gave() -> None:
    (name, *_) = own_names()
    page = get(Host=f"{name}:80", Origin=f"http://{name}")
    with a_server() as server:
        assert status_of(say(server, page)) == 403
    with closing(WebServer(WebAddress(free_port(), "0.0.0.0"))) as server:
        assert status_of(say(server, page)) == 200


def test_a_web_socket_is_not_opened_for_a_name_that_is_not_ours() -> None:
    with a_server() as server:
        assert status_of(say(server, upgrade(Host="evil.example"))) == 403
        answer = say(server, upgrade(Host="evil.example", Origin="http://evil.example"))
        assert status_of(answer) == 403
        assert server.hub.boxes == set()
