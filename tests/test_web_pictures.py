"""Sharing the camera: motion JPEG that OpenCV reads back, for whoever looks, and nothing for nobody."""

from __future__ import annotations

import re
import socket
import threading
import time
from contextlib import contextmanager

import cv2
import numpy as np
import pytest
from web_world import PATIENCE, a_server, a_stuck_client, get, one_scene, say, status_of, url, wait_until

from posekit.outputs.web import projector as projectors
from posekit.outputs.web import stream
from posekit.outputs.web.projector import encode


def a_picture(level: int, size: tuple[int, int] = (160, 120)) -> np.ndarray:
    """Return a picture, red above and dark below, so that exchanged channels or sides would show."""
    picture = np.full((size[1], size[0], 3), 20, np.uint8)
    picture[: size[1] // 2, :, 0] = level
    return picture


class Show(threading.Thread):
    """Publishes a new picture again and again, as a runner does."""

    def __init__(self, server, rate: float = 200.0) -> None:
        super().__init__(daemon=True)
        self._server, self._pause = server, 1 / rate
        self._end = threading.Event()
        self.published = 0

    def run(self) -> None:
        scene = one_scene()
        while not self._end.wait(self._pause):
            self.published += 1
            self._server.publish(scene, (), a_picture(60 + self.published % 190))

    def close(self) -> None:
        self._end.set()
        self.join()


@contextmanager
def a_show(**options):
    with a_server(shares=["picture"], **options) as server:
        show = Show(server)
        show.start()
        try:
            yield server, show
        finally:
            show.close()


class Reader:
    """Reads a stream as its bytes say, without any library."""

    def __init__(self, server, path: str = "/picture.mjpg") -> None:
        self.client = socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE)
        self.client.sendall(get(path))
        self.rest = b""
        self.head = self._until(b"\r\n\r\n").decode().lower()

    def jpeg(self) -> bytes:
        """Return the next picture; the chunks of HTTP are undone first."""
        head = b""
        while b"\r\n\r\n" not in head:
            head += self._chunk()
        self.rest_of_part = head
        start = head.index(b"\r\n\r\n") + 4
        length = int(re.search(rb"Content-Length: (\d+)", head)[1])
        while len(head) < start + length:
            head += self._chunk()
        assert head[start + length :] in (b"", b"\r\n--posekit\r\n")
        return head[start : start + length]

    def _chunk(self) -> bytes:
        size = int(self._until(b"\r\n"), 16)
        while len(self.rest) < size + 2:
            self.rest += self._more()
        chunk, self.rest = self.rest[:size], self.rest[size + 2 :]
        return chunk

    def _until(self, mark: bytes) -> bytes:
        while mark not in self.rest:
            self.rest += self._more()
        found, _, self.rest = self.rest.partition(mark)
        return found

    def _more(self) -> bytes:
        data = self.client.recv(65536)
        assert data, "the stream has ended"
        return data

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()


def test_what_is_shown_is_what_is_seen() -> None:
    with a_show() as (server, _), Reader(server) as reader:
        assert "content-type: multipart/x-mixed-replace; boundary=posekit" in reader.head
        assert "cache-control: no-store" in reader.head
        decoded = cv2.imdecode(np.frombuffer(reader.jpeg(), np.uint8), cv2.IMREAD_COLOR)
    assert decoded.shape == (120, 160, 3)
    blue, green, red = decoded[30, 80].tolist()
    assert red > 45
    assert blue < 45
    assert green < 45
    assert decoded[100, 80].max() < 45


def test_opencv_reads_it_as_a_source() -> None:
    with a_show() as (server, _):
        capture = cv2.VideoCapture(url(server, "/picture.mjpg", "http"), cv2.CAP_FFMPEG)
        try:
            frames = [capture.read() for _ in range(5)]
        finally:
            capture.release()
        assert all(fine and frame.shape == (120, 160, 3) for fine, frame in frames)
        wait_until(lambda: not server.hub.projectors["picture"].viewers)


def test_nothing_is_encoded_while_nobody_looks() -> None:
    with a_show() as (server, show):
        wait_until(lambda: show.published > 30)
        projector = server.hub.projectors["picture"]
        assert projector.encoded == 0
        with Reader(server) as reader:
            assert reader.jpeg()
        wait_until(lambda: not projector.viewers)
        encoded, published = projector.encoded, show.published
        assert encoded >= 1
        wait_until(lambda: show.published > published + 30)
        assert projector.encoded <= encoded + 1  # one may have been under way


def test_it_is_encoded_once_for_all_who_look_and_no_faster_than_said() -> None:
    with a_show() as (server, show), Reader(server) as one, Reader(server) as two, Reader(server) as three:
        for reader in (one, two, three):
            reader.jpeg()
        projector = server.hub.projectors["picture"]
        before, start = projector.encoded, time.perf_counter()
        for _ in range(15):
            for reader in (one, two, three):
                reader.jpeg()
        spent = time.perf_counter() - start
        assert show.published > 30
        assert projector.encoded - before <= spent * projectors.RATE + 3
        assert projector.encoded - before < 30  # not 45


def test_a_viewer_who_hangs_holds_up_nobody_and_sees_the_newest_later() -> None:
    with a_show() as (server, _), a_stuck_client(server, get("/picture.mjpg")):
        wait_until(lambda: len(server.hub.projectors["picture"].viewers) == 1)
        with Reader(server) as reader:
            for _ in range(10):
                assert reader.jpeg()


