"""A systemd of a user's own, in namespaces that end with it: nothing of the machine's is touched."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import uuid
from pathlib import Path

PROGRAM = next(
    (path for path in ("/usr/lib/systemd/systemd", "/lib/systemd/systemd") if Path(path).exists()), ""
)
OUTSIDE = """
set -e
mount -t proc proc /proc
mount -t cgroup2 none /sys/fs/cgroup
mkdir /sys/fs/cgroup/$GROUP
echo $$ > /sys/fs/cgroup/$GROUP/cgroup.procs
exec unshare --cgroup bash -c "$INSIDE"
"""
INSIDE = """
set -e
umount /sys/fs/cgroup
mount -t cgroup2 none /sys/fs/cgroup
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/system  # the sign of a machine that systemd started
trap 'exit 0' TERM
"$PROGRAM" --user --log-target=console --log-level=warning &
wait
"""
SWEEP = """
mount -t cgroup2 none /sys/fs/cgroup
find /sys/fs/cgroup/$GROUP -depth -type d -exec rmdir {} +
"""


def why_not() -> str:
    """Return why there can be none here; empty when there can."""
    if not sys.platform.startswith("linux") or os.getuid() != 0:
        return "a systemd of one's own in namespaces is for root on Linux"
    if not PROGRAM or not all(map(shutil.which, ("systemctl", "unshare", "nsenter"))):
        return "systemd is not installed"
    tried = subprocess.run(
        ["unshare", "--mount", "--pid", "--fork", "--cgroup", "mount", "-t", "cgroup2", "none", "/mnt"],
        capture_output=True,
        timeout=20,
        check=False,
    )
    return f"namespaces are not allowed here: {tried.stderr.decode().strip()}" if tried.returncode else ""


class UserSystemd:
    """One that runs until `close`; commands go to it through `run`."""

    def __init__(self, folder: Path) -> None:
        self.home, self.runtime = folder / "home", folder / "run"
        self.home.mkdir()
        self.runtime.mkdir(mode=0o700)
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if name not in ("DBUS_SESSION_BUS_ADDRESS", "XDG_CONFIG_HOME", "DISPLAY", "NOTIFY_SOCKET")
        }
        self.environment |= {
            "HOME": str(self.home),
            "XDG_RUNTIME_DIR": str(self.runtime),
            "GROUP": f"posekit-test-{uuid.uuid4().hex[:8]}",
            "INSIDE": INSIDE,
            "PROGRAM": PROGRAM,
        }
        self.log = folder / "systemd.log"
        with self.log.open("wb") as log:
            self._outer = subprocess.Popen(
                ["unshare", "--mount", "--pid", "--fork", "--kill-child", "bash", "-c", OUTSIDE],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._target = ""
        self.wait(lambda: (self.runtime / "systemd/private").exists() and self._find_target(), "systemd")
        self.wait(lambda: self.run("systemctl", "--user", "is-system-running").startswith("running"), "it")

    def _find_target(self) -> bool:
        children = Path(f"/proc/{self._outer.pid}/task/{self._outer.pid}/children").read_text().split()
        self._target = children[0] if children else ""
        return bool(self._target)

    def words(self, *words: str) -> list[str]:
        """Return a command as one that runs in there."""
        return ["nsenter", "--target", self._target, "--mount", "--pid", "--cgroup", *words]

    def done(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run a command in there."""
        return subprocess.run(
            self.words(*words),
            env={**self.environment, **more},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )

    def run(self, *words: str) -> str:
        """Run a command in there and return what it said."""
        done = self.done(*words)
        return (done.stdout + done.stderr).strip()

    def wait(self, is_so: object, what: str, seconds: float = 20.0) -> None:
        """Wait until something is so."""
        end = time.monotonic() + seconds
        while not is_so():  # type: ignore[operator]
            assert self._outer.poll() is None, f"systemd ended: {self.log.read_text()}"
            assert time.monotonic() < end, f"{what} did not come:\n{self.story()}"
            time.sleep(0.05)

    def story(self) -> str:
        """Return what it said, what runs in there, and its units, for whoever waits in vain."""
        return "\n".join(
            (
                self.log.read_text()[-2000:],
                self.run("ps", "-ww", "-eo", "pid,etime,stat,args"),
                self.run(
                    "systemctl",
                    "--user",
                    "list-units",
                    "--all",
                    "--no-legend",
                    "--plain",
                    "run-*",
                    "posekit*",
                ),
            )
        )

    def close(self) -> None:
        """End it with everything that it has started."""
        self._outer.kill()
        self._outer.wait(20)
        for _ in range(40):  # what was killed leaves its group a moment later
            swept = subprocess.run(
                ["unshare", "--mount", "bash", "-c", SWEEP],
                env=self.environment,
                capture_output=True,
                check=False,
            )
            if swept.returncode == 0:
                return
            time.sleep(0.05)
