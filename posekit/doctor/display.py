"""Whether there is a screen for a window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posekit.doctor.finding import SEE_LIBRARIES, Finding, blames_library, ok, trouble, warning

if TYPE_CHECKING:
    from posekit.doctor.child import Child

CHECK = "display"


def describe_display(child: Child, in_time: bool) -> list[Finding]:
    """Return what the child found of the display."""
    said = child.found(CHECK)
    if said is None:
        if child.doing != "open the display":
            return []  # it was not reached, and what stopped it is told elsewhere
        why = "does not open in time" if not in_time else f"takes the process down ({child.reason})"
        return [
            trouble(CHECK, f"the display {why}", "without a window: posekit send --no-preview, or --headless")
        ]
    if blames_library(said.get("reason", "")):
        return [trouble(CHECK, "it cannot be looked at without a library", SEE_LIBRARIES)]
    if said.get("reason"):
        todo = "posekit send works without; posekit run with --headless --save-video FILE"
        return [warning(CHECK, said["reason"].partition(";")[0], todo)]
    sizes = ", ".join(f"{width}x{height}" for width, height in said["sizes"])
    return [ok(CHECK, f"{sizes} ({said['driver']})")]
