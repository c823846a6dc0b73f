"""What every suite is, and how a selection of its items is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from llmxray.errors import SuiteError
from llmxray.types import LETTERS, AnswerKind, Item, SuiteCard

_ENOUGH_SHOTS = 3


@dataclass(frozen=True, slots=True)
class Suite:
    """A benchmark ready to be asked.

    Attributes:
        card: what it is and is not.
        items: the questions, in their own order.
        shots: worked examples for few-shot layouts, never among the items.
        completion: items are contexts to be continued, not questions.
        answer: how this suite's answers are asked for when the experiment does not say; None leaves it open.
    """

    card: SuiteCard
    items: tuple[Item, ...]
    shots: tuple[Item, ...] = ()
    completion: bool = False
    answer: AnswerKind | None = None

    @property
    def name(self) -> str:
        """The name used in experiment files."""
        return self.card.name

    def shots_for(self, item: Item) -> tuple[Item, ...]:
        """Worked examples for one item: those of its own category where there are enough, else all.

        A model copies the shape of its examples: sums of four addends teach it to go on after the third.
        """
        own = tuple(shot for shot in self.shots if shot.category == item.category)
        return own if len(own) >= _ENOUGH_SHOTS else self.shots


class Selection(Protocol):
    """The part of an experiment's suite entry that picks items."""

    @property
    def categories(self) -> Sequence[str] | None:
        """Only these categories."""

    @property
    def limit(self) -> int | None:
        """At most this many items, the first ones."""

    @property
    def per_category(self) -> int | None:
        """At most this many items of each category, drawn with `seed`."""

    @property
    def seed(self) -> int | None:
        """Seed of the draw; the first items are taken when it is None."""


def select(suite: Suite, selection: Selection, *, sample: int | None = None, sample_seed: int = 0) -> Suite:
    """The suite with the chosen items only, in the suite's order, and chance level recomputed.

    Raises:
        SuiteError: a category does not exist, or nothing is left.
    """
    items = list(suite.items)
    if selection.categories:
        known = dict.fromkeys(item.category for item in items)
        for name in selection.categories:
            if name not in known:
                raise SuiteError(f"{suite.name} has no category {name!r}; it has: {', '.join(known)}")
        items = [item for item in items if item.category in selection.categories]
    if selection.per_category is not None:
        items = _per_category(items, selection.per_category, selection.seed)
    if sample is not None:
        items = _draw(items, sample, sample_seed)
    if selection.limit is not None:
        items = items[: selection.limit]
    if not items:
        raise SuiteError(f"{suite.name}: the selection leaves no items")
    return replace(suite, items=tuple(items), card=replace(suite.card, chance=chance(items)))


def chance(items: Sequence[Item]) -> float | None:
    """Accuracy of blind guessing, 0–1; None when some item has no options."""
    if not items or any(not item.choices for item in items):
        return None
    return sum(1 / len(item.choices) for item in items) / len(items)


def check(suite: Suite) -> Suite:
    """The suite itself, once its items are known to be usable.

    Raises:
        SuiteError: an empty question, a repeated id, equal options, or an answer that is no option.
    """
    seen: set[str] = set()
    for number, item in enumerate(suite.items, 1):
        where = f"{suite.name}, item {number} ({item.id or 'no id'})"
        if not item.question.strip():
            raise SuiteError(f"{where}: the question is empty")
        if item.id in seen:
            raise SuiteError(f"{where}: this id occurs twice")
        if len(set(item.choices)) < len(item.choices):
            raise SuiteError(f"{where}: two options are equal")
        if item.choices and item.answer not in LETTERS[: len(item.choices)]:
            raise SuiteError(f"{where}: the answer {item.answer!r} is not one of its {len(item.choices)} options")
        seen.add(item.id)
    return suite


def _per_category(items: Sequence[Item], count: int, seed: int | None) -> list[Item]:
    groups: dict[str, list[Item]] = {}
    for item in items:
        groups.setdefault(item.category, []).append(item)
    chosen = {
        item.id
        for group in groups.values()
        for item in (group[:count] if seed is None else _draw(group, count, seed))
    }
    return [item for item in items if item.id in chosen]


def _draw(items: Sequence[Item], count: int, seed: int) -> list[Item]:
    if count >= len(items):
        return list(items)
    picked = np.random.default_rng(seed).choice(len(items), size=count, replace=False)
    return [items[index] for index in sorted(picked)]
