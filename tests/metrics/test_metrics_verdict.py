"""Verdicts: exact cases by hand, and how often a wrong one comes in when the truth lies at the margin."""

from collections import Counter

import numpy as np
import pytest

from llmxray.metrics import contrasts
from llmxray.metrics.contrasts import Graded
from llmxray.metrics.evidence import BinomialEvidence
from llmxray.metrics.verdict import Claim, judge

HELD, FAILED, OPEN = "held", "did not hold", "inconclusive"


class Known:
    """Evidence with a p-value written down, on one side of everything or on the other."""

    n, method = 20, "by hand"

    def __init__(self, p_value: float, *, high: bool) -> None:
        self.p_value, self.high = p_value, high
        self.value = 1.0 if high else -1.0

    def above(self, at: float) -> float:
        """Half of the two-sided one, or nearly 1."""
        return self.p_value / 2 if self.high else 1 - self.p_value / 2

    def below(self, at: float) -> float:
        """The other side."""
        return 1 - self.above(at)

    def interval(self, level: float) -> tuple[float, float]:
        """Only the level matters here."""
        return -level, level


def claims(*p_values: float) -> list[Claim]:
    """Predictions of something above, with data above."""
    return [Claim(Known(each, high=True), low=0.0) for each in p_values]


def test_one_claim_is_judged_at_95_percent():
    """10 of 10 against a half: p = 2/1024, so it held, and the opposite claim did not."""
    ten = BinomialEvidence(10, 10)
    (held,), (failed,) = judge([Claim(ten, low=0.5)]), judge([Claim(ten, high=0.5)])
    assert (HELD, FAILED) == (held.outcome, failed.outcome)
    assert (0.95, 2 / 1024, 2 / 1024, 1) == (held.level, held.p_value, held.p_holm, held.family)
    assert pytest.approx((0.6915029, 1.0), abs=1e-6) == (held.low, held.high)
    # 8 of 10 is no proof, p = 0.109.
    assert OPEN == judge([Claim(BinomialEvidence(8, 10), low=0.5)])[0].outcome


def test_holms_levels_step_down():
    """p = .01 against .05/3, .02 against .05/2, .5 against .05; in whatever order they stand."""
    found = judge(claims(0.5, 0.01, 0.02))
    assert [OPEN, HELD, HELD] == [each.outcome for each in found]
    assert pytest.approx([0.95, 1 - 0.05 / 3, 0.975]) == [each.level for each in found]
    assert pytest.approx([0.5, 0.03, 0.04]) == [each.p_holm for each in found]


def test_the_other_side_of_the_margin_is_a_failure():
    """Significant, and on the wrong side."""
    (found,) = judge([Claim(Known(0.001, high=False), low=0.0)])
    assert FAILED == found.outcome
    (found,) = judge([Claim(Known(0.001, high=False), high=0.0)])
    assert HELD == found.outcome


def test_the_same_is_two_one_sided_tests():
    """0.5 of an exact 60 of 120 lies within 0.1 at 95%, though not within 0.05; 0.8 is not within 0.1 of it."""
    half = BinomialEvidence(60, 120)
    (held,), (open_,) = judge([Claim(half, 0.4, 0.6)]), judge([Claim(half, 0.45, 0.55)])
    assert (HELD, OPEN) == (held.outcome, open_.outcome)
    assert pytest.approx(2 * max(half.above(0.4), half.below(0.6))) == held.p_value
    assert 0.4 < held.low < held.high < 0.6
    (failed,) = judge([Claim(BinomialEvidence(96, 120), 0.4, 0.6)])
    assert (FAILED, True) == (failed.outcome, failed.low > 0.6)
    # At the Holm level of a family the interval and the verdict agree as well.
    family = judge([Claim(BinomialEvidence(n, 120), 0.4, 0.6) for n in range(30, 91)])
    assert all((each.outcome == HELD) == (each.low > 0.4 and each.high < 0.6) for each in family)
    assert all((each.outcome == FAILED) == (each.low > 0.6 or each.high < 0.4) for each in family)
    assert {HELD, FAILED, OPEN} == {each.outcome for each in (*family, held)}


# 2.5% are meant, and a percent more is what approximations and the luck of a simulation may add.
_MOST = 0.035


def _counted(evidence, at: float, tries: int) -> None:
    """Both wrong verdicts, of a prediction whose true value lies exactly at ``at``."""
    found = Counter()
    for number in range(tries):
        contrast = evidence(np.random.default_rng([7, number]))
        if contrast is not None:
            found[judge([Claim(contrast.evidence, low=at)])[0].outcome] += 1
    assert found[HELD] / tries <= _MOST, found
    assert found[FAILED] / tries <= _MOST, found


def _paired(rng, n: int, first: float, second: float, both: float):
    """Outcomes of two conditions that only the first gets right, only the second, both."""
    kinds = rng.choice(4, size=n, p=[first, second, both, 1 - first - second - both])
    return [np.isin(kinds, (0, 2)).astype(float), np.isin(kinds, (1, 2)).astype(float)]


@pytest.mark.parametrize(("n", "first", "second", "both"), [(60, 0.12, 0.02, 0.8), (200, 0.3, 0.2, 0.2)])
def test_wrong_verdicts_on_a_difference_in_accuracy_are_rare(n, first, second, both):
    """At most 2.5% a side, with and without a margin, also where the two hardly differ."""

    def evidence(rng):
        return contrasts.shares(_paired(rng, n, first, second, both), np.arange(n))

    _counted(evidence, first - second, 1500)


