"""Many conditions on one draw of items."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from llmxray.errors import InputError
from llmxray.metrics import calibration, latency, paired
from llmxray.metrics.discrimination import auroc
from llmxray.metrics.joint import Joint, auroc_on_draws, sheet


def made(n: int, seed: int, *, seconds: float = 1.0):
    """A sheet of n items with one repeat each, and its columns."""
    rng = np.random.default_rng(seed)
    sure = rng.beta(5, 2, n)
    right = (rng.random(n) < sure * 0.8).astype(float)
    times = rng.gamma(2, seconds, n) + 0.1
    each = sheet(
        [[value] for value in right],
        [[value] for value in times],
        [[pair] for pair in zip(sure, right, strict=True)],
    )
    return each, sure, right, times


def test_values_are_those_of_the_single_statistics():
    """The point estimates come from the same definitions, and the intervals agree with the plain bootstrap."""
    a, sure_a, right_a, times_a = made(300, 1)
    b, sure_b, right_b, times_b = made(300, 2, seconds=3.0)
    joint = Joint(300, np.random.default_rng(0))
    gap = joint.ece_difference(a, b)
    assert gap.value == pytest.approx(calibration.ece(sure_a, right_a) - calibration.ece(sure_b, right_b))
    plain = paired.paired_bootstrap(
        calibration.ece, (sure_a, right_a), (sure_b, right_b), np.random.default_rng(1)
    )
    assert (gap.low, gap.high) == (pytest.approx(plain.low, abs=0.02), pytest.approx(plain.high, abs=0.02))
    ratio, other = joint.latency_ratio(a, b), latency.ratio(times_a, times_b, np.random.default_rng(1))
    assert ratio.value == pytest.approx(times_a.mean() / times_b.mean()) == pytest.approx(other.value)
    assert (ratio.low, ratio.high) == (
        pytest.approx(other.low, abs=0.02),
        pytest.approx(other.high, abs=0.02),
    )
    rate = joint.per_second_ratio(a, b)
    assert rate.value == pytest.approx(right_a.sum() / times_a.sum() / (right_b.sum() / times_b.sum()))
    assert joint.accuracy_ratio(a, b).value == pytest.approx(right_a.mean() / right_b.mean())


def test_a_condition_against_itself_is_exactly_equal_in_every_draw():
    """All conditions share the draw, so nothing but the conditions can differ."""
    a = made(50, 3)[0]
    joint = Joint(50, np.random.default_rng(0), 200)
    ratio, gap = joint.latency_ratio(a, a), joint.ece_difference(a, a)
    assert (1.0, 1.0, 1.0) == (ratio.value, ratio.low, ratio.high)
    assert (0.0, 0.0, 0.0) == (gap.value, gap.low, gap.high)


def test_items_that_either_lacks_are_left_out_and_counted():
    """The ratio is over the two items that both were timed on."""
    a = sheet([[1], [0], [1]], [[2.0], [4.0], []], [[], [], []])
    b = sheet([[1], [1], [1]], [[1.0], [2.0], [100.0]], [[], [], []])
    joint = Joint(3, np.random.default_rng(0), 50)
    ratio = joint.latency_ratio(a, b)
    assert (2.0, 2, 1) == (ratio.value, ratio.n, ratio.n_missing)
    assert joint.ece_difference(a, b).value is None
    nothing = sheet([[0], [0], [0]], [[], [], []], [[], [], []])
    assert joint.accuracy_ratio(a, nothing).value is None


def test_repeats_of_an_item_are_drawn_together():
    """One item of many repeats has no spread at all: it is in every draw."""
    each = sheet([[1, 0, 0, 1]], [[1.0, 2.0, 3.0, 2.0]], [[(0.9, 1.0), (0.9, 0.0), (0.9, 0.0), (0.9, 1.0)]])
    drawn = Joint(1, np.random.default_rng(0), 20).replicates(each)
    assert drawn.accuracy.tolist() == [0.5] * 21
    assert drawn.latency_s.tolist() == [2.0] * 21
    assert drawn.ece == pytest.approx([0.4] * 21)


def test_without_items_there_is_no_number():
    """Not even an experiment that recorded nothing breaks the page."""
    nothing = sheet([], [], [])
    assert Joint(0, np.random.default_rng(0), 5).latency_ratio(nothing, nothing).value is None


def test_columns_of_different_lengths_are_refused():
    """They were not joined."""
    with pytest.raises(InputError, match="joined"):
        sheet([[1]], [[1.0], [2.0]], [[]])


def test_wordings_of_a_question_are_drawn_together():
    """Each question twice with the same values: intervals and n are those of each once."""
    once, *_ = made(60, 4)
    other, *_ = made(60, 5, seconds=2.0)
    twice, both = (
        replace(
            each,
            items=np.concatenate([each.items, each.items + 60]),
            **{
                name: np.concatenate([getattr(each, name)] * 2)
                for name in ("correct", "latency_s", "bins", "gaps")
            },
        )
        for each in (once, other)
    )
    plain = Joint(60, np.random.default_rng(0), 300)
    joint = Joint(120, np.random.default_rng(0), 300, np.tile(np.arange(60), 2))
    for name in ("accuracy_ratio", "latency_ratio", "per_second_ratio", "ece_difference"):
        one, two = getattr(plain, name)(once, other), getattr(joint, name)(twice, both)
        assert (one.value, one.low, one.high) == pytest.approx((two.value, two.low, two.high)), name
        assert (60, 60) == (one.n, two.n)


def test_an_interval_picked_among_many_is_wider():
    """Bonferroni's level for ten comparisons."""
    a, b = made(200, 1)[0], made(200, 2)[0]
    joint = Joint(200, np.random.default_rng(0))
    one, ten = joint.ece_difference(a, b), joint.ece_difference(a, b, 10)
    assert one.value == ten.value
    assert ten.low < one.low
    assert ten.high > one.high
    assert "99.5%" in ten.method


def test_auroc_on_the_draws_is_that_of_the_data_first():
    """Two answers to each of fifty items, two strata; as wide as the cluster bootstrap is."""
    rng = np.random.default_rng(0)
    items = np.repeat(np.arange(50), 2)
    sure = rng.random(100)
    right = (rng.random(100) < sure).astype(float)
    strata = ["a", "b"] * 50
    found = auroc_on_draws(Joint(50, np.random.default_rng(0), 300).times(200), items, sure, right, strata)
    alone = auroc(sure, right, items.tolist(), strata)
    assert (201,) == found.shape
    assert alone.value == pytest.approx(found[0])
    assert 1.96 * found[1:].std() == pytest.approx((alone.high - alone.low) / 2, rel=0.25)
