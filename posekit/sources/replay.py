"""Recordings as a source: what an estimator saw once goes through tracker, events and OSC again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

from posekit.errors import SettingsError, SourceError, UnknownNameError, nearest_name
from posekit.frame import Observed
from posekit.health import CameraState
from posekit.recording import open_recording
from posekit.settings import parse_size

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from posekit.clock import Clock
    from posekit.geometry import Size
    from posekit.recording import RecordedScene

PREFIX = "replay:"
RECORDED = (".jsonl", ".jsonl.gz")
"""How the names of recordings end."""
SPOKEN = (".csv", ".csv.gz", ".json", ".json.gz")
"""How the names of files end that may hold poses, and may hold anything else."""
SLOWEST, FASTEST = 0.01, 1000.0
SWITCH = {
    "on": True,
    "yes": True,
    "true": True,
    "1": True,
    "off": False,
    "no": False,
    "false": False,
    "0": False,
}
OPTIONS = ("speed", "loop", "size", "rate")
SILENT_SECONDS = 1.0
"""A gap longer than this is shown as a room without anybody, as a camera's is (`sources.reader`)."""
BEAT_SECONDS = 0.25
"""How often time goes on in such a gap."""
STARVED_SECONDS = 0.25
"""However late everything is, no more is skipped for so long at a time: reading takes its time too."""
HOPELESS_SECONDS = 1.0
"""A delay that is given up instead of caught up with."""


@dataclass(frozen=True)
class ReplayOptions:
    """What stands after `replay:`."""

    path: Path
    speed: float = 1.0
    """How many times faster than it was."""
    loop: bool = True
    """Whether it begins anew at its end, when it is played on a clock."""
    size: Size | None = None
    """(width, height) of the picture, for files that do not say it."""
    rate: float | None = None
    """Scenes per second, for files that do not say times."""


def parse_replay(text: str) -> ReplayOptions:
    """Read `replay:FILE[,speed=2][,loop=off][,size=640x480][,rate=30]`; commas in FILE are part of its name.

    Raises `SettingsError`, `UnknownNameError`, or `SourceError` for a file that is not there.
    """
    name, given = text.removeprefix(PREFIX), {}
    while not _is_file(Path(name).expanduser()):
        rest, comma, option = name.rpartition(",")
        key, equals, value = option.partition("=")
        if not (comma and equals):
            break
        name, given[key.strip()] = rest, value.strip()
    path = Path(name).expanduser()
    for key in given:
        if key not in OPTIONS:
            raise UnknownNameError("replay option", key, OPTIONS)
    if not _is_file(path):
        raise SourceError(_not_there(path))
    options = ReplayOptions(path)
    for key, value in given.items():
        options = replace(options, **{key: _READERS[key](value)})
    return options


def check_replay(text: str) -> None:
    """Raise what `parse_replay` raises, and `SourceError` for a file that is no recording."""
    options = parse_replay(text)
    open_recording(options.path, size=options.size, rate=options.rate)


def holds_poses(path: Path) -> bool:
    """Whether a file that is there holds poses: by its name, or where that says little by what is in it."""
    name = path.name.lower()
    if name.endswith(RECORDED):
        return path.is_file()
    if not (name.endswith(SPOKEN) and path.is_file()):
        return False
    try:
        open_recording(path)
    except SourceError:
        return False
    return True


