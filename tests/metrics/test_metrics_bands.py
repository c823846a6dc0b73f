"""Two bands of confidence: with a row a question as Newcombe has it, with several as many questions as there are."""

from __future__ import annotations

import numpy as np
import pytest

from llmxray.metrics.accuracy import newcombe, share
from llmxray.metrics.bands import band, difference


def over(value):
    """Surer than 80%."""
    return value > 0.8


def under(value):
    """Less sure than a half."""
    return value < 0.5


def test_without_clusters_it_is_newcombes():
    """Three of four right above, one of three below; what lies between and what is missing is in neither."""
    confidence = [0.9, 0.9, 0.95, 0.85, 0.1, 0.2, 0.3, 0.6, None]
    correct = [True, True, True, False, True, False, False, True, True]
    found = difference(band(confidence, correct, over), band(confidence, correct, under))
    assert found == newcombe(share(3, 4), share(1, 3))


def test_copies_of_every_row_leave_the_interval_nearly_as_it_was():
    """Ten copies of a question are one question; taken as ten they would narrow the interval threefold."""
    rng = np.random.default_rng(1)
    confidence = rng.random(200)
    correct = rng.random(200) < confidence
    once = difference(band(confidence, correct, over), band(confidence, correct, under))
    many, items = list(confidence) * 10, list(range(200)) * 10
    copied = difference(
        band(many, list(correct) * 10, over, items), band(many, list(correct) * 10, under, items)
    )
    plain = difference(band(many, list(correct) * 10, over), band(many, list(correct) * 10, under))
    assert once.value == pytest.approx(copied.value)
    assert once.high - once.low == pytest.approx(copied.high - copied.low, rel=0.08)
    assert plain.high - plain.low < 0.5 * (copied.high - copied.low)


def test_bands_of_the_same_questions_are_compared_within_them():
    """Each question is right, or wrong, in both bands: the difference is surely 0, whatever each band's own doubt."""
    items = [place // 2 for place in range(80)]
    confidence = [0.9, 0.1] * 40
    correct = [(place // 2) % 2 == 0 for place in range(80)]
    found = difference(band(confidence, correct, over, items), band(confidence, correct, under, items))
    apart = newcombe(share(20, 40), share(20, 40))
    assert (0.0, 80) == (found.value, found.n)
    assert found.high - found.low < 0.2 * (apart.high - apart.low)


def test_an_empty_band_has_no_difference():
    """Nobody is surer than 80%."""
    found = difference(band([0.3], [True], over, ["q"]), band([0.3], [True], under, ["q"]))
    assert (None, 1) == (found.value, found.n)
