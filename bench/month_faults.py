"""Everything that befalls the simulated month: what is done, and when it counts as over."""

from __future__ import annotations

import socket
import sqlite3
import time
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil
import show_processes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from month_show import Show

SECONDS = 10.0
"""So long, in real time, may people be missed."""
PATIENCE = 25.0
"""After so long nobody waits any more for what was to come within `SECONDS`."""
YEAR = 365 * 86400.0


@dataclass(frozen=True)
class Fault:
    """One kind of fault; `strike` returns the seconds from it until people flow into the window again."""

    name: str
    strike: Callable[[Show], float]
    part: str = ""
    """Which process it costs, if any: few of one kind in one life, as in a real month."""
    needs_camera: bool = False
    needs_disk: bool = False
    is_long: bool = False
    """Takes long, or is like another one: left out where every kind is to be seen once, soon."""


def people_again(show: Show, since: float, what: Callable[[], bool] | None = None) -> float:
    """Wait for a frame with people that was drawn after `since` and for which `what` holds."""
    begin = show.clock.now()
    show.until(lambda: show.ears.people_at > since and (what is None or what()), PATIENCE, "people again")
    return max(0.0, show.ears.people_at - min(since, begin))


def another_window(show: Show, strike: Callable[[psutil.Process], object]) -> float:
    """Do something to the window that costs it its life; wait for people in another one."""
    window = show.part("window")
    assert window is not None, f"there is no window: {show.describe()}"
    since = show.clock.now()
    strike(window)
    return people_again(show, since, lambda: show.ears.process_id != window.pid)


def told(wish: str) -> Callable[[Show], float]:
    """Return a fault of the sketch that costs its window."""

    def strike(show: Show) -> float:
        return another_window(show, lambda _: _wish(show, wish))

    return strike


def _wish(show: Show, wish: str) -> None:
    unfinished = show.folder / "wish.tmp"
    unfinished.write_text(wish)
    unfinished.replace(show.folder / "wish.txt")


def kill_window(show: Show) -> float:
    return another_window(show, lambda window: window.kill())


def stop_window(show: Show) -> float:
    return another_window(show, lambda window: window.suspend())


def raise_in_sketch(show: Show) -> float:
    """The sketch raises in 45 frames; people are there again when it stops."""
    since = show.clock.now()
    _wish(show, "raise")
    show.until(lambda: show.clock.now() - show.ears.reported > 0.7, PATIENCE, "the sketch fails")
    return people_again(show, show.clock.now()) + show.clock.now() - since - 1e-3


def another_engine(show: Show, strike: Callable[[psutil.Process], object]) -> float:
    """Do something to the engine that costs it its life; wait for people whom another one has found."""
    engine = show.part("engine")
    assert engine is not None, f"there is no engine: {show.describe()}"
    highest, since = show.ears.highest, show.clock.now()
    strike(engine)

    def is_another() -> bool:
        found = show.part("engine")
        return found is not None and found.pid != engine.pid and show.ears.highest > highest

    return people_again(show, since, is_another)


def kill_engine(show: Show) -> float:
    return another_engine(show, lambda engine: engine.kill())


def stop_engine(show: Show) -> float:
    return another_engine(show, lambda engine: engine.suspend())


def kill_part(name: str, patience: float = PATIENCE) -> Callable[[Show], float]:
    """Return a fault that kills a process which no picture depends on; another one has to come, in time."""

    def strike(show: Show) -> float:
        part = show.part(name)
        if part is None:
            raise AssertionError(f"there is no {name}: {show.describe()}")
        since = show.clock.now()
        part.kill()

        def is_another() -> bool:
            found = show.part(name)
            return found is not None and found.pid != part.pid

        seconds = people_again(show, since)
        show.until(is_another, patience, f"another {name}")
        return seconds

    return strike


