"""Selective prediction."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

from llmxray.errors import InputError
from llmxray.metrics.accuracy import wilson
from llmxray.metrics.selective import accuracy_at_coverage, aurc, auroc, risk_coverage, threshold_for

CONFIDENCE = [0.9, 0.8, 0.8, 0.6, 0.5]
CORRECT = [1, 1, 0, 0, 1]
levels = st.sampled_from([i / 10 for i in range(11)])
tables = st.lists(st.tuples(levels, st.booleans()), min_size=1, max_size=40)


def test_silent_replies_count_in_coverage_and_not_in_risk():
    """Two of four replies can be accepted at all: half the coverage, the same risk, and no half beyond it."""
    curve = risk_coverage([0.9, 0.5], [True, False], n_silent=2)
    assert ((0.25, 0.5), (0.0, 0.5)) == (curve.coverage, curve.risk)
    found = threshold_for([0.9, 0.5, None], [True, False, True], 0.5, n_silent=1)
    assert found is not None
    assert (2 / 3, 3, 0) == (found.coverage.value, found.coverage.n, found.coverage.n_missing)
    assert 0.5 == accuracy_at_coverage([0.9, 0.5], [True, False], 0.5, n_silent=2).value
    assert accuracy_at_coverage([0.9, 0.5], [True, False], 0.51, n_silent=2).value is None


def test_curve_by_hand():
    """One point per distinct confidence; tied rows are accepted together."""
    curve = risk_coverage(CONFIDENCE, CORRECT)
    assert curve.threshold == (0.9, 0.8, 0.6, 0.5)
    assert curve.accepted == (1, 3, 4, 5)
    assert curve.coverage == pytest.approx((0.2, 0.6, 0.8, 1.0))
    assert curve.risk == pytest.approx((0, 1 / 3, 1 / 2, 2 / 5))


@given(tables)
def test_curve_ends_at_everything(table):
    """The last point accepts all rows at the overall error rate."""
    confidence, correct = zip(*table, strict=True)
    curve = risk_coverage(confidence, correct)
    assert curve.coverage[-1] == 1.0
    assert 1 - np.mean(correct) == pytest.approx(curve.risk[-1])
    assert list(curve.threshold) == sorted(set(confidence), reverse=True)


@given(tables, st.randoms(use_true_random=False))
def test_order_of_rows_does_not_matter(table, random):
    """Ties are spread evenly, so shuffling rows changes neither area nor accuracy at coverage."""
    shuffled = list(table)
    random.shuffle(shuffled)
    first, second = (tuple(zip(*rows, strict=True)) for rows in (table, shuffled))
    assert aurc(*first) == pytest.approx(aurc(*second))
    assert accuracy_at_coverage(*first, 0.3) == accuracy_at_coverage(*second, 0.3)


def test_aurc_of_a_perfect_ranking_is_below_chance():
    """Right answers first gives the least area, wrong first the most, ties the error rate."""
    right_first, wrong_first = (
        aurc([0.9, 0.8, 0.2, 0.1], [1, 1, 0, 0]),
        aurc([0.9, 0.8, 0.2, 0.1], [0, 0, 1, 1]),
    )
    tied = aurc([0.5] * 4, [1, 1, 0, 0])
    assert pytest.approx(right_first) == (0 + 0 + 1 / 3 + 1 / 2) / 4
    assert tied == pytest.approx(0.5)
    assert right_first < tied < wrong_first


def test_accuracy_at_coverage_rounds_up():
    """Coverage .1 of 30 rows is 3, of 31 is 4; the interval is Wilson's for that count."""
    confidence = np.linspace(0.99, 0.5, 31)
    correct = [1, 1, 0, 1] + [0] * 27
    assert accuracy_at_coverage(confidence[:30], correct[:30], 0.1).n == 3
    top = accuracy_at_coverage(confidence, correct, 0.1)
    assert (0.75, *wilson(3, 4), 4) == pytest.approx((top.value, top.low, top.high, top.n))


@pytest.mark.parametrize("coverage", [0, -0.1, 1.1])
def test_impossible_coverage_is_refused(coverage):
    """Coverage lies above 0 and at most at 1."""
    with pytest.raises(InputError, match="coverage"):
        accuracy_at_coverage(CONFIDENCE, CORRECT, coverage)


def test_threshold_for_takes_the_largest_coverage():
    """For 60% the last point that still reaches it is taken, even where a point before fell short."""
    found = threshold_for(CONFIDENCE, CORRECT, 0.6)
    assert (found.threshold, found.coverage.value, found.accuracy.value) == pytest.approx((0.5, 1.0, 0.6))
    strict = threshold_for(CONFIDENCE, CORRECT, 0.95)
    assert (strict.threshold, strict.accuracy.n, strict.coverage.n) == (0.9, 1, 5)
    assert strict.accuracy.low == pytest.approx(wilson(1, 1)[0])


def test_threshold_out_of_reach_is_none():
    """No threshold reaches a target that the most confident rows miss."""
    assert threshold_for([0.9, 0.5], [0, 1], 0.8) is None
    assert threshold_for([], [], 0.8) is None


@given(tables.filter(lambda table: len({right for _, right in table}) == 2))
def test_auroc_agrees_with_scikit_learn(table):
    """AUROC, ties included, is scikit-learn's."""
    confidence, correct = zip(*table, strict=True)
    assert roc_auc_score(correct, confidence) == pytest.approx(auroc(confidence, correct).value, abs=1e-9)


