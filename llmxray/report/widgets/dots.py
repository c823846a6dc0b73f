"""The wide chart of a benchmark: a group for all questions and one for each suite, in it a dot for each condition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionResults, accuracy_of, median_of
from llmxray.report.analysis.costs import cost_of
from llmxray.report.widgets.frame import Values
from llmxray.types import Estimate

# More conditions make no picture that is read at a glance; they stand in the table of results.
MOST_CONDITIONS = 8


def dots(analysis: Analysis) -> Values | None:
    """The chart; None of too many conditions, and where they cannot be compared."""
    views = [view for view in analysis.ranked if analysis.common.accuracies[view.id].value is not None]
    if not 0 < len(views) <= MOST_CONDITIONS or not analysis.is_comparable:
        return None
    of = analysis.common
    common = {view.id: view for view in of.views}
    times = {view.id: median_of(common[view.id], "latency_s").value for view in views}
    longest = max((each for each in times.values() if each), default=0.0)
    costs = [cost_of(analysis, view) for view in views]
    is_priced = (
        all(each.thousand is not None for each in costs) and len({each.currency for each in costs}) == 1
    )
    whole = Values(
        label=f"All {numbers.plural(of.n_items, 'question')}",
        small=f"that {of.all_answered}, of {numbers.count(analysis.n_items)}" if of is not analysis else "",
        chance=of.chance,
        rows=tuple(
            _row(
                analysis,
                view,
                of.accuracies[view.id],
                times[view.id],
                longest,
                money=numbers.priced(cost.thousand, cost.currency) if is_priced else "",
            )
            for view, cost in zip(views, costs, strict=True)
        ),
    )
    groups = [whole]
    if len(analysis.suites) > 1:
        shown = [common[view.id] for view in views]
        suites = [_suite(analysis, of, shown, suite, longest) for suite in of.suites]
        # The easiest first.
        groups += sorted(suites, key=lambda suite: -max((row.share for row in suite.rows), default=0.0))
    return Values(
        groups=groups,
        timed=all(each is not None for each in times.values()),
        priced=is_priced,
        assumption=costs[0].assumption if is_priced else "",
        has_chance=any(group.chance is not None for group in groups),
        options=options_of(analysis, analysis.suites),
    )


def _suite(
    analysis: Analysis, of: Analysis, views: Sequence[ConditionResults], suite: str, longest: float
) -> Values:
    rows = []
    for view in views:
        own = replace(view, rows=view.of(suite=suite))
        if own.rows:
            seconds = median_of(own, "latency_s").value
            rows.append(_row(analysis, view, accuracy_of(own.rows, of.design), seconds, longest, suite=suite))
    n = of.n_scored(suite)
    return Values(
        label=analysis.label_of_suite(suite),
        small=numbers.plural(n, "question"),
        chance=of.chance_of((suite,)),
        rows=tuple(rows),
    )


def _row(
    analysis: Analysis,
    view: ConditionResults,
    found: Estimate,
    seconds: float | None,
    longest: float,
    *,
    suite: str = "",
    money: str = "",
) -> Values:
    # Suites differ in length: one that takes longer than all together is cut at the edge.
    share = min(1.0, 0.8 * (seconds or 0.0) / longest) if longest else 0.0
    return Values(
        label=view.label,
        css=view.css,
        share=found.value or 0.0,
        low=found.low,
        high=found.high,
        text=numbers.percent(found.value),
        seconds=numbers.seconds(seconds, longest),
        time=share,
        money=money,
        href=analysis.contents.questions(condition=view.id, suite=suite),
    )


def options_of(analysis: Analysis, suites: Sequence[str]) -> str:
    """How many options the questions of these suites have: "4", "2 to 10"; "" where they have none."""
    sizes = {len(item.choices) for (suite, _), item in analysis.items.items() if suite in suites} - {0}
    return " to ".join(str(each) for each in sorted({min(sizes), max(sizes)})) if sizes else ""
