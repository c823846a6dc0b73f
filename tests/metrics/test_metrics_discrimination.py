"""AUROC among comparable answers: against scikit-learn, and by how often it is wrong."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

from llmxray.errors import InputError
from llmxray.metrics.discrimination import auroc, auroc_replicates, contrast

levels = st.sampled_from([i / 10 for i in range(11)])
tables = st.lists(st.tuples(levels, st.booleans()), min_size=1, max_size=40)


def guesses(seed, n=300):
    """A model at chance: its confidence falls with the number of options, and knows nothing of the answer."""
    rng = np.random.default_rng(seed)
    options = rng.choice([2, 4, 10], n)
    confidence = np.clip(1 / options + rng.gamma(2, 0.05, n), 0, 1)
    return confidence, (rng.random(n) < 1 / options).astype(int), options.tolist()


def test_a_model_at_chance_is_called_uninformative():
    """Over 2, 4 and 10 options, in 95 of 100 draws; pooled, nearly every draw would call it informative."""
    held, pooled = 0, 0
    for seed in range(400):
        confidence, correct, options = guesses(seed)
        found = auroc(confidence, correct, strata=options)
        held += found.low <= 0.5 <= found.high
        pooled += auroc(confidence, correct).low > 0.5
    assert 0.93 <= held / 400 <= 0.99
    assert pooled / 400 > 0.9


def test_knowledge_within_sizes_is_not_lost():
    """A confidence that tells within each number of options is found there, and more than in the pool of all."""
    rng = np.random.default_rng(0)
    options = rng.choice([2, 10], 600)
    ease = rng.random(600)
    # Ten options are easier here than two, but answered less surely.
    correct = (rng.random(600) < np.where(options == 2, 0.6 * ease, 0.4 + 0.6 * ease)).astype(int)
    confidence = np.where(options == 2, 0.5 + 0.5 * ease, 0.5 * ease)
    within, pooled = auroc(confidence, correct, strata=options.tolist()), auroc(confidence, correct)
    assert within.low > 0.6 > pooled.value


def test_pairs_are_those_within_a_stratum():
    """By hand: 2 of 2 pairs in one, 1 of 2 in the other; a stratum of right answers alone has no pair."""
    confidence = [0.9, 0.8, 0.1, 0.7, 0.6, 0.2, 0.99]
    correct = [1, 1, 0, 0, 1, 0, 1]
    strata = ["a", "a", "a", "b", "b", "b", "c"]
    assert auroc(confidence, correct, strata=strata).value == pytest.approx(3 / 4)
    assert auroc([0.9, 0.1], [1, 0], strata=["a", "b"]).value is None
    assert contrast([], []) is None


@given(st.lists(st.tuples(levels, st.booleans(), st.sampled_from("ab")), min_size=1, max_size=30))
def test_a_draw_of_every_row_once_is_the_data(table):
    """And one of some rows twice is the AUROC of the rows so written down."""
    confidence, correct, strata = zip(*table, strict=True)
    times = np.ones((2, len(table)))
    times[1, ::2] = 2
    found = auroc_replicates(times, np.array(confidence), np.array(correct, dtype=float), strata)
    twice = [row for place, row in enumerate(table) for _ in range(1 + (place % 2 == 0))]
    for value, rows in zip(found, (table, twice), strict=True):
        sure, hits, of = zip(*rows, strict=True)
        expected = auroc(sure, hits, strata=of).value
        assert np.isnan(value) if expected is None else value == pytest.approx(expected)


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
    """All right answers above all wrong ones: the lower end says how few they are; five say nothing."""
    few, many = (
        auroc([0.1] * 3 + [0.9] * 3, [0] * 3 + [1] * 3),
        auroc([0.1] * 30 + [0.9] * 30, [0] * 30 + [1] * 30),
    )
    assert (1.0, 1.0) == (few.value, few.high)
    assert few.low < 0.6 < 0.9 < many.low
    five = auroc([0.1, 0.2, 0.7, 0.8, 0.9], [0, 0, 1, 1, 1])
    assert (1.0, None, None) == (five.value, five.low, five.high), "from five questions nothing follows"


def test_auroc_refuses_averages():
    """Averaged repeats are neither right nor wrong."""
    with pytest.raises(InputError, match="right or wrong"):
        auroc([0.5, 0.6], [0.5, 1.0])


def test_no_rows():
    """Nothing in, no number."""
    assert auroc([], []).value is None


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
    resamples = [np.concatenate([rows[item] for item in rng.integers(0, 80, 80)]) for _ in range(400)]
    spread = np.std([auroc(confidence[each], correct[each]).value for each in resamples])
    assert 1.96 * spread == pytest.approx((found.high - found.low) / 2, rel=0.15)
    plain = auroc(confidence, correct)
    assert found.high - found.low > 1.15 * (plain.high - plain.low)


def test_copies_of_a_perfect_separation_are_no_evidence():
    """Each of twenty questions five times: about as wide as twenty answers."""
    sure, hits = [0.1] * 10 + [0.9] * 10, [0] * 10 + [1] * 10
    once = auroc(sure, hits)
    five = auroc(sure * 5, hits * 5, list(range(20)) * 5)
    assert (1.0, 100) == (five.value, five.n)
    assert once.low == pytest.approx(five.low, abs=0.02)
    assert auroc(sure * 5, hits * 5).low > once.low + 0.05
