"""What is remembered of everybody: arrays whose last axis runs over people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from numpy.typing import NDArray

Form = tuple[tuple[int, ...], Any, Any]
"""Shape of what is remembered of one, the value at first, and the type."""


class Rows:
    """Arrays by name, with one column for each of `keys`; who goes is forgotten, who comes starts anew."""

    def __init__(self, forms: Mapping[str, Form]) -> None:
        self._forms = dict(forms)
        self.keys: tuple[Hashable, ...] = ()
        self.arrays: dict[str, NDArray[Any]] = {}
        self.clear()

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.arrays[name]

    def __setitem__(self, name: str, values: NDArray[Any]) -> None:
        self.arrays[name] = values

    def clear(self) -> None:
        """Forget everybody."""
        self.keys = ()
        self.arrays = {name: np.empty((*shape, 0), kind) for name, (shape, _, kind) in self._forms.items()}

    def align(self, keys: Sequence[Hashable]) -> bool:
        """Let the columns belong to these keys, in their order; return whether that is news."""
        keys = tuple(keys)
        if keys == self.keys:
            return False
        place = {key: at for at, key in enumerate(self.keys)}
        stay = [at for at, key in enumerate(keys) if key in place]
        came_from = [place[key] for key in keys if key in place]
        for name, (shape, first, kind) in self._forms.items():
            fresh = np.full((*shape, len(keys)), first, kind)
            fresh[..., stay] = self.arrays[name][..., came_from]
            self.arrays[name] = fresh
        self.keys = keys
        return True
