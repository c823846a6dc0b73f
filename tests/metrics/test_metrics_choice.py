"""Scores of a weighted choice."""

from __future__ import annotations

import numpy as np
import pytest

from llmxray.metrics.calibration import ece
from llmxray.metrics.choice import above_chance, trust
from llmxray.metrics.discrimination import auroc


def test_guessing_is_worth_nothing():
    """0 at chance and below, 1 for all right, half-way between for half-way between."""
    assert above_chance(np.array([0.1, 0.25, 0.625, 1.0]), 0.25).tolist() == [0.0, 0.0, 0.5, 1.0]
    assert float(above_chance(0.3, 0.0)) == pytest.approx(0.3)


def test_cluelessness_is_worth_nothing():
    """Stating chance each time is perfectly calibrated, and earns less than a model that knows and is 20 points off."""
    rng = np.random.default_rng(0)
    right = (rng.random(4000) < 0.25).astype(int)
    clueless = np.full(4000, 0.25)
    knowing = rng.random(4000)
    hits = (rng.random(4000) < np.clip(knowing - 0.2, 0, 1)).astype(int)
    scores = [
        float(trust(ece(sure, of), auroc(sure, of).value))
        for sure, of in ((clueless, right), (knowing, hits))
    ]
    assert ece(clueless, right) < ece(knowing, hits)
    assert scores[0] == pytest.approx(0, abs=0.01)
    assert scores[1] > 0.3
    assert float(trust(0.1, 0.4)) == 0.0
