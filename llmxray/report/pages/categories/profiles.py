"""What the browser draws the profile of an experiment with: every set of axes and condition that a reader may choose.

A profile is accuracy, or percentile rank among all conditions of the experiment, the population that is there. On an
axis that is hard for everybody the first shows all of them near the centre, the second who is ahead.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from llmxray.charts import radar
from llmxray.metrics.ranking import LEAST, ranks
from llmxray.report.analysis import Analysis, accuracy_of
from llmxray.report.analysis.leaders import categories_of
from llmxray.report.widgets.frame import Values
from llmxray.report.wording import labels
from llmxray.types import Json

type Axis = tuple[str, str, str | None]
"""A name, its own among all axes, with the suite, or the suite and its category."""
type Group = tuple[str, tuple[int, ...]]
"""Axes that are offered together: a name, and their places among all axes."""


def profile(analysis: Analysis) -> Values | None:
    """The profile of an experiment; None where neither its suites nor its categories are axes enough."""
    made = _axes(analysis)
    groups = _groups(analysis, made)
    if not groups:
        return None
    # A shape with a hole has no outline.
    views = sorted(analysis.ranked, key=lambda view: -len({row.suite for row in view.rows}))
    found = [
        [accuracy_of(view.of(suite=suite, category=category)).value for view in views]
        for _, suite, category in made
    ]
    ranked = len(analysis.views) >= LEAST
    content: dict[str, Json] = {
        "radar": dict(radar.MEASURES),
        "axes": [{"title": name, "lines": list[Json](radar.lines(name))} for name, _, _ in made],
        "accuracy": [list[Json](row) for row in found],
        "ranks": [_percentiles(row) for row in found] if ranked else [],
    }
    return Values(
        # The first one is shown first.
        groups=groups,
        # Those that know most axes first, then the most accurate.
        conditions=views,
        most=radar.MOST,
        # How many conditions a percentile rank is among.
        ranked=len(analysis.views) if ranked else 0,
        data=json.dumps(content, ensure_ascii=False, separators=(",", ":")),
    )


def _axes(analysis: Analysis) -> list[Axis]:
    axes: list[Axis] = [(analysis.label_of_suite(suite), suite, None) for suite in analysis.suites]
    for suite, category in categories_of(analysis):
        # Paraphrases have their categories in common: a name alone would be one axis for both.
        is_shared = labels.of_category(analysis, suite, category) != category
        name = f"{category} · {analysis.label_of_suite(suite)}" if is_shared else category
        axes.append((name, suite, category))
    return axes


def _groups(analysis: Analysis, made: Sequence[Axis]) -> tuple[Group, ...]:
    """Suites first, then the categories of each suite, then all categories where they are few."""
    suites = [place for place, (_, _, category) in enumerate(made) if category is None]
    categories = [place for place in range(len(made)) if place not in suites]
    offered: list[Group] = [("suites", tuple(suites))]
    for suite in analysis.suites if len(analysis.suites) > 1 else ():
        places = tuple(place for place in categories if made[place][1] == suite)
        offered.append((f"categories of {analysis.label_of_suite(suite)}", places))
    offered.append(("all categories", tuple(categories)))
    return tuple(each for each in offered if radar.LEAST_AXES <= len(each[1]) <= radar.MOST_AXES)


def _percentiles(values: Sequence[float | None]) -> list[Json]:
    """Percentile rank of each condition, 0–1; None for one without an accuracy."""
    placed = ranks({str(place): value for place, value in enumerate(values)})
    return [
        None if each is None or each.percentile is None else each.percentile / 100 for each in placed.values()
    ]
