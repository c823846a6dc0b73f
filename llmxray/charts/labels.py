"""Where to write the names of points so that no name lies on another, on a point or on its interval.

All numbers are pixels of the plot's frame, x from the left and y from the top. Vega places labels by their own
anchor only; here each point's name takes the free place nearest to it, above and to the right first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# For words as large as style.css makes them on a phone, where they would lie on one another first.
_HEIGHT, _LETTER_WIDTH, _GAP = 15.0, 7.0, 8.0
# From the point's middle to the label's, nearest first. Farther than two lines a name belongs to nobody.
_RISES = (-10.0, 10.0, -25.0, 25.0, -40.0, 40.0)


@dataclass(frozen=True, slots=True)
class Cross:
    """A point with its intervals: its middle, and the ends of both bars."""

    x: float
    y: float
    left: float
    right: float
    top: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Place:
    """Where a label is written: the end it begins at, and its middle height.

    Attributes:
        leftward: it ends there instead, and lies to the left of its point.
    """

    x: float
    y: float
    leftward: bool


type _Box = tuple[float, float, float, float]


def place(
    points: Sequence[Cross], names: Sequence[str], *, width: float, height: float, level: float | None = None
) -> list[Place]:
    """A place for each name, as far as possible off every point, every bar and every other name.

    Args:
        width, height: of the frame, which names do not leave.
        level: height of a line through the whole frame, such as chance.
    """
    # What must not be written over, with how much it hurts: the points more than their thin bars.
    taken = [(box, weight) for each in points for box, weight in _obstacles(each)]
    if level is not None:
        taken.append(((0.0, level - 1, width, level + 1), 1.0))
    found = []
    for point, name in zip(points, names, strict=True):
        length = _LETTER_WIDTH * len(name)
        options = [
            (_cost(box, taken, width, height) + order, spot, box)
            for order, (spot, box) in enumerate(_options(point, length))
        ]
        _, spot, box = min(options, key=lambda option: option[0])
        found.append(spot)
        taken.append((box, 3.0))
    return found


def _options(point: Cross, length: float) -> list[tuple[Place, _Box]]:
    made = []
    for rise in _RISES:
        for leftward in (False, True):
            x = point.x - _GAP if leftward else point.x + _GAP
            y = point.y + rise
            left = x - length if leftward else x
            made.append((Place(x, y, leftward), (left, y - _HEIGHT / 2, left + length, y + _HEIGHT / 2)))
    return made


def _obstacles(point: Cross) -> list[tuple[_Box, float]]:
    return [
        ((point.x - 5, point.y - 5, point.x + 5, point.y + 5), 3.0),
        ((point.left, point.y - 1, point.right, point.y + 1), 1.0),
        ((point.x - 1, point.top, point.x + 1, point.bottom), 1.0),
    ]


def _cost(box: _Box, taken: Sequence[tuple[_Box, float]], width: float, height: float) -> float:
    outside = max(0.0, -box[0]) + max(0.0, box[2] - width) + max(0.0, -box[1]) + max(0.0, box[3] - height)
    return 100 * outside + sum(weight * _shared(box, other) for other, weight in taken)


def _shared(a: _Box, b: _Box) -> float:
    """Area that two boxes have in common."""
    return max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
