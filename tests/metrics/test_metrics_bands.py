"""Two bands of confidence: a row a question as Agresti and Caffo have it, several as many questions as there are."""

import numpy as np
import pytest
from scipy import stats

from llmxray.metrics.bands import band, difference


def over(value):
    """Surer than 80%."""
    return value > 0.8


def under(value):
    """Less sure than a half."""
    return value < 0.5


def between(confidence, correct, items=None):
    """The evidence, and its 95% interval."""
    found = difference(band(confidence, correct, over, items), band(confidence, correct, under, items))
    return found, found.interval(0.95)


def test_without_clusters_it_is_agresti_and_caffos():
    """20 of 30 right above, 5 of 25 below; what lies between and what is missing is in neither."""
    confidence = [0.9] * 30 + [0.1] * 25 + [0.6, None]
    correct = [True] * 20 + [False] * 10 + [True] * 5 + [False] * 20 + [True, True]
    found, ends = between(confidence, correct)
    p, q = 21 / 32, 6 / 27
    half = stats.t.ppf(0.975, 24) * np.sqrt(p * (1 - p) / 32 + q * (1 - q) / 27)
    assert (p - q - half, p - q + half) == pytest.approx(ends)
    assert (20 / 30 - 5 / 25, 55) == (found.value, found.n)


def test_copies_of_every_row_leave_the_interval_nearly_as_it_was():
    """Ten copies of a question are one question; taken as ten they would narrow the interval threefold."""
    rng = np.random.default_rng(1)
    confidence = rng.random(200)
    correct = rng.random(200) < confidence
    once, ends = between(confidence, correct)
    many, items = list(confidence) * 10, list(range(200)) * 10
    copied, same_ends = between(many, list(correct) * 10, items)
    _, (low, high) = between(many, list(correct) * 10)
    assert once.value == pytest.approx(copied.value)
    assert ends == pytest.approx(same_ends)
    assert high - low < 0.5 * (ends[1] - ends[0])


def test_bands_of_the_same_questions_are_compared_within_them():
    """Each question is right, or wrong, in both bands: the difference is surely 0, whatever each band's own doubt."""
    items = [place // 2 for place in range(80)]
    confidence = [0.9, 0.1] * 40
    correct = [(place // 2) % 2 == 0 for place in range(80)]
    found, (low, high) = between(confidence, correct, items)
    _, apart = between(confidence, correct)
    assert (0.0, 40) == (found.value, found.n)
    assert high - low < 0.4 * (apart[1] - apart[0])


def test_few_questions_are_no_evidence():
    """Nobody is surer than 80%; and five questions in a band."""
    assert difference(band([0.3], [True], over, ["q"]), band([0.3], [True], under, ["q"])) is None
    confidence, correct = [0.9] * 5 + [0.1] * 9, [True] * 5 + [False] * 9
    assert difference(band(confidence, correct, over), band(confidence, correct, under)) is None
