"""Is a camera that was moved noticed, and nothing else: python bench/view.py

Static rooms of real clips (the median of frames) and pictures without people stand for the camera's view: a
window of three quarters of the picture is what the camera sees, so that a move brings new content in at the
border, as in a room. Each move and each light is judged by a single look, which is stricter than the show,
where a move must hold for three. Random numbers start from one seed.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import cv2
import numpy as np

from posekit.gallery.view import compare, describe, take_map
from posekit.gallery.view_map import edge_map, small_grey

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from darkroom import LIGHTS, exposed, noisier, to_linear

DATA = Path(os.environ.get("POSEKIT_ASSETS", ".")) / "data"
CLIPS = {  # every eighth of these frames; nobody is in the first one's, and people walk on in the others'
    "one-by-one-person-detection": range(5, 55, 8),
    "crossing": range(0, 106, 8),
    "pose2sim_multi_cam02": range(0, 100, 8),
}
SEEN = 0.76
"""Share of a picture's sides that the camera sees, so that there is something to move to."""
SHIFTS = (0.0, 0.01, 0.02, 0.03, 0.05, 0.1)
"""Shares of the width, to the lower right and the upper left."""
TURNS = (1.0, -2.0, 4.0)
ZOOMS = (0.96, 1.04, 1.08)


def rooms():
    """Return every view by its name."""
    found = {}
    for name, wanted in CLIPS.items():
        film = cv2.VideoCapture(str(DATA / f"videos/{name}.mp4"))
        frames = []
        for number in range(max(wanted) + 1):
            is_there, picture = film.read()
            if is_there and number in wanted:
                frames.append(picture[..., ::-1])
        film.release()
        found[name[:12]] = np.median(np.array(frames), axis=0).astype(np.uint8)
    for path in sorted((DATA / "no_people").iterdir()):
        found[path.stem[-12:].lstrip("0")] = cv2.imread(str(path))[..., ::-1]
    return {name: _smaller(view) for name, view in found.items()}


def _smaller(picture):
    """Return a picture of a webcam's size, so that noise is what a webcam's is."""
    scale = 640 / max(picture.shape[:2])
    return cv2.resize(np.ascontiguousarray(picture), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def seen(picture, x=0.0, y=0.0, turn=0.0, zoom=1.0):
    """Return what a camera sees after a move: in shares of what it sees, and degrees clockwise."""
    height, width = picture.shape[:2]
    wide, high = int(width * SEEN), int(height * SEEN)
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -turn, zoom)
    matrix[0, 2] += x * wide - (width - wide) / 2
    matrix[1, 2] += y * high - (height - high) / 2
    whole = np.ascontiguousarray(picture)
    return cv2.warpAffine(whole, matrix, (wide, high), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)


def shadow(picture, rng):
    """Return the picture with the sun through a window: a hard bright patch, slanted, twice as light."""
    height, width = picture.shape[:2]
    x, y = rng.uniform(0.1, 0.6) * width, rng.uniform(0.2, 0.6) * height
    patch = np.array([(0, 0), (0.3, 0.1), (0.35, 0.45), (0.05, 0.35)]) * (width, height) + (x, y)
    light = np.ones((height, width))
    cv2.fillPoly(light, [patch.astype(np.int32)], 2.5)
    return exposed(to_linear(picture) * cv2.GaussianBlur(light, (0, 0), 1.5)[..., None] * 0.6, rng)


def lamp(picture, rng):
    """Return the picture with the ceiling's light off and a lamp on, from one side."""
    height, width = picture.shape[:2]
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    at = rng.uniform(0, 1, 2)
    light = 0.1 + 1.2 * np.exp(-((x - at[0]) ** 2 + (y - at[1]) ** 2) / 0.08)
    return exposed(to_linear(picture) * light[..., None] * (1.0, 0.8, 0.55), rng)


def furniture(picture, rng, count=1):
    """Return the picture with things in it that were not there: pieces of it, mirrored, elsewhere."""
    height, width = picture.shape[:2]
    changed = picture.copy()
    for _ in range(count):
        high, wide = int(height * rng.uniform(0.2, 0.4)), int(width * rng.uniform(0.1, 0.2))
        (top, left), (to, across) = (
            (rng.integers(0, height - high), rng.integers(0, width - wide)) for _ in range(2)
        )
        changed[to : to + high, across : across + wide] = picture[top : top + high, left : left + wide][
            :, ::-1
        ]
    return changed


def blurred(picture, deviation):
    return cv2.GaussianBlur(picture, (0, 0), deviation * picture.shape[1] / 640)


def curve(picture, power):
    return ((picture / 255.0) ** power * 255).astype(np.uint8)


def squeezed(picture):
    return cv2.imdecode(cv2.imencode(".jpg", picture, (cv2.IMWRITE_JPEG_QUALITY, 25))[1], 1)


