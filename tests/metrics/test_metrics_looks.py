"""Looks: exact levels, Holm at each look by hand, and how often a wrong decision comes in over all looks."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import scipy

from llmxray.metrics.distributions import normal_quantile
from llmxray.metrics.evidence import DiscordantEvidence
from llmxray.metrics.looks import Looks, expected, levels
from llmxray.metrics.verdict import Claim

HALVES = (0.5, 1.0)
TEN = tuple(n / 1000 for n in (20, 30, 45, 68, 101, 152, 228, 342, 513, 769, 1000))


def claims(*above: float) -> dict[int, Claim]:
    """Claims of more than 0 with these one-sided p-values; of an interval only its level matters."""
    made: list[Any] = [
        SimpleNamespace(
            above=lambda _, p=p: p, below=lambda _, p=p: 1 - p, interval=lambda level: (-level, level)
        )
        for p in above
    ]
    return {number: Claim(each, 0.0) for number, each in enumerate(made)}


def test_levels_spend_the_error_by_the_share_asked():
    """By each look its share is spent, by the normal distribution of all looks together (scipy's own)."""
    for shares in (HALVES, (0.1, 0.3, 1.0)):
        bounds = [-normal_quantile(level) for level in levels(shares, 0.05)]
        times = np.array(shares)
        correlation = np.sqrt(np.minimum.outer(times, times) / np.maximum.outer(times, times))
        for n in range(1, len(shares) + 1):
            joint = scipy.stats.multivariate_normal(np.zeros(n), correlation[:n, :n])
            assert 1 - joint.cdf(np.array(bounds[:n])) == pytest.approx(0.05 * shares[n - 1], abs=2e-5)


def test_a_decided_claim_passes_its_error_on():
    """At half of the data two claims have 0.00625 each, and one has 0.0125."""
    study = Looks(HALVES, 2)
    assert study.look(0, claims(0.006, 1 - 0.012)) == "decided"
    (_, first, held), (_, second, failed) = study.decided[0], study.decided[1]
    assert (held, failed) == ("held", "did not hold")
    assert [first, second] == pytest.approx([0.00625, 0.0125])
    study = Looks(HALVES, 2)
    assert study.look(0, claims(0.006, 0.013)) == "go on"
    assert [*study.decided] == [0]
    assert study.look(1, claims(0.9, 0.9)) == "all asked"
    assert study.decided[0].look == 0


def test_futility_needs_all_open_claims_to_be_lost():
    """One that only the last look may decide, or that has no evidence yet, keeps the study going."""
    assert Looks(HALVES, 1, futility=0.06).look(0, claims(0.5)) == "futile"
    assert Looks(HALVES, 1, futility=0.01).look(0, claims(0.5)) == "go on"
    assert Looks(HALVES, 2, futility=0.06).look(0, claims(0.5)) == "go on"
    study = Looks(HALVES, 1, last_only=(0,), futility=0.06)
    assert study.look(0, claims(1e-9)) == "go on"
    assert study.look(1, claims(0.02)) == "decided"
    assert study.decided[0].level == 0.025


def test_the_interval_is_that_of_the_look():
    """A decided claim has the level of its decision, an open one that of the look; p is adjusted to it."""
    study, both = Looks(HALVES, 2), claims(0.006, 0.3)
    study.look(0, both)
    held, is_open = (study.judgement(number, both[number], 0) for number in (0, 1))
    assert (held.outcome, is_open.outcome) == ("held", "inconclusive")
    assert [held.level, held.p_holm, is_open.level] == pytest.approx([0.9875, 0.048, 0.975])
    assert held.high == held.level


def errors(n: int, a: float, b: float, at: float) -> list[float]:
    """Share of studies that hold, and that do not: more than ``at``, each alone right on ``a`` and ``b`` questions."""
    outcomes: list[str] = []
    for drawn in np.random.default_rng(7).choice(3, size=(n, 1000), p=(a, b, 1 - a - b)):
        looks, place, end = Looks(TEN, 1), 0, "go on"
        while end == "go on":
            seen = drawn[: round(1000 * TEN[place])]
            evidence = DiscordantEvidence(int((seen == 0).sum()), int((seen == 1).sum()), len(seen))
            end, place = looks.look(place, {0: Claim(evidence, at)}), place + 1
        outcomes += [each.outcome for each in looks.decided.values()]
    return [outcomes.count(outcome) / n for outcome in ("held", "did not hold")]


def test_a_short_simulation():
    """Without a difference few studies decide; ten points are nearly always found."""
    assert max(errors(150, 0.15, 0.15, 0.0)) <= 0.06
    assert errors(40, 0.2, 0.1, 0.0)[0] >= 0.95


@pytest.mark.search
@pytest.mark.parametrize("null", [(0.15, 0.15, 0.0), (0.25, 0.15, 0.1), (0.1, 0.0, 0.1), (0.3, 0.25, 0.05)])
def test_no_side_errs_more_often_than_promised(null):
    """Where the truth lies at the margin: under 3% a side, and the error of 3,000 draws (three of their deviations)."""
    assert max(errors(3000, *null)) < 0.03 + 3 * (0.03 * 0.97 / 3000) ** 0.5


def test_expected_numbers_are_those_of_simulated_studies():
    """Without a difference 5% decide; a large one takes a small part of the questions."""
    assert expected(TEN, 0.025, 0.0, 0.05) == pytest.approx((0.71, 0.05), abs=0.04)
    assert expected(TEN, 0.025, 10.0, 0.05) == pytest.approx((0.12, 1.0), abs=0.004)
    assert expected((1.0,), 0.025, 2.8, 0.05) == pytest.approx((1.0, 0.8), abs=0.003)
