"""Selection of a suite's items: categories, then quick, per category, sample, limit.

Every draw is the beginning of one order that its seed gives the items, so that a larger draw contains the smaller
and what was recorded of the smaller need not be recorded again.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import replace

from llmxray.errors import SuiteError
from llmxray.experiment import SuiteRef
from llmxray.suites.base import Suite, chance
from llmxray.suites.data_rows import list_names
from llmxray.types import Item

_Z_95 = 1.959964
QUICK_HALF_WIDTH = 0.10


def quick_items(half_width: float = QUICK_HALF_WIDTH) -> int:
    """Return the smallest n whose Wilson 95% interval has at most this half-width at one half, where it is widest.

    There the half-width is z / (2 √(n + z²)).
    """
    return max(1, math.ceil((_Z_95 / (2 * half_width)) ** 2 - _Z_95**2))


def select(suite: Suite, selection: SuiteRef) -> Suite:
    """Return the suite with the selected items only, in the suite's order, and chance level recomputed.

    Raises:
        SuiteError: a category does not exist, or nothing is left.
    """
    items = list(suite.items)
    if selection.categories:
        items = _filter_categories(suite.name, items, selection.categories)
    if selection.quick:
        half_width = QUICK_HALF_WIDTH if selection.quick is True else selection.quick
        items = _stratify(items, quick_items(half_width), selection.seed or 0)
    if selection.per_category is not None:
        items = _per_category(items, selection.per_category, selection.seed)
    if selection.sample is not None:
        items = _draw(items, selection.sample.n, selection.sample.seed)
    # The limit comes last, because `plan.part` takes the first questions of a whole plan for the limited one.
    if selection.limit is not None:
        items = items[: selection.limit]
    if not items:
        raise SuiteError(f"{suite.name}: the selection leaves no items")
    return replace(suite, items=tuple(items), card=replace(suite.card, chance=chance(items)))


def _filter_categories(name: str, items: Sequence[Item], categories: Sequence[str]) -> list[Item]:
    existing = dict.fromkeys(item.category for item in items)
    for category in categories:
        if category not in existing:
            listing = list_names(filter(None, existing)) if any(existing) else "none at all"
            raise SuiteError(f"{name} has no category {category!r}; it has: {listing}")
    requested = frozenset(categories)
    return [item for item in items if item.category in requested]


def _groups(items: Sequence[Item]) -> dict[str, list[Item]]:
    groups: dict[str, list[Item]] = {}
    for item in items:
        groups.setdefault(item.category, []).append(item)
    return groups


def _stratify(items: Sequence[Item], count: int, seed: int) -> list[Item]:
    """First ``count`` items of an order in which every prefix has the categories in their proportions.

    Item k of a category of size n stands at (k + ½) / n, so that any beginning of the order holds the categories
    in their proportions (the divisor method of Webster and Sainte-Laguë).
    """
    positions: dict[str, float] = {}
    for group in _groups(items).values():
        for rank, item in enumerate(_permute(group, seed)):
            positions[item.id] = (rank + 0.5) / len(group)
    chosen = {item.id for item in sorted(items, key=lambda item: positions[item.id])[:count]}
    return [item for item in items if item.id in chosen]


def _per_category(items: Sequence[Item], count: int, seed: int | None) -> list[Item]:
    chosen = {
        item.id
        for group in _groups(items).values()
        for item in (group if seed is None else _permute(group, seed))[:count]
    }
    return [item for item in items if item.id in chosen]


def _draw(items: Sequence[Item], count: int, seed: int) -> list[Item]:
    chosen = {item.id for item in _permute(items, seed)[:count]}
    # Items keep the suite's order: a draw decides which items are asked, not in which order.
    return [item for item in items if item.id in chosen]


def _permute(items: Sequence[Item], seed: int) -> list[Item]:
    """Items in the order that the seed gives them, of which every draw is a prefix.

    The order rests on the ids alone. So a larger draw contains the smaller, whatever else is in the suite; a suite
    and its paraphrases, which share their ids, are drawn alike.
    """

    def sort_key(item: Item) -> bytes:
        # Ids of JSON files may hold half a surrogate pair.
        return hashlib.sha256(f"{seed}/{item.id}".encode("utf-8", "surrogatepass")).digest()

    return sorted(items, key=sort_key)
