"""Two conditions category by category: a wing each, the categories between them, the largest difference first."""

from __future__ import annotations

from collections.abc import Sequence

from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionResults, Pair
from llmxray.report.analysis.by_category import FEW
from llmxray.report.analysis.pairing import GroupGap
from llmxray.report.widgets import quantised
from llmxray.report.widgets.frame import Values


def butterfly(analysis: Analysis, pair: Pair, found: Sequence[GroupGap]) -> Values | None:
    """The picture of a pair, a line a category, from its gaps by category; None under three categories."""
    if len(found) < 3:
        return None
    several = len(analysis.suites) > 1
    lines = tuple(
        Values(
            name=each.name,
            suite=analysis.label_of_suite(each.suite) if several else "",
            n=numbers.count(each.n),
            # Fewer questions than a share can be told of.
            few=each.n < FEW,
            differs=each.differs,
            wings=(
                _wing(analysis, pair.a, each.a / each.n, each.suite, each.name),
                _wing(analysis, pair.b, each.b / each.n, each.suite, each.name),
            ),
        )
        for each in sorted(found, key=lambda each: -(each.difference.value or 0.0))
    )
    return Values(a=pair.a, b=pair.b, lines=lines)


def _wing(analysis: Analysis, view: ConditionResults, share: float, suite: str, category: str) -> Values:
    """One bar, in the colour of its condition."""
    href = analysis.contents.questions(condition=view.id, suite=suite, category=category)
    return Values(css=view.css, text=numbers.percent(share), width=quantised.width(share), href=href)
