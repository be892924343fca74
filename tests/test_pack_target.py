"""What `posekit gallery pack` writes to: a new file or a packed show, and nothing of the show itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from posekit.cli.app import app
from posekit.errors import SettingsError

SHOW = 'source = "synthetic"\n[show]\nsketch = "dance.py"\n'
SKETCH = "def draw(canvas):\n    canvas.background('black')\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "show.toml").write_text(SHOW)
    (tmp_path / "dance.py").write_text(SKETCH)
    (tmp_path / "secrets.env").write_text("TOKEN=abc\n")
    (tmp_path / "holiday.zip").write_bytes(b"PK of something else")
    (tmp_path / "out").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def pack(target: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["gallery", "pack", "--no-wheels", target])
    said = str(done.exception) if isinstance(done.exception, SettingsError) else done.output
    return done.exit_code, said


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        ("show.toml", "called NAME.zip; found show.toml"),
        ("dance.py", "called NAME.zip"),
        ("secrets.env", "called NAME.zip"),
        ("show.tar", "called NAME.zip"),
        ("holiday.zip", "is no packed show; name another file"),
        ("out", "is a folder"),
        (".", "is a folder"),
        ("..", "is a folder"),
        ("", "is a folder"),
    ],
)
def test_nothing_that_is_there_is_written_over(target: str, sentence: str, folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    code, said = pack(target)
    assert (code, sentence in said) == (1, True), said
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before


def test_a_packed_show_is_written_anew_and_its_command_can_be_typed(folder: Path) -> None:
    for _ in range(2):
        code, said = pack("out/my show")
        assert code == 0, said
        assert "python3 'my show.zip' FOLDER" in said
    assert (folder / "out" / "my show.zip").exists()
