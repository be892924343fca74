"""Every dialect's bytes, written by hand from its published format, and read by two other programs.

OSC 1.0: a string ends with at least one zero byte and is filled up to a multiple of four; a bundle is
`#bundle`, the time tag 1 (immediately), and for each message its length in bytes and the message.
The person here shows one keypoint, its nose at (0.5, 0.25), so that this is also her centre and her box.
"""

from __future__ import annotations

import socket

import numpy as np
import pytest
from builders import a_person, a_scene
from osc_messages import messages_of
from test_osc_sender import oscdump

from posekit.outputs.osc.dialects import find_dialect
from posekit.outputs.osc.encode import encode_bundle
from posekit.outputs.osc.target import parse_target
from posekit.pose import Pose
from posekit.skeleton import COCO_17

BUNDLE = "23 62 75 6e 64 6c 65 00  00 00 00 00 00 00 00 01"  # "#bundle", time tag 1
HALF, QUARTER, ZERO = "3f 00 00 00", "3e 80 00 00", "00 00 00 00"


def just(name: str = "nose", person_id: int = 7):
    """Return a person in slot 1 who shows one keypoint at (0.5, 0.25) with score 0.75, here for 2 seconds."""
    xy, scores = np.full((17, 2), np.nan), np.zeros(17)
    at = COCO_17.find(name)
    xy[at], scores[at] = (0.5, 0.25), 0.75
    return a_person(person_id, slot=1, pose=Pose(xy, scores, 0.5), age=2.0)


def packets_of(text: str, *people, size=(640, 480)) -> list[bytes]:
    target = parse_target(text)
    encoder = find_dialect(target.dialect).encoder(target, {})
    return encoder.update(0.0, a_scene(*people, size=size), [], None)


