"""One frame of the filter, for all keypoints of everybody at once.

A One-Euro filter (Casiez, Roussel and Vogel, "1 euro filter: a simple speed-based low-pass filter for noisy
input in interactive systems", CHI 2012): an exponential mean whose cutoff rises with the speed. Three things
differ, each because it was measured to be better on bodies (`bench/smoothing.py`). The cutoff goes with the
square of the speed, and a speed that noise alone can have counts for less: at rest, low rates leave no room
between the two. A movement that has lasted keeps the filter open where it turns round. And the farther the
steadied place is from the seen one, the faster it goes there: what is finally believed is reached in a glide.

The arrays are small, so what a frame costs is the number of numpy's calls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from posekit.features import SMALLEST, statures
from posekit.smoothing.sides import may_be_exchanged, untangle

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posekit.smoothing.options import SmoothingOptions
    from posekit.smoothing.state import Numbers, Points, State

SIZE_SECONDS = 1.0
"""Time constant of a body's size: it is there to scale, and must not pump with every raised arm."""
USUAL_SIZE = 0.5
"""Image heights: a body's size before it was seen."""
TURN = 2 * np.pi


def advance(
    state: State, points: Points, scores: Numbers, time: float, options: SmoothingOptions
) -> tuple[Points, Numbers, Points]:
    """Take in one frame and return steadied places, scores and velocities, (N, 17) each.

    `points` (NaN where missing) and `scores` are what was found at `time`, in seconds, of the people whose
    rows `state` has; both are written to. A time before the last one counts as the same instant. What is
    returned belongs to the state: it is good until the next frame.
    """
    scratch, when = state.scratch, state.when
    elapsed = np.subtract(time, np.minimum(when, time, out=when), out=scratch.elapsed)
    frames: list[float] = np.minimum.reduce(elapsed, axis=1).tolist()
    frame = frames[0] if len(set(frames)) == 1 else np.array(frames)[:, None]
    _size_up(state, points, frame)
    gap, far = _part(state, points)
    lasting = None
    if may_be_exchanged(state, points, far, options):
        lasting = untangle(state, points, scores, time, elapsed, options)
        gap, far = _part(state, points)
    else:
        state.pairs.fill(np.inf)
    shown = points == points
    followed = elapsed <= options.carry_time
    followed &= shown
    if lasting is not None:
        followed[:, 1:] &= ~np.repeat(lasting, 2, axis=1)
    begun = shown > followed
    lost = _doubt(state, followed, time, frame, options)
    factor = scratch.factor
    np.divide(1, elapsed + options.velocity_time, out=factor.real)
    gap *= factor
    state.velocity += gap
    away = np.subtract(points, state.steady, out=scratch.away)
    np.copyto(away, scratch.nothing, where=lost)
    sureness = _weigh(state, away, frame, options)
    away *= factor
    state.steady += away
    if not np.count_nonzero(lost):
        state.seen[...], state.score[...] = points, scores
        when.fill(time)
        return state.steady, state.score, _velocity(state, sureness)
    _carry(state, points, followed, lost, begun, frame)
    begun |= followed
    np.copyto(state.seen, points, where=begun)
    np.copyto(state.score, scores, where=begun)
    np.copyto(when, time, where=begun)
    return _show(state, sureness, time, options)


def _size_up(state: State, points: Points, frame: Numbers | float) -> None:
    """Follow how big the bodies are, slowly; `frame` is the time since each was seen, in seconds."""
    sizes, found = state.sizes, np.maximum(statures(points), SMALLEST)[:, None]
    grown = found - sizes
    grown *= frame / (frame + SIZE_SECONDS)
    both = grown == grown
    if np.count_nonzero(both) == len(sizes):
        sizes += grown
    else:
        np.add(sizes, grown, out=sizes, where=both)
        # Whoever has just come is as big as she looks, or as people are.
        np.copyto(sizes, found, where=sizes != sizes)
        np.copyto(sizes, USUAL_SIZE, where=sizes != sizes)
    np.divide(1, sizes, out=state.scratch.scale)


def _part(state: State, points: Points) -> tuple[Points, Numbers]:
    """Return how far each keypoint is from where it was expected, and that distance in sizes."""
    scratch = state.scratch
    scratch.factor.real = scratch.elapsed
    gap = np.subtract(points, state.seen, out=scratch.gap)
    gap -= np.multiply(state.velocity, scratch.factor, out=scratch.moved)
    far = np.abs(gap, out=scratch.far)
    far *= scratch.scale
    return gap, far


