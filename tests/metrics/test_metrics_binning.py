"""Bins of confidence."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmxray.metrics.binning import assign, bin_edges, reliability_bins

rows = st.lists(
    st.tuples(st.sampled_from([i / 20 for i in range(21)]), st.booleans()), min_size=1, max_size=60
)


@pytest.mark.parametrize("n_bins", [5, 10, 15, 20])
def test_an_edge_belongs_to_the_bin_below(n_bins):
    """A confidence of exactly i/B lies in bin i (a, b], as written in decimal; 0 lies in the first."""
    edges = bin_edges(np.array([]), n_bins, "equal-width")
    on_edge = np.array([i / n_bins for i in range(n_bins + 1)])
    assert [0, *range(n_bins)] == assign(on_edge, edges).tolist()


@given(rows, st.integers(1, 20), st.sampled_from(["equal-width", "equal-mass"]))
def test_bins_partition_the_rows(table, n_bins, scheme):
    """Every row is a member of exactly one bin, within its edges; no bin is empty."""
    confidence, correct = zip(*table, strict=True)
    bins = reliability_bins(confidence, correct, n_bins=n_bins, scheme=scheme)
    members = [place for b in bins for place in b.members]
    assert list(range(len(table))) == sorted(members)
    for b in bins:
        inside = [confidence[place] for place in b.members]
        assert b.n == len(inside) == b.accuracy.n > 0
        assert b.low < min(inside) or min(inside) == 0
        assert max(inside) <= b.high
        assert np.mean(inside) == pytest.approx(b.mean_confidence)
        assert np.mean([correct[place] for place in b.members]) == pytest.approx(b.accuracy.value)


@given(rows, st.integers(1, 20))
def test_equal_confidences_share_an_equal_mass_bin(table, n_bins):
    """Equal-mass bins never part equal confidences, and there are at most n_bins of them."""
    confidence, correct = zip(*table, strict=True)
    bins = reliability_bins(confidence, correct, n_bins=n_bins, scheme="equal-mass")
    homes = [{confidence[place] for place in b.members} for b in bins]
    assert len(set().union(*homes)) == sum(map(len, homes))
    assert len(bins) <= n_bins


def test_members_are_positions_in_the_input():
    """Rows with a missing value keep their place in the count."""
    (only,) = reliability_bins([None, 0.9, 0.95, None], [True, True, None, False], n_bins=5)
    assert (only.members, only.n) == ((1,), 1)


def test_no_rows_no_bins():
    """Nothing in, nothing out, for both schemes."""
    assert reliability_bins([], []) == reliability_bins([None], [True], scheme="equal-mass") == ()
