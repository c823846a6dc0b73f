"""Calibration errors: definitions, edge cases, a second implementation, and their bootstrap."""

from __future__ import annotations

import functools
import math
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import bootstrap as scipy_bootstrap
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

from llmxray.errors import InputError
from llmxray.metrics.calibration import (
    bootstrap,
    bootstrap_multiclass,
    brier,
    brier_multiclass,
    ece,
    gap,
    mce,
    module_bin_average,
    reliability_bins,
    smooth_ece,
)

STATISTICS = [ece, module_bin_average, mce, gap, brier, smooth_ece]
tables = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=80)


def sample(n, seed=0, shift=0.0):
    """Beta-distributed confidences and answers right with probability confidence − shift."""
    rng = np.random.default_rng(seed)
    confidence = rng.beta(5, 2, n)
    return confidence, (rng.random(n) < np.clip(confidence - shift, 0, 1)).astype(float)


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


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("n_bins", [5, 15])
def test_bins_agree_with_scikit_learn(seed, n_bins):
    """Mean confidence and accuracy of each filled bin of equal width are those of its calibration curve."""
    confidence, correct = sample(400, seed=seed, shift=0.1)
    accuracy, mean = calibration_curve(correct, confidence, n_bins=n_bins, strategy="uniform")
    bins = reliability_bins(confidence, correct, n_bins=n_bins)
    assert list(mean) == pytest.approx([each.mean_confidence for each in bins], abs=1e-9)
    assert list(accuracy) == pytest.approx([each.accuracy.value for each in bins], abs=1e-9)


def test_bootstrap_is_about_that_of_scipy():
    """The basic interval of the gap over 5,000 resamples, drawn bin by bin here and row by row there."""
    confidence, correct = sample(200, seed=4, shift=0.1)
    found = bootstrap(gap, confidence, correct, np.random.default_rng(0), 5000)
    expected = scipy_bootstrap(
        (confidence, correct),
        lambda c, y, axis: (c - y).mean(axis=axis),
        paired=True,
        vectorized=True,
        n_resamples=5000,
        method="basic",
        rng=np.random.default_rng(1),
    ).confidence_interval
    assert tuple(expected) == pytest.approx((found.low, found.high), abs=0.004)


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


def test_multiclass_brier_refuses_an_answer_outside():
    """An answer index beyond the options is an error."""
    with pytest.raises(InputError, match="outside the 2 options"):
        brier_multiclass([[0.5, 0.5]], [2])


def test_module_bin_average_by_hand():
    """Two bins of unequal size count alike: (|.9 − 1| + |.5 − 0|) / 2; the empty three are omitted."""
    confidence, correct = [0.9, 0.9, 0.9, 0.5], [1, 1, 1, 0]
    assert pytest.approx(module_bin_average(confidence, correct)) == 0.3
    assert pytest.approx(ece(confidence, correct, n_bins=5)) == 0.2


def test_gap_is_signed():
    """Positive is overconfident, negative underconfident."""
    assert pytest.approx(gap([0.9, 0.9], [1, 0])) == 0.4
    assert pytest.approx(gap([0.6, 0.6], [1, 1])) == -0.4


def test_binned_error_can_exceed_the_gap():
    """Over- and underconfident bins cancel in the gap and not in ECE."""
    confidence, correct = [0.9, 0.9, 0.1, 0.1], [1, 0, 1, 0]
    assert pytest.approx(gap(confidence, correct)) == 0.0
    assert pytest.approx(ece(confidence, correct)) == 0.4


@pytest.mark.parametrize("stat", STATISTICS)
@pytest.mark.parametrize("table", [([], []), ([None, 0.5], [True, None])])
def test_no_confidences_no_number(stat, table):
    """Without a complete row every statistic is None, and so is its bootstrap."""
    assert stat(*table) is None
    estimate = bootstrap(stat, *table, np.random.default_rng(0), 10)
    assert (None, None, None, 0, len(table[0])) == (
        estimate.value,
        estimate.low,
        estimate.high,
        estimate.n,
        estimate.n_missing,
    )


