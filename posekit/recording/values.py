"""Checks for what stands in a file that anybody may have written; each raises `ValueError` with a clause."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from posekit.geometry import Size

LARGEST_WHOLE = 1 << 53
"""What JSON's numbers hold exactly (RFC 8259, 6)."""
LARGEST_SIDE = 1 << 16
SHOWN = 40
"""Characters of a wrong value that are shown."""


def parse_json(data: bytes) -> Any:
    """Read JSON."""
    try:
        return json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ValueError("it is no UTF-8 text") from None
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"it is no JSON ({error.msg.lower()}, column {error.colno})") from None
    except ValueError:  # a whole number with thousands of digits
        raise ValueError("it holds a number that is none") from None


def an_object(value: object, what: str) -> dict[str, Any]:
    """Check for a JSON object."""
    if not isinstance(value, dict):
        raise ValueError(f"{what} is no object but {shown(value)}")
    return value


def a_list(value: object, what: str) -> list[Any]:
    """Check for a JSON array."""
    if not isinstance(value, list):
        raise ValueError(f"{what} is no list but {shown(value)}")
    return value


def a_number(value: object, what: str, limit: float) -> float:
    """Check for a finite number of at most `limit`, either way."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f"{what} is no number but {shown(value)}")
    if not math.isfinite(value) or abs(value) > limit:
        raise ValueError(f"{what} cannot be {shown(value)}")
    return float(value)


def a_whole(value: object, what: str) -> int:
    """Check for a whole number from 0."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LARGEST_WHOLE:
        raise ValueError(f"{what} is no whole number from 0 but {shown(value)}")
    return value


def a_size(value: object) -> Size:
    """Check for [width, height] in pixels."""
    sides = value if isinstance(value, list) else []
    if len(sides) != 2 or not all(type(side) is int and 1 <= side <= LARGEST_SIDE for side in sides):
        raise ValueError(f"size is not [width, height] in pixels but {shown(value)}")
    return sides[0], sides[1]


def text(value: object) -> str:
    """Return what a field says, as text of a sensible length."""
    return value[:200] if isinstance(value, str) else shown(value)


def shown(value: object) -> str:
    """Spell a wrong value, shortened."""
    if isinstance(value, (dict, list)):
        return "an object" if isinstance(value, dict) else "a list"
    if isinstance(value, int) and abs(value) > LARGEST_WHOLE:
        return "a huge number"
    spelled = "nothing" if value is None else repr(value)
    return spelled if len(spelled) <= SHOWN else spelled[: SHOWN - 3] + "..."
