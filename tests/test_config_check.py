"""`posekit config check` and `config show`: a file that is fine belongs to a show that can run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from posekit.cli.app import app
from posekit.cli.config_check import check_show_file
from posekit.errors import PosekitError, SettingsError

DRAWS = "def draw(canvas, people):\n    pass\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work elsewhere than in the show's folder, as one may."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "show").mkdir()
    (tmp_path / "show/dance.py").write_text(DRAWS)
    monkeypatch.chdir(tmp_path / "elsewhere")
    return tmp_path / "show"


def check(folder: Path, text: str, *, programs: bool = True) -> list[str]:
    """Check a show file; return what is noted of it."""
    (folder / "show.toml").write_text(text)
    noted: list[str] = []
    check_show_file(folder / "show.toml", noted.append, programs=programs)
    return noted


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(SettingsError) as refused:
        check(folder, text)
    return str(refused.value).removeprefix(f"{folder / 'show.toml'}, ")


def ask(*words: str):
    return CliRunner().invoke(app, ["config", *words])


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("def draw(canvas, people:\n", "dance.py, line 1: "),
        (f"import nomodule\n{DRAWS}", "No module named 'nomodule'"),
        ("size = 3\n", "nothing to run"),
        ("import os\nos._exit(7)\n", "cannot be loaded (code 7)"),
    ],
)
def test_a_sketch_that_cannot_be_loaded_is_not_fine(code: str, sentence: str, folder: Path) -> None:
    (folder / "dance.py").write_text(code)
    told = refusal(folder, 'source = "sample"\n[show]\nsketch = "dance.py"\n')
    assert told.startswith("line 3: ")
    assert sentence in told
    assert "\n" not in told


def test_what_a_sketch_asks_for_counts_as_it_does_in_a_run(folder: Path) -> None:
    (folder / "dance.py").write_text(f'lead = "zone:door"\n{DRAWS}')
    assert "there is no zone" in refusal(folder, '[show]\nsketch = "dance.py"\n')
    assert check(folder, 'lead = "biggest"\n[show]\nsketch = "dance.py"\n') == []


def test_a_show_is_checked_from_any_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    (folder / "dance.py").write_text(f'lead = "biggest"\n{DRAWS}')
    (folder / "show.toml").write_text('[show]\nsketch = "dance.py"\n')
    assert ask("check", "show/show.toml").output == "show/show.toml is fine\n"


def test_a_sketch_is_loaded_in_a_process_of_its_own(folder: Path) -> None:
    (folder / "dance.py").write_text(f"import os\nopen('who', 'w').write(str(os.getpid()))\n{DRAWS}")
    assert check(folder, '[show]\nsketch = "dance.py"\n') == []
    assert int((folder / "who").read_text()) != os.getpid()
    (folder / "who").unlink()
    check(folder, '[show]\nsketch = "dance.py"\n', programs=False)
    assert not (folder / "who").exists(), "what is packed need not run here"


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        ("nope.tflite", "the model nope.tflite is not there"),
        ("models/nope.task", "the model models/nope.task is not there"),
        ("models/nope", "the model models/nope is not there"),
        ("dance.tflite", "dance.tflite"),
        ("dance.task", "this is no zip"),
        ("posenet-641x48", "did you mean"),
    ],
)
def test_a_model_that_is_not_there_or_none_is_not_fine(model: str, sentence: str, folder: Path) -> None:
    for name in ("dance.tflite", "dance.task"):
        (folder / name).write_text(DRAWS)
    told = refusal(folder, f'source = "0"\nmodel = "{model}"\n[show]\nsketch = "hello"\n')
    assert told.startswith("line 2: ")
    assert sentence in told


def test_blazeposes_words_name_models(folder: Path) -> None:
    assert check(folder, 'estimator = "blazepose"\nmodel = "full"\n') == []


@pytest.mark.parametrize(
    ("words", "missing"),
    [
        (["python", "nofile.py"], "nofile.py"),
        (["python3", "-u", "nofile.py", "on"], "nofile.py"),
        (["python", "dancer.py"], "dancer.py"),
        (["sh", "tools/amp.sh"], "tools/amp.sh"),
        (["sh", "./amp", "off"], "./amp"),
        (["python", f"{'a' * 300}.py"], f"{'a' * 300}.py"),
        (["node", "./main"], None),
        (["python", "-c", "print('nofile.py')"], None),
        (["python", "-m", "nofile.py"], None),
        (["sh", "-c", "nofile.sh"], None),
        (["sh", "-ec", "nofile.sh"], None),
        (["python", "dance.py"], None),
        (["python3", "-u", "dance.py", "nofile.py"], None),
        (["python", "$SCRIPT/on.py"], None),
        (["echo", "nofile.py"], None),
    ],
)
def test_a_hook_whose_script_is_not_there_is_not_fine(
    words: list[str], missing: str | None, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCRIPT", "/opt/amp")
    text = f'[show]\nsketch = "hello"\n[hooks]\nend = []\nstart = [["true"], {words!r}]\n'
    if missing is None:
        assert check(folder, text) == []
        return
    told = refusal(folder, text)
    assert told.startswith("line 5: start in [hooks]: ")
    assert f"there is no file {missing!r} in {folder}" in told
    assert ("did you mean 'dance.py'?" in told) == (missing == "dancer.py")


def test_python_is_the_one_that_runs_posekit_whatever_is_installed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(folder))
    assert check(folder, '[show]\nsketch = "hello"\n[hooks]\nstart = [["python", "dance.py"]]\n') == []


@pytest.mark.parametrize(
    "text", ["", "# nothing yet\n", "[show]\ntitle = 'Ribbons'\n", "[hours]\nfade = 1.0\n"]
)
def test_a_file_that_names_no_sketch_is_fine_and_that_is_noted(text: str, folder: Path) -> None:
    (note,) = check(folder, text)
    assert "names no sketch" in note
    assert "sketch = " in note


def test_a_file_for_plain_runs_needs_no_sketch(folder: Path) -> None:
    assert check(folder, 'source = "sample"\n') == []


def test_poses_that_came_with_a_packed_show_are_known(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("POSEKIT_CACHE", "POSEKIT_TAUGHT"):
        monkeypatch.setenv(name, "")  # so that it is taken back afterwards
        monkeypatch.delenv(name)
    (folder / "show.toml").write_text('gestures = ["bow"]\n')
    assert "unknown gesture 'bow'" in str(ask("check", str(folder / "show.toml")).exception)
    for name in ("models/packed.json", "taught/bow.json"):
        (folder / name).parent.mkdir()
        (folder / name).write_text("{}")
    assert "unknown gesture" not in str(ask("check", str(folder / "show.toml")).exception)


def test_an_area_that_was_drawn_is_not_blamed_on_the_show_file(folder: Path) -> None:
    (folder / "ignore.toml").write_text('ignore = "0,0,2,2"\n')
    with pytest.raises(SettingsError) as refused:
        check(folder, 'source = "0"\n[show]\nsketch = "hello"\n')
    assert str(refused.value).startswith("ignore.toml: ")


def test_the_show_file_that_is_here_is_meant(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    (folder / "show.toml").write_text('slots = 3\n[show]\nsketch = "hello"\n')
    assert ask("check").output == "show.toml is fine\n"
    shown = ask("show").output.splitlines()
    assert shown[0] == "the show file is show.toml"
    assert any(line.split() == ["slots", "3", "file", "show.toml"] for line in shown)
    assert any(line.split() == ["sketch", '"hello"', "file", "show.toml"] for line in shown)
    (folder / "other.toml").write_text("slots = 4\n")
    assert ask("show", "--config", "other.toml").output.startswith("the show file is other.toml\n")


def test_without_a_show_file_only_settings_are_shown(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    done = ask("check")
    assert isinstance(done.exception, PosekitError)
    assert done.exception.exit_code == 2
    assert str(done.exception) == (
        f"there is no show.toml in {folder}; go to the show's folder, or name its file: "
        "posekit config check FILE"
    )
    shown = ask("show").output
    assert shown.split()[:3] == ["setting", "value", "from"]
    assert "[hours]" not in shown
