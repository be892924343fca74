"""The data sheet of a show: what is measured, sent and kept, in plain words, for visitors and the venue.

It says what these settings do. A sentence that promises something is there only while it is true.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from posekit.records.paper import Bullets, Paper, Section
from posekit.records.tally import EDGES

if TYPE_CHECKING:
    from collections.abc import Iterator

Origin = Literal["camera", "stream", "film", "poses"]
"""A camera at this machine; one that is reached over a network; a film or picture; no picture at all."""
SHARED = {"picture": "picture", "mask": "silhouettes"}
"""What can be shared, in plain words."""
MAP_CELLS = 96
"""Along the longer side of the map of edges."""

NO_PICTURE_KEPT = "posekit stores no picture and no film of anybody."
NO_PICTURE_SHOWN = (
    "posekit hands the camera's picture to nobody but the sketch; each one is replaced by the next."
)
NOTHING_LEAVES = "posekit tells no other machine anything of anybody: all of it happens on this one."
NOTHING_COUNTED = "Visits are not counted."
NOBODY_KNOWN = (
    "posekit recognises nobody: it compares no faces, hears no voices, and knows no names, ages or genders. "
    "Whoever comes back another time is somebody new to it."
)


@dataclass(frozen=True)
class SheetFacts:
    """What the settings of a show come to, as far as it concerns those who are looked at."""

    title: str
    venue: str = ""
    contact: str = ""
    purpose: str = ""
    sketch: str = ""
    is_own_sketch: bool = True
    """False for one that comes with posekit."""
    origin: Origin = "camera"
    source: str = "0"
    """As it may be shown: without passwords."""
    keypoints: str = "17"
    """How many points of a body, in words."""
    most_people: int = 10
    has_mask: bool = False
    gestures: tuple[str, ...] = ("all",)
    """Names, or `all`, or `off`."""
    zones: tuple[str, ...] = ()
    osc: tuple[str, ...] = ()
    """`HOST:PORT` of each receiver of poses."""
    web: str = ""
    """`HOST:PORT` where poses are served to browsers; empty for nowhere."""
    share: tuple[str, ...] = ()
    """Of the camera, served there too: `picture`, `mask`."""
    status: str = ""
    """`HOST:PORT` of the status page; empty for none."""
    preview: bool = False
    heartbeat_osc: tuple[str, ...] = ()
    """`HOST:PORT` of whoever is told that the show is alive, and how many people it sees."""
    heartbeat_http: tuple[str, ...] = ()
    """`HOST` of whoever is told that all is well, or not."""
    hook_commands: tuple[str, ...] = ()
    """The programs that hooks start."""
    hook_messages: tuple[str, ...] = ()
    """`HOST:PORT` of whoever gets messages from hooks."""
    osc_in: str = ""
    counts: bool = True
    counts_are_there: bool = False
    """Whether there are some of before."""
    keep_days: int = 400
    log_megabytes: float = 20
    view: bool = True
    """Whether the view is remembered and looked at without being asked."""
    view_is_there: bool = False
    keys: bool = False
    save_video: str = ""
    save_frame: str = ""

    @property
    def keeps_pictures(self) -> bool:
        """Whether these settings make a picture or film of the canvas, or let somebody make one by a key."""
        return bool(self.save_video or self.save_frame or self.keys)

    @property
    def shows_pictures(self) -> bool:
        """Whether somebody else than the visitors in the room can see what the camera sees."""
        return bool((self.web and self.share) or (self.status and self.preview))

    @property
    def others(self) -> tuple[str, ...]:
        """Every other machine that is sent something, or can ask for it, by the settings."""
        asked = (self.web, self.status, self.osc_in)
        places = (*self.osc, *asked, *self.heartbeat_osc, *self.heartbeat_http, *self.hook_messages)
        return tuple(dict.fromkeys(place for place in places if place and not is_here(place)))


def is_here(place: str) -> bool:
    """Whether a `HOST` or `HOST:PORT` is this machine, and no other can ever be meant."""
    host = place
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    if host.lower() in ("", "localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def sheet_paper(facts: SheetFacts) -> Paper:
    """Lay the sheet out."""
    where = f" at {facts.venue}" if facts.venue else ""
    purpose = f"{facts.title}{where} is {facts.purpose or 'an artwork that answers movement'}."
    looks = {
        "camera": "A camera looks at the room, and a computer finds where people are and how they stand.",
        "stream": "A camera looks at the room, and a computer finds where people are and how they stand.",
        "film": "It looks at no room: it plays a film or picture, and a computer finds the people in it.",
        "poses": "It looks at no room and at no picture: it plays movements that were made or kept before.",
    }
    sections = (
        Section("What is measured", (Bullets(tuple(_measured(facts))),)),
        Section("Where it goes", (Bullets(tuple(_sent(facts))),)),
        Section("What is kept, and for how long", (Bullets(tuple(_kept(facts))),)),
        Section("What is not done", (Bullets(tuple(_promised(facts))),)),
        Section("What this sheet cannot know", (Bullets(tuple(_unknown(facts))),)),
        Section("Whom to ask", (_asked(facts),)),
    )
    foot = "Written by posekit from the settings the show runs with; write it anew when they change."
    return Paper(
        f"{facts.title}: what happens to your data", f"{purpose} {looks[facts.origin]}", sections, foot
    )


def _measured(facts: SheetFacts) -> Iterator[str]:
    if facts.origin == "stream":
        yield f"The picture comes over a network from another camera ({facts.source}). This machine reads it."
    elif facts.origin in ("film", "poses"):
        yield f"What is played: {facts.source}."
    if facts.origin != "poses":
        yield (
            f"Of up to {_bodies(facts.most_people)} at once: {facts.keypoints} points, such as nose, "
            "shoulders and wrists, where they are in the picture and how they move. Each body has a number "
            "while it is in view, which no other gets while the program runs."
        )
    if facts.has_mask:
        yield "The outline of a body, as a black and white shape."
    if facts.gestures != ("off",):
        names = "gestures" if facts.gestures == ("all",) else f"the gestures {', '.join(facts.gestures)}"
        yield f"From these points: {names}, when somebody comes and goes, and how long they stay."
    else:
        yield "From these points: when somebody comes and goes, and how long they stay."
    if facts.zones:
        yield f"Who is in which of these places of the picture: {', '.join(facts.zones)}."


def _sent(facts: SheetFacts) -> Iterator[str]:
    sketch = facts.sketch or "that draws"
    yield f"To the sketch {sketch}, on this machine: the points and events{_picture_too(facts)}."
    if facts.osc:
        yield f"Points and events, as they happen, to: {', '.join(map(_place, facts.osc))} (OSC)."
    if facts.web:
        more = "".join(f", and the camera's {SHARED[name]}" for name in facts.share)
        yield f"Points and events{more}, live, to browsers at {_place(facts.web)}; {_whom(facts.web)}."
    if facts.status:
        more = ", and the camera's picture, live" if facts.preview else ", and no picture"
        yield (
            f"To the technician's page at {_place(facts.status)}: how the show is doing, what it keeps as "
            f"numbers and log, the points of whoever is there, live{more}; {_whom(facts.status, token=True)}."
        )
    if facts.heartbeat_osc:
        places = ", ".join(map(_place, facts.heartbeat_osc))
        yield f"That the show is alive, and how many people are there, to: {places}."
    if facts.heartbeat_http:
        yield f"That all is well, or not, to: {', '.join(map(_place, facts.heartbeat_http))}."
    if facts.hook_messages:
        yield f"When it opens, closes or fails, a message to: {', '.join(map(_place, facts.hook_messages))}."


def _kept(facts: SheetFacts) -> Iterator[str]:
    if facts.counts:
        yield (
            "Numbers for each hour: how many visits ended in it and how long they were, in "
            f"{len(EDGES) + 1} steps; how often somebody came into which zone, and for how long; how many "
            "gestures of each kind. No positions, no pictures, no numbers of bodies, no time of a single "
            f"visit finer than its hour. Kept for {facts.keep_days} days; older hours are deleted while the "
            "show runs."
        )
    elif facts.counts_are_there:
        yield (
            "Numbers for each hour that were counted before: how many visits, how long, in which zones. "
            "Nothing is added to them any more; they are kept until somebody deletes the folder records."
        )
    yield (
        "How the show is doing at this moment, with how many people are there and how many visits the day "
        "has had, in a file that is replaced every second."
    )
    yield (
        "A technical log: starts, faults, who steered the show by page or message, and what the sketch"
        f"{' and the programs that the show starts print' if facts.hook_commands else ' prints'}. At most "
        f"{facts.log_megabytes:g} MB; the oldest lines are overwritten. Most of it is told to the computer's "
        "own log too, which keeps it as long as that is set to."
    )
    state = "It is there now" if facts.view_is_there else "There is none yet"
    when = "by itself once nobody has been in view for a minute, and anew " if facts.view else ""
    yield (
        f"view.toml: the edges of the empty room as a map of about {MAP_CELLS} cells across, to notice when "
        f"the camera was moved. It is made {when}when the technician asks for it, while nobody is in view; "
        f"the next one replaces it. {state}."
    )
    if facts.save_video:
        yield (
            f"A film of what the screen shows, in {facts.save_video}, from start to end, until somebody "
            "deletes it. It shows visitors wherever the sketch does."
        )
    if facts.save_frame:
        yield (
            f"The last picture of what the screen showed, in {facts.save_frame}, until it is replaced or "
            "deleted. It shows visitors wherever the sketch does."
        )
    if facts.keys:
        yield (
            "The keyboard works: whoever presses F9 or F12 keeps a film or picture of what the screen shows, "
            "in the show's folder, until somebody deletes it."
        )


def _promised(facts: SheetFacts) -> Iterator[str]:
    if not facts.keeps_pictures:
        yield NO_PICTURE_KEPT
    if not facts.shows_pictures and facts.origin in ("camera", "stream"):
        yield NO_PICTURE_SHOWN
    yield NOBODY_KNOWN
    if not facts.others and not facts.hook_commands and facts.origin != "stream":
        yield NOTHING_LEAVES
    if not facts.counts:
        yield NOTHING_COUNTED


def _unknown(facts: SheetFacts) -> Iterator[str]:
    if facts.is_own_sketch:
        yield (
            f"The sketch {facts.sketch or 'of this show'} is a program of its own. It is given the points"
            f"{_picture_too(facts)}; posekit cannot see whether it stores or sends any of it. Ask who "
            "wrote it."
        )
    if facts.hook_commands:
        yield f"The programs that the show starts by itself: {', '.join(facts.hook_commands)}."
    if facts.others:
        yield "What the receivers named above do with what they are sent."
    if facts.osc_in:
        yield (
            f"Who steers the show by messages to {_place(facts.osc_in)}, or asks there how it is and how "
            "many people it sees."
        )
    yield (
        "What the computer's own system writes of its memory to its disk when memory is short, or when a "
        "program crashes: that may be a picture."
    )


def _asked(facts: SheetFacts) -> str:
    if facts.contact:
        return f"{facts.contact}{f', {facts.venue}' if facts.venue else ''}."
    return f"The people at {facts.venue or 'the desk'}. (No contact is set: write contact = ... in [sheet].)"


def _picture_too(facts: SheetFacts) -> str:
    return " and, if it asks for it, the picture" if facts.origin != "poses" else ""


def _bodies(number: int) -> str:
    return "one body" if number == 1 else f"{number} bodies"


def _place(place: str) -> str:
    return f"{place} (this machine)" if is_here(place) else place


def _whom(place: str, *, token: bool = False) -> str:
    if is_here(place):
        return "only programs on this machine reach it"
    return (
        "whoever reaches it in the network needs a password"
        if token
        else "everybody in the network can see it"
    )
