"""osc: hands that other programs hear.

What you see: a bar for each hand; the higher the hand, the longer the bar.
What to notice: poses go out by themselves with --osc; `osc.send` sends what you make of them besides.
Try this: posekit listen 7000 in another terminal; send /light 1 to port 7001 and see the background.
How to run: posekit run osc.py --osc 7000
"""

background = "black"


def draw(canvas, people, osc):
    for person in people:
        for side in ("left", "right"):
            hand = person.keypoint(f"{side}_wrist")
            if hand:
                height = 1 - hand.y / canvas.height  # 1 at the top
                osc.send(f"/height/{person.slot or 0}/{side}", height)
                canvas.line((hand.x, canvas.height), hand, "gold", width=30, alpha=0.4 + 0.6 * max(0, height))
        canvas.skeleton(person, "#404a60")


def on_osc(address, *args):
    global background
    if address == "/light":
        background = "steelblue" if args and args[0] else "black"
