"""What README and docs say is true: their code runs, their commands exist, their links lead somewhere."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = sorted(
    [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md"), ROOT / "models/README.md"]
)
LINK = re.compile(r"\]\((?!https?://)([^)#]+)")
COMMAND = re.compile(r"^ {4}posekit (.+)$|`posekit ([^`]+)`", re.MULTILINE)
FENCED = re.compile(r"```.*?```", re.DOTALL)


def commands(page: Path) -> list[list[str]]:
    """Return every posekit command line that a page shows."""
    text = FENCED.sub("", page.read_text())
    found = [(block or inline) for block, inline in COMMAND.findall(text)]
    return [shlex.split(line.partition("#")[0]) for line in found]


def test_there_are_pages() -> None:
    assert len(PAGES) >= 6


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_and_pictures_lead_somewhere(page: Path) -> None:
    broken = [link for link in LINK.findall(page.read_text()) if not (page.parent / link).exists()]
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_and_option_exists(page: Path) -> None:
    import typer.main

    from posekit.cli.app import app

    root = typer.main.get_command(app)
    for words in commands(page):
        command = root
        while hasattr(command, "commands") and words and words[0] in command.commands:
            command = command.commands[words.pop(0)]
        assert command is not root or all(word.startswith("-") for word in words), (
            f"{page.name}: posekit {words}"
        )
        options = {
            name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)
        }
        unknown = [word for word in words if word.startswith("--") and word.partition("=")[0] not in options]
        assert not set(unknown) - {"--help"}, f"{page.name}: {unknown}"


def test_the_readme_names_the_two_commands() -> None:
    readme = (ROOT / "README.md").read_text()
    assert "    pip install . && posekit demo\n" in readme
    assert "    pip install -e '.[dev]' && pytest\n" in readme


README_SKETCHES = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)


def test_the_readme_has_two_sketches() -> None:
    assert len(README_SKETCHES) == 2


@pytest.mark.parametrize("code", README_SKETCHES, ids=lambda code: code.partition(":")[0].strip('"'))
def test_the_sketches_in_the_readme_run(code: str, tmp_path: Path) -> None:
    (tmp_path / "sketch.py").write_text(code)
    crowd = ["--source", "synthetic:people=3,seed=7,seconds=6", "--headless"]
    done = subprocess.run(
        [sys.executable, "-m", "posekit", "run", "sketch.py", *crowd],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "180 frames" in done.stderr


def test_the_show_file_in_the_docs_is_right(tmp_path: Path) -> None:
    from posekit.resolving import resolve

    (toml,) = re.findall(r"```toml\n(.*?)```", (ROOT / "docs/command-line.md").read_text(), re.DOTALL)
    (tmp_path / "show.toml").write_text(toml)
    assert resolve({}, {}, tmp_path / "show.toml").settings.empty_after == 10


def test_importing_posekit_loads_nothing_heavy() -> None:
    heavy = "'mediapipe', 'cv2', 'pygame', 'pydantic'"
    program = f"import sys, posekit; print([name for name in ({heavy}) if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_public_name_can_be_had() -> None:
    import posekit

    assert len(posekit.__all__) > 5
    assert all(getattr(posekit, name) is not None for name in posekit.__all__)
    assert set(posekit.__all__) <= set(dir(posekit))


def test_every_module_stays_small() -> None:
    lengths = {path: len(path.read_text().splitlines()) for path in (ROOT / "posekit").rglob("*.py")}
    assert len(lengths) > 50
    assert {path.name: length for path, length in lengths.items() if length > 400} == {}
