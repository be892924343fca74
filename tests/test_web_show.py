"""`--web` and `--share` on the command line: refused in a sentence, served for real, never unasked."""

from __future__ import annotations

import ast
import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import psutil
import pytest
from blazepose_bundle import find_bundle
from web_world import PATIENCE, a_server, free_port, get, hear, one_scene, say, wait_until
from websockets.sync.client import connect

from posekit.cli.app import app
from posekit.errors import PosekitError, SettingsError
from posekit.health import Health
from posekit.outputs.web import opening
from posekit.outputs.web.address import WebAddress, parse_address
from posekit.outputs.web.opening import check_web, describe_network, describe_sharing
from posekit.resolving import resolve
from posekit.runner.feed import Update
from posekit.runner.web_feed import WebFeed
from posekit.settings import Settings

CROWD = "synthetic:people=2,seed=3"
ALONE = ("--osc", "off", "--osc-in", "off")


# --- words ---


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"share": "picture"}, "--share picture needs the server that shares it: add --web 8080"),
        ({"web": "8080", "share": "pictur"}, "unknown thing to --share 'pictur'; did you mean 'picture'?"),
        ({"web": "8080", "share": "camera"}, "unknown thing to --share 'camera'; choose from picture, mask"),
        ({"web": "here"}, "--web is PORT or HOST:PORT, as in 8080"),
        ({"web": "on"}, "found 'on'"),
        ({"web": ""}, "found ''"),
        ({"web": ":8080"}, "found ':8080'"),
        ({"web": "99999"}, "99999 is not a port; choose a number from 1 to 65535"),
        ({"web": "0"}, "0 is not a port"),
        ({"web": "::1:8080"}, "an IPv6 address stands in brackets, as in [::1]:8080"),
        ({"web": "8080,miror=on"}, "unknown key of --web 'miror'; did you mean 'mirror'?"),
        ({"web": "8080,mirror=yes"}, "mirror is on or off; found 'yes'"),
        ({"web": "off,mirror=on"}, "--web off stands alone"),
        (
            {"web": "8080", "share": "mask", "estimator": "movenet"},
            "blazepose alone gives, not movenet; choose --estimator blazepose, or share the picture",
        ),
        (
            {"web": "8080", "share": "mask", "mask": False},
            "--share mask needs silhouettes, which are switched off; leave --no-mask out",
        ),
        ({"web_origin": "null"}, "--web-origin needs the server that it opens: add --web 8080"),
        ({"web": "8080", "web_origin": "p5js.org"}, "as in https://preview.p5js.org, or null for pages"),
        ({"web": "8080", "web_origin": "https://p5js.org/editor"}, "found 'https://p5js.org/editor'"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_one_sentence(given: dict[str, str], sentence: str) -> None:
    with pytest.raises(SettingsError) as refused:
        check_web(resolve(given, {}).settings)
    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)
    assert refused.value.exit_code == 2


