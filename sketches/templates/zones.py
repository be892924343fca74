"""zones: three fields that light up while somebody stands in them.

What you see: three upright fields; the one where somebody is glows.
What to notice: zones are places in the camera's picture, so they stay where they are in the room.
Try this: press F3 and draw your own; write `zones = "auto"` for those that you saved.
How to run: posekit run zones.py
"""

background = "black"
zones = [
    {"name": name, "points": [[at / 3, 0], [(at + 1) / 3, 0], [(at + 1) / 3, 1], [at / 3, 1]]}
    for at, name in enumerate(("left", "middle", "right"))
]


def draw(canvas, scene, people):
    third = canvas.width / 3
    for at, name in enumerate(("left", "middle", "right")):
        is_on = bool(scene.zone(name).count)
        canvas.rect((at * third + 8, 8, third - 16, canvas.height - 16), "gold", alpha=0.7 if is_on else 0.12)
    for person in people:
        canvas.skeleton(person)


def on_zone_enter(zone, person):
    print(f"person {person.id} came into {zone}")
