"""PoseNet at any input size, from whichever of its files is at hand: they all hold the same weights."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from posekit.assets.fetch import where_is
from posekit.assets.registry import registry
from posekit.errors import SettingsError

if TYPE_CHECKING:
    from posekit.assets.registry import Asset

STRIDE = 16
SMALLEST, LARGEST = 97, 1921
"""Limits of a side in pixels. Under seven cells a body has no room for its seventeen keypoints; beyond
1921 x 1089, full HD, a picture takes longer than any show can wait (140 ms in LiteRT on two cores)."""
LARGEST_AREA = 1921 * 1089
FAMILY = "posenet-"

Size = tuple[int, int]


def posenet_of(size: Size) -> Asset:
    """Return PoseNet for images of `size` (width, height), registered or made from one that is.

    A size that is in the registry is taken from there, unless only another file is on this machine; then
    that one is resized, because nothing need be fetched. Raises SettingsError for a size that PoseNet cannot
    have, with the nearest it can.
    """
    _require(size)
    known = {asset.input_size: asset for asset in _registered()}
    nearest = sorted(known.values(), key=lambda asset: _apart(asset.input_size or size, size))
    source = next((asset for asset in nearest if where_is(asset) != "to download"), nearest[0])
    if source.input_size == size:
        return source
    # The name carries the size, and with it goes the file in the cache.
    about = f"{source.name} at another size"
    return replace(source, name=f"{FAMILY}{size[0]}x{size[1]}", about=about, input_size=size)


def nearest_size(size: Size) -> Size:
    """Return the size nearest to the one given that PoseNet can have, (width, height)."""
    width, height = (_nearest_side(side) for side in size)
    while width * height > LARGEST_AREA:
        width, height = (side - STRIDE if side == max(width, height) else side for side in (width, height))
    return width, height


def _nearest_side(side: int) -> int:
    return min(max(round((side - 1) / STRIDE) * STRIDE + 1, SMALLEST), LARGEST)


def _require(size: Size) -> None:
    nearest = nearest_size(size)
    if nearest == size:
        return
    wrong = f"{size[0]}x{size[1]}"
    right = f"{nearest[0]}x{nearest[1]}"
    if any(side % STRIDE != 1 for side in size):
        reason = f"PoseNet looks at sizes that are a multiple of {STRIDE} and one pixel more"
    else:
        reason = f"PoseNet looks at sizes from {SMALLEST}x{SMALLEST} to {LARGEST}x{LARGEST_AREA // LARGEST}"
    raise SettingsError(f"the input size {wrong} cannot be used: {reason}; the nearest is {right}")


def _registered() -> list[Asset]:
    """Return Google's own sizes, without other quantisations of them."""
    return [
        asset
        for asset in registry().values()
        if asset.input_size and asset.name == f"{FAMILY}{asset.input_size[0]}x{asset.input_size[1]}"
    ]


def _apart(one: Size, other: Size) -> int:
    return abs(one[0] * one[1] - other[0] * other[1])
