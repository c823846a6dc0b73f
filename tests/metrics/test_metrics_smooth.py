"""Smooth ECE and the reliability curve; relplot is the implementation of the paper's authors.

netcal, which has ECE, is not among the test dependencies: it brings torch and with it gigabytes of drivers. Its binned
errors are those of `test_metrics_calibration`'s second implementation.
"""

from __future__ import annotations

import numpy as np
import pytest

from llmxray.metrics.calibration import ece
from llmxray.metrics.smooth import best_bandwidth, reliability_curve, smooth_ece


def sample(n, seed=0, shift=0.0):
    """Uniform confidences and answers right with probability confidence − shift."""
    rng = np.random.default_rng(seed)
    confidence = rng.random(n)
    return confidence, (rng.random(n) < np.clip(confidence - shift, 0, 1)).astype(float)


def exact(confidence, correct, sigma):
    """SmECE at a bandwidth as a plain sum over rows and their mirror images, kernel cut at .5."""
    t = np.linspace(0, 1, max(200, round(10 / sigma)))[:, None]
    residual = weight = 0
    for image in (confidence, -confidence, 2 - confidence):
        distance = np.abs(t - image)
        kernel = np.exp(-(distance**2) / (2 * sigma**2)) * (distance <= 0.5)
        residual = residual + kernel @ (confidence - correct)
        weight = weight + kernel.sum(axis=1)
    return np.abs(residual).sum() / weight.sum()


@pytest.mark.parametrize("sigma", [0.02, 0.05, 0.1456, 0.3, 1.0])
def test_transform_agrees_with_the_plain_sum(sigma):
    """Smoothing in the cosine basis equals summing the reflected kernel row by row."""
    confidence, correct = sample(80, seed=1, shift=0.1)
    assert exact(confidence, correct, sigma) == pytest.approx(
        smooth_ece(confidence, correct, bandwidth=sigma), abs=2e-4
    )


@pytest.mark.parametrize("seed", range(5))
def test_it_agrees_with_the_authors(seed):
    """SmECE at the chosen and at given bandwidths, its bandwidth, and ECE off the edges of bins, on random input."""
    theirs = pytest.importorskip("relplot.metrics", reason="relplot is not installed: pip install -e .[dev]")
    rng = np.random.default_rng(seed)
    n = int(rng.integers(20, 3000))
    confidence = rng.beta(*rng.uniform(0.5, 4, 2), n)
    correct = (rng.random(n) < np.clip(confidence - 0.1 * seed / 5, 0, 1)).astype(float)
    expected, width = theirs.smECE(confidence, correct, return_width=True)
    assert expected == pytest.approx(smooth_ece(confidence, correct), abs=1e-9)
    assert width == best_bandwidth(confidence, correct)
    for sigma in (0.02, 0.1, 0.4):
        expected = theirs.smECE_sigma(confidence, correct, sigma)
        assert expected == pytest.approx(smooth_ece(confidence, correct, bandwidth=sigma), abs=1e-9)
    for n_bins in (5, 10):
        expected = theirs.binnedECE(confidence, correct, n_bins)
        assert expected == pytest.approx(ece(confidence, correct, n_bins=n_bins), abs=1e-9)


def test_bandwidth_is_the_fixed_point():
    """At the chosen bandwidth smECE is at most it; at 1/1024 less it is above."""
    confidence, correct = sample(300, seed=2, shift=0.15)
    sigma = best_bandwidth(confidence, correct)
    assert smooth_ece(confidence, correct, bandwidth=sigma) <= sigma
    below = sigma - 1 / 1024
    assert smooth_ece(confidence, correct, bandwidth=below) > below


def test_calibrated_is_small_and_shrinks():
    """Calibrated answers have a small smECE, smaller with more data."""
    few, many = smooth_ece(*sample(200, seed=3)), smooth_ece(*sample(20_000, seed=3))
    assert many < few < 0.1
    assert many < 0.02


def test_constant_shift_is_found():
    """Confidence .8 with accuracy .5 has smECE .3."""
    assert pytest.approx(smooth_ece([0.8] * 100, [1] * 50 + [0] * 50), abs=1e-3) == 0.3


def test_no_rows():
    """No confidences: no number, no bandwidth, no curve."""
    assert smooth_ece([], []) is None
    assert best_bandwidth([None], [True]) is None
    curve = reliability_curve([], [], n_grid=3)
    assert (curve.grid, curve.accuracy, curve.bandwidth) == ((0.0, 0.5, 1.0), (None,) * 3, None)


def test_curve_of_calibrated_answers_is_the_diagonal():
    """Residuals that are zero in each neighbourhood leave the diagonal, at any bandwidth."""
    confidence = np.repeat(np.arange(1, 10) / 10, 10)
    correct = np.concatenate([np.arange(10) < k for k in range(1, 10)]).astype(float)
    curve = reliability_curve(confidence, correct, bandwidth=0.2)
    known = [(t, y) for t, y in zip(curve.grid, curve.accuracy, strict=True) if y is not None]
    assert len(known) == 101
    assert [t for t, _ in known] == pytest.approx([y for _, y in known], abs=1e-3)


def test_curve_has_gaps_where_nothing_is():
    """No accuracy is drawn far from any confidence; the density integrates to about 1."""
    curve = reliability_curve([0.1] * 20 + [0.9] * 20, [0] * 20 + [1] * 20, bandwidth=0.03)
    drawn = {round(t, 2): y for t, y in zip(curve.grid, curve.accuracy, strict=True)}
    assert drawn[0.5] is None
    assert pytest.approx(drawn[0.1], abs=1e-2) == 0.0
    assert pytest.approx(drawn[0.9], abs=1e-2) == 1.0
    assert pytest.approx(np.trapezoid(curve.density, curve.grid), abs=0.01) == 1.0


def test_one_item():
    """One row is an error of its own size, and a curve of one stretch."""
    assert pytest.approx(smooth_ece([0.6], [1]), abs=1e-3) == 0.4
    curve = reliability_curve([0.6], [1], bandwidth=0.05)
    assert curve.accuracy[60] == pytest.approx(1.0)
    assert curve.accuracy[0] is None


def test_the_curve_has_no_kink_half_way_from_a_crowd():
    """Most answers at full confidence, some at 0.3: the curve bends smoothly where the authors' kernel ends."""
    confidence, correct = [1.0] * 200 + [0.3] * 40, [1] * 120 + [0] * 80 + [1] * 4 + [0] * 36
    curve = reliability_curve(confidence, correct, bandwidth=0.25)
    heights = np.array([height for height in curve.accuracy if height is not None])
    bends = np.abs(np.diff(heights, 2))
    assert bends[30:70].max() < 0.002
