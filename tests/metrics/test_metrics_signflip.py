"""The paired sign-flip test: against scipy, against McNemar, and by how often it is wrong."""

from __future__ import annotations

import itertools
import tracemalloc

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from llmxray.metrics import signflip
from llmxray.metrics.paired import mcnemar_exact, minimum_detectable_effect, paired_difference
from llmxray.metrics.signflip import sign_flip

bits = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=80)


def rng(seed=0):
    """A generator that the exact test has no use for."""
    return np.random.default_rng(seed)


@st.composite
def averages(draw):
    """Shares of right answers of up to ten items, each asked k times, under two conditions."""
    k = draw(st.integers(1, 8))
    right = st.integers(0, k)
    return k, draw(st.lists(st.tuples(right, right), min_size=2, max_size=10))


@given(averages())
@settings(max_examples=60, deadline=None)  # scipy goes through all 2ⁿ signs
def test_it_agrees_with_scipy(drawn):
    """All signs counted one by one, by scipy's test of one sample; in whole answers, as it trips on ties."""
    k, answers = drawn
    a, b = np.array(answers).T
    expected = scipy.stats.permutation_test(
        (a - b,),
        np.sum,
        permutation_type="samples",
        n_resamples=np.inf,
        alternative="two-sided",
    )
    found = sign_flip(a / k, b / k, rng())
    assert expected.pvalue == pytest.approx(found.p_value, abs=1e-9)
    assert found.exact


@given(bits)
def test_with_one_answer_an_item_it_is_mcnemars_test(table):
    """The same p, the same interval, the same detectable difference, the same counts."""
    a, b = zip(*table, strict=True)
    test, found = mcnemar_exact(a, b), sign_flip(a, b, rng())
    assert test.p_value == pytest.approx(found.p_value, abs=1e-12)
    assert (test.difference, test.a_only, test.b_only) == (found.difference, found.a_ahead, found.b_ahead)
    discordant = (test.a_only + test.b_only) / len(table)
    assert minimum_detectable_effect(len(table), discordant) == pytest.approx(found.detectable)


def test_repeats_of_one_outcome_are_worth_one_answer():
    """Three samples that always agree say no more than one: averages of 0 and 1 are the McNemar case."""
    a, b = [1.0] * 9 + [0.0] * 5, [0.0] * 8 + [1.0] * 6
    expected = mcnemar_exact([x == 1 for x in a], [x == 1 for x in b])
    assert expected.p_value == pytest.approx(sign_flip(a, b, rng()).p_value)


def test_averages_have_students_interval():
    """Over the items, as `paired_difference` has it."""
    a, b = [1.0, 0.5, 0.5, 0.0, 1.0, 0.5], [0.5, 0.5, 0.0, 0.0, 0.0, 0.5]
    found = sign_flip(a, b, rng())
    assert paired_difference(a, b) == found.difference
    assert found.difference.low is not None
    assert (3, 0) == (found.a_ahead, found.b_ahead)


def test_five_items_can_show_nothing():
    """Of 2⁵ signs two are as uneven as all alike: 1/16, and so few have no interval."""
    found = sign_flip([1.0, 0.9, 1.0, 0.9, 1.0], [0.1, 0.1, 0.2, 0.1, 0.1], rng())
    assert 2 / 2**5 == pytest.approx(found.p_value)
    assert found.difference.low is None


def test_items_that_cannot_be_joined_are_counted():
    """A None on either side leaves the item out; no items, no p."""
    found = sign_flip([0.5, None, 1.0], [0.0, 1.0, None], rng())
    assert (1.0, 1, 2) == (found.p_value, found.difference.n, found.difference.n_missing)
    empty = sign_flip([], [], rng())
    assert (None, None, None) == (empty.p_value, empty.detectable, empty.difference.value)


def test_conditions_that_agree_everywhere():
    """No item differs: p is 1, whatever the averages are."""
    assert (1.0, True) == _p(sign_flip([0.5, 1 / 3, 0.0], [0.5, 1 / 3, 0.0], rng()))


