"""Scores of a weighted choice."""

from __future__ import annotations

import numpy as np
import pytest

from llmxray.metrics.choice import above_chance


def test_guessing_is_worth_nothing():
    """0 at chance and below, 1 for all right, half-way between for half-way between."""
    assert above_chance(np.array([0.1, 0.25, 0.625, 1.0]), 0.25).tolist() == [0.0, 0.0, 0.5, 1.0]
    assert float(above_chance(0.3, 0.0)) == pytest.approx(0.3)
