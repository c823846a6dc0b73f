"""What a report states, without a page of it: no charts and no templates are loaded for it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from llmxray.report.analysis import Analysis, scores
from llmxray.report.analysis import gate as gating
from llmxray.report.analysis.data import ExperimentData
from llmxray.report.wording.gate import GateFinding
from llmxray.types import Estimate, GateMetric


def recording_of(data: ExperimentData) -> str:
    """Piece of a hash that names the recording an experiment's pages are made from; "" without one."""
    manifest = data.cassette.manifest
    if manifest is None:
        return ""
    named = "".join(record.sha256 for record in manifest.files if record.role == "recordings")
    return hashlib.sha256(named.encode()).hexdigest()[:16]


def scores_of(data: ExperimentData) -> dict[tuple[str, str], Mapping[str, Estimate]]:
    """Accuracy and ECE-15 by (condition, suite)."""
    return scores.scores(Analysis(data))


def gate_of(
    data: ExperimentData, metric: GateMetric, baseline: str, candidate: str, margin: float
) -> GateFinding:
    """A candidate beside its baseline; see `llmxray.report.analysis.gate.gate`."""
    return GateFinding(gating.gate(Analysis(data), metric, baseline, candidate, margin))
