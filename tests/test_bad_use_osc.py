"""Bad use of all that has to do with OSC: one sentence, the nearest right spelling, the way out, a code."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from fault_world import changed_python
from typer.testing import CliRunner

from posekit.cli.app import app
from posekit.errors import PosekitError
from posekit.resolving import resolve

SHOW = ("send", "--no-preview", "--source", "synthetic:people=1,seconds=1", "--frames", "2")
NOWHERE = "--osc=off"


def ends(*words: str) -> tuple[int, str]:
    """Return the exit code and the sentence with which a command ends, in this process."""
    done = CliRunner().invoke(app, words)
    if isinstance(done.exception, PosekitError):
        return done.exception.exit_code, str(done.exception)
    return done.exit_code, done.output


def posekit(*words: str, **environment: str) -> tuple[int, str]:
    """Return the same for the real command, having checked that there is one sentence and no traceback."""
    done = subprocess.run(
        [sys.executable, "-m", "posekit", *words],
        env={**{name: value for name, value in os.environ.items() if name != "DISPLAY"}, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "Traceback" not in done.stderr
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("posekit: ")]
    return done.returncode, line.removeprefix("posekit: ")


@contextmanager
def taken_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        yield other.getsockname()[1]


TARGETS = (
    (("--osc", "7000:kinekt"), 2, "unknown OSC dialect 'kinekt'; did you mean 'kinect'?"),
    (("--osc", "7000:xyz"), 2, "choose from posekit, poseosc, kinect, tuio"),
    (("--osc", "7000,layout=spilt"), 2, "did you mean 'split'?"),
    (("--osc", "7000,layuot=split"), 2, "unknown target key 'layuot'; did you mean 'layout'?"),
    (("--osc", "7000:kinect,layout=split"), 2, "no key layout, which is for posekit; its keys are origin"),
    (("--osc", "7000,slots=99"), 2, "from 1 to 32; found '99'"),
    (("--osc", "7000,only=left_wrst"), 2, "did you mean 'left_wrist'?"),
    (("--osc", "7000:tuio,points=hand"), 2, "did you mean 'hands'?"),
    (("--osc", "70000"), 2, "choose a number from 1 to 65535"),
    (("--osc", "7000:"), 2, "is not a target; write HOST:PORT"),
    (("--osc", ""), 2, "is not a target; write HOST:PORT"),
    (("--osc", "::1:7000"), 2, "write an IPv6 address in brackets, as in [::1]:7000"),
    (("--osc", "off", "--osc", "7000"), 2, "--osc off cannot stand beside a target"),
    (("--for", "touchdesinger"), 2, "did you mean 'touchdesigner'?"),
    (("--osc", "no.invalid:7"), 1, "check its spelling and the network, or write its IP address"),
    (("--osc-template", "/a/{slt} {x}"), 2, "did you mean 'slot'?"),
    (("--osc-template", "a {x}"), 2, "is no address; it starts with /"),
    (("--osc-template", "/a {x}{y}"), 2, "a field stands alone"),
    (("--osc-template", "/a/{x} {y}"), 2, "is a value and cannot stand in an address"),
    (("--osc-template", "/a {event} {x}"), 2, "an event knows {slot} and {id} only"),
    (("--osc-template", " ; "), 2, "has no message; write one, as in '/body/{slot}/{keypoint} {x} {y}'"),
    (("--osc", "7000:template,template=/a {x"), 2, "a field stands alone"),
)


@pytest.mark.parametrize(("words", "code", "sentence"), TARGETS)
def test_a_target_that_cannot_be(words: tuple[str, ...], code: int, sentence: str):
    found, said = ends(*SHOW, *words)
    assert sentence in said
    assert found == code
    assert "\n" not in said


SOURCES = (
    ("camra:Logitech", 2, "did you mean camera:?"),
    ("synthtic:people=3", 2, "did you mean synthetic:?"),
    ("synthetic:peple=3", 2, "did you mean people?"),
    ("synthetic:people=many", 2, "people of a synthetic crowd is a whole number"),
    ("htp://10.0.0.5/video", 2, "did you mean http://?"),
    ("gopher://10.0.0.5/video", 2, "it reads http://, https://, rtsp://"),
    ("", 2, "no source is named"),
    ("no.mp4", 1, "there is no no.mp4"),
    ("folder/no.mp4", 1, "nor a folder"),
    ("replay:no.jsonl", 1, "there is no recording no.jsonl"),
)


@pytest.mark.parametrize(("source", "code", "sentence"), SOURCES)
def test_a_source_that_cannot_be_is_2_and_one_that_is_not_there_is_1(
    source: str, code: int, sentence: str, tmp_path: Path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    found, said = ends("send", "--no-preview", NOWHERE, "--source", source)
    assert sentence in said
    assert found == code


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux lists its cameras")
@pytest.mark.parametrize("source", ["99", "camera:Nobody Makes This"])
def test_a_camera_that_is_not_there_is_1(source: str):
    found, said = ends("send", "--no-preview", NOWHERE, "--source", source)
    assert found == 1
    assert "not here" in said or "cannot be opened" in said


CHOICES = (
    ("smoothing", "clam", "did you mean 'calm'?"),
    ("fit", "covr", "did you mean 'cover'?"),
    ("flip", "vertcal", "did you mean 'vertical'?"),
    ("exposure", "atuo", "a number or 'auto' (found 'atuo'); did you mean 'auto'?"),
    ("slots", "many", "a whole number (found 'many')"),
    ("fps", "fast", "a number (found 'fast')"),
)


@pytest.mark.parametrize(("name", "value", "sentence"), CHOICES)
def test_a_setting_with_choices_offers_the_nearest(name: str, value: str, sentence: str):
    for layers in ({"command_line": {name: value}}, {"environment": {f"POSEKIT_{name.upper()}": value}}):
        with pytest.raises(PosekitError) as found:
            resolve(**{"environment": {}, **layers})
        assert sentence in str(found.value)
        assert found.value.exit_code == 2
        assert str(found.value).startswith(f"{name} from ")


STAGES = (
    ("--gestures", "wvae", "did you mean 'wave'?"),
    ("--lead", "bigest", "did you mean 'biggest'?"),
    ("--estimator", "posnet", "did you mean 'posenet'?"),
    ("--runtime", "litrt", "did you mean 'litert'?"),
)


@pytest.mark.parametrize(("option", "value", "sentence"), STAGES)
def test_a_stage_offers_the_nearest(option: str, value: str, sentence: str, asset):
    source = str(asset("data/videos/crossing.mp4"))
    found, said = ends("send", "--no-preview", NOWHERE, "--source", source, option, value)
    assert sentence in said
    assert found == 2


def test_a_port_in_use_is_said_with_who_has_it_and_the_way_out():
    with taken_port() as port:
        code, said = posekit("listen", str(port))
        name = said.partition("in use by ")[2].partition(":")[0]
        assert said == (
            f"{port} is in use by {name}: add a second target where you send, --osc {port} --osc {port + 1}, "
            f"and listen there: posekit listen {port + 1}"
        )
        assert (code, "python" in name or "pytest" in name) == (1, True)
        # To send to a port that somebody has is what sending is for.
        assert ends(*SHOW, "--osc", str(port))[0] == 0


def test_osc_in_at_a_port_in_use_stops_the_start_only_if_it_was_asked_for():
    for word, sentence in (
        ("99999", "choose a number from 1 to 65535"),
        ("somewhere", "is no place to listen at"),
    ):
        found, said = ends(*SHOW, NOWHERE, "--osc-in", word)
        assert (found, sentence in said) == (2, True), said
    with taken_port() as port:
        found, said = ends(*SHOW, NOWHERE, "--osc-in", str(port))
        assert (found, f"{port} is in use" in said) == (1, True), said
        assert "--osc-in" in said


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (
            ("listen", "7000", "--host", "198.51.100.9"),
            1,
            "--host takes an address of this machine, 127.0.0.1 or",
        ),
        (("listen", "7000", "--host", "no.invalid"), 1, "cannot listen at no.invalid:7000"),
        (("listen", "0"), 2, "0 is not a port; choose a number from 1 to 65535"),
        (("listen", "198.51.100.9:7000"), 1, "takes an address of this machine, 127.0.0.1 or"),
        (("listen", "here"), 2, "'here' is no place to listen at; write a port (7001) or HOST:PORT"),
        (("osc-sheet", "--dialect", "kinekt"), 2, "did you mean 'kinect'?"),
        (("doctor", "--osc-fro", "max"), 2, "No such option"),
    ],
)
def test_the_receiving_half(words: tuple[str, ...], code: int, sentence: str):
    found, said = ends(*words)
    assert sentence in said
    assert found == code


NO_NETWORK = """
import errno, os, sys
if os.environ.get("NO_NETWORK"):
    import socket
    class Cut(socket.socket):
        def sendto(self, data, *rest):
            if rest[-1][0] == "198.51.100.9":
                raise OSError(errno.ENETUNREACH, os.strerror(errno.ENETUNREACH))
            return super().sendto(data, *rest)
    socket.socket = Cut
