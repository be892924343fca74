"""Hooks: real commands and real datagrams, in order, within bounds, and without ever holding the show."""

from __future__ import annotations

import hashlib
import http.server
import re
import socket
import socketserver
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from pythonosc.osc_message import OscMessage

from posekit.clock import ManualWall
from posekit.errors import SettingsError, UnknownNameError
from posekit.gallery.hook_osc import parse_osc_word
from posekit.gallery.hooks import HOOKS, MOST_WAITING, Hooks
from posekit.show.tables import HeartbeatTable, HooksTable
from posekit.whole_file import tomllib

WAIT = 10.0


class Show:
    """A show folder with hooks, and what they said."""

    def __init__(self, folder, secrets=None, limit=5.0, **entries):
        self.folder = folder
        self.reports, self.logs = [], []
        table = HooksTable(**entries) if entries else SimpleNamespace()
        self.hooks = Hooks(
            table,
            folder,
            ManualWall(1_800_000_000.0),
            self.reports.append,
            lambda name, sentence, severity="notice", **data: self.logs.append((name, sentence, severity)),
            secrets=secrets,
            show="Ribbons",
            limit=limit,
        )

    def fire(self, name, **facts):
        self.hooks.fire(name, **facts)
        assert self.hooks.wait(WAIT)
        return self


@pytest.fixture
def show(tmp_path):
    shows = []

    def make(**settings):
        shows.append(Show(tmp_path, **settings))
        return shows[-1]

    yield make
    for each in shows:
        each.hooks.close(0.0)


@pytest.fixture
def ear():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.bind(("127.0.0.1", 0))
        opened.settimeout(WAIT)
        yield opened


def shell(script):
    return ["sh", "-c", script]


def test_commands_and_messages_happen_in_their_order(show, tmp_path, ear):
    port = ear.getsockname()[1]
    say = f"osc:127.0.0.1:{port}/amp 1 0.5 'all on' 2.0 on"
    here = show(start=[shell("sleep 0.1; echo one >> told"), shell("echo two >> told"), say])
    began = time.perf_counter()
    here.hooks.fire("start")
    assert time.perf_counter() - began < 0.1  # nobody waited
    message = OscMessage(ear.recv(1000))
    assert (tmp_path / "told").read_text() == "one\ntwo\n"  # it was the last
    assert (message.address, message.params) == ("/amp", [1, 0.5, "all on", 2.0, "on"])
    assert [type(value) for value in message.params] == [int, float, str, float, str]
    assert here.hooks.wait(WAIT)
    assert here.hooks.sentence == ""


def test_a_command_is_told_what_happened_and_runs_in_the_show_folder_without_input(show, tmp_path):
    script = (
        "import os, sys; assert sys.stdin.read() == ''; open('seen', 'w').write(os.getcwd() + chr(10) +"
        "chr(10).join(f'{k}={v}' for k, v in os.environ.items() if k.startswith('POSEKIT_')))"
    )
    show(fault=[["python", "-c", script]]).fire(
        "fault", trouble="camera_lost", sentence="no camera\0; \nlook"
    )
    seen = (tmp_path / "seen").read_text()
    assert seen.startswith(f"{tmp_path.resolve()}\n")
    for line in ("SHOW=Ribbons", "HOOK=fault", "TROUBLE=camera_lost", "TIME=2027-01-15T08:00:00+00:00"):
        assert f"POSEKIT_{line}\n" in f"{seen}\n"
    assert "POSEKIT_SENTENCE=no camera ; \nlook" in seen  # one value, never a shell's


def test_names_stand_for_secrets_that_are_never_told(show, tmp_path):
    here = show(
        open=[
            [
                *shell('echo "$1" > words; echo failed at $2; exit 3'),
                "sh",
                "$AMP_HOST; rm *",
                "key=${AMP_KEY}",
            ]
        ],
        secrets={"AMP_KEY": "correct horse", "AMP_HOST": "10.0.0.7"},
    ).fire("open")
    assert (tmp_path / "words").read_text() == "10.0.0.7; rm *\n"
    told = " ".join((here.hooks.sentence, *here.reports, *(sentence for _, sentence, _ in here.logs)))
    assert "correct horse" not in told
    assert "10.0.0.7" not in told
    assert "key=${AMP_KEY}" in told
    assert "ended with 3; it said: failed at key=$AMP_KEY" in told


