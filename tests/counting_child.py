"""A program that counts a known sequence until it is killed: `python counting_child.py FILE NAME`.

Event number N is a gesture called NAME-N and a visit; when it is noted, N and the time are said.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from posekit.clock import SystemWall
from posekit.records.counts import Counts
from posekit.scene import Gesture, Leave

if __name__ == "__main__":
    counts = Counts(Path(sys.argv[1]), SystemWall())
    number = 0
    while True:
        counts.note([Gesture(name=f"{sys.argv[2]}-{number}"), Leave(1, visit=7.0)])
        counts.tick()
        os.write(1, f"{number} {time.monotonic()}\n".encode())
        number += 1
        time.sleep(0.002)
