"""Calibration errors: definitions, edge cases, and a second implementation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss

from llmxray.metrics.calibration import brier, brier_multiclass, ece, gap, mce, module_bin_average, smooth_ece

STATISTICS = [ece, module_bin_average, mce, gap, brier, smooth_ece]
tables = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=80)


def naive_gaps(confidence, correct, n_bins):
    """(count, |gap|) of each non-empty bin, by comparing with every edge in turn."""
    found = []
    for i in range(n_bins):
        inside = [
            (c, y)
            for c, y in zip(confidence, correct, strict=True)
            if i / n_bins < c <= (i + 1) / n_bins or (i == 0 and c == 0)
        ]
        if inside:
            found.append((len(inside), abs(sum(c - y for c, y in inside)) / len(inside)))
    return found


@given(tables, st.integers(1, 20))
def test_binned_errors_follow_their_definition(table, n_bins):
    """ECE, its unweighted form and MCE agree with a loop over bins."""
    confidence, correct = zip(*table, strict=True)
    gaps = naive_gaps(confidence, correct, n_bins)
    weighted = sum(n * g for n, g in gaps) / len(table)
    assert weighted == pytest.approx(ece(confidence, correct, n_bins=n_bins), abs=1e-9)
    plain = sum(g for _, g in gaps) / len(gaps)
    assert plain == pytest.approx(ece(confidence, correct, n_bins=n_bins, weighting="bin"), abs=1e-9)
    assert max(g for _, g in gaps) == pytest.approx(mce(confidence, correct, n_bins=n_bins), abs=1e-9)


@given(tables)
def test_brier_agrees_with_scikit_learn(table):
    """Top-label Brier is scikit-learn's binary Brier score."""
    confidence, correct = zip(*table, strict=True)
    expected = brier_score_loss(correct, confidence, labels=[False, True])
    assert expected == pytest.approx(brier(confidence, correct), abs=1e-9)


def test_multiclass_brier_agrees_with_scikit_learn():
    """Multiclass Brier is scikit-learn's, summed over classes."""
    rng = np.random.default_rng(5)
    probs, answers = rng.dirichlet([1, 1, 1, 1], 200), rng.integers(0, 4, 200)
    expected = brier_score_loss(answers, probs, labels=[0, 1, 2, 3])
    assert expected == pytest.approx(brier_multiclass(probs.tolist(), answers.tolist()), abs=1e-9)


def test_multiclass_brier_skips_what_is_missing():
    """Rows without probabilities or answer drop out; none left is None; rows may differ in width."""
    assert brier_multiclass([[0.5, 0.5], None, [1.0, 0.0, 0.0]], [0, 1, None]) == 0.5
    assert brier_multiclass([None], [0]) is None


def test_module_bin_average_by_hand():
    """Two bins of unequal size count alike: (|.9 − 1| + |.5 − 0|) / 2; the empty three are omitted."""
    confidence, correct = [0.9, 0.9, 0.9, 0.5], [1, 1, 1, 0]
    assert pytest.approx(module_bin_average(confidence, correct)) == 0.3
    assert pytest.approx(ece(confidence, correct, n_bins=5)) == 0.2


def test_gap_is_signed():
    """Positive is overconfident, negative underconfident."""
    assert pytest.approx(gap([0.9, 0.9], [1, 0])) == 0.4
    assert pytest.approx(gap([0.6, 0.6], [1, 1])) == -0.4


@pytest.mark.parametrize("stat", STATISTICS)
@pytest.mark.parametrize("table", [([], []), ([None, 0.5], [True, None])])
def test_no_confidences_no_number(stat, table):
    """Without a complete row every statistic is None."""
    assert stat(*table) is None
