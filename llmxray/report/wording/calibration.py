"""Whether the most accurate condition is the best calibrated one as well, and why a condition has no calibration."""

from __future__ import annotations

import math
from collections.abc import Sequence

from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionResults, confidence
from llmxray.report.analysis.confidence import Pool
from llmxray.report.sentences import Finding, Joined
from llmxray.types import Outcome

_EQUAL = 1e-12


def calibrated(analysis: Analysis) -> Finding | None:
    """Whether the highest accuracy and the lowest ECE-15 go together; None where confidences cannot be compared."""
    # Of other questions, an accuracy or an error is no higher or lower.
    of = analysis.common
    # The few confidences of a condition whose answers were mostly cut off are not its calibration.
    views = [view for view in of.ranked if 2 * confidence.columns(view).n >= max(1, len(view.rows))]
    # Errors of confidences of two kinds are no two values of one thing.
    if len(views) < 2 or not of.is_comparable or len(confidence.kinds_of(views)) > 1:
        return None
    errors = {view.id: confidence.estimate(of, view, confidence.ECE_15).value or 0.0 for view in views}
    best, least = views[0], min(errors.values())
    # Equal errors that were added up in another order differ in their last bits.
    calms = [view for view in views if errors[view.id] - least < _EQUAL]
    top = [view for view in views if of.accuracies[view.id].value == of.accuracies[best.id].value]
    calm = next((view for view in calms if view in top), calms[0])
    other = best
    if calm in top:
        rest = [view for view in views if view not in calms] or [view for view in views if view is not calm]
        other = min(rest, key=lambda view: errors[view.id])
    # Picked by the data as the extremes of so many conditions, so the interval is adjusted for every pair of them.
    n_pairs = math.comb(len(views), 2)
    difference = confidence.ece_difference(of, other, calm, n_pairs)
    is_known = difference.low is not None
    differs = difference.low is not None and difference.low > 0
    found = Finding(
        "calibration.both" if calm in top and len(top) == len(calms) == 1 else "calibration.two",
        which=f"On the {of.answered_questions}, " if of is not analysis else "",
        top=numbers.listed([view.label for view in top]),
        has="has" if len(top) == 1 else "have",
        among="" if len(views) == len(of.ranked) else " among those with a confidence",
        comma=", and" if calm in top else ",",
        calmest=numbers.listed([view.label for view in calms]),
        calm="" if differs or difference.value is None else calm.label,
        other=other.label,
        errors=Finding(
            "calibration.errors",
            least=errors[calm.id],
            most=errors[other.id],
            other=other.label,
            difference=difference,
            ends=None
            if difference.value is None
            else f"95% {numbers.points_interval(difference)}"
            if is_known
            else "no interval",
            adjusted=f", adjusted for {numbers.plural(n_pairs, 'pair')}" if n_pairs > 1 and is_known else "",
        ),
    )
    return Finding("calibration.another", two=found) if differs and calm not in top else found


def differ_in_kind(views: Sequence[ConditionResults]) -> Finding | None:
    """That confidences of several kinds are not to be compared; None for one kind."""
    kinds = [
        Finding(
            f"calibration.kind-{kind if kind in ('letter', 'likelihood', 'text') else 'other'}",
            names=names,
            kind=kind,
        )
        for kind, names in confidence.kinds_of(views).items()
    ]
    return Finding("calibration.kinds", kinds=Joined(*kinds)) if len(kinds) > 1 else None


def pool_name(pool: Pool) -> Finding:
    """The questions of a pool: "questions with 4 options"; "questions" where all have equally many."""
    kind = "any-options" if pool.options is None else "options" if pool.options else "no-options"
    return Finding(f"calibration.{kind}", n=pool.options)


def pooled_questions(pools: Sequence[Pool]) -> str:
    """Which questions are pooled, such as "the 420 questions with 4 options, of 645"; "" where all of them are."""
    restricted = dict.fromkeys(pool for pool in pools if pool.options is not None)
    return numbers.listed(
        [str(Finding("calibration.pool", pool=pool, name=pool_name(pool))) for pool in restricted]
    )


def without_confidence(views: Sequence[ConditionResults]) -> dict[str, list[str]]:
    """Why conditions have no option confidence, each reason with the names of the conditions."""
    grouped: dict[str, list[str]] = {}
    for view in views:
        reasons = dict.fromkeys(row.missing_why for row in view.rows if row.missing_why)
        failed = all(row.outcome in (Outcome.ERROR, Outcome.UNREAD) for row in view.rows)
        why = "; ".join(reasons) or (
            "no trial has a whole reply that is read" if failed else "nothing was recorded"
        )
        grouped.setdefault(why, []).append(view.label)
    return grouped
