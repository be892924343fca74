"""silhouette: whoever moves leaves a trail of light in her own outline.

What you see: your silhouette in a colour that never stays, and behind it the colours before it, larger and
    larger.
What to notice: `mask = True` asks for silhouettes, which BlazePose gives, of one person. Where it cannot be
    had `scene.mask` is None, and skeletons leave the trail. A layer that is fed back is what remembers.
Try this: a zoom of 0.98; turn=1; canvas.silhouette("camera") last cuts you out of your room.
How to run: posekit run silhouette
"""

from posekit import hsv

mask = True
background = "#0a061e"


def draw(canvas, scene, people, time):
    trail = canvas.layer("trail")
    trail.feedback(zoom=1.015, fade=0.04)
    color = hsv(150 * time, 0.75)
    trail.silhouette(color)
    if scene.mask is None:
        for person in people:
            trail.skeleton(person, color, width=12)
    canvas.draw_layer(trail)
    canvas.silhouette("#fff6e8")
