"""The heart of a running sketch: look, tell what happened, update, draw. It knows no window and no clock.

Given the same updates at the same times it does the same things, whether they come from a camera, a file or
a test.
"""

from __future__ import annotations

import gc
import math
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from posekit.errors import HookError
from posekit.geometry import Fit, Placement, fit_picture
from posekit.health import CameraState, Health
from posekit.keypoint import Vector
from posekit.outputs.osc.messages import OscMessages
from posekit.runner.patience import Endless
from posekit.scene import Gesture
from posekit.sketch.hooks import EVENT_HOOKS
from posekit.sketch.parameters import Params
from posekit.sketch.people import SketchPerson, unseen_person
from posekit.sketch.problems import hook_error
from posekit.sketch.scene import SketchScene
from posekit.stage import stage_placement

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from posekit.runner.feed import Update
    from posekit.runner.remote import Heard
    from posekit.scene import Event, Person, Scene, ZoneState
    from posekit.sketch.canvas import Canvas
    from posekit.sketch.loader import LoadedSketch
    from posekit.sketch.parameters import Parameters
    from posekit.stage import AnyPlacement
    from posekit.warp import Corners
    from posekit.zones import Zone

SEEING = (CameraState.OK, CameraState.BLACK)
"""A covered lens is no lost camera."""
LOCKED = (
    "the canvas's pixels are kept from one frame to the next, which locks the canvas so that it cannot be "
    "shown; ask for canvas.pixels anew in every draw, or keep a copy: canvas.pixels.copy()"
)
"""Said when a sketch holds on to `canvas.pixels`, or to `pygame.surfarray.pixels3d(canvas.surface)`."""


