"""The show of a simulated month: its folder, its supervisor, what it counted, and what it leaves behind."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import show_processes
from month_ears import Ears
from month_folder import SHOW, SKETCH
from month_room import Stage, write_visits
from month_wall import SharedWall

from posekit.clock import SystemClock
from posekit.show.state_file import read_kept

if TYPE_CHECKING:
    from collections.abc import Callable

    from posekit.show.state import ShowState

DISK_BYTES = 320_000_000
"""Of the disk that the show lies on, where one may be mounted: little more than a show finds enough."""
END_SECONDS = 10.0
LAST_SECONDS = 1.0
"""Before a hard kill: what happened in it may be lost."""
SENT_LATE_SECONDS = 0.2
"""A leave may be counted and its packet not have been sent when everything is killed."""


@dataclass
class Life:
    """One life of the supervisor, from its start to its end."""

    process: subprocess.Popen[bytes]
    started: float
    kept: int
    """Visits in the database when it began."""
    first_leave: int
    """How many leaves had been heard when it began."""
    what: list[str] = field(default_factory=list)
    """What befell it."""


class Show:
    """A show whose wall clock is the bench's. It lies on a small disk of its own where one can be mounted."""

    def __init__(self, clip: Path | None, hours: str, wall: float, keep: Path | None = None) -> None:
        """`keep` is a folder that is to hold everything of the show afterwards."""
        self._keep, self.priority = keep, 0
        self.clock, self.ears = SystemClock(), Ears()
        self.stage = Stage(clip) if clip is not None else None
        self.root = Path(tempfile.mkdtemp(prefix="month-"))
        self.folder, self.temporary = self.root / "show", self.root / "temporary"
        runtime = self.root / "runtime"
        for folder in (self.folder, self.temporary, runtime):
            folder.mkdir(mode=0o700)
        mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "month", str(self.folder)]
        self.has_disk = (
            shutil.which("mount") is not None
            and not subprocess.run(mount, check=False, capture_output=True).returncode
        )
        self._runtime_before = os.environ.get("XDG_RUNTIME_DIR")
        os.environ["XDG_RUNTIME_DIR"] = str(runtime)  # where we look for the show's state, too
        self.wall = SharedWall(self.root / "wall", create=True)
        self.wall.set(wall)
        self.hours, self.mark = hours, f"MONTH_MARK={uuid.uuid4().hex}"
        self.gone, self.osc_in = f"127.0.0.1:{show_processes.free_port()}", show_processes.free_port()
        self.life: Life | None = None
        self._killed = 0.0
        self.failures: list[str] = []
        self.lost: list[tuple[float, int]] = []
        """Of every hard kill: how long before it the oldest leave came that was not counted, and how many."""
        write_visits(self.folder / "visits.jsonl")
        host, port = self.ears.sketch.split(":")
        (self.folder / "month.py").write_text(SKETCH.replace("{host}", host).replace("{port}", port))
        self.write_settings()

    def close(self) -> None:
        """End everything, and leave nothing."""
        self.kill_all()
        if self.stage is not None:
            self.stage.close()
        self.ears.close()
        self.wall.close()
        os.environ.pop("XDG_RUNTIME_DIR")
        if self._runtime_before is not None:
            os.environ["XDG_RUNTIME_DIR"] = self._runtime_before
        if self._keep is not None:
            shutil.copytree(self.root, self._keep, dirs_exist_ok=True)
        if self.has_disk:
            subprocess.run(["umount", "-l", str(self.folder)], check=False)
        shutil.rmtree(self.root, ignore_errors=True)

    @property
    def said_file(self) -> Path:
        """Everything that the supervisors said."""
        return self.root / "said.txt"

    def write_settings(self, *, camera: bool = False) -> None:
        """Write show.toml, as a technician does."""
        source = "replay:visits.jsonl"
        if camera:
            assert self.stage is not None
            source = self.stage.address
        text = SHOW.format(
            source=source, osc=self.ears.osc, gone=self.gone, osc_in=self.osc_in, hours=self.hours
        )
        (self.folder / "show.toml").write_text(text)

    def start(self) -> Life:
        """Start the supervisor, as a service manager does."""
        environment = {**os.environ, "SDL_VIDEODRIVER": "dummy", "TMPDIR": str(self.temporary)}
        name, value = self.mark.split("=")
        with self.said_file.open("ab") as said:
            process = subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name("month_child.py")),
                 str(self.root / "wall"), str(self.folder / "show.toml")],
                stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT,
                env={**environment, name: value}, start_new_session=True,
            )  # fmt: skip
        if self.priority:
            set_priority(process.pid, self.priority)
        self.life = Life(process, self.clock.now(), self.count(), len(self.ears.leaves))
        return self.life

    @property
    def process_id(self) -> int:
        """The supervisor's."""
        assert self.life is not None
        return self.life.process.pid

    def state(self) -> ShowState | None:
        """Return what the running supervisor says, None before it has said anything."""
        kept = read_kept(self.folder)
        return kept.state if kept is not None and kept.process_id == self.process_id else None

    def part(self, name: str) -> psutil.Process | None:
        """Return a process of the show."""
        return show_processes.find(self.process_id, name)

    def until(self, what: Callable[[], object], seconds: float, wish: str) -> float:
        """Wait until something is so; returns how long it took, or raises `AssertionError`."""
        begin = self.clock.now()
        while not what():
            if self.clock.now() - begin > seconds:
                raise AssertionError(f"{wish}: not within {seconds:g} s; {self.describe()}")
            time.sleep(0.02)
        return self.clock.now() - begin

    def describe(self) -> str:
        """Say how the show is, for whoever reads of a failure."""
        state = self.state()
        processes = [name for name, _ in show_processes.family(self.process_id)]
        if state is None:
            return f"no state; processes {processes}"
        parts = {part.name: part.state for part in state.parts}
        troubles = {trouble.name: trouble.sentence for trouble in state.troubles}
        return f"{state.phase} {state.held}, {parts}, {troubles}, processes {processes}"

    def fail(self, sentence: str) -> None:
        """Note what must not be, and tell it at once."""
        self.failures.append(sentence)
        print(f"FAILED: {sentence}", file=sys.stderr, flush=True)

    def kill_all(self) -> None:
        """Kill everything at once, the supervisor first, as if the power went."""
        if self.life is None:
            return
        is_there = self.life.process.poll() is None  # else its number may be another's by now
        family = [process for _, process in show_processes.family(self.process_id)] if is_there else []
        self._killed = self.clock.now()
        for process in family:
            with suppress(psutil.Error):
                process.kill()
        while left := show_processes.left_over(self.mark):
            for process in left:
                with suppress(psutil.Error):
                    process.kill()
            psutil.wait_procs(left, 1.0)
        self.life.process.wait(5)

    def kill_supervisor(self) -> None:
        """Kill the supervisor alone."""
        assert self.life is not None
        self._killed = self.clock.now()
        self.life.process.kill()
        self.life.process.wait(5)

    def end_life(self, *, hard: bool) -> None:
        """Compare what was counted with what was heard; `hard` if it was killed."""
        life, over = self.life, self._killed if hard else self.clock.now()
        assert life is not None
        time.sleep(0.05)  # for what is on its way to our ears
        leaves = self.ears.leaves[life.first_leave :]
        counted = self.count() - life.kept
        missing = len(leaves) - counted
        befell = ", ".join(life.what) or "nothing else"
        if missing > 0:
            oldest = over - leaves[-missing].time
            self.lost.append((oldest, missing))
            if not hard or oldest > LAST_SECONDS + SENT_LATE_SECONDS:
                self.fail(
                    f"{missing} of {len(leaves)} visits were not counted, the oldest {oldest:.2f} s before "
                    f"the end, in a life with: {befell}"
                )
        elif missing < -1 or (missing < 0 and not hard):
            self.fail(f"{counted} visits were counted of {len(leaves)} in a life with: {befell}")

    def count(self) -> int:
        """Return how many visits the database holds, after a full check of a copy of it."""
        records = self.folder / "records"
        found = sorted(records.glob("counts.sqlite*")) if records.is_dir() else []
        if not any(path.name == "counts.sqlite" for path in found):
            return 0
        if odd := [path.name for path in found if path.name.removeprefix("counts.sqlite") not in ENDINGS]:
            self.fail(f"beside the counts lies {odd}")
        with tempfile.TemporaryDirectory(dir=self.root) as copy:
            for path in found:
                with suppress(FileNotFoundError):
                    shutil.copy(path, copy)
            with closing(sqlite3.connect(Path(copy) / "counts.sqlite")) as database:
                try:
                    said = [row[0] for row in database.execute("PRAGMA integrity_check")]
                    if said != ["ok"]:
                        self.fail(f"the counts are corrupt: {said[:3]}")
                    return int(database.execute(VISITS).fetchone()[0] or 0)
                except sqlite3.DatabaseError as error:
                    if "no such table" not in str(error):
                        self.fail(f"the counts cannot be read: {error}")
                    return 0

    def count_now(self) -> int:
        """Return how many visits the database holds while it is written to; -1 while it cannot be read."""
        file = self.folder / "records" / "counts.sqlite"
        try:
            with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as database:
                return int(database.execute(VISITS).fetchone()[0] or 0)
        except sqlite3.Error:
            return -1

    def check_nothing_left(self, shared_before: set[str]) -> None:
        """Note processes and files that nobody owns any more."""
        if left := show_processes.left_over(self.mark):
            self.fail(f"processes are left: {[process.cmdline() for process in left]}")
        shared = [name for name in set(show_processes.shared_memory()) - shared_before if "posekit" in name]
        if shared:
            self.fail(f"shared memory is left: {shared}")
        if files := sorted(path.name for path in self.temporary.iterdir()):
            self.fail(f"temporary files are left: {files}")


def set_priority(process_id: int, priority: int) -> None:
    """Let a process and its session go before (below 0) or after what else the machine does, where one may.

    Linux gives each session a fair share of its own, and within it each process.
    """
    with suppress(OSError):
        Path(f"/proc/{process_id}/autogroup").write_text(str(priority))
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, process_id, priority)


VISITS = "SELECT sum(number) FROM counts WHERE what = 'visit'"
ENDINGS = ("", "-wal", "-shm", "-journal")
