"""The little window of `posekit send`: what is seen, and that something is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posekit.sketch.sketch import Sketch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from posekit.health import Health
    from posekit.sketch.canvas import Canvas
    from posekit.sketch.people import SketchPerson


class Preview(Sketch):
    """The camera, everybody's skeleton and slot, and how much leaves over OSC."""

    size = (640, 360)
    background = "camera"
    title = "posekit send"

    def draw(self, canvas: Canvas, people: Sequence[SketchPerson], health: Health) -> None:
        """Draw one frame."""
        for person in people:
            canvas.skeleton(person, width=4)
            label = f"p{person.slot}" if person.slot else "no slot"
            canvas.text(label, person.nose - (0, person.height / 4), size=18, align="center")
        canvas.rect((0, canvas.height - 26, canvas.width, 26), "black", alpha=0.6)
        line = (
            f"{len(people)} people   {health.fps:.0f} fps   {health.latency_ms:.0f} ms   "
            f"{health.packets_per_second:.0f} packets/s"
        )
        canvas.text(line if health.engine else "no engine", (10, canvas.height - 22), size=18)
