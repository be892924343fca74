"""paint: everybody paints with both hands.

What you see: lines that follow the wrists, thin when they hurry and thick when they linger, and slowly fade.
What to notice: `background = None` leaves the canvas as it was, so that this sketch can fade it itself;
    a class keeps what belongs together, and a curve has a gap where a hand was hidden for a moment.
Try this: paint with the ankles; fade faster with a higher last number; press the space bar.
How to run: posekit run paint, or python 03_paint.py
"""

from posekit import Sketch

BRUSHES = {"left_wrist": "#ff5d8f", "right_wrist": "#3ec6ff"}


class Paint(Sketch):
    background = None

    def on_enter(self, person):
        person.memory.lines = {name: [] for name in BRUSHES}

    def draw(self, canvas, people):
        canvas.background((8, 8, 20, 2))
        for person in people:
            for name, line in person.memory.lines.items():
                hand = person.keypoint(name)
                line.append(hand)
                del line[:-4]
                canvas.curve(line, BRUSHES[name], 3 + 3000 / (150 + hand.speed))

    def on_key(self, key, canvas):
        if key == "space":
            canvas.background("black")
            return True
        return False


if __name__ == "__main__":
    Paint.run()
