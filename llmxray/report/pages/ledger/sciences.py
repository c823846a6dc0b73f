"""ARC's sciences against MMLU-Pro's: do the two accuracies go together over the runs that were asked both?

The module asks whether the science categories of the two suites correlate. A model gives one number a suite and
science, so the points of a correlation are runs; few of them show nothing, and that is said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from llmxray.charts import together
from llmxray.metrics.correlation import Correlation, correlation
from llmxray.metrics.paired import holm
from llmxray.metrics.subjects import SHARED_SCIENCES, family
from llmxray.report import numbers
from llmxray.report.analysis import ALPHA, seeded
from llmxray.report.analysis.legend import colour
from llmxray.report.analysis.runs import Entry, Run
from llmxray.report.widgets.table import Cell, Column, Figure, Line, Table, measured_cell, sort_key
from llmxray.types import Estimate

ALL = "all of them"


@dataclass(frozen=True, slots=True)
class SciencePoint:
    """One run.

    Attributes:
        model: name of the weights, so that points of the same ones can be counted.
        accuracies: by science, and over `ALL`: accuracy on ARC and on MMLU-Pro.
    """

    label: str
    css: str
    model: str
    accuracies: Mapping[str, tuple[Estimate, ...]]

    @property
    def text(self) -> str:
        """Both accuracies over all sciences together."""
        first, second = (numbers.percent(each.value) for each in self.accuracies[ALL])
        return f"{first} and {second}"


@dataclass(frozen=True, slots=True)
class Science:
    """The section: its sentences, the scatter of all sciences together, and a line a science.

    Attributes:
        points: what the numbers in the scatter stand for, in order.
    """

    sentences: tuple[str, ...]
    figure: Figure
    points: tuple[SciencePoint, ...]
    table: Table


type Categories = Mapping[str, Mapping[str, str]]


def science(
    entries: Sequence[Entry], suites: Mapping[str, str], colours: Mapping[str, str]
) -> Science | None:
    """The section; None where fewer than two runs were asked both suites about the same science.

    Args:
        suites: title by name.
        colours: class of each run's model by the run's key, for runs whose model has a colour.
    """
    categories = _categories(entries)
    both = [
        run
        for entry in entries
        for run in entry.runs
        if all(_suites(run)) and any(_has(run, categories, name) for name in SHARED_SCIENCES)
    ]
    sciences = [name for name in SHARED_SCIENCES if all(_has(run, categories, name) for run in both)]
    if not sciences or len(both) < 2:
        return None
    # Two experiments may give their conditions the same label.
    labels = Counter(run.label for run in both)
    points = [
        SciencePoint(
            run.label if labels[run.label] == 1 else f"{run.label} ({run.title})",
            # One of many models shares the colour of the first one, and its number identifies it.
            colours.get(run.key, colour(0)),
            run.identity,
            {
                name: tuple(
                    run.estimate(suite, _keys(run, categories, suite, wanted)) for suite in _suites(run)
                )
                for name, wanted in [*((each, (each,)) for each in sciences), (ALL, tuple(sciences))]
            },
        )
        for run in both
    ]
    arc, pro = (suites[suite] for suite in _suites(both[0]))
    points.sort(key=lambda point: -(point.accuracies[ALL][0].value or 0.0))
    found = {name: _correlated(points, name, seeded("ledger", "science", name)) for name in (*sciences, ALL)}
    return Science(
        _sentences(points, found[ALL]),
        _figure(points, sciences, (arc, pro), found[ALL]),
        tuple(points),
        _table(points, sciences, (arc, pro), found),
    )


def _suites(run: Run) -> tuple[str, str]:
    """The first suite of a run in ARC's manner and the first in MMLU-Pro's, "" for none."""
    return (
        next((name for name in run.scores if family(name).startswith("arc")), ""),
        next((name for name in run.scores if family(name).startswith("mmlu_pro")), ""),
    )


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


def _correlated(points: Sequence[SciencePoint], name: str, rng: np.random.Generator) -> Correlation:
    sides = [[point.accuracies[name][side].value for point in points] for side in (0, 1)]
    return correlation(sides[0], sides[1], rng)


def _needed(critical: float) -> str:
    """What correlation so few points can show: "only a correlation of 0.95 or more is significant"."""
    shown = numbers.decimal(critical)
    # Three points lie on a line by chance too often for any correlation to count.
    if shown == "1.00":
        return "no correlation could be significant: these are too few"
    return f"only a correlation of {shown} or more is significant"


def _sentences(points: Sequence[SciencePoint], found: Correlation) -> tuple[str, ...]:
    n = numbers.plural(found.r.n, "run")
    if found.r.value is None:
        first = f"Do the two go together? {n} cannot show a correlation or rule one out."
    else:
        told = f"r = {numbers.decimal(found.r.value)}, {_interval(found.r)}; {numbers.p_value(found.p_value)}"
        verdict = "well" if found.r.value > 0 else "badly"
        first = (
            f"Over {n}: who does well on one does {verdict} on the other ({told})."
            if found.shown
            else f"Does who does well on one do well on the other? Inconclusive with {n} ({told})."
        )
    second = (
        f"Few points show little: with {n}, {_needed(found.critical)}." if found.critical is not None else ""
    )
    fourth = ""
    if found.r.value is not None and not found.shown and abs(found.r.value) >= (found.critical or 1.0):
        fourth = (
            "The limit and the interval assume that the points form a single cluster. The test, which decides here, "
            f"does not: as strong a correlation comes up in {numbers.percent(found.p_value)} of all orders of "
            "these points."
        )
    models = len({point.model for point in points})
    third = (
        f"The {len(points)} runs are {numbers.plural(models, 'model')} asked in several ways, so they are not "
        "independent: what they share may be the way of asking."
        if models < len(points)
        else ""
    )
    return tuple(sentence for sentence in (first, second, fourth, third) if sentence)


def _figure(
    points: Sequence[SciencePoint],
    sciences: Sequence[str],
    titles: tuple[str, str],
    found: Correlation,
) -> Figure:
    # By number: names of many runs hide one another, and the list beside the picture has them.
    drawn = [together.Point(str(n), point.css, *point.accuracies[ALL]) for n, point in enumerate(points, 1)]
    said = "; ".join(f"{each.label} {each.text}" for each in points)
    svg = together.draw(
        drawn,
        x_title=f"{titles[0]}: {numbers.listed(list(sciences))}",
        y_title=titles[1],
        name="science",
        description=f"Accuracy on the sciences of {titles[0]} and of {titles[1]}. {said}.",
    )
    how = "well" if (found.r.value or 0) > 0 else "badly"
    title = (
        f"Who does well on one does {how} on the other"
        if found.shown
        else "These runs cannot show whether the two go together"
    )
    return Figure(
        title,
        f"Correct answers on {numbers.listed(list(sciences))} in both sets of questions. A point is a run; its bars "
        "show the uncertainty (95% confidence intervals).",
        svg,
    )


def _table(
    points: Sequence[SciencePoint],
    sciences: Sequence[str],
    titles: tuple[str, str],
    found: dict[str, Correlation],
) -> Table:
    lines = []
    # All of them together is the question that was asked, and no member of the family of single ones.
    adjusted = dict(zip(sciences, holm([found[name].p_value for name in sciences]), strict=True))
    for name in (*sciences, ALL):
        each, p = found[name], adjusted.get(name, found[name].p_value)
        shown = p is not None and p < ALPHA
        sizes = [max((point.accuracies[name][side].n for point in points), default=0) for side in (0, 1)]
        cells = (
            *(Cell(numbers.count(size)) for size in sizes),
            Cell(numbers.count(each.r.n)),
            measured_cell(each.r, numbers.decimal),
            Cell(numbers.bare_p(p), sort=sort_key(p)),
            Cell(numbers.decimal(each.critical)),
            Cell("yes" if shown else "no", numeric=False, best=shown),
        )
        lines.append(Line(name, cells))
    columns = (
        Column("science", numeric=False),
        Column(titles[0], "questions"),
        Column(titles[1], "questions"),
        Column("runs"),
        Column("r", "95%"),
        Column("p", "permutation test; each science Holm-adjusted", css="stat"),
        Column("minimum detectable", "|r|", css="stat"),
        Column("related?", numeric=False),
    )
    caption = (
        "Correlation of the two accuracies over runs. Accuracies of few questions scatter, which pulls any "
        "correlation towards 0. The minimum detectable |r| is the smallest that so many points make significant."
    )
    return Table(caption, columns, tuple(lines))


def _interval(r: Estimate) -> str:
    return f"95% {numbers.interval(r, numbers.decimal)}" if r.low is not None else "no interval"
