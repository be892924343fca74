"""Everything that a running show consists of, by name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event

    import numpy as np
    from numpy.typing import NDArray

    from posekit.clock import Clock, Wall
    from posekit.engine.pictures import SharedPictures
    from posekit.gallery.asking import WholeShow
    from posekit.gallery.desk import ShowDesk
    from posekit.gallery.engine_keeper import EngineKeeper
    from posekit.gallery.errands import Errands
    from posekit.gallery.figures import Figures
    from posekit.gallery.lights import Lights
    from posekit.gallery.present import Present
    from posekit.gallery.renewal import Nightly
    from posekit.gallery.timetable import Timetable
    from posekit.gallery.troubles import Troubles
    from posekit.gallery.watching import Watch
    from posekit.gallery.window_keeper import WindowKeeper
    from posekit.settings import Settings
    from posekit.show.file import Show


@dataclass
class Parts:
    """What the supervisor's loop works with; made and wired by `opening.open_parts`."""

    show: Show
    settings: Settings
    """As they were asked for; what is open in them is decided whenever an engine starts."""
    sketch: str
    title: str
    clock: Clock
    wall: Wall
    woken: Event
    """Set when the loop has something to do."""
    lock: Any
    log: Any
    counts: Any
    hooks: Any
    heartbeat: Any
    will: Any
    status: Any
    osc: Any
    desk: ShowDesk
    troubles: Troubles
    errands: Errands
    figures: Figures
    engine: EngineKeeper
    window: WindowKeeper
    curtain: WindowKeeper
    lights: Lights
    timetable: Timetable
    nightly: Nightly
    watch: Watch
    prepare: Callable[[Settings], Settings]
    """Makes settings ready to run; it may take long."""
    reread: Callable[[], WholeShow]
    """Reads the show's file again and asks its sketch; it may take long, and raises `PosekitError`."""
    open_counts: Callable[[], Any]
    """Opens the counts as the show wants them now."""
    pictures: SharedPictures
    present: Present
    """Who is here."""
    forget: Callable[[], None]
    """Removes the state that was written for other programs."""
    reloading: Any = None
    view: Any = None
    """A `ViewWatch`."""
    test_card: bool = False
    place: tuple[int, int] | None = None
    """Where the newest picture is in the shared memory."""
    web: Any = None
    """The server of `--web`, or None."""
    not_reachable: tuple[str, ...] = ()
    """Why a port could not be opened that the show wants, in sentences."""
    others: list[Callable[[], Any]] = field(default_factory=list)
    """What is to be closed besides."""

    def picture(self) -> NDArray[np.uint8] | None:
        """Return a copy of the newest picture, (H, W, 3) RGB; None when there is none. For any thread."""
        return self.pictures.read(self.place) if self.place is not None else None

    def mask(self) -> NDArray[np.uint8] | None:
        """Return a copy of the newest picture's silhouettes, (h, w); None when there are none."""
        return self.pictures.read_mask(self.place) if self.place is not None else None