"""


def test_without_a_network_the_show_goes_on_and_says_so(tmp_path: Path):
    with taken_port() as port:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "posekit", "send", "--no-preview", "--source", "synthetic:people=1"),
                *("--frames", "60", "--osc", "198.51.100.9:7000", "--osc", str(port)),
            ],
            env={**os.environ, "PYTHONPATH": changed_python(tmp_path, NO_NETWORK), "NO_NETWORK": "1"},
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.count("OSC target 198.51.100.9:7000:posekit cannot be sent to (") == 1
    assert f"127.0.0.1:{port}:posekit cannot" not in done.stderr


def test_a_model_that_cannot_be_fetched_says_how_it_can(tmp_path: Path):
    code, said = posekit(
        *("send", "--no-preview", NOWHERE, "--source", str(_picture(tmp_path)), "--estimator", "posenet"),
        POSEKIT_CACHE=str(tmp_path / "cache"),
        POSEKIT_ASSETS="",
        https_proxy="http://127.0.0.1:9",
        http_proxy="http://127.0.0.1:9",
        all_proxy="",
        no_proxy="",
    )
    assert code == 1
    assert (
        "set POSEKIT_ASSETS to it, or run `posekit models get posenet-481x353` where there is a network"
        in said
    )


def _picture(folder: Path) -> Path:
    import cv2
    import numpy as np

    cv2.imwrite(str(folder / "a.png"), np.full((48, 64, 3), 99, np.uint8))
    return folder / "a.png"


def test_the_real_command_ends_as_the_table_says():
    assert posekit(*SHOW, "--osc", "7000:kinekt") == (
        2,
        "unknown OSC dialect 'kinekt'; did you mean 'kinect'?",
    )
    code, said = posekit(*SHOW, "--osc", "no.invalid:7")
    assert (code, "'no.invalid' cannot be found" in said) == (1, True)
