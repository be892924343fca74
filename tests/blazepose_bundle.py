"""Where BlazePose comes from in tests: what is here, or the package index where nothing may be missing."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from posekit.assets import available, ensure

if TYPE_CHECKING:
    from pathlib import Path


def find_bundle() -> Path:
    """Return a bundle that is here; with POSEKIT_REQUIRE_ASSETS=1 fetch the wheel's, else skip the test."""
    for name in ("blazepose-wheel", "blazepose-full", "blazepose-lite"):
        if path := available(name):
            return path
    if os.environ.get("POSEKIT_REQUIRE_ASSETS") != "1":
        pytest.skip("no BlazePose here; `posekit models get blazepose-wheel`")
    return ensure("blazepose-wheel")
