"""floor_piano: the floor is a keyboard, and feet play it.

What you see: a row of keys across the floor. Whoever steps on one strikes it: it lights up in her colour,
    a ring of light runs out from it, and the more people stand on a key the brighter it stays.
What to notice: each key is a zone. `on_zone_enter` is called once for each step, six people or one, and
    `pluck` plays the note; `/note` tells it to other programs.
Try this: posekit run floor_piano --osc 7000; move the keys with F3; "what": "hands" for a piano in the air.
How to run: posekit run floor_piano
"""

import numpy as np

from posekit.sound import note_name, pluck, scale

NOTES = scale("pentatonic", "C3", "E5")  # any of these sounds well with any other
FLOOR, EDGE = 0.58, 1.0  # from where to where the floor goes, in picture heights
background = "#0a0a12"


def key_shape(number, gap=0.06):
    """A key as it lies on the floor: narrower where it is farther away."""
    left, right = ((number + part) / len(NOTES) - 0.5 for part in (gap, 1 - gap))
    return [[0.5 + 0.72 * left, FLOOR], [0.5 + 0.72 * right, FLOOR], [0.5 + right, EDGE], [0.5 + left, EDGE]]


zones = [
    {"name": f"key{number}", "points": key_shape(number), "what": "feet"} for number in range(len(NOTES))
]


def setup(state):
    state.light = {zone["name"]: 0.0 for zone in zones}
    state.color = dict.fromkeys(state.light, (255, 255, 255))
    state.rings = []


def on_zone_enter(zone, person, scene, state, osc):
    number = NOTES[int(zone.removeprefix("key"))]
    pluck(note_name(number), volume=0.7, decay=0.9)
    osc.send("/note", number, 100)
    state.light[zone], state.color[zone] = 1.0, person.color
    foot = person.feet or scene.zone(zone).points.mean(axis=0)
    state.rings.append((foot, 0.0, person.color))


def update(state, scene, dt):
    for zone in scene.zones:
        state.light[zone.name] = max(min(0.5, 0.3 * zone.count), state.light[zone.name] - 0.9 * dt)
    state.rings = [(center, age + dt, color) for center, age, color in state.rings if age < 1.7]


def draw(canvas, scene, people, state):
    canvas.gradient("#191530", "#050409", (0, 0), (0, canvas.height))
    for zone in scene.zones:
        light, color = state.light[zone.name], state.color[zone.name]
        canvas.polygon(zone.points, "#cfc8ff", alpha=0.07)
        canvas.polygon(zone.points, "#cfc8ff", width=1.5, alpha=0.35)
        canvas.polygon(zone.points, color, alpha=0.8 * light, glow=60 * light)
    for center, age, color in state.rings:
        for late in (0, 0.15, 0.3):
            if 0 < age - late < 1.4:
                canvas.polyline(
                    ring(center, 420 * (age - late)), color, 4, 0.7 * (1.4 - age + late), blend="add"
                )
    for person in people:
        canvas.skeleton(person, "#f2efff", width=4)


def ring(center, radius):
    """A circle that lies on the floor."""
    around = np.linspace(0, 2 * np.pi, 60)
    return np.stack((radius * np.cos(around), 0.3 * radius * np.sin(around)), axis=1) + center
