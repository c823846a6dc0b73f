"""Item statistics: against independent computations, and simulations with and without wrong keys."""

import math

import numpy as np
import pytest
import scipy.stats
from statsmodels.stats.proportion import proportion_confint

from llmxray.metrics import items
from llmxray.metrics.paired import holm


def responses(rng, models=40, k=60, missing=0.0):
    """Right or wrong by a logistic model of ability and difficulty, NaN where not asked."""
    ability, hard = rng.normal(0, 1, models), rng.normal(0, 1, k)
    right = rng.random((models, k)) < 1 / (1 + np.exp(hard - ability[:, None]))
    return np.where(rng.random((models, k)) < missing, np.nan, right.astype(float))


def rivals(answers, keys):
    """Of models that were all asked everything."""
    return items.rivals(answers, keys, np.ones(answers.shape, bool))


@pytest.mark.parametrize("missing", [0.0, 0.2])
def test_statistics_are_those_of_pandas_scipy_and_statsmodels(missing):
    """Item by item, over the models that have a score and another item to compare it with."""
    pandas = pytest.importorskip("pandas")
    scores = responses(np.random.default_rng(1), missing=missing)
    found = items.statistics(scores)
    table = pandas.DataFrame(scores)
    for place in table:
        rest = table.drop(columns=place).mean(axis=1)
        known = table[place].notna() & rest.notna()
        share, n = table[place].mean(), int(table[place].count())
        expected = scipy.stats.pointbiserialr(table[place][known], rest[known]).statistic
        assert found.discrimination[place] == pytest.approx(expected)
        assert (found.n[place], found.difficulty[place]) == (n, pytest.approx(share))
        low, high = proportion_confint(round(share * n), n, method="wilson")
        assert [end[place] for end in found.difficulty_ends] == pytest.approx([low, high])
        ends = [end[place] for end in found.discrimination_ends]
        theirs = scipy.stats.pearsonr(table[place][known], rest[known]).confidence_interval(0.95)
        assert ends == pytest.approx([theirs.low, theirs.high])


def made_answers(rng, models, k, options=5):
    """Answers of a logistic model with a popular wrong option; keys; who is right."""
    ability, hard = rng.normal(0, 1, models), rng.normal(0, 1, k)
    key = rng.integers(0, options, k)
    popular = (key + rng.integers(1, options, k)) % options
    right = rng.random((models, k)) < 1 / (1 + np.exp(hard - ability[:, None]))
    other = np.where(
        rng.random((models, k)) < 0.5, popular, (key + rng.integers(1, options, (models, k))) % options
    )
    return np.where(right, key, other), key


def test_a_rival_is_the_most_frequent_other_answer():
    """By hand: 7 of 10 say 2 where the key is 1; unreadable answers are no rival, and count in n."""
    answers = np.array([[2, 1, -1]] * 7 + [[1, 1, -1], [3, 1, 0], [-1, 1, 0]])
    found = rivals(answers, np.array([1, 1, 0]))
    assert [[2, -1, -1], [7, 0, 0], [10, 10, 10]] == [
        each.tolist() for each in (found.code, found.count, found.n)
    ]
    p = 2 * scipy.stats.binomtest(7, 10, 0.5, alternative="greater").pvalue
    assert found.p_holm == pytest.approx(holm([p, 1.0, 1.0]))
    asked = np.ones((10, 3), bool)
    asked[0] = False
    assert items.rivals(np.where(asked, answers, -1), np.array([1, 1, 0]), asked).n.tolist() == [9, 9, 9]


def test_wrong_keys_are_found():
    """Forty models, two hundred items, six of easy ones with another key: these are flagged, and no other."""
    rng = np.random.default_rng(6)
    answers, key = made_answers(rng, 40, 200)
    easy = np.argsort(-(answers == key).mean(axis=0))[:6]
    keys = key.copy()
    keys[easy] = (key[easy] + 1) % 5
    found = rivals(answers, keys)
    assert set(easy) == set(np.flatnonzero(found.p_holm < 0.05))
    assert (found.code[easy] == key[easy]).all()
    scores = (answers == keys).astype(float)
    assert np.nanmax(items.statistics(scores).discrimination[easy]) < 0.2, "abler models are wrong there"


def test_false_alarms_are_bounded():
    """The hardest null: half of the models give one wrong answer to every item. One flag or more in 5% of data sets."""
    rng = np.random.default_rng(7)
    alarms = 0
    for _ in range(400):
        half = rng.random((25, 50)) < 0.5
        answers = np.where(half, 1, rng.integers(2, 5, (25, 50)))
        alarms += (rivals(answers, np.zeros(50, int)).p_holm < 0.05).any()
    # Three standard errors of 5% above it.
    assert alarms / 400 <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 400)
