"""Numbers as they are written."""

import pytest

from llmxray.report import numbers
from llmxray.types import Estimate


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.523, "52%"), (0.999, ">99%"), (0.001, "<1%"), (0.0, "0%"), (1.0, "100%"), (None, "—")],
)
def test_percent_is_never_rounded_to_certainty(value, text):
    """Only what is exactly 0 or 1 is written so."""
    assert text == numbers.percent(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.998, ">0.99"), (0.002, "<0.01"), (0.0, "0.00"), (1.0, "1.00"), (0.5, "0.50"), (None, "—")],
)
def test_units_are_never_rounded_to_certainty(value, text):
    """An AUROC of 1.00 is a perfect one."""
    assert text == numbers.unit(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0123, "12 ms"), (0.9994, "999 ms"), (0.9996, "1.0 s"), (99.94, "99.9 s"), (99.96, "100 s")],
)
def test_a_duration_changes_its_unit_where_it_is_rounded_to_it(value, text):
    """No 1000 ms, and no tenths of a hundred seconds."""
    assert text == numbers.seconds(value).replace(numbers.NBSP, " ")


def test_durations_that_are_compared_have_one_unit():
    """Both in seconds where one of them is a second or more; a thousandth of a second is no 0."""
    shown = numbers.in_one_unit(numbers.seconds, 1.7, 0.628, 0.001)
    assert [shown(value).replace(numbers.NBSP, " ") for value in (1.7, 0.997, 0.628, 0.001)] == [
        "1.7 s",
        "1.0 s",
        "0.63 s",
        "<0.01 s",
    ]
    assert "628 ms" == numbers.in_one_unit(numbers.seconds, 0.4, 0.628)(0.628).replace(numbers.NBSP, " ")
    assert numbers.in_one_unit(numbers.percent, 0.4, 1.7) is numbers.percent


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (0.24, 0.34, "24 to 34"),
        (-0.09, -0.02, "−9 to −2"),
        (0.001, 0.06, "0.1 to 6.0"),
        (-0.0004, 0.12, "−0.04 to +12.00"),
        (0.0, 0.06, "0 to +6"),
    ],
)
def test_points_interval_has_signs_where_they_matter(low, high, text):
    """Positive on both ends: no signs."""
    assert text == numbers.points_interval(Estimate(0.0, low, high, 10))


@pytest.mark.parametrize(
    ("low", "high", "scale", "threshold", "text"),
    [
        (0.2512, 0.4, numbers.percent, 0.25, "25.1% to 40.0%"),
        (0.25, 0.4, numbers.percent, 0.25, "25% to 40%"),
        (0.31, 0.4, numbers.percent, None, "31% to 40%"),
        (0.5021, 0.64, numbers.unit, 0.5, "0.502 to 0.640"),
        (1.004, 2.3, numbers.ratio, 1.0, "1.004 to 2.300"),
        (0.9, 1.2, numbers.seconds, 1.0, "0.90 s to 1.2 s"),
    ],
)
def test_an_end_is_never_printed_as_what_it_is_compared_with(low, high, scale, threshold, text):
    """More digits where it would be: the same print must not stand for opposite verdicts."""
    found = numbers.interval(Estimate(0.5, low, high, 10), scale, threshold)
    assert text == found.replace(numbers.NBSP, " ")


@pytest.mark.parametrize(
    ("value", "size", "whole", "signed"),
    [
        (0.386, "38.6 points", "39 points", "+38.6"),
        (-0.01, "1.0 points", "1 point", "−1.0"),
        (0.0, "0 points", "0 points", "0"),
        (None, "— points", "— points", "—"),
    ],
)
def test_a_difference_is_written_in_one_way(value, size, whole, signed):
    """With one digit in a table and in a sentence; what is no difference of two shares is whole."""
    assert size == numbers.in_points(value)
    assert whole == numbers.in_points(value, numbers.points)
    assert signed == numbers.difference(value)


@pytest.mark.parametrize(
    ("p", "text"), [(0.0004, "p < 0.001"), (0.0156, "p = 0.016"), (0.42, "p = 0.42"), (0.9999, "p > 0.99")]
)
def test_p_values_keep_together_on_a_line(p, text):
    """The spaces do not break."""
    assert text.replace(" ", numbers.NBSP) == numbers.p_value(p)
