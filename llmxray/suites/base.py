"""Suite and its data faults, with the checks that make a suite usable."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from llmxray import limits
from llmxray.errors import SuiteError
from llmxray.suites.data_rows import shorten
from llmxray.types import LETTERS, AnswerKind, Condition, Item, SuiteCard

_ENOUGH_SHOTS = 3
# Limit on the faults that are listed; the rest is counted, since a few kilobytes of data can have a million.
MOST_FAULTS = 500
_LONGEST_FAULT = 500


@dataclass(frozen=True, slots=True)
class DataFault:
    """Error in the data: a defect of a row that is used, or a row that is left out.

    Attributes:
        row: place of the row in its source, counted from 1.
        item: id of the item made from it, "" where the row is left out.
        field: column at fault, "" where the row is left out.
        reason: the error, and what was done about it.
    """

    row: int
    item: str
    field: str
    reason: str

    def __str__(self) -> str:
        # The reason of a row that is left out already names row and column.
        text = f"row {self.row} ({self.item}), column {self.field!r}: {self.reason}"
        return shorten(text, _LONGEST_FAULT) if self.item else self.reason


@dataclass(frozen=True, slots=True)
class Suite:
    """A benchmark ready to be asked.

    Attributes:
        card: description, licence and source.
        items: the questions, in their own order.
        shots: worked examples for few-shot layouts, never among the items.
        completion: items are contexts to be continued, not questions.
        answer: how this suite's answers are asked for when the experiment does not say; None leaves it open.
        faults: errors in the data, whether or not the row was selected.
        shots_hint: how to give it worked examples where it has none, ending in ", or ".
    """

    card: SuiteCard
    items: tuple[Item, ...]
    shots: tuple[Item, ...] = ()
    completion: bool = False
    answer: AnswerKind | None = None
    faults: tuple[DataFault, ...] = ()
    shots_hint: str = ""

    @property
    def name(self) -> str:
        """The name used in experiment files."""
        return self.card.name

    def answer_kind(self, condition: Condition) -> AnswerKind:
        """Return the kind of answer that a condition gives in this suite."""
        return self.answer or condition.answer

    def shots_for(self, item: Item) -> tuple[Item, ...]:
        """Return the worked examples for one item: those of its category where there are enough, else all.

        A model copies the shape of its examples: sums of four addends teach it to go on after the third.
        """
        same_category = tuple(shot for shot in self.shots if shot.category == item.category)
        return same_category if len(same_category) >= _ENOUGH_SHOTS else self.shots


def chance(items: Sequence[Item]) -> float | None:
    """Return the accuracy of blind guessing, 0–1; None when some item has no options."""
    if not items or any(not item.choices for item in items):
        return None
    # TruthfulQA's MC2 marks several options as right.
    n_right = [1 + sum(text in item.choices for text in item.accept) for item in items]
    return sum(n / len(item.choices) for n, item in zip(n_right, items, strict=True)) / len(items)


def check(suite: Suite) -> Suite:
    """Return the suite itself if its items are usable.

    Raises:
        SuiteError: no items, an empty question or option, a repeated id, equal options, one option or more
            than there are letters, or an answer that is no option.
    """
    if not suite.items:
        raise SuiteError(f"{suite.name}: there are no questions")
    ids: set[str] = set()
    # Ids of examples count too: an example that is also asked would reveal its answer.
    for number, item in enumerate((*suite.items, *suite.shots), 1):
        complaint = "this id occurs twice" if item.id in ids else _complaint(item)
        if complaint:
            raise SuiteError(f"{suite.name}, item {number} ({item.id or 'no id'}): {complaint}")
        ids.add(item.id)
    return suite


def item_rng(seed: int, name: str) -> np.random.Generator:
    """Return a generator for one item, so that a smaller selection draws the same for each item."""
    # Python salts hash() in each process, so a digest is used; JSON may hold half a surrogate pair.
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()
    return np.random.default_rng([seed, int.from_bytes(digest[:8])])


def shuffled(item: Item, seed: int) -> Item:
    """Return the item with shuffled options, for data in which the answer is always in the same place."""
    order = item_rng(seed, item.id).permutation(len(item.choices)).tolist()
    return replace(
        item,
        choices=tuple(item.choices[index] for index in order),
        answer=LETTERS[order.index(LETTERS.index(item.answer))],
        source=f"{item.source}; option order {' '.join(map(str, order))} of the data, seed {seed}",
    )


def _complaint(item: Item) -> str:
    if not item.question.strip():
        return "the question is empty"
    if max(len(item.id), len(item.category)) > limits.NAME_CHARACTERS:
        return f"its id or category has more than {limits.NAME_CHARACTERS:,} characters"
    if not item.choices:
        return "" if item.answer.strip() else "the answer is empty"
    if not 2 <= len(item.choices) <= len(LETTERS):
        return f"{len(item.choices)} options; there must be 2 to {len(LETTERS)}"
    if not all(choice.strip() for choice in item.choices):
        return "an option is empty"
    if len(set(item.choices)) < len(item.choices):
        return "two options are equal"
    if item.answer not in tuple(LETTERS[: len(item.choices)]):
        return f"the answer {item.answer!r} is not one of its {len(item.choices)} options"
    return ""
