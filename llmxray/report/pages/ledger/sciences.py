"""ARC's sciences against MMLU-Pro's: do the two accuracies go together over the models that were asked both alike?

The module asks whether the science categories of the two suites correlate. A model gives one number a suite, so the
points of a correlation are models: each one's run with the most questions, of the two sets of questions and the ways of
asking that most models share. Few of them show nothing, and that is said.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from llmxray.metrics.correlation import Correlation, correlation
from llmxray.metrics.subjects import SHARED_SCIENCES, family
from llmxray.report import numbers
from llmxray.report.analysis import seeded
from llmxray.report.analysis.runs import LedgerEntry, LedgerRun, QuestionScores
from llmxray.report.sentences import Finding
from llmxray.report.widgets.frame import Values
from llmxray.report.widgets.table import ColumnHead, Line, Table, share_cell
from llmxray.report.wording.verdicts import doubt
from llmxray.types import Estimate

MOST_POINTS = 10
"""Models in the table."""


def science(entries: Sequence[LedgerEntry], suites: Mapping[str, str]) -> Values | None:
    """Sentences, and the two accuracies of each model; None without two models asked both suites alike.

    Args:
        entries: by question set.
        suites: title by name.
    """
    alike: dict[tuple[str, ...], dict[str, LedgerRun]] = {}
    for run in (run for entry in entries for run in entry.runs):
        asked = _both_suites(run)
        if len(asked) == 2:
            of = alike.setdefault((*asked, *map(run.kind, asked)), {})
            if run.identity not in of or _n(run) > _n(of[run.identity]):
                of[run.identity] = run
    both = max((list(of.values()) for of in alike.values()), key=len, default=[])
    if len(both) < 2:
        return None
    columns = [[run.scores[suite] for suite in _both_suites(run)] for run in both]
    shared = [
        name
        for name in SHARED_SCIENCES
        if all(_on(scores, {name}).n for column in columns for scores in column)
    ]
    if not shared:
        return None
    points = [(run, [_on(scores, shared) for scores in of]) for run, of in zip(both, columns, strict=True)]
    points.sort(key=lambda point: -(point[1][0].value or 0.0))
    first, second = ([accuracies[at].value for _, accuracies in points] for at in (0, 1))
    found = correlation(first, second, seeded("ledger", "science", "all of them"))
    return Values(
        sentences=tuple(_sentences(found)),
        table=Table(
            caption=f"Correct answers on {numbers.listed(shared)} in both sets of questions.",
            columns=(
                ColumnHead(text="model", numeric=False),
                *(ColumnHead(text=suites[suite]) for suite in _both_suites(both[0])),
            ),
            lines=tuple(
                Line(head=run.label, small=run.title, cells=tuple(map(share_cell, accuracies)))
                for run, accuracies in points[:MOST_POINTS]
            ),
        ),
        # Of which the table has the most accurate.
        n=len(points),
    )


def _both_suites(run: LedgerRun) -> list[str]:
    """The first suite of a run in ARC's manner and the first in MMLU-Pro's."""
    of_arc, of_pro = (
        [suite for suite in run.scores if family(suite).startswith(kind)] for kind in ("arc", "mmlu_pro")
    )
    return of_arc[:1] + of_pro[:1]


def _n(run: LedgerRun) -> int:
    return sum(run.estimate(suite).n for suite in _both_suites(run))


def _on(scores: QuestionScores, categories: Collection[str]) -> Estimate:
    """Accuracy on the questions of these categories."""
    keep = [category.lower() in categories for category in scores.questions.categories]
    return replace(scores, shares=np.where(keep, scores.shares, np.nan)).estimate


def _sentences(found: Correlation) -> Iterator[Finding]:
    r, n = found.r.value, found.r.n
    if r is None:
        yield Finding("ledger.science-none", n=n)
    else:
        kind = "shown" if found.shown else "open"
        ends = doubt(found.r, numbers.decimal, None)
        way = "well" if r > 0 else "badly"
        yield Finding(f"ledger.science-{kind}", n=n, way=way, r=r, doubt=ends, p=found.p_value)
    if found.critical is not None:
        # Three points lie on a line by chance too often for any correlation to count.
        kind = "few" if found.critical < 0.995 else "too-few"
        yield Finding(f"ledger.science-{kind}", n=n, least=found.critical)
        if r is not None and not found.shown and abs(r) >= found.critical:
            yield Finding("ledger.science-test", p=found.p_value)
