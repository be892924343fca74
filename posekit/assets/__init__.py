"""Models and clips with a pinned sha256, from the first source that has them."""

from posekit.assets.fetch import available, ensure, ensure_asset, ensure_original, where_is
from posekit.assets.posenet_sizes import nearest_size, posenet_of
from posekit.assets.progress import NoProgress, Progress
from posekit.assets.registry import Asset, AssetFile, UrlSource, WheelSource, find_asset, registry

__all__ = [
    "Asset",
    "AssetFile",
    "NoProgress",
    "Progress",
    "UrlSource",
    "WheelSource",
    "available",
    "ensure",
    "ensure_asset",
    "ensure_original",
    "find_asset",
    "nearest_size",
    "posenet_of",
    "registry",
    "where_is",
]
