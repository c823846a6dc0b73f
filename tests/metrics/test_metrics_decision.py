"""Cascades and weighted choices."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmxray.errors import InputError
from llmxray.metrics.decision import Answers, cascade, weighted_choice
from llmxray.types import Estimate

levels = st.one_of(st.none(), st.sampled_from([0.1, 0.3, 0.5, 0.9]))
items = st.lists(
    st.tuples(levels, st.booleans(), st.floats(0.1, 2), st.booleans(), st.floats(1, 9)),
    min_size=1,
    max_size=30,
)


def curve_of(sure, small, small_s, large, large_s, threshold=None):
    """The cascade of columns."""
    return cascade(Answers(small, small_s, sure), Answers(large, large_s), threshold)


def test_cascade_by_hand():
    """Escalating the unsure half mends it and costs the large model's time on top."""
    curve = curve_of([0.9, 0.2], [True, False], [1.0, 1.0], [False, True], [5.0, 7.0])
    summary = [(p.threshold, p.escalated, p.accuracy.value, p.latency_s) for p in curve.points]
    assert summary == [(0.2, 0.0, 0.5, 1.0), (0.9, 0.5, 1.0, 4.5), (None, 1.0, 0.5, 7.0)]
    assert (curve.small.accuracy.value, curve.small.latency_s) == (0.5, 1.0)
    assert (curve.large.accuracy.value, curve.large.latency_s) == (0.5, 6.0)


@given(items)
def test_cascade_follows_its_definition(table):
    """Every point agrees with playing the cascade item by item; its columns may hold missing confidences."""
    sure, small, small_s, large, large_s = zip(*table, strict=True)
    for point in curve_of(sure, small, small_s, large, large_s).points:
        up = [c is None or point.threshold is None or c < point.threshold for c in sure]
        right = [big if moved else little for moved, little, big in zip(up, small, large, strict=True)]
        spent = [s + (b if moved else 0) for moved, s, b in zip(up, small_s, large_s, strict=True)]
        assert np.mean(up) == pytest.approx(point.escalated)
        assert np.mean(right) == pytest.approx(point.accuracy.value)
        assert np.mean(spent) == pytest.approx(point.latency_s)


@given(items)
def test_cascade_runs_from_fewest_to_all(table):
    """Escalation grows along the curve and ends at everything."""
    points = curve_of(*zip(*table, strict=True)).points
    shares = [point.escalated for point in points]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_a_threshold_of_ones_own():
    """A threshold between two confidences escalates what lies below it; above all, everything."""
    columns = ([0.9, 0.2], [True, False], [1.0, 1.0], [False, True], [5.0, 7.0])
    chosen = curve_of(*columns, threshold=0.5).chosen
    assert (chosen.threshold, chosen.escalated, chosen.accuracy.value, chosen.latency_s) == (
        0.5,
        0.5,
        1.0,
        4.5,
    )
    assert curve_of(*columns, threshold=1.0).chosen.escalated == 1.0
    assert curve_of(*columns).chosen is None


def test_incomplete_items_are_counted():
    """An item without correctness or latency is left out; one without confidence is escalated."""
    curve = curve_of([None, 0.5, 0.5], [True, None, True], [1, 1, 1], [True, True, False], [2, 2, 2])
    assert (curve.n, curve.n_missing) == (2, 1)
    assert curve.points[0].escalated == 0.5


def test_empty_cascade():
    """Nothing complete, no curve and no models."""
    curve = curve_of([0.5], [None], [1.0], [True], [2.0])
    assert (curve.points, curve.small, curve.large, curve.n_missing) == ((), None, None, 1)


def test_cascade_wants_joined_columns():
    """Columns of different lengths are refused."""
    with pytest.raises(InputError, match="joined"):
        curve_of([0.5, 0.6], [True], [1.0], [True], [2.0])


def test_choice_is_the_weighted_mean():
    """Scores are weighted means, best first; weights need not sum to 1."""
    scores = {"small": {"speed": 1.0, "skill": 0.2}, "large": {"speed": 0.1, "skill": 0.9}}
    careful = weighted_choice(scores, {"speed": 1, "skill": 3}, np.random.default_rng(0))
    assert [choice.name for choice in careful] == ["large", "small"]
    assert [choice.score for choice in careful] == pytest.approx([0.7, 0.4])
    hasty = weighted_choice(scores, {"speed": 6, "skill": 2}, np.random.default_rng(0))
    assert hasty[0].name == "small"


def test_choice_is_firm_or_not():
    """A clear winner wins nearly always, a narrow one now and then loses; the shares sum to 1."""
    rng = np.random.default_rng(0)
    clear = weighted_choice({"a": {"x": 0.9, "y": 0.8}, "b": {"x": 0.2, "y": 0.1}}, {"x": 1, "y": 1}, rng)
    assert (clear[0].name, clear[0].wins) == ("a", 1.0)
    narrow = weighted_choice({"a": {"x": 0.9, "y": 0.11}, "b": {"x": 0.1, "y": 0.9}}, {"x": 1, "y": 1}, rng)
    assert 0.3 < narrow[0].wins < 0.7
    assert sum(choice.wins for choice in narrow) == pytest.approx(1.0)


def test_doubtful_scores_make_a_doubtful_choice():
    """Wide intervals let the second win sometimes, narrow ones do not."""

    def wins(half):
        scores = {
            "a": {"x": Estimate(0.6, 0.6 - half, 0.6 + half)},
            "b": {"x": Estimate(0.5, 0.5 - half, 0.5 + half)},
        }
        return weighted_choice(scores, {"x": 1}, np.random.default_rng(0))[0].wins

    assert wins(0.01) == 1.0
    assert 0.6 < wins(0.2) < 0.9


def test_equal_options_share_the_wins():
    """Two identical options win half the draws each."""
    same = {"x": 0.5, "y": 0.5}
    choices = weighted_choice({"a": same, "b": same}, {"x": 1, "y": 2}, np.random.default_rng(0))
    assert [choice.wins for choice in choices] == [0.5, 0.5]


def test_an_option_without_a_score_is_not_ranked():
    """A missing criterion is named and puts the option last, unless its weight is 0."""
    scores = {"a": {"x": 0.4}, "b": {"x": 0.3, "cost": 0.9}, "c": {"x": Estimate(None), "cost": 0.5}}
    choices = weighted_choice(scores, {"x": 1, "cost": 1}, np.random.default_rng(0))
    assert [(c.name, c.missing) for c in choices] == [("b", ()), ("a", ("cost",)), ("c", ("x",))]
    assert choices[1].score is choices[1].wins is None
    by_x = weighted_choice(scores, {"x": 1, "cost": 0}, np.random.default_rng(0))
    assert [c.name for c in by_x if c.score is not None] == ["a", "b"]


def test_nothing_to_rank():
    """When no option has all its scores, all are listed unranked."""
    choices = weighted_choice({"a": {}}, {"x": 1}, np.random.default_rng(0))
    assert [(c.name, c.score, c.missing) for c in choices] == [("a", None, ("x",))]


@pytest.mark.parametrize("weights", [{}, {"x": 0}, {"x": -1, "y": 2}])
def test_weights_must_weigh(weights):
    """No weight, all 0 or a negative one is bad input."""
    with pytest.raises(InputError, match="weights"):
        weighted_choice({"a": {"x": 1.0, "y": 1.0}}, weights, np.random.default_rng(0))