def _p(found):
    return found.p_value, found.exact


def test_unequal_numbers_of_answers_share_a_grid():
    """Halves, thirds and quarters are twelfths: still all signs."""
    a, b = [1 / 2, 2 / 3, 3 / 4, 1.0], [0.0, 1 / 3, 1 / 4, 2 / 3]
    found = sign_flip(a, b, rng())
    assert (2 / 2**4, True) == (pytest.approx(found.p_value), found.exact)


def off_any_grid(n):
    """Differences of n items, and p over all of their signs by another library."""
    differences = rng(5).normal(0.1, 0.2, n).round(6)
    by_scipy = scipy.stats.permutation_test(
        (differences,), np.mean, permutation_type="samples", n_resamples=np.inf, alternative="two-sided"
    )
    return differences, by_scipy.pvalue


def test_off_any_grid_few_sums_are_counted_by_their_shares():
    """Three odd differences and thirteen of one size: 112 sums, and p is that of all 65,536 assignments."""
    differences = np.array([0.123457, -0.310019, 0.077003, *[0.5] * 9, *[-0.5] * 4])
    a, b = np.maximum(differences, 0), np.maximum(-differences, 0)
    signs = np.array(list(itertools.product((-1.0, 1.0), repeat=16)))
    extreme = np.abs(signs @ differences) >= abs(differences.sum()) - 1e-6
    assert (pytest.approx(extreme.mean()), True) == _p(sign_flip(a, b, rng(1)))


@pytest.mark.parametrize("n", [2, 7, 16])
def test_off_any_grid_the_signs_of_few_items_are_counted_one_by_one(n):
    """All 2ⁿ of them, whatever the seed."""
    differences, expected = off_any_grid(n)
    b = np.full(n, 0.5)
    assert (pytest.approx(expected), True) == _p(sign_flip(b + differences, b, rng(1)))


def test_off_any_grid_the_signs_of_many_items_are_drawn():
    """Near the count of all signs of the same items, and the same for the same seed."""
    differences, expected = off_any_grid(18)
    b = np.full(18, 0.5)
    found = sign_flip(b + differences, b, rng(1))
    assert not found.exact
    assert expected == pytest.approx(found.p_value, abs=0.005)
    assert sign_flip(b + differences, b, rng(1)) == found


def test_drawn_signs_of_more_items_than_are_drawn_at_once():
    """Fifteen hundred items off any grid: the normal approximation is met."""
    differences = rng(5).normal(0.01, 0.2, 1_500).round(6)
    b = np.full(1_500, 0.5)
    found = sign_flip(b + differences, b, rng(1))
    z = differences.sum() / np.sqrt((differences**2).sum())
    assert not found.exact
    assert 2 * scipy.stats.norm.sf(abs(z)) == pytest.approx(found.p_value, abs=0.005)


def test_it_is_wrong_as_rarely_as_it_says():
    """Two conditions that are equally good on every item are found to differ in at most one of twenty experiments."""
    wrong = 0
    for seed in range(600):
        draws = rng(seed)
        ease = draws.beta(0.5, 0.5, 30)
        a, b = draws.binomial(5, ease) / 5, draws.binomial(5, ease) / 5
        wrong += sign_flip(a, b, draws).p_value < 0.05
    assert wrong / 600 <= 0.065


def test_the_detectable_difference_is_found_in_four_of_five_tries():
    """Items of one ease asked four times under either condition, apart by what the test says it detects."""
    draws = rng(0)
    n, k, base = 200, 4, 0.45
    first = sign_flip(draws.binomial(k, base, n) / k, draws.binomial(k, base, n) / k, draws)
    assert first.detectable is not None
    found = 0
    for seed in range(300):
        draws = rng(seed)
        a = draws.binomial(k, base + first.detectable, n) / k
        found += sign_flip(a, draws.binomial(k, base, n) / k, draws).p_value < 0.05
    assert 0.7 <= found / 300 <= 0.9


