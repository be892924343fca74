"""hello: a skeleton for everybody, and a light on every hand.

What you see: the camera's picture as in a mirror, people as skeletons, and a dot on each wrist.
What to notice: people come and go by themselves; a wrist that is hidden draws nothing.
Try this: change "gold" to "deepskyblue" and save: it changes while it runs. Then give the nose a dot.
How to run: posekit run hello.py
"""

size = (1280, 720)
background = "camera"  # or "black", any colour, or None: nobody clears the canvas


def draw(canvas, people):
    for person in people:
        canvas.skeleton(person)
        canvas.circle(person.left_wrist, 24, "gold", glow=30)
        canvas.circle(person.right_wrist, 24, "tomato", glow=30)


def on_enter(person):
    print(f"hello, person {person.id}")
