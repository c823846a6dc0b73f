"""What a trial counts as, which question it is about, and repeats brought to one number an item."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, wraps
from typing import cast

import numpy as np

from llmxray.metrics import latency
from llmxray.plan import item_address
from llmxray.types import UNCOUNTED, Outcome, Row


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """What the trials of an experiment have in common; every pooled estimate takes its units and strata from here.

    Attributes:
        wordings: ``suite/item`` → the question it is a wording of, for items that other items put in other words.
        groups: ``suite/item`` → what its question shares with others, such as a passage; for items that share one.
        options: ``suite/item`` → number of options.
    """

    wordings: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, int] = field(default_factory=dict)

    @property
    def has_clusters(self) -> bool:
        """Whether some items are not independent of others."""
        return bool(self.wordings or self.groups)

    @property
    def unit_name(self) -> str:
        """What an independent unit is called: questions without a group are groups of one."""
        return "group" if self.groups else "question"

    def question(self, address: str) -> str:
        """The question that an item asks, whatever the wording: the address of the first one."""
        return self.wordings.get(address, address)

    def unit(self, address: str) -> str:
        """The independent unit that an item belongs to: its group, else its question, wordings and repeats together."""
        return self.groups.get(address) or self.wordings.get(address, address)

    def stratum(self, row: Row) -> tuple[str, int]:
        """Suite and number of options: answers may be compared by their confidence within one."""
        return row.suite, self.options.get(address(row), 0)


def right(row: Row) -> bool | None:
    """Whether a trial counts as right; None for what is not scored, was not read, or has no whole reply."""
    return counts_as(row.outcome)


def counts_as(outcome: Outcome) -> bool | None:
    """Whether an outcome counts as right; None for those that count in no accuracy."""
    if outcome in UNCOUNTED:
        return None
    return outcome is Outcome.CORRECT


def has_no_reply(row: Row) -> bool:
    """Whether all that is known of an answer is what went wrong; another tool may have marked it all the same."""
    return row.outcome is Outcome.ERROR or bool(row.error and not row.text)


def address(row: Row) -> str:
    """The item a trial is about, see `item_address`: one string each time, since tables of a large run keep many."""
    return _address(row.suite, row.item_id)


# Asked for many times a trial; so many items are more than most experiments have.
@lru_cache(1 << 16)
def _address(suite: str, item: str) -> str:
    return sys.intern(item_address(suite, item))


def grouped[K, T](rows: Iterable[T], key: Callable[[T], K]) -> dict[K, list[T]]:
    """Rows by what they are about, groups and rows in their order; made anew for whoever asks, so that none is kept."""
    groups: dict[K, list[T]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return groups


def item_means(rows: Iterable[Row], value: Callable[[Row], float | None]) -> dict[str, float]:
    """Mean of a value over the repeats of each item, by ``suite/item``; items without one are left out."""
    return means_of((address(row), value(row)) for row in rows)


def means_of(values: Iterable[tuple[str, float | None]]) -> dict[str, float]:
    """Mean of the values of each item, given as (item, value); items without one are left out."""
    means: dict[str, float] = {}
    # Only of items that were asked again: a list for each of 100,000 answers takes longer than the values.
    several: dict[str, list[float]] = {}
    for item, value in values:
        if value is None:
            continue
        if item in means:
            several.setdefault(item, [means[item]]).append(float(value))
        else:
            means[item] = float(value)
    means.update((item, sum(each) / len(each)) for item, each in several.items())
    return means


def rate(row: Row) -> float | None:
    """Completion tokens per second of one reply; None for likelihood answers, whose tokens are given, not written."""
    one = len(row.recordings) < 2
    return latency.tokens_per_second(row.latency_s, row.completion_tokens) if one else None


def first_token(row: Row) -> float | None:
    """Seconds to the first token of one reply; None for likelihood answers, whose tokens are given, not written."""
    return row.ttft_s if len(row.recordings) < 2 else None


def per_token(row: Row) -> float | None:
    """Seconds for each token of one reply after its first; None for likelihood answers, which have several.

    Tokens of hidden thinking come before the first one that is sent, and are left out.
    """
    one = len(row.recordings) < 2
    return latency.tpot(row.latency_s, row.ttft_s, _sent(row)) if one else None


def _sent(row: Row) -> int | None:
    if row.completion_tokens is None or row.reasoning:
        return row.completion_tokens
    return row.completion_tokens - (row.reasoning_tokens or 0)