ARR_OF_NOBODY = """
    2f 70 6f 73 65 73 2f 61 72 72 00 00  2c 69 69 69 00 00 00 00
    00 00 02 80  00 00 01 e0  00 00 00 00
"""
"""`/poses/arr`, `,iii`, 640, 480, 0."""
ARR_OF_ONE = f"""
    2f 70 6f 73 65 73 2f 61 72 72 00 00  2c 69 69 69 {"66 " * 52} 00 00 00 00
    00 00 02 80  00 00 01 e0  00 00 00 01
    3f 00 00 00  43 a0 00 00  42 f0 00 00  3f 40 00 00
    {"00 00 00 00  43 f0 00 00  00 00 00 00 " * 16}
"""
"""Three ints and 52 floats: her score 0.5; the nose at 320, 120 with 0.75; 16 times missing: 0, 480, 0."""
KINECT = f"""
    {BUNDLE}
    00 00 00 10  2f 70 31 2f 69 64 00 00  2c 66 00 00  40 e0 00 00
    00 00 00 18  2f 70 31 2f 77 72 69 73 74 5f 6c 3a 74 78 00 00  2c 66 00 00  {ZERO}
    00 00 00 18  2f 70 31 2f 77 72 69 73 74 5f 6c 3a 74 79 00 00  2c 66 00 00  {QUARTER}
    00 00 00 18  2f 70 31 2f 77 72 69 73 74 5f 6c 3a 74 7a 00 00  2c 66 00 00  {ZERO}
    00 00 00 18  2f 70 31 2f 68 61 6e 64 5f 6c 3a 74 78 00 00 00  2c 66 00 00  {ZERO}
    00 00 00 18  2f 70 31 2f 68 61 6e 64 5f 6c 3a 74 79 00 00 00  2c 66 00 00  {QUARTER}
    00 00 00 18  2f 70 31 2f 68 61 6e 64 5f 6c 3a 74 7a 00 00 00  2c 66 00 00  {ZERO}
    00 00 00 1c  2f 70 31 2f 68 61 6e 64 74 69 70 5f 6c 3a 74 78 00 00 00 00  2c 66 00 00  {ZERO}
    00 00 00 1c  2f 70 31 2f 68 61 6e 64 74 69 70 5f 6c 3a 74 79 00 00 00 00  2c 66 00 00  {QUARTER}
    00 00 00 1c  2f 70 31 2f 68 61 6e 64 74 69 70 5f 6c 3a 74 7a 00 00 00 00  2c 66 00 00  {ZERO}
"""
"""`/p1/id` 7.0; tx, ty, tz of wrist_l, hand_l, handtip_l: (0.5, 0.25) is 0, 0.25 from the middle."""
CURSOR = "2f 74 75 69 6f 2f 32 44 63 75 72 00"  # "/tuio/2Dcur"
SOURCE = f"00 00 00 20  {CURSOR}  2c 73 73 00  73 6f 75 72 63 65 00 00  6d 65 40 68 65 72 65 00"
TUIO_OPENING = f"""
    {BUNDLE} {SOURCE}
    00 00 00 18  {CURSOR}  2c 73 00 00  61 6c 69 76 65 00 00 00
    00 00 00 1c  {CURSOR}  2c 73 69 00  66 73 65 71 00 00 00 00  ff ff ff ff
"""
"""source "me@here"; alive nobody; fseq -1."""
TUIO = f"""
    {BUNDLE} {SOURCE}
    00 00 00 1c  {CURSOR}  2c 73 69 00  61 6c 69 76 65 00 00 00  00 00 00 07
    00 00 00 34  {CURSOR}  2c 73 69 66 66 66 66 66 00 00 00 00  73 65 74 00  00 00 00 07
                 {HALF}  {QUARTER}  {ZERO}  {ZERO}  {ZERO}
    00 00 00 1c  {CURSOR}  2c 73 69 00  66 73 65 71 00 00 00 00  00 00 00 01
"""
"""source; alive 7; set 7 at 0.5, 0.25, velocity 0, 0, acceleration 0; fseq 1."""
AUGMENTA = f"""
    {BUNDLE}
    00 00 00 20  2f 73 63 65 6e 65 00 00  2c 69 69 66 66 00 00 00  00 00 00 01  00 00 00 01  {ZERO}  {ZERO}
    00 00 00 60  2f 6f 62 6a 65 63 74 2f 65 6e 74 65 72 00 00 00  2c 69 69 69 {"66 " * 12} 00 00 00 00
                 00 00 00 01  00 00 00 07  {ZERO}
                 40 00 00 00  {HALF} {QUARTER}  {ZERO} {ZERO}  {ZERO}
                 {HALF} {QUARTER} {ZERO} {ZERO} {ZERO}  {ZERO}
    00 00 00 3c  2f 6f 62 6a 65 63 74 2f 65 6e 74 65 72 2f 65 78 74 72 61 00
                 2c 69 69 69 66 66 66 66 00 00 00 00
                 00 00 00 01  00 00 00 07  {ZERO}  {HALF} {QUARTER}  {ZERO}  {ZERO}
"""
"""`/scene` frame 1, 1 object, 0 by 0 m; `/object/enter` frame 1, id 7, oid 0, age 2, centre, velocity 0, 0,
orientation 0, box centre, its size 0 by 0, rotation 0, height 0; extra: frame, id, oid, highest, 0, 0."""
BODY = f"""
    {BUNDLE}
    00 00 00 1c  2f 62 6f 64 79 2f 31 2f 6e 6f 73 65 00 00 00 00  2c 66 66 00  {HALF}  {QUARTER}
"""
"""`/body/1/nose` 0.5 0.25."""
OSCELETON = f"""
    {BUNDLE}
    00 00 00 14  2f 6e 65 77 5f 75 73 65 72 00 00 00  2c 69 00 00  00 00 00 07
    00 00 00 14  2f 6e 65 77 5f 73 6b 65 6c 00 00 00  2c 69 00 00  00 00 00 07
    00 00 00 28  2f 6a 6f 69 6e 74 00 00  2c 73 69 66 66 66 00 00  6e 65 63 6b 00 00 00 00  00 00 00 07
                 {HALF} {QUARTER} {ZERO}
    00 00 00 28  2f 6a 6f 69 6e 74 00 00  2c 73 69 66 66 66 00 00  74 6f 72 73 6f 00 00 00  00 00 00 07
                 {HALF} {QUARTER} {ZERO}
    00 00 00 28  2f 6a 6f 69 6e 74 00 00  2c 73 69 66 66 66 00 00  68 65 61 64 00 00 00 00  00 00 00 07
                 {HALF} {QUARTER} {ZERO}
"""
"""`/new_user` 7, `/new_skel` 7, `/joint` of neck, torso, head: name, user, x, y, z."""
TSPS_NUMBERS = f"""
    2c 69 69 69 {"66 " * 17} 00 00 00  00 00 00 07  {ZERO}  00 00 00 01
    {HALF} {QUARTER}  {ZERO} {ZERO}  {ZERO}  {HALF} {QUARTER} {ZERO} {ZERO}  {HALF} {QUARTER}
    {ZERO} {ZERO} {ZERO} {ZERO}  {ZERO} {ZERO}
"""
"""`,iii` and 17 `f`, that is 21 bytes, filled up to 24; pid 7, oid 0, age 1 frame, centroid, velocity, depth,
rectangle, highest point, face, flow: 80 bytes of numbers."""
TSPS = f"""
    {BUNDLE}
    00 00 00 38  2f 54 53 50 53 2f 73 63 65 6e 65 2f 00 00 00 00  2c 69 69 66 66 66 69 69 00 00 00 00
                 {ZERO} 00 00 00 01 {ZERO} {ZERO} {ZERO} {ZERO} {ZERO}
    00 00 00 80  2f 54 53 50 53 2f 70 65 72 73 6f 6e 45 6e 74 65 72 65 64 2f 00 00 00 00 {TSPS_NUMBERS}
    00 00 00 80  2f 54 53 50 53 2f 70 65 72 73 6f 6e 55 70 64 61 74 65 64 2f 00 00 00 00 {TSPS_NUMBERS}
"""
"""`/TSPS/scene/` (12 bytes, 4 zeros, tags 12, 7 numbers: 56), personEntered/, personUpdated/ (128)."""
AUGMENTA_1 = f"""
    {BUNDLE}
    00 00 00 38  2f 61 75 2f 73 63 65 6e 65 00 00 00  2c 69 66 69 66 66 69 69 69 00 00 00
                 {ZERO} {ZERO} 00 00 00 01 {ZERO} {ZERO} 00 00 02 80 00 00 01 e0 {ZERO}
    00 00 00 64  2f 61 75 2f 70 65 72 73 6f 6e 45 6e 74 65 72 65 64 00 00 00
                 2c 69 69 69 {"66 " * 12} 00 00 00 00  00 00 00 07 {ZERO} 00 00 00 01
                 {HALF} {QUARTER} {ZERO} {ZERO} {ZERO} {HALF} {QUARTER} {ZERO} {ZERO} {HALF} {QUARTER} {ZERO}
    00 00 00 64  2f 61 75 2f 70 65 72 73 6f 6e 55 70 64 61 74 65 64 00 00 00
                 2c 69 69 69 {"66 " * 12} 00 00 00 00  00 00 00 07 {ZERO} 00 00 00 01
                 {HALF} {QUARTER} {ZERO} {ZERO} {ZERO} {HALF} {QUARTER} {ZERO} {ZERO} {HALF} {QUARTER} {ZERO}
"""
"""`/au/scene` (12), tags (12), 8 numbers; `/au/personEntered` (17, to 20), tags (16, to 20), 15 numbers."""
WEKINATOR = f"2f 77 65 6b 2f 69 6e 70 75 74 73 00  2c 66 66 00  {HALF}  {QUARTER}"
"""`/wek/inputs` x y, without a bundle."""

