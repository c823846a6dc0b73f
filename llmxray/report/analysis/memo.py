"""What several pages show is made once: cached properties, for functions of an analysis or a condition."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import cast

import numpy as np


def memoized[**P, T](make: Callable[P, T]) -> Callable[P, T]:
    """The same function; its first argument keeps the values, for as long as it is there itself."""

    @wraps(make)
    def find(*args: P.args, **named: P.kwargs) -> T:
        values = vars(args[0]).setdefault("_memoized", {})
        key = (make, *args[1:], *named.items())
        if key not in values:
            values[key] = make(*args, **named)
        return cast("T", values[key])

    return find


def seeded(*names: str) -> np.random.Generator:
    """A generator whose seed is a digest of the names: the same in every process."""
    # Not hash(): Python salts it anew in every process.
    digest = hashlib.sha256("/".join(names).encode("utf-8", "replace")).digest()
    return np.random.default_rng(int.from_bytes(digest[:8]))
