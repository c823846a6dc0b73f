"""Whether the most accurate condition is the best calibrated one as well."""

from __future__ import annotations

import math

from llmxray.report import numbers
from llmxray.report.analysis import Analysis, confidence
from llmxray.report.sentences import Finding


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
    best, calm = views[0], min(views, key=lambda view: errors[view.id])
    other = best if calm is not best else min(views[1:], key=lambda view: errors[view.id])
    # Picked by the data as the extremes of so many conditions, so the interval is adjusted for every pair of them.
    n_pairs = math.comb(len(views), 2)
    difference = confidence.ece_difference(of, other, calm, n_pairs)
    differs = difference.low is not None and difference.low > 0
    found = Finding(
        "calibration.both" if calm is best else "calibration.two",
        which=f"On the {of.answered_questions}, " if of is not analysis else "",
        top=best.label,
        among="" if len(views) == len(of.ranked) else " among those with a confidence",
        calmest=calm.label,
        unclear="" if differs or difference.value is None else calm.label,
        other=other.label,
        errors=Finding(
            "calibration.errors",
            least=errors[calm.id],
            most=errors[other.id],
            other=other.label,
            difference=difference,
            ends=None if difference.low is None else difference,
            adjusted=f", adjusted for {numbers.plural(n_pairs, 'pair')}" if n_pairs > 1 else "",
        ),
    )
    return Finding("calibration.another", two=found) if differs and calm is not best else found
