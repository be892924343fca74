"""Files that nobody would send on purpose, made of a picture or a model, and of nothing else."""

from __future__ import annotations

import struct
import zipfile
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

ZIGZAG = sorted(range(64), key=lambda at: (at // 8 + at % 8, (at // 8 if (at // 8 + at % 8) % 2 else at % 8)))
"""The order in which JPEG writes an 8 x 8 block's coefficients."""


def cmyk_jpeg(rgb: np.ndarray) -> bytes:
    """Return an Adobe CMYK JPEG, baseline and inverted as theirs are, of a picture (H, W, 3) RGB uint8."""
    height, width = rgb.shape[:2]
    rows, columns = -(-height // 8), -(-width // 8)
    planes = np.full((4, rows * 8, columns * 8), 255, np.float32)  # no black: the rest is RGB
    planes[:3, :height, :width] = rgb.transpose(2, 0, 1)
    coefficients = [_coefficients(plane, rows, columns) for plane in planes]
    symbols = [run << 4 | bits for run in range(16) for bits in range(1, 11)] + [0x00, 0xF0]
    codes = {symbol: code for code, symbol in enumerate(symbols)}
    bits = []
    last = [0] * 4
    for block in range(rows * columns):
        for component in range(4):
            values = coefficients[component][block]
            bits.append(_number(values[0] - last[component], lambda size: f"{size:04b}"))
            last[component] = values[0]
            bits.append(_rest(values[1:], codes))
    text = "".join(bits)
    text += "1" * (-len(text) % 8)
    scan = int(text, 2).to_bytes(len(text) // 8, "big").replace(b"\xff", b"\xff\x00")
    frame = struct.pack(">BHHB", 8, height, width, 4) + b"".join(bytes((c, 0x11, 0)) for c in range(1, 5))
    dc = bytes([0, 0, 0, 0, 12, *[0] * 12, *range(12)])
    ac = bytes([0, *[0] * 7, len(symbols), *[0] * 8, *symbols])
    parts = [
        (0xEE, b"Adobe\x00\x64\x00\x00\x00\x00\x00"),
        (0xDB, bytes([0, *[4] * 64])),
        (0xC0, frame),
        (0xC4, dc),
        (0xC4, b"\x10" + ac[1:]),
        (0xDA, bytes([4, *(byte for c in range(1, 5) for byte in (c, 0)), 0, 63, 0])),
    ]
    header = b"".join(bytes((0xFF, marker)) + struct.pack(">H", len(p) + 2) + p for marker, p in parts)
    return b"\xff\xd8" + header + scan + b"\xff\xd9"


def _coefficients(plane: np.ndarray, rows: int, columns: int) -> list[list[int]]:
    blocks = (plane - 128).reshape(rows, 8, columns, 8).swapaxes(1, 2).reshape(-1, 8, 8)
    return [np.rint(cv2.dct(block) / 4).astype(int).ravel()[ZIGZAG].tolist() for block in blocks]


def _number(value: int, code) -> str:
    size = abs(value).bit_length()
    return code(size) + (f"{value if value > 0 else value + (1 << size) - 1:0{size}b}" if size else "")


def _rest(values: list[int], codes: dict[int, int]) -> str:
    said, run = [], 0
    for value in values:
        if value == 0:
            run += 1
            continue
        while run > 15:
            said.append(f"{codes[0xF0]:08b}")
            run -= 16
        said.append(_number(value, lambda size, run=run: f"{codes[run << 4 | size]:08b}"))
        run = 0
    return "".join(said) + (f"{codes[0]:08b}" if run else "")


def turned_jpeg(rgb: np.ndarray) -> bytes:
    """Return a JPEG that lies on its side and whose EXIF data says so."""
    lying = cv2.rotate(rgb[..., ::-1], cv2.ROTATE_90_COUNTERCLOCKWISE)
    data = cv2.imencode(".jpg", lying, [cv2.IMWRITE_JPEG_QUALITY, 95])[1].tobytes()
    orientation = struct.pack("<HHII", 0x112, 3, 1, 6)
    exif = b"Exif\0\0II*\0" + struct.pack("<IH", 8, 1) + orientation + bytes(4)
    return data[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + data[2:]


def huge_jpeg(rgb: np.ndarray) -> bytes:
    """Return a JPEG that says that it is 20,000 pixels wide and high."""
    data = bytearray(cv2.imencode(".jpg", np.ascontiguousarray(rgb[..., ::-1]))[1].tobytes())
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = (20000).to_bytes(2, "big") * 2
    return bytes(data)


def changing_film(rgb: np.ndarray) -> bytes:
    """Return a film of JPEGs, one after the other, whose size changes in its middle."""
    bgr = np.ascontiguousarray(rgb[..., ::-1])
    small = cv2.resize(bgr, None, fx=0.5, fy=0.5)
    return b"".join(cv2.imencode(".jpg", picture)[1].tobytes() for picture in [bgr] * 3 + [small] * 3)


def bomb(path: Path, members: tuple[str, ...], megabytes: int) -> None:
    """Write a zip of a few kilobytes whose members unpack to so many megabytes each."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name in members:
            with bundle.open(name, "w", force_zip64=True) as member:
                for _ in range(megabytes):
                    member.write(bytes(1 << 20))
