"""Is A really better than B, and where? One page per pair of conditions, all on the same questions.

``pairs.html`` shows the pair that the experiment is about; every other pair has a page of its own, so that each can be
read and cited without scripts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from llmxray.plan import PROMPTS
from llmxray.report.analysis import Analysis, Pair
from llmxray.report.analysis.applies import same_weights
from llmxray.report.analysis.by_category import FEW, CategoryGap, category_gaps
from llmxray.report.analysis.leaders import page_of, paged
from llmxray.report.analysis.questions import Question, Verdicts, questions_of, verdicts
from llmxray.report.analysis.similarity import same_reply
from llmxray.report.sentences import Finding, Joined
from llmxray.report.widgets.frame import TemplateValues, framed
from llmxray.report.widgets.render import Output
from llmxray.report.wording.speed import time_sentences
from llmxray.report.wording.verdicts import compared


def write_page(renderer: Output, analysis: Analysis) -> None:
    """Write the page of every pair."""
    questions = questions_of(analysis)
    # Verdicts once for all pages: they go through every question.
    folder, right = analysis.data.name, verdicts(analysis.data, questions)
    names = {f"{page_of(analysis, pair)}.html": pair for pair in paged(analysis)}
    for name, pair in names.items():
        renderer.page(
            f"{folder}/{name}", "pages/pairs/page.html", page_values(analysis, pair, questions, right)
        )
    renderer.remove_old(f"{folder}/pairs.*html", names)


def page_values(
    analysis: Analysis, pair: Pair, questions: Sequence[Question], right: Verdicts
) -> TemplateValues:
    """The page of one pair."""
    return framed(
        analysis.data,
        "pairs",
        f"{pair.a.label} against {pair.b.label}",
        # ``a`` is the more accurate, or the earlier in the plan when both are equal.
        a=pair.a,
        b=pair.b,
        headline=compared(analysis, pair),
        times=Joined(*time_sentences(analysis, pair.a, pair.b)),
        replies=Joined(*_replies(analysis, pair)),
        # A majority of several answers cannot explain the test, which takes each question's share of right ones.
        square=None if analysis.answers > 1 else _square(analysis, pair, questions, right),
        categories=_categories(analysis, pair),
    )


def _square(analysis: Analysis, pair: Pair, questions: Sequence[Question], right: Verdicts) -> TemplateValues:
    """Right and wrong of both, over the ``n`` questions that both answered.

    Its cells are by whether a and whether b is right; what only one got right is what the test counts.
    """
    known = [both for both in zip(right[pair.a.id], right[pair.b.id], strict=True) if None not in both]

    def cell(hits: tuple[bool, bool]) -> TemplateValues:
        n = known.count(hits)
        hit_by, missed_by = (
            ",".join(view.id for view, hit in zip((pair.a, pair.b), hits, strict=True) if hit is wanted)
            for wanted in (True, False)
        )
        link = analysis.contents.questions(right=hit_by, wrong=missed_by) if n else ""
        return TemplateValues(n=n, share=n / len(known) if known else 0.0, href=link)

    cells = {(of_a, of_b): cell((of_a, of_b)) for of_a in (True, False) for of_b in (True, False)}
    return TemplateValues(cells=cells, n=len(known), left_out=pair.difference.n_missing)


def _replies(analysis: Analysis, pair: Pair) -> Iterator[Finding]:
    """How many replies one model gives at both of two settings; nothing of two models."""
    views = (pair.a, pair.b)
    if {pair.a.id, pair.b.id} not in ({a.id, b.id} for a, b in same_weights(analysis.plan)):
        return
    same = same_reply(*views)
    if same is None or same.value is None:
        return
    if same.value == 1:
        yield Finding("pairs.all-same")
        return
    suites = [analysis.label_of_suite(name) for name in analysis.plan.suites if name != PROMPTS]
    has_prompts = PROMPTS in analysis.plan.suites
    yield Finding("pairs.same", share=same.value, suites=suites if has_prompts else ())
    # The same request gives the same reply where it is greedy, or its draw is seeded.
    sampling = [view.condition.sampling for view in views]
    if not all(each.get("temperature") == 0 or each.get("seed") is not None for each in sampling):
        yield Finding("pairs.drawn")


def _categories(analysis: Analysis, pair: Pair) -> TemplateValues | None:
    """Where the loser holds, its best categories first; None with fewer than two categories."""
    groups = category_gaps(analysis, pair.a, pair.b)
    if len(groups) < 2:
        return None
    gaps = [group.difference.value or 0.0 for group in groups]
    clear = [gap > 0 for gap, group in zip(gaps, groups, strict=True) if group.differs]
    ahead = ((pair.a, sum(clear)), (pair.b, len(clear) - sum(clear)))
    return TemplateValues(
        said=(
            Finding("pairs.level", pair=pair, level=sum(gap <= 0 for gap in gaps), n=len(groups)),
            Finding("pairs.clear", names=[f"{view.label} in {n}" for view, n in ahead if n])
            if clear
            else Finding("pairs.none-clear"),
        ),
        rows=[
            _row(analysis, pair, group)
            for _, group in sorted(zip(gaps, groups, strict=True), key=lambda of: of[0])
        ],
    )


def _row(analysis: Analysis, pair: Pair, group: CategoryGap) -> TemplateValues:
    return TemplateValues(
        group=group,
        suite=analysis.label_of_suite(group.suite) if len(analysis.suites) > 1 else "",
        # Fewer questions than a share can be told of.
        is_few=group.difference.n < FEW,
        sides=[
            (
                view,
                hits / group.difference.n,
                analysis.contents.questions(condition=view.id, suite=group.suite, category=group.name),
            )
            for view, hits in ((pair.a, group.a), (pair.b, group.b))
        ],
    )
