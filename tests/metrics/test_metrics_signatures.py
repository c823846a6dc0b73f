"""The calls that other people's scripts make: names, order and keywords of arguments stay."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from llmxray.metrics import accuracy, calibration, decision, discrimination, latency, paired, selective

RNG = np.random.default_rng(0)
CALLS: tuple[tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]], ...] = (
    (accuracy.proportion, ([True],), {}),
    (accuracy.mean, ([0.5],), {}),
    (accuracy.clustered, ([0.5], ["passage"]), {}),
    (calibration.ece, ([0.5], [1]), {"n_bins": 15, "scheme": "equal-mass", "weighting": "bin"}),
    (calibration.reliability_bins, ([0.5], [1]), {"n_bins": 5}),
    (calibration.mce, ([0.5], [1]), {}),
    (calibration.gap, ([0.5], [1]), {}),
    (calibration.brier, ([0.5], [1]), {}),
    (calibration.brier_multiclass, ([[0.5, 0.5]], [1]), {}),
    (calibration.smooth_ece, ([0.5], [1]), {}),
    (selective.risk_coverage, ([0.5], [1]), {}),
    (selective.aurc, ([0.5], [1]), {}),
    (discrimination.auroc, ([0.5, 0.4], [1, 0]), {"strata": ["arc", "arc"]}),
    (selective.accuracy_at_coverage, ([0.5], [1], 0.5), {}),
    (selective.threshold_for, ([0.5], [1]), {"accuracy": 0.8}),
    (paired.mcnemar_exact, (3, 1), {}),
    (paired.compare_shares, ([True], [False]), {}),
    (paired.holm, ([0.01, 0.04],), {}),
    (paired.minimum_detectable_effect, (100, 0.3), {}),
    (latency.summary, ([0.5],), {}),
    (latency.tpot, (2.0, 0.5, 16), {}),
    (latency.per_unit, ([1], [2.0], RNG), {}),
    (
        decision.cascade,
        (decision.Answers([1], [1.0], [0.5]), decision.Answers([1], [2.0])),
        {"threshold": 0.5},
    ),
)


@pytest.mark.parametrize(
    ("function", "given", "named"), CALLS, ids=lambda each: getattr(each, "__name__", "")
)
def test_calls_of_other_peoples_scripts(function, given, named):
    """Each is accepted as written, and gives something."""
    inspect.signature(function).bind(*given, **named)
    assert function(*given, **named) is not None
