"""ARC's sciences against MMLU-Pro's: do the two accuracies go together over the models that were asked both alike?

The module asks whether the science categories of the two suites correlate. A model gives one number a suite and
science, so the points of a correlation are models: each one's run with the most questions, of the two sets of questions
and the ways of asking that most models share. Few of them show nothing, and that is said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from llmxray.metrics.correlation import Correlation, correlation
from llmxray.metrics.subjects import SHARED_SCIENCES, family
from llmxray.report import numbers
from llmxray.report.analysis import seeded
from llmxray.report.analysis.runs import LedgerEntry, LedgerRun
from llmxray.report.sentences import Finding
from llmxray.report.widgets.frame import Values
from llmxray.report.widgets.table import ColumnHead, Line, Table, share_cell
from llmxray.report.wording.verdicts import doubt
from llmxray.types import Estimate

MOST_POINTS = 10
"""Models in the table."""

type Categories = Mapping[str, Mapping[str, str]]


def science(entries: Sequence[LedgerEntry], suites: Mapping[str, str]) -> Values | None:
    """Sentences, and the two accuracies of each model; None without two models asked both suites alike.

    Args:
        entries: by question set.
        suites: title by name.
    """
    categories = _categories(entries)
    alike: dict[tuple[str, ...], dict[str, LedgerRun]] = {}
    for run in (each for entry in entries for each in entry.runs):
        asked = _suites(run)
        if all(asked) and any(_has(run, categories, name) for name in SHARED_SCIENCES):
            of = alike.setdefault((*asked, *map(run.kind, asked)), {})
            if run.identity not in of or _asked(run) > _asked(of[run.identity]):
                of[run.identity] = run
    groups = [[*each.values()] for each in alike.values()]
    both = max(groups, key=lambda each: (len(each), sum(map(_asked, each))), default=[])
    sciences = [name for name in SHARED_SCIENCES if all(_has(run, categories, name) for run in both)]
    if not sciences or len(both) < 2:
        return None
    # Over all sciences together.
    points: list[tuple[LedgerRun, Estimate, Estimate]] = []
    for run in both:
        arc, pro = (run.estimate(each, _keys(run, categories, each, sciences)) for each in _suites(run))
        points.append((run, arc, pro))
    points.sort(key=lambda point: -(point[1].value or 0.0))
    first, second = [arc.value for _, arc, _ in points], [pro.value for _, _, pro in points]
    found = correlation(first, second, seeded("ledger", "science", "all of them"))
    # Two experiments may give their conditions the same label.
    labels = Counter(run.label for run in both)
    return Values(
        sentences=_sentences(found),
        table=Table(
            caption=f"Correct answers on {numbers.listed(sciences)} in both sets of questions.",
            columns=(
                ColumnHead(text="model", numeric=False),
                *(ColumnHead(text=suites[suite]) for suite in _suites(both[0])),
            ),
            lines=tuple(
                Line(
                    head=run.label,
                    small=run.title if labels[run.label] > 1 else "",
                    cells=(share_cell(arc), share_cell(pro)),
                )
                for run, arc, pro in points[:MOST_POINTS]
            ),
        ),
        # Of which the table has the most accurate.
        n=len(points),
    )


def _suites(run: LedgerRun) -> tuple[str, str]:
    """The first suite of a run in ARC's manner and the first in MMLU-Pro's, "" for none."""
    return (
        next((name for name in run.scores if family(name).startswith("arc")), ""),
        next((name for name in run.scores if family(name).startswith("mmlu_pro")), ""),
    )


def _asked(run: LedgerRun) -> int:
    """How many questions of both suites."""
    return sum(len(run.scores[suite]) for suite in _suites(run))


def _categories(entries: Sequence[LedgerEntry]) -> Categories:
    """Suite → question key → category, of all entries together."""
    found: dict[str, dict[str, str]] = {}
    for entry in entries:
        for suite, categories in entry.categories.items():
            found.setdefault(suite, {}).update(categories)
    return found


def _keys(run: LedgerRun, categories: Categories, suite: str, wanted: Sequence[str]) -> list[str]:
    known = categories.get(suite, {})
    return [key for key in run.scores[suite] if known.get(key, "").lower() in wanted]


def _has(run: LedgerRun, categories: Categories, name: str) -> bool:
    return all(_keys(run, categories, suite, (name,)) for suite in _suites(run))


def _sentences(found: Correlation) -> tuple[Finding, ...]:
    n = found.r.n
    if found.r.value is None:
        return (Finding("ledger.science-unknown", n=n),)
    interval = doubt(found.r, numbers.decimal, None)
    told = Finding("ledger.science-told", r=found.r.value, interval=interval, p=found.p_value)
    how = "open" if not found.shown else "well" if found.r.value > 0 else "badly"
    first = Finding(f"ledger.science-{how}", n=n, told=told)
    if found.critical is None:
        return (first,)
    # Three points lie on a line by chance too often for any correlation to count.
    few = "few" if numbers.decimal(found.critical) == "1.00" else "least"
    return first, Finding(f"ledger.science-{few}", n=n, critical=found.critical)
