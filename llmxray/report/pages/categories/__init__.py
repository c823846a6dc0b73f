"""Where each condition is strong and weak: heatmap, extremes, skills, radar."""

from __future__ import annotations

from llmxray.report import numbers
from llmxray.report.analysis import ALPHA, Analysis, ConditionResults
from llmxray.report.analysis.by_category import grouping
from llmxray.report.analysis.leaders import categories_of
from llmxray.report.pages.categories import unevenness
from llmxray.report.pages.categories.profiles import profile
from llmxray.report.widgets.butterfly import butterfly
from llmxray.report.widgets.frame import Values, framed
from llmxray.report.widgets.heatmap import FEW, heatmap
from llmxray.report.wording import labels
from llmxray.types import Estimate


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
            ("spreads", "Specialist or balanced?", unevenness.spread(analysis)),
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
    found = unevenness.by_category(analysis, best)
    overall = analysis.accuracies[best.id].value
    if overall is None:
        return "No trial has a whole reply, so no category has an accuracy."
    if len(found) < 2:
        return f"{best.label} answers {numbers.percent(overall)} right; {_too_few(analysis)}."
    low, high = found[-1][2], found[0][2]
    if low.value == high.value:
        return (
            f"{best.label} answers {numbers.percent(low.value)} right in every one of {len(found)} categories "
            f"with {FEW} questions or more."
        )
    worst, top = (labels.of_category(analysis, *each[:2]) for each in (found[-1], found[0]))
    sentence = (
        f"{best.label} ranges from {numbers.percent(low.value)} in {worst} to {numbers.percent(high.value)} in {top}: "
        f"one number hides that."
    )
    sizes = f"The lowest is of {_size(analysis, *found[-1])}, the highest of {_size(analysis, *found[0])}."
    return " ".join(filter(None, (sentence, _certain(analysis, best), sizes)))


def _size(analysis: Analysis, suite: str, category: str, found: Estimate) -> str:
    """Of how many questions a share is, and of how many options, which guessing depends on."""
    items = [item for (of, _), item in analysis.items.items() if (of, item.category) == (suite, category)]
    n = numbers.plural(found.n, "question")
    if analysis.chance_of([suite]) is None:
        return n
    options = sorted({len(item.choices) for item in items})
    return f"{n} with {' to '.join(map(str, dict.fromkeys((options[0], options[-1]))))} options"


def _too_few(analysis: Analysis) -> str:
    """Why no two categories of it can be compared."""
    n = len(categories_of(analysis))
    if n < 2:
        return "there is one category only" if n else "the questions are in no categories"
    return f"fewer than two of {n} categories have {FEW} questions or more"


def _certain(analysis: Analysis, view: ConditionResults) -> str:
    """Whether suites, and categories of the same suite, differ by more than luck."""
    suites, categories = unevenness.between_suites(analysis, view), unevenness.within_suites(analysis, view)
    said = "" if suites is None else f"Its suites {_told(suites)}"
    if categories is None:
        return said and f"{said}."
    if suites is None:
        return f"{'Its' if categories < ALPHA else 'But its'} categories {_told(categories)}."
    other = (suites < ALPHA) != (categories < ALPHA)
    which = f"{'some ' if categories < ALPHA else ''}categories of the same suite"
    return f"{said}{'; but' if other else ', and'} {which} {_told(categories)}."


def _told(p: float) -> str:
    return f"{'differ' if p < ALPHA else 'do not differ'} clearly ({numbers.p_value(p)})"
