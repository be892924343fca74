"""knobs: rings on everybody's hands, and another program turns their size, colour and thickness.

What you see: a ring on each hand; `/flash` from anywhere makes all of them white for a moment.
What to notice: each `Param` is a plain value in the code and a slider for the rest of the world, over OSC
    at port 7001. `self.osc.send` tells the other program something of ours: how far apart the hands are.
Try this: `oscsend localhost 7001 /param/radius f 90`, or a slider of TouchDesigner, Max or TouchOSC.
How to run: posekit run knobs --osc 7000
"""

from posekit import Param, Sketch


class Knobs(Sketch):
    radius = Param(40.0, 5, 200, help="pixels")
    width = Param(8, 1, 40, help="how thick the rings are")
    glow = Param(30.0, 0, 120, help="how far their light reaches, in pixels")
    tint = Param("gold")
    flash = 0.0

    def on_osc(self, address):
        if address == "/flash":
            self.flash = 1.0

    def update(self, dt, lead):
        self.flash = max(0.0, self.flash - 2 * dt)
        if lead and lead.left_wrist and lead.right_wrist:
            self.osc.send("/hands", lead.hand_distance)

    def draw(self, canvas, people):
        for person in people:
            for hand in (person.left_wrist, person.right_wrist):
                canvas.circle(hand, self.radius, self.tint, width=self.width, glow=self.glow)
                canvas.circle(hand, self.radius, "white", width=self.width, alpha=self.flash)
            canvas.skeleton(person, color="dimgray", width=3)


if __name__ == "__main__":
    Knobs.run()
