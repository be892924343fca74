"""Stands in for the supervisor where the service around it is tested: it tells a state, and that it lives."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from posekit.secret_values import read_secrets
from posekit.service import notify
from posekit.show.state import ShowState
from posekit.show.state_file import write_state

if __name__ == "__main__":
    folder = Path.cwd()
    mood = read_secrets(folder, os.environ).get("MOOD") or "ok"
    seen = {"words": sys.argv[1:], "folder": str(folder), "mood": mood, "umask": 0}
    seen["umask"] = os.umask(0o077)
    (folder / "seen.json").write_text(json.dumps(seen))
    if seen["mood"] == "refuses":
        sys.exit("the show file is wrong")
    notify.ready("the show is open")
    while not (folder / "quit").exists():
        if (folder / "hang").exists():
            (folder / "hang").unlink()
            time.sleep(1000)
        moves = seen["mood"] == "ok"
        write_state(
            folder,
            ShowState(
                "Stand-in",
                time.time(),
                phase="open",
                camera="ok" if moves else seen["mood"],
                fps=30.0 if moves else 0.0,
            ),
        )
        notify.beat()
        time.sleep(0.1)
    notify.stopping()
