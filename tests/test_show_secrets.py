"""No secret stands in a show file; `$NAME` stands for one, and nothing ever tells its value."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from posekit.cli.app import app
from posekit.errors import SettingsError
from posekit.resolving import resolve
from posekit.secret_values import read_secrets
from posekit.show.file import file_problems, read_show

SOURCE = "rtsp://cam:$CAMERA_KEY@10.0.0.5/${PATH_OF_IT}"


def show_in(folder: Path, text: str, secrets: str = "") -> Path:
    file = folder / "show.toml"
    file.write_text(text)
    if secrets:
        (folder / "secrets.env").write_text(secrets)
        (folder / "secrets.env").chmod(0o600)
    return file


def test_a_secret_reaches_the_source_and_nobody_who_looks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = f'source = "{SOURCE}"\n[heartbeat]\nhttp = "https://x.example/$BEAT"\n'
    file = show_in(
        tmp_path, text, "CAMERA_KEY='open sesame'\nexport PATH_OF_IT=stream\n# one\nBEAT = 12=34\n"
    )
    show = read_show(file, environment={})
    assert show.settings.source == "rtsp://cam:open sesame@10.0.0.5/stream"
    assert show.source == show.resolved.shown["source"] == SOURCE
    assert show.gallery.heartbeat.http == ("https://x.example/$BEAT",)
    assert show.reveal(show.gallery.heartbeat.http[0]) == "https://x.example/12=34"
    assert show.secrets.hide("cannot open rtsp://cam:open sesame@") == "cannot open rtsp://cam:$CAMERA_KEY@"
    assert "sesame" not in repr(show.secrets)
    assert resolve({}, {"CAMERA_KEY": "other"}, file).settings.source == "rtsp://cam:other@10.0.0.5/stream"
    app(("config", "show", "--config", str(file)), standalone_mode=False)
    told = capsys.readouterr()
    assert "$CAMERA_KEY" in told.out
    assert "sesame" not in told.out + told.err
    assert "12=34" not in told.out + told.err


def test_what_a_driver_says_of_an_address_tells_no_secret(tmp_path: Path) -> None:
    show_in(tmp_path, 'source = "http://cam:$CAM@127.0.0.1:9/x.mjpg"\nosc-in = "off"\n', "CAM=sesame99\n")
    command = [
        sys.executable,
        "-m",
        "posekit",
        "run",
        "hello",
        "--config",
        "show.toml",
        "--headless",
        "--verbose",
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "posekit: http://cam:$CAM@127.0.0.1:9/x.mjpg cannot be opened" in done.stderr
    assert "sesame" not in done.stdout + done.stderr


def test_a_secret_that_is_set_nowhere(tmp_path: Path) -> None:
    file = show_in(tmp_path, f'\nsource = "{SOURCE}"\n')
    with pytest.raises(
        SettingsError, match=r"line 2: source: \$CAMERA_KEY is set nowhere; write a line CAMERA"
    ):
        read_show(file, environment={})
    assert read_show(file, {"source": "0"}, environment={}).settings.source == "0"
    file = show_in(
        tmp_path, '[heartbeat]\nhttp = ["http://a.example", \n"http://b.example/$HART"]\n', "HEART=x\n"
    )
    with pytest.raises(SettingsError, match=r"line 3: http in \[heartbeat\]: .*did you mean \$HEART\?"):
        read_show(file, environment={})


@pytest.mark.parametrize(
    "line",
    [
        'source = "rtsp://cam:1234@10.0.0.5/stream"',
        'source = "rtsp://cam:12$X@10.0.0.5/stream"',
        'token = "abc"',
        '[status]\ntoken = "abc"',
        '[status]\naccess-token = "abc"',
        '[heartbeat]\npassword = "abc"',
        '[heartbeat]\nhttp = ["https://me:pw@status.example"]',
        '[heartbeat]\nhttp = ["https://status.example/ping?api_key=abc"]',
        '[hooks]\nstart = [["curl", "https://me:pw@lamp.example/on"]]',
    ],
)
def test_a_secret_in_the_file_is_refused_once_with_what_to_do(line: str, tmp_path: Path) -> None:
    told = [str(problem) for problem in file_problems(show_in(tmp_path, line + "\n"))]
    assert len(told) == 1, told
    assert "secrets.env" in told[0]
    assert f"line {line.count(chr(10)) + 1}: " in told[0]
    for secret in ("1234", "abc", "pw@"):
        assert secret not in told[0]


@pytest.mark.parametrize(
    "line",
    [
        'source = "rtsp://cam:$KEY@10.0.0.5/stream"',
        'source = "rtsp://cam@10.0.0.5:554/stream"',
        "keypoint-score = 0.4",
        "[show]\nkeys = true",
        '[heartbeat]\nhttp = ["https://status.example/ping?key=$KEY"]',
        '[hooks]\nstart = [["lights", "$5"]]',
    ],
)
def test_what_is_no_secret_is_left_alone(line: str, tmp_path: Path) -> None:
    assert file_problems(show_in(tmp_path, line + "\n", "KEY=x\n")) == []


def test_a_file_that_others_can_read_is_a_notice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if os.name != "posix":
        pytest.skip("permissions are others here")
    file = show_in(tmp_path, "", "KEY=x\n")
    assert read_show(file, environment={}).notices == ()
    (tmp_path / "secrets.env").chmod(0o644)
    (notice,) = read_show(file, environment={}).notices
    assert "chmod 600" in notice
    app(("config", "check", str(file)), standalone_mode=False)
    assert "chmod 600" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", [b"KEY\n", b"a b=c\n", b"\xff\xfe", b"x=" + b"y" * (1 << 20)])
def test_a_file_that_is_none_is_refused_without_telling_it(wrong: bytes, tmp_path: Path) -> None:
    (tmp_path / "secrets.env").write_bytes(wrong)
    with pytest.raises(SettingsError) as refused:
        read_secrets(tmp_path, {})
    assert len(str(refused.value)) < 300
    assert "KEY" not in str(refused.value).replace("NAME", "")


def test_a_hook_names_what_is_there_or_is_refused_before_opening_night(tmp_path: Path) -> None:
    """One that is set nowhere used to be found out when the projector had to be switched on."""
    lines = '[hooks]\nopen = [["amp", "on"],\n["beam", "-p", "key=$BEAM_KEY"]]\n'
    lines += 'end = ["osc:10.0.0.7:7000/x $AMP"]\n'
    file = show_in(tmp_path, lines, "AMP=1\n")
    show = read_show(file, environment={"BEAM_KEY": "from outside"})
    assert show.secrets.values == {"AMP": "1", "BEAM_KEY": "from outside"}
    with pytest.raises(SettingsError, match=r"line 3: open in \[hooks\]: \$BEAM_KEY is set nowhere"):
        read_show(file, environment={})


def test_what_a_hook_is_told_is_no_secret_and_the_pages_token_is_no_guess(tmp_path: Path) -> None:
    told = '[hooks]\nfault = [["sh", "-c", "echo $POSEKIT_TROUBLE ${POSEKIT_SENTENCE} $POSEKIT_SHOW"]]\n'
    assert read_show(show_in(tmp_path, told), environment={}).gallery.hooks.fault
    misspelt = '[hooks]\nfault = [["echo", "$POSEKIT_TROUBEL"]]\n'
    with pytest.raises(SettingsError, match="did you mean \\$POSEKIT_TROUBLE"):
        read_show(show_in(tmp_path, misspelt), environment={})
    other = '[hooks]\nfault = [["echo", "$POSEKIT_STATUS_TOKE"]]\n'
    with pytest.raises(SettingsError) as refused:
        read_show(show_in(tmp_path, other, "POSEKIT_STATUS_TOKEN=0123456789abcdef0\n"), environment={})
    assert "mean $POSEKIT_STATUS" not in str(refused.value)


def test_a_secret_that_was_changed_is_still_hidden(tmp_path: Path) -> None:
    from posekit.secret_values import Secrets, hide_revealed

    for value in ("former-password", "later-password"):
        assert Secrets(values={"CAM": value}).reveal("$CAM") == value
    assert hide_revealed("former-password, later-password") == "$CAM, $CAM"


def test_what_goes_wrong_with_an_address_is_told_everywhere_without_its_secret() -> None:
    """A trouble's sentence reaches the page, the state file, and every hook, which may tell a chat of it."""
    from posekit.clock import ManualWall
    from posekit.gallery.troubles import Troubles
    from posekit.secret_values import Secrets

    source = Secrets(values={"CAM": "very-secret"}).reveal("http://cam:$CAM@10.0.0.5/x.mjpg")
    begun: list[str] = []
    troubles = Troubles(ManualWall(1.0), lambda trouble: begun.append(trouble.sentence))
    for _ in range(2):
        troubles.note("camera_lost", f"{source} cannot be opened")
        assert troubles.sentence("camera_lost") == "http://cam:$CAM@10.0.0.5/x.mjpg cannot be opened"
    assert begun == ["http://cam:$CAM@10.0.0.5/x.mjpg cannot be opened"]
