"""theremin: the air between your hands sings.

What you see: a ribbon between everybody's hands. The right hand's height is the pitch, more waves are a
    higher note; the left hand's height is how loud it is. The lines are the notes of a scale.
What to notice: a `Tone` glides to whatever frequency and volume it is told, sixty times a second, and a hand
    that is not seen is silence. `self.osc.send` plays the same on SuperCollider and Pd (receivers/).
Try this: posekit run theremin --osc 7000; set `snap` to 1; another scale: "blues", "minor", "whole".
How to run: posekit run theremin
"""

import numpy as np

from posekit import Param, Sketch
from posekit.sound import Tone, note, note_name, scale

LOW, HIGH = 48, 84  # C3 to C6, as MIDI numbers: three octaves
STRANDS = 7


class Theremin(Sketch):
    background = "#05060f"
    snap = Param(0.6, 0, 1, help="how much notes are drawn to the scale")
    key = Param("pentatonic", choices=["pentatonic", "major", "minor", "blues", "whole", "chromatic"])

    def height_of(self, canvas, pitch):
        return canvas.height * (0.88 - 0.76 * (pitch - LOW) / (HIGH - LOW))

    def on_enter(self, person):
        person.memory.tone = Tone()
        person.memory.pitch = person.memory.volume = 0.0

    def on_leave(self, person):
        person.memory.tone.volume = 0.0

    def update(self, canvas, people, lead):
        notes = scale(self.key, LOW, HIGH)
        for person in people:
            tone, hand = person.memory.tone, person.right_wrist
            if hand:
                free = LOW + (0.88 - hand.y / canvas.height) / 0.76 * (HIGH - LOW)
                near = min(notes, key=lambda number: abs(number - free))
                person.memory.pitch = free + (near - free) * self.snap
                tone.frequency = note(person.memory.pitch)
            raised = 1.05 - 1.3 * person.left_wrist.y / canvas.height
            both = hand and person.left_wrist
            person.memory.volume = tone.volume = min(1.0, max(0.0, raised)) if both else 0.0
        if lead:
            self.osc.send("/theremin/pitch", lead.memory.tone.frequency)
        self.osc.send("/theremin/volume", lead.memory.tone.volume if lead else 0.0)

    def draw(self, canvas, people, time):
        canvas.gradient("#0b0d22", "#020308", (0, 0), (0, canvas.height))
        for number in scale(self.key, LOW, HIGH):
            y = self.height_of(canvas, number)
            near = max([0, *(p.memory.volume * max(0, 1 - abs(p.memory.pitch - number)) for p in people)])
            canvas.line((0, y), (canvas.width, y), "#8fa8ff", 1 + near, alpha=0.1 + 0.5 * near)
            canvas.text(
                note_name(number), (canvas.width - 14, y - 22), 18, "#8fa8ff", "right", 0.35 + 0.6 * near
            )
        for person in people:
            canvas.skeleton(person, "#262c52", width=3)
            self.ribbon(canvas, person, time)

    def ribbon(self, canvas, person, time):
        """Strands of silk from hand to hand: as many waves as the note is high, as wide as it is loud."""
        if not (person.left_wrist and person.right_wrist):
            return
        start, end = np.array([person.left_wrist, person.right_wrist])
        along = np.linspace(0, 1, 90)
        across = np.array((start[1] - end[1], end[0] - start[0])) / max(1, np.hypot(*(end - start)))
        waves = 1 + (person.memory.pitch - LOW) / 6
        swell = np.sin(np.pi * along) * person.height * (0.005 + 0.13 * person.memory.volume)
        canvas.line(start, end, person.color, 3, 0.5, glow=60)
        for strand in np.linspace(-1, 1, STRANDS):
            turn = 2 * np.pi * (waves * along - 1.2 * time) + 0.9 * strand
            wide = swell * np.sin(turn) * np.cos(1.3 * strand + 0.6 * time)
            points = start + along[:, None] * (end - start) + wide[:, None] * across
            canvas.polyline(points, person.color, 2.5 - abs(strand), 0.9 - 0.6 * abs(strand), blend="screen")
        for hand in (person.left_wrist, person.right_wrist):
            canvas.circle(hand, 6, "white", glow=30)


if __name__ == "__main__":
    Theremin.run()
