"""The one place that imports pygame, without its banner (stdout belongs to `--json -`) and old habits."""

from __future__ import annotations

import os
import sys
import warnings

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
_HIDDEN = "pkg_resources"
# pygame 2.6.1 finds its font by the deprecated pkg_resources where that is installed, which reads what every
# installed package says of itself: a tenth of a second and 9 MB in each process. Else it just opens the file.
_is_hidden = _HIDDEN not in sys.modules
if _is_hidden:
    sys.modules[_HIDDEN] = None  # type: ignore[assignment]  # so an import of it fails, says importlib
try:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=f".*{_HIDDEN}.*")
        import pygame
        import pygame.colordict
        import pygame.pkgdata
finally:
    if _is_hidden:
        del sys.modules[_HIDDEN]

__all__ = ["pygame"]
