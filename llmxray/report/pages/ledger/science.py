"""The ledger's answer to whether ARC's sciences and MMLU-Pro's go together: over the runs that were asked both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from llmxray.metrics.subjects import SHARED_SCIENCES
from llmxray.report.analysis.legend import colour
from llmxray.report.analysis.runs import Entry, Run
from llmxray.report.widgets.science import ALL, Science, SciencePoint, first_suites, science

type Categories = Mapping[str, Mapping[str, str]]


def of_runs(entries: Sequence[Entry]) -> Science | None:
    """The section; None where fewer than two runs were asked both suites about the same science."""
    categories = _categories(entries)
    both = [
        run
        for entry in entries
        for run in entry.runs
        if all(_suites(run)) and any(_has(run, categories, name) for name in SHARED_SCIENCES)
    ]
    if not both:
        return None
    sciences = [name for name in SHARED_SCIENCES if all(_has(run, categories, name) for run in both)]
    # Two experiments may give their conditions the same label.
    labels = Counter(run.label for run in both)
    points = [
        SciencePoint(
            run.label if labels[run.label] == 1 else f"{run.label} ({run.title})",
            colour(place),
            run.weights or run.model,
            {
                name: tuple(
                    run.estimate(suite, _keys(run, categories, suite, wanted)) for suite in _suites(run)
                )
                for name, wanted in [*((each, (each,)) for each in sciences), (ALL, tuple(sciences))]
            },
        )
        for place, run in enumerate(both)
    ]
    titles: dict[str, str] = {}
    for entry in entries:
        titles.update(entry.suites)
    arc, pro = (titles[suite] for suite in _suites(both[0]))
    # Terms are defined on the methods page of each experiment; the ledger has none.
    return science(points, sciences, (arc, pro), "run", "ledger", defined=False)


def _suites(run: Run) -> tuple[str, str]:
    return first_suites(list(run.scores))


def _categories(entries: Sequence[Entry]) -> Categories:
    """Suite → question key → category, of all entries together."""
    found: dict[str, dict[str, str]] = {}
    for entry in entries:
        for suite, categories in entry.categories.items():
            found.setdefault(suite, {}).update(categories)
    return found


def _keys(run: Run, categories: Categories, suite: str, wanted: Sequence[str]) -> list[str]:
    known = categories.get(suite, {})
    return [key for key in run.scores[suite] if known.get(key, "").lower() in wanted]


def _has(run: Run, categories: Categories, name: str) -> bool:
    return all(_keys(run, categories, suite, (name,)) for suite in _suites(run))
