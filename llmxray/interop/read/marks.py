"""Which marks of a tool say correct or wrong, and which one counts where a reply has several.

A scorer decides if all its values for a task, in all files, are two-valued: C and I, true and false, yes and no, 1 and
0, also as texts. A number between or beyond them makes it a grade: on a scale from 1 to 5, 1 is the worst. "P" (partial
credit) leaves its own row undecided and no other; "N" (no answer) is wrong.

One scorer counts for all replies of a run to a task: one of correctness, where there is one. Where its mark is
undecided the reply is; no other scorer stands in for it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from llmxray.interop.read.record import Mark, Record, Source, run_of
from llmxray.scoring import LIKELIHOOD_RULES
from llmxray.types import LikelihoodScore

_CORRECT = frozenset({"c", "correct", "true", "yes", "1", "1.0", "pass", "passed"})
_WRONG = frozenset({"i", "incorrect", "n", "false", "no", "0", "0.0", "wrong", "fail", "failed"})
# Neither one nor the other, and no sign of a scale.
_BETWEEN = frozenset({"p", "partial", "nan", "null", "none", ""})
# Scorers whose marks mean that the answer is correct, as tools name them; others may mark politeness or form.
_OF_CORRECTNESS = frozenset(
    {"accuracy", "correct", "is_correct", "exact", "match", "choice", "includes", "pattern", "answer"}
    | {"model_graded_qa", "model_graded_fact", "pass", "correctness", "em", *LIKELIHOOD_RULES}
    | {"math", "math_equiv", "math_verify", "expression_equivalence"}
)
# What stands in front of the name: a package, a task ("sums.acc"), the value that it is a part of ("rubric correct").
_BEFORE_NAME = re.compile(r"[ ./:]")


def right_of(value: object) -> bool | None:
    """What a value says by itself: correct, wrong, or neither; a number may be a text."""
    if not isinstance(value, bool | int | float | str):
        return None
    word = str(value).strip().casefold()
    return True if word in _CORRECT else False if word in _WRONG else None


def counting(record: Record) -> list[Mark]:
    """The marks of the scorers that count, the first one before the others."""
    by_name = {mark.scorer: mark for mark in reversed(record.marks)}
    return [by_name[name] for name in record.scorers if name in by_name]


def chosen(record: Record) -> Mark | None:
    """The mark that counts, decided or not; None where no scorer that counts has marked this reply."""
    return next(iter(counting(record)), None)


def deciding(record: Record) -> Mark | None:
    """The mark that counts, where it says correct or wrong."""
    mark = chosen(record)
    return mark if mark is not None and mark.right is not None else None


def metric_of(mark: Mark) -> str:
    """The name of a scorer without the filter that lm-evaluation-harness puts behind it."""
    return mark.scorer.split(",")[0]


def telling(records: Sequence[Record]) -> tuple[Record, ...]:
    """Records of a format that always has a place for the answer that a scorer found.

    A scorer that names one somewhere has found none where it names none; of one that never does, it is not known.
    """
    tells = {mark.scorer for record in records for mark in record.marks if mark.given}
    return tuple(
        replace(
            record,
            marks=tuple(
                replace(mark, given="") if mark.given is None and mark.scorer in tells else mark
                for mark in record.marks
            ),
        )
        for record in records
    )


def with_scorers(sources: Sequence[Source], likelihood: LikelihoodScore) -> list[Source]:
    """The sources, in which grades say neither correct nor wrong, and each record names the scorers that count.

    Args:
        likelihood: the metric of that name goes before others of correctness.
    """
    graded = {
        (_task(record), mark.scorer)
        for source in sources
        for record in source.records
        for mark in record.marks
        if mark.right is None and mark.value.strip().casefold() not in _BETWEEN
    }
    runs: dict[object, _Scorers] = defaultdict(_Scorers)
    found = []
    for source in sources:
        records = [_undecided(record, graded) for record in source.records]
        for record in records:
            runs[run_of(record)].add(record.marks)
        found.append(records)
    ranked = {run: scorers.ranked(likelihood) for run, scorers in runs.items()}
    return [
        replace(source, records=tuple(_counted(record, *ranked[run_of(record)]) for record in records))
        for source, records in zip(sources, found, strict=True)
    ]


class _Scorers:
    """Scorers of a run, in the order in which they come."""

    def __init__(self) -> None:
        self._decides: dict[str, bool] = {}
        self._of_correctness: dict[str, bool] = {}

    def add(self, marks: Sequence[Mark]) -> None:
        """Take the marks of one reply."""
        for mark in marks:
            name, says = mark.scorer, _is_of_correctness(mark)
            self._decides[name] = self._decides.get(name, False) or mark.right is not None
            self._of_correctness[name] = self._of_correctness.get(name, True) and says

    def ranked(self, likelihood: LikelihoodScore) -> tuple[dict[str, int], bool]:
        """Places of those that count, and whether they mark correctness: without one that does, all of them count."""
        of_correctness = any(self._of_correctness.values())
        names = [name for name, says in self._of_correctness.items() if says or not of_correctness]
        names.sort(key=lambda name: (name.split(",")[0] != likelihood, not self._decides[name]))
        return {name: place for place, name in enumerate(names)}, of_correctness


def _is_of_correctness(mark: Mark) -> bool:
    if mark.of_correctness is not None:
        return mark.of_correctness
    name = _BEFORE_NAME.split(metric_of(mark))[-1]
    return name in _OF_CORRECTNESS or name.endswith("exact_match")


def _task(record: Record) -> tuple[str, str, str]:
    return record.run.tool, record.task, record.part


def _undecided(record: Record, graded: Collection[tuple[object, str]]) -> Record:
    task = _task(record)
    if not graded or not any((task, mark.scorer) in graded for mark in record.marks):
        return record
    marks = [replace(mark, right=None) if (task, mark.scorer) in graded else mark for mark in record.marks]
    return replace(record, marks=tuple(marks))


def _counted(record: Record, places: Mapping[str, int], of_correctness: bool) -> Record:
    if not record.marks:
        return record
    # A run may have as many scorers as replies. Where none of them marked this one, the first is missed.
    mine = sorted({mark.scorer for mark in record.marks} & places.keys(), key=lambda name: places[name])
    return replace(record, scorers=tuple(mine) or (next(iter(places)),), of_correctness=of_correctness)
