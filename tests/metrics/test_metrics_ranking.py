"""Percentile ranks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from llmxray.metrics.ranking import LEAST, ranks


@given(st.lists(st.sampled_from([0.1, 0.25, 0.5, 0.75]), min_size=1, max_size=12))
def test_percentiles_and_ranks_agree_with_scipy(scores):
    """Percentile ranks are scipy's "mean" kind, ranks its "min" method from the top."""
    found = ranks({str(place): score for place, score in enumerate(scores)})
    below = stats.rankdata([-score for score in scores], method="min")
    for place, score in enumerate(scores):
        rank = found[str(place)]
        if len(scores) < LEAST:
            assert rank.percentile is None
        else:
            assert stats.percentileofscore(scores, score, kind="mean") == pytest.approx(rank.percentile)
        assert below[place] == rank.rank
        assert len(scores) == rank.population


def test_scores_that_differ_in_the_last_bit_share_a_rank():
    """Computed in another order, they are the same."""
    found = ranks({"a": 0.1 + 0.2, "b": 0.3, "c": 0.4})
    assert [each.text for each in found.values()] == ["2=", "2=", "1"]
