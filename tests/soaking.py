"""What long runs alone do, and how long those are: `POSEKIT_SOAK_SECONDS=5 pytest -m soak` is short."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable

import pytest

IS_SHORT = float(os.environ.get("POSEKIT_SOAK_SECONDS", "600")) < 60
"""Whether each has to show only that it works."""


def soaked(*values: object) -> list[object]:
    """Return parameters of long runs alone: what comes first tells the story, these repeat it."""
    return [pytest.param(value, marks=pytest.mark.soak) for value in values]


def only(quick: Collection[object], values: Iterable[object]) -> list[object]:
    """Return all values as parameters; those that are not among `quick` are of long runs alone."""
    values = list(values)
    assert set(quick) <= set(values), f"{set(quick) - set(values)} are none of {values}"
    return [one for value in values for one in ([value] if value in quick else soaked(value))]
