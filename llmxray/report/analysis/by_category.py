"""A condition's right answers by category: the columns of the tests, and its best and worst within a suite."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from llmxray.metrics import groups
from llmxray.metrics.subjects import group_of
from llmxray.plan import PROMPTS, item_address
from llmxray.report.analysis.experiment import Analysis, ConditionView
from llmxray.report.analysis.pairing import Corrected, Tested, adjusted, corrected_by
from llmxray.report.analysis.rows import memoized, seeded
from llmxray.types import Estimate, Item

FEW = 10
"""A category with fewer questions would be best or worst by luck alone, and gets no colour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """The categories of a suite with `FEW` questions or more, at least two, as a condition answered them.

    Attributes:
        categories: with their accuracies, best first.
        columns: share of right answers to each question, by category.
    """

    suite: str
    categories: tuple[tuple[str, Estimate], ...]
    columns: Mapping[str, list[float]]

    @property
    def width(self) -> float:
        """From the worst to the best."""
        return (self.categories[0][1].value or 0.0) - (self.categories[-1][1].value or 0.0)


@memoized
def ranges(analysis: Analysis, view: ConditionView) -> tuple[Range, ...]:
    """The range of a condition in each suite; the categories of two suites are never compared."""
    ranges = []
    for suite, columns in columns_of(analysis, view.means("right"), by="category").items():
        shares = [(name, analysis.by_category[view.id, suite, name]) for name in columns]
        shares = [share for share in shares if share[1].n >= FEW]
        shares.sort(key=lambda share: -(share[1].value or 0.0))
        if len(shares) > 1:
            kept = {name: columns[name] for name, _ in shares}
            ranges.append(Range(suite=suite, categories=tuple(shares), columns=kept))
    return tuple(ranges)


def widest(analysis: Analysis, view: ConditionView) -> Range | None:
    """The widest range of a condition; None without one."""
    return max(ranges(analysis, view), key=lambda each: each.width, default=None)


@memoized
def unevenness(analysis: Analysis) -> dict[str, Corrected]:
    """The test whether a condition's categories of the same suite differ, over all suites; wordings are averaged."""
    p_values = {}
    for view in analysis.views:
        columns = columns_of(analysis, analysis.question_means(view), by="category")
        p_values[view.id] = groups.uneven([*columns.values()], seeded(analysis.data.name, "uneven", view.id))
    return corrected_by("condition", p_values)


def columns_of(
    analysis: Analysis, means: Mapping[str, float], *, by: str
) -> dict[str, dict[str, list[float]]]:
    """A condition's share of right answers to each question, by suite and then by category, skill or subject group.

    Args:
        means: shares by ``suite/item``.
    """
    columns: dict[str, dict[str, list[float]]] = {}
    named: Mapping[str, Callable[[str, Item], str | None]] = {
        # A prompt's category is its own name.
        "category": lambda suite, item: None if suite == PROMPTS else item.category,
        "skill": lambda _, item: item.skill,
        "group": lambda suite, item: group_of(suite, item.category),
    }
    for (suite, id_), item in analysis.items.items():
        address = item_address(suite, id_)
        if address in means and (name := named[by](suite, item)):
            columns.setdefault(suite, {}).setdefault(name, []).append(means[address])
    return columns


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryGap(Tested):
    """Two conditions on one category of a suite, one of the categories.

    Attributes:
        a, b: questions each got right (sums of fractions where repeats were averaged).
    """

    name: str
    suite: str
    a: float
    b: float


def category_gaps(analysis: Analysis, a: ConditionView, b: ConditionView) -> tuple[CategoryGap, ...]:
    """Two conditions on every category, Holm-adjusted over all of them, in plan order; none where there is only one.

    A prompt of the experiment is in none: its category is its own name.
    """
    of_a, of_b = a.means("right"), b.means("right")
    members: dict[tuple[str, str], list[str]] = {}
    for (suite, id_), item in analysis.items.items():
        address = item_address(suite, id_)
        if suite != PROMPTS and item.category and address in of_a and address in of_b:
            members.setdefault((suite, item.category), []).append(address)
    if len({item.category for (suite, _), item in analysis.items.items() if suite != PROMPTS}) < 2:
        return ()
    gaps = []
    for (suite, name), items in members.items():
        sides = [{item: of[item] for item in items} for of in (of_a, of_b)]
        test = analysis.tested(a, b, *sides)
        # Of questions, as n counts them, where several of their wordings are in the category.
        share = test.difference.n / len(items)
        n_a, n_b = (share * sum(side.values()) for side in sides)
        gaps.append(CategoryGap(name=name, suite=suite, a=n_a, b=n_b, test=test))
    return adjusted("cell", gaps)
