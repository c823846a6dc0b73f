"""What became of every trial: one stacked bar per condition, segments that sum to N, counts inside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import altair as alt

from llmxray.charts import theme

WIDTH, STEP = 400, 44
# A count needs this share of the bar to be legible inside its segment.
_LEGIBLE = 0.045


@dataclass(frozen=True, slots=True)
class Bar:
    """One condition: its counts by outcome, in the order in which they are stacked."""

    label: str
    css: str
    counts: Mapping[str, int]


def draw(bars: Sequence[Bar], *, name: str, description: str) -> str:
    """The bars, each as long as the others: the widths are shares of its own N."""
    rows = [row for index, bar in enumerate(bars) for row in _segments(index, bar)]
    names = [
        {
            "row": index,
            "label": bar.label,
            "n": f"N = {sum(bar.counts.values())}",
            "c": theme.colour_of(bar.css),
        }
        for index, bar in enumerate(bars)
    ]
    x = alt.X("from:Q", scale=theme.unit_scale(), axis=None)
    y = alt.Y("row:O", axis=None)
    segments = alt.Chart(theme.values(rows)).encode(y=y)
    boxes = segments.mark_bar(height=16, stroke=theme.PAPER, strokeWidth=1).encode(
        x=x, x2="to:Q", fill=alt.Fill("colour:N", scale=None)
    )
    counts = (
        segments.transform_filter(f"datum.to - datum.from >= {_LEGIBLE}")
        .transform_calculate(middle="(datum.from + datum.to) / 2")
        .mark_text(fontSize=theme.TEXT)
        .encode(x=alt.X("middle:Q", scale=theme.unit_scale()), text="count:Q")
    )
    labels = alt.Chart(theme.values(names)).encode(y=y)
    heads = labels.mark_text(align="left", dy=-16, strokeWidth=0).encode(
        x=alt.value(0), text="label:N", stroke=alt.Stroke("c:N", scale=None)
    )
    totals = labels.mark_text(align="right", dy=-16, color=theme.MUTED, fontSize=theme.TEXT).encode(
        x=alt.value(WIDTH), text="n:N"
    )
    chart = alt.layer(boxes, counts, heads, totals).properties(width=WIDTH, height=STEP * len(bars))
    return theme.svg(chart, name, description)


def _segments(index: int, bar: Bar) -> list[dict[str, object]]:
    total, start, rows = max(1, sum(bar.counts.values())), 0, []
    for outcome, count in bar.counts.items():
        if count:
            rows.append(
                {
                    "row": index,
                    "from": start / total,
                    "to": (start + count) / total,
                    "count": count,
                    "colour": theme.OUTCOMES[outcome],
                }
            )
        start += count
    return rows
