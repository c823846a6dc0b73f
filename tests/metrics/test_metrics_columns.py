"""Columns with gaps."""

import numpy as np
import pytest

from llmxray.errors import InputError
from llmxray.metrics.columns import complete_rows, scored_rows


def test_a_row_is_complete_or_missing():
    """A None in any column drops the row from all of them; positions of the rest are kept."""
    rows = complete_rows([0.1, None, 0.3, 0.4], [True, True, None, False])
    assert [column.tolist() for column in rows.columns] == [[0.1, 0.4], [1.0, 0.0]]
    assert (rows.positions.tolist(), rows.n_missing, rows.n) == ([0, 3], 2, 2)


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_nan_is_not_missing(bad):
    """NaN and infinity are mistakes; the message names the place and says to write None."""
    for column in ([0.1, bad], np.array([0.1, bad])):
        with pytest.raises(InputError, match=r"position 1 .* None"):
            complete_rows(column)
    with pytest.raises(InputError, match="position 2"):
        scored_rows([None, 0.5, bad], [1, 1, 0])


def test_unequal_columns_are_refused():
    """Columns of one table are equally long."""
    with pytest.raises(InputError, match="equally long"):
        complete_rows([1.0], [1.0, 0.0])


def test_percent_is_refused():
    """Confidences in percent are refused by position instead of being binned."""
    with pytest.raises(InputError, match="confidence at position 2"):
        scored_rows([0.5, None, 85.0], [1, 0, 1])


def test_rounding_above_one_is_forgiven():
    """A softmax sum a hair above 1 counts as 1."""
    assert scored_rows([1.0000000000000002], [1]).columns[0].tolist() == [1.0]
