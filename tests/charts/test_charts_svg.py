"""What every chart promises: the page's colours, its own ids, no inline style, the same bytes twice."""

from __future__ import annotations

from llmxray.charts import theme


def test_ids_are_the_charts_own():
    """Clips are found under their new names."""
    drawn = (
        '<svg width="10" height="10"><clipPath id="clip0"></clipPath>'
        '<g clip-path="url(#clip0)" style="x" class="y"><path d="M0.12,1" fill="#1668b8"/></g></svg>'
    )
    svg = theme.dressed(drawn, "mine", "d")
    assert 'id="mine-0"' in svg
    assert 'clip-path="url(#mine-0)"' in svg
    assert '<path d="M0.12,1" fill="var(--c0)"/>' in svg


def test_a_chart_is_the_same_however_many_were_drawn_before():
    """Vega counts the ids of clips and gradients on, from chart to chart of a process."""
    first = '<svg width="1" height="1"><clipPath id="clip0"/><g clip-path="url(#clip0)"/></svg>'
    later = first.replace("clip0", "clip12")
    assert theme.dressed(first, "mine", "d") == theme.dressed(later, "mine", "d")
