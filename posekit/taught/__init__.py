"""Poses taught by showing: comparing them, and the files that keep them."""

from __future__ import annotations

from posekit.taught.comparing import HasKeypoints, Taught, average, compare, similarities, similarity
from posekit.taught.files import (
    BIGGEST_FILE,
    SUFFIX,
    check_name,
    check_place,
    folder,
    load,
    load_all,
    save,
    taught_names,
)

__all__ = [
    "BIGGEST_FILE",
    "SUFFIX",
    "HasKeypoints",
    "Taught",
    "average",
    "check_name",
    "check_place",
    "compare",
    "folder",
    "load",
    "load_all",
    "save",
    "similarities",
    "similarity",
    "taught_names",
]
