"""Better, equivalent, worse, inconclusive: cases by hand, and how often a wrong verdict comes in at the margin."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmxray.errors import InputError
from llmxray.metrics import contrasts
from llmxray.metrics.equivalence import compare
from llmxray.metrics.evidence import WaldEvidence


def normal(value: float, error: float) -> WaldEvidence:
    """A difference with its standard error, normally distributed."""
    return WaldEvidence(value, (value, error), (value, error), None, (None, None), 100, "by hand")


@pytest.mark.parametrize(
    ("value", "error", "verdict"),
    [
        (0.0, 1.0, "equivalent"),  # 90% CI −1.64 to 1.64
        (0.0, 1.3, "inconclusive"),  # −2.14 to 2.14
        (0.5, 0.2, "equivalent"),  # significant, and too small to matter
        (1.9, 0.9, "better"),  # 95% CI 0.14 to 3.66, 90% CI 0.42 to 3.38
        (-1.9, 0.9, "worse"),
        (1.7, 0.9, "inconclusive"),  # 95% CI −0.06 to 3.46
        (9.0, 1.0, "better"),
    ],
)
def test_verdicts_by_hand(value, error, verdict):
    """A margin of 2, normal quantiles 1.645 and 1.960."""
    assert verdict == compare(normal(value, error), 2.0).verdict


def test_less_may_be_better():
    """Latency and calibration error."""
    assert "better" == compare(normal(-9, 1), 2.0, lower_is_better=True).verdict
    assert "worse" == compare(normal(9, 1), 2.0, lower_is_better=True).verdict
    assert "equivalent" == compare(normal(0, 1), 2.0, lower_is_better=True).verdict


def test_no_margin_no_equivalence():
    """However precise."""
    assert "inconclusive" == compare(normal(0, 1e-9), 0.0).verdict
    assert "better" == compare(normal(1e-6, 1e-9), 0.0).verdict
    for margin in (-1.0, float("nan")):
        with pytest.raises(InputError, match="a margin is a finite number of 0 or more"):
            compare(normal(0, 1), margin)


@given(st.floats(-5, 5), st.floats(0.01, 3), st.floats(0.01, 4), st.booleans())
def test_the_verdict_is_what_the_intervals_show(value, error, margin, lower):
    """Equivalent: the 90% interval inside the margin. Better, worse: the 95% interval beyond 0."""
    found = compare(normal(value, error), margin, lower_is_better=lower)
    (low, high), (narrow_low, narrow_high) = found.interval, found.equivalence_interval
    inside = -margin < narrow_low and narrow_high < margin
    above, below = low > 0, high < 0
    expected = "equivalent" if inside else "inconclusive"
    if not inside and (above or below):
        expected = "better" if above != lower else "worse"
    # Where an end lies on its mark but for rounding, either is right.
    near = min(abs(each) for each in (low, high, narrow_low + margin, narrow_high - margin))
    assert near < 1e-9 or expected == found.verdict


def test_a_median_ratio_by_hand():
    """Ratios ½, 1, 1½, 1½, 2, 2½, 3: half as much again; of seven the interval is all of them."""
    one, other = np.array([1.0, 2, 3, 4, 5, 6, 3]), np.array([2.0, 2, 2, 2, 2, 2, 2])
    found = contrasts.medians([one, other], np.arange(7), relative=True)
    assert (0.5, (3.0, 2.0), 7) == (found.evidence.value, found.values, found.evidence.n)
    assert (-0.5, 2.0) == found.evidence.interval(0.95)
    assert contrasts.medians([one, np.zeros(7)], np.arange(7), relative=True) is None