GOLDEN = {
    "9527:poseosc": [ARR_OF_ONE],
    "7000:kinect,slots=1,only=left_wrist": [KINECT],
    "3333:tuio,source=me@here": [TUIO_OPENING, TUIO],
    "12000:augmenta": [AUGMENTA],
    "7000:template,template=/body/{slot}/{keypoint} {x} {y},only=nose,slots=1": [BODY],
    "7110:osceleton,only=nose": [OSCELETON],
    "12000:tsps": [TSPS],
    "6448:wekinator,only=nose": [WEKINATOR],
    "12000:augmenta1": [AUGMENTA_1],
}


@pytest.mark.parametrize("text", GOLDEN)
def test_the_bytes_are_those_of_the_published_format(text: str):
    sent = packets_of(text, just("left_wrist" if "wrist" in text else "nose"))
    assert [packet.hex() for packet in sent] == [bytes.fromhex(one).hex() for one in GOLDEN[text]]


@pytest.mark.parametrize(("count", "size"), [(0, 32), (1, 292), (5, 1332), (6, 1592)])
def test_poses_arr_has_the_size_of_its_format(count: int, size: int):
    people = [a_person(number, slot=number) for number in range(1, count + 1)]
    (packet,) = packets_of("9527:poseosc", *people)
    assert len(packet) == size
    ((address, values),) = messages_of(packet)
    assert (address, values[:3], len(values)) == ("/poses/arr", (640, 480, count), 3 + 52 * count)
    assert [type(value) for value in values] == [int] * 3 + [float] * 52 * count


def test_poses_arr_of_nobody_is_a_header():
    (packet,) = packets_of("9527:poseosc")
    assert packet.hex() == bytes.fromhex(ARR_OF_NOBODY).hex()


def test_liblo_and_python_osc_read_the_same_of_every_dialect(tool):
    people = [a_person(3, slot=1, velocity=(0.1, -0.2)), a_person(4, slot=2, missing=["nose"])]
    texts = [*GOLDEN, "9527:poseosc,mode=addr", "3333:tuio,points=hands"]
    with oscdump(tool("oscdump")) as (port, lines_until), socket.socket(type=socket.SOCK_DGRAM) as sending:
        for text in texts:
            packets = packets_of(text, *people)
            assert packets
            for packet in [*packets, encode_bundle([("/mark", (1,))])]:
                sending.sendto(packet, ("127.0.0.1", port))
            ours = [message for packet in packets for message in messages_of(packet)]
            theirs = lines_until("/mark")
            assert len(ours) == len(theirs) > 0
            for (address, values), (their_address, types, *words) in zip(ours, theirs, strict=True):
                assert address == their_address
                letters = {int: "i", float: "f", str: "s"}
                assert types == "".join(letters[type(value)] for value in values)
                assert len(words) == len(values)
                for value, word in zip(values, words, strict=True):
                    if isinstance(value, str):
                        assert word.strip('"') == value
                    else:
                        assert float(word) == pytest.approx(value, abs=1e-4)
