"""Makes the animated pictures of the gallery and sketches/README.md anew, with posekit itself.

python docs/make_gallery.py [NAME ...]    (needs the sample clip: posekit models get sample)

Every numbered sketch has its picture; one that `SHOTS` does not name is shown with two dancers.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import cv2
import dancers

from posekit.cli.show import resolve_loaded, show_loaded
from posekit.sketch.loader import builtin_sketches, load_sketch

if TYPE_CHECKING:
    import numpy as np

    from posekit.runner.loop import Loop

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures" / "gallery"
PAGE = ROOT / "sketches" / "README.md"
SIZE, RATE = (480, 270), 15
BIGGEST = 700_000
"""Bytes; a picture that would be larger is made with less quality."""
QUALITIES = (75, 50, 25)
PART = re.compile(
    r"^(What you see|What to notice|Try this|How to run): (.*?)(?=^(?:What|Try|How) [a-z ]+: |\Z)",
    re.M | re.S,
)


class Shot(NamedTuple):
    """A source (or `dance:2`, `poses:3`, `waves:3`), from which second on it is shown, and for how long."""

    source: str = "dance:2"
    begin: float = 2.0
    seconds: float = 4.0


SHOTS = {
    "hello": Shot("sample", 2.0),
    "skeleton": Shot("sample", 2.0),
    "paint": Shot("dance:2", 3.0),
    "waves": Shot("waves:3", 2.5),
    "silhouette": Shot("sample", 2.0),
    "ribbon": Shot("dance:2", 3.0),
    "particles": Shot("dance:2", 2.0, 2.6),
    "mosaic": Shot("dance:2", 2.0, 3.0),
    "bubbles": Shot("dance:2", 5.0, 3.5),
    "attract": Shot("arrive:2", 3.4, 5.2),
    "theremin": Shot("dance:2", 1.5, 5.0),
    "pose_match": Shot("poses:3", 1.0, 6.0),
    "floor_piano": Shot("synthetic:people=6,seed=7,near=1.8,far=4", 4.5, 5.0),
    "echo": Shot("dance:2", 15.0, 5.0),
}


def main(names: list[str]) -> None:
    known = builtin_sketches()
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for name in names or known:
            shot, path = SHOTS.get(name, Shot()), PICTURES / f"{name}.webp"
            write(path, play(name, shot, Path(folder)))
            print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1000:.0f} kB")
    PAGE.write_text(page(known), encoding="utf-8")


def play(name: str, shot: Shot, folder: Path) -> list[np.ndarray]:
    """Run a sketch in its own size, and keep what it draws in the size of the picture."""
    seconds = shot.begin + shot.seconds
    frames, loaded = [], load_sketch(name)

    def keep(loop: Loop) -> None:
        draw = loop.frame

        def kept(*arguments: object, **named: object) -> None:
            draw(*arguments, **named)
            if loop.scene.time >= shot.begin + len(frames) / RATE:
                frames.append(cv2.resize(loop.canvas.pixels[:, :, :3], SIZE, interpolation=cv2.INTER_AREA))

        loop.frame = kept

    source = source_of(shot.source, seconds, folder)
    given = {"source": source, "headless": True, "frames": round(seconds * dancers.RATE)}
    show_loaded(loaded, resolve_loaded(loaded, given, None), attach=keep)
    return frames


def source_of(source: str, seconds: float, folder: Path) -> str:
    kind, _, count = source.partition(":")
    acts = {"dance": dancers.dance, "poses": dancers.match, "waves": dancers.greet, "arrive": dancers.arrive}
    if kind not in acts:
        return source
    path = dancers.write(folder / f"{kind}{count}.jsonl.gz", acts[kind](int(count), seconds + 1))
    return f"replay:{path}"


def write(path: Path, frames: list[np.ndarray]) -> None:
    """Write an animation that repeats for ever, as good as fits."""
    if not frames:
        raise SystemExit(f"{path.name}: its source ends before the second at which the picture begins")
    moving = cv2.Animation()
    moving.frames, moving.durations, moving.loop_count = frames, [round(1000 / RATE)] * len(frames), 0
    for quality in QUALITIES:
        if not cv2.imwriteanimation(str(path), moving, [cv2.IMWRITE_WEBP_QUALITY, quality]):
            raise SystemExit(f"{path} cannot be written")
        if path.stat().st_size < BIGGEST:
            return


def page(known: dict[str, Path]) -> str:
    """Return sketches/README.md, made of what the sketches say about themselves."""
    text = [
        "# The gallery: a course in sketches",
        "",
        "Each teaches one thing more than the one before, in a minute or two of reading. `posekit run hello`",
        "runs the first; nobody there? Add `--source synthetic:people=2`. What each call does is told in",
        "[docs/sketches.md](../docs/sketches.md). (Made by `python docs/make_gallery.py`.)",
    ]
    for name, path in known.items():
        title, said = parts(path)
        text += [
            "",
            f"## [{path.stem[:2]} {name}]({path.name})",
            "",
            f"![{title}](../docs/pictures/gallery/{name}.webp)",
            "",
            *wrapped(f"{said['What you see']} {said['What to notice']}"),
            "",
            f"*Try this*: {said['Try this']}",
            "",
            f"    {said['How to run'].partition(',')[0]}",
        ]
    return "\n".join(text) + (
        "\n\n(The two people in a park are from the demo film of "
        "[Sports2D](https://github.com/davidpagnon/Sports2D), BSD-3; the dancers are sines.)\n"
    )


def parts(path: Path) -> tuple[str, dict[str, str]]:
    """Return a sketch's title and the four parts of its docstring."""
    words = path.read_text(encoding="utf-8").split('"""')[1]
    title = words.strip().splitlines()[0].partition(": ")[2].rstrip(".")
    found = re.findall(
        r"^(What you see|What to notice|Try this|How to run): (.*?)(?=^\w[\w ]+: |\Z)", words, re.M | re.S
    )
    return title, {name: tidy(said) for name, said in found}


def tidy(said: str) -> str:
    """Return a part in one line, with a capital first."""
    said = " ".join(said.split())
    return said if said.startswith(("posekit", "self.", "canvas.")) else said[:1].upper() + said[1:]


def wrapped(text: str, width: int = 115) -> list[str]:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


if __name__ == "__main__":
    main(sys.argv[1:])
