"""The colours of conditions: one palette for charts and pages, and none that means right or wrong elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import llmxray.report
from llmxray.charts import theme

CSS = (Path(llmxray.report.__file__).parent / "static/style.css").read_text("utf-8")
# Differences in CIE Lab: two patches side by side differ from 2 on; across a page it takes many times that.
FAR, PAPER_CONTRAST = 30, 3


def sets(name: str) -> tuple[str, str]:
    """The two values of a variable in the style sheet: light, which print has as well, and dark."""
    return re.findall(rf"--{name}: light-dark\((#[0-9a-f]+), (#[0-9a-f]+)\)", CSS)[0]


def linear(colour: str) -> list[float]:
    """Red, green and blue, 0–1, in linear light."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * each for each in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def lab(colour: str) -> tuple[float, float, float]:
    """CIE Lab under D65."""
    red, green, blue = linear(colour)
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089
    x, y, z = (each ** (1 / 3) if each > 0.008856 else 7.787 * each + 16 / 116 for each in (x, y, z))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def apart(one: str, other: str) -> float:
    """Distance in Lab."""
    return sum((a - b) ** 2 for a, b in zip(lab(one), lab(other), strict=True)) ** 0.5


def contrast(one: str, other: str) -> float:
    """Contrast as WCAG defines it, from 1."""
    low, high = sorted(
        0.2126 * red + 0.7152 * green + 0.0722 * blue for red, green, blue in map(linear, (one, other))
    )
    return (high + 0.05) / (low + 0.05)


def test_charts_and_pages_have_one_palette() -> None:
    """On the screen and on paper."""
    assert "color-scheme: light;" in CSS.partition("@media print")[2]
    for place, colour in enumerate(theme.HUES):
        assert colour == sets(f"c{place}")[0]


@pytest.mark.parametrize("look", range(2), ids=["light", "dark"])
def test_no_condition_looks_like_a_right_answer(look: int) -> None:
    """And each is seen on its paper."""
    paper = sets("paper")[look]
    for place in range(len(theme.HUES)):
        colour = sets(f"c{place}")[look]
        assert contrast(colour, paper) >= PAPER_CONTRAST, colour
        for right in ("correct", "correct-fill"):
            assert apart(colour, sets(right)[look]) >= FAR, (colour, right)
