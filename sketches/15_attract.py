"""attract: a dandelion of light waits in an empty room; whoever comes in sets it free.

What you see: while nobody is here a great dandelion turns slowly and breathes. The first who comes in blows
    it away, and its seeds sail off and gather around everybody's hands. When all have left they come back.
What to notice: `on_first_person` and `on_empty` are the two moments, and all else follows from how long ago
    they were. All seeds are one array, and are drawn with five calls: NaN between two lines is a gap.
Try this: other WORDS; 800 SEEDS; empty_after = 30; another wind.
How to run: posekit run attract
"""

import numpy as np

WORDS = "come closer", "welcome"
SEEDS, BALL = 360, 0.3  # how many, and how big, in canvas heights
background = None
empty_after = 4


def setup(state, canvas):
    state.chance = np.random.default_rng(15)
    at = np.arange(SEEDS) + 0.5
    up, around = 1 - 2 * at / SEEDS, np.pi * (1 + 5**0.5) * at  # evenly over a ball: Fibonacci's spiral
    flat = np.sqrt(1 - up**2)
    state.ball = np.stack((flat * np.cos(around), -up, flat * np.sin(around)), axis=1)
    state.wait = 0.4 + 1.2 * (1 - up) + 1.2 * state.chance.random(SEEDS)  # seconds after somebody came
    state.tips, state.speeds = np.full((SEEDS, 2), canvas.center), np.zeros((SEEDS, 2))
    state.stems = np.zeros((SEEDS, 2))
    state.since, state.someone, state.words = 0.0, False, [0.0, 0.0]


def on_first_person(state, time):
    state.since, state.someone = time, True


def on_empty(state, time):
    state.since, state.someone = time, False


def update(canvas, people, state, time, dt):
    size, age = canvas.height, time - state.since
    x, y, z = state.ball.T
    turned = np.stack((x * np.cos(0.2 * time) + z * np.sin(0.2 * time), y), axis=1)
    state.near = z * np.cos(0.2 * time) - x * np.sin(0.2 * time)  # 1 in front, -1 behind
    state.middle = np.array((0.67 * canvas.width + 0.012 * size * np.sin(0.5 * time), 0.43 * size))
    home = turned * BALL * size * (1 + 0.03 * np.sin(0.9 * time))
    free = ((age > state.wait) & state.someone)[:, None]
    back = min(1, dt * (0.6 + min(4, age * age / 6)))
    state.tips += np.where(free, state.speeds * dt, (state.middle + home - state.tips) * back)
    upright = size * np.stack((0.012 * np.sin(2 * time + 9 * x), np.full(SEEDS, -0.035)), axis=1)
    state.stems += (np.where(free, upright, 0.9 * home) - state.stems) * min(1, 1.5 * dt)
    goal = wind(state.tips / size, time) * size
    hands = [hand for one in people for hand in (one.left_wrist, one.right_wrist) if hand]
    if hands:
        way = np.array(hands)[np.arange(SEEDS) % len(hands)] + 0.14 * size * turned - state.tips
        far = np.hypot(*way.T)[:, None] / size + 0.02
        goal += (way + 0.9 * way[:, ::-1] * (1, -1)) * np.minimum(1, age / 6) * 0.3 / far
    state.speeds = np.where(free, state.speeds + (goal - state.speeds) * min(1, 1.2 * dt), 0)
    shown = not state.someone and age > 2, state.someone and age < 6
    state.words = [now + (goal - now) * min(1, (3 - 2 * goal) * dt) for now, goal in zip(state.words, shown)]


def wind(at, time):
    x, y = at.T
    return 0.07 * np.stack((np.sin(5 * y + 0.5 * time) + 0.6, np.sin(4 * x - 0.4 * time) - 0.5), axis=1)


def draw(canvas, people, state, time):
    size = canvas.height
    canvas.gradient("#0d1030", "#1d0f22")
    silk = canvas.layer("silk", size=(canvas.width // 2, canvas.height // 2))
    silk.feedback(zoom=1.003, fade=0.05)
    scale = silk.width / canvas.width
    silk.polyline(pairs(state.tips, state.tips) * scale, "#ffc98a", 0.004 * size, 0.13)
    canvas.draw_layer(silk, blend="add")
    root = np.array((0.7 * canvas.width, 1.02 * size))
    canvas.curve([root, root * 0.6 + state.middle * 0.4, state.middle], "#8d8bd6", 0.006 * size, 0.5)
    canvas.glow(state.middle, 0.35 * size, "#ffb56b", 0.25)
    canvas.circle(state.middle, 0.012 * size, "#ffe2b8", glow=0.08 * size)
    for low, high, light in ((-1.1, -0.3, 0.2), (-0.3, 0.4, 0.45), (0.4, 1.1, 1.0)):
        band = (state.near >= low) & (state.near < high)
        tips, stems = state.tips[band], state.stems[band]
        canvas.polyline(pairs(tips - stems, tips), "#b9b4ff", 0.0012 * size, 0.35 * light)
        canvas.polyline(tufts(tips, stems, size), "#fff0dc", 0.0012 * size, 0.75 * light)
    for person in people:
        canvas.skeleton(person, person.color, width=size / 300, alpha=0.4)
    for text, light in zip(WORDS, state.words):
        breath, place = light * (0.75 + 0.25 * np.sin(1.3 * time)), (0.1 * canvas.width, 0.4 * size)
        canvas.text(text, place, 0.1 * size, "#ffe9cf", alpha=breath, glow=0.04 * size)


def pairs(starts, ends):
    """Return lines for one call: start, end, gap, start, end, gap, ..."""
    return np.stack((starts, ends, np.full(starts.shape, np.nan)), axis=1).reshape(-1, 2)


def tufts(tips, stems, size):
    """Return five hairs for each seed, which open away from its stem."""
    along = stems / (np.hypot(*stems.T)[:, None] + 1e-6)
    across = along[:, ::-1] * (1, -1)
    hairs = [0.02 * size * (np.cos(a) * along + np.sin(a) * across) for a in np.linspace(-1.2, 1.2, 5)]
    return np.concatenate([pairs(tips, tips + hair) for hair in hairs])
