"""Evidence: p-values and intervals that agree, against values computed by hand or published."""

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from llmxray.metrics.evidence import (
    AurocEvidence,
    BinomialEvidence,
    BootstrapEvidence,
    CheckedEvidence,
    DiscordantEvidence,
    ExtremeEvidence,
    PairedSharesEvidence,
    SignTestEvidence,
    WaldEvidence,
    two_sided,
)

NORMAL = 1.959963984540054


def spread(value, error, *, freedom=None, bounds=(None, None), n=20):
    """An unbiased estimate with a standard error."""
    return WaldEvidence(value, (value, error), (value, error), freedom, bounds, n, "")


EVIDENCE = {
    "counted": BinomialEvidence(8, 10),
    "all counted": BinomialEvidence(10, 10),
    "normal": spread(0.2, 0.1),
    "student": spread(0.2, 0.1, freedom=5),
    "two centres": WaldEvidence(0.2, (0.15, 0.1), (0.25, 0.05), 9, (0.0, 1.0), 20, ""),
    "paired": PairedSharesEvidence(spread(0.3, 0.1, freedom=9), spread(0.28, 0.15, freedom=9), ""),
    "paired, open": PairedSharesEvidence(spread(0.1, 0.1, freedom=9), spread(0.08, 0.15, freedom=9), ""),
    "tested": CheckedEvidence(spread(0.3, 0.1), 0.0, 0.1, 0.9),
    "tested, found": CheckedEvidence(spread(0.3, 0.2), 0.0, 0.001, 0.999),
    "discordant": DiscordantEvidence(8, 2, 60),
    "one-sided": DiscordantEvidence(0, 12, 40),
    "ordered": SignTestEvidence(np.arange(1.0, 22.0)),
    "drawn": BootstrapEvidence(
        0.5, np.sort(np.random.default_rng(1).normal(0.5, 0.2, 999)), (None, None), 20, ""
    ),
    "scored": AurocEvidence(0.7, ((30.0, 20.0), (10.0, 12.0)), 1.3, 60, ""),
}
PARTS = [spread(value, 0.1) for value in (0.4, 0.2, 0.7)]
EVIDENCE |= {"smallest": ExtremeEvidence(PARTS, lowest=True), "largest": ExtremeEvidence(PARTS, lowest=False)}


@pytest.mark.parametrize("name", EVIDENCE)
@given(at=st.floats(-0.5, 22.0), level=st.sampled_from((0.8, 0.95, 0.9875)))
def test_an_interval_leaves_out_what_its_p_value_rejects(name, at, level):
    """At every level, for every kind, at every value that the parameter can have."""
    evidence = EVIDENCE[name]
    at = at if name == "ordered" else min(max(at / 20, -0.5), 1.0)
    at = min(max(at, 0.0), 1.0) if name in ("counted", "all counted", "two centres", "scored") else at
    p_value, (low, high) = two_sided(evidence, at), evidence.interval(level)
    inside = (low is None or low <= at) and (high is None or at <= high)
    # Within rounding of an end, either is right.
    if abs(p_value - (1 - level)) > 1e-6:
        assert inside == (p_value > 1 - level)


def test_a_share_is_clopper_pearsons():
    """8 of 10 against a half: 56 of 1024 samples reach it; the interval as in every textbook."""
    eight = EVIDENCE["counted"]
    assert pytest.approx(56 / 1024) == eight.above(0.5)
    assert pytest.approx(112 / 1024) == two_sided(eight, 0.5)
    assert pytest.approx((0.4439045, 0.9747893), abs=1e-6) == eight.interval(0.95)


def test_what_the_other_test_does_not_exclude_is_not_excluded():
    """Three errors from 0 by the normal distribution, p = 0.2 by the other test: 0 is inside; and conversely."""
    assert (0.0, pytest.approx(0.3 + NORMAL * 0.1)) == EVIDENCE["tested"].interval(0.95)
    assert 0.2 == two_sided(EVIDENCE["tested"], 0.0) == two_sided(EVIDENCE["tested"], 0.1)
    assert (0.0, pytest.approx(0.3 + NORMAL * 0.2)) == EVIDENCE["tested, found"].interval(0.95)


@pytest.mark.parametrize(("more", "less", "n", "at"), [(8, 2, 60, 0.05), (8, 2, 60, -0.1)])
def test_tangos_score_has_the_likeliest_shares_of_its_difference(more, less, n, at):
    """The score test with the shares that maximise the likelihood, found here by search."""

    def unlikely(q: float) -> float:
        return -(more * np.log(q + at) + less * np.log(q) + (n - more - less) * np.log(1 - 2 * q - at))

    low, high = max(0.0, -at) + 1e-9, (1 - at) / 2 - 1e-9
    q = scipy.optimize.minimize_scalar(unlikely, bounds=(low, high), options={"xatol": 1e-10}).x
    expected = scipy.stats.norm.sf((more - less - n * at) / (n * (2 * q + at * (1 - at))) ** 0.5)
    centre = (more - less) / (n + 2)
    p, r = (more + 1) / (n + 2), (less + 1) / (n + 2)
    error = ((p + r - (p - r) ** 2) / (n + 2)) ** 0.5
    wald = scipy.stats.norm.sf((centre - at) / error)
    found = DiscordantEvidence(more, less, n).above(at)
    zero = scipy.stats.binom.cdf(less, more + less, 0.5)
    combined = max(expected, wald)
    assert (max(combined, zero) if at > 0 else min(combined, zero)) == pytest.approx(found, rel=1e-5)


def test_a_median_is_bracketed_by_ranks():
    """Of 21 values the sixth and the sixteenth hold the median in 97.3% of samples, as tables have it."""
    found = EVIDENCE["ordered"]
    assert (11.0, (6.0, 16.0)) == (found.value, found.interval(0.95))
    assert pytest.approx(1 - 2 * scipy.stats.binom.cdf(5, 21, 0.5)) == pytest.approx(0.9734, abs=1e-4)
    assert (None, None) == SignTestEvidence(np.arange(5.0)).interval(0.95)


def test_the_smallest_of_several_is_above_what_all_are_above():
    """The largest p-value for all of them, three times the smallest for any; mirrored for the largest."""
    smallest, largest = EVIDENCE["smallest"], EVIDENCE["largest"]
    tail = scipy.stats.norm.sf
    assert (1, 0.2, 2, 0.7) == (smallest.place, smallest.value, largest.place, largest.value)
    assert pytest.approx((tail(2), 3 * tail(3))) == (smallest.above(0.0), smallest.below(0.5))
    assert pytest.approx((3 * tail(3), tail(2))) == (largest.above(0.4), largest.below(0.9))
    strict = scipy.stats.norm.isf(0.025 / 3)
    assert pytest.approx((0.2 - NORMAL * 0.1, 0.2 + strict * 0.1)) == smallest.interval(0.95)
    unknown = ExtremeEvidence([SignTestEvidence(np.arange(5.0)), PARTS[0]], lowest=True)
    assert (None, pytest.approx(0.4 + scipy.stats.norm.isf(0.0125) * 0.1)) == unknown.interval(0.95)


def test_draws_give_no_bound_that_they_cannot_support():
    """With 99 draws there is no 99% interval; the two-sided p-value is never below 2/100."""
    few = BootstrapEvidence(0.0, np.linspace(1, 2, 99), (0.0, None), 20, "")
    assert (0.0, None) == few.interval(0.99)
    assert pytest.approx((1 + 2 / 98 - 1 / 98, 2 - 1 / 98)) == few.interval(0.95)
    assert 2 / 100 == two_sided(few, 0.5)
