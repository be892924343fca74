"""Prints and draws in words where the first person's left wrist is: python receive.py [PORT].

It needs python-osc (`pip install python-osc`) and `posekit send` with packed messages, as every `--for` of a
language has them: posekit send --osc 7000,layout=packed
"""

from __future__ import annotations

import contextlib
import sys

from pythonosc.dispatcher import Dispatcher
from pythonosc.osc_server import BlockingOSCUDPServer

WIDTH = 40
"""Letters from the left edge of the picture to the right one."""


def on_wrist(address: str, x: float, y: float, score: float) -> None:
    """Show a wrist: x and y from 0 to 1, from the picture's top left; score 0 when it is not seen now."""
    at = min(max(round(x * WIDTH), 0), WIDTH)
    dot = "o" if score > 0 else "."
    print(f"{address} {x:.6f} {y:.6f} {score:.6f} |{' ' * at}{dot}{' ' * (WIDTH - at)}|", flush=True)


def on_event(address: str, slot: int, person_id: int, value: float) -> None:
    """Tell who came and went, and every gesture."""
    print(f"{address} slot {slot} person {person_id} value {value:.2f}", flush=True)


def main() -> None:
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 7000
    dispatcher = Dispatcher()
    dispatcher.map("/p1/left_wrist", on_wrist)
    dispatcher.map("/event/*", on_event)
    print(f"listening at port {port}; end with Ctrl-C", flush=True)
    with BlockingOSCUDPServer(("127.0.0.1", port), dispatcher) as server:
        server.serve_forever()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()