def test_what_happened_is_a_word_of_a_command_or_a_shells_to_read_and_never_run(show, tmp_path):
    here = show(
        fault=[[*shell('echo "$1 / $POSEKIT_TROUBLE: $POSEKIT_SENTENCE" > words'), "sh", "$POSEKIT_SENTENCE"]]
    ).fire("fault", trouble="camera_lost", sentence="$(touch harm) $AMP_KEY")
    assert here.hooks.sentence == ""
    told = "$(touch harm) $AMP_KEY"
    assert (tmp_path / "words").read_text() == f"{told} / camera_lost: {told}\n"
    assert [path.name for path in tmp_path.iterdir()] == ["words"]


def test_a_name_that_nobody_knows_runs_nothing(show, tmp_path):
    here = show(open=[["touch", "$NO_SUCH_NAME_HERE"]]).fire("open")
    assert "$NO_SUCH_NAME_HERE is set nowhere" in here.hooks.sentence
    assert list(tmp_path.iterdir()) == []


def test_a_failure_is_told_once_and_cleared_by_the_next_success(show):
    here = show(open=[["false"]], close=[["true"]])
    here.fire("open").fire("open")
    assert here.hooks.sentence == "the hook open (false) ended with 1"
    assert here.reports == ["the hook open (false) ended with 1"]
    here.fire("close")
    assert here.hooks.sentence == ""
    assert here.reports[1:] == ["hooks work again"]
    assert [(name, severity) for name, _, severity in here.logs] == [
        ("hook", "fault"),
        ("hook", "fault"),
        ("hook", "notice"),
    ]


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        (["no-such-program-at-all"], "cannot be started (No such file or directory)"),
        (["kill-me", "\0"], "cannot be started"),
        (shell("kill -9 $$"), "was ended by signal 9"),
        ("osc:no-such-host.invalid:7000/amp 1", "cannot be found"),
    ],
)
def test_what_cannot_be_done_is_told(show, entry, sentence):
    assert sentence in show(open=[entry]).fire("open").hooks.sentence


def test_what_takes_too_long_is_ended_with_all_that_it_started(show, tmp_path):
    here = show(open=[shell("sleep 60 & echo $! > child; echo waiting; wait")], limit=0.4).fire("open")
    assert "took longer than 0.4 s and was ended; it said: waiting" in here.hooks.sentence
    child = int((tmp_path / "child").read_text())
    assert not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE


def test_a_flood_of_output_takes_no_memory_and_its_last_line_is_kept(show):
    script = "import sys; sys.stdout.write('x' * 5_000_000 + chr(10) + 'the end' + chr(7) + chr(10))"
    here = show(open=[[sys.executable, "-c", script]]).fire("open")
    assert here.logs[0][1].rstrip().endswith("is done; it said: the end")


def test_what_leaves_the_group_holds_nobody_up(show, tmp_path):
    here = show(open=[shell("setsid sleep 3 & echo gone")])
    began = time.perf_counter()
    here.fire("open")
    assert time.perf_counter() - began < 2.5
    assert here.hooks.sentence == ""


def test_who_listens_and_fails_ends_no_hook(show, tmp_path):
    """A terminal that was closed, a full disk behind stderr: what comes later still has to happen."""
    here = show(fault=[["no-such-program-at-all"]], clear=[["touch", "done"]])

    def fail(sentence):
        raise OSError(5, "Input/output error")

    here.hooks._report = fail
    here.fire("fault").fire("fault").fire("clear")
    assert (tmp_path / "done").exists()


def test_the_queue_is_bounded_and_says_so(show):
    here = show(start=[["sleep", "5"]], fault=[["true"]])
    here.hooks.fire("start")
    for _ in range(MOST_WAITING + 5):
        here.hooks.fire("fault")
    assert f"because {MOST_WAITING} wait already" in here.hooks.sentence
    assert len(here.hooks._waiting) == MOST_WAITING


