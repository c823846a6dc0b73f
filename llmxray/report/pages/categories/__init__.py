"""Where each condition is strong and weak: heatmap, extremes, skills, radar."""

from __future__ import annotations

from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionResults
from llmxray.report.analysis.by_category import grouping
from llmxray.report.analysis.leaders import categories_of
from llmxray.report.pages.categories import unevenness
from llmxray.report.pages.categories.profiles import profile
from llmxray.report.widgets.butterfly import butterfly
from llmxray.report.widgets.frame import Values, framed
from llmxray.report.widgets.heatmap import FEW, heatmap
from llmxray.report.wording.claim_words import claimed


def make(analysis: Analysis) -> Values:
    """The categories page of an experiment; a part is None where the suites say nothing of the kind."""
    return framed(
        analysis.data,
        "categories",
        "Categories",
        lede=_lede(analysis),
        heatmap=heatmap(analysis),
        butterfly=_butterfly(analysis),
        tables=(
            ("extremes", "Best and worst", unevenness.extremes(analysis)),
            ("spreads", "Balanced or spiky?", unevenness.shapes(analysis)),
            ("subjects", "STEM and humanities", unevenness.subjects(analysis)),
            ("skills", "Recall and reasoning", unevenness.skills(analysis)),
        ),
        profile=profile(analysis),
    )


def _butterfly(analysis: Analysis) -> Values | None:
    """Of two conditions; of more there is a page a pair."""
    if len(analysis.views) != 2:
        return None
    (pair,) = analysis.pairs
    return butterfly(analysis, pair, analysis.pairing.groups(pair.a, pair.b, grouping(analysis)))


def _lede(analysis: Analysis) -> str:
    best = analysis.ranked[0]
    overall = analysis.accuracies[best.id].value
    if overall is None:
        return "No trial has a whole reply, so no category has an accuracy."
    # Within a suite: from one to another guessing gets more or less, and questions are harder.
    categories = unevenness.by_category(analysis, best)
    of_suites = [[each for each in categories if each[0] == suite] for suite in analysis.suites]
    known = [each for each in of_suites if len(each) > 1]
    if not known:
        return f"{best.label} answers {numbers.percent(overall)} right; {_too_few(analysis)}."
    found = max(known, key=lambda each: (each[0][2].value or 0.0) - (each[-1][2].value or 0.0))
    (suite, top, high), (_, worst, low) = found[0], found[-1]
    where = f"In {analysis.label_of_suite(suite)}, " if len(analysis.suites) > 1 else ""
    if low.value == high.value:
        return (
            f"{where}{best.label} answers {numbers.percent(low.value)} right in every one of {len(found)} categories "
            f"with {FEW} questions or more."
        )
    said = (
        f"{where}{best.label} ranges from {numbers.percent(low.value)} in {worst} to {numbers.percent(high.value)} in "
        f"{top}: one number hides that.",
        _certain(analysis, best),
        f"Each of the two has {numbers.plural(low.n, 'question')}."
        if low.n == high.n
        else f"The lowest is of {numbers.plural(low.n, 'question')}, the highest of {high.n}.",
    )
    return " ".join(filter(None, said))


def _too_few(analysis: Analysis) -> str:
    """Why no two categories of it can be compared."""
    n = len(categories_of(analysis))
    if n < 2:
        return "there is one category only" if n else "the questions are in no categories"
    if len(analysis.suites) > 1:
        return f"no suite has two categories with {FEW} questions or more"
    return f"fewer than two of {n} categories have {FEW} questions or more"


def _certain(analysis: Analysis, view: ConditionResults) -> str:
    """Whether categories of the same suite differ by more than luck; "" without two of one suite."""
    test = unevenness.uneven(analysis)[view.id]
    if test.p_holm is None:
        return ""
    which = "Some categories" if test.is_significant else "Categories"
    whose = " of the same suite" if len(analysis.suites) > 1 else ""
    differ = f"differ {claimed('clearly', test)}" if test.is_significant else "do not differ significantly"
    return f"{which}{whose} {differ} ({test.doubt})."
