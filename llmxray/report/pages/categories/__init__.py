"""Where each condition is strong and weak: heatmap, best and worst, kinds of questions, profile."""

from __future__ import annotations

from collections import Counter

from llmxray.report.analysis import Analysis
from llmxray.report.analysis.by_category import FEW, unevenness, widest
from llmxray.report.analysis.leaders import categories_of, cells_above_guessing
from llmxray.report.pages.categories.extremes import best_and_worst, kinds
from llmxray.report.pages.categories.heat_blocks import heatmap
from llmxray.report.pages.categories.profiles import profile
from llmxray.report.sentences import Finding, Joined
from llmxray.report.widgets.frame import Values, framed
from llmxray.report.wording.claim_words import claimed
from llmxray.types import Estimate


def make(analysis: Analysis) -> Values:
    """The categories page of an experiment; a part is None where the suites say nothing of the kind."""
    return framed(
        analysis.data,
        "categories",
        "Categories",
        headline=_headline(analysis),
        lead=_lead(analysis),
        heatmap=heatmap(analysis),
        extremes=best_and_worst(analysis),
        kinds=kinds(analysis),
        profile=profile(analysis),
    )


def _headline(analysis: Analysis) -> Finding:
    best = analysis.ranked[0]
    overall = analysis.accuracies[best.id].value
    if overall is None:
        return Finding("categories.no-reply")
    found = widest(analysis, best)
    if found is None:
        return Finding("categories.alone", view=best, share=overall, why=_too_few(analysis))
    if not found.width:
        share, suite = found.categories[0][1].value, _suite(analysis, found.suite)
        return Finding("categories.equal", view=best, share=share, suite=suite)
    if not unevenness(analysis)[best.id].is_significant:
        return Finding("categories.open", view=best)
    (top, high), (bottom, low) = found.categories[0], found.categories[-1]
    return Finding("categories.spread", view=best, top=top, best=high, bottom=bottom, worst=low)


def _lead(analysis: Analysis) -> Finding:
    """Of which set the headline speaks, in how many categories the best is ahead, and who is above guessing where."""
    best, *others = analysis.ranked
    found, where = widest(analysis, best), None
    if found is not None and found.width:
        (top, high), (bottom, low) = found.categories[0], found.categories[-1]
        test = unevenness(analysis)[best.id]
        where = Finding(
            "categories.where" if test.is_significant else "categories.widest",
            suite=_suite(analysis, found.suite),
            clearly=claimed("clearly", test) if test.is_significant else "",
            test=test,
            top=top,
            best=high,
            bottom=bottom,
            worst=low,
        )
    tests = [each for each in cells_above_guessing(analysis).items() if each[1].family == "cell"]
    clear = Counter(view for (view, _, _), test in tests if test.is_significant)
    most = max((clear[view.id] for view in others), default=0)
    return Joined(
        where,
        Finding(
            "categories.ahead" if others else "categories.alone-clear",
            ahead=sum(_is_ahead(analysis, *each) for each in categories_of(analysis)),
            n=len(categories_of(analysis)),
            clear=clear[best.id] if any(test.p_holm is not None for _, test in tests) else None,
            others=Finding("categories.others" if most else "categories.no-other", most=most),
        )
        if len(categories_of(analysis)) > 1
        else None,
    )


def _is_ahead(analysis: Analysis, suite: str, category: str) -> bool:
    """Whether the best condition has the highest accuracy in a category, and has it alone."""
    nothing = Estimate(None)
    shares = [
        analysis.by_category.get((view.id, suite, category), nothing).value or 0.0 for view in analysis.ranked
    ]
    return shares[0] > max(shares[1:], default=1.0)


def _suite(analysis: Analysis, suite: str) -> str:
    """The label of a suite; "" where it is the only one."""
    return analysis.label_of_suite(suite) if len(analysis.suites) > 1 else ""


def _too_few(analysis: Analysis) -> Finding:
    """Why no two categories of it can be compared."""
    n = len(categories_of(analysis))
    return Finding(f"categories.{'few' if n > 1 else 'one-category' if n else 'no-category'}", n=n, few=FEW)
