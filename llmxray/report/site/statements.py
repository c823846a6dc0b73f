"""What a report states, without a page of it: no charts and no templates are loaded for it."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import replace

from llmxray.report.analysis import Analysis, ExperimentData, accuracy_of
from llmxray.report.analysis import gate as gating
from llmxray.report.analysis.confidence import ECE_15, columns, estimate_of
from llmxray.report.wording.gate import GateFinding
from llmxray.types import Estimate, GateMetric, Outcome


def scores_of(data: ExperimentData) -> dict[tuple[str, str], Mapping[str, Estimate]]:
    """Accuracy and ECE-15 by (condition, suite): what is handed to other tools.

    Without a scored trial there is no entry, and without confidences no ECE.
    """
    found: dict[tuple[str, str], Mapping[str, Estimate]] = {}
    analysis = Analysis(data)
    for view, suite in itertools.product(analysis.views, analysis.suites):
        rows = tuple(row for row in view.of(suite=suite) if row.outcome is not Outcome.UNSCORED)
        accuracy = accuracy_of(rows, view.design)
        if accuracy.value is None:
            continue
        sure = columns(replace(view, rows=rows))
        error = estimate_of((sure,), ECE_15, data.name)
        found[view.id, suite] = {"accuracy": accuracy, **({} if error.value is None else {"ece": error})}
    return found


def gate_of(
    data: ExperimentData, metric: GateMetric, baseline: str, candidate: str, margin: float
) -> GateFinding:
    """A candidate beside its baseline; see `llmxray.report.analysis.gate.gate`."""
    return GateFinding(gate=gating.gate(Analysis(data), metric, baseline, candidate, margin))