class Replay:
    """Yields the poses of a recording: each once, at its own time, or played on a clock.

    Without a clock every scene is yielded, and `time` is what has passed since the first, divided by the
    speed. On a clock scenes come when they are due, late ones are dropped, and the recording begins anew at
    its end (`Observed.is_cut`) unless it is not to loop. The constructor raises `SourceError` for a file that
    holds no recording, `frames` for a line that is wrong.
    """

    is_camera = False
    state = CameraState.OK
    count: int | None = None

    def __init__(
        self,
        options: ReplayOptions,
        clock: Clock | None,
        report: Callable[[str], None] | None = None,
        wait: Callable[[float], bool] | None = None,
    ) -> None:
        self._options, self._clock = options, clock
        self._recording = open_recording(options.path, size=options.size, rate=options.rate, report=report)
        self.rate = self._recording.rate() * options.speed
        first = next(self._recording.scenes())
        self._start = first.time
        speed = f" at {options.speed:g} times its speed" if options.speed != 1 else ""
        loop = ", in a loop" if clock is not None and options.loop else ""
        width, height = first.size
        self.description = (
            f"replay of {options.path.name}, {width}x{height}, {self.rate:.3g} per second{speed}{loop}"
        )
        self.dropped = 0
        self._closed = Event()
        self._wait = wait or self._closed.wait

    def frames(self) -> Iterator[Observed]:
        """Yield what was observed; raises `SourceError` for a line that is wrong."""
        observed = self._timed()
        return observed if self._clock is None else self._played(observed, self._clock)

    def close(self) -> None:
        """End `frames`, also while it waits."""
        self._closed.set()

    def _timed(self) -> Iterator[Observed]:
        """Yield every scene, its time in seconds since the start; one round after another where it loops."""
        index, began, last = 0, 0.0, 0.0
        is_looping = self._clock is not None and self._options.loop
        while not self._closed.is_set():
            is_new_round, first = index > 0, index
            for scene in self._recording.scenes():
                if self._closed.is_set():
                    return
                last = max(last, began + (scene.time - self._start) / self._options.speed)
                yield _observe(scene, last, index, is_cut=is_new_round or scene.is_cut)
                is_new_round = False
                index += 1
            if not is_looping:
                return
            if index == first:
                raise SourceError(f"{self._options.path} holds no scene any more")
            began = last = last + 1 / self.rate

    def _played(self, observed: Iterator[Observed], clock: Clock) -> Iterator[Observed]:
        """Yield what is due; waits when it is early, skips when it is late."""
        start = behind = clock.now()
        last: Observed | None = None
        is_cut = False
        for seen in observed:
            due = start + seen.time
            now = clock.now()
            if now - due > HOPELESS_SECONDS:
                start += now - due
                due, last = now, None
            elif now - due > 1 / self.rate and now - behind < STARVED_SECONDS:
                self.dropped += 1
                is_cut = is_cut or seen.is_cut
                continue
            yield from self._gap(last, due, clock)
            if due > clock.now() and self._wait(due - clock.now()):
                return
            last = replace(seen, time=due, is_cut=is_cut or seen.is_cut)
            is_cut = False
            yield last
            behind = clock.now()

    def _gap(self, last: Observed | None, due: float, clock: Clock) -> Iterator[Observed]:
        """Let time go on while nothing was recorded for long: nobody is seen."""
        if last is None or due - last.time <= SILENT_SECONDS:
            return
        beat = last.time + SILENT_SECONDS
        while beat < due:
            if self._wait(max(0.0, beat - clock.now())):
                return
            yield Observed((), beat, last.size, last.index)
            beat += BEAT_SECONDS


def _observe(scene: RecordedScene, time: float, index: int, *, is_cut: bool) -> Observed:
    return Observed(scene.poses, time, scene.size, index, is_cut)


def _read_speed(text: str) -> float:
    speed = _read_number(text, "speed")
    if not SLOWEST <= speed <= FASTEST:
        raise SettingsError(f"replay: speed={text} is not from {SLOWEST:g} to {FASTEST:g}")
    return speed


def _read_rate(text: str) -> float:
    rate = _read_number(text, "rate")
    if not 0 < rate <= 1000:
        raise SettingsError(f"replay: rate={text} is not above 0 and up to 1000")
    return rate


def _read_number(text: str, name: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise SettingsError(f"replay: {name}={text} is no number") from None


def _read_loop(text: str) -> bool:
    if text.lower() not in SWITCH:
        raise SettingsError(f"replay: loop={text} is neither on nor off")
    return SWITCH[text.lower()]


def _read_size(text: str) -> Size:
    try:
        size = parse_size(text)
    except ValueError as error:
        raise SettingsError(f"replay: {error}") from None
    if not all(1 <= side <= 1 << 16 for side in size):
        raise SettingsError(f"replay: size={text} is no picture's")
    return size


_READERS: dict[str, Callable[[str], Any]] = {
    "speed": _read_speed,
    "loop": _read_loop,
    "size": _read_size,
    "rate": _read_rate,
}


def _is_file(path: Path) -> bool:
    """Whether there is such a file; not, if the system takes the name for none."""
    try:
        return path.exists() and not path.is_dir()
    except (OSError, ValueError):
        return False


def _not_there(path: Path) -> str:
    try:
        if path.is_dir():
            return f"{path} is a folder; name a recording in it: replay:FILE"
        if not path.parent.is_dir():
            return f"there is no recording {path}, nor a folder {path.parent}"
        beside = [entry.name for entry in path.parent.iterdir()]
    except (OSError, ValueError) as error:
        return f"there is no recording {str(path)!r}: {getattr(error, 'strerror', None) or error}"
    nearest = nearest_name(path.name, beside)
    hint = f"; did you mean replay:{path.parent / nearest}?" if nearest else ""
    return f"there is no recording {path}{hint}"
