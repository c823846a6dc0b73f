"""All results of an experiment: accuracy, speed, outcomes, and every pair compared."""

from __future__ import annotations

from collections import Counter

from llmxray.charts import tradeoff
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionResults, median_of
from llmxray.report.analysis.rescoring import readings, scored_otherwise
from llmxray.report.files import export
from llmxray.report.links import Link
from llmxray.report.pages.results import measures
from llmxray.report.pages.results.cost import cost_section
from llmxray.report.widgets.frame import Values, framed
from llmxray.report.widgets.table import (
    Cell,
    ColumnHead,
    ColumnOf,
    Figure,
    Table,
    by_condition,
    sort_key,
)
from llmxray.report.wording.verdicts import verdict
from llmxray.types import Outcome

_TABLES = {"results.csv": "Every trial as CSV", "results.json": "as JSON", "results.parquet": "as Parquet"}


def make(analysis: Analysis) -> Values:
    """The results page of an experiment; a part is None where there is nothing to show."""
    return framed(
        analysis.data,
        "results",
        "Results",
        lede=verdict(analysis),
        accuracy=measures.accuracy(analysis),
        read_otherwise=_read_otherwise(analysis),
        token_confidence=measures.token_confidence(analysis),
        speed=measures.speed(analysis),
        outcomes=_outcomes(analysis),
        tradeoff=_tradeoff(analysis),
        cost=cost_section(analysis),
        pairs=measures.pairs(analysis) if analysis.pairs else None,
        links=(
            *(
                analysis.contents.links(("Other ways of scoring", "robustness", "rescoring"))
                if scored_otherwise(analysis.data, readings(analysis))
                else ()
            ),
            *(
                Link(text=_TABLES[name], href=analysis.contents.file(name))
                for name in export.names(analysis.data)
            ),
        ),
    )


def _read_otherwise(analysis: Analysis) -> str:
    """That other extraction chains give the same scores; "" where one does not, or none else applies."""
    found = readings(analysis)
    others = [name for name in found.outcomes if name != analysis.data.experiment.analysis.chain]
    if found.changed or not others:
        return ""
    return f"Read by other extraction chains ({', '.join(others)}), the same replies have the same scores."


def _outcomes(analysis: Analysis) -> Table | None:
    """What became of the trials; None where all are right or wrong, which the accuracies say."""
    counts = {view.id: Counter(row.outcome for row in view.rows) for view in analysis.ranked}
    found = {outcome for each in counts.values() for outcome in each}
    if found <= {Outcome.CORRECT, Outcome.WRONG}:
        return None
    scored = {name: each.total() - each[Outcome.UNSCORED] for name, each in counts.items()}

    def counted(outcome: Outcome) -> ColumnOf:
        def cell(view: ConditionResults) -> Cell:
            n = counts[view.id][outcome]
            href = analysis.contents.questions(condition=view.id, outcome=outcome.value) if n else ""
            share = numbers.percent(n / scored[view.id]) if n and outcome is not Outcome.UNSCORED else ""
            return Cell(text=numbers.count(n), small=share, href=href, sort=sort_key(n))

        return ColumnHead(text=outcome.label, css=f"mark-{outcome.value}"), cell

    shown = [counted(outcome) for outcome in Outcome if outcome in found]
    n = (ColumnHead(text="scored"), lambda view: Cell(text=numbers.count(scored[view.id])))
    return by_condition(
        "What became of every trial, with shares of those that are scored; each count leads to its questions.",
        analysis.ranked,
        [*shown, n],
    )


def _tradeoff(analysis: Analysis) -> Figure | None:
    of = analysis.common
    points = [
        tradeoff.TradeoffPoint(view.label, view.css, of.accuracies[view.id], median_of(view, "latency_s"))
        for view in of.ranked
    ]
    # A time of 0 has no place on a logarithmic axis.
    points = [point for point in points if point.accuracy.value is not None and point.latency_s.value]
    if len(points) < 2:
        return None
    shown = numbers.in_one_unit(numbers.seconds, *(point.latency_s.value for point in points))
    said = "; ".join(
        f"{point.label}: {numbers.percent(point.accuracy.value)} at {shown(point.latency_s.value)}"
        for point in points
    )
    svg = tradeoff.draw(
        points, name="tradeoff", description=f"Accuracy against latency. {said}.", chance=of.chance
    )
    best, quick = points[0], min(points, key=lambda point: point.latency_s.value or 0.0)
    slowest = quick.latency_s.high
    apart = slowest is not None and all(
        point is quick or (point.latency_s.low or 0.0) > slowest for point in points
    )
    first, *others = of.ranked
    ahead = all(analysis.pair(first, view).differs for view in others)
    time = f"{quick.label} has the shortest time" if apart else "no time is shown to be the shortest"
    # Over all of its own, one that was left out may have a higher accuracy.
    where = "On the questions in common, " if of is not analysis else ""
    if not analysis.is_comparable:
        # Who was asked easier questions is no better for it.
        title = time
    elif not ahead:
        title = f"{where}no accuracy is shown to be the highest; {time}"
    elif apart and best is quick:
        title = f"{where}{quick.label} has both the highest accuracy and the shortest time"
    else:
        title = f"{where}{best.label} has the highest accuracy; {time}"
    title = title if title.startswith((quick.label, best.label)) else title[0].upper() + title[1:]
    which = f" Of the {of.answered_questions}." if of is not analysis else ""
    return Figure(
        title=title,
        caption="Accuracy against median latency; up and to the left is better on both. Bars show the uncertainty (95% "
        f"intervals). Grey steps join those that no other beats in both (the Pareto front).{which}",
        svg=svg,
    )
