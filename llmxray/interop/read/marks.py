"""Which marks of a tool say correct or wrong, and which one counts where a reply has several.

A scorer decides if all its values in a file are two-valued: C and I, true and false, yes and no, 1 and 0, also as
texts. A number between or beyond them makes it a grade: on a scale from 1 to 5, 1 is the worst. "P" (partial credit)
leaves its own row undecided and no other; "N" (no answer) is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from llmxray.interop.read.record import Mark, Source
from llmxray.types import LikelihoodScore

_CORRECT = frozenset({"c", "correct", "true", "yes", "1", "1.0", "pass", "passed"})
_WRONG = frozenset({"i", "incorrect", "n", "false", "no", "0", "0.0", "wrong", "fail", "failed"})
# Neither one nor the other, and no sign of a scale.
_BETWEEN = frozenset({"p", "partial", "nan", "null", "none", ""})
# Scorers whose marks mean that the answer is correct, as tools name them; others may mark politeness or form.
_PREFERRED = frozenset(
    {"acc", "accuracy", "correct", "is_correct", "exact", "match", "choice", "includes", "pattern", "answer"}
    | {"model_graded_qa", "model_graded_fact", "math", "pass"}
)


def right_of(value: object) -> bool | None:
    """What a value says by itself: correct, wrong, or neither; a number may be a text."""
    if not isinstance(value, bool | int | float | str):
        return None
    word = str(value).strip().casefold()
    return True if word in _CORRECT else False if word in _WRONG else None


def two_valued(source: Source) -> Source:
    """A source in which marks of scorers that grade say neither correct nor wrong."""
    graded = {
        (record.task, mark.scorer)
        for record in source.records
        for mark in record.marks
        if mark.right is None and mark.value.strip().casefold() not in _BETWEEN
    }
    if not graded:
        return source
    records = tuple(
        replace(
            record,
            marks=tuple(
                replace(mark, right=None) if (record.task, mark.scorer) in graded else mark
                for mark in record.marks
            ),
        )
        if record.marks
        else record
        for record in source.records
    )
    return replace(source, records=records)


def deciding(marks: Sequence[Mark], likelihood: LikelihoodScore | None = None) -> Mark | None:
    """The mark that counts: the first two-valued one of a scorer that is known to mark correctness, else the first.

    Args:
        likelihood: the metric of that name goes before all others, where options were weighed.
    """
    decided = [mark for mark in marks if mark.right is not None]
    return min(decided, key=lambda mark: rank(mark.scorer, likelihood), default=None)


def rank(scorer: str, likelihood: LikelihoodScore | None = None) -> int:
    """Which scorers count before others, from 0: the metric that was asked for, those of correctness, any others."""
    metric = scorer.split(",")[0]
    if likelihood is not None and metric == likelihood:
        return 0
    # Of a value with parts ("rubric correct") or a metric of a task ("sums.acc"), the last word is the name.
    name = metric.replace(".", " ").split(" ")[-1]
    return 1 if name in _PREFERRED or name.endswith("exact_match") else 2