@pytest.mark.parametrize("stat", [ece, module_bin_average, mce, gap])
def test_one_item(stat):
    """One row is its own bin."""
    assert pytest.approx(stat([0.25], [0])) == 0.25


@pytest.mark.parametrize("stat", STATISTICS)
def test_certain_and_right(stat):
    """Confidence 1, all right, is perfect under every statistic."""
    assert pytest.approx(stat([1.0] * 9, [1] * 9), abs=1e-12) == 0.0


@pytest.mark.parametrize("stat", [ece, module_bin_average, mce, gap])
@pytest.mark.parametrize("scheme", ["equal-width", "equal-mass"])
def test_all_confidence_equal(stat, scheme):
    """With one distinct confidence every binned error is |gap|, whatever the bins."""
    stat = functools.partial(stat, scheme=scheme) if stat in (ece, mce) else stat
    assert pytest.approx(stat([0.7] * 10, [1] * 5 + [0] * 5)) == 0.2


def test_zero_and_one_are_binned():
    """Confidence 0 is in the first bin and 1 in the last."""
    assert ece([0.0, 1.0], [0, 1]) == 0.0
    assert ece([0.0, 1.0], [1, 0]) == 1.0


@pytest.mark.parametrize("stat", [*STATISTICS, functools.partial(ece, n_bins=10, scheme="equal-mass")])
def test_bootstrap_holds_its_value(stat):
    """The interval holds the estimate, is wider than nothing, and says what it is."""
    confidence, correct = sample(150, shift=0.1)
    estimate = bootstrap(stat, [*confidence, None], [*correct, 1], np.random.default_rng(1), 200)
    assert stat(confidence, correct) == pytest.approx(estimate.value)
    assert estimate.low <= estimate.value <= estimate.high
    assert estimate.low < estimate.high
    assert (estimate.n, estimate.n_missing) == (150, 1)
    assert "200 resamples" in estimate.method


@pytest.mark.parametrize(
    "stat", [ece, module_bin_average, mce, gap, brier, functools.partial(ece, n_bins=4, weighting="bin")]
)
def test_fast_bootstrap_agrees_with_the_slow_one(stat):
    """Resampling bin sums gives the interval that resampling rows one by one gives."""
    confidence, correct = sample(120, seed=2, shift=0.2)
    fast = bootstrap(stat, confidence, correct, np.random.default_rng(3), 4000)
    slow = bootstrap(lambda c, y: stat(c, y), confidence, correct, np.random.default_rng(4), 4000)
    assert (slow.low, slow.high) == pytest.approx((fast.low, fast.high), abs=0.02)


def test_an_interval_ends_where_the_values_end():
    """One wrong of ten sure ones: mirrored at 0.1, the interval would begin below 0."""
    table = [0.95] * 10, [1] * 9 + [0]

    def wrong(_: np.ndarray, correct: np.ndarray) -> float:
        return 1 - float(correct.mean())

    free = bootstrap(wrong, *table, np.random.default_rng(0), 400)
    held = bootstrap(wrong, *table, np.random.default_rng(0), 400, limits=(0, 1))
    assert free.low < 0 == held.low
    assert (free.value, free.high) == (held.value, held.high)


def test_bootstrap_of_the_mean_has_the_textbook_width():
    """The gap's interval is ±1.96 standard errors for a large sample."""
    confidence, correct = sample(2000, seed=7)
    estimate = bootstrap(gap, confidence, correct, np.random.default_rng(8), 4000)
    half = 1.96 * np.std(confidence - correct) / math.sqrt(2000)
    expected = (estimate.value - half, estimate.value + half)
    assert expected == pytest.approx((estimate.low, estimate.high), abs=0.002)


def test_bootstrap_is_reproducible():
    """The same generator seed gives the same interval."""
    table = sample(60)
    first, second = (bootstrap(ece, *table, np.random.default_rng(5), 300) for _ in range(2))
    assert first == second


