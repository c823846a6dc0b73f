"""Smooth ECE and the reliability curve; relplot is the implementation of the paper's authors.

netcal, which has ECE, is not among the test dependencies: it brings torch and with it gigabytes of drivers. Its binned
errors are those of `test_metrics_calibration`'s second implementation.
"""

import numpy as np
import pytest

from llmxray.metrics.smooth import reliability_curve, smooth_ece


@pytest.mark.parametrize("seed", range(5))
def test_it_agrees_with_the_authors(seed):
    """SmECE at the chosen and at given bandwidths, on random input."""
    theirs = pytest.importorskip("relplot.metrics", reason="relplot is not installed: pip install -e .[dev]")
    rng = np.random.default_rng(seed)
    n = int(rng.integers(20, 3000))
    confidence = rng.beta(*rng.uniform(0.5, 4, 2), n)
    correct = (rng.random(n) < np.clip(confidence - 0.1 * seed / 5, 0, 1)).astype(float)
    expected = theirs.smECE(confidence, correct)
    assert expected == pytest.approx(smooth_ece(confidence, correct), abs=1e-9)
    for sigma in (0.02, 0.1, 0.4):
        expected = theirs.smECE_sigma(confidence, correct, sigma)
        assert expected == pytest.approx(smooth_ece(confidence, correct, bandwidth=sigma), abs=1e-9)


def test_no_rows():
    """No confidences: no number, no curve."""
    assert smooth_ece([], []) is None
    assert set(reliability_curve([None], [True]).accuracy) == {None}


def test_curve_of_calibrated_answers_is_the_diagonal():
    """Residuals that are zero in each neighbourhood leave the diagonal, at any bandwidth."""
    confidence = np.repeat(np.arange(1, 10) / 10, 10)
    correct = np.concatenate([np.arange(10) < k for k in range(1, 10)]).astype(float)
    curve = reliability_curve(confidence, correct, bandwidth=0.2)
    known = [(t, y) for t, y in zip(curve.grid, curve.accuracy, strict=True) if y is not None]
    assert len(known) == 101
    assert [t for t, _ in known] == pytest.approx([y for _, y in known], abs=1e-3)


def test_curve_has_gaps_where_nothing_is():
    """No accuracy is drawn far from any confidence."""
    curve = reliability_curve([0.1] * 20 + [0.9] * 20, [0] * 20 + [1] * 20, bandwidth=0.03)
    drawn = {round(t, 2): y for t, y in zip(curve.grid, curve.accuracy, strict=True)}
    assert drawn[0.5] is None
    assert pytest.approx(drawn[0.1], abs=1e-2) == 0.0
    assert pytest.approx(drawn[0.9], abs=1e-2) == 1.0


def test_the_curve_has_no_kink_half_way_from_a_crowd():
    """Most answers at full confidence, some at 0.3: the curve bends smoothly where the authors' kernel ends."""
    confidence, correct = [1.0] * 200 + [0.3] * 40, [1] * 120 + [0] * 80 + [1] * 4 + [0] * 36
    curve = reliability_curve(confidence, correct, bandwidth=0.25)
    heights = np.array([height for height in curve.accuracy if height is not None])
    bends = np.abs(np.diff(heights, 2))
    assert bends[30:70].max() < 0.002
