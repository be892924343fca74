"""typed: a hello that an editor completes and a type checker reads.

What you see: a dot on every wrist, larger when it moves, and a line between the hands of who leads.
What to notice: hooks are given these types, so `person.` and `canvas.` are completed as you type.
Try this: write person.left_wirst, or a radius "big": pyright marks it before it runs.
How to run: posekit run typed.py
"""

from posekit import Canvas, Event, Param, Person, Sketch


class Typed(Sketch):
    background = "camera"
    radius = Param(24.0, 1, 200, help="pixels")
    tint = Param("gold")

    def on_enter(self, person: Person, event: Event) -> None:
        print(f"hello, person {person.id}, at {event.time:.1f} s")

    def draw(self, canvas: Canvas, people: tuple[Person, ...], lead: Person | None) -> None:
        for person in people:
            for wrist in (person.left_wrist, person.right_wrist):
                canvas.circle(wrist, self.radius + wrist.speed / 50, self.tint)
        if lead is not None:
            canvas.line(lead.left_wrist, lead.right_wrist, "white", width=6, glow=20)


if __name__ == "__main__":
    Typed.run()
