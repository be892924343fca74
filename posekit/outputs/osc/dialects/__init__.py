"""The OSC vocabularies by name; each is a file with its tables and one function from a moment to packets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posekit.errors import UnknownNameError
from posekit.outputs.osc.dialects import augmenta, kinect, posekit, poseosc, template, tuio

if TYPE_CHECKING:
    from posekit.outputs.osc.dialect import Dialect

DIALECTS: dict[str, Dialect] = {
    "posekit": posekit.DIALECT,
    "poseosc": poseosc.DIALECT,
    "kinect": kinect.DIALECT,
    "tuio": tuio.DIALECT,
    "augmenta": augmenta.DIALECT,
    "template": template.DIALECT,
    **{name: template.ready(name) for name in ("tsps", "wekinator", "osceleton", "augmenta1")},
}


def find_dialect(name: str) -> Dialect:
    """Return a dialect by name; raises `UnknownNameError` with the nearest name."""
    try:
        return DIALECTS[name]
    except KeyError:
        raise UnknownNameError("OSC dialect", name, DIALECTS) from None
