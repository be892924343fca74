"""skeleton: everybody's bones, each in a colour of her own.

What you see: the dimmed camera picture, a skeleton for everybody, and how many people are here.
What to notice: a person keeps her colour and her number for as long as she stays; a ring opens around
    whoever comes in. `person.memory` is what a sketch remembers of her.
Try this: draw only the lead with `canvas.skeleton(lead)`; write `person.age` beside the head.
How to run: posekit run skeleton
"""

background = "black"


def on_enter(person, time):
    person.memory.came = time


def draw(canvas, people, time):
    canvas.camera(alpha=0.45)
    for person in people:
        since = time - person.memory.came
        if since < 1:
            canvas.circle(person.center, 60 + 400 * since, "white", width=6, alpha=1 - since, glow=40)
        canvas.skeleton(person, glow=12)
        head = person.nose - (0, person.height / 4)
        canvas.text(person.id, head, size=36, color=person.color, align="center")
    canvas.text(f"{len(people)} here", (24, 20), size=30, color="#ffffffb0")
