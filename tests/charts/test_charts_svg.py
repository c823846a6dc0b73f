"""What every chart promises: the page's colours, its own ids, no inline style, the same bytes twice."""

import re
from pathlib import Path

import llmxray.report
from llmxray.charts import theme


def test_charts_and_pages_have_one_palette():
    """On the screen and on paper, which is light."""
    css = (Path(llmxray.report.__path__[0]) / "static/style.css").read_text("utf-8")
    assert "color-scheme: light;" in css.partition("@media print")[2]
    for place, colour in enumerate(theme.HUES):
        assert [colour] == re.findall(rf"--c{place}: light-dark\((#[0-9a-f]+), #[0-9a-f]+\)", css)[:1]


def test_ids_are_the_charts_own_whatever_was_drawn_before():
    """Clips are found under their new names; Vega counts them on from chart to chart of a process."""
    drawn = (
        '<svg width="10" height="10"><clipPath id="clip0"></clipPath>'
        '<g clip-path="url(#clip0)" style="x" class="y"><path d="M0.12,1" fill="#1668b8"/></g></svg>'
    )
    svg = theme.dressed(drawn, "mine", "d")
    assert 'id="mine-0"' in svg
    assert 'clip-path="url(#mine-0)"' in svg
    assert '<path d="M0.12,1" fill="var(--c0)"/>' in svg
    assert svg == theme.dressed(drawn.replace("clip0", "clip12"), "mine", "d")
