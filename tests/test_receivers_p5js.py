"""The p5.js page in a real Chromium, fed by the real `posekit send --web`: it hears and draws the wrist.

p5 comes from npm, at the version below, into a folder of the test's own; the page itself needs no network.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile

import numpy as np
import pytest
from receiver_world import RECEIVERS, Program, free_port, listening

P5 = "p5@1.11.10"
CLIP = "data/videos/sports2d_demo.mp4"
PEEK = """<script>
setInterval(() => {
  const wrist = poses[0]?.keypoints.find(({ part }) => part === 'leftWrist');
  if (!(wrist?.score > 0)) return;
  redraw();
  const scale = Math.min(width / image.width, height / image.height);
  console.log(`pixel ${get(wrist.position.x * scale, wrist.position.y * scale).slice(0, 3).join(' ')}`);
}, 100);
</script></body>"""
"""What is added to the page for the test: it tells the colour where the wrist is drawn."""
TOLD = 25
"""Lines about the wrist that are waited for."""
CHROMIUM = [
    "chromium",
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-extensions",
]


@pytest.fixture(scope="module")
def page(tool, tmp_path_factory):
    """Return a folder with the page as an artist has it: p5.min.js beside it."""
    folder = tmp_path_factory.mktemp("p5js")
    npm = [tool("npm"), "pack", "--silent", P5]
    packed = subprocess.run(npm, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    if packed.returncode != 0 and os.environ.get("POSEKIT_REQUIRE_TOOLS") != "1":
        pytest.skip(f"{P5} cannot be had from npm: {packed.stderr[:200]}")
    assert packed.returncode == 0, packed.stderr
    with tarfile.open(folder / packed.stdout.split()[-1]) as archive:
        (folder / "p5.min.js").write_bytes(archive.extractfile("package/lib/p5.min.js").read())
    for name in ("index.html", "sketch.js"):
        shutil.copy(RECEIVERS / "p5js" / name, folder)
    return folder


def test_a_page_hears_and_draws_the_wrist_of_a_real_clip(tool, page, asset, tmp_path):
    pytest.importorskip("uvicorn", reason="the extra [web] is not installed")
    tool("chromium")
    web, site = free_port(), free_port()
    posekit = [sys.executable, "-m", "posekit"]
    index = (page / "index.html").read_text()
    assert "</body>" in index
    (page / "index.html").write_text(index.replace("</body>", PEEK))
    url = f"http://127.0.0.1:{site}/index.html?address=ws://127.0.0.1:{web}"
    programs = []
    with listening() as (port, truth, hear):
        try:
            serve = [sys.executable, "-m", "http.server", str(site), "--bind", "127.0.0.1", "-d", str(page)]
            programs.append(Program(serve, tmp_path, "site"))
            targets = ["--osc", f"{port},layout=packed", "--web", str(web), "--osc-in", "off"]
            film = ["--source", str(asset(CLIP)), "--headless"]  # again and again, until the page has heard
            sender = Program([*posekit, "send", *film, *targets], tmp_path, "send")
            programs.append(sender)
            browser = Program(
                [
                    *CHROMIUM,
                    f"--user-data-dir={tmp_path / 'profile'}",
                    "--enable-logging=stderr",
                    "--remote-debugging-port=0",
                    "--window-size=640,480",
                    url,
                ],
                tmp_path,
                "chromium",
            )
            programs.append(browser)

            def has_heard(log: str) -> bool:
                hear()
                return log.count("p1 left_wrist") >= TOLD and log.count('"pixel') >= 3

            browser.wait_for(has_heard, f"page that has heard of {TOLD} wrists")
            log = browser.log
        finally:
            for program in reversed(programs):
                program.close()
        hear()
    lines = [re.search(r'"(connected.*|p1.*|pixel.*)", source', line) for line in log.splitlines()]
    said = [line.group(1) for line in lines if line]
    print("\n".join([*said[:10], "...", *said[-3:]]))
    assert said[0] == f"connected to ws://127.0.0.1:{web}"
    heard = [tuple(map(float, line.split()[2:])) for line in said if " left_wrist " in line]
    sent = np.array(truth.wrist)
    assert len(heard) >= TOLD
    for one in heard:  # in pixels with three decimals, and scores with five
        assert np.abs(sent - one).max(axis=1).min() < 1e-5, one
    places = np.array(heard)
    assert ((places > 0.0) & (places <= 1.0)).all()
    assert np.ptp(places[:, 1]) > 0.05
    colors = [tuple(map(int, line.split()[1:])) for line in said if line.startswith("pixel")]
    assert len(colors) >= 3
    assert all(max(color) > 200 for color in colors)
    assert "Uncaught" not in log


def test_without_p5_the_page_says_what_is_missing(tool, tmp_path):
    tool("chromium")
    for name in ("index.html", "sketch.js"):
        shutil.copy(RECEIVERS / "p5js" / name, tmp_path)
    command = [*CHROMIUM, f"--user-data-dir={tmp_path / 'profile'}", "--window-size=640,200", "--dump-dom"]
    command.append((tmp_path / "index.html").as_uri())
    dumped = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert "p5.min.js is missing" in dumped.stdout
