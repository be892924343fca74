"""Asks a camera for what is wanted, and tells what it granted: size, rate, format, and what it locks."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

import cv2

if TYPE_CHECKING:
    from collections.abc import Iterator

    from posekit.geometry import Size
    from posekit.sources.request import CameraControls, CameraRequest


class _Lock(NamedTuple):
    """Something a camera decides for itself until it is told not to."""

    name: str
    automatic: int
    """OpenCV's property that turns the automatic on and off."""
    value: int
    """OpenCV's property for the value itself."""
    off: float = 0.0
    on: tuple[float, ...] = (1.0,)
    """What turns it on: the first that the camera takes."""


EXPOSURE = _Lock("exposure", cv2.CAP_PROP_AUTO_EXPOSURE, cv2.CAP_PROP_EXPOSURE)
V4L2_EXPOSURE = EXPOSURE._replace(off=1.0, on=(3.0, 0.0))
"""Manual; aperture priority, which webcams have, or fully automatic (enum v4l2_exposure_auto_type)."""
WHITE_BALANCE = _Lock("white balance", cv2.CAP_PROP_AUTO_WB, cv2.CAP_PROP_WB_TEMPERATURE)
DEEP_GREY = "Y16"
"""What infrared and thermal cameras deliver: grey, of sixteen bits."""
FOCUS = _Lock("focus", cv2.CAP_PROP_AUTOFOCUS, cv2.CAP_PROP_FOCUS)


class Properties(Protocol):
    """A camera's numbered properties, as OpenCV has them."""

    @property
    def backend(self) -> str:
        """OpenCV's name for the system it comes through: "V4L2", "MSMF", "AVFOUNDATION"..."""

    def get(self, number: int) -> float:
        """Return a property's value; 0 or -1 where there is none."""

    def set(self, number: int, value: float) -> bool:
        """Ask for a value; False when it is refused at once. What is granted may be another."""


def ask(camera: Properties, request: CameraRequest) -> list[str]:
    """Ask a camera for everything; returns a clause for each thing that it refused."""
    refused = [*_ask_for_format(camera, request), *_ask_for_controls(camera, request.controls)]
    if _pixel_format(camera) == DEEP_GREY:
        # Else OpenCV drops the lower eight bits, in which a camera of twelve has most of its picture.
        camera.set(cv2.CAP_PROP_CONVERT_RGB, 0)
    return refused


def describe(camera: Properties, size: Size, rate: float) -> str:
    """Return what was granted, e.g. "1280x720 at 30 fps, MJPG"."""
    form = _pixel_format(camera)
    return f"{size[0]}x{size[1]} at {rate:.4g} fps" + (f", {form}" if form else "")


def _ask_for_format(camera: Properties, request: CameraRequest) -> Iterator[str]:
    # Motion JPEG first: uncompressed, USB 2 carries 1280x720 at 10 frames a second. The height after the
    # width: OpenCV hands both to the driver once it has the second.
    width, height = request.size
    camera.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
    camera.set(cv2.CAP_PROP_FRAME_WIDTH, width)
    camera.set(cv2.CAP_PROP_FRAME_HEIGHT, height)
    camera.set(cv2.CAP_PROP_FPS, request.rate)
    found = int(camera.get(cv2.CAP_PROP_FRAME_WIDTH)), int(camera.get(cv2.CAP_PROP_FRAME_HEIGHT))
    if min(found) > 0 and found != request.size:
        yield f"asked for {width}x{height}, got {found[0]}x{found[1]}"
    rate = camera.get(cv2.CAP_PROP_FPS)
    if rate > 0 and abs(rate - request.rate) > 0.5:
        yield f"asked for {request.rate:.4g} fps, got {rate:.4g}"


def _pixel_format(camera: Properties) -> str:
    """Return the four letters of the pixel format, as far as there are four."""
    code = int(camera.get(cv2.CAP_PROP_FOURCC))
    letters = "".join(chr(code >> shift & 0xFF) for shift in (0, 8, 16, 24)) if code > 0 else ""
    return letters.strip() if letters.isascii() and letters.isprintable() else ""


def _ask_for_controls(camera: Properties, controls: CameraControls) -> Iterator[str]:
    exposure = V4L2_EXPOSURE if camera.backend == "V4L2" else EXPOSURE
    locks = ((exposure, controls.exposure), (WHITE_BALANCE, controls.white_balance), (FOCUS, controls.focus))
    for lock, wanted in locks:
        if wanted == "auto":
            yield from _ask_for_automatic(camera, lock)
        elif wanted is not None:
            # A camera without the automatic has nothing to turn off, and says no.
            if not camera.set(lock.automatic, lock.off) and camera.get(lock.automatic) == lock.on[0]:
                yield f"asked for {lock.name} to be locked, but it stays automatic"
            yield from _ask_for_value(camera, lock.name, lock.value, wanted)
    if controls.gain is not None:
        yield from _ask_for_value(camera, "gain", cv2.CAP_PROP_GAIN, controls.gain)


def _ask_for_automatic(camera: Properties, lock: _Lock) -> Iterator[str]:
    if not any(camera.set(lock.automatic, on) and camera.get(lock.automatic) == on for on in lock.on):
        yield f"asked for automatic {lock.name}, which it refuses"


def _ask_for_value(camera: Properties, name: str, number: int, wanted: float) -> Iterator[str]:
    """Set and read back: a driver clamps and rounds without a word."""
    is_taken = camera.set(number, wanted)
    found = camera.get(number)
    if not is_taken:
        yield f"asked for {name} {wanted:g}, which it refuses"
    elif abs(found - wanted) > 0.5 + 0.01 * abs(wanted):
        yield f"asked for {name} {wanted:g}, got {found:g}"
