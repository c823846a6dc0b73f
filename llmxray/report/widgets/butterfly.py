"""Two conditions category by category: a wing each, the categories between them, the largest difference first."""

from __future__ import annotations

from dataclasses import dataclass

from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionResults, Pair
from llmxray.report.analysis.by_category import grouping
from llmxray.report.links import questions_href
from llmxray.report.widgets import quantised
from llmxray.report.widgets.heatmap import FEW


@dataclass(frozen=True, slots=True)
class Wing:
    """One bar; ``width`` is a class of quantised.css, ``css`` the colour class of its condition."""

    css: str
    text: str
    width: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A line.

    Attributes:
        suite: its title, "" where there is one only.
        few: fewer questions than a share can be told of.
        differs: significant after Holm correction over all categories.
    """

    name: str
    suite: str
    n: str
    few: bool
    differs: bool
    wings: tuple[Wing, Wing]


@dataclass(frozen=True, slots=True, kw_only=True)
class Butterfly:
    """The picture."""

    a: ConditionResults
    b: ConditionResults
    lines: tuple[Category, ...]


def butterfly(analysis: Analysis, pair: Pair) -> Butterfly | None:
    """The picture of a pair; None under three categories."""
    found = analysis.pairing.groups(pair.a, pair.b, grouping(analysis))
    if len(found) < 3:
        return None
    several = len(analysis.suites) > 1
    lines = tuple(
        Category(
            name=each.name,
            suite=analysis.label_of_suite(each.suite) if several else "",
            n=numbers.count(each.n),
            few=each.n < FEW,
            differs=each.differs,
            wings=(
                _wing(pair.a, each.a / each.n, each.suite, each.name),
                _wing(pair.b, each.b / each.n, each.suite, each.name),
            ),
        )
        for each in sorted(found, key=lambda each: -(each.difference.value or 0.0))
    )
    return Butterfly(a=pair.a, b=pair.b, lines=lines)


def _wing(view: ConditionResults, share: float, suite: str, category: str) -> Wing:
    href = questions_href(condition=view.id, suite=suite, category=category)
    return Wing(view.css, numbers.percent(share), quantised.width(share), href)
