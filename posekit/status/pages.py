"""The page's files: a fixed table, so that nothing else can be asked for."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.resources import files

HTML = "text/html; charset=utf-8"
CSS = "text/css; charset=utf-8"
SCRIPT = "text/javascript; charset=utf-8"
SCRIPTS = (
    *("ask", "dom", "editor", "fields", "figures", "hands", "live", "log", "main", "overlay", "room"),
    *("shapes", "sketch", "state", "visits", "words"),
)
TABLE = {
    "/": ("index.html", HTML),
    "/style.css": ("style.css", CSS),
    "/icon.svg": ("icon.svg", "image/svg+xml"),
    "/manifest.json": ("manifest.json", "application/manifest+json"),
    **{f"/{name}.js": (f"{name}.js", SCRIPT) for name in SCRIPTS},
}
"""Which file is at which address, and what it is."""


@dataclass(frozen=True)
class PageFile:
    """One file, as it is sent."""

    data: bytes
    media_type: str
    tag: str
    """Another one when the file is another one, so that a browser need not fetch it again."""


def read_pages() -> dict[str, PageFile]:
    """Return every file of the page, by its address."""
    folder = files("posekit.status").joinpath("page")
    pages = {}
    for path, (name, media_type) in TABLE.items():
        data = folder.joinpath(name).read_bytes()
        pages[path] = PageFile(data, media_type, f'"{hashlib.sha256(data).hexdigest()[:16]}"')
    return pages
