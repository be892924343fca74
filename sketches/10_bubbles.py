"""bubbles: soap bubbles rise around you, and pop at your hands.

What you see: bubbles that ring when you pop them, the smaller, the higher. Above your head your score, and
    around it your minute. When that is over raise both hands, or wave, and it begins again.
What to notice: everything is measured in the player's own trunk, and bubbles rise where her hands can reach:
    a child, a giant and somebody on a chair have the same chances. Whoever comes late has her own minute.
Try this: `difficulty` in the panel (Tab); more HANDS, such as "left_ankle"; SECONDS = 20.
How to run: posekit run bubbles
"""

import numpy as np

from posekit import Param, Sketch, hsv
from posekit.sound import note_name, pluck, scale

HANDS = ["left_wrist", "right_wrist", "nose"]
NOTES = scale("pentatonic", "C4", "C7")
SECONDS, SOAP = 60, 160


def soap():
    """Return a bubble's picture (SOAP, SOAP, 4): a rainbow at its rim, and a window in it."""
    y, x = (np.mgrid[:SOAP, :SOAP] + 0.5) * 2 / SOAP - 1
    far, hue = np.hypot(x, y), np.degrees(np.arctan2(y, x))
    rainbow = np.array([hsv(degrees, 0.55) for degrees in range(360)])
    made = rainbow[(hue + 260 * far + 60 * np.sin(3 * x)).astype(int) % 360]
    shine = np.exp(-((x + 0.4) ** 2 + (y + 0.45) ** 2) / 0.02)
    rim = 0.9 * np.minimum(far, 1) ** 5 * np.clip((0.97 - far) * 30, 0, 1)
    made[..., :3] += (255 * shine[..., None]).astype(int)
    made[..., 3] = 255 * np.clip(rim + 0.1 * (far < 0.95) + shine, 0, 1)
    return made.clip(0, 255).astype(np.uint8)


class Bubbles(Sketch):
    difficulty = Param(1.0, 0.3, 3, help="more, smaller and faster bubbles")

    def setup(self, canvas):
        self.soap, self.chance = soap(), np.random.default_rng(10)
        self.bubbles, self.pops = [], []
        self.size, self.wait = canvas.height / 5, 0.0

    def on_enter(self, person):
        person.memory.unit = person.memory.left = 0.0
        self.on_hands_raised(person)

    def on_hands_raised(self, person):
        if person.memory.left <= 0:
            person.memory.score, person.memory.left, person.memory.wait = 0, SECONDS, 0.0

    on_wave = on_hands_raised

    def blow(self, x, y, unit, reach):
        x, radius, speed = self.chance.uniform((x - reach, 0.2, 0.5), (x + reach, 0.42, 0.9))
        hard = self.difficulty**0.4
        self.bubbles.append((x, y, unit * radius / hard, unit * speed * hard, 0.0))

    def update(self, canvas, people, dt):
        for person in people:
            memory, points = person.memory, person.xy
            trunk = np.hypot(*(points[[5, 6]].mean(axis=0) - points[[11, 12]].mean(axis=0)))
            unit = max(np.nan_to_num((trunk, 1.25 * np.hypot(*(points[5] - points[6])))))
            memory.unit = memory.unit or unit or self.size
            memory.unit += (unit - memory.unit) * min(1, 2 * dt) * (unit > 0)
            memory.left, memory.wait = max(0, memory.left - dt), memory.wait - dt
            if memory.left and memory.wait < 0 and person.center:
                self.blow(
                    person.center.x, person.center.y + 1.8 * memory.unit, memory.unit, 1.5 * memory.unit
                )
                memory.wait = self.chance.uniform(0.3, 0.7) / self.difficulty
            self.pop(person)
        self.wait -= dt
        if not people and self.wait < 0:
            self.blow(canvas.width / 2, canvas.height * 1.1, self.size, canvas.width / 2)
            self.wait = 0.4
        self.bubbles = [(x, y - v * dt, r, v, age + dt) for x, y, r, v, age in self.bubbles if y > -r]
        self.pops = [(*pop[:4], pop[4] + dt) for pop in self.pops if pop[4] < 0.6]

    def pop(self, person):
        for hand in filter(None, map(person.keypoint, HANDS)):
            for bubble in [*self.bubbles]:
                x, y, radius = bubble[:3]
                if hand.distance_to((x, y)) < radius + 0.22 * person.memory.unit:
                    self.bubbles.remove(bubble)
                    self.pops.append((x, y, radius, person.color, 0.0))
                    number = NOTES[int((1 - min(1, radius / person.memory.unit / 0.45)) * (len(NOTES) - 1))]
                    pluck(note_name(number), volume=0.5)
                    person.memory.score += person.memory.left > 0

    def draw(self, canvas, people):
        canvas.gradient("#0e2a4a", "#04101f")
        canvas.camera(0.3, tint="#7db8ff", blend="screen")
        for x, y, radius, _, age in self.bubbles:
            x, r = x + 0.3 * radius * np.sin(1.7 * age + radius), radius * min(1, 2 * age + 0.05)
            canvas.image(self.soap, (x - r, y - r), (2 * r, 2 * r))
        for person in people:
            canvas.skeleton(person, person.color, width=canvas.height / 240, alpha=0.4)
            for hand in map(person.keypoint, HANDS):
                canvas.glow(hand, 0.5 * person.memory.unit, person.color, 0.8)
            self.show_score(canvas, person, person.memory)
        for x, y, radius, color, age in self.pops:
            left, away = 1 - age / 0.6, radius * (1 + 2.2 * age)
            canvas.circle((x, y), radius * (1 + age), "white", radius / 12 * left, left, glow=radius / 2)
            for turn in np.arange(radius, radius + 6.28, 0.63):
                drop = x + away * np.cos(turn), y + away * np.sin(turn) + 4 * radius * age**2
                canvas.circle(drop, 0.09 * radius * left, color, glow=radius / 4)

    def show_score(self, canvas, person, memory):
        unit, (x, y) = memory.unit, person.nose
        place = np.array((x, max(y - 1.1 * unit, 0.65 * unit)))
        around = np.linspace(0, 2 * np.pi * memory.left / SECONDS, 60) - np.pi / 2
        ring = place + 0.36 * unit * np.stack((np.cos(around), np.sin(around)), axis=1)
        canvas.polyline(ring, person.color, 0.035 * unit, glow=0.2 * unit)
        canvas.text(memory.score, place, 0.45 * unit, "white", "center", glow=0.1 * unit)
        if memory.left <= 0:
            canvas.text("hands up!", place - (0, 0.5 * unit), 0.22 * unit, person.color, "center")
