"""A network camera on loopback that does what a test tells it to: motion JPEG over HTTP, and every fault."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cv2
import numpy as np

SIZE = (160, 120)


class Wire:
    """What a play writes to: one connection."""

    def __init__(self, write: Callable[[bytes], object], closing: threading.Event) -> None:
        self._write, self._closing = write, closing

    def pictures(self, count: int, *, first: int = 0, size: tuple[int, int] = SIZE, step: int = 1) -> None:
        """Send pictures at 100 a second whose brightness goes up with `step`, from 40 (`first` is 0)."""
        for number in range(count):
            level = 40 + (first + number * step) % 200
            self.jpeg(np.full((size[1], size[0], 3), level, np.uint8))

    def black(self, count: int) -> None:
        """Send black pictures."""
        for _ in range(count):
            self.jpeg(np.zeros((SIZE[1], SIZE[0], 3), np.uint8))

    def jpeg(self, pixels: np.ndarray) -> None:
        self.part(cv2.imencode(".jpg", pixels)[1].tobytes())

    def part(self, data: bytes, pause: float = 0.01) -> None:
        head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(data)}\r\n\r\n"
        self.raw(head.encode() + data + b"\r\n")
        self._closing.wait(pause)

    def raw(self, data: bytes) -> None:
        self._write(data)

    def hang(self) -> None:
        """Keep the connection and say nothing more."""
        self._closing.wait()


class Studio:
    """Plays people, from JPEGs, until a test wants something else: a play for every connection."""

    def __init__(self, people: Sequence[bytes], larger: Sequence[bytes]) -> None:
        self.plays = "people"
        """`people`, `larger`, `the same picture`, `garbage` or `nothing`, which ends the connection too."""
        self._people, self._larger = people, larger
        self._garbage = np.random.default_rng(3).integers(0, 256, 3000, np.uint8).tobytes()

    def __call__(self, wire: Wire) -> None:
        at = 0
        while self.plays != "nothing":
            # Forth and back, so that nobody jumps.
            at += self.plays != "the same picture"
            there = at % (2 * len(self._people))
            place = min(there, 2 * len(self._people) - 1 - there)
            shown = self._larger if self.plays == "larger" else self._people
            wire.part(self._garbage if self.plays == "garbage" else shown[place], 0.03)


Play = Callable[[Wire], None]


class Camera:
    """Serves a play to each connection in turn; when they have all been given, it refuses."""

    def __init__(self, *plays: Play) -> None:
        self.connections = 0
        closing = self._closing = threading.Event()
        camera = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                camera.connections += 1
                if camera.connections > len(plays):
                    self.send_error(503)
                    return
                self.send_response(200)
                self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
                self.end_headers()
                with suppress(OSError):  # the reader has gone
                    plays[camera.connections - 1](Wire(self.wfile.write, closing))

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_port}/stream"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def __enter__(self) -> Camera:
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
