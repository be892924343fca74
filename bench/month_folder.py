"""What lies in the show folder of a simulated month: its settings, and a sketch that fails when told to."""

from __future__ import annotations

SHOW = """source = "{source}"
osc = ["{osc}:posekit,layout=packed,only=nose,rate=5", "{gone}:posekit,rate=2"]
size = "320x180"
fps = 30
grace = 0.5
gestures = "off"
osc_in = "{osc_in}"

[show]
sketch = "month.py"
memory_limit = 300
frozen_after = 3.0

[hours]
timezone = "Europe/Berlin"
{hours}
fade = 0.5

[status]
address = "off"

[heartbeat]
every = 5.0
osc = ["{gone}"]
"""
SKETCH = '''"""Shows people, says how many, and fails as it is told to."""

import ctypes
import os
import socket
import struct
from pathlib import Path

EARS = ("{host}", {port})
VOICE = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
WISH = Path(__file__).with_name("wish.txt")


def draw(canvas, people, state):
    wish = take() or getattr(state, "wish", "")
    if wish == "loop":
        while True:
            pass
    if wish == "segfault":
        ctypes.string_at(0)
    if wish == "exit":
        os._exit(3)
    if wish == "hog":
        state.wish, state.hoard = wish, getattr(state, "hoard", []) + [b"x" * 60_000_000]
    if wish == "raise":
        state.wish, state.left = wish, getattr(state, "left", 45) - 1
        if state.left <= 0:
            state.wish, state.left = "", 45
        raise RuntimeError("the sketch was told to fail")
    for person in people:
        canvas.skeleton(person)
    highest = max((person.id for person in people), default=0)
    VOICE.sendto(struct.pack("<iii", os.getpid(), len(people), highest), EARS)


def take():
    """Take a wish, so that the next window does not find it again."""
    try:
        wish = WISH.read_text()
        WISH.unlink()
    except OSError:
        return ""
    return wish
'''