def test_the_end_waits_for_its_hooks_a_moment_and_no_longer(show, tmp_path):
    here = show(start=[["sleep", "60"]], end=[["touch", "ended"], ["sleep", "60"], ["touch", "too-late"]])
    here.hooks.fire("start")
    here.hooks.fire("end")
    began = time.perf_counter()
    here.hooks.close(3.0)
    assert time.perf_counter() - began < 4.5
    here.hooks.close(3.0)
    assert (tmp_path / "ended").exists()  # although something else was still running
    assert not (tmp_path / "too-late").exists()
    assert here.reports[-1] == "hooks: 1 left out, because the show has ended"
    here.hooks.fire("open")
    assert here.hooks.is_idle


def test_a_changed_table_counts_from_the_next_time(show, tmp_path):
    here = show(open=[["touch", "before"]])
    here.hooks.use(HooksTable(open=[["touch", "after"]]))
    here.fire("open")
    assert [path.name for path in tmp_path.iterdir()] == ["after"]


def test_changed_secrets_count_from_the_next_time_and_are_not_told(show, tmp_path):
    entry = [*shell('echo "$1" > words; echo "$1"'), "sh", "$AMP_KEY"]
    here = show(open=[entry], secrets={"AMP_KEY": "correct horse"}).fire("open")
    here.hooks.use(HooksTable(open=[entry]), {"AMP_KEY": "another horse"})
    here.fire("open")
    assert (tmp_path / "words").read_text() == "another horse\n"
    assert len(here.logs) == 2
    assert "another horse" not in str(here.logs)


def test_the_table_of_a_show_file_has_just_these_hooks():
    assert tuple(HooksTable.model_fields) == HOOKS


def test_hooks_that_are_not_there_start_no_thread(show):
    here = show()
    for name in HOOKS:
        here.fire(name)
    assert here.hooks._thread is None
    with pytest.raises(UnknownNameError, match="did you mean 'open'"):
        here.hooks.fire("opne")


@pytest.mark.parametrize(
    "text",
    [
        "osc:",
        "osc:/amp",
        "osc:10.0.0.7/amp",
        "osc:10.0.0.7:0/amp",
        "osc:a:99999/x",
        "osc:a:1/x 'open",
        "osc:a:1/x*",
    ],
)
def test_what_is_no_message_is_refused_in_a_sentence(text):
    with pytest.raises(SettingsError):
        parse_osc_word(text)


@pytest.mark.parametrize(
    ("text", "host", "port", "params"),
    [
        ("osc:7000/amp", "127.0.0.1", 7000, []),
        ("osc:[::1]:7000/amp -1 1e3 1. .5 +2", "::1", 7000, [-1, 1000.0, 1.0, 0.5, 2]),
        ("osc:amp.local:9/amp 1.0.0 0x10 ''", "amp.local", 9, ["1.0.0", "0x10", ""]),
    ],
)
def test_a_message_says_its_types(text, host, port, params):
    word = parse_osc_word(text)
    message = OscMessage(word.packet)
    assert (word.host, word.port, message.address) == (host, port, "/amp")
    assert message.params == params
    assert [type(value) for value in message.params] == [type(value) for value in params]


# ---------------------------------------------------------------- the page and its recipes

PAGE = (Path(__file__).parents[1] / "docs/hooks.md").read_text(encoding="utf-8")


def recipe(name):
    """Return the code of a script on the page, by its first line."""
    found = re.search(rf'^```python\n("""python {name}\.py.*?)^```$', PAGE, re.MULTILINE | re.DOTALL)
    assert found, name
    return found[1]


