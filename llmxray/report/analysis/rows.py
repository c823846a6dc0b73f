"""What a trial counts as, and repeats brought to one number an item: what every page begins with."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from llmxray.types import UNCOUNTED, Outcome, Row


def right(row: Row) -> bool | None:
    """Whether a trial counts as right; None for what is not scored, was not read, or has no whole reply."""
    if row.outcome in UNCOUNTED:
        return None
    return row.outcome is Outcome.CORRECT


def address(row: Row) -> str:
    """The item a trial is about, as ``suite/item``."""
    return f"{row.suite}/{row.item_id}"


def item_means(rows: Iterable[Row], value: Callable[[Row], float | None]) -> dict[str, float]:
    """Mean of a value over the repeats of each item, by ``suite/item``; items without one are left out."""
    gathered: dict[str, list[float]] = {}
    for row in rows:
        found = value(row)
        if found is not None:
            gathered.setdefault(address(row), []).append(float(found))
    return {key: sum(each) / len(each) for key, each in gathered.items()}
