"""Where a body will be when it is shown: a frame is tens of milliseconds old by then."""

from __future__ import annotations

import math

FADING = 0.15
"""Seconds over which a predicted movement dies away: limbs stop and turn round. Measured
(`bench/smoothing.py`)."""
HORIZON = 0.1
"""Seconds: no prediction looks farther ahead. The fastest arms turn round every 200 ms; half of that is
guessing."""


def predicted_seconds(ahead: float, horizon: float = HORIZON) -> float:
    """Return for how many seconds a body is moved on with its velocity to be shown `ahead` seconds later.

    The speed dies away exponentially, so what is moved is velocity * FADING * (1 - exp(-ahead / FADING)): as
    good as velocity * ahead for the next frame, and never more than FADING. 0 when `ahead` is not positive.
    """
    if not ahead > 0:
        return 0.0
    return FADING * -math.expm1(-min(ahead, horizon) / FADING)
