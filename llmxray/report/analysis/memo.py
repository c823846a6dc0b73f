"""What several pages show is made once, and kept by what it is of."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import cached_property
from typing import Any

type Name = tuple[Hashable, ...]


class Memo:
    """Something that keeps the values made from it, each under a name, for as long as it is there itself."""

    @cached_property
    def _made(self) -> dict[Name, Any]:
        return {}

    def memoized[T](self, name: Name, make: Callable[[], T]) -> T:
        """The value of that name, made the first time."""
        if name not in self._made:
            self._made[name] = make()
        found: T = self._made[name]
        return found
