"""Is A really better than B, and where? One page per pair of conditions, all on the same questions.

``pairs.html`` shows the default pair, the best against its rival; every other pair has a page of its own, so that
each can be read and cited without scripts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmxray.report.analysis import Analysis, ConditionResults, Pair
from llmxray.report.analysis.questions import Question, Verdicts, questions_of, verdicts
from llmxray.report.pages.pairs.groups import GroupsView, groups_views
from llmxray.report.pages.pairs.numbers_of_pair import Square, facts, square
from llmxray.report.widgets.frame import Framed, footer, nav
from llmxray.report.widgets.pair_links import address, paged
from llmxray.report.wording.verdicts import Finding, compared

if TYPE_CHECKING:
    from llmxray.report.widgets.render import Renderer


@dataclass(frozen=True, slots=True, kw_only=True)
class PairPage(Framed):
    """One pair; ``a`` is the more accurate, or the earlier in the plan when both are equal.

    Attributes:
        square: right and wrong, two by two.
    """

    a: ConditionResults
    b: ConditionResults
    lede: str
    facts: tuple[Finding, ...]
    square: Square
    groups: tuple[GroupsView, ...]


def write(renderer: Renderer, analysis: Analysis) -> None:
    """Write the page of every pair."""
    questions = questions_of(analysis)
    # Verdicts once for all pages: they go through every question.
    folder, right = analysis.data.name, verdicts(analysis.data, questions)
    for pair in paged(analysis):
        path = f"{folder}/{address(analysis, pair)}"
        renderer.page(path, "pages/pairs/page.html", make(analysis, pair, questions, right))


def make(analysis: Analysis, pair: Pair, questions: Sequence[Question], right: Verdicts) -> PairPage:
    """The page of one pair."""
    return PairPage(
        title=f"{pair.a.label} against {pair.b.label}",
        nav=nav(analysis.data, "pairs"),
        a=pair.a,
        b=pair.b,
        lede=compared(analysis, pair),
        facts=facts(analysis, pair),
        square=square(pair, questions, right),
        groups=groups_views(analysis, pair),
        footer=footer(analysis.data),
    )
