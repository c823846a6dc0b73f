"""Reliability diagram: accuracy against confidence in bins, the smooth curve, and where confidence lies.

Square, with the diagonal; each bin shows its Wilson interval; empty bins are left out. The curve is shown with the
statistics. Below it a histogram of confidence with the count of every bin, and lines at mean confidence and accuracy.

Drawn here, since it depends on no choice of the reader's. A reader's own answers are known to the browser alone:
their diagram, with several answerers in one picture, is drawn by ``reliability.js`` of the calibration page.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from llmxray.charts import theme
from llmxray.metrics.binning import Bin
from llmxray.metrics.smooth import ReliabilityCurve

SIDE, HISTOGRAM = 280, 56


def draw(
    bins: Sequence[Bin],
    curve: ReliabilityCurve,
    *,
    css: str,
    mean_confidence: float,
    accuracy: float,
    name: str,
    description: str,
    links: Sequence[str] = (),
) -> str:
    """The diagram of one condition.

    Args:
        links: an address per bin, to which its dot leads.
    """
    line, word = _diagonal()
    top = theme.layer(
        line,
        _curve(curve, bins[0].low, bins[-1].high),
        *_bins(bins, theme.colour_of(css), links),
        # Over the whiskers, which would run through it.
        word,
        width=SIDE,
        height=SIDE,
    )
    most = max((each.n for each in bins), default=1)
    bottom = theme.layer(
        *_histogram(bins, most, theme.colour_of(css)),
        *_means(mean_confidence, accuracy, most),
        width=SIDE,
        height=HISTOGRAM,
    )
    return theme.svg(theme.vconcat(top, bottom, spacing=4), name, description, linked=bool(links))


def _x(field: str, **more: Any) -> alt.X:
    return alt.X(field, scale=theme.unit_scale(), **more)


def _y(field: str, **more: Any) -> alt.Y:
    return alt.Y(field, scale=theme.unit_scale(), **more)


def _diagonal() -> tuple[Any, Any]:
    ends = alt.Chart(theme.values([{"x": 0, "y": 0, "x2": 1, "y2": 1}]))
    line = ends.mark_rule(strokeDash=[3, 3], color=theme.FAINT).encode(
        x=_x("x:Q"), y=_y("y:Q"), x2=alt.X2("x2"), y2=alt.Y2("y2")
    )
    word = alt.Chart(theme.values([{"x": 0.02, "y": 0.97, "t": "confidence = accuracy, dashed"}])).mark_text(
        align="left", fontSize=theme.TEXT, color=theme.FAINT
    )
    return line, word.encode(x=_x("x:Q"), y=_y("y:Q"), text=alt.Text("t:N"))


def _curve(curve: ReliabilityCurve, low: float, high: float) -> Any:
    # Numbered runs, so that no line bridges a stretch without confidences.
    rows: list[dict[str, Any]] = []
    run = 0
    for place, height in zip(curve.grid, curve.accuracy, strict=True):
        if height is None or not low <= place <= high:
            run += 1
        else:
            rows.append({"x": place, "y": height, "run": run})
    data = alt.Chart(theme.values(rows))
    return data.mark_line(color=theme.STATISTIC, strokeWidth=1.5, opacity=0.8).encode(
        x=_x("x:Q"), y=_y("y:Q"), detail=alt.Detail("run:N")
    )


def _said(each: Bin) -> str:
    right = f"{each.accuracy.value or 0:.0%} right"
    return f"{each.n} answers, {each.low:.0%} to {each.high:.0%} confident: {right}"


def _bins(bins: Sequence[Bin], colour: str, links: Sequence[str]) -> list[Any]:
    rows = [
        {
            "x": each.mean_confidence,
            "y": each.accuracy.value,
            "low": each.accuracy.low,
            "high": each.accuracy.high,
            "to": theme.link(links[place]) if links else "",
            "said": _said(each),
        }
        for place, each in enumerate(bins)
    ]
    base = alt.Chart(theme.values(rows))
    x_axis = theme.percent_axis(labels=False)
    y_axis = theme.percent_axis(title="accuracy")
    return [
        base.mark_rule(strokeWidth=2, opacity=0.5, color=colour).encode(
            x=_x("x:Q", axis=x_axis), y=_y("low:Q", axis=y_axis), y2=alt.Y2("high:Q")
        ),
        base.mark_circle(size=64, opacity=1, color=colour).encode(
            x=_x("x:Q", axis=x_axis),
            y=_y("y:Q", axis=y_axis),
            **({"href": alt.Href("to:N"), "description": alt.Description("said:N")} if links else {}),
        ),
    ]


# Counts stand in a row above the highest bar, where no mean's line reaches: it would run through them.
_LINES, _COUNTS, _TOP = 1.02, 1.2, 1.35


def _height(field: str, most: int) -> alt.Y:
    return alt.Y(field, scale=alt.Scale(domain=[0, most * _TOP], nice=False), axis=None)


def _histogram(bins: Sequence[Bin], most: int, colour: str) -> list[Any]:
    rows = [
        {
            **{"low": each.low, "high": each.high, "middle": (each.low + each.high) / 2},
            **{"n": each.n, "zero": 0, "at": most * _COUNTS},
        }
        for each in bins
    ]
    base = alt.Chart(theme.values(rows))
    x_axis = theme.percent_axis(title="confidence", grid=False)
    bars = base.mark_bar(color=colour, opacity=0.35, binSpacing=1).encode(
        x=_x("low:Q", axis=x_axis), x2=alt.X2("high:Q"), y=_height("n:Q", most), y2=alt.Y2("zero:Q")
    )
    counts = base.mark_text(fontSize=8.5, color=theme.MUTED).encode(
        x=_x("middle:Q", axis=x_axis), y=_height("at:Q", most), text=alt.Text("n:Q")
    )
    return [bars, counts]


def _means(confidence: float, accuracy: float, most: int) -> list[Any]:
    ends = {"from": 0, "to": most * _LINES}
    base = alt.Chart(theme.values([{"confidence": confidence, "accuracy": accuracy, **ends}]))
    line = {"y": _height("from:Q", most), "y2": alt.Y2("to:Q")}
    solid = base.mark_rule(color=theme.INK, strokeWidth=1.5).encode(x=_x("confidence:Q"), **line)
    dashed = base.mark_rule(color=theme.INK, strokeWidth=1.5, strokeDash=[4, 3]).encode(
        x=_x("accuracy:Q"), **line
    )
    return [solid, dashed]
