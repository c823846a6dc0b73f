"""What the docstrings of the metrics claim: their examples, and the errors they name."""

from __future__ import annotations

import doctest
import importlib
import inspect
import math
import pkgutil
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from llmxray import metrics
from llmxray.errors import InputError
from llmxray.metrics import (
    accuracy,
    binning,
    calibration,
    discrimination,
    latency,
    paired,
    selective,
    smooth,
)

MODULES = [
    importlib.import_module(f"{metrics.__name__}.{module.name}")
    for module in pkgutil.iter_modules(metrics.__path__)
]
PUBLIC = [
    function
    for module in MODULES
    for name, function in inspect.getmembers(module, inspect.isfunction)
    if function.__module__ == module.__name__ and not name.startswith("_")
]
_RNG = np.random.default_rng(0)
TWO_COLUMNS: list[Callable[[Any, Any], Any]] = [
    binning.reliability_bins,
    calibration.ece,
    calibration.gap,
    calibration.brier,
    discrimination.auroc,
    lambda a, b: latency.per_unit(a, b, _RNG),
    paired.compare_shares,
    selective.risk_coverage,
    selective.aurc,
    lambda a, b: selective.accuracy_at_coverage(a, b, 0.5),
    lambda a, b: selective.threshold_for(a, b, 0.5),
    smooth.smooth_ece,
    smooth.reliability_curve,
]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__.rpartition(".")[2])
def test_examples_run(module: Any) -> None:
    """Every example in a docstring gives the result beside it."""
    assert doctest.testmod(module).failed == 0


def test_there_are_examples() -> None:
    """The test above has something to run."""
    assert sum(">>>" in (function.__doc__ or "") for function in PUBLIC) >= 8


@pytest.mark.parametrize("function", PUBLIC, ids=lambda function: function.__qualname__)
def test_parameters_named_in_a_docstring_exist(function: Callable[..., Any]) -> None:
    """The entries of ``Args:`` are parameters of the function."""
    section = (inspect.getdoc(function) or "").partition("Args:\n")[2].split("\n\n")[0]
    entries = [line.strip() for line in section.split("\n") if line.startswith("    ") and line[4] != " "]
    named = {name for entry in entries for name in entry.partition(":")[0].split(", ")}
    assert named <= set(inspect.signature(function).parameters)


@pytest.mark.parametrize("function", TWO_COLUMNS)
@pytest.mark.parametrize("columns", [([0.5, 0.5], [1]), ([0.5, math.nan], [1, 0])])
def test_documented_errors_of_columns(
    function: Callable[[Any, Any], Any], columns: tuple[list[float], list[float]]
) -> None:
    """Columns of different lengths and NaN raise InputError."""
    with pytest.raises(InputError):
        function(*columns)


def test_other_documented_errors() -> None:
    """Each value outside of its documented range raises InputError."""
    calls: list[Callable[[], Any]] = [
        lambda: accuracy.wilson(3, 2),
        lambda: accuracy.wilson(0, 0),
        lambda: accuracy.mean([math.inf]),
        lambda: accuracy.clustered([0.5], []),
        lambda: calibration.ece([0.5], [1], n_bins=0),
        lambda: calibration.brier_multiclass([[0.5, 0.5]], [2]),
        lambda: discrimination.auroc([0.5], [0.5]),
        lambda: paired.minimum_detectable_effect(0, 0.5),
        lambda: selective.accuracy_at_coverage([0.5], [1], 0),
    ]
    for call in calls:
        with pytest.raises(InputError):
            call()


def test_missing_values_have_the_documented_results() -> None:
    """Without rows a metric is None."""
    assert calibration.ece([None], [1]) is None
    assert selective.aurc([], []) is None
    assert accuracy.mean([]).value is None
