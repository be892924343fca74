"""The one place that imports pygame, without its banner (stdout belongs to `--json -`) and old warnings."""

from __future__ import annotations

import os
import warnings

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
with warnings.catch_warnings():
    # pygame 2.6.1 reads its font through the deprecated pkg_resources; users can do nothing about it.
    warnings.filterwarnings("ignore", message=".*pkg_resources.*")
    import pygame
    import pygame.colordict

__all__ = ["pygame"]
