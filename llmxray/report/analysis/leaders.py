"""Who is ahead of whom, and of guessing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from llmxray.metrics.contrasts import p_above
from llmxray.plan import PROMPTS
from llmxray.report.analysis import Analysis, ConditionResults, Pair, significant
from llmxray.types import Estimate


def rival_of(analysis: Analysis) -> ConditionResults | None:
    """Whom the best is compared with: the baseline that the analysis names, else the plan's first, or the next best.

    One that is another model and was asked in another way as well is the rival only where it is named, or there is no
    other: of a difference in two things nobody knows to which it is due.
    """
    best = analysis.ranked[0]
    named = analysis.named_baselines
    others = named if named and best not in named else (analysis.baseline, *analysis.ranked)
    rivals = [view for view in others if view.id != best.id]
    return next((view for view in rivals if _is_like(view, best)), next(iter(rivals), None))


def lead_pair(analysis: Analysis) -> Pair | None:
    """The pair that an experiment is about; None with one condition, or where nothing is scored.

    That of the file's first prediction which compares two conditions, else the best against its rival.
    """
    if not analysis.suites:
        return None
    known = {view.id: view for view in analysis.views}
    for each in analysis.data.experiment.predictions:
        if each.of in known and each.against in known and each.of != each.against:
            return analysis.pair(known[each.of], known[str(each.against)])
    rival = rival_of(analysis)
    return None if rival is None else analysis.pair(analysis.ranked[0], rival)


def _is_like(view: ConditionResults, other: ConditionResults) -> bool:
    """Whether two conditions are one model, or were asked in one way."""
    a, b = view.condition, other.condition
    same_way = (a.answer, a.layout, a.system, a.sampling) == (b.answer, b.layout, b.system, b.sampling)
    return (a.endpoint, a.model) == (b.endpoint, b.model) or same_way


def order(pair: Pair) -> tuple[ConditionResults, ConditionResults, Estimate]:
    """Who is ahead on the questions that both answered, who is behind, and by how much.

    The more accurate condition may be behind on them, where one of the two was asked others besides.
    """
    if (pair.difference.value or 0.0) >= 0:
        return pair.a, pair.b, pair.difference
    return pair.b, pair.a, turned(pair.difference)


def turned(gap: Estimate) -> Estimate:
    """A difference taken the other way round."""
    value, low, high = (None if each is None else -each for each in (gap.value, gap.high, gap.low))
    return replace(gap, value=value, low=low, high=high)


def categories_of(analysis: Analysis) -> list[tuple[str, str]]:
    """Every (suite, category) that is scored, suites in plan order, categories in the suite's order.

    The prompts of a comparison are no categories.
    """
    return [
        (suite, category)
        for suite in analysis.suites
        if suite != PROMPTS
        for category in dict.fromkeys(item.category for item in analysis.plan.suites[suite].items)
        if category
    ]


def above_guessing(analysis: Analysis, view: ConditionResults) -> bool | None:
    """Whether a choice among options is shown to be right more often than blind guessing; None where nothing tells.

    By the test of a prediction against guessing, so that no two sentences disagree.
    """
    # Options that are not shown cannot be guessed among.
    if analysis.chance is None or view.condition.answer not in ("letter", "likelihood"):
        return None
    shares = np.array(list(analysis.question_means(view).values()), dtype=np.float64)
    return significant(p_above(shares, analysis.guessing(view))) if shares.size else None
