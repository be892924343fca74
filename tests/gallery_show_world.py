"""A show whose processes are actors: the real supervisor, threads and files, without anything to start."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posekit.clock import ManualClock, ManualWall
from posekit.gallery.asking import WholeShow
from posekit.gallery.doors import Doors
from posekit.gallery.link import WindowBeat
from posekit.gallery.opening import Opening
from posekit.gallery.supervisor import Supervisor
from posekit.health import Health
from posekit.runner.feed import Update
from posekit.scene import Scene
from posekit.show.file import read_show

if TYPE_CHECKING:
    from collections.abc import Callable

START = 1_795_000_000.0
"""2026-11-18, 12:26 in Berlin."""


class Actor:
    """A process, window or curtain, that is there and does as it is told."""

    numbers = iter(range(10_000_000, 20_000_000))

    def __init__(self, order: Any, clock: Any) -> None:
        self.order, self.clock = order, clock
        self.started = clock.now()
        self.process_id = next(self.numbers)
        self.is_alive = self.is_ready = True
        self.has_quit = False
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.updates: list[Update] = []
        self.asks: list[dict[str, Any]] = []
        self.frames = 0
        self.refused = ""

    @property
    def beat(self) -> WindowBeat:
        self.frames += 1
        return WindowBeat(
            frames=self.frames,
            fps=60.0,
            refused=self.refused,
            parameters=({"name": "width", "value": 3, "default": 2},),
        )

    def give(self, update: Update) -> None:
        self.updates.append(update)

    def hear(self, letters: Any) -> None:
        self.told.append(("letters", {"letters": letters}))

    def tell(self, kind: str, **data: Any) -> None:
        self.told.append((kind, data))

    def card(self, title: str, line: str) -> None:
        self.told.append(("card", {"title": title, "line": line}))

    def black(self) -> None:
        self.told.append(("black", {}))

    def wishes(self) -> list[dict[str, Any]]:
        asks, self.asks = self.asks, []
        return asks

    def failure(self) -> str:
        return "the window crashed"

    def end(self, seconds: float) -> None:
        self.is_alive = False

    kill = close = lambda self, *_: setattr(self, "is_alive", False)


class FakeFeed:
    """An engine's feed that sees as many people as it is told."""

    is_live, rate, source, estimator = False, 30.0, "a wall", "nobody"

    def __init__(self, world: World, settings: Any, epoch: int, first_id: int) -> None:
        self.world, self.settings, self.epoch, self.first_id = world, settings, epoch, first_id
        self.started = world.clock.now()
        self.process_id, self.is_ready, self.restarts, self.renewals = 20_000_001, True, 0, 0
        self.last_end = ""
        self.told: list[Any] = []
        self.is_closed = False

    def poll(self) -> Update:
        time.sleep(0.0005)  # a real one waits for a scene
        self.world.polls += 1
        if self.world.failure is not None:
            raise self.world.failure
        now = self.world.clock.now()
        scene = None if self.world.shows_nothing else Scene(0, (640, 480), now, now, now)
        events, self.world.events = self.world.events, ()
        return Update(scene, events, None, self.world.health)

    def renew(self, reason: str) -> None:
        self.told.append(("renew", reason))
        self.renewals += 1
        self.started = self.world.clock.now()

    def pause(self, paused: bool) -> None:
        self.told.append(("pause", paused))

    def reset(self) -> None:
        self.told.append(("reset", None))

    def watch_zones(self, zones: Any) -> None:
        self.told.append(("zones", [zone.name for zone in zones]))

    def switch(self, settings: Any, prepare: Any = None) -> None:
        self.told.append(("switch", settings))

    def close(self) -> None:
        self.is_closed = True


