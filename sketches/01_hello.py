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
            glow = 20 + min(30, wrist.speed / 25)
            canvas.circle(wrist, glow * 2, "gold", alpha=0.2)
            canvas.circle(wrist, glow, "gold", alpha=0.5)
            canvas.circle(wrist, 14, "white")