def test_a_whole_benchmark_of_repeats_is_counted_exactly():
    """12,032 questions of five samples: no signs are drawn, and the normal approximation is met."""
    draws = rng(2)
    a, b = draws.binomial(5, 0.5, 12_032) / 5, draws.binomial(5, 0.505, 12_032) / 5
    found = sign_flip(a, b, draws)
    assert found.exact
    assert scipy.stats.ttest_rel(a, b).pvalue == pytest.approx(found.p_value, rel=0.05)


def worded(seed, n=40):
    """Two conditions that are equally good, on n questions in two wordings that are answered alike in 80%."""
    draws = rng(seed)

    def answers():
        first = draws.random(n) < 0.5
        return np.concatenate([first, np.where(draws.random(n) < 0.8, first, draws.random(n) < 0.5)])

    return answers().astype(float), answers().astype(float), list(range(n)) * 2


def test_wordings_of_a_question_change_their_sign_together():
    """Wrong in at most one of twenty experiments, where the items by themselves are wrong in twice as many."""
    wrong, naive = 0, 0
    for seed in range(600):
        a, b, questions = worded(seed)
        wrong += sign_flip(a, b, rng(), questions).p_value < 0.05
        naive += sign_flip(a, b, rng()).p_value < 0.05
    assert wrong / 600 <= 0.065
    assert naive / 600 > 0.08


def test_the_interval_over_questions_holds_the_truth():
    """No difference lies in 95% of the intervals over questions; n counts questions, and those without answers."""
    held = 0
    for seed in range(400):
        a, b, questions = worded(seed)
        found = sign_flip(a, b, rng(), questions)
        assert (40, pytest.approx((a - b).mean())) == (found.difference.n, found.difference.value)
        held += found.difference.low <= 0 <= found.difference.high
    assert 0.92 <= held / 400 <= 0.985
    lost = sign_flip([1.0, None, 1.0, 0.0], [0.0, 1.0, 0.0, 1.0], rng(), ["a", "b", "c", "c"])
    assert (2, 1) == (lost.difference.n, lost.difference.n_missing)


def test_questions_of_one_item_are_the_items():
    """Clusters of one change nothing."""
    a, b, _ = worded(1)
    assert sign_flip(a, b, rng()) == sign_flip(a, b, rng(), range(80))


def test_sevenths_that_add_up_to_nothing_are_no_difference():
    """Three wordings of a question, seven answers each: 1/7 + 3/7 − 4/7 is 0, and no billionth."""
    a, b = [1 / 7, 3 / 7, 0.0] * 4, [0.0, 0.0, 4 / 7] * 4
    found = sign_flip(a, b, rng(), clusters=[place // 3 for place in range(12)])
    assert (1.0, 0, 0, 0.0) == (found.p_value, found.a_ahead, found.b_ahead, found.difference.value)


def test_many_sizes_take_little_memory_and_the_same_p():
    """Items that all differ by another amount: p is that of the normal limit, in the memory of one vector of draws."""
    draw = rng(5)
    a = draw.random(1500)
    b = np.clip(a + draw.normal(0.011, 0.25, 1500), 0, 1)
    tracemalloc.start()
    found = sign_flip(a, b, rng(6))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert not found.exact
    z = abs((a - b).sum()) / np.sqrt(((a - b) ** 2).sum())
    expected = 2 * scipy.stats.norm.sf(z)
    assert 0.001 < expected < 0.5
    assert expected == pytest.approx(found.p_value, abs=4 * np.sqrt(expected / 99_999))
    assert peak < 40e6  # a table of sizes and draws would take 1.2 GB


@pytest.mark.parametrize("copies", [1, 40])
def test_either_way_of_drawing_says_the_same(copies):
    """One by one, or how many of a size are positive: the same distribution, told by its spread."""
    sizes = rng(3).random(30)
    drawn = signflip._draw_sums(sizes, np.full(30, copies), rng(4))
    assert drawn.size == 99_999
    spread = np.sqrt(copies * (sizes**2).sum())
    assert spread == pytest.approx(drawn.std(), rel=0.01)
    assert abs(drawn.mean()) < 4 * spread / np.sqrt(drawn.size)
