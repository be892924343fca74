"""What a running show writes, seen by every system call: nothing but what its data sheet names."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from posekit.cli.gallery_sheet import sheet_facts
from posekit.records.reader import numbers_of
from posekit.records.sheet import NO_PICTURE_KEPT, NOTHING_LEAVES, sheet_paper
from posekit.records.snapshot import read_file
from posekit.show.file import read_show

SHOW = """
source = "synthetic:people=3,seed=1"
osc_in = "off"
[show]
sketch = "hello"
[status]
address = "off"
"""
WRITES = re.compile(r'openat\([^"]*"([^"]+)", [A-Z_|]*(?:O_WRONLY|O_RDWR)[A-Z_|]*O_CREAT.* = \d+')
ALLOWED = (
    r".*/records/logs/show\.jsonl",  # the log
    r".*/records/counts\.sqlite(-wal|-shm|-journal)?",  # the counts
    r".*/\.?show-[0-9a-f]+\.(json|pid|lock)(-\w+\.tmp)?",  # how the show is at this moment
    r"/tmp/[a-z0-9_]{8}",  # Python's own look for a folder that can be written; empty, and removed
)


@pytest.mark.soak
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="strace is Linux's")
def test_a_show_writes_what_its_sheet_says_and_nothing_else(tool, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    path, trace = tmp_path / "show.toml", tmp_path / "trace"
    path.write_text(SHOW)
    strace = (tool("strace"), "-f", "-qq", "-e", "trace=openat", "-e", "signal=none", "-o", str(trace))
    if subprocess.run([*strace, sys.executable, "-c", ""], capture_output=True, check=False).returncode:
        pytest.skip("strace may not look at processes here")
    promised = sheet_paper(sheet_facts(read_show(path, environment={}), "hello")).as_text()
    assert NO_PICTURE_KEPT in promised
    assert NOTHING_LEAVES in " ".join(promised.split())
    command = [*strace, sys.executable, "-m", "posekit", "gallery", "run", "--config", str(path)]
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path / "runtime"), "SDL_VIDEODRIVER": "dummy"}
    (tmp_path / "runtime").mkdir(mode=0o700)
    with subprocess.Popen(command, env=environment, start_new_session=True) as process:
        try:
            until = time.monotonic() + 90
            while not visits(tmp_path) and process.poll() is None and time.monotonic() < until:
                time.sleep(0.5)
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)
    assert visits(tmp_path) > 0
    written = {found for line in trace.read_text().splitlines() for found in WRITES.findall(line)}
    written -= {name for name in written if name.startswith(("/dev/", "/proc/"))}
    assert any(name.endswith("counts.sqlite-wal") for name in written)
    assert any(name.endswith("show.jsonl") for name in written)
    strange = [name for name in written if not any(re.fullmatch(kind, name) for kind in ALLOWED)]
    # Compiled Python belongs to the installation, not to the show.
    assert [name for name in strange if "__pycache__" not in name] == []


def visits(folder: Path) -> int:
    try:
        counted = read_file(folder / "records/counts.sqlite", 0, 2**62)
    except sqlite3.Error:  # it is just being begun
        return 0
    return sum(numbers_of(counted, "visit").values())
