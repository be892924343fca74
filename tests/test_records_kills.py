"""A show that is killed, or whose disk fails: no visit is counted twice, and only the last second is lost."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest

from posekit.clock import ManualWall
from posekit.records.counts import Counts
from posekit.records.counts_file import check_integrity
from posekit.records.reader import numbers_of
from posekit.records.snapshot import read_file
from posekit.scene import Gesture, Leave

CHILD = Path(__file__).with_name("counting_child.py")
KILLS = int(float(os.environ.get("POSEKIT_SOAK_SECONDS", "300")) / 1.5)


def kill_one(path: Path, name: str, chance: random.Random, seconds: float) -> tuple[int, int]:
    """Kill a child that counts; return how many events it noted, and how many so long before."""
    with subprocess.Popen([sys.executable, str(CHILD), str(path), name], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        first = child.stdout.readline() if chance.random() < 0.9 else b""  # else: killed while it begins
        time.sleep(chance.uniform(0.0, 0.2) if chance.random() < 0.4 else chance.uniform(0.2, 2.2))
        child.send_signal(signal.SIGKILL)
        killed = time.monotonic()
        said = [line.split() for line in (first + child.stdout.read()).splitlines(keepends=True)]
    said = [words for words in said if len(words) == 2]
    times = [float(at) for _, at in said]
    # A machine that has no time for the one thread has none for the other.
    stalled = max((late - early for early, late in pairwise([*times, killed])), default=0.0)
    return len(said), sum(at < killed - seconds - stalled for at in times)


def count_and_kill(path: Path, kills: int, seed: int, seconds: float = 1.0) -> list[int]:
    """Kill so many children over one file; after each, hold that nothing is missing or there twice."""
    chance, lost, visits = random.Random(seed), [], 0
    for run in range(kills):
        noted, old = kill_one(path, f"run{run}", chance, seconds)
        assert check_integrity(path) == []
        counted = read_file(path, 0, 2**62)
        mine = {
            int(name.split("-")[1]): times
            for name, times in numbers_of(counted, "gesture").items()
            if name.startswith(f"run{run}-")
        }
        assert set(mine.values()) <= {1}
        assert sorted(mine) == list(range(len(mine)))  # a beginning of the sequence, without a gap
        # The last one may be noted and kept, and its number not said any more.
        assert old <= len(mine) <= noted + 1, (run, old, len(mine), noted)
        visits += len(mine)
        assert sum(numbers_of(counted, "visit").values()) == visits
        lost.append(noted - len(mine))
    assert visits > kills
    return lost


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is Unix's")
def test_some_kills_cost_at_most_the_last_second(tmp_path) -> None:
    # Twice as long, since a machine that is busy with other tests lets a thread wait.
    assert len(count_and_kill(tmp_path / "counts.sqlite", kills=4, seed=3, seconds=2.0)) == 4


@pytest.mark.soak
@pytest.mark.timeout(0)
@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is Unix's")
def test_many_kills_cost_at_most_the_last_second(tmp_path) -> None:
    lost = count_and_kill(tmp_path / "counts.sqlite", KILLS, seed=4)
    assert len(lost) == KILLS
    print(f"{KILLS} kills; lost in the last second: {sorted(lost)[KILLS // 2]} median, {max(lost)} at most")


def test_a_power_cut_in_the_middle_of_a_write_leaves_a_sound_file(tmp_path) -> None:
    """What a disk had not yet got of the write-ahead log is cut off; whole batches before it stay."""
    path, wall = tmp_path / "counts.sqlite", ManualWall(1_795_000_000)
    counts = Counts(path, wall)
    for number in range(12):
        counts.note([Gesture(name=f"g{number}"), Leave(1, visit=7.0)])
        assert counts.flush()
    log = path.with_name(path.name + "-wal").read_bytes()
    shutil.copy(path, tmp_path / "cut.sqlite")
    counts.close()
    assert len(log) > 10_000
    chance, kept = random.Random(1), []
    for length in (*(chance.randrange(len(log)) for _ in range(60)), len(log)):
        copy = tmp_path / f"cut{length}.sqlite"
        shutil.copy(tmp_path / "cut.sqlite", copy)
        copy.with_name(copy.name + "-wal").write_bytes(log[:length] + bytes(chance.choice((0, 900))))
        after = Counts(copy, wall)
        assert after.integrity() == []
        assert after.problem == ""
        names = numbers_of(after.read(), "gesture")
        assert names == {f"g{number}": 1 for number in range(len(names))}
        kept.append(len(names))
        after.close()
    assert kept[-1] == 12
    assert len(set(kept)) > 5


ON_A_SMALL_DISK = """
import os, pathlib, sys, time
from posekit.clock import SystemWall
from posekit.records.counts import Counts
from posekit.records.log import ShowLog
from posekit.records.tally import Key
from posekit.scene import Gesture, Leave

disk, said = pathlib.Path(sys.argv[1]), []
counts = Counts(disk / "counts.sqlite", SystemWall(), say=said.append)
log = ShowLog(disk / "logs", SystemWall())
counts.note([Leave(1, visit=3)])
log.write("step", "before")
assert counts.flush() and log.flush()

def fill():
    with open(disk / "filler", "wb") as filler:
        for size in (65536, 1024, 1):
            try:
                while True:
                    os.write(filler.fileno(), bytes(size))
            except OSError:
                pass

fill()
for number in range(800):
    counts.note([Leave(1, visit=3), Gesture(name=f"a gesture with a long name, number {number}")])
for number in range(100):
    log.write(f"step{number}", "while the disk was full " + "x" * 500)
assert not counts.flush(2) and not log.flush(0.5)
assert "full" in counts.problem, counts.problem
assert "No space left" in log.problem, log.problem
assert counts.visits_today() in (800, 801), counts.visits_today()
assert log.newest(1)[0]["name"] == "step99"
(disk / "filler").unlink()
assert counts.flush(10) and log.flush(10)
while counts.problem:
    time.sleep(0.01)
assert counts.integrity() == []
visits = sum(number for key, number in counts.read().items() if key.what == "visit")
assert visits == 801, visits
assert len(said) == 2 and "full" in said[0] and "again" in said[1], said
names = [line["name"] for line in log.newest(1000)][::-1]
assert names == ["step", *(f"step{number}" for number in range(100)), "log"], names
counts.close(); log.close()
"""
MOUNTED = 'mount -t tmpfs -o size=1m tmpfs "$0" || exit 77; exec "$@"'


def test_a_full_disk_costs_nothing_that_memory_holds(tool, tmp_path) -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("mount namespaces are Linux's")
    disk = tmp_path / "disk"
    disk.mkdir()
    inside = (tool("unshare"), "-rm", "sh", "-c", MOUNTED, str(disk))
    if subprocess.run([*inside, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this system lets nobody mount a disk of her own")
    program = [*inside, sys.executable, "-c", ON_A_SMALL_DISK, str(disk)]
    done = subprocess.run(program, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
