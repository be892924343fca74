"""What a show brought along when it was unpacked: models and taught poses in its own folder."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MARK = "packed.json"
"""In `models/`: says that they came with the show, and are not somebody's own."""
MODELS, TAUGHT = "models", "taught"


def use_packed(folder: Path) -> bool:
    """Let models and taught poses be found in a show's folder, if it came packed; tells whether it did.

    What the environment says already counts. Processes that are started later know it too.
    """
    folder = folder.absolute()
    if not (folder / MODELS / MARK).is_file():
        return False
    os.environ.setdefault("POSEKIT_CACHE", str(folder / MODELS))
    if (folder / TAUGHT).is_dir():
        os.environ.setdefault("POSEKIT_TAUGHT", str(folder / TAUGHT))
    return True
