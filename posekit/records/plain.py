"""What may stand in a log: plain words and few numbers, without secrets, pictures and positions."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from urllib.parse import quote, quote_plus

MASK = "(secret)"
LONGEST_TEXT = 2000
"""Letters of one sentence or value."""
MOST_ITEMS = 20
"""Entries of one list or table; a pose has 17 keypoints of three numbers."""
DEEPEST = 3
LARGEST_NUMBER = 1 << 63


class Masking:
    """Puts `(secret)` in the place of every secret, also where it is written as part of a web address."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        forms: set[str] = set()
        for secret in secrets:
            forms |= {secret, secret.strip(), quote(secret, safe=""), quote(secret), quote_plus(secret)}
            forms.add(repr(secret)[1:-1])
        # The longest first: one secret may be a part of another.
        self._forms = sorted((form for form in forms if form.strip()), key=len, reverse=True)

    def and_also(self, secrets: Iterable[str]) -> Masking:
        """Return what masks these secrets too."""
        more = Masking(secrets)
        more._forms = sorted({*self._forms, *more._forms}, key=len, reverse=True)
        return more

    def clean(self, text: str) -> str:
        """Return the text without secrets."""
        for form in self._forms:
            if form in text:
                text = text.replace(form, MASK)
        return text

    def plain(self, value: object, depth: int = 0) -> object:
        """Return a value as JSON may have it; of what is no plain value only its type is told.

        So an array, a frame or a person that somebody hands to the log by mistake does not get into it.
        """
        if value is None or isinstance(value, (bool, int)):
            return value if value is None or abs(value) < LARGEST_NUMBER else "<int>"
        if isinstance(value, float):
            return round(value, 3) if math.isfinite(value) else None
        if isinstance(value, str):
            cleaned = self.clean(value)
            return cleaned if len(cleaned) <= LONGEST_TEXT else cleaned[:LONGEST_TEXT] + " ..."
        if depth < DEEPEST and isinstance(value, Mapping):
            pairs = list(value.items())[:MOST_ITEMS]
            return {self.clean(str(key))[:200]: self.plain(one, depth + 1) for key, one in pairs}
        if depth < DEEPEST and isinstance(value, (list, tuple, set, frozenset)):
            return [self.plain(one, depth + 1) for one in list(value)[:MOST_ITEMS]]
        return f"<{type(value).__name__}>"
