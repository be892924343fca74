"""The show as a rehearsal runs it, `python -m posekit.gallery.rehearsed`: the supervisor with a prompter.

The first line on stdin says which show, as JSON; each later one is a whisper: `{"ask": "close"}`,
`{"camera": false}`, `{"disk": 100000000}`. When stdin closes, the show ends. Nothing is counted.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from posekit.errors import PosekitError, SourceError
from posekit.gallery.asking import WholeShow, read_whole_show
from posekit.gallery.doors import Doors
from posekit.gallery.opening import Opening
from posekit.gallery.supervisor import Supervisor
from posekit.runner import interrupt

if TYPE_CHECKING:
    from collections.abc import Callable

    from posekit.settings import Settings

AWAY = "the camera was taken away, by the rehearsal"


class RehearsalDoors(Doors):
    """The real doors, with a camera that can be taken away and a disk that can be full."""

    def __init__(self) -> None:
        self.has_camera = True
        self.room: int | None = None

    def prepare(self, settings: Settings, say: Callable[[str], None]) -> Settings:
        """Prepare as always, unless the camera is away."""
        if not self.has_camera:
            raise SourceError(AWAY)
        return super().prepare(settings, say)

    def free(self, folder: Path) -> int:
        """Return how much room there is, or is said to be."""
        return super().free(folder) if self.room is None else self.room


class Prompter:
    """Does what is whispered, in a thread of its own."""

    def __init__(self, supervisor: Supervisor, doors: RehearsalDoors) -> None:
        self._supervisor, self._doors = supervisor, doors

    def listen(self) -> None:
        """Do one whisper after the other until there are no more; then end the show."""
        for line in sys.stdin:
            self._do(json.loads(line))
        self._supervisor.code = 0

    def _do(self, whisper: dict[str, Any]) -> None:
        parts = self._supervisor.parts
        if "ask" in whisper:
            parts.desk.ask(whisper["ask"], whisper.get("value"), "rehearsal")
        elif "disk" in whisper:
            self._doors.room = whisper["disk"]
        elif "camera" in whisper:
            self._doors.has_camera = whisper["camera"]
            if not whisper["camera"]:
                parts.engine.tell(_take_away)
            parts.engine.hurry()


def _take_away(_: Any) -> None:
    raise SourceError(AWAY)


def main() -> int:
    """Run the show; returns its exit code, 2 for one that cannot be."""
    interrupt.install()
    told = json.loads(sys.stdin.readline())
    config = Path(told["config"]) if told["config"] else None
    try:
        whole = read_whole_show(told["sketch"], config, told["given"], _say)
        gallery = whole.show.gallery
        quiet = gallery.model_copy(update={"records": gallery.records.model_copy(update={"counts": False})})
        show = _with(whole.show, quiet)
        doors = RehearsalDoors()
        supervisor = Supervisor(
            Opening(WholeShow(show, whole.sketch, whole.title), say=_say, doors=doors).open()
        )
    except PosekitError as error:
        _say(str(error))
        return 2
    Thread(target=Prompter(supervisor, doors).listen, name="prompter", daemon=True).start()
    return supervisor.run()


def _with(show: Any, gallery: Any) -> Any:
    from dataclasses import replace

    return replace(show, gallery=gallery)


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
