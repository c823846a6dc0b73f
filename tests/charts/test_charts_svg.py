"""What every chart promises: the page's colours, its own ids, no inline style, the same bytes twice."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from llmxray.charts import confidence_scatter, reliability, selective, theme, tradeoff
from llmxray.metrics.binning import reliability_bins
from llmxray.metrics.smooth import reliability_curve
from llmxray.types import Estimate

SURE = [0.2, 0.4, 0.6, 0.9, 0.95, 0.97]
RIGHT = [False, True, False, True, True, True]
HALF = Estimate(0.5, 0.4, 0.6, 20)


def draw_tradeoff() -> str:
    """One point with intervals, one without."""
    points = [
        tradeoff.TradeoffPoint("one <b>", "c0", HALF, Estimate(0.3, 0.2, 0.4)),
        tradeoff.TradeoffPoint("two", "c1", HALF, Estimate(3.0)),
    ]
    return tradeoff.draw(points, name="n", description='a "b" <c>', chance=0.25)


def draw_reliability() -> str:
    """Six answers in five bins."""
    bins, curve = reliability_bins(SURE, RIGHT, n_bins=5), reliability_curve(SURE, RIGHT)
    return reliability.draw(
        bins, curve, css="c0", mean_confidence=0.67, accuracy=0.66, name="n", description='a "b" <c>'
    )


def draw_scatter() -> str:
    """Six answers."""
    return confidence_scatter.draw(
        list(zip(SURE, RIGHT, strict=True)), css="c0", name="n", description='a "b" <c>'
    )


ALL = [draw_tradeoff, draw_reliability, draw_scatter]


@pytest.mark.parametrize("draw", ALL)
def test_charts_follow_the_page(draw: Callable[[], str]):
    """Twice the same; a role and an escaped description; only the page's colours; nothing a policy forbids."""
    svg = draw()
    assert svg == draw()
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
        '<g clip-path="url(#clip0)" style="x" class="y"><path d="M0.123456,1" fill="#0072b2"/></g></svg>'
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


def test_dense_places_become_one_circle():
    """Five equal confidences are one circle of five times the area; four are four dots."""
    dense = confidence_scatter.places([(0.55, True)] * 5)
    sparse = confidence_scatter.places([(0.55, True)] * 4)
    assert [70] == [row["area"] for row in dense]
    assert 4 == len({row["y"] for row in sparse})


def test_marks_lead_where_they_are_told_and_are_named():
    """A chart of links is a group, not one picture; addresses stay relative to the page."""
    drawn = reliability.draw(
        reliability_bins([0.9, 0.95, 0.2], [1, 0, 0], n_bins=2),
        reliability_curve([0.9, 0.95, 0.2], [1, 0, 0]),
        css="c1",
        mean_confidence=0.7,
        accuracy=0.3,
        name="linked",
        description="linked",
        links=["answers.html#conf=0-0.5", "answers.html#conf=0.5-1"],
    )
    assert 'role="group"' in drawn
    assert '<a href="answers.html#conf=0-0.5" aria-label="1 answers, 0% to 50% confident: 0% right">' in drawn
    assert "page.invalid" not in drawn


def test_a_plane_knows_where_its_values_lie():
    """The dot at full coverage lies where the plane says."""
    drawn = selective.draw(
        [selective.Curve("a", "c0", ((0.5, 1.0), (1.0, 0.5)))], name="s", description="s", chance=0.25
    )
    x, y = selective.PLANE.x(1.0), selective.PLANE.y(0.5)
    assert (398.0, 150.0) == (x, y)
    assert f'width="{selective.PLANE.left + 340 + selective.PLANE.right}"' in drawn
    assert f"translate({selective.PLANE.left},{selective.PLANE.top})" in drawn
    assert "translate(340,140)" in drawn


def test_the_level_of_chance_is_named_off_the_lines():
    """Under its line at the left, unless a model's line is there: then over it, or farther along."""

    def spot(*points):
        curve = selective.Curve("a", "c0", points)
        return min(selective._SPOTS, key=lambda each: selective._crossed([curve], 0.25, *each))

    assert (0.0, 9) == spot((0.1, 1.0), (1.0, 0.5))
    left, below = spot((0.01, 0.22), (0.1, 1.0), (1.0, 0.5))
    assert left > 0.1
    assert 9 == below
    assert 0 > spot((0.01, 0.24), (0.5, 0.22), (1.0, 0.22))[1]


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
