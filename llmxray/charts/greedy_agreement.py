"""Small multiples: how probable a question's greedy first token is, against how often samples keep it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from llmxray.charts import theme

SIZE = 190
# Four panels fill the width of the page.
COLUMNS = 4


@dataclass(frozen=True, slots=True)
class AgreementPanel:
    """One setting.

    Attributes:
        css: colour class of its condition.
        points: (probability, share kept, whether the question is answered right), all 0–1.
    """

    title: str
    css: str
    points: tuple[tuple[float, float, bool | None], ...]


def draw(panels: Sequence[AgreementPanel], *, name: str, description: str) -> str:
    """The panels in the order given; filled dots are right answers, hollow ones are not."""
    drawn = [_panel(panel, is_first=place % COLUMNS == 0) for place, panel in enumerate(panels)]
    chart = theme.concat(*drawn, columns=COLUMNS, spacing=24)
    return theme.svg(chart, name, description)


def _panel(panel: AgreementPanel, *, is_first: bool) -> Any:
    colour = theme.colour_of(panel.css)
    rows = [{"x": x, "y": y, "right": right is True} for x, y, right in panel.points]
    base = alt.Chart(theme.values(rows)).encode(
        x=alt.X(
            "x:Q", scale=theme.unit_scale(), axis=theme.percent_axis(title="probability of the first token")
        ),
        y=alt.Y(
            "y:Q",
            scale=theme.unit_scale(),
            axis=theme.percent_axis(title="samples that keep it" if is_first else None),
        ),
    )
    filled = base.transform_filter("datum.right").mark_circle(size=36, color=colour, opacity=0.75)
    hollow = base.transform_filter("!datum.right").mark_point(
        size=30, filled=False, stroke=colour, strokeWidth=1.25, opacity=0.9
    )
    diagonal = (
        alt.Chart(theme.values([{"x": 0, "y": 0}, {"x": 1, "y": 1}]))
        .mark_line(strokeDash=[3, 3], color=theme.FAINT, strokeWidth=1)
        .encode(x=alt.X("x:Q", scale=theme.unit_scale()), y=alt.Y("y:Q", scale=theme.unit_scale()))
    )
    title = alt.TitleParams(panel.title, anchor="start", fontSize=theme.TEXT, fontWeight=600, color=theme.INK)
    return theme.layer(diagonal, filled, hollow, width=SIZE, height=SIZE, title=title)
