"""hello: a light on every wrist.

What you see: the camera's picture as in a mirror, and a golden light on each wrist that grows when it moves.
What to notice: a hidden wrist draws nothing, and you never have to ask whether it is there.
Try this: give the noses a light too; change "gold" to "deepskyblue"; set background = "black".
How to run: posekit run hello
"""

size = (1280, 720)
background = "camera"


def draw(canvas, people):
    for person in people:
        for wrist in (person.left_wrist, person.right_wrist):
            canvas.glow(wrist, 70 + min(70, wrist.speed / 10), "gold", alpha=0.9)
            canvas.circle(wrist, 12, "white", glow=20)
