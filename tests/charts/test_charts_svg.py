"""What every chart promises: the page's colours, its own ids, no inline style, the same bytes twice."""

from __future__ import annotations

import re

from llmxray.charts import theme, tradeoff
from llmxray.types import Estimate

HALF = Estimate(0.5, 0.4, 0.6, 20)


def draw_tradeoff() -> str:
    """One point with intervals, one without."""
    points = [
        tradeoff.TradeoffPoint("one <b>", "c0", HALF, Estimate(0.3, 0.2, 0.4)),
        tradeoff.TradeoffPoint("two", "c1", HALF, Estimate(3.0)),
    ]
    return tradeoff.draw(points, name="n", description='a "b" <c>', chance=0.25)


def test_charts_follow_the_page():
    """Twice the same; a role and an escaped description; only the page's colours; nothing a policy forbids."""
    svg = draw_tradeoff()
    assert svg == draw_tradeoff()
    assert 'role="img" aria-label="a &quot;b&quot; &lt;c&gt;"' in svg
    assert "<b>" not in svg
    assert "style" not in svg
    assert "NaN" not in svg
    assert "font-family" not in svg
    assert set() == set(re.findall(r'(?:fill|stroke)="(#[0-9a-f]+)"', svg))
    assert "var(--c0)" in svg
    assert 'class="k c0"' in svg


def test_ids_are_the_charts_own():
    """Clips are found under their new names; long decimals are cut."""
    drawn = (
        '<svg width="10" height="10"><clipPath id="clip0"></clipPath>'
        '<g clip-path="url(#clip0)" style="x" class="y"><path d="M0.123456,1" fill="#1668b8"/></g></svg>'
    )
    svg = theme.dressed(drawn, "mine", "d")
    assert 'id="mine-0"' in svg
    assert 'clip-path="url(#mine-0)"' in svg
    assert '<path class="k c0" d="M0.12,1" fill="var(--c0)"/>' in svg


def test_a_chart_is_the_same_however_many_were_drawn_before():
    """Vega counts the ids of clips and gradients on, from chart to chart of a process."""
    first = '<svg width="1" height="1"><clipPath id="clip0"/><g clip-path="url(#clip0)"/></svg>'
    later = first.replace("clip0", "clip12")
    assert theme.dressed(first, "mine", "d") == theme.dressed(later, "mine", "d")


def test_all_times_of_an_axis_have_one_unit():
    """Seconds as soon as one is longer than a second."""
    for slow, said in ((2.0, " s"), (0.8, " ms")):
        points = [
            tradeoff.TradeoffPoint(name, "c0", Estimate(0.5), Estimate(seconds))
            for name, seconds in (("a", 0.3), ("b", slow))
        ]
        drawn = tradeoff.draw(points, name="t", description="t")
        assert {said} == {each for each in (" s", " ms") if re.search(rf">[\d.]+{each}<", drawn)}


def test_the_front_leaves_out_what_another_beats_on_both():
    """Quickest first; a slower one must be more accurate."""
    points = [
        tradeoff.TradeoffPoint(name, "c0", Estimate(right), Estimate(seconds))
        for name, right, seconds in (("a", 0.5, 2.0), ("b", 0.4, 1.0), ("c", 0.4, 3.0), ("d", 0.3, 1.0))
    ]
    assert ["b", "a"] == [point.label for point in tradeoff.front(points)]
