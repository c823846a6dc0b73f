"""What several pages show is made once, and kept by what it is of."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from functools import cached_property
from typing import Any

type Name = tuple[Hashable, ...]


class Memo:
    """Something that keeps the values made from it, each under a name, for as long as it is there itself."""

    @cached_property
    def coming(self) -> dict[Name, Future[Any]]:
        """Values that another process computes, by the name that `memoized` is called with."""
        return {}

    @cached_property
    def _made(self) -> dict[Name, Any]:
        return {}

    def memoized[T](self, name: Name, make: Callable[[], T]) -> T:
        """The value of that name, made the first time: here, or by the process that was asked to."""
        made = self._made
        if name not in made:
            try:
                made[name] = self.coming[name].result() if name in self.coming else make()
            except BrokenProcessPool:
                # Killed, as happens when memory runs out: that costs its time, and not the pages.
                made[name] = make()
        found: T = made[name]
        return found
