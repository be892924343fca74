"""The documentation as a site: every page is in it, every link leads to one, and it needs no network."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("mkdocs", reason="the docs extra is not installed")
ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole site, built as strictly as mkdocs can: a page or a link that leads nowhere is an error."""
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return folder


def test_every_page_of_the_project_is_in_it(site: Path) -> None:
    pages = {path.relative_to(site).as_posix() for path in site.rglob("*.html")}
    docs = {f"{path.stem}.html" for path in (ROOT / "docs").glob("*.md")}
    outside = {"index.html", "changes.html", "bench/index.html", "models/index.html"}
    assert len(docs) > 12
    assert docs | outside | {"receivers/touchdesigner/index.html"} <= pages


def test_links_that_leave_the_docs_lead_to_pages_and_files_are_named(site: Path) -> None:
    choosing = (site / "choosing.html").read_text()
    assert 'href="models/index.html"' in choosing
    assert "<code>posekit/events/table.py</code>" in (site / "gestures.html").read_text()
    assert 'src="docs/' not in (site / "index.html").read_text()


def test_it_fetches_nothing_from_anywhere(site: Path) -> None:
    pages = [path.read_text() for path in site.rglob("*.html")]
    assert len(pages) > 20
    fetched = [
        found for page in pages for found in re.findall(r'<(?:script|img|link)[^>]+"https?://[^"]+', page)
    ]
    assert fetched == []
