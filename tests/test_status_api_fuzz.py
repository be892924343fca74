"""schemathesis reads the API's own description and tries everything it allows, and much that it does not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from status_world import TOKEN, ADesk, SomeRecords, a_page

from posekit.status import access, api, site

pytestmark = [pytest.mark.soak, pytest.mark.timeout(900)]
EXAMPLES = 100 if float(os.environ.get("POSEKIT_SOAK_SECONDS", "60")) >= 60 else 10
SETTINGS = """
[checks.positive_data_acceptance]
# A schema cannot say that a polygon must not be flat, or which type a sketch's parameter has.
expected-statuses = ["2xx", "401", "403", "404", "409", "422", "429", "503"]
"""


@pytest.mark.parametrize("token", [None, TOKEN])
def test_schemathesis_finds_nothing(token: str | None, tmp_path, monkeypatch) -> None:
    beside = shutil.which("schemathesis", path=str(Path(sys.executable).parent))
    if beside is None:
        pytest.skip("schemathesis is not installed")
    for module, name in ((site, "READS"), (site, "WRITES"), (api, "RESTARTS"), (access, "WRONG")):
        monkeypatch.setattr(module, f"{name}_PER_SECOND", 1e6)
        monkeypatch.setattr(module, f"{name}_AT_ONCE", 1e6)
    (tmp_path / "schemathesis.toml").write_text(SETTINGS)
    desk, is_over, told = ADesk(), threading.Event(), []

    def live() -> None:
        while not is_over.wait(0.2):
            desk.now = replace(desk.now, time=desk.now.time + 0.2)

    thread = threading.Thread(target=live)
    thread.start()
    try:
        with a_page(
            desk,
            records=SomeRecords(),
            preview=lambda: np.zeros((4, 4, 3), np.uint8),
            token=token,
            report=told.append,
        ) as page:
            command = [beside, "--config-file", str(tmp_path / "schemathesis.toml"), "run"]
            command += [f"{page.address.url()}openapi.json", "--max-examples", str(EXAMPLES), "--no-color"]
            command += ["--seed", "8", "--request-timeout", "10"]
            command += ["-H", f"Authorization: Bearer {token}"] if token else []
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=800, cwd=tmp_path, check=False
            )
    finally:
        is_over.set()
        thread.join()
    print(done.stdout[-6000:])
    assert "Operations:       18 selected" in done.stdout or "19 selected" in done.stdout
    assert "429" not in done.stdout, "what is refused for its haste is not tried"
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-1000:]
    assert [line for line in told if "refused" not in line] == []
