"""Why a condition has no calibration."""

from __future__ import annotations

from collections.abc import Sequence

from llmxray.report.analysis import ConditionResults
from llmxray.types import Outcome


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
