"""Where to write the names of points so that no name lies on another, on a point, on its interval or on a line.

All numbers are pixels of the plot's frame, x from the left and y from the top. Vega places labels by their own
anchor only; here each point's name takes the free place nearest to it, above and to the right first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# For words as large as style.css makes them on a phone, where they would lie on one another first.
LINE_HEIGHT = 15.0
_LETTER_WIDTH, _GAP = 6.6, 8.0
# From the point's middle to the nearest line of the name, nearest first.
_RISES = (10.0, 26.0, 42.0, 58.0)
_OFF = 4.0
# A name that is moved may free a place for another.
_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Cross:
    """A point with its interval: its middle, and the ends of the bar."""

    x: float
    y: float
    top: float
    bottom: float


type Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


@dataclass(frozen=True, slots=True)
class LabelPlace:
    """Where a name is written: the end it begins at, and its middle height.

    Attributes:
        leftward: it ends there instead, and lies to the left of it.
    """

    x: float
    y: float
    leftward: bool


def place(
    points: Sequence[Cross], names: Sequence[str], *, width: float, height: float, avoid: Sequence[Box] = ()
) -> list[LabelPlace]:
    """A place for each name, as far as possible off every point, every bar and every other name.

    Args:
        width, height: of the frame, which names do not leave.
        avoid: lines and words that are not to be written over.
    """
    # What must not be written over, with how much it hurts: the points more than their thin bars.
    fixed = [(box, weight) for each in points for box, weight in _obstacles(each)]
    fixed += [(box, 1.0) for box in avoid]
    # Which name is placed first decides much: of two orders the better one.
    order = range(len(points))
    tries = [_placed(points, names, each, fixed, (width, height)) for each in (order, order[::-1])]
    return min(tries, key=lambda placed: placed[0])[1]


def _placed(
    points: Sequence[Cross],
    names: Sequence[str],
    order: Sequence[int],
    fixed: Sequence[tuple[Box, float]],
    frame: tuple[float, float],
) -> tuple[float, list[LabelPlace]]:
    """The names placed in that order, again and again, and what all of it costs."""
    found: dict[int, tuple[float, LabelPlace, Box]] = {}
    for _ in range(_ROUNDS):
        for at in order:
            taken = [(box, 3.0) for place, (_, _, box) in found.items() if place != at]
            others = [each for place, each in enumerate(points) if place != at]
            options = [
                (_cost(box, [*fixed, *taken], *frame) + _doubt(box, points[at], others) + number, spot, box)
                for number, (spot, box) in enumerate(_options(points[at], names[at]))
            ]
            found[at] = min(options, key=lambda option: option[0])
    return sum(cost for cost, _, _ in found.values()), [found[at][1] for at in range(len(points))]


def _options(point: Cross, name: str) -> list[tuple[LabelPlace, Box]]:
    length, options = _LETTER_WIDTH * len(name), []
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
                options.append((LabelPlace(left + length if leftward else left, y, leftward), box))
    return options


def _obstacles(point: Cross) -> list[tuple[Box, float]]:
    return [
        ((point.x - 5, point.y - 5, point.x + 5, point.y + 5), 3.0),
        ((point.x - 1, point.top, point.x + 1, point.bottom), 1.0),
    ]


def _cost(box: Box, taken: Sequence[tuple[Box, float]], width: float, height: float) -> float:
    outside = max(0.0, -box[0]) + max(0.0, box[2] - width) + max(0.0, -box[1]) + max(0.0, box[3] - height)
    return 100 * outside + sum(weight * _shared(box, other) for other, weight in taken)


def _doubt(box: Box, own: Cross, others: Sequence[Cross]) -> float:
    """What it costs that the name could be taken for that of another point, which is as near to it."""
    return 120.0 * sum(_away(box, other) < _away(box, own) + 2 for other in others)


def _away(box: Box, point: Cross) -> float:
    """Distance of a point from a box."""
    across = max(box[0] - point.x, 0.0, point.x - box[2])
    along = max(box[1] - point.y, 0.0, point.y - box[3])
    return float((across**2 + along**2) ** 0.5)


def _shared(a: Box, b: Box) -> float:
    """Area that two boxes have in common."""
    return max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
