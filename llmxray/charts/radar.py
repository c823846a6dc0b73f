"""Measures of a radar: fixed 0–100, fixed order, numbered rings, no fill, three shapes at most.

What a radar shows is the reader's choice, so only the browser can draw it: `MEASURES` and `lines` go into the data of
the page, and the script has no measure of its own.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

_SIDE, _RADIUS = 360, 112
# Nobody can follow more shapes than three; fewer axes than three span no area; MMLU-Pro has fourteen subjects.
MOST, LEAST_AXES, MOST_AXES = 3, 3, 14
# Letters in a line of an axis's name, so that a phone has room for names on both sides.
_LETTERS = 15

MEASURES: Mapping[str, Any] = {
    "centre": (_SIDE / 2, (_SIDE - 60) / 2),
    "radius": _RADIUS,
    "rings": (0.25, 0.5, 0.75, 1.0),
    # Height of a line of a name.
    "line": 14,
    # As large as style.css makes the words of a chart on a phone, so that the drawing has room for them.
    "words": 13,
    # Distance of the names from the centre, in radii.
    "out": 1.12,
    # A name that begins no further than this from the middle stands centred.
    "centred": 12,
    # With room for the names around the drawing: left, top, width, height.
    "view": (-50, -36, _SIDE + 100, _SIDE + 4),
    "most": MOST,
}


def lines(name: str) -> list[str]:
    """The name of an axis as the lines in which it is written."""
    return textwrap.wrap(name, _LETTERS) or [name]
