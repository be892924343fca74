"""gestures: everybody wears the colour of what she did last.

What you see: skeletons that change their colour with a wave, a clap or a jump, and the word for it.
What to notice: every gesture has a hook, `on_wave`; `on_gesture` is told of them all.
Try this: posekit teach my_pose, then add def on_my_pose(person).
How to run: posekit run gestures.py
"""

background = "#101018"
COLORS = {"wave": "gold", "clap": "tomato", "jump": "deepskyblue", "arms_up": "springgreen"}


def on_gesture(person, event):
    if event.phase == "start" and event.name in COLORS:
        person.memory.did = event.name


def draw(canvas, people):
    for person in people:
        did = getattr(person.memory, "did", "")
        canvas.skeleton(person, COLORS.get(did, "white"), glow=20)
        canvas.text(did.replace("_", " "), person.nose - (0, 120), size=48, align="center")
