"""Whether the most accurate condition is the best calibrated one as well, and why a condition has no calibration."""

from __future__ import annotations

import math
from collections.abc import Sequence

from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionResults, confidence
from llmxray.types import Estimate, Outcome

_EQUAL = 1e-12


def calibrated(analysis: Analysis) -> str:
    """Whether the highest accuracy and the lowest ECE-15 go together; "" where confidences cannot be compared."""
    # Of other questions, an accuracy or an error is no higher or lower.
    of = analysis.common
    # The few confidences of a condition whose answers were mostly cut off are not its calibration.
    views = [view for view in of.ranked if 2 * confidence.columns(view).n >= max(1, len(view.rows))]
    # Errors of confidences of two kinds are no two values of one thing.
    if len(views) < 2 or not of.is_comparable or confidence.differ_in_kind(views):
        return ""
    errors = {view.id: confidence.estimate(of, view, confidence.ECE_15) for view in views}
    best, least = views[0], min(errors[view.id].value or 0.0 for view in views)
    # Equal errors that were added up in another order differ in their last bits.
    calms = [view for view in views if (errors[view.id].value or 0.0) - least < _EQUAL]
    top = [view for view in views if of.accuracies[view.id].value == of.accuracies[best.id].value]
    among = "" if len(views) == len(of.ranked) else " among those with a confidence"
    names, verb = numbers.listed([view.label for view in top]), "has" if len(top) == 1 else "have"
    which = f"On the {of.answered_questions}, " if of is not analysis else ""
    opening = f"{which}{names} {verb} the highest accuracy{among}"
    calm = next((view for view in calms if view in top), calms[0])
    calmest = numbers.listed([view.label for view in calms])
    if calm in top:
        rest = [view for view in views if view not in calms] or [view for view in views if view is not calm]
        other = min(rest, key=lambda view: errors[view.id].value or 0.0)
        opening += (
            " and the lowest ECE-15 as well"
            if len(top) == len(calms) == 1
            else f", and {calmest} the lowest ECE-15"
        )
    else:
        other = best
        opening += f", {calmest} the lowest ECE-15"
    # Picked by the data as the extremes of so many conditions, so the interval is adjusted for every pair of them.
    n_pairs = math.comb(len(views), 2)
    difference = confidence.ece_difference(of, other, calm, n_pairs)
    values = (
        f"{numbers.percent(errors[calm.id].value)} against {numbers.percent(errors[other.id].value)} "
        f"for {other.label}"
    )
    first = f"{opening}: {values}{_apart(difference, n_pairs)}."
    told = difference.low is not None and difference.low > 0
    if difference.value is not None and not told:
        first += f" The calibration of {calm.label} and {other.label} does not differ significantly."
    elif told and calm not in top:
        first = f"Accuracy is not calibration: {first}"
    return first


def _apart(difference: Estimate, n_pairs: int) -> str:
    """How far apart two errors are on the questions that they share; "" where they share none."""
    if difference.value is None:
        return ""
    adjusted = f", adjusted for {numbers.plural(n_pairs, 'pair')}" if n_pairs > 1 else ""
    ends = (
        f"95% {numbers.points_interval(difference)}{adjusted}"
        if difference.low is not None
        else "no interval"
    )
    about = f"{ends}; {numbers.plural(difference.n, 'question')}"
    return f" ({numbers.in_points(difference.value)} apart, {about})"


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
