"""The state of a show as a file: what is written is read, whatever is found is survived."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from posekit.errors import OutputError
from posekit.show import state_file
from posekit.show.state import Part, ShowState, Trouble
from posekit.show.state_file import forget_state, is_current, read_kept, read_state, state_path, write_state

STATE = ShowState(
    "Ribbons",
    1000.0,
    phase="open",
    next_change=2000.0,
    parts=(Part("engine", "running", 77, 900.0, 2, 1, 5_000_000, "it hung"), Part("window")),
    troubles=(Trouble("slow", "too slow", 950.0, "notice"),),
    camera="ok",
    fps=29.5,
    extra={"figures": [1, 2.5, "three"], "nothing": None},
)


@pytest.fixture(autouse=True)
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "runtime"
    monkeypatch.setattr(state_file.platformdirs, "user_runtime_path", lambda *_, **__: folder)
    return folder


def test_what_is_written_is_read(tmp_path: Path) -> None:
    assert read_state(tmp_path) is None
    write_state(tmp_path, STATE)
    assert read_state(tmp_path) == STATE
    forget_state(tmp_path)
    forget_state(tmp_path)
    assert read_state(tmp_path) is None


def test_each_folder_has_a_file_of_its_own_by_whatever_name_it_is_called(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "one")
    assert state_path(tmp_path / "one") == state_path(tmp_path / "link")
    assert state_path(tmp_path / "one") == state_path(tmp_path / "x" / ".." / "one")
    assert state_path(tmp_path / "one") != state_path(tmp_path / "two")
    assert len(state_path(tmp_path).stem) == len("show-") + 16


def test_only_the_user_may_look_at_it(tmp_path: Path, runtime: Path) -> None:
    write_state(tmp_path, STATE)
    assert runtime.stat().st_mode & 0o077 == 0
    assert state_path(tmp_path).stat().st_mode & 0o077 == 0
    assert [path.name for path in runtime.iterdir()] == [state_path(tmp_path).name]


def test_a_folder_that_is_not_ours_alone_is_not_written_to(tmp_path: Path, runtime: Path) -> None:
    """In /tmp somebody else may have been there first, with links to what is ours."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    runtime.symlink_to(elsewhere)
    with pytest.raises(OutputError, match="another user's"):
        write_state(tmp_path, STATE)
    runtime.unlink()
    runtime.mkdir()
    runtime.chmod(0o777)
    with pytest.raises(OutputError, match="other users can write to"):
        write_state(tmp_path, STATE)
    assert list(elsewhere.iterdir()) == list(runtime.iterdir()) == []


def test_it_is_current_while_it_is_new_and_its_process_runs(tmp_path: Path) -> None:
    assert not is_current(tmp_path, 1000.0)
    write_state(tmp_path, STATE)
    assert is_current(tmp_path, 1001.0)
    assert is_current(tmp_path, 999.0)
    assert not is_current(tmp_path, 1010.0)
    assert not is_current(tmp_path, 900.0)  # the clock was put back, and nobody wrote since


def test_the_process_that_is_gone_is_noticed(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from posekit.show import state_file as f;"
        f"f.platformdirs.user_runtime_path = lambda *a, **k: Path({str(tmp_path / 'runtime')!r});"
        "from posekit.show.state import ShowState;"
        "f.write_state(Path(sys.argv[1]), ShowState('Ribbons', 1000.0))"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True)
    assert read_state(tmp_path) == ShowState("Ribbons", 1000.0)
    assert not is_current(tmp_path, 1000.0)


def test_another_process_with_the_same_number_is_not_taken_for_it(tmp_path: Path) -> None:
    write_state(tmp_path, STATE)
    path = state_path(tmp_path)
    kept = json.loads(path.read_text())
    assert kept["process_id"] == os.getpid()
    kept["process_started"] -= 3600
    kept["process_birth"] = kept["process_birth"] and f"{kept['process_birth']}0"
    path.write_text(json.dumps(kept))
    assert read_state(tmp_path) == STATE
    assert not is_current(tmp_path, 1000.0)
    # Where nothing but wall time is told, that decides.
    path.write_text(json.dumps({**kept, "process_birth": ""}))
    assert not is_current(tmp_path, 1000.0)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system keeps the wall time of the start")
def test_a_clock_that_is_put_right_later_makes_nobody_another_process(tmp_path: Path) -> None:
    """A machine without a battery starts in the past, and learns the time when the network is there."""
    write_state(tmp_path, STATE)
    path = state_path(tmp_path)
    kept = json.loads(path.read_text())
    kept["process_started"] -= 3 * 86400  # what this process noted before the clock was put right
    path.write_text(json.dumps(kept))
    assert is_current(tmp_path, 1000.0)


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", "null", "3", '{"state": {}}', "\x00" * 50, "[" * 100_000,
        '{"process_id": 1, "process_started": 1, "state": {"name": "a"}}',
        '{"process_id": 1, "process_started": 1, "state": {"name": "a", "time": 1, "parts": 3}}',
        '{"process_id": 1, "process_started": 1, "state": {"name": "a", "time": 1, "fps": "fast"}}',
        '{"process_id": 1, "process_started": 1, "state": {"name": "a", "time": 1, "parts": [{"x": 1}]}}',
    ],
)  # fmt: skip
def test_what_is_no_state_is_none(text: str, tmp_path: Path, runtime: Path) -> None:
    runtime.mkdir()
    state_path(tmp_path).write_text(text)
    assert read_kept(tmp_path) is None
    state_path(tmp_path).write_bytes(b"\xff\xfe\x00")
    assert read_kept(tmp_path) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(sorted(STATE.as_dict())), value=JSON)
def test_no_value_of_any_field_raises(name: str, value: object, tmp_path: Path, runtime: Path) -> None:
    runtime.mkdir(exist_ok=True)
    kept = {"process_id": 1, "process_started": 1.0, "state": {**STATE.as_dict(), name: value}}
    state_path(tmp_path).write_text(json.dumps(kept))
    found = read_state(tmp_path)
    assert found is None or isinstance(found, ShowState)


def test_another_version_may_know_more_or_less(tmp_path: Path, runtime: Path) -> None:
    runtime.mkdir()
    kept = {
        "process_id": 1,
        "process_started": 1.0,
        "new": 3,
        "state": {"name": "a", "time": 5, "colour": "red", "parts": [{"name": "engine", "colour": "red"}]},
    }
    state_path(tmp_path).write_text(json.dumps(kept))
    assert read_state(tmp_path) == ShowState("a", 5, parts=(Part("engine"),))


def test_where_nothing_can_be_written_a_sentence_says_so(tmp_path: Path, runtime: Path) -> None:
    runtime.write_text("a file where the folder should be")
    with pytest.raises(OutputError, match="cannot make the folder"):
        write_state(tmp_path, STATE)
