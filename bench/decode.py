"""How long decoding takes: python bench/decode.py [--json] [FOLDER with crowd_*.npz].

Without a folder it is $POSEKIT_ASSETS/oracle. `--json` prints {people: ms} of 481 x 353 alone.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from posekit.estimators.posenet_decoder import decode_multiple, decode_single
from posekit.estimators.posenet_tensors import load_tensors

if TYPE_CHECKING:
    from collections.abc import Callable

    from posekit.estimators.posenet_tensors import Tensors

REPEATS = 300
WAYS: dict[str, Callable[[Tensors], object]] = {
    "10 poses": decode_multiple,
    "20 poses": lambda tensors: decode_multiple(tensors, 20, 0.25),
    "one by one": lambda tensors: decode_multiple(tensors, wave=1),
    "single": decode_single,
}
Crowd = tuple[int, int, int, Path]
"""Width and height of the model, people in the picture, and the file of raw tensors."""


def measure(folder: Path | None = None, repeats: int = REPEATS) -> dict[int, float]:
    """Return the median ms of finding up to ten people, by people in the picture, at 481 x 353.

    The tensors are float32, as the runtimes give them; the pictures take turns.
    """
    tensors = {
        people: load_tensors(file).dequantised()
        for width, height, people, file in crowds(folder)
        if (width, height) == (481, 353)
    }
    taken: dict[int, list[float]] = {people: [] for people in tensors}
    for _ in range(repeats):
        for people, several in taken.items():
            several.append(_timed(decode_multiple, tensors[people]))
    return {people: statistics.median(several) for people, several in taken.items()}


def crowds(folder: Path | None = None) -> list[Crowd]:
    """Return the files crowd_HEIGHT_WIDTH_PEOPLE.npz of a folder, smallest first."""
    files = (folder or Path(os.environ["POSEKIT_ASSETS"]) / "oracle").glob("crowd_*.npz")
    numbers = ((file, [int(part) for part in file.stem.split("_")[1:]]) for file in files)
    return sorted((width, height, people, file) for file, (height, width, people) in numbers)


def _timed(decode: Callable[[Tensors], object], tensors: Tensors) -> float:
    begin = time.perf_counter()
    decode(tensors)
    return (time.perf_counter() - begin) * 1000


def print_table(folder: Path | None) -> None:
    heads = "  ".join(f"{way:>10}" for way in WAYS)
    print(f"{'tensors':11} {'people':>6} {'found':>5}  {heads}  (ms, median)")
    for width, height, people, file in crowds(folder):
        tensors = load_tensors(file).dequantised()
        times: dict[str, list[float]] = {way: [] for way in WAYS}
        for _ in range(REPEATS):
            for way, decode in WAYS.items():
                times[way].append(_timed(decode, tensors))
        figures = "  ".join(f"{statistics.median(several):10.3f}" for several in times.values())
        print(f"{f'{width} x {height}':11} {people:>6} {len(decode_multiple(tensors)):>5}  {figures}")


def main() -> None:
    words = [word for word in sys.argv[1:] if word != "--json"]
    folder = Path(words[0]) if words else None
    if "--json" in sys.argv:
        print(json.dumps({people: round(taken, 4) for people, taken in measure(folder).items()}))
    else:
        print_table(folder)


if __name__ == "__main__":
    main()
