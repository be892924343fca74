"""Valid OSC packets for a show, and what becomes of them when bytes are changed, cut, doubled and made up."""

from __future__ import annotations

import random
import struct

LARGEST = 65_507
EVIL = (-1, 0, 1, 4, 3, 2**31 - 1, -(2**31), 65_507)


def text(word: bytes) -> bytes:
    return word + bytes(4 - len(word) % 4)


def bundle(*elements: bytes) -> bytes:
    return b"#bundle\0" + bytes(7) + b"\1" + b"".join(struct.pack(">i", len(one)) + one for one in elements)


FLOAT = text(b"/param/speed") + text(b",f") + struct.pack(">f", 0.5)
VALID = (
    FLOAT,
    text(b"/posekit/pause"),
    text(b"/posekit/resume") + text(b",i") + struct.pack(">i", 1),
    text(b"/posekit/reset") + text(b",T"),
    text(b"/ping") + text(b",isb") + struct.pack(">i", 7) + text(b"hello") + struct.pack(">i", 3) + b"abc\0",
    text(b"/param/tint") + text(b",s") + text(b"crimson"),
    text(b"/posekit/param/mode") + text(b",d") + struct.pack(">d", 1.0),
    *(
        text(b"/param/" + name) + text(b",d") + struct.pack(">d", 1e308)
        for name in (b"free", b"whole", b"stepped")
    ),
    text(b"/param/fine") + text(b",h") + struct.pack(">q", -(2**63)),
    text(b"/my/own") + text(b",[ff]hTFNI") + struct.pack(">ffq", 1.0, 2.0, -5),
    bundle(FLOAT, text(b"/my/own") + text(b",s") + text("héllo".encode()), bundle(FLOAT)),
)
"""Everything that means something to a show, and some that does not."""
EFFECTS = (b"/param/", b"/posekit/", b"/ping")


def mutated(rng: random.Random, packet: bytes) -> bytes:
    """Return a packet with one to eight things wrong with it, or random bytes."""
    if rng.random() < 0.1:
        return rng.randbytes(rng.choice((0, 1, 3, 4, 20, 64, 1400)))
    data = bytearray(packet)
    for _ in range(rng.choice((1, 1, 1, 2, 4, 8))):
        at = rng.randrange(len(data) + 1)
        change = rng.randrange(7)
        if change == 0 and at < len(data):
            data[at] = rng.randrange(256)
        elif change == 1:
            del data[at:]
        elif change == 2:
            data += rng.randbytes(rng.randrange(1, 9))
        elif change == 3:
            data[at:at] = data[: rng.randrange(len(data) + 1)]
        elif change == 4:
            at = at // 4 * 4
            data[at : at + 4] = struct.pack(">i", rng.choice(EVIL))
        elif change == 5:
            data[:] = bundle(*[bytes(data)] * rng.randrange(1, 4))
        else:
            data[at : at + 4] = struct.pack(">f", rng.choice((float("nan"), float("inf"), -1e38, 0.0)))
        del data[LARGEST:]
    return bytes(data)
