"""silhouette: whoever moves leaves a trail of light in her own outline.

What you see: your silhouette in a colour that never stays, and where you have been the colours before it.
What to notice: `mask = True` asks for silhouettes, which BlazePose gives, of one person. Where it cannot be
    had `scene.mask` is None, and skeletons leave the trail.
Try this: draw canvas.silhouette("black") last; canvas.silhouette("camera") cuts you out of your room.
How to run: posekit run silhouette
"""

from colorsys import hsv_to_rgb

mask = True
background = None
NIGHT = (10, 6, 30)


def setup(canvas):
    canvas.background(NIGHT)


def draw(canvas, scene, people, time):
    canvas.background((*NIGHT, 10))
    color = [255 * part for part in hsv_to_rgb(time / 2.5 % 1, 0.75, 1)]
    canvas.silhouette(color)
    if scene.mask is None:
        for person in people:
            canvas.skeleton(person, color, width=12)
