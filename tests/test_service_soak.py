"""The whole way on a real systemd: the command installs a show, which is killed again and again, and goes."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import pytest
from systemd_world import UserSystemd, why_not

SECONDS = float(os.environ.get("POSEKIT_SOAK_SECONDS", "60"))
SHOW = """source = "synthetic:people=3,seed=7"
osc-in = "off"
[show]
sketch = "hello"
title = "Ribbons"
[status]
address = "off"
"""


@pytest.mark.soak
@pytest.mark.timeout(SECONDS + 240)
def test_a_show_comes_back_from_every_kill_and_leaves_nothing(tmp_path: Path) -> None:
    if reason := why_not():
        pytest.skip(reason)
    folder = tmp_path / "Ribbons 100% $HOME"
    folder.mkdir()
    (folder / "show.toml").write_text(SHOW)
    systemd = UserSystemd(tmp_path)
    posekit = (sys.executable, "-m", "posekit", "gallery")
    config = ("--config", str(folder / "show.toml"))

    def told() -> dict:
        return json.loads(systemd.done(*posekit, "status", *config, "--json").stdout)

    def is_back(killed: int) -> bool:
        # Read here, because the command itself takes its time on a busy machine.
        (file,) = (systemd.runtime / "posekit").glob("show-*.json")
        now = json.loads(file.read_text())
        return now["process_id"] != killed and now["state"]["camera"] == "ok" and now["state"]["fps"] > 0

    try:
        done = systemd.done(*posekit, "install", *config, "--yes", "--wait", "90")
        assert done.returncode == 0, done.stdout + done.stderr + systemd.log.read_text()[-3000:]
        assert "the picture moves" in done.stderr
        first = told()
        assert first["healthy"], first
        assert first["service"]["process_id"] == first["process_id"]
        systemd.wait(lambda: told()["service"]["text"].startswith("active"), "the word that it is ready", 30)
        recovered, kills, end = [], 0, time.monotonic() + SECONDS
        while time.monotonic() < end or kills < 2:
            killed = told()["process_id"]
            systemd.run("kill", "-KILL", str(killed))
            since, kills = time.monotonic(), kills + 1
            systemd.wait(lambda killed=killed: is_back(killed), "the show after a kill", 60)
            recovered.append(time.monotonic() - since)
        assert told()["service"]["restarts"] == kills
        assert told()["healthy"]
        print(f"{kills} kills; back after {', '.join(f'{one:.1f}' for one in sorted(recovered))} s")
        removed = systemd.done(*posekit, "uninstall", *config, "--yes")
        assert removed.returncode == 0, removed.stderr
        assert "stopped posekit-ribbons.service" in removed.stderr
        assert list(systemd.home.rglob("posekit-*")) == []
        alive = systemd.run("ps", "-eo", "args")
        assert "gallery run" not in alive
        assert "posekit.engine" not in alive
        assert told()["state"] is None
    finally:
        systemd.close()
