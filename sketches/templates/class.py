"""class: rings of light where somebody comes in.

What you see: a ring that grows from everybody who enters, and their skeletons.
What to notice: a class keeps what belongs together in `self`; hooks name only what they want.
Try this: let rings grow from hands that wave: def on_wave(self, person).
How to run: posekit run class.py, or python class.py
"""

from posekit import Param, Sketch


class Rings(Sketch):
    background = "midnightblue"
    speed = Param(200.0, 20, 800, help="pixels per second")

    def setup(self):
        self.rings = []

    def on_enter(self, person):
        self.rings.append([person.center, 0.0])

    def update(self, dt):
        for ring in self.rings:
            ring[1] += dt
        self.rings = [ring for ring in self.rings if ring[1] < 3]

    def draw(self, canvas, people):
        for center, age in self.rings:
            canvas.circle(center, self.speed * age, "white", width=4, alpha=1 - age / 3)
        for person in people:
            canvas.skeleton(person)


if __name__ == "__main__":
    Rings.run()
