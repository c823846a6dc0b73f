"""What the browser draws the profile of an experiment with: every axis and condition that a reader may choose.

A profile is accuracy, or percentile rank among all conditions of the experiment, the population that is there. On an
axis that is hard for everybody the first shows all of them near the centre, the second who is ahead.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from llmxray.charts import radar
from llmxray.metrics.ranking import LEAST, ranks
from llmxray.report.analysis import Analysis, accuracy_of
from llmxray.report.analysis.leaders import categories_of
from llmxray.types import Json


@dataclass(frozen=True, slots=True)
class Axis:
    """A suite, or a category of a suite; the name is its own among all axes."""

    name: str
    suite: str
    category: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Axes that are offered together: a name, and their places among all axes."""

    name: str
    places: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The section.

    Attributes:
        groups: the first one is shown first.
        conditions: (id, label, colour class), those that know most axes first, then the most accurate.
        ranked: how many conditions a percentile rank is among; 0 where they are too few for one.
        data: JSON for the script.
    """

    axes: tuple[Axis, ...]
    groups: tuple[Group, ...]
    conditions: tuple[tuple[str, str, str], ...]
    most: int
    ranked: int
    data: str


def profile(analysis: Analysis) -> Profile | None:
    """The profile of an experiment; None where neither its suites nor its categories are axes enough."""
    made = _axes(analysis)
    groups = _groups(analysis, made)
    if not groups:
        return None
    # A shape with a hole has no outline.
    views = sorted(analysis.ranked, key=lambda view: -len({row.suite for row in view.rows}))
    found = [
        [accuracy_of(view.of(suite=each.suite, category=each.category)) for view in views] for each in made
    ]
    ranked = len(analysis.views) >= LEAST
    content: dict[str, Json] = {
        "radar": dict(radar.MEASURES),
        "axes": [{"title": each.name, "lines": list[Json](radar.lines(each.name))} for each in made],
        "accuracy": [[[each.value, each.low, each.high] for each in row] for row in found],
        "ranks": [_ranks([each.value for each in row]) for row in found] if ranked else [],
    }
    return Profile(
        axes=made,
        groups=groups,
        conditions=tuple((view.id, view.label, view.css) for view in views),
        most=radar.MOST,
        ranked=len(analysis.views) if ranked else 0,
        data=json.dumps(content, ensure_ascii=False, separators=(",", ":")),
    )


def _axes(analysis: Analysis) -> tuple[Axis, ...]:
    categories = categories_of(analysis)
    # Paraphrases have their categories in common: a name alone would be one axis for both.
    names = [category for _, category in categories]
    return (
        *(Axis(analysis.label_of_suite(suite), suite) for suite in analysis.suites),
        *(
            Axis(
                category if names.count(category) == 1 else f"{category} · {analysis.label_of_suite(suite)}",
                suite,
                category,
            )
            for suite, category in categories
        ),
    )


def _groups(analysis: Analysis, made: Sequence[Axis]) -> tuple[Group, ...]:
    """Suites first, then the categories of each suite, then all categories where they are few."""
    categories = [place for place, each in enumerate(made) if each.category is not None]
    offered = [Group("suites", tuple(place for place, each in enumerate(made) if each.category is None))]
    if len(analysis.suites) > 1:
        offered += [
            Group(
                f"categories of {analysis.label_of_suite(suite)}",
                tuple(place for place in categories if made[place].suite == suite),
            )
            for suite in analysis.suites
        ]
    offered.append(Group("all categories", tuple(categories)))
    return tuple(each for each in offered if radar.LEAST_AXES <= len(each.places) <= radar.MOST_AXES)


def _ranks(values: Sequence[float | None]) -> list[Json]:
    """Of each condition: "2= of 5" with the percentile rank, 0–100; None for one without an accuracy."""
    placed = ranks({str(place): value for place, value in enumerate(values)})
    return [
        None if each is None else [f"{each.text} of {each.population}", each.percentile]
        for each in placed.values()
    ]
