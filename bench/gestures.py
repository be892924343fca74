"""Recall, false alarms and delay of every gesture, on scripted bodies and a walking crowd with PoseNet's
noise.

    python bench/gestures.py            the whole table
    python bench/gestures.py --quick    one size, one rate
    python bench/gestures.py --json

Each cell is a scripted body (three sizes, a child, a seated one where it applies, and each mirrored) that
does one act; poses go through the tracker and the smoother, as in a show. `false alarms` are starts of other
gestures than the ones that the act is, in the same runs. Walking is a crowd with acts switched off.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from posekit.crowd import NONE, CrowdOptions, moments, observe, scripted
from posekit.crowd.scripted import NEEDS_LEGS
from posekit.events.gestures import GestureOptions, Gestures
from posekit.scene import Person
from posekit.smoothing import Smoother
from posekit.tracking import Tracker

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from posekit.crowd import Moment, ScriptedBody
    from posekit.scene import Gesture

SIZE = (1280, 720)
ASPECT = SIZE[0] / SIZE[1]
RATES = (10.0, 30.0, 60.0)
NOT_SEATED = NEEDS_LEGS | {"jump", "crouch", "step_left", "step_right"}
MEANT = {
    "raise_right": {"right_hand_raised"},
    "raise_left": {"left_hand_raised"},
    "raise_both": {"left_hand_raised", "right_hand_raised", "hands_raised"},
    "wave_right": {"right_wave", "wave"},
    "wave_left": {"left_wave", "wave"},
    "clap": {"clap"},
    "hands_together": {"hands_together"},
    "t_pose": {"t_pose"},
    "arms_crossed": {"arms_crossed"},
    "jump": {"jump"},
    "crouch": {"crouch"},
    "lean_left": {"lean_left"},
    "lean_right": {"lean_right"},
    "step_left": {"step_left"},
    "step_right": {"step_right"},
    "swipe_right_inward": {"swipe_left"},
    "swipe_right_outward": {"swipe_right"},
    "swipe_left_inward": {"swipe_right"},
    "swipe_left_outward": {"swipe_left"},
    "punch_right": {"right_punch", "punch"},
    "punch_left": {"left_punch", "punch"},
    "still": {"stillness"},
}
"""Which gestures an act of the crowd is; with a seated or mirrored body too."""
ALLOWED = {
    "jump": {"crouch"},
    "raise_both": {"swipe_left", "swipe_right"},
}
"""Which others a person would not contradict."""


@dataclass
class Tally:
    """What became of one act."""

    runs: int = 0
    hits: Counter[str] = field(default_factory=Counter)
    strays: Counter[str] = field(default_factory=Counter)
    delays: dict[str, list[float]] = field(default_factory=dict)
    missed: list[str] = field(default_factory=list)


def bodies(act: str) -> Iterator[tuple[str, ScriptedBody]]:
    """Yield every body that does an act: three sizes, a child, seated, each mirrored."""
    duration = 5.0 if act == "still" else 2.0
    for mirrored in (False, True):
        side = " mirrored" if mirrored else ""
        forms = [(f"{height}", {"height": height}) for height in (0.4, 0.55, 0.75)]
        forms.append(("child", {"height": 0.5, "proportions": "child"}))
        if act not in NOT_SEATED:
            forms.append(("seated", {"height": 0.75, "seated": True}))
        for name, form in forms:
            yield (
                name + side,
                scripted(
                    act, begin=2.0, duration=duration, total=2.0 + duration + 3.0, mirrored=mirrored, **form
                ),
            )


def seen_people(stream: Iterable[Moment]) -> Iterator[tuple[float, tuple[Person, ...]]]:
    """Yield times and people as a show has them."""
    tracker, smoother = Tracker(), Smoother()
    for moment in stream:
        tracked = tracker.update(moment.poses, moment.time, SIZE)
        yield moment.time, smoother.update(tracked.people, moment.time, SIZE)


def events_of(stream: Iterable[Moment], options: GestureOptions | None = None) -> Iterator[Gesture]:
    """Yield every gesture event of a stream of poses."""
    gestures = Gestures(options)
    for when, people in seen_people(stream):
        yield from gestures.update(people, when, ASPECT)  # type: ignore[misc]


def run_act(act: str, rate: float, tally: Tally, *, seeds: int = 1, few: bool = False) -> None:
    """Let every body do an act, and count."""
    for seed in range(seeds):
        for at, (form, body) in enumerate(bodies(act)):
            if few and at not in (1, 4):
                continue
            truth = body.ground_truth[0]
            meant = MEANT[truth.name]
            told = events_of(observe([body], rate, body.total, SIZE, seed=100 * seed + at, jitter=0.2))
            starts = [event for event in told if event.phase == "start"]
            tally.runs += 1
            for name in meant:
                good = [event.time for event in starts if event.name == name]
                good = [when for when in good if truth.begin - 0.05 <= when <= truth.end + 1.0]
                if good:
                    tally.hits[_of(name, act, truth.name)] += 1
                    tally.delays.setdefault(_of(name, act, truth.name), []).append(good[0] - truth.begin)
                else:
                    tally.missed.append(f"{name} {form} {rate:g} Hz seed {seed}")
            others = meant | ALLOWED.get(act, set()) | {"stillness"}
            for event in starts:
                if event.name not in others:
                    tally.strays[event.name] += 1


def _of(name: str, act: str, shown: str) -> str:
    """Return a gesture's name as it is without a mirror, so that an act has one row."""
    if act == shown:
        return name
    return name.replace("left", "?").replace("right", "left").replace("?", "right")