class Projector(socketserver.StreamRequestHandler):
    """A projector that speaks PJLink, class 1, as its specification (JBMIA, 2013) has it."""

    def handle(self):
        projector, salt = self.server, "498e4a67"
        greeting = f"PJLINK 1 {salt}\r" if projector.password else "PJLINK 0\r"
        self.wfile.write(greeting.encode())
        line = b""
        while not line.endswith(b"\r"):
            line += self.rfile.read(1)
        line = line.decode().strip()
        if projector.password:
            digest = hashlib.md5(f"{salt}{projector.password}".encode()).hexdigest()
            if not line.startswith(digest):
                self.wfile.write(b"PJLINK ERRA\r")
                return
            line = line[len(digest) :]
        projector.heard.append(line)
        answers = {"%1POWR ?": "3" if projector.power else "0", "%1POWR 1": "OK", "%1POWR 0": "OK"}
        if line == "%1POWR 1":
            projector.power = True
        elif line.startswith("%1AVMT"):
            answers[line] = "ERR3" if not projector.power else "OK"
        self.wfile.write(f"{line[:6]}={answers.get(line, 'ERR1')}\r".encode())


@contextmanager
def serving(server):
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("password", ["", "open sesame"])
def test_the_recipe_for_projectors_works(show, tmp_path, password):
    (tmp_path / "pjlink.py").write_text(recipe("pjlink"))
    with serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Projector)) as projector:
        projector.password, projector.heard, projector.power = password, [], False
        host = f"127.0.0.1:{projector.server_address[1]}"

        def asking(wish):
            return ["python", "pjlink.py", host, wish, *(["$PJLINK_PASSWORD"] if password else [])]

        here = show(
            start=[asking("mute")],
            open=[asking("on"), asking("state")],
            end=[["python", "pjlink.py", host, "off", "wrong"]],
            secrets={"PJLINK_PASSWORD": password},
        )
        here.fire("start")
        assert here.hooks.sentence.endswith(f"it said: {host} is busy")
        here.fire("open")
        assert here.hooks.sentence == ""
        assert here.logs[-1][1].endswith(f"it said: {host} is warming up")
        assert projector.heard == ["%1AVMT 31", "%1POWR 1", "%1POWR ?"]
        here.fire("end")
        assert (f"{host} refuses the password" in here.hooks.sentence) == bool(password)


def test_the_recipe_for_waking_works(show, tmp_path, ear):
    (tmp_path / "wake.py").write_text(recipe("wake"))
    words = ["python", "wake.py", "00:11:22:33:44:55", f"127.0.0.1:{ear.getsockname()[1]}"]
    here = show(open=[words]).fire("open")
    assert here.hooks.sentence == ""
    assert ear.recv(1000) == b"\xff" * 6 + bytes.fromhex("001122334455") * 16


def test_the_recipes_for_addresses_of_the_web_work(show, tmp_path):
    heard = []

    class Plug(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            heard.append((self.path, self.rfile.read(int(self.headers.get("Content-Length", 0)))))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"ison": true}')

        do_POST = do_GET  # noqa: N815

        def log_message(self, *arguments): ...

    with serving(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Plug)) as plug:
        url = f"http://127.0.0.1:{plug.server_port}"
        for name in ("fetch", "tell"):
            (tmp_path / f"{name}.py").write_text(recipe(name))
        (tmp_path / "tell.txt").write_text(f"{url}/push\n")
        here = show(open=[["python", "fetch.py", f"{url}/relay/0?turn=on"]], fault=[["python", "tell.py"]])
        here.fire("open").fire("fault", trouble="camera_lost", sentence="no camera")
    assert here.hooks.sentence == ""
    assert heard == [("/relay/0?turn=on", b""), ("/push", b"Ribbons: no camera")]


def test_the_page_knows_every_hook_and_says_the_same_numbers():
    listed = re.findall(r"^\| `([a-z]+)` \| (?:the|something|that) ", PAGE, re.MULTILINE)
    assert tuple(listed) == HOOKS
    assert f"{MOST_WAITING} may wait" in PAGE
    example = tomllib.loads(re.search(r"```toml\n(\[hooks\].*?)```", PAGE, re.DOTALL)[1])
    assert len(HooksTable(**example["hooks"]).open) == 2
    heart = tomllib.loads(re.search(r"```toml\n(\[heartbeat\].*?)```", PAGE, re.DOTALL)[1])
    assert HeartbeatTable(**heart["heartbeat"]).every == 30.0
