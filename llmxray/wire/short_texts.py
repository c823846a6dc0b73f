"""A cache of what is made of short texts, which come again and again."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps


def cached_if_short[*Texts, R](
    most: int, longest: int
) -> Callable[[Callable[[*Texts], R]], Callable[[*Texts], R]]:
    """As `functools.lru_cache`, of a function of texts, any of which may be megabytes of a reply.

    Args:
        most: results that are kept.
        longest: characters of a call's texts, all together, beyond which its result is not kept.
    """

    def decorate(function: Callable[[*Texts], R]) -> Callable[[*Texts], R]:
        cached = lru_cache(most)(function)

        @wraps(function)
        def call(*texts: *Texts) -> R:
            return (cached if sum(map(len, texts)) <= longest else function)(*texts)  # type: ignore[arg-type]

        return call

    return decorate
