"""Interactive charts for notebooks, as `llmxray.load` offers them: plain rows in, an altair chart out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from llmxray.charts.theme import HUES, MUTED

type Rows = Sequence[Mapping[str, Any]]

_SHARE = alt.Scale(domain=[0, 1])


def _chart(rows: Rows) -> alt.Chart:
    return alt.Chart(alt.Data(values=list(rows)))  # type: ignore[no-untyped-call]


def _colour() -> alt.Color:
    return alt.Color("condition:N", scale=alt.Scale(range=list(HUES)))


def accuracy(rows: Rows) -> Any:
    """Dots with 95% intervals; rows have condition, suite, value, low and high (0–1)."""
    base = _chart(rows).encode(y=alt.Y("condition:N", title=None), color=_colour())
    value = alt.X("value:Q", scale=_SHARE, axis=alt.Axis(format="%"), title="correct")
    dots = base.mark_circle(size=90, opacity=1).encode(x=value, tooltip=["condition:N", "suite:N", "value:Q"])
    whiskers = base.mark_rule().encode(x="low:Q", x2="high:Q")
    return (whiskers + dots).properties(width=420).facet(row=alt.Row("suite:N", title=None))


def reliability(rows: Rows) -> Any:
    """Accuracy against mean confidence of each bin; rows have condition, confidence, value and n."""
    diagonal = _chart([{"at": 0}, {"at": 1}]).mark_line(color=MUTED, strokeDash=[4, 4])
    bins = _chart(rows).encode(
        x=alt.X("confidence:Q", scale=_SHARE, axis=alt.Axis(format="%"), title="confidence"),
        y=alt.Y("value:Q", scale=_SHARE, axis=alt.Axis(format="%"), title="correct"),
        color=_colour(),
    )
    dots = bins.mark_circle(opacity=0.8).encode(size=alt.Size("n:Q", title="answers"))
    return (diagonal.encode(x="at:Q", y="at:Q") + bins.mark_line() + dots).properties(width=360, height=360)


def categories(rows: Rows) -> Any:
    """A heatmap of conditions and categories; rows have condition, suite, category, value and n."""
    cells = _chart(rows).encode(x=alt.X("condition:N", title=None), y=alt.Y("category:N", title=None))
    shade = alt.Color("value:Q", scale=alt.Scale(domain=[0, 1], scheme="blues"), title="correct")
    tooltip = ["condition:N", "suite:N", "category:N", "value:Q", "n:Q"]
    text = alt.condition("datum.value > 0.6", alt.value("white"), alt.value("black"))
    numbers = cells.mark_text().encode(text=alt.Text("value:Q", format=".0%"), color=text)
    return cells.mark_rect().encode(color=shade, tooltip=tooltip) + numbers


def accuracy_against_time(rows: Rows) -> Any:
    """A dot a condition; rows have condition, seconds, value, low and high."""
    base = _chart(rows).encode(
        x=alt.X("seconds:Q", scale=alt.Scale(type="log"), title="median seconds a question"), color=_colour()
    )
    value = alt.Y("value:Q", scale=_SHARE, axis=alt.Axis(format="%"), title="correct")
    dots = base.mark_circle(size=90, opacity=1).encode(
        y=value, tooltip=["condition:N", "seconds:Q", "value:Q"]
    )
    return (base.mark_rule().encode(y="low:Q", y2="high:Q") + dots).properties(width=420, height=300)


def confidence(rows: Rows) -> Any:
    """How sure right and wrong answers were; rows have condition, confidence and outcome."""
    bars = _chart(rows).mark_bar()
    return bars.encode(
        x=alt.X("confidence:Q", bin=alt.Bin(step=0.1, extent=[0, 1]), axis=alt.Axis(format="%")),
        y=alt.Y("count():Q", title="answers"),
        color=alt.Color("outcome:N", title=None),
    ).facet(row=alt.Row("condition:N", title=None))
