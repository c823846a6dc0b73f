"""What the docstrings of the metrics claim: their examples, and the errors they name."""

import doctest
import importlib
import math
import pkgutil
from collections.abc import Callable
from typing import Any

import pytest

from llmxray import metrics
from llmxray.errors import InputError
from llmxray.metrics import accuracy, calibration, discrimination, paired

MODULES = [
    importlib.import_module(f"{metrics.__name__}.{module.name}")
    for module in pkgutil.iter_modules(metrics.__path__)
]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__.rpartition(".")[2])
def test_examples_run(module):
    """Every example in a docstring gives the result beside it."""
    assert doctest.testmod(module).failed == 0


def test_other_documented_errors():
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
    ]
    for call in calls:
        with pytest.raises(InputError):
            call()
