"""A session of the status page, from the login to its end: beside foreign cookies, while others guess."""

from __future__ import annotations

import json
import socket
from contextlib import ExitStack

import pytest
from status_world import NOON, TOKEN, a_page, ask, until
from web_world import hear_out, status_of
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from posekit.clock import ManualClock, ManualWall
from posekit.status import access, site
from posekit.status.access import WRONG_AT_ONCE, Access
from posekit.status.routes import LIVE


@pytest.fixture
def wall() -> ManualWall:
    return ManualWall(NOON)


@pytest.fixture
def locked(wall, monkeypatch):
    """Return a page that needs a token, and whose clock stands still."""
    monkeypatch.setattr(site, "WRONG_TOKEN_SECONDS", 0.01)
    monkeypatch.setattr(site, "LOOK_AGAIN_SECONDS", 0.02)
    with a_page(token=TOKEN, clock=ManualClock(), wall=wall) as page:
        yield page


def log_in(page) -> str:
    """Log in; return the session as a browser sends it."""
    answer = ask(page, "/api/login", "POST", {"token": TOKEN})
    assert answer.code == 200
    return answer.headers["set-cookie"].split(";")[0]


# -- beside the cookies of others: a host has them together for all of its ports

FOREIGN = [
    "theme=dark",
    'prefs={"a":1}',
    "x=a b",
    "n=\xe9",
    'q="a',
    "bare",
    "",
    "=",
    "e=%7B@x,y",
    "big=" + "b" * 9000,
    "posekit_1=0.0",
]


@pytest.mark.parametrize("foreign", FOREIGN)
def test_a_session_counts_whatever_other_servers_of_the_machine_have_left(locked, foreign: str) -> None:
    session = log_in(locked)
    for cookie in (session, f"{foreign}; {session}", f"{session}; {foreign}", f"{foreign};{session};"):
        assert ask(locked, "/api/state", cookie=cookie).code == 200, cookie[:80]
    assert ask(locked, "/api/state", cookie=foreign).code == 401


def test_a_neighbour_who_sets_a_cookie_of_our_name_locks_nobody_out(locked) -> None:
    session = log_in(locked)
    name = session.split("=")[0]
    for junk in (f"{name}=", f"{name}=1.2.3", f"{name}=" + "0" * 9000):
        assert ask(locked, "/api/state", cookie=f"{junk}; {session}").code == 200
        assert ask(locked, "/api/state", cookie=f"{session}; {junk}").code == 200
        assert ask(locked, "/api/state", cookie=junk).code == 401


# -- its end


def test_a_logout_ends_this_session_and_no_other(locked) -> None:
    phone, desk = log_in(locked), log_in(locked)
    assert phone != desk, "two that were opened in the same second are two"
    assert ask(locked, "/api/logout", "POST", {}, cookie=phone).code == 200
    assert ask(locked, "/api/state", cookie=phone).code == 401
    assert ask(locked, "/api/state", cookie=desk).code == 200
    assert ask(locked, "/api/logout", "POST", {}, cookie=phone).code == 200, "twice is harmless"
    assert ask(locked, "/api/state", cookie=log_in(locked)).code == 200


def test_a_logout_without_a_session_ends_nothing(locked) -> None:
    session = log_in(locked)
    flipped = session[:-1] + ("0" if session[-1] != "0" else "1")
    for cookie in ("", flipped, "bare"):
        assert ask(locked, "/api/logout", "POST", {}, cookie=cookie).code == 200
    assert ask(locked, "/api/state", cookie=session).code == 200


def test_whoever_watches_with_a_session_that_ends_is_hung_up_on(locked) -> None:
    phone, desk = log_in(locked), log_in(locked)
    address = f"ws://127.0.0.1:{locked.port}{LIVE}"
    with (
        connect(address, additional_headers={"cookie": phone}) as ended,
        connect(address, additional_headers={"cookie": desk}) as other,
    ):
        assert json.loads(ended.recv(5))["kind"] == "state"
        ask(locked, "/api/logout", "POST", {}, cookie=phone)
        with pytest.raises(ConnectionClosed) as closed:
            ended.recv(5)
        assert closed.value.rcvd.reason == "the session has ended"
        until(lambda: locked.watchers == 1)
        assert json.loads(other.recv(5))["kind"] == "state"


def test_ended_sessions_are_forgotten_only_where_none_of_them_comes_back(wall, monkeypatch) -> None:
    monkeypatch.setattr(access, "ENDED_KNOWN", 3)
    mine = Access(TOKEN, 8480, ManualClock(), wall)

    def opened_later() -> dict[str, str]:
        wall.seconds += 10
        return {"cookie": mine.open_session().split(";")[0]}

    sessions = [opened_later() for _ in range(8)]
    for said in sessions[:6]:
        assert mine.has_session(said)
        mine.end_session(said)
    assert [mine.has_session(said) for said in sessions] == [False] * 6 + [True] * 2
    assert len(mine._ended) == 3
    assert mine.has_session(opened_later())


# -- while somebody guesses


def test_logins_that_are_begun_together_and_ended_late_are_no_more_tries(locked) -> None:
    tokens = [f"wrong-{at:020d}" for at in range(20)] + [TOKEN]
    bodies = [json.dumps({"token": token}).encode() for token in tokens]
    head = "POST /api/login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: "
    with ExitStack() as stack:
        clients = []
        for body in bodies:
            client = socket.create_connection(("127.0.0.1", locked.port), timeout=5)
            clients.append(stack.enter_context(client))
            client.sendall(f"{head}{len(body)}\r\n\r\n".encode())
        assert ask(locked, "/healthz").code == 200  # whoever came before it has been let in by now
        codes = []
        for client, body in zip(clients, bodies, strict=True):
            client.sendall(body)
            codes.append(status_of(hear_out(client)))
    assert codes == [401] * WRONG_AT_ONCE + [429] * (len(tokens) - WRONG_AT_ONCE)
