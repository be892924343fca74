"""The window of `posekit send`: what is seen, what is sent, and a quiet panel to choose with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posekit.runner.panel import Panel, draw_status
from posekit.sketch.sketch import Sketch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from posekit.health import Health
    from posekit.runner.desk import Desk
    from posekit.sketch.canvas import Canvas
    from posekit.sketch.people import SketchPerson


class Preview(Sketch):
    """The camera, everybody's skeleton and slot, how much leaves over OSC, and what can be changed."""

    size = (960, 540)
    background = "camera"
    title = "posekit send"
    desk: Desk | None = None
    """Who carries out what is chosen; without one there is nothing to choose."""
    panel: Panel | None = None

    def draw(self, canvas: Canvas, people: Sequence[SketchPerson], health: Health) -> None:
        """Draw one frame."""
        for person in people:
            canvas.skeleton(person, width=canvas.height / 110)
            label = f"p{person.slot}" if person.slot else "no slot"
            x, y = person.nose - (0, person.height / 4)
            size = canvas.height / 26
            canvas.text(label, (x + size / 12, y + size / 12), size, "black", "center")  # on a bright sky too
            canvas.text(label, (x, y), size, align="center")
        draw_status(canvas, len(people), health)
        if self.desk is not None:
            self.desk.update()
            self.panel = self.panel or Panel(self.desk)
            self.panel.draw(canvas, health)

    def on_key(self, key: str) -> bool:
        """Let the panel have a key."""
        return self.panel is not None and self.panel.key(key)

    def on_mouse(self, position: tuple[float, float], button: int) -> None:
        """Let the panel have a click."""
        if self.panel is not None and button == 1:
            self.panel.press(position)
