"""Accuracy and ECE-15 of every condition on every suite: what is handed to other tools."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from llmxray.metrics import calibration
from llmxray.report.analysis import Analysis, accuracy_of, seeded
from llmxray.report.analysis.confidence import ECE_15, columns
from llmxray.types import Estimate, Outcome


def scores(analysis: Analysis) -> dict[tuple[str, str], Mapping[str, Estimate]]:
    """Estimates by (condition, suite), then by metric; without a scored trial there is no entry."""
    found: dict[tuple[str, str], Mapping[str, Estimate]] = {}
    for view in analysis.views:
        for suite in analysis.suites:
            rows = tuple(row for row in view.of(suite=suite) if row.outcome is not Outcome.UNSCORED)
            accuracy = accuracy_of(rows)
            if accuracy.value is None:
                continue
            sure = columns(replace(view, rows=rows))
            error = calibration.bootstrap(
                ECE_15.statistic,
                sure.confidence,
                sure.correct,
                seeded(analysis.data.name, view.id, suite, ECE_15.anchor),
                n_resamples=ECE_15.resamples,
                clusters=sure.clusters,
            )
            found[view.id, suite] = {
                "accuracy": accuracy,
                **({} if error.value is None else {"ece": error}),
            }
    return found