class World(Doors):
    """Doors to actors, and the clocks that they go by."""

    def __init__(self, folder: Path, text: str, say: Callable[[str], None] | None = None) -> None:
        self.folder, self.file = folder, folder / "show.toml"
        self.file.write_text(f'source = "synthetic"\nosc-in = "off"\n{text}')
        self.clock, self.wall = ManualClock(1000.0), ManualWall(START)
        self.windows: list[Actor] = []
        self.curtains: list[Actor] = []
        self.feeds: list[FakeFeed] = []
        self.failure: Exception | None = None
        self.events: tuple[Any, ...] = ()
        self.health = Health(fps=30.0)
        self.shows_nothing = False
        self.room = 10**10
        self.polls = 0
        self.said: list[str] = []
        opening = Opening(
            self.read(),
            reread=self.read,
            clock=self.clock,
            wall=self.wall,
            say=say or self.said.append,
            doors=self,
        )
        self.parts = opening.open()
        self.supervisor = Supervisor(self.parts)
        self.parts.curtain.is_wanted = True

    def read(self) -> WholeShow:
        return WholeShow(show := read_show(self.file, {}), "hello", show.gallery.show.title or "Ribbons")

    def prepare(self, settings: Any, say: Any) -> Any:
        return settings.model_copy(update={"zones": ()})

    def feed(self, settings: Any, clock: Any, *, epoch: int, first_id: int, **_: Any) -> FakeFeed:
        self.feeds.append(FakeFeed(self, settings, epoch, first_id))
        return self.feeds[-1]

    def window(self, order: Any, pictures: Any, clock: Any, say: Any) -> Any:
        self.windows.append(Actor(order, clock))
        return self.windows[-1]

    def curtain(self, order: Any, clock: Any, say: Any) -> Any:
        self.curtains.append(Actor(order, clock))
        return self.curtains[-1]

    def free(self, folder: Path) -> int:
        return self.room

    def run(self, seconds: float, step: float = 0.1) -> None:
        """Let so many seconds pass on both clocks."""
        for _ in range(round(seconds / step)):
            self.clock.advance(step)
            self.wall.seconds += step
            self._let_it_see()
            self.supervisor.round()

    def _let_it_see(self) -> None:
        """Give the engine's thread its turn: with these clocks a minute takes less than that."""
        before, end = self.polls, time.monotonic() + 0.02
        while self.parts.engine.feed is not None and self.polls < before + 2 and time.monotonic() < end:
            time.sleep(0.0002)

    def until(self, holds: Callable[[], Any], what: str = "it", patience: float = 10.0) -> None:
        """Go on until something holds that threads have to do with."""
        end = time.monotonic() + patience
        while not holds():
            assert time.monotonic() < end, f"{what} never came; troubles: {self.parts.troubles.now}"
            self.run(0.1)
            time.sleep(0.002)

    def opened(self) -> World:
        """Return it once it is open."""
        self.until(
            lambda: self.state.phase == "open" and self.state.part("engine").state == "running", "open"
        )
        return self

    def close(self) -> None:
        self.supervisor.close()

    @property
    def state(self) -> Any:
        return self.parts.desk.state()

    @property
    def troubles(self) -> list[str]:
        return [trouble.name for trouble in self.parts.troubles.now]

    def engine_told(self, what: str) -> list[Any]:
        return [value for feed in self.feeds for kind, value in feed.told if kind == what]

    def window_told(self, what: str) -> list[dict[str, Any]]:
        return [data for window in self.windows for kind, data in window.told if kind == what]

    def ask(self, action: str, value: Any = None) -> None:
        self.parts.desk.ask(action, value, "page")
        self.run(0.1)


def someone(name: str, number: int, sequence: int) -> Any:
    """Return an `enter` or a `leave`."""
    from posekit.scene import Enter, Leave

    numbers = {"epoch": 1, "sequence": sequence}
    if name == "enter":
        return Enter(number, 1, 0.0, **numbers)
    return Leave(number, 1, 0.0, visit=4.0, **numbers)


__all__ = ["START", "Actor", "World", "replace", "someone"]
