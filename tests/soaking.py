"""How long the long tests are: `POSEKIT_SOAK_SECONDS=5 pytest -m soak` is their short form."""

from __future__ import annotations

import os

IS_SHORT = float(os.environ.get("POSEKIT_SOAK_SECONDS", "600")) < 60
"""Whether each has to show only that it works."""
