"""Bars as wide as the page: an HTML table whose cells are drawn by style, so it prints, wraps and reads aloud."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from llmxray.report import numbers
from llmxray.types import Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class BarLine:
    """One bar; its places are shares of its axis, 0–1.

    Attributes:
        name: what it measures, where a condition has several bars; "" for one.
        css: colour class.
        text: its number; small: its interval in words.
        share: where it ends. low, high: where its interval does; None without one.
        href: the questions behind it, "" for none.
    """

    name: str
    css: str
    text: str
    small: str
    share: float = 0.0
    low: float | None = None
    high: float | None = None
    href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BarGroup:
    """The bars of one condition."""

    label: str
    css: str
    lines: tuple[BarLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """The picture.

    Attributes:
        title: what is shown, for people. caption: n and estimator.
        chance: place of the chance level, None for none; chance_text: its name.
    """

    title: str
    caption: str
    groups: tuple[BarGroup, ...]
    chance: float | None = None
    chance_text: str = ""


type Measure = tuple[str, Estimate, str]
"""Name, value with interval, and link to the questions behind."""


def bar_line(
    css: str, measure: Measure, shown: Callable[[float | None], str] = numbers.percent, top: float = 1.0
) -> BarLine:
    """One bar from 0 to ``top``; see `bars`."""
    name, estimate, href = measure
    low, high = estimate.low, estimate.high
    ends = low is not None and high is not None
    return BarLine(
        name=name,
        css=css,
        text=shown(estimate.value),
        small=f"{shown(low)} to {shown(high)}" if ends else "",
        share=_part(estimate.value, top) or 0.0,
        low=_part(low, top) if ends else None,
        high=_part(high, top) if ends else None,
        href=href if estimate.n else "",
    )


def bars(
    title: str,
    caption: str,
    groups: Sequence[tuple[str, str, Sequence[Measure]]],
    *,
    shown: Callable[[float | None], str] = numbers.percent,
    top: float = 1.0,
    chance: float | None = None,
    options: str = "",
) -> Bars:
    """Bars from 0 to ``top``.

    Args:
        groups: (label, colour class, measures) of each condition.
        shown: how a value is written.
        chance: level of blind guessing, in the unit of the values.
        options: how many options a question has, for people: "4 to 10".
    """
    among = f" among {options} options" if options else ""
    return Bars(
        title=title,
        caption=caption,
        groups=tuple(
            BarGroup(label=label, css=css, lines=tuple(bar_line(css, each, shown, top) for each in measures))
            for label, css, measures in groups
        ),
        chance=_part(chance, top),
        chance_text="" if chance is None else f"guessing{among}, {shown(chance)}",
    )


def _part(value: float | None, top: float) -> float | None:
    """A value as a share of the axis, as files hold it; within the axis, also where it is infinite or none."""
    if value is None:
        return None
    part = value / top if top else 0.0
    return 0.0 if math.isnan(part) else round(min(max(part, 0.0), 1.0), 4)
