"""Bars as wide as the page: an HTML table whose cells are drawn by style, so it prints, wraps and reads aloud."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from llmxray.report import numbers
from llmxray.types import Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class BarLine:
    """One bar; its places are shares, 0–1.

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


def bar_line(css: str, measure: Measure) -> BarLine:
    """One bar from 0 to 1."""
    name, estimate, href = measure
    low, high = estimate.low, estimate.high
    return BarLine(
        name=name,
        css=css,
        text=numbers.percent(estimate.value),
        small="" if low is None else numbers.interval(estimate),
        share=_rounded(estimate.value) or 0.0,
        low=_rounded(low),
        high=_rounded(high),
        href=href if estimate.n else "",
    )


def bars(
    title: str,
    caption: str,
    groups: Sequence[tuple[str, str, Sequence[Measure]]],
    chance: float | None = None,
    options: str = "",
) -> Bars:
    """Bars from 0 to 1.

    Args:
        groups: (label, colour class, measures) of each condition.
        chance: level of blind guessing.
        options: how many options a question has, for people: "4 to 10".
    """
    among = f" among {options} options" if options else ""
    return Bars(
        title=title,
        caption=caption,
        groups=tuple(
            BarGroup(label=label, css=css, lines=tuple(bar_line(css, each) for each in measures))
            for label, css, measures in groups
        ),
        chance=_rounded(chance),
        chance_text="" if chance is None else f"guessing{among}, {numbers.percent(chance)}",
    )


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)
