"""Sets of questions, or the categories of one, as dots, and as the radar that the browser draws beside them.

A profile is accuracy, or percentile rank among all conditions of the experiment, the population that is there. On an
axis that is hard for everybody the first shows all of them near the centre, the second who is ahead.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from llmxray.metrics.ranking import LEAST, ranks
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionResults, accuracy_of
from llmxray.report.analysis.leaders import categories_of
from llmxray.report.widgets.frame import Values
from llmxray.types import Json

# Nobody can follow more shapes than three; fewer axes than three span no area; MMLU-Pro has fourteen subjects.
_MOST_SHAPES, _FEWEST_AXES, _MOST_AXES = 3, 3, 14


def profile(analysis: Analysis) -> Values | None:
    """The profile of an experiment; None where neither its suites nor the categories of one are axes enough."""
    known = categories_of(analysis)
    offered: list[tuple[str, list[tuple[str, str | None]]]] = [
        ("question sets", [(suite, None) for suite in analysis.suites])
    ]
    for suite in analysis.suites:
        axes: list[tuple[str, str | None]] = [(of, name) for of, name in known if of == suite]
        offered.append((f"categories of {analysis.label_of_suite(suite)}", axes))
    offered = [each for each in offered if _FEWEST_AXES <= len(each[1]) <= _MOST_AXES]
    if not offered:
        return None
    # A shape with a hole has no outline: those that know most axes first, then the most accurate.
    views = sorted(analysis.ranked, key=lambda view: -len({row.suite for row in view.rows}))
    is_ranked = len(views) >= LEAST
    groups = [(name, [_axis(analysis, views, *axis) for axis in places]) for name, places in offered]
    content: list[Json] = [
        {
            "axes": [axis.name for axis in shown],
            "accuracy": [[dot.share for dot in axis.dots] for axis in shown],
            "rank": [_percentiles([dot.share for dot in axis.dots]) for axis in shown] if is_ranked else [],
        }
        for _, shown in groups
    ]
    return Values(
        # The first one is shown first.
        groups=groups,
        conditions=views,
        most=_MOST_SHAPES,
        # How many conditions a percentile rank is among.
        ranked=len(views) if is_ranked else 0,
        data=json.dumps(content, ensure_ascii=False, separators=(",", ":")),
    )


def _axis(analysis: Analysis, views: Sequence[ConditionResults], suite: str, category: str | None) -> Values:
    found = [accuracy_of(view.of(suite=suite, category=category), view.design) for view in views]
    return Values(
        name=category or analysis.label_of_suite(suite),
        chance=analysis.chance_of((suite,), category),
        dots=[
            Values(
                css=view.css,
                share=each.value,
                low=each.low,
                high=each.high,
                title=f"{view.label}: {numbers.percent(each.value)}",
            )
            for view, each in zip(views, found, strict=True)
        ],
    )


def _percentiles(values: Sequence[float | None]) -> list[Json]:
    """Percentile rank of each condition, 0–1; None for one without an accuracy."""
    placed = ranks({str(place): value for place, value in enumerate(values)})
    return [
        None if each is None or each.percentile is None else each.percentile / 100 for each in placed.values()
    ]
