"""pose_match: step into the glowing figure and become it.

What you see: around each of you a figure of light. As you come to stand like it, it fills from the feet up;
    full, it rings, and the next one is there. Nobody loses: when its time is over the figure changes too.
What to notice: `person.similarity(points)` compares two poses wherever they are and however big, so that a
    child, a giant and somebody on a chair play alike. What is left free in `figure` (NaN) does not count.
Try this: a pose of your own in POSES; posekit teach my_star, then person.similarity(taught.load("my_star")).
How to run: posekit run pose_match
"""

import numpy as np

from posekit.sound import note_name, pluck, scale

# Upper arm, lower arm, thigh and shin at the left of the picture, then at its right: 0 degrees hangs down,
# 90 points outwards, 180 up.
POSES = [
    ((130, 130, 22, 22), (130, 130, 22, 22)),  # star
    ((92, 180, 8, 4), (92, 180, 8, 4)),  # cactus
    ((145, 145, 10, 10), (35, 35, 28, 28)),  # disco
    ((90, 180, 8, 4), (90, 0, 8, 4)),  # hieroglyph
    ((155, 205, 5, 3), (155, 205, 62, -72)),  # tree
    ((95, 90, 40, 5), (50, -55, 22, 30)),  # fencer
]
SECONDS = 12  # for each pose
OUTLINE = [9, 7, 5, 6, 8, 10, None, 5, 11, 13, 15, None, 6, 12, 14, 16, None, 5, 12, 11, 6]
MELODY = scale("pentatonic", "C4", "C7")
background = "#07060f"


def limb(degrees, side, length):
    return length * np.array((side * np.sin(np.radians(degrees)), np.cos(np.radians(degrees))))


def figure(pose, left_side):
    """The 17 points of a pose, in trunks from the middle of the hips; her left is at side -1 or 1 of it."""
    points = np.full((17, 2), np.nan)
    points[0] = (0, -1.42)
    for side, (arm, forearm, thigh, shin) in zip((-1, 1), pose):
        at = 0 if side == left_side else 1
        points[5 + at], points[11 + at] = (0.38 * side, -1), (0.2 * side, 0)
        points[7 + at] = points[5 + at] + limb(arm, side, 0.62)
        points[9 + at] = points[7 + at] + limb(forearm, side, 0.58)
        points[13 + at] = points[11 + at] + limb(thigh, side, 0.92)
        points[15 + at] = points[13 + at] + limb(shin, side, 0.92)
    return points


def on_enter(person, time):
    memory = person.memory
    memory.step, memory.since, memory.won, memory.burst = person.id, time, 0, -9.0
    memory.fill, memory.full, memory.unit = 0.0, 0.0, None


def update(people, time, dt):
    for person in people:
        memory = person.memory
        shoulders, hips = person.xy[5:7], person.xy[11:13]
        if not np.isfinite(shoulders).all():
            continue
        unit = np.hypot(*(shoulders.mean(axis=0) - hips.mean(axis=0)))
        if not np.isfinite(unit):  # somebody on a chair, behind a table
            unit = 1.25 * np.hypot(*(shoulders[0] - shoulders[1]))
        memory.unit = unit if memory.unit is None else memory.unit + (unit - memory.unit) * min(1, 2 * dt)
        left_side = 1 if shoulders[0, 0] > shoulders[1, 0] else -1
        shape = figure(POSES[memory.step % len(POSES)], left_side) * memory.unit
        memory.points = shape + shoulders.mean(axis=0) + (0, memory.unit)
        goal = (person.similarity(memory.points) - 0.6) / 0.24
        memory.fill += (min(1, max(0, goal)) - memory.fill) * min(1, 6 * dt)
        memory.full = memory.full + dt if memory.fill > 0.93 else 0.0
        if memory.full > 0.5:
            pluck(note_name(MELODY[memory.won % len(MELODY)]), decay=1.2)
            memory.won, memory.burst = memory.won + 1, time
        if memory.full > 0.5 or time - memory.since > SECONDS:
            memory.step, memory.since, memory.full, memory.fill = memory.step + 1, time, 0.0, 0.0


def draw(canvas, people, time):
    canvas.gradient("#131026", "#040308", (0, 0), (0, canvas.height))
    ghosts = canvas.layer("ghosts")
    ghosts.clear()
    here = [person for person in people if person.memory.unit]
    for wider, blend in ((6, "normal"), (0, "erase")):  # what is left of a thick figure is its outline
        for person in here:
            memory, width = person.memory, 0.31 * person.memory.unit
            ghosts.polyline(outline(memory), "#cfe3ff", width + wider, glow=5 * wider, blend=blend)
            ghosts.circle(memory.points[0], width, "#cfe3ff", glow=5 * wider, blend=blend)
            ghosts.polygon(memory.points[[5, 6, 12, 11]], "#cfe3ff", blend=blend)
    canvas.draw_layer(ghosts, 0.85, blend="add")
    for person in here:
        fill(canvas, person, person.memory, time)
    for person in people:
        canvas.skeleton(person, person.color, width=4, glow=8)


def outline(memory):
    return np.array([memory.points[at] if at is not None else (np.nan, np.nan) for at in OUTLINE])


def fill(canvas, person, memory, time):
    corners, head, width = outline(memory), memory.points[0], 0.31 * memory.unit
    light, age = 0.2 + 0.6 * memory.fill, time - memory.burst
    steps = np.linspace(0, 1, 6)[:, None]
    bones = np.concatenate([one + (other - one) * steps for one, other in zip(corners, corners[1:])])
    bottom = np.nanmax(bones[:, 1]) + width / 2
    risen = bones[:, 1:] > bottom + (head[1] - width - bottom) * memory.fill
    canvas.polyline(np.where(risen, bones, np.nan), person.color, width, light, blend="screen")
    if memory.fill > 0.9:
        canvas.circle(head, width, person.color, alpha=light, glow=40, blend="screen")
    if age < 1.2:
        middle, radius = memory.points[11:13].mean(axis=0), width * (2 + 12 * age)
        canvas.circle(middle, radius, person.color, 14 * (1.2 - age), 1 - age / 1.2, glow=40)
