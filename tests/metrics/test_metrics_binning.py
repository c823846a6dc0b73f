"""Bins of confidence."""

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
    """Every row is in exactly one bin, within its edges; no bin of a diagram is empty."""
    confidence, correct = (np.array(column) for column in zip(*table, strict=True))
    edges = bin_edges(confidence, n_bins, scheme)
    homes = assign(confidence, edges)
    assert np.all((edges[homes] < confidence) | (confidence == 0))
    assert np.all(confidence <= edges[homes + 1])
    if scheme == "equal-mass":
        return
    bins = reliability_bins(confidence.tolist(), correct.tolist(), n_bins=n_bins)
    assert [b.low for b in bins] == edges[np.unique(homes)].tolist()
    for b, home in zip(bins, np.unique(homes), strict=True):
        inside = homes == home
        assert b.n == inside.sum() == b.accuracy.n > 0
        assert confidence[inside].mean() == pytest.approx(b.mean_confidence)
        assert correct[inside].mean() == pytest.approx(b.accuracy.value)


@given(rows, st.integers(1, 20))
def test_equal_confidences_share_an_equal_mass_bin(table, n_bins):
    """Equal-mass bins never part equal confidences, and there are at most n_bins of them."""
    confidence = np.array([sure for sure, _ in table])
    edges = bin_edges(confidence, n_bins, "equal-mass")
    homes = assign(confidence, edges)
    assert len({*zip(confidence.tolist(), homes.tolist(), strict=True)}) == len({*confidence.tolist()})
    assert len(edges) <= n_bins + 1


def test_rows_with_a_missing_value_are_left_out():
    """Only what has both a confidence and an outcome is counted."""
    (only,) = reliability_bins([None, 0.9, 0.95, None], [True, True, None, False], n_bins=5)
    assert only.n == 1


def test_no_rows_no_bins():
    """Nothing in, nothing out."""
    assert reliability_bins([], []) == reliability_bins([None], [True]) == ()