def _doubt(
    state: State, followed: NDArray[np.bool_], time: float, frame: Numbers | float, options: SmoothingOptions
) -> NDArray[np.bool_]:
    """Take what leaps out of what is `followed`, for a while; return what is not followed.

    The gap becomes 0 where it is no speed: where nothing is followed, and where a leap is believed in the
    end.
    """
    scratch, since, elapsed = state.scratch, state.leaping, state.scratch.elapsed
    limit = np.add(elapsed, options.leap_ahead, out=scratch.limit)
    limit *= state.active
    limit *= options.leap_activity
    limit += options.leap
    limit += np.multiply(elapsed, options.leap_speed, out=scratch.drive)
    leaps = scratch.far > limit
    leaps &= followed
    if not np.count_nonzero(leaps):
        since.fill(np.inf)
        lost = ~followed
        np.copyto(scratch.gap, scratch.nothing, where=lost)
        return lost
    np.minimum(since, time, out=since)
    np.copyto(since, scratch.never, where=~leaps)
    held = since > time - options.leap_time
    held &= leaps
    followed &= ~held
    lost = ~followed
    # Of what was held a moment ago nobody knows how fast it went; of what goes on leaping one does.
    leaps &= elapsed > frame
    leaps |= lost
    np.copyto(scratch.gap, scratch.nothing, where=leaps)
    return lost


def _weigh(state: State, away: Points, frame: Numbers | float, options: SmoothingOptions) -> Numbers:
    """Return how sure it is that keypoints (N, 17) move at all; the factor becomes how far they go.

    That is how far steadied places go to what is seen. Both are from 0 to 1.
    """
    scratch, active = state.scratch, state.active
    scale, pace, drive = scratch.scale, scratch.pace, scratch.drive
    speed = np.abs(state.velocity, out=scratch.limit)
    speed *= scale
    np.subtract(speed, active, out=pace)
    pace *= frame / (frame + options.activity_time)
    active += pace
    np.multiply(active, active, out=drive)
    drive *= options.sustained
    speed *= speed
    drive += speed
    squared = np.multiply(drive, drive, out=speed)
    sureness: Numbers = squared / np.add(squared, options.rest_speed**4, out=pace)
    apart = np.abs(away, out=scratch.far)
    apart *= scale
    apart *= apart
    apart *= options.distance_gain
    cutoff = drive
    cutoff *= sureness
    cutoff *= options.speed_gain
    cutoff += apart
    cutoff += options.rest_cutoff
    cutoff *= TURN * frame
    np.divide(cutoff, np.add(cutoff, 1, out=pace), out=scratch.factor.real)
    return sureness


def _carry(
    state: State,
    points: Points,
    followed: NDArray[np.bool_],
    lost: NDArray[np.bool_],
    begun: NDArray[np.bool_],
    frame: Numbers | float,
) -> None:
    """Let what is not followed go along with the rest of its body; what is new begins where it is."""
    scratch, velocity = state.scratch, state.velocity
    np.copyto(scratch.limit, followed)
    count = np.maximum(scratch.limit.dot(scratch.ones), 1)
    np.copyto(velocity, scratch.nothing, where=lost)
    drift = (velocity.dot(scratch.ones) / count)[:, None]
    np.copyto(velocity, drift, where=lost)
    # Nobody has moved for as long as she was not there at all.
    drift *= np.minimum(frame, 1.0)
    moved = scratch.moved
    moved.fill(0)
    np.copyto(moved, drift, where=lost)
    state.steady += moved
    state.seen += moved
    if np.count_nonzero(begun):
        np.copyto(state.steady, points, where=begun)


def _show(
    state: State, sureness: Numbers, time: float, options: SmoothingOptions
) -> tuple[Points, Numbers, Points]:
    """Return places, scores and velocities; what has not been seen for a moment fades, then it is missing."""
    scratch = state.scratch
    left = np.subtract(state.when, time, out=scratch.limit)
    left *= 1 / options.carry_time
    left += 1
    velocity = _velocity(state, sureness)
    gone = left <= 0
    places = state.steady
    if np.count_nonzero(gone):
        places = scratch.away
        places[...] = state.steady
        np.copyto(left, scratch.zero, where=gone)
        np.copyto(places, scratch.nowhere, where=gone)
        np.copyto(velocity, scratch.nothing, where=gone)
    left *= state.score
    return places, left, velocity


def _velocity(state: State, sureness: Numbers) -> Points:
    """Return velocities, less where it is not sure that anything moves."""
    scratch = state.scratch
    scratch.factor.real = sureness
    velocity: Points = np.multiply(state.velocity, scratch.factor, out=scratch.moved)
    return velocity
