"""Why a condition has no calibration."""

from __future__ import annotations

from collections.abc import Sequence

from llmxray.report import numbers
from llmxray.report.analysis import ConditionView, confidence
from llmxray.report.analysis.confidence import Pool
from llmxray.report.sentences import Finding, Joined
from llmxray.types import Outcome


def differ_in_kind(views: Sequence[ConditionView]) -> Finding | None:
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


def without_confidence(views: Sequence[ConditionView]) -> dict[str, list[str]]:
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