def test_it_is_refused_before_anything_is_opened(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(PosekitError, match="did you mean 'picture'"):
        app(("send", "--source", CROWD, "--web", "8080", "--share", "pictre"), standalone_mode=False)
    assert "OSC" not in "".join(capfd.readouterr())


def test_a_show_file_is_checked_too(tmp_path: Path) -> None:
    file = tmp_path / "show.toml"
    file.write_text('source = "synthetic:people=1"\nweb = 8080\nshare = ["picture", "maks"]\n')
    with pytest.raises(PosekitError, match="did you mean 'mask'"):
        app(("config", "check", str(file)), standalone_mode=False)


def test_addresses() -> None:
    assert parse_address("off") is None
    for text in ("8080", "localhost:8080"):
        address = parse_address(text)
        assert address == WebAddress(8080)
        assert address.is_loopback
        assert address.url(scheme="ws") == "ws://127.0.0.1:8080/"
    assert parse_address("[::1]:81") == WebAddress(81, "::1")
    assert parse_address("[::1]:81").url() == "http://[::1]:81/"
    assert parse_address("127.0.0.2:82, mirror=on") == WebAddress(82, "127.0.0.2", mirror=True)
    for text in ("0.0.0.0:80", "192.168.0.5:80", "[::]:80", "studio.local:80"):
        assert not parse_address(text).is_loopback


def test_the_settings_read_what_people_write() -> None:
    assert Settings(web=8080).web == "8080"
    assert Settings(web=False).web == "off"
    assert Settings(share="picture,mask").share == ("picture", "mask")
    assert Settings(share=["Picture", "picture"]).share == ("picture",)
    environment = {"POSEKIT_WEB": "8080", "POSEKIT_WEB_ORIGIN": "null https://preview.p5js.org"}
    settings = resolve({}, environment).settings
    assert (settings.web, settings.web_origin) == ("8080", ("null", "https://preview.p5js.org"))
    assert Settings().web == "off"
    assert Settings().share == ()


def test_what_the_network_can_see_is_said_plainly() -> None:
    wide, here = WebAddress(8080, "0.0.0.0"), WebAddress(8080)
    assert describe_network(here, Settings()) == []
    (poses,) = describe_network(wide, Settings())
    assert poses == "everybody in the network who reaches 0.0.0.0:8080 can see poses and events"
    settings = Settings(web="0.0.0.0:8080", share="picture")
    assert describe_network(wide, settings)[0].endswith("can see poses and events and the picture")
    assert describe_sharing(wide, settings)[0].endswith("/picture.mjpg, with the whole network")
    assert describe_sharing(here, settings)[0].endswith("/picture.mjpg, with this machine only")


def test_a_missing_extra_is_named_with_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    real = opening.importlib.util.find_spec
    monkeypatch.setattr(
        opening.importlib.util, "find_spec", lambda name: None if name == "uvicorn" else real(name)
    )
    with pytest.raises(SettingsError) as missing:
        check_web(Settings(web="8080"))
    assert str(missing.value) == "--web needs uvicorn; pip install 'posekit[web]'"
    assert check_web(Settings()) is None


# --- the feed ---


class Script:
    """A feed that says what it was given."""

    is_live, rate = True, 30.0

    def __init__(self, *updates: Update) -> None:
        self.updates = list(updates)
        self.calls: list[object] = []

    def poll(self) -> Update:
        return self.updates.pop(0)

    def watch_zones(self, zones) -> None:
        self.calls.append(zones)

    def pause(self, paused: bool) -> None:
        self.calls.append(paused)

    def reset(self) -> None:
        self.calls.append("reset")

    def close(self) -> None:
        self.calls.append("close")


def test_the_feed_passes_everything_on_and_says_what_is_shared() -> None:
    picture = np.zeros((8, 8, 3), np.uint8)
    update = Update(one_scene(), (), picture, Health(fps=30.0))
    script = Script(update, update)
    with a_server() as server:
        plain = WebFeed(script, server)
        assert plain.poll() is update
        shared = WebFeed(script, server, "picture")
        passed = shared.poll()
        assert (passed.scene, passed.picture) == (update.scene, picture) or passed.picture is picture
        assert passed.health == Health(fps=30.0, sharing="picture")
        shared.watch_zones(())
        shared.pause(True)
        shared.reset()
        shared.close()
        assert script.calls == [(), True, "reset", "close"]
        assert not server._thread.is_alive()
        shared.close()


def test_the_feed_publishes_the_mask() -> None:
    mask = np.full((8, 8), 200, np.uint8)
    with a_server(shares=["mask"]) as server:
        feed = WebFeed(Script(Update(one_scene(), (), None, Health(), mask=mask)), server, "mask")
        assert feed.poll().mask is mask
        server.hub.catch_up()
        assert server.hub.projectors["mask"].has_picture
        feed.close()


# --- the real thing ---


@contextmanager
def a_show(*arguments: str, command: str = "send"):
    """Run posekit with a crowd, without a window and OSC, until the block ends; yields the process."""
    given = [command, *arguments, *([] if "--source" in arguments else ["--source", CROWD])]
    environment = {**os.environ, "SDL_VIDEODRIVER": "dummy"}
    environment.pop("DISPLAY", None)
    process = subprocess.Popen(
        [sys.executable, "-m", "posekit", *given, *ALONE],
        env=environment,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        try:
            process.wait(PATIENCE)
        finally:
            process.kill()
            process.stderr.close()
            process.stdout.close()


def said_by(process: subprocess.Popen[str], word: str) -> str:
    """Return the first line on stderr with a word in it."""
    for line in process.stderr:
        if word in line:
            return line
    raise AssertionError(f"it ended without saying {word!r}")


def listening(process: subprocess.Popen[str]) -> set[tuple[str, int]]:
    """Return where a process and its children listen."""
    main = psutil.Process(process.pid)
    found = set()
    for one in (main, *main.children(recursive=True)):
        for connection in one.net_connections("inet"):
            if connection.status in (psutil.CONN_LISTEN, psutil.CONN_NONE):
                found.add((connection.laddr.ip, connection.laddr.port))
    return found


def test_without_web_nothing_listens() -> None:
    with a_show("--no-preview") as process:
        said_by(process, "source:")
        assert {place for place in listening(process) if place[1]} == set()


def test_with_web_only_this_machine_can_listen() -> None:
    port = free_port()
    with a_show("--no-preview", "--web", str(port), "--share", "picture") as process:
        assert "with this machine only" in said_by(process, "the picture is shared")
        said_by(process, "source:")
        assert listening(process) - {("::1", port)} == {("127.0.0.1", port)}
        with connect(f"ws://localhost:{port}/", open_timeout=PATIENCE) as client:
            people = 0
            while people < 2:
                scene = hear(client)
                people = len(scene["poses"])
            assert sorted(pose["slot"] for pose in scene["poses"]) == [1, 2]
            process.send_signal(signal.SIGINT)
            while hear(client)["poses"]:
                pass
        start = time.monotonic()
        assert process.wait(PATIENCE) == 0
        assert time.monotonic() - start < 3


def test_a_port_that_is_taken_stops_the_start_with_the_way_out() -> None:
    with a_server() as server:
        run = subprocess.run(
            [
                *(sys.executable, "-m", "posekit", "send", "--no-preview", "--source", CROWD),
                *(*ALONE, "--web", str(server.port)),
            ],
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert run.returncode == 1
    last = run.stderr.strip().splitlines()[-1]
    assert re.search(rf"port {server.port} is in use by (python|pytest)", last), last
    assert f"choose another: --web {server.port + 1}" in last


NOT_NEEDED = {"starlette", "uvicorn", "websockets", "h11", "anyio"}


@pytest.mark.parametrize("web", ["off", "on"])
def test_a_show_without_web_loads_none_of_it(web: str) -> None:
    options = ["--web", str(free_port())] if web == "on" else []
    arguments = ["run", "hello", "--headless", "--frames", "2", "--source", CROWD, *ALONE, *options]
    program = (
        "import sys, posekit\n"
        f"before = {NOT_NEEDED!r} & set(sys.modules)\n"
        "from posekit.cli.app import app\n"
        f"app({arguments!r}, standalone_mode=False)\n"
        f"print([sorted(before), sorted({NOT_NEEDED!r} & set(sys.modules))])\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    before, after = ast.literal_eval(run.stdout.strip().splitlines()[-1])
    assert before == []
    assert (after == []) == (web == "off")


NODE = """
const socket = new WebSocket(process.argv[1]);
socket.onerror = (event) => { console.log("error", event.message); process.exit(1); };
socket.onmessage = ({ data }) => {
  const { poses, image, events } = JSON.parse(data);
  for (const pose of poses) {
    const wrist = pose.keypoints.find((keypoint) => keypoint.part === "leftWrist");
    console.log(JSON.stringify([pose.id, image.width, wrist.position.x, events.map((event) => event.name)]));
    process.exit(0);
  }
};
"""


def test_the_web_socket_of_node_reads_it(tool) -> None:
    node = tool("node")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    major = int(version.strip("v\n").split(".")[0])
    if major < 20:
        pytest.skip(f"node {version.strip()} has no WebSocket")
    flags = ["--experimental-websocket"] if major < 22 else []
    with (
        a_server() as server,
        subprocess.Popen(
            [node, *flags, "-e", NODE, server.address.url(scheme="ws")], stdout=subprocess.PIPE, text=True
        ) as client,
    ):
        at = 0.0

        def has_ended() -> bool:
            nonlocal at
            at += 1
            server.publish(one_scene(at))
            return client.poll() is not None

        wait_until(has_ended, 30)
        assert client.returncode == 0
        person, width, x, events = json.loads(client.stdout.read())
    assert (person, width, events) == (7, 640, [])
    assert x == pytest.approx((0.25 + 0.08) * 640, abs=0.01)


def test_two_posekits_share_one_camera(asset) -> None:
    clip = asset("data/videos/crossing.mp4")
    first, second = free_port(), free_port()
    shared = f"http://127.0.0.1:{first}/picture.mjpg"
    with a_show("--no-preview", "--source", str(clip), "--web", str(first), "--share", "picture") as owner:
        said_by(owner, "source:")
        with a_show("--no-preview", "--source", shared, "--web", str(second)) as guest:
            assert shared in said_by(guest, "source:")
            with connect(f"ws://127.0.0.1:{second}/tfjs", open_timeout=PATIENCE) as client:
                due = time.monotonic() + 30
                while not (poses := hear(client)):
                    assert time.monotonic() < due, "the second posekit sees nobody"
            assert len(poses[0]["keypoints"]) == 17
            health = say(ServerAt(first), get("/health")).split(b"\r\n\r\n", 1)[1]
            assert json.loads(health)["viewers"] == {"picture": 1}
        assert owner.poll() is None


def test_the_real_mask_is_shared_and_no_picture(asset) -> None:
    find_bundle()
    clip, port = asset("data/videos/crossing.mp4"), free_port()
    options = ("--web", str(port), "--share", "mask", "--source", str(clip), "--threads", "1")
    with a_show("--no-preview", *options) as owner:
        assert "the mask is shared at" in said_by(owner, "is shared")
        said_by(owner, "source:")
        assert b"the picture is not shared" in say(ServerAt(port), get("/picture.mjpg"))
        capture = cv2.VideoCapture(f"http://127.0.0.1:{port}/mask.mjpg", cv2.CAP_FFMPEG)
        try:
            due = time.monotonic() + 40
            bright = 0
            while bright < 200:
                fine, frame = capture.read()
                assert fine
                assert frame.shape == (256, 455, 3)
                bright = int(frame.max())
                assert time.monotonic() < due, "nobody is ever seen"
        finally:
            capture.release()
        health = json.loads(say(ServerAt(port), get("/health")).split(b"\r\n\r\n", 1)[1])
        assert health["sharing"] == [
            f"the mask is shared at http://127.0.0.1:{port}/mask.mjpg, with this machine only"
        ]
        assert owner.poll() is None


class ServerAt:
    """Stands for a server in another process."""

    def __init__(self, port: int) -> None:
        self.port = port
