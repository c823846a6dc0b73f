"""Numbers of a position-bias audit, by hand and against statsmodels."""

import math

import numpy as np
import pytest
from statsmodels.stats.contingency_tables import cochrans_q

from llmxray.errors import InputError
from llmxray.metrics.accuracy import proportion
from llmxray.metrics.position import all_rotations, by_position, cochran_q, letter_shares


def test_accuracy_by_place():
    """Each place has its own proportion, missing trials counted where they belong."""
    first, second, third = by_position([0, 0, 1, 1, 0], [True, False, None, True, True], 3)

    assert proportion([True, False, True]) == first
    assert (1.0, 1, 1) == (second.value, second.n, second.n_missing)
    assert (None, 0) == (third.value, third.n)
    with pytest.raises(InputError, match="one place per result"):
        by_position([0], [True, True], 2)


def test_letters_answered():
    """Shares of what was read sum to 1; what was not read is missing from each."""
    shares = letter_shares([0, 0, 1, None], 3)

    assert [2 / 3, 1 / 3, 0.0] == [each.value for each in shares]
    assert {(3, 1)} == {(each.n, each.n_missing) for each in shares}


def test_answers_to_one_question_are_no_independent_witnesses():
    """Ten questions, A said to each of four times: as sure as ten answers."""
    of = [n for n in range(10) for _ in range(4)]
    (alone,) = letter_shares([0] * 40, 1, of)
    assert (1.0, 40) == (alone.value, alone.n)
    assert proportion([True] * 10).low == pytest.approx(alone.low)
    (place,) = by_position([0] * 40, [True] * 40, 1, of)
    assert alone.low == place.low
    assert alone.low == all_rotations([[True]] * 40, of).low


@pytest.mark.parametrize("seed", range(5))
def test_cochrans_q_agrees_with_statsmodels(seed):
    """On random tables, to 1e-9."""
    rng = np.random.default_rng(seed)
    table = rng.random((60, 4)) < np.array([0.5, 0.4, 0.3, 0.2])
    ours, theirs = cochran_q(table.tolist()), cochrans_q(table)

    assert math.isclose(ours.q, theirs.statistic, rel_tol=1e-9)
    assert math.isclose(ours.p_value, theirs.pvalue, rel_tol=1e-9)


def test_cochrans_q_of_two_places_is_mcnemar_without_correction():
    """(b − c)² / (b + c); nine questions of two places are too few for a p."""
    table = [[True, False]] * 7 + [[False, True]] * 2 + [[True, True]] * 5

    found = cochran_q(table)
    assert (25 / 9, 14, 9) == (pytest.approx(found.q), found.n, found.n_telling)
    assert found.p_value is None
    assert cochran_q(table * 2).p_value is not None


def test_cochrans_q_without_anything_to_tell():
    """All alike, nothing at all, or incomplete rows only; unequal rows are an error."""
    assert (None, None, 2, 0) == _plain(cochran_q([[True, True], [False, False]]))
    assert (None, None, 0, 0) == _plain(cochran_q([]))
    assert (None, None, 0, 0) == _plain(cochran_q([[True, None]]))
    with pytest.raises(InputError, match="one size at a time"):
        cochran_q([[True, False], [True, False, False]])


def _plain(found: object) -> tuple[object, ...]:
    return tuple(getattr(found, name) for name in ("q", "p_value", "n", "n_telling"))


def test_right_in_every_rotation():
    """A model that always says A is right once a question and never throughout."""
    always_a = [[True, False, False, False]] * 10

    assert 0.0 == all_rotations(always_a).value
    assert (0.5, 2, 2) == _some(all_rotations([[True, True], [True, False], [True, None], []]))


def _some(found: object) -> tuple[object, ...]:
    return tuple(getattr(found, name) for name in ("value", "n", "n_missing"))
