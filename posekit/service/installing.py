"""Installing a show as a service: kept only if a moving picture came through the service itself."""

from __future__ import annotations

import os
import re
import time
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

import psutil

from posekit.clock import SystemClock, SystemWall
from posekit.errors import PosekitError
from posekit.service.manager import ServiceError
from posekit.service.permissions import why_no_picture
from posekit.service.proving import prove
from posekit.show.state_file import forget_state, read_kept

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from posekit.clock import Clock, Wall
    from posekit.service.job import Job
    from posekit.service.manager import Manager
    from posekit.service.proving import Proof
    from posekit.settings import Settings

PROOF_SECONDS = 60.0
"""How long a moving picture is waited for: models are loaded and the camera is opened first."""
LEAVING_SECONDS = 20.0


@dataclass(frozen=True)
class Means:
    """What installing is done with; tests bring their own."""

    say: Callable[[str], None]
    clock: Clock = field(default_factory=SystemClock)
    wall: Wall = field(default_factory=SystemWall)
    pause: Callable[[float], object] = time.sleep


def check_free(manager: Manager, job: Job, folder: Path, now: float) -> None:
    """Raise `ServiceError` if this machine, the name or the folder is not free for the service."""
    refusal = manager.refusal()
    if refusal:
        raise ServiceError(f"{refusal}. Nothing was written")
    text = manager.installed_text(job.name)
    if text is not None and not _mentions(text, str(job.folder)):
        raise ServiceError(
            f"{manager.place(job.name)} is another show's: choose another --name, or uninstall that first"
        )
    kept = read_kept(folder)
    if text is None and kept is not None and kept.is_current(now):
        raise ServiceError(
            f"this show is running already, started by hand (process {kept.process_id}); end it, then install"
        )


def _mentions(text: str, folder: str) -> bool:
    """Whether a file is of the show in a folder, however the file writes its path.

    The path has to stand there whole: that of a copy beside it, `ribbons-2`, begins like that of `ribbons`.
    """
    forms = {_plain(form) for form in (folder, folder.replace("%", "%%"), escape(folder))}
    lines = [_plain(line).strip() for line in text.splitlines()]
    return any(line == f"WorkingDirectory={form}" or f">{form}</" in line for line in lines for form in forms)


def _plain(text: str) -> str:
    """Return what is left of a text in any code page: Windows answers in that of its console."""
    return re.sub(r"[^\x20-\x7e]+", "", text)


def install(
    manager: Manager,
    job: Job,
    folder: Path,
    settings: Settings,
    means: Means,
    *,
    longest: float = PROOF_SECONDS,
    keep: bool = False,
) -> Proof:
    """Install and start a service, and wait until its picture moves.

    Raises `ServiceError` with what is missing; then nothing of it is left, unless `keep`. An interrupt
    (Ctrl-C) undoes it as well. What was installed before stays so: a camera that is unplugged today is no
    reason not to begin tomorrow.
    """
    check_free(manager, job, folder, means.wall.time())
    was_installed, is_done = manager.installed_text(job.name) is not None, False
    try:
        forget_state(folder)
        since = means.wall.time()
        manager.install(job)
        manager.start(job.name)
        means.say(f"{job.name} is started; waiting for a moving picture, {longest:.0f} s at most")
        word = partial(manager.word, job.name)
        proof = prove(folder, since, means.clock, means.wall, longest, word=word, pause=means.pause)
        is_done = proof.moves
        if not proof.moves:
            raise ServiceError(_refused(manager, job, settings, proof))
    finally:
        if not is_done and (keep or was_installed):
            why = "because of --keep" if keep else "as it was before"
            means.say(f"{job.name} stays installed, {why}")
        elif not is_done:
            for line in uninstall(manager, job.name, folder):
                means.say(line)
            means.say("nothing is left installed (--keep leaves it, to be looked at)")
    return proof


def _refused(manager: Manager, job: Job, settings: Settings, proof: Proof) -> str:
    """Return why it is refused, with the permission that is missing."""
    reasons = []
    if proof.blames_camera:
        own = {proof.kept.process_id} if proof.kept is not None else set()
        own |= {part.process_id for part in (proof.kept.state.parts if proof.kept else ()) if part.process_id}
        with suppress(PosekitError, OSError):
            reasons = why_no_picture(settings, own)
    hint = f"what it wrote: {manager.log_hint(job.name)}"
    return "\n".join([f"no moving picture came: {proof.sentence}", *reasons, hint])


def is_of(manager: Manager, name: str, folder: Path) -> bool:
    """Whether the service of that name, if there is one, is that of the show in a folder."""
    text = manager.installed_text(name)
    return text is None or _mentions(text, str(folder.resolve()))


def uninstall(manager: Manager, name: str, folder: Path | None) -> list[str]:
    """Stop a service and remove all that its installation made; return what was done, in clauses.

    Where the service turns out to be another show's, the one in `folder` is left alone.
    """
    if folder is not None and not is_of(manager, name, folder):
        folder = None
    kept = read_kept(folder) if folder is not None else None
    done = manager.remove(name)
    if kept is not None and folder is not None and done:
        # Where the system ends only what it has started itself, the supervisor may still be there.
        if kept.process_id != os.getpid() and kept.is_running:
            with suppress(psutil.Error):
                process = psutil.Process(kept.process_id)
                process.terminate()
                with suppress(psutil.TimeoutExpired):
                    process.wait(LEAVING_SECONDS)
                done.append(f"ended its process {kept.process_id}")
        forget_state(folder)
    return done