class Loop:
    """Runs one sketch on one canvas, a frame at a time.

    Every call may raise `HookError`: what the sketch's own code raised, with file and line. With `forgive`
    only `setup` and `close` do; what any other hook raised is handed over, and the frame goes on.
    """

    def __init__(
        self,
        loaded: LoadedSketch,
        canvas: Canvas,
        *,
        fit: Fit = "cover",
        mirror: bool = False,
        osc: OscMessages | None = None,
    ) -> None:
        self.canvas = canvas
        self._loaded = loaded
        self.fit: Fit = fit
        """How the picture fills the canvas, from the next scene on."""
        self.mirror = mirror
        """Whether left and right of the picture are exchanged, from the next scene on."""
        self.stage: Corners | None = None
        """Where the canvas's corners are in the picture, from the next scene on; None: fit and mirror say."""
        self._memories: dict[int, SimpleNamespace] = {}
        self._last_seen: dict[int, SketchPerson] = {}
        self._placement: AnyPlacement = Placement(canvas.width, canvas.height, 0.0, 0.0)
        self._picture: NDArray[np.uint8] | None = None
        self._health = Health()
        self._held: tuple[Event, ...] = ()
        self._is_moved = False
        self._began: float | None = None
        self._time = 0.0
        self.forgive: Callable[[HookError], None] | None = None
        self.zones: tuple[Zone, ...] = ()
        """The zones that the engine watches."""
        self.scene = SketchScene((), None, self._health, 0.0)
        """What the sketch sees now."""
        messages = loaded.sketch.osc = osc if osc is not None else OscMessages()
        self._values: dict[str, Any] = {
            "canvas": canvas,
            "state": loaded.sketch.state,
            "params": Params(loaded.parameters),
            "osc": messages,
        }
        self._refresh(0.0)

    @property
    def placement(self) -> AnyPlacement:
        """Where the camera's picture lies on the canvas, mirror and all."""
        return self._placement

    @property
    def picture(self) -> NDArray[np.uint8] | None:
        """The camera's newest picture, (H, W, 3) RGB; None when there is none. Not to be kept."""
        return self._picture

    @property
    def zone_states(self) -> tuple[ZoneState, ...]:
        """Who is in which zone, as the engine says."""
        return self.scene.raw.zones if self.scene.raw else ()

    @property
    def loaded(self) -> LoadedSketch:
        """The version of the sketch that runs; it may be another one in the next frame."""
        return self._loaded

    @property
    def parameters(self) -> Parameters:
        """What of the sketch can be set from outside."""
        return self._loaded.parameters

    @property
    def hears(self) -> bool:
        """Whether the sketch listens to OSC messages."""
        return "on_osc" in self._loaded.hooks

    def setup(self) -> None:
        """Call the sketch's `setup`; nobody is here yet."""
        self._call("setup")

    def swap(self, loaded: LoadedSketch) -> None:
        """Go on with another version of the sketch; people, memories, `state`, canvas and OSC stay.

        `loaded` is of the same sketch object. No hook is called for it.
        """
        self._loaded = loaded
        self._values["params"] = Params(loaded.parameters)
        self._values["state"] = loaded.sketch.state

    def place_anew(self, canvas: Canvas, *, fit: Fit, mirror: bool) -> None:
        """Go on with a canvas, perhaps another one, on which the picture lies so from the next frame on."""
        self.canvas = self._values["canvas"] = canvas
        self.fit, self.mirror, self._is_moved = fit, mirror, True

    def call(self, name: str) -> None:
        """Call `setup` or `close` of the version that runs, between two frames; raises what it raises."""
        self._refresh(0.0)
        self._call(name)

    def frame(
        self, update: Update, now: float, shown: float | None = None, heard: Sequence[Heard] = ()
    ) -> None:
        """Do one frame: take the update in, tell the sketch what happened, let it move on and draw.

        `now` is in seconds on whichever clock the run goes by: the scenes' own for a file, else the
        machine's. `shown` is when the frame will be seen, on the scenes' clock; None when nobody waits for
        it, and then people are where they were seen, whatever the sketch's `extrapolate` says. `heard` is
        what came from outside since the frame before.
        """
        self._began = now if self._began is None else self._began
        dt = max(0.0, now - self._began - self._time)
        self._time += dt
        self.canvas.begin_frame(self._time)
        self._see(update, shown)
        self._refresh(dt)
        self._tell(update)
        self.hear(heard)
        self._call("update")
        self._clear()
        self._call("draw")
        self.canvas.end_frame()
        self._check_canvas()

    def tell(self, update: Update) -> None:
        """Pass on an update's events and health without drawing, as after the last frame."""
        if update.scene is not None:
            self._see(update)
        self._refresh(0.0)
        self._tell(update)

    def hear(self, heard: Sequence[Heard]) -> None:
        """Tell the sketch what came from outside, in order."""
        for hook, arguments in heard:
            self._call(hook, **arguments)

    def key(self, name: str) -> bool:
        """Tell the sketch that a key was pressed; whether it wants nobody else to act on it."""
        return self._call("on_key", key=name) is True

    def mouse(self, position: tuple[float, float], button: int) -> None:
        """Tell the sketch that a mouse button was pressed, at a place in canvas pixels."""
        self._call("on_mouse", position=Vector(*position), button=button)

    def blame(self, sentence: str) -> HookError:
        """Return the error for something that the sketch did and that no line of it raised."""
        return HookError(f"{self._loaded.path.name}: {sentence}")

    def close(self) -> None:
        """Call the sketch's `close`, and let go of the picture, which is the feed's."""
        try:
            self._call("close")
        finally:
            self._picture = None
            self.canvas.set_camera(None, self._placement)
            self.canvas.set_mask(None, self._placement)

    def _see(self, update: Update, shown: float | None = None) -> None:
        """Turn the newest scene into people in canvas pixels, and let the camera's new picture be drawn."""
        scene = update.scene
        is_new, before = scene is not self.scene.raw, self.scene.mask
        ahead = shown if self._loaded.sketch.extrapolate else None
        if scene is None:
            people = []
        elif is_new or self._is_moved or ahead is not None:
            self._placement = self._place(scene)
            people = [self._meet(person, scene, ahead) for person in scene.people]
            self._last_seen.update((person.id, person) for person in people)
        else:
            people = list(self.scene.people)
        mask = update.mask
        if mask is not None:
            mask.flags.writeable = False  # it is shown to others too
        self.scene = SketchScene(people, scene, update.health, self._time, self.zones, self._placement, mask)
        if is_new or self._is_moved or update.picture is not self._picture or mask is not before:
            # A source may put its next picture where the last one was.
            self._picture, self._is_moved = update.picture, False
            self.canvas.set_camera(update.picture, self._placement)
            self.canvas.set_mask(mask, self._placement)

    def _place(self, scene: Scene) -> AnyPlacement:
        if self.stage is not None:
            return stage_placement(self.stage, self.canvas.size)
        placement = fit_picture(scene.size, self.canvas.size, self.fit)
        return placement.mirrored(self.canvas.width) if self.mirror else placement

    def _meet(self, person: Person, scene: Scene, shown: float | None) -> SketchPerson:
        memory = self._memories.setdefault(person.id, SimpleNamespace())
        ahead = 0.0 if shown is None else shown - person.seen
        return SketchPerson(person, self._placement, scene.size, memory, ahead)

    def _refresh(self, dt: float) -> None:
        scene = self.scene
        self._values.update(
            scene=scene, people=scene.people, lead=scene.lead, health=scene.health, dt=dt, time=self._time
        )

    def _tell(self, update: Update) -> None:
        before, self._health = self._health.camera in SEEING, update.health
        now = self._health.camera in SEEING
        for event in self._due(update):
            self._dispatch(event)
        if before != now:
            self._call("on_camera_back" if now else "on_camera_lost")

    def _due(self, update: Update) -> tuple[Event, ...]:
        """Return the events to tell now; from one on whose person is only in the next scene, they wait.

        Events arrive at once and scenes a moment later, but whoever enters is to be seen in `on_enter`.
        """
        events, self._held = self._held + update.events, ()
        if update.finished or not update.health.engine:
            return events  # no scene will come that they could wait for
        scene = update.scene
        here = {person.id for person in scene.people} if scene is not None else set()
        newest = scene.captured if scene is not None else -math.inf  # the first of all is on its way
        for at, event in enumerate(events):
            is_ahead = event.time > newest and event.person_id not in here
            if event.name == "enter" and is_ahead:
                self._held = events[at:]
                return events[:at]
        return events

    def _dispatch(self, event: Event) -> None:
        person = self._person_of(event) if event.person_id else None
        hook = EVENT_HOOKS.get(event.name)
        if hook is not None:
            visit, zone = getattr(event, "visit", 0.0), getattr(event, "zone", "")
            self._call(hook, person=person, event=event, visit=visit, zone=zone)
        if isinstance(event, Gesture):
            self._tell_gesture(event, person)
        if event.name == "leave":
            self._last_seen.pop(event.person_id, None)
            self._memories.pop(event.person_id, None)
            self._dismiss(event.person_id)

    def _tell_gesture(self, event: Gesture, person: SketchPerson | None) -> None:
        """Call the hook for everything that gestures do, and the gesture's own for this phase."""
        partner = self._last_seen.get(event.partner_id)
        self._call("on_gesture", person=person, event=event, partner=partner)
        if event.signal is not None:  # wave, wave_held or wave_end
            self._call(f"on_{event.signal}", person=person, event=event, partner=partner)

    def _dismiss(self, person_id: int) -> None:
        """Take somebody who has left out of the scene, should her event have overtaken it."""
        scene = self.scene
        if any(person.id == person_id for person in scene.people):
            staying = [person for person in scene.people if person.id != person_id]
            self.scene = SketchScene(
                staying, scene.raw, scene.health, scene.time, self.zones, self._placement, scene.mask
            )
            self._refresh(self._values["dt"])

    def _person_of(self, event: Event) -> SketchPerson:
        """Return her as last seen; one who came and went between two looks was never seen."""
        known = self._last_seen.get(event.person_id)
        if known is None:
            memory = self._memories.setdefault(event.person_id, SimpleNamespace())
            size = self.scene.size or self.canvas.size
            known = SketchPerson(unseen_person(event.person_id, event.slot), self._placement, size, memory)
            self._last_seen[event.person_id] = known
        return known

    def _clear(self) -> None:
        """Fill the canvas as the sketch's `background` says."""
        background = self._loaded.sketch.background
        if background is not None:
            try:
                self.canvas.background(background)
            except Exception as error:
                self._fail("background", error)

    def _check_canvas(self) -> None:
        """Blame the sketch while it holds the canvas's memory, which pygame then neither shows nor copies."""
        surface = self.canvas.surface
        if surface.get_locked():
            gc.collect()  # it may have let go of it in a circle
            if surface.get_locked():
                if self.forgive is None:
                    raise self.blame(LOCKED)
                self.forgive(self.blame(LOCKED))

    def _call(self, name: str, /, **extra: Any) -> Any:
        hook = self._loaded.hooks.get(name)
        if hook is None:
            return None
        try:
            return hook({**self._values, **extra} if extra else self._values)
        except (Exception, Endless) as error:
            return self._fail(name, error)

    def _fail(self, name: str, error: Exception | Endless) -> None:
        """Raise what a hook raised as the user is to read it, or hand it over."""
        failure = hook_error(self._loaded.path, name, error)
        if self.forgive is None or name in ("setup", "close"):
            raise failure from error
        failure.__cause__ = error
        self.forgive(failure)
