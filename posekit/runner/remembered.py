"""What `posekit send` was last told in its window or on its command line, kept from one start to the next."""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs

from posekit.errors import PosekitError
from posekit.resolving import resolve

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from posekit.settings import Settings

ORIGIN = "remembered"
KEPT = ("source", "estimator", "model", "mirror", "osc", "osc_for", "osc_template", "slots")
"""Settings that are remembered; the others are a show file's."""
VARIABLE = "POSEKIT_REMEMBERED"
"""Names another file; `off`: nothing is remembered."""
LARGEST = 100_000
"""Bytes: a file that is larger is not ours."""


def remembered_file() -> Path | None:
    """Return where it is kept, which may not exist; None when nothing is to be remembered."""
    named = os.environ.get(VARIABLE, "").strip()
    if named == "off":
        return None
    if named:
        return Path(named).expanduser()
    return Path(platformdirs.user_config_dir("posekit", appauthor=False)) / "send.json"


def recall(report: Callable[[str], None] | None = None) -> dict[str, Any]:
    """Return the settings that are remembered; a file that is broken is reported, and nothing."""
    file = remembered_file()
    if file is None or not file.exists():
        return {}
    try:
        if file.stat().st_size > LARGEST:
            raise ValueError("it is too large")
        found = json.loads(file.read_text(encoding="utf-8"))
        settings = found.get("settings") if isinstance(found, dict) else None
        if not isinstance(settings, dict):
            raise ValueError("it holds no settings")
        kept = {name: value for name, value in settings.items() if name in KEPT}
        # What cannot be right any more, after an update say, must not keep `send` from starting.
        resolve(environment={}, remembered=kept)
    except (OSError, ValueError, PosekitError) as error:
        if report is not None:
            reason = getattr(error, "strerror", None) or " ".join(str(error).split())
            report(f"what posekit send remembered in {file} cannot be read and is ignored ({reason[:200]})")
        return {}
    return kept


def remember(settings: Mapping[str, Any], report: Callable[[str], None] | None = None) -> None:
    """Keep settings for the next start: whole or not at all; a file that cannot be written is reported."""
    file = remembered_file()
    if file is None:
        return
    kept = {name: value for name, value in settings.items() if name in KEPT}
    text = json.dumps({"about": "what posekit send was last told", "settings": kept}, indent=2) + "\n"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.", suffix=".part")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as written:
                written.write(text)
            Path(name).replace(file)
        except BaseException:
            with suppress(OSError):
                Path(name).unlink()
            raise
    except OSError as error:
        if report is not None:
            report(
                f"{file} cannot be written, so the next start does not remember ({error.strerror or error})"
            )


def forget() -> bool:
    """Remove what is remembered; whether there was anything."""
    file = remembered_file()
    if file is None or not file.exists():
        return False
    try:
        file.unlink()
    except OSError as error:
        raise PosekitError(f"{file} cannot be removed ({error.strerror or error})") from None
    return True


def values_of(settings: Settings, names: Mapping[str, Any]) -> dict[str, Any]:
    """Return, as JSON has them, those of the named settings that are worth remembering."""
    return settings.model_dump(mode="json", include={name for name in names if name in KEPT})