def test_bootstrap_covers_the_truth():
    """With true ECE .3 (and 160 rows) nearly all of 60 intervals hold it."""
    truth = 0.2989  # mean over Beta(5, 2) confidences of confidence − max(confidence − .3, 0)
    held = 0
    for seed in range(60):
        estimate = bootstrap(ece, *sample(160, seed=100 + seed, shift=0.3), np.random.default_rng(seed), 400)
        held += estimate.low <= truth <= estimate.high
    assert held >= 48


def test_bootstrap_skips_resamples_without_a_value():
    """A statistic that is None on some resamples uses the others, and none at all means no interval."""

    def only_mixed(confidence, correct):
        return float(confidence.mean()) if 0 < correct.mean() < 1 else None

    estimate = bootstrap(only_mixed, [0.2, 0.4, 0.9] * 2, [1, 0, 1] * 2, np.random.default_rng(0), 100)
    assert estimate.low < estimate.value < estimate.high

    def only_whole(confidence, correct):
        return 0.5 if np.unique(confidence).size == 6 else None

    six = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
    alone = bootstrap(only_whole, six, [1] * 6, np.random.default_rng(0), 1)
    assert (alone.value, alone.low) == (0.5, None)


def test_ten_thousand_resamples_are_quick():
    """10,000 resamples of ECE over 12,032 rows take less than two seconds of processor (best of three)."""
    confidence, correct = sample(12_032)
    taken = []
    for seed in range(3):
        start = time.process_time()
        bootstrap(ece, confidence, correct, np.random.default_rng(seed), 10_000)
        taken.append(time.process_time() - start)
    assert min(taken) < 2.0


def test_multiclass_brier_has_an_interval():
    """The interval holds the value and lies in 0–2; rows without probabilities are counted."""
    rng = np.random.default_rng(0)
    probs, answers = [[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], None] * 30, [0, 2, 1] * 30
    found = bootstrap_multiclass(probs, answers, rng)
    assert found.value == pytest.approx(brier_multiclass(probs, answers))
    assert (found.n, found.n_missing) == (60, 30)
    assert 0 <= found.low < found.value < found.high <= 2
    assert bootstrap_multiclass([None], [0], rng).value is None
    again = bootstrap_multiclass(probs * 4, answers * 4, rng, clusters=[*range(90)] * 4)
    assert (again.low, again.high) == pytest.approx((found.low, found.high), abs=0.05)


@pytest.mark.parametrize("statistic", [ece, gap, brier])
def test_whole_clusters_are_drawn(statistic):
    """Each row four times: as wide as each once, where rows drawn alone would halve the interval."""
    confidence, correct = sample(200, 4)
    items = list(range(200)) * 4
    once = bootstrap(statistic, confidence, correct, np.random.default_rng(0))
    many = np.tile(confidence, 4), np.tile(correct, 4)
    copied = bootstrap(statistic, *many, np.random.default_rng(0), clusters=items)
    alone = bootstrap(statistic, *many, np.random.default_rng(0))
    assert once.value == pytest.approx(copied.value)
    assert (800, True) == (copied.n, "of 200 clusters" in copied.method)
    assert once.high - once.low == pytest.approx(copied.high - copied.low, rel=0.1)
    assert alone.high - alone.low < 0.7 * (copied.high - copied.low)


def test_statistics_without_bins_are_drawn_by_cluster_too():
    """Smooth ECE, and rows without a confidence leave with their cluster."""
    confidence, correct = sample(40, 5)
    values = [None, *confidence.tolist()[1:]]
    found = bootstrap(
        smooth_ece, values, correct, np.random.default_rng(0), n_resamples=20, clusters=["x", *range(39)]
    )
    assert (39, 1) == (found.n, found.n_missing)
    assert found.low <= found.value <= found.high


def test_bins_count_questions_for_their_intervals():
    """Four alike rows a question: the bin's interval is that of the questions."""
    confidence, correct = [0.7] * 20, [True, False] * 10
    (once,) = reliability_bins(confidence, correct)
    (four,) = reliability_bins(confidence * 4, correct * 4, clusters=list(range(20)) * 4)
    assert (80, once.accuracy.value) == (four.n, four.accuracy.value)
    assert once.accuracy.low == pytest.approx(four.accuracy.low, abs=0.02)
