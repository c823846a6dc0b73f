"""Accuracy against time: a logarithmic axis, and dots whose names do not lie on one another."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from llmxray.charts.label_places import Box, Cross, place
from llmxray.report import numbers
from llmxray.report.analysis.condition_colours import short_names
from llmxray.report.widgets.frame import TemplateValues
from llmxray.types import Estimate

# Pixels: of a chart on a page and on a phone, and the room for names above it and beside it.
_WIDE, _NARROW, _HEIGHT, _ABOVE, _BESIDE = 500.0, 294.0, 254.0, 18.0, 12.0
_TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


class Axis:
    """Of seconds, from the tick below all of them to the tick above, with room for a dot."""

    def __init__(self, seconds: Iterable[float]) -> None:
        known = list(seconds)
        least, most = 0.9 * max(min(known), 1e-3), 1.1 * max(*known, 2e-3)
        self.low = max((each for each in _TICKS if each <= least), default=least)
        self.high = min((each for each in _TICKS if each >= most), default=most)

    def place(self, seconds: float) -> float:
        """Where on the axis, 0 to 1."""
        return math.log(seconds / self.low) / math.log(self.high / self.low)

    @property
    def ticks(self) -> list[tuple[float, str]]:
        """Places of the ticks with their words."""
        shown = _TICKS[:: 3 if self.high / self.low > 200 else 1]
        of = [tick for tick in shown if self.low <= tick <= self.high]
        return [(self.place(tick), f"{tick:g}{numbers.NBSP}s") for tick in of]


type Dots = Sequence[tuple[float, Estimate, str, str]]
"""Seconds, accuracy, name (may be ""), and the whole label of each."""


def points(axis: Axis, dots: Dots, avoid: Sequence[tuple[int, int]] = ()) -> list[TemplateValues]:
    """Dots as charts.html draws them: one label for a page, and one with a shorter name for a phone.

    Args:
        avoid: pairs of dots between which a line runs.
    """
    names = {name: name for _, _, name, _ in dots}
    wide = _labels(axis, dots, names, avoid, _WIDE)
    narrow = _labels(axis, dots, {"": "", **short_names([name for name in names if name])}, avoid, _NARROW)
    return [
        TemplateValues(
            x=axis.place(seconds),
            y=share.value or 0.0,
            low=share.low,
            high=share.high,
            said=f"{label}: {numbers.percent(share.value)}, {numbers.seconds(seconds)}",
            labels=labels,
        )
        for (seconds, share, _, label), labels in zip(dots, zip(wide, narrow, strict=True), strict=True)
    ]


def _labels(
    axis: Axis, dots: Dots, names: Mapping[str, str], avoid: Sequence[tuple[int, int]], width: float
) -> list[TemplateValues]:
    crosses = []
    for seconds, share, _, _ in dots:
        value = share.value or 0.0
        ends = (value, *(value if end is None else end for end in (share.high, share.low)))
        crosses.append(Cross(width * axis.place(seconds), *(_ABOVE + _HEIGHT * (1 - end) for end in ends)))
    words = [f"{names[name]} {numbers.percent(share.value)}".lstrip() for _, share, name, _ in dots]
    lines: list[Box] = []
    for one, two in ((crosses[a], crosses[b]) for a, b in avoid):
        for part in (step / 20 for step in range(1, 20)):
            x, y = one.x + part * (two.x - one.x), one.y + part * (two.y - one.y)
            lines.append((x - 4, y - 4, x + 4, y + 4))
    spots = place(crosses, words, width=width + _BESIDE, height=_ABOVE + _HEIGHT, avoid=lines)
    return [
        TemplateValues(
            text=text,
            dx=round(spot.x - cross.x, 1),
            dy=round(spot.y - cross.y + 4, 1),
            align="end" if spot.leftward else "start",
        )
        for text, spot, cross in zip(words, spots, crosses, strict=True)
    ]