def _confident(rng, n: int, shift: float):
    """Confidences, and answers that are right less often than they say."""
    sure = rng.beta(4, 2, n)
    right = (rng.random(n) < np.clip(sure - shift, 0, 1)).astype(float)
    return sure, right


def _graded(sure, right) -> Graded:
    n = np.arange(sure.size)
    return Graded(sure, right, n, np.zeros(sure.size, dtype=np.intp))


def _true_ece(shift: float) -> float:
    sure, right = _confident(np.random.default_rng(3), 4_000_000, shift)
    bins = np.ceil(sure * 15).astype(int)
    return float(np.abs(np.bincount(bins, weights=sure - right)).sum() / sure.size)


def test_wrong_verdicts_on_a_calibration_error_are_rare():
    """A binned error is biased upwards, most where there is none; the verdict must not be."""

    def evidence(rng):
        return contrasts.calibration_errors([_graded(*_confident(rng, 160, 0.0))], rng)

    _counted(evidence, _true_ece(0.0), 1000)


def test_wrong_verdicts_on_a_difference_of_calibration_errors_are_rare():
    """Also where only one of the two is calibrated, so that the biases differ."""

    def evidence(rng):
        sides = [_graded(*_confident(rng, 200, shift)) for shift in (0.0, 0.1)]
        return contrasts.calibration_errors(sides, rng)

    _counted(evidence, _true_ece(0.0) - _true_ece(0.1), 1000)


def _told(rng, n: int, lift: float):
    """Answers right in two of three cases, with a confidence that is higher by ``lift`` errors where right."""
    right = (rng.random(n) < 2 / 3).astype(float)
    return 1 / (1 + np.exp(-(rng.normal(size=n) + lift * right))), right


def test_wrong_verdicts_on_auroc_are_rare():
    """Two normal distributions one error apart have an AUROC of Φ(1/√2) = .7602; against that, and paired."""
    area = 0.7602499389065233

    def one(rng):
        return contrasts.discriminations([_graded(*_told(rng, 80, 1.0))])

    def two(rng):
        return contrasts.discriminations([_graded(*_told(rng, 80, 1.0)), _graded(*_told(rng, 80, 1.0))])

    _counted(one, area, 1000)
    _counted(two, 0.0, 1000)


def test_wrong_verdicts_on_medians_are_rare():
    """Latencies with a long tail: one median, and the difference of two on the same questions."""

    def seconds(rng, factor=1.0):
        return factor * rng.lognormal(0, 0.8, 60)

    def one(rng):
        return contrasts.medians([seconds(rng)], np.arange(60))

    def two(rng):
        length = rng.lognormal(0, 0.5, 60)
        sides = [length * rng.lognormal(0, 0.4, 60) for _ in range(2)]
        return contrasts.medians(sides, np.arange(60))

    _counted(one, 1.0, 1500)
    _counted(two, 0.0, 1000)


@pytest.mark.parametrize(("prompts", "samples"), [(1, 10), (12, 5)])
def test_wrong_verdicts_on_similarity_are_rare(prompts, samples):
    """Two settings that write alike: a few samples of one prompt, or several prompts."""

    def written(rng):
        words = rng.random((samples, 40)) < 0.3
        shared = (words[:, None, :] & words[None, :, :]).sum(axis=2)
        either = (words[:, None, :] | words[None, :, :]).sum(axis=2)
        return shared / np.maximum(either, 1)

    def evidence(rng):
        return contrasts.similarities([[written(rng) for _ in range(prompts)] for _ in range(2)])

    _counted(evidence, 0.0, 1000)


def test_wrong_verdicts_in_a_family_are_rare():
    """Five predictions on the same answers, all with the truth at their margin: any wrong verdict counts."""
    tries, found = 1500, Counter()
    for number in range(tries):
        rng = np.random.default_rng([11, number])
        sides = _paired(rng, 80, 0.25, 0.15, 0.3)
        units = np.arange(80)
        made = [
            Claim(contrasts.shares(sides, units).evidence, low=0.1),
            Claim(contrasts.shares([sides[0]], units).evidence, low=0.55),
            Claim(contrasts.shares([sides[1]], units).evidence, high=0.45),
            Claim(contrasts.medians([rng.lognormal(0, 1, 80)], units).evidence, low=1.0),
            Claim(contrasts.medians([rng.lognormal(1, 1, 80)], units).evidence, high=np.e),
        ]
        found.update({each.outcome for each in judge(made)})
    assert found[HELD] / tries <= _MOST, found
    assert found[FAILED] / tries <= _MOST, found


def test_what_is_far_beyond_the_margin_is_found():
    """No verdict would be wrong if nothing were ever decided: 30 points on 100 questions, predicted over 10."""
    held = 0
    for number in range(200):
        rng = np.random.default_rng([13, number])
        contrast = contrasts.shares(_paired(rng, 100, 0.4, 0.1, 0.3), np.arange(100))
        held += HELD == judge([Claim(contrast.evidence, low=0.1)])[0].outcome
    assert held >= 0.8 * 200
