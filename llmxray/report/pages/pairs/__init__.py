"""Is A really better than B, and where? One page per pair of conditions, all on the same questions.

``pairs.html`` shows the default pair, the best against its rival; every other pair has a page of its own, so that
each can be read and cited without scripts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from llmxray.report.analysis import Analysis, Pair
from llmxray.report.analysis.questions import Question, Verdicts, questions_of, verdicts
from llmxray.report.pages.pairs.parts import facts, groups_views, square
from llmxray.report.widgets.frame import Values, framed
from llmxray.report.widgets.pair_links import address, paged
from llmxray.report.wording.verdicts import compared

if TYPE_CHECKING:
    from llmxray.report.widgets.render import Renderer


def write(renderer: Renderer, analysis: Analysis) -> None:
    """Write the page of every pair."""
    questions = questions_of(analysis)
    # Verdicts once for all pages: they go through every question.
    folder, right = analysis.data.name, verdicts(analysis.data, questions)
    for pair in paged(analysis):
        path = f"{folder}/{address(analysis, pair)}"
        renderer.page(path, "pages/pairs/page.html", make(analysis, pair, questions, right))


def make(analysis: Analysis, pair: Pair, questions: Sequence[Question], right: Verdicts) -> Values:
    """The page of one pair."""
    return framed(
        analysis.data,
        "pairs",
        f"{pair.a.label} against {pair.b.label}",
        # ``a`` is the more accurate, or the earlier in the plan when both are equal.
        a=pair.a,
        b=pair.b,
        lede=compared(analysis, pair),
        facts=facts(analysis, pair),
        square=square(pair, questions, right),
        groups=groups_views(analysis, pair),
    )
