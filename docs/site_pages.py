"""Brings pages from outside docs/ into the site, and mends the links between them: a hook of mkdocs.

In the project a link leads from file to file, as it is followed in a checkout; here it has to lead from page
to page. What is no page, such as a source file, is named instead of linked.
"""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from posixpath import normpath, relpath
from typing import Any

from mkdocs.structure.files import File

ROOT = Path(__file__).parent.parent
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\((?!https?://|mailto:|#)([^)#\s]+)(#[^)]*)?\)")
FENCE = re.compile(r"(^```.*?^```$)", re.DOTALL | re.MULTILINE)


def outside_pages() -> dict[str, str]:
    """Return the pages that lie outside docs/, and the address of each in the site."""
    pages = {"README.md": "index.md", "CHANGELOG.md": "changes.md"}
    for readme in sorted(ROOT.glob("*/README.md")) + sorted(ROOT.glob("receivers/*/README.md")):
        if readme.parent.name != "docs":
            path = readme.relative_to(ROOT).as_posix()
            pages[path] = path.replace("README.md", "index.md")
    return pages


def on_files(files: Any, *, config: Any) -> Any:
    """Add those pages, with their pictures."""
    for source, address in outside_pages().items():
        text = (ROOT / source).read_text(encoding="utf-8")
        files.append(File.generated(config, address, content=with_links(text, source)))
    return files


def on_page_markdown(markdown: str, *, page: Any, **_: Any) -> str:
    """Mend the links of a page of docs/."""
    source = f"docs/{page.file.src_uri}"
    return with_links(markdown, source) if (ROOT / source).is_file() else markdown


def with_links(text: str, source: str) -> str:
    """Return a page of the checkout with its links as they lead in the site; code is left alone."""
    here = site_address(source)
    parts = FENCE.split(text)
    return "".join(
        part if part.startswith("```") else LINK.sub(lambda link: _mended(link, source, here), part)
        for part in parts
    )


def site_address(path: str) -> str | None:
    """Return where a file of the checkout is in the site; None for what is no part of it."""
    pages = outside_pages()
    if path in pages:
        return pages[path]
    if f"{path}/README.md" in pages:
        return pages[f"{path}/README.md"]
    if path.startswith("docs/"):
        return path.removeprefix("docs/")
    return None


def _mended(link: re.Match[str], source: str, here: str | None) -> str:
    picture, words, target, anchor = link.groups()
    path = normpath(str(PurePosixPath(source).parent / target))
    address = site_address(path)
    if address is None or here is None:
        return words if words.startswith("`") or picture else f"{words} (`{path}`)"
    return f"{picture}[{words}]({relpath(address, str(PurePosixPath(here).parent))}{anchor or ''})"
