"""A live stream, read as a camera is: the newest frame, never a queue; and a word when it ends."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cv2
import numpy as np
import pytest

from posekit.clock import SystemClock
from posekit.errors import SourceError
from posekit.frame import Frame
from posekit.sources import open_source


class Stream(BaseHTTPRequestHandler):
    """Sends motion JPEG whose brightness is the number of the frame, then hangs up."""

    frames = 120
    pause = 0.01

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        for number in range(self.frames):
            _, jpeg = cv2.imencode(".jpg", np.full((120, 160, 3), number * 2, np.uint8))
            try:
                self.wfile.write(b"--frame\r\nContent-Type: image/jpeg\r\n\r\n" + jpeg.tobytes() + b"\r\n")
            except OSError:
                return
            time.sleep(self.pause)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Stream)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/stream"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_slow_reader_gets_the_newest_frame_and_is_told_when_the_stream_ends(address: str) -> None:
    source = open_source(address, SystemClock())
    seen: list[Frame] = []
    assert not source.is_camera
    with pytest.raises(SourceError, match="ended; was it unplugged"):
        for frame in source.frames():
            assert isinstance(frame, Frame)
            seen.append(frame)
            time.sleep(0.1)  # a reader ten times slower than the stream
    source.close()
    assert 3 < len(seen) < 60
    assert source.dropped > 20
    numbers = [frame.index for frame in seen]
    assert numbers == sorted(set(numbers))
    assert all(frame.pixels.shape == (120, 160, 3) for frame in seen)
    brightness = [int(frame.pixels.mean()) for frame in seen]
    assert brightness == sorted(brightness)
    assert all(one.time < other.time for one, other in itertools.pairwise(seen))


def test_closing_ends_a_reader_that_waits(address: str) -> None:
    source = open_source(address, SystemClock())
    frames = source.frames()
    next(frames)
    threading.Timer(0.1, source.close).start()
    start = time.monotonic()
    for _ in frames:
        pass
    assert time.monotonic() - start < 2
    source.close()
