"""Runs the real supervisor with a simulation's wall clock: python bench/month_child.py WALL SHOW.TOML

Nothing else is changed: the same command as `posekit gallery run --config SHOW.TOML`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from month_wall import SharedWall

from posekit import clock
from posekit.cli import main

if __name__ == "__main__":
    shared = SharedWall(Path(sys.argv[1]))
    clock.SystemWall.time = lambda _: shared.time()  # type: ignore[method-assign]
    sys.argv = ["posekit", "gallery", "run", "--config", sys.argv[2]]
    main()