ALIKE = {
    **{
        name: (lambda picture, rng, name=name: LIGHTS[name](picture, int(rng.integers(99))))
        for name in LIGHTS
        if name != "as it is"
    },
    "gamma 0.5": lambda picture, _: curve(picture, 0.5),
    "gamma 2": lambda picture, _: curve(picture, 2.0),
    "sun patch": shadow,
    "lamp": lamp,
    "a chair": furniture,
    "coats, chairs": lambda picture, rng: furniture(picture, rng, 4),
    "out of focus": lambda picture, _: blurred(picture, 2.5),
    "JPEG 25": lambda picture, _: squeezed(picture),
    "dark, chairs": lambda picture, rng: furniture(noisier(picture, 4), rng, 3),
}
"""What changes in a room whose camera stays where it is."""
WORSE = ("as it is", "gain 5", "lamp", "coats, chairs")
"""In which a moved camera is to be noticed all the same."""


def relit(name, picture, rng):
    return picture if name == "as it is" else ALIKE[name](picture, rng)


def looked(room, picture):
    return compare(room.edges, edge_map(small_grey(picture)))


def show_moves(views, maps, rng):
    """Print how often moves are noticed."""
    shifts = [{"x": s * d * 0.92, "y": s * d * 0.39 * 4 / 3} for d in SHIFTS for s in (-1, 1)]
    for what, moves, key in (
        ("shift", shifts, lambda move: f"{abs(move['x']) / 0.92 * 100:.0f} %"),
        ("turn", [{"turn": turn} for turn in TURNS], lambda move: f"{move['turn']:g} degrees"),
        ("zoom", [{"zoom": zoom} for zoom in ZOOMS], lambda move: f"{move['zoom']:g}"),
    ):
        print(f"| {what} | " + " | ".join(WORSE) + " |\n|---|" + "---|" * len(WORSE))
        found = {}
        for move in moves:
            for light in WORSE:
                sights = (
                    looked(maps[name], relit(light, seen(view, **move), rng)) for name, view in views.items()
                )
                told = [sight.verdict == "shifted" for sight in sights]
                found.setdefault(key(move), {}).setdefault(light, []).extend(told)
        for move, row in found.items():
            print(f"| {move} | " + " | ".join(f"{np.mean(told) * 100:.0f} %" for told in row.values()) + " |")
        print(flush=True)


def show_alike(views, maps, rng):
    """Print how often something else is taken for a move."""
    print("| changed | looks | shifted | strange | least score |\n|---|---|---|---|---|")
    total = 0
    for light in ALIKE:
        sights = {name: looked(maps[name], relit(light, seen(view), rng)) for name, view in views.items()}
        wrong = {name: sight for name, sight in sights.items() if sight.verdict == "shifted"}
        strange = sum(sight.verdict == "strange" for sight in sights.values())
        least = min(sight.here for sight in sights.values())
        total += len(wrong)
        print(f"| {light} | {len(sights)} | {len(wrong)} | {strange} | {least:.2f} |", flush=True)
        for name, sight in wrong.items():
            print(f"  {name}: {describe(sight.match)}, {sight.match.score:.2f} against {sight.here:.2f}")
    print(f"\n{total} false alarms\n")


def show_rest(views, maps):
    """Print what becomes of other rooms, how exact a move is told, and what a look costs."""
    pairs = [(a, b) for a in maps for b in maps if a != b and maps[a].edges.shape == maps[b].edges.shape]
    sights = [compare(maps[a].edges, maps[b].edges) for a, b in pairs]
    counts = {word: sum(sight.verdict == word for sight in sights) for word in ("shifted", "strange", "fits")}
    best = max(sight.match.score for sight in sights)
    print(f"another room: {len(pairs)} pairs: {counts}; best score {best:.2f}")
    moved = [looked(maps[name], noisier(seen(view, x=-0.06, turn=2.0), 3)) for name, view in views.items()]
    errors = np.median([(abs(one.match.x + 0.06), abs(one.match.turn - 2.0)) for one in moved], axis=0)
    print(f"6 % to the left, 2 degrees: median errors {errors[0] * 100:.2f} % and {errors[1]:.1f} degrees")
    for kind, move in (("fits", {}), ("moved", {"x": 0.05})):
        took = []
        for view in views.values():
            picture, room = (
                cv2.resize(one, (1280, 720)) for one in (noisier(seen(view, **move), 2), seen(view))
            )
            kept = take_map([room])
            began = time.perf_counter()
            looked(kept, picture)
            took.append(time.perf_counter() - began)
        middle, least = np.median(took) * 1000, min(took) * 1000
        print(f"one look at 1280x720 that {kind}: {middle:.0f} ms, least {least:.0f}")


def main():
    rng = np.random.default_rng(8)
    views = rooms()
    maps = {
        name: take_map([noisier(seen(view), 1, seed) for seed in range(5)]) for name, view in views.items()
    }
    print(f"{len(views)} views; share of single looks that say `shifted`\n")
    show_moves(views, maps, rng)
    show_alike(views, maps, rng)
    show_rest(views, maps)


if __name__ == "__main__":
    main()
