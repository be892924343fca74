"""Which dialect somebody speaks, from the addresses that arrive."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

UNKNOWN = "unknown"
SIGNS: dict[str, re.Pattern[str]] = {
    name: re.compile(pattern)
    for name, pattern in {
        "posekit": r"(/[^/]+)*/(p\d+/(active|age|speed|(center|[a-z]+_[a-z]+|nose)(/[xy]|/score)?)"
        r"|health/(engine|camera)|lead/active)",
        "poseosc": r"/poses/arr",
        "poseosc (mode=addr)": r"/nPoses|/poses/\d+/(score|keypoints/.+)",
        "PoseOSC's XML or JSON": r"/poses/(xml|json)",
        "kinect": r"(/[^/]+)*/p\d+/[a-z_]+:t[xyz]",
        "tuio": r"/tuio/2D(cur|obj|blb)",
        "TUIO 2.0": r"/tuio2/.*",
        "augmenta": r"(/[^/]+)*/object/(enter|update|leave)(/extra)?/?",
        "augmenta1": r"(/[^/]+)*/au/(person(Entered|Updated|WillLeave)|scene)/?",
        "tsps": r"(/[^/]+)*/TSPS/.*",
        "osceleton": r"(/[^/]+)*/(joint|new_user|new_skel|lost_user)",
        "wekinator": r"(/[^/]+)*/wek/inputs",
    }.items()
}
"""What only that dialect says; names as in a target where posekit speaks it too."""


def dialects_of(addresses: Iterable[str]) -> list[str]:
    """Return the dialects whose signs are among the addresses, the one with most of them first."""
    counts = dict.fromkeys(SIGNS, 0)
    for address in addresses:
        for name, sign in SIGNS.items():
            if sign.fullmatch(address):
                counts[name] += 1
                break
    found = [name for name, count in counts.items() if count]
    return sorted(found, key=lambda name: -counts[name])
