"""Two conditions on the same items."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

from llmxray.errors import InputError
from llmxray.metrics.paired import compare_shares, holm, join, mcnemar_exact, minimum_detectable_effect
from llmxray.types import Outcome, Row

pairs = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=80)


def answer(suite, item, right, sample=0):
    """The row of one answer."""
    outcome = Outcome.CORRECT if right else Outcome.WRONG
    return Row("e", f"{suite} {item} {sample}", "c", suite, item, "", sample, outcome, None, "A")


def test_join_keeps_an_item_id_of_two_suites_apart():
    """A hundred ids that stand in two suites are two hundred questions, in the order of the left."""
    left = [answer(suite, f"q{n}", n < 60) for suite in ("arc", "gsm8k") for n in range(100)]
    right = [answer(suite, f"q{n}", n < 50) for suite in ("gsm8k", "arc") for n in range(100)]
    joined = join([*left, answer("arc", "q100", True)], [*right, answer("mmlu", "q0", True)])
    assert joined.questions[0] == ("arc", "q0")
    assert [row.suite for row in joined.left] == [row.suite for row in joined.right]
    test = compare_shares(*([row.outcome is Outcome.CORRECT for row in side] for side in joined[1:3]))
    assert (test.difference.n, test.a_ahead, test.b_ahead) == (200, 20, 0)


def test_join_refuses_repeats():
    """Two answers to one question are not two questions."""
    with pytest.raises(InputError, match="question q1 of arc stands twice on one side"):
        join([answer("arc", "q1", True, sample) for sample in range(2)], [])


@given(pairs)
def test_single_answers_are_mcnemars_test(table):
    """The p-value is that of statsmodels; swapped, the interval is mirrored, and it always holds the value."""
    a, b = zip(*table, strict=True)
    forth, back = compare_shares(a, b), compare_shares(b, a)
    counts = [[0, forth.a_ahead], [forth.b_ahead, 0]]
    assert mcnemar(counts, exact=True).pvalue == pytest.approx(forth.p_value, abs=1e-9)
    assert mcnemar_exact(forth.a_ahead, forth.b_ahead) == pytest.approx(forth.p_value)
    assert np.mean(a) - np.mean(b) == pytest.approx(forth.difference.value, abs=1e-7)
    assert (forth.a_ahead, forth.p_value) == (back.b_ahead, back.p_value)
    low, high = forth.difference.low, forth.difference.high
    assert (low, high) == pytest.approx((-back.difference.high, -back.difference.low))
    assert low <= forth.difference.value <= high


def test_repeats_decide_what_single_answers_cannot():
    """15 points lost on each of 20 questions is decided; six that agree are p = 2/64, as all signs alike have it."""
    lost = compare_shares([0.8] * 20, [0.65] * 20, answers=20)
    assert lost.p_value < 1e-6
    assert 0.1 < lost.difference.low < 0.15 < lost.difference.high < 0.3
    six = compare_shares([0.2] * 6, [0.0] * 6, answers=5)
    assert six.p_value == pytest.approx(1 / 32, abs=4e-3)
    five = compare_shares([0.2] * 5, [0.0] * 5, answers=5)
    assert (five.p_value, five.difference.low, five.difference.n) == (1.0, None, 5)


def test_wordings_of_a_question_count_as_one():
    """Twelve items of six questions; what cannot be joined is counted by question."""
    a, b = [1.0, 1.0] * 5 + [None, 0.0], [0.0, 1.0] * 5 + [0.0, 0.0]
    test = compare_shares(a, b, [n // 2 for n in range(12)], 2)
    assert (test.a_ahead, test.b_ahead, test.difference.n, test.difference.n_missing) == (5, 0, 6, 0)
    assert 5 / 11 == pytest.approx(test.difference.value)
    missing = compare_shares([1.0, None, 0.0], [0.0, 1.0, None])
    assert (missing.difference.n, missing.difference.n_missing, missing.a_ahead) == (1, 2, 1)
    nothing = compare_shares([], [])
    assert (nothing.p_value, nothing.difference.value, nothing.difference.n) == (None, None, 0)
    # Sevenths that add up to nothing are no difference.
    sevenths = compare_shares([1 / 7, 6 / 7] * 6, [4 / 7, 3 / 7] * 6, [n // 2 for n in range(12)], 14)
    assert (sevenths.a_ahead, sevenths.b_ahead, sevenths.p_value) == (0, 0, 1.0)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
@settings(max_examples=5)  # one call of statsmodels takes 50 ms
def test_holm_agrees_with_statsmodels(p_values):
    """Adjusted p-values, ties included, are those of statsmodels."""
    expected = multipletests(p_values, method="holm")[1]
    assert expected == pytest.approx(list(holm(p_values)), abs=1e-9)


def test_holm_leaves_missing_out_of_the_family():
    """A test that could not be done stays None and does not make the others stricter."""
    assert holm([0.01, None, 0.04]) == (0.02, None, 0.04)
    assert holm([]) == ()


def test_detectable_effect_has_its_power():
    """Simulated McNemar tests at the effect found are significant about 80% of the time."""
    n, discordant = 400, 0.3
    effect = minimum_detectable_effect(n, discordant)
    assert 0.07 < effect < 0.08
    found = 0
    for seed in range(300):
        draws = np.random.default_rng(seed).random(n)
        a_only, b_only = draws < (discordant + effect) / 2, draws > 1 - (discordant - effect) / 2
        found += mcnemar_exact(int(a_only.sum()), int(b_only.sum())) < 0.05
    assert 0.7 <= found / 300 <= 0.87
