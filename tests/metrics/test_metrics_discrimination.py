"""AUROC among comparable answers: against scikit-learn, and by how often it is wrong."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

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


def clustered_sample(seed, n=80, each=4):
    """Confidence and correctness of questions in several rows that share an ease, with the question of each row."""
    rng = np.random.default_rng(seed)
    items = np.repeat(np.arange(n), each)
    ease = np.repeat(rng.random(n), each)
    confidence = np.clip(0.6 * ease + 0.4 * rng.random(n * each), 0, 1)
    return confidence, (rng.random(n * each) < ease).astype(int), items


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
