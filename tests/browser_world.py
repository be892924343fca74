"""A real Chromium, driven through playwright, that looks at a status page as people do."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

AXE = "axe-core@4.10.2"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
SMALL = {"viewport": {"width": 360, "height": 640}, "has_touch": True, "is_mobile": True}
DESKTOP = {"viewport": {"width": 1366, "height": 900}}


@contextmanager
def a_browser() -> Iterator[Any]:
    """Start the system's own Chromium; the package brings no browser here."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    chromium = shutil.which("chromium")
    if chromium is None:
        if os.environ.get("POSEKIT_REQUIRE_TOOLS") == "1":
            pytest.fail("chromium is not installed, and POSEKIT_REQUIRE_TOOLS=1 says that it must be here")
        pytest.skip("the program chromium is not installed")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def a_tab(browser: Any, url: str = "", **options: Any) -> Iterator[Any]:
    """Open a tab of its own; whatever the page says of errors fails the test."""
    context = browser.new_context(locale="en-GB", timezone_id="UTC", **(options or DESKTOP))
    said: list[str] = []
    try:
        tab = context.new_page()
        tab.set_default_timeout(10_000)
        tab.on("pageerror", lambda error: said.append(f"error: {error}"))
        tab.on("console", lambda line: said.append(line.text) if line.type in ("error", "warning") else None)
        tab.said = said
        if url:
            tab.goto(url)
            tab.locator("#link", has_text="live").wait_for()
        yield tab
    finally:
        context.close()
    said = [line for line in said if "willReadFrequently" not in line]  # only tests read the canvas
    assert not said, said


def axe_source(folder: Path, npm: str) -> str:
    """Return axe-core's own script, from npm; skips where that cannot be had."""
    command = [npm, "pack", "--silent", AXE]
    packed = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    if packed.returncode != 0 and os.environ.get("POSEKIT_REQUIRE_TOOLS") != "1":
        pytest.skip(f"{AXE} cannot be had from npm: {packed.stderr[:200]}")
    assert packed.returncode == 0, packed.stderr
    with tarfile.open(folder / packed.stdout.split()[-1]) as archive:
        return archive.extractfile("package/axe.min.js").read().decode()


def faults_by_axe(tab: Any, source: str) -> list[str]:
    """Return what axe-core calls serious or critical, in one line each."""
    # Through the driver, which no Content-Security-Policy keeps out.
    tab.evaluate(f"() => {{ {source} ; window.axe = axe; }}")
    found = tab.evaluate("async () => (await window.axe.run()).violations")
    return [
        f"{one['id']} ({one['impact']}): {[node['html'][:120] for node in one['nodes'][:3]]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


def touch(tab: Any, *places: tuple[float, float]) -> None:
    """Put a finger down at the first place, lead it over the others, and lift it."""
    session = tab.context.new_cdp_session(tab)
    start, *way = places

    def say(kind: str, points: list[tuple[float, float]]) -> None:
        session.send(
            "Input.dispatchTouchEvent",
            {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]},
        )

    say("touchStart", [start])
    for place in way:
        say("touchMove", [place])
    say("touchEnd", [])
    session.detach()