def test_auroc_of_noise_is_undecided():
    """Confidence without information has .5 in its interval in most samples; information does not."""
    held = sum(
        (estimate := auroc(rng.random(150), rng.integers(0, 2, 150))).low <= 0.5 <= estimate.high
        for rng in map(np.random.default_rng, range(100))
    )
    assert 88 <= held <= 100
    rng = np.random.default_rng(0)
    confidence = rng.random(300)
    assert auroc(confidence, (rng.random(300) < confidence).astype(int)).low > 0.6


def test_width_is_about_that_of_the_bootstrap():
    """With many answers of either kind, half the width is 1.96 bootstrap standard deviations."""
    rng = np.random.default_rng(1)
    confidence = rng.random(400)
    correct = (rng.random(400) < confidence).astype(int)
    estimate = auroc(confidence, correct)
    draws = [rng.integers(0, 400, 400) for _ in range(400)]
    spread = np.std([auroc(confidence[rows], correct[rows]).value for rows in draws])
    assert 1.96 * spread == pytest.approx((estimate.high - estimate.low) / 2, rel=0.15)


@pytest.mark.parametrize("apart", [0, 1, 2])
def test_few_right_answers_do_not_make_it_too_sure(apart):
    """Three right answers among sixty, normal scores: the interval holds the truth in 19 of 20 samples."""
    truth = norm.cdf(apart / 2**0.5)
    correct, held = [1] * 3 + [0] * 57, 0
    for seed in range(300):
        scores = np.random.default_rng(seed).normal(0, 1, 60) + apart * np.array(correct)
        found = auroc(norm.cdf(scores), correct)
        held += found.low <= truth <= found.high
    assert held / 300 >= 0.92


def test_interval_solves_its_equation():
    """Newcombe's method 5, at both ends, by the formula of the paper."""
    found = auroc([0.9, 0.8, 0.4, 0.7, 0.3, 0.2, 0.1], [1, 1, 1, 0, 0, 0, 0])
    for end in (found.low, found.high):
        spread = end * (1 - end) * (1 + 2.5 * ((1 - end) / (2 - end) + end / (1 + end))) / 12
        assert (found.value - end) ** 2 == pytest.approx(norm.ppf(0.975) ** 2 * spread)


@pytest.mark.parametrize("correct", [[1, 1, 1], [0, 0, 0]])
def test_auroc_needs_both_classes(correct):
    """All right or all wrong has no AUROC, not .5."""
    estimate = auroc([0.2, 0.5, 0.9], correct)
    assert (estimate.value, estimate.low, estimate.n) == (None, None, 3)


def test_perfect_separation_is_not_certain():
    """All right answers above all wrong ones: the lower end says how few they are; one alone shows next to nothing."""
    few, many = auroc([0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1]), auroc([0.1] * 30 + [0.9] * 30, [0] * 30 + [1] * 30)
    assert (1.0, 1.0) == (few.value, few.high)
    assert few.low < 0.5 < 0.9 < many.low
    alone = auroc([0.1, 0.9], [0, 1])
    assert 0 < alone.low < 0.25


def test_auroc_refuses_averages():
    """Averaged repeats are neither right nor wrong."""
    with pytest.raises(InputError, match="right or wrong"):
        auroc([0.5, 0.6], [0.5, 1.0])


def test_no_rows():
    """Nothing in: an empty curve, no area, no accuracy."""
    curve = risk_coverage([None], [True])
    assert (curve.threshold, curve.risk, curve.n_missing) == ((), (), 1)
    assert aurc([], []) is None
    assert accuracy_at_coverage([], [], 0.5).value is None
    assert auroc([], []).value is None


def test_one_row():
    """One row is one point."""
    assert risk_coverage([0.4], [1]).risk == (0.0,)
    assert aurc([0.4], [0]) == 1.0


def clustered_sample(seed, n=80, each=4):
    """Confidence and correctness of questions in several rows that share an ease, with the question of each row."""
    rng = np.random.default_rng(seed)
    items = np.repeat(np.arange(n), each)
    ease = np.repeat(rng.random(n), each)
    confidence = np.clip(0.6 * ease + 0.4 * rng.random(n * each), 0, 1)
    return confidence, (rng.random(n * each) < ease).astype(int), items


def test_single_rows_are_no_clusters():
    """Obuchowski's variance with one row a cluster is DeLong's, so the design effect is 1."""
    rng = np.random.default_rng(2)
    confidence = rng.random(150)
    correct = (rng.random(150) < confidence).astype(int)
    plain, clustered = auroc(confidence, correct), auroc(confidence, correct, range(150))
    assert (plain.value, plain.low, plain.high) == pytest.approx(
        (clustered.value, clustered.low, clustered.high)
    )


def test_clustered_width_is_that_of_the_cluster_bootstrap():
    """Half width is 1.96 standard deviations over resamples of whole questions, and wider than that of single rows."""
    confidence, correct, items = clustered_sample(3)
    found = auroc(confidence, correct, items.tolist())
    rng = np.random.default_rng(0)
    rows = [np.flatnonzero(items == item) for item in range(80)]
    drawn = [np.concatenate([rows[item] for item in rng.integers(0, 80, 80)]) for _ in range(400)]
    spread = np.std([auroc(confidence[each], correct[each]).value for each in drawn])
    assert 1.96 * spread == pytest.approx((found.high - found.low) / 2, rel=0.15)
    plain = auroc(confidence, correct)
    assert found.high - found.low > 1.2 * (plain.high - plain.low)


def test_copies_of_a_perfect_separation_are_no_evidence():
    """Each of four questions five times: as wide as four answers."""
    once = auroc([0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1])
    five = auroc([0.1, 0.2, 0.8, 0.9] * 5, [0, 0, 1, 1] * 5, ["a", "b", "c", "d"] * 5)
    assert (once.low, once.high, 20) == (five.low, five.high, five.n)