def walking(rate: float, seconds: float, seed: int = 1, people: int = 4) -> tuple[Counter[str], Counter[str]]:
    """Return the starts in a crowd that only walks and stands: all, and those that the truth bears out.

    Who walks a step's length and stops has made a step, and hands that overlap in the picture touch there.
    `near` and `stillness` are left out: they do come near, and do stand still.
    """
    options = CrowdOptions(people=people, seed=seed, rate=rate, seconds=seconds, acts="none")
    told: Counter[str] = Counter()
    right: Counter[str] = Counter()
    past: deque[Moment] = deque(maxlen=round(2.0 * rate))

    def remembered() -> Iterator[Moment]:
        for moment in moments(options):
            past.append(moment)
            yield moment

    gestures = Gestures()
    for when, crowd in seen_people(remembered()):
        for event in gestures.update(crowd, when, ASPECT):
            if event.phase != "start" or event.name in ("near", "stillness"):
                continue
            told[event.name] += 1
            person = next(one for one in crowd if one.id == event.person_id)
            right[event.name] += is_true(event, person, past)
    return told, right


def is_true(event: Gesture, person: Person, past: Sequence[Moment]) -> bool:
    """Whether a step or a touch really was one, in the picture."""
    truth = past[-1].truth
    away = [float(np.nanmean(np.abs(one.pose.xy - person.pose.xy))) for one in truth]
    me = truth[int(np.argmin(away))]
    torso = 0.285 * me.height
    if event.name == "touch":
        hands = [one.pose.xy[9:11] * (ASPECT, 1) for one in truth if one.id != me.id]
        mine = me.pose.xy[9:11] * (ASPECT, 1)
        gaps = [np.hypot(*(a - b)) for other in hands for a in other for b in mine]
        return bool(min(gaps) < 0.6 * torso)
    if event.name.startswith("step"):
        path = [float(one.pose.xy[11:13, 0].mean()) for m in past for one in m.truth if one.id == me.id]
        gone = np.array(path) * ASPECT / torso
        return bool(0.6 < np.ptp(gone) < 2.4)
    return False


def cost(count: int, seconds: float = 20.0) -> dict[str, float]:
    """Return milliseconds of one update with so many people: the median, and the quickest twentieth."""
    spread = [
        scripted(act, 0.4, at=(0.1 + 0.08 * at, 0.5), begin=1.0, duration=3.0, total=seconds, id=at + 1)
        for at, act in enumerate((list(MEANT) * 2)[:count])
    ]
    seen = []
    for moment in observe(spread, 30.0, seconds, SIZE, NONE):
        poses = zip(moment.origins, moment.poses, strict=True)
        still = np.zeros((17, 2), np.float32)
        crowd = [
            Person(origin, origin, pose.above(0.3), 1.0, still, moment.time)
            for origin, pose in poses
            if origin
        ]
        seen.append((moment.time, tuple(crowd)))
    gestures, took = Gestures(), []
    for when, crowd in seen:
        began = time.perf_counter()
        gestures.update(crowd, when, ASPECT)
        took.append(time.perf_counter() - began)
    median, quick = np.percentile(took, (50, 5)).tolist()
    return {"median": round(1000 * median, 4), "quick": round(1000 * quick, 4)}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--acts", default="")
    parser.add_argument("--rates", default="")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--walk", type=float, default=600.0)
    given = parser.parse_args()
    rates = [float(rate) for rate in given.rates.split(",")] if given.rates else RATES
    acts = given.acts.split(",") if given.acts else list(MEANT)
    rows = []
    for act in acts:
        for rate in rates:
            tally = Tally()
            run_act(act, rate, tally, seeds=given.seeds, few=given.quick)
            for name in sorted(MEANT[act]):
                delays = tally.delays.get(name, [])
                rows.append(
                    {
                        "act": act,
                        "gesture": name,
                        "rate": rate,
                        "runs": tally.runs,
                        "recall": tally.hits[name] / tally.runs,
                        "delay": round(float(np.median(delays)), 3) if delays else None,
                        "strays": dict(tally.strays),
                        "missed": tally.missed,
                    }
                )
                if not given.json:
                    row = rows[-1]
                    print(
                        f"{act:20} {name:18} {rate:4g} Hz  recall {row['recall']:.2f} of {row['runs']}"
                        f"  delay {row['delay']} s  others {row['strays'] or '-'} {row['missed'][:4] or ''}",
                        flush=True,
                    )
    walks = {}
    for rate in rates if given.walk else ():
        told, right = walking(rate, given.walk)
        walks[f"{rate:g}"] = {"told": dict(told), "true": dict(+right), "false": sum((told - right).values())}
        if not given.json:
            print(f"walking {given.walk:g} s at {rate:g} Hz: {walks[f'{rate:g}']}", flush=True)
    result = {
        "gestures": rows,
        "walking_seconds": given.walk,
        "walking": walks,
        "ms": {str(count): cost(count) for count in (1, 2, 6, 10)},
    }
    print(json.dumps(result) if given.json else {key: result[key] for key in ("walking", "ms")})


if __name__ == "__main__":
    main()