def camera(plays: str, trouble: str) -> Callable[[Show], float]:
    """Return a fault of the camera; the seconds count from the moment at which that works again."""

    def strike(show: Show) -> float:
        assert show.stage is not None
        show.stage.plays = plays
        try:
            wish = f"the camera that plays {plays} is noticed"
            show.until(lambda: _has(show, trouble) and _is_empty(show), PATIENCE, wish)
        finally:
            show.stage.plays = "people"
        return people_again(show, show.clock.now())

    return strike


def _has(show: Show, trouble: str) -> bool:
    state = show.state()
    return state is not None and any(one.name == trouble for one in state.troubles)


def _is_empty(show: Show) -> bool:
    return show.clock.now() - show.ears.people_at > 0.5


def fill_disk(show: Show) -> float:
    """The disk is full for some seconds; nothing stops, and what was counted meanwhile is kept afterwards."""
    ballast, since = show.folder / "ballast", show.clock.now()
    try:
        with suppress(OSError), ballast.open("wb", buffering=0) as file:
            while file.write(b"\0" * 1_000_000):
                pass
        show.until(lambda: _has(show, "disk_full"), PATIENCE, "a full disk is told")
        again = people_again(show, since)
        time.sleep(2.0)
    finally:
        ballast.unlink(missing_ok=True)
    show.until(lambda: not _has(show, "disk_full"), PATIENCE, "a full disk is over")
    _wait_for_counts(show)
    return again


def lock_counts(show: Show) -> float:
    """Another program holds the counts for a while, as a backup does."""
    file, since = show.folder / "records" / "counts.sqlite", show.clock.now()
    with closing(sqlite3.connect(file, isolation_level=None, timeout=5)) as database:
        database.execute("BEGIN EXCLUSIVE")
        time.sleep(2.0)
        database.execute("ROLLBACK")
    _wait_for_counts(show)
    return people_again(show, since)


def _wait_for_counts(show: Show) -> None:
    """Let everything be kept that had to wait, so that the next power cut takes only its own second."""
    life = show.life
    assert life is not None
    heard = len(show.ears.leaves) - life.first_leave
    show.until(lambda: show.count_now() - life.kept >= heard, PATIENCE, "what was counted is kept")


def break_settings(show: Show) -> float:
    """Somebody saves nonsense as show.toml, sees the trouble, and mends it."""
    file, since = show.folder / "show.toml", show.clock.now()
    text = file.read_text()
    try:
        file.write_text(text + "\n[nonsense\nthis is not = = toml\n")
        show.until(lambda: _has(show, "settings_refused"), PATIENCE, "nonsense in show.toml is told")
    finally:
        file.write_text(text)
    show.until(lambda: not _has(show, "settings_refused"), PATIENCE, "mended settings are taken")
    return people_again(show, since)


def set_clock(change: Callable[[float], float]) -> Callable[[Show], float]:
    """Return a fault of the machine's clock, which is put right again after two seconds."""

    def strike(show: Show) -> float:
        since, right = show.clock.now(), show.wall.time()
        show.wall.set(change(right))
        try:
            show.until(lambda: _has(show, "clock_wrong"), PATIENCE, "a wrong clock is told")
            time.sleep(2.0)
            _wait_for_counts(show)
        finally:
            show.wall.set(right + show.clock.now() - since)
        show.until(lambda: not _has(show, "clock_wrong"), PATIENCE, "the clock is believed again")
        state = show.state()
        assert state is not None
        assert state.phase == "open", show.describe()
        return people_again(show, since)

    return strike


def close_target(show: Show) -> float:
    """An OSC target that was refused is there for a while, and goes again."""
    since = show.clock.now()
    host, port = show.gone.split(":")
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as target:
        target.bind((host, int(port)))
        target.settimeout(SECONDS)
        try:
            target.recv(65536)
        except TimeoutError:
            raise AssertionError("a target that is there again hears nothing") from None
    return people_again(show, since)


