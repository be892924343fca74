"""A UDP proxy on loopback that loses packets: a bad network between a sender and a receiver."""

from __future__ import annotations

import contextlib
import random
import socket


class LossyProxy:
    """Takes packets at a port of its own and hands them on to a socket of the receiver's, but for some.

    `pump` does it when it is called, so that what arrives depends on the seed alone and not on the machine.
    """

    def __init__(self, loss: float, seed: int) -> None:
        self._loss, self._chance = loss, random.Random(seed)
        self._inward, self._outward, self._receiver = (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(3)
        )
        for one in (self._inward, self._receiver):
            one.bind(("127.0.0.1", 0))
            one.setblocking(False)
        self.port: int = self._inward.getsockname()[1]
        """Where the sender sends."""
        self.lost = self.passed = 0

    def __enter__(self) -> LossyProxy:
        return self

    def __exit__(self, *_: object) -> None:
        for one in (self._inward, self._outward, self._receiver):
            one.close()

    def pump(self) -> list[bytes]:
        """Hand on what waits, and return what has reached the receiver."""
        for packet in _waiting(self._inward):
            if self._chance.random() < self._loss:
                self.lost += 1
            else:
                self.passed += 1
                self._outward.sendto(packet, self._receiver.getsockname())
        return list(_waiting(self._receiver))


def _waiting(opened: socket.socket):
    with contextlib.suppress(BlockingIOError):
        while True:
            yield opened.recv(65535)