def test_of_a_picture_that_stands_still_there_is_one() -> None:
    still = a_picture(200)
    with a_server(shares=["picture"]) as server:
        server.publish(one_scene(), (), still)
        with Reader(server) as one:
            one.jpeg()
            for at in range(20):
                server.publish(one_scene(at), (), still)
            with Reader(server) as two:
                two.jpeg()
            assert server.hub.projectors["picture"].encoded == 1


def test_what_is_not_shared_is_not_served() -> None:
    with a_server() as server:
        for at in range(3):
            server.publish(one_scene(at), (), a_picture(200))
        for path in ("/picture.mjpg", "/mask.mjpg"):
            answer = say(server, get(path))
            assert status_of(answer) == 404
            assert b"is not shared" in answer
        assert b"nothing of the camera is shared" in say(server, get("/health"))
    with a_server(shares=["picture"]) as server:
        assert b"the mask is not shared; start with --share mask" in say(server, get("/mask.mjpg"))
        assert status_of(say(server, get("/secret.mjpg"))) == 404


def test_a_source_without_pictures_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "FIRST_SECONDS", 0.05)
    with a_server(shares=["picture"]) as server:
        server.publish(one_scene())
        answer = say(server, get("/picture.mjpg"))
        assert status_of(answer) == 503
        assert b"no picture has come yet" in answer
        wait_until(lambda: not server.hub.projectors["picture"].viewers)


def test_health_says_what_is_shared_and_with_how_many() -> None:
    sentence = "the picture is shared at http://127.0.0.1:8080/picture.mjpg, with this machine only"
    with a_show(sharing=[sentence]) as (server, _), Reader(server) as reader:
        reader.jpeg()
        answer = say(server, get("/health"))
    assert sentence.encode() in answer
    assert b'"viewers":{"picture":1}' in answer


def a_mask(left: int) -> np.ndarray:
    """Return a silhouette, (h, w), 20 pixels wide."""
    mask = np.zeros((60, 80), np.uint8)
    mask[10:50, left : left + 20] = 255
    return mask


def seen_in(jpeg: bytes) -> np.ndarray:
    """Return where a silhouette is in a JPEG."""
    decoded = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_UNCHANGED)
    assert decoded.shape == (60, 80)
    return np.nonzero((decoded > 127).any(axis=0))[0]


def test_a_mask_is_shown_by_itself_and_encoded_only_for_who_looks() -> None:
    with a_server(shares=["mask"]) as server:
        server.publish(one_scene(1.0), (), a_picture(200), None, a_mask(10))
        server.publish(one_scene(2.0), (), a_picture(200), None, a_mask(30))
        server.hub.describe()
        projector = server.hub.projectors["mask"]
        assert projector.encoded == 0
        assert status_of(say(server, get("/picture.mjpg"))) == 404
        with Reader(server, "/mask.mjpg") as reader:
            assert seen_in(reader.jpeg()).tolist() == list(range(30, 50))  # the newest
            server.publish(one_scene(3.0), (), a_picture(200), None, a_mask(50))
            assert seen_in(reader.jpeg()).tolist() == list(range(50, 70))
        assert projector.encoded == 2


def test_where_silhouettes_end_the_last_one_does_not_stay() -> None:
    """As when another estimator was chosen, or the engine is lost: nobody is kept in outline."""
    with a_server(shares=["mask"]) as server:
        server.publish(one_scene(1.0), (), None, None, a_mask(10))
        with Reader(server, "/mask.mjpg") as reader:
            assert len(seen_in(reader.jpeg())) == 20
            server.publish(one_scene(2.0))
            assert len(seen_in(reader.jpeg())) == 0
            server.publish(one_scene(3.0))
            server.publish(one_scene(4.0), (), None, None, a_mask(20))
            assert len(seen_in(reader.jpeg())) == 20


def test_both_are_shared_side_by_side() -> None:
    with a_server(shares=["picture", "mask"]) as server:
        server.publish(one_scene(), (), a_picture(200), None, a_mask(10))
        with Reader(server) as picture, Reader(server, "/mask.mjpg") as mask:
            assert cv2.imdecode(np.frombuffer(picture.jpeg(), np.uint8), -1).shape == (120, 160, 3)
            assert len(seen_in(mask.jpeg())) == 20
            assert b'"viewers":{"picture":1,"mask":1}' in say(server, get("/health"))


def test_without_silhouettes_that_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "FIRST_SECONDS", 0.05)
    with a_server(shares=["mask"]) as server:
        server.publish(one_scene(), (), a_picture(200))
        answer = say(server, get("/mask.mjpg"))
        assert status_of(answer) == 503
        assert b"no mask has come yet; recordings and crowds have none" in answer


def test_large_pictures_are_shown_smaller() -> None:
    jpeg = encode(np.zeros((2160, 3840, 3), np.uint8))
    assert cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR).shape == (1080, 1920, 3)
    silhouette = cv2.imdecode(np.frombuffer(encode(np.eye(64, dtype=np.uint8) * 255), np.uint8), -1)
    assert silhouette.shape == (64, 64)


def test_the_end_ends_the_stream() -> None:
    with a_show() as (server, _), Reader(server) as reader:
        reader.jpeg()
        start = time.perf_counter()
        server.close()
        assert time.perf_counter() - start < 1.5
        while reader.client.recv(65536):
            pass


def test_only_the_head_is_free() -> None:
    with a_server(shares=["picture"]) as server:
        answer = say(server, get("/picture.mjpg").replace(b"GET", b"HEAD"))
        assert status_of(answer) == 200
        assert b"multipart/x-mixed-replace" in answer
        assert status_of(say(server, get("/picture.mjpg").replace(b"GET", b"POST"))) == 405
