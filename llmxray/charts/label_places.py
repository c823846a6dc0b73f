"""Where to write the names of points so that no name lies on another, on a point, on its interval or on a line.

All numbers are pixels of the plot's frame, x from the left and y from the top. Vega places labels by their own
anchor only; here each point's name takes in turn the free place nearest to it, above and to the right first.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

# For words as large as style.css makes them.
LINE_HEIGHT = 16.0
_LETTER_WIDTH, _GAP = 7.4, 8.0
# From the point's middle to the nearest line of the name, nearest first.
_RISES = (10.0, 26.0, 42.0, 58.0)
_OFF = 4.0
# As bad as lying on so many pixels of something else.
_ASTRAY = 60.0
_ROUNDS = 3
# Nothing is as bad as lying on a dot.
_DOT = 4


class Cross(NamedTuple):
    """A point with its interval: its middle, and the ends of the bar."""

    x: float
    y: float
    top: float
    bottom: float


type Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


class LabelPlace(NamedTuple):
    """Where a name is written: the end it begins at, and its middle height.

    Attributes:
        leftward: it ends there instead, and lies to the left of it.
    """

    x: float
    y: float
    leftward: bool


type _Option = tuple[LabelPlace, Box]


def place(
    points: Sequence[Cross], names: Sequence[str], *, width: float, height: float, avoid: Sequence[Box] = ()
) -> list[LabelPlace]:
    """A place for each name, as far as possible off every point, every bar and every other name.

    Args:
        width, height: of the frame, which names do not leave.
        avoid: lines and words that are not to be written over.
    """
    taken = [*avoid]
    for x, y, top, bottom in points:
        taken += [*_DOT * [(x - 7, y - 7, x + 7, y + 7)], (x - 2, top, x + 2, bottom)]

    def cost(option: _Option, point: Cross) -> float:
        left, top, right, bottom = box = option[1]
        outside = max(0.0, -left) + max(0.0, right - width) + max(0.0, -top) + max(0.0, bottom - height)
        # A name belongs to the point that is nearest to it.
        astray = sum(_away(box, each) <= _away(box, point) + _OFF for each in points if each is not point)
        return 100 * outside + sum(_shared(box, other) for other in taken) + _ASTRAY * astray

    costs = [
        [(cost(option, point), option) for option in _options(point, name)]
        for point, name in zip(points, names, strict=True)
    ]
    # Whose name is placed first has the choice: each is in turn.
    starts = range(max(1, len(points)))
    return min((_settled(costs, start) for start in starts), key=lambda each: each[0])[1]


def _settled(costs: Sequence[Sequence[tuple[float, _Option]]], start: int) -> tuple[float, list[LabelPlace]]:
    """What the names cost together, and their places; the first of equals is the nearest."""
    n = len(costs)
    found: dict[int, tuple[float, _Option]] = {}
    total = 0.0
    for turn in range(_ROUNDS * n):
        at = (start + turn) % n
        others = [option[1] for place, (_, option) in found.items() if place != at]
        prices = [own + sum(_shared(box, other) for other in others) for own, (_, box) in costs[at]]
        found[at] = costs[at][prices.index(min(prices))]
        # Of the last round.
        total = (total if turn > (_ROUNDS - 1) * n else 0.0) + min(prices)
    return total, [found[at][1][0] for at in range(n)]


def _options(point: Cross, name: str) -> Iterator[_Option]:
    length = _LETTER_WIDTH * len(name)
    for rise in _RISES:
        for up in (-1, 1):
            for left, is_over, leftward in (
                (point.x + _GAP, False, False),
                (point.x - _GAP - length, False, True),
                (point.x - length / 2, True, False),
            ):
                # Over the point it must be off its dot.
                y = point.y + up * (rise + _OFF * is_over)
                box = (left, y - LINE_HEIGHT / 2, left + length, y + LINE_HEIGHT / 2)
                yield LabelPlace(left + length if leftward else left, y, leftward), box


def _away(box: Box, point: Cross) -> float:
    """How far a point lies from a box; 0 within it."""
    left, top, right, bottom = box
    return math.hypot(max(left - point.x, 0.0, point.x - right), max(top - point.y, 0.0, point.y - bottom))


def _shared(a: Box, b: Box) -> float:
    """Area that two boxes have in common."""
    return max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
