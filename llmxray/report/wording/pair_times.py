"""How much longer one of two conditions takes, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionResults, address, median_of
from llmxray.report.sentences import Finding
from llmxray.report.wording.verdicts import doubt


def time_sentences(
    analysis: Analysis, best: ConditionResults, rival: ConditionResults
) -> tuple[Finding, ...]:
    """How much longer one of two conditions takes, and what limits that; none where they share no timed question.

    Every number is of the questions that both answered, as the ratio is.
    """
    timed = on_shared((best, rival), ("latency_s",))
    if not all(view.rows for view in timed):
        return ()
    said = (_slower(analysis, *timed), _of_shared(analysis, (best, rival), timed), _summed(best, rival))
    return tuple(filter(None, said))


type _Two = tuple[ConditionResults, ConditionResults]


def on_shared(pair: _Two, values: Sequence[str]) -> _Two:
    """Two conditions on the questions for which both have the values."""
    known = [view.means(name) for view in pair for name in values]
    first, second = (_among(view, known) for view in pair)
    return first, second


def _among(view: ConditionResults, known: Sequence[Mapping[str, float]]) -> ConditionResults:
    shared = frozenset(view.items).intersection(*known)
    # The same one where nothing goes: what was computed of it is there already.
    if len(shared) == len(view.items):
        return view
    return replace(view, rows=tuple(row for row in view.rows if address(row) in shared))


def _of_shared(analysis: Analysis, pair: _Two, timed: _Two) -> Finding | None:
    """Which questions the times are of; None where they are of all that either was asked."""
    asked, times = (
        {analysis.design.question(item) for view in views for item in view.items} for views in (pair, timed)
    )
    return Finding("pairs.timed", n=len(times)) if times != asked else None


def _slower(analysis: Analysis, best: ConditionResults, rival: ConditionResults) -> Finding | None:
    slow, fast = best, rival
    ratio = analysis.pairing.latency_ratio(slow, fast)
    if ratio.value is None:
        return None
    if ratio.value < 1:
        slow, fast, ratio = rival, best, analysis.pairing.latency_ratio(rival, best)
    medians = [median_of(view, "latency_s").value for view in (slow, fast)]
    first, second = map(numbers.in_one_unit(numbers.seconds, *medians), medians)
    # Without an interval (fewer than twenty questions) it is what was recorded, and no claim.
    return Finding(
        "pairs.as-fast" if (ratio.low or ratio.value or 0.0) <= 1 else "pairs.slower",
        slow=slow,
        fast=fast,
        ratio=numbers.ratio_within(ratio),
        doubt=doubt(ratio, numbers.ratio),
        first=first,
        second=second,
    )


def _summed(best: ConditionResults, rival: ConditionResults) -> Finding | None:
    forced = [view.label for view in (best, rival) if view.condition.answer == "likelihood"]
    return Finding("pairs.summed", names=forced) if forced else None
