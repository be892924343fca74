"""How long decoding takes: python bench/decode.py [FOLDER with crowd_*.npz; else $POSEKIT_ASSETS/oracle]."""

from __future__ import annotations

import os
import statistics
import sys
import time
from pathlib import Path

from posekit.estimators.posenet_decoder import decode_multiple, decode_single
from posekit.estimators.posenet_tensors import load_tensors

REPEATS = 300


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(os.environ["POSEKIT_ASSETS"]) / "oracle"
    ways = {
        "10 poses": decode_multiple,
        "20 poses": lambda tensors: decode_multiple(tensors, 20, 0.25),
        "one by one": lambda tensors: decode_multiple(tensors, wave=1),
        "single": decode_single,
    }
    print(
        f"{'tensors':22} {'people':>6} {'found':>5}  "
        + "  ".join(f"{way:>10}" for way in ways)
        + "  (ms, median)"
    )
    for file in sorted(
        folder.glob("crowd_*.npz"), key=lambda file: [int(part) for part in file.stem.split("_")[1:]]
    ):
        _, height, width, people = file.stem.split("_")
        tensors = load_tensors(file).dequantised()
        times: dict[str, list[float]] = {way: [] for way in ways}
        for _ in range(REPEATS):
            for way, decode in ways.items():
                begin = time.perf_counter()
                decode(tensors)
                times[way].append(time.perf_counter() - begin)
        found = len(decode_multiple(tensors))
        figures = "  ".join(f"{statistics.median(times[way]) * 1000:10.3f}" for way in ways)
        print(f"{width} x {height:13} {people:>6} {found:>5}  {figures}")


if __name__ == "__main__":
    main()
