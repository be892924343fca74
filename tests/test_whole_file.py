"""Files that posekit keeps itself: whole at any instant, also after a power cut."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from posekit.whole_file import replace_file


@pytest.mark.parametrize(("lasts", "steps"), [(True, ["on the disk", "in place"]), (False, ["in place"])])
def test_it_is_on_the_disk_before_it_takes_the_place_of_what_was(
    lasts: bool, steps: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that is changed before its contents are written is, after a power cut, that of an empty file."""
    done: list[str] = []
    sync, replace = os.fsync, Path.replace

    def note_sync(descriptor: int) -> None:
        sync(descriptor)
        assert os.fstat(descriptor).st_size == len("new")
        done.append("on the disk")

    def note_replace(path: Path, target: Path) -> Path:
        done.append("in place")
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", note_sync)
    monkeypatch.setattr(Path, "replace", note_replace)
    (tmp_path / "zones.toml").write_text("old")
    replace_file(tmp_path / "zones.toml", "new", "the zones", lasts=lasts)
    assert done == steps
    assert (tmp_path / "zones.toml").read_text() == "new"


def test_a_new_file_has_the_mode_that_is_asked_for_and_an_old_one_keeps_its_own(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    replace_file(path, "1", "the state", mode=0o600)
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)
    replace_file(path, "2", "the state", mode=0o600)
    assert path.stat().st_mode & 0o777 == 0o640