def sleep_machine(show: Show) -> float:
    """All processes stop for some seconds, as when a machine sleeps; the seconds count from its waking."""
    family = [process for _, process in show_processes.family(show.process_id)]
    for process in family:
        with suppress(psutil.Error):
            process.suspend()
    time.sleep(3.0)
    since = show.clock.now()
    for process in family:
        with suppress(psutil.Error):
            process.resume()
    return people_again(show, since)


def kill_supervisor(show: Show) -> float:
    """The supervisor alone is killed; its parts have to end by themselves, and the next one has to cope."""
    assert show.life is not None
    since = show.clock.now()
    show.kill_supervisor()
    show.end_life(hard=True)
    time.sleep(0.2)
    old = {process.pid for process in show_processes.left_over(show.mark)}
    show.start()
    seconds = people_again(show, since, lambda: show.ears.process_id not in old)
    show.until(lambda: not any(psutil.pid_exists(pid) for pid in old), SECONDS, "the old processes end")
    return seconds


def end_cleanly(show: Show) -> float:
    """The service manager ends the show, and starts it again."""
    assert show.life is not None
    since = show.clock.now()
    show.life.process.terminate()
    code = show.life.process.wait(15)
    took = show.clock.now() - since
    show.end_life(hard=False)
    if code != 0:
        show.fail(f"a show that was asked to end ended with {code}")
    if took > 5.0:
        show.fail(f"a show that was asked to end took {took:.1f} s")
    show.until(lambda: not show_processes.left_over(show.mark), 3.0, "everything has ended")
    show.check_nothing_left(set(show_processes.shared_memory()))
    since = show.clock.now()
    show.start()
    return people_again(show, since)


FAULTS = (
    Fault("window killed", kill_window, "window"),
    Fault("window stopped (SIGSTOP)", stop_window, "window", is_long=True),
    Fault("endless loop in the sketch", told("loop"), "window"),
    Fault("sketch raises in 45 frames", raise_in_sketch),
    Fault("segmentation fault in the sketch", told("segfault"), "window"),
    Fault("sketch ends its process", told("exit"), "window", is_long=True),
    Fault("sketch fills the memory", told("hog"), "window"),
    Fault("engine killed", kill_engine, "engine"),
    Fault("engine stopped (SIGSTOP)", stop_engine, "engine", is_long=True),
    Fault("curtain killed", kill_part("curtain"), "curtain"),
    Fault("last will killed", kill_part("last will", 45.0), "last will", is_long=True),
    Fault("camera gone and back", camera("nothing", "camera_lost"), "camera", needs_camera=True),
    Fault("camera frozen", camera("the same picture", "camera_frozen"), "camera", needs_camera=True),
    Fault("camera black", camera("black", "camera_black"), "camera", needs_camera=True, is_long=True),
    Fault(
        "camera delivers garbage", camera("garbage", "camera_lost"), "camera", needs_camera=True, is_long=True
    ),
    Fault("camera silent", camera("silence", "camera_lost"), "camera", needs_camera=True, is_long=True),
    Fault("disk full and emptied", fill_disk, needs_disk=True),
    Fault("counts held by another program", lock_counts),
    Fault("show.toml broken and mended", break_settings),
    Fault("clock shows 1970 and is mended", set_clock(lambda _: 86400.0)),
    Fault("clock 30 years ahead and mended", set_clock(lambda now: now + 30 * YEAR), is_long=True),
    Fault("OSC target gone and back", close_target),
    Fault("machine asleep for 3 s", sleep_machine, is_long=True),
    Fault("supervisor killed alone", kill_supervisor, "supervisor"),
    Fault("ended and started as a service", end_cleanly, "supervisor", is_long=True),
)


@contextmanager
def noted(show: Show, name: str) -> Iterator[None]:
    """Remember what befell a life; what goes wrong is a failure of the month, and not its end."""
    assert show.life is not None
    show.life.what.append(name)
    try:
        yield
    except (AssertionError, psutil.Error, OSError) as error:
        show.fail(f"{name}: {error}")
