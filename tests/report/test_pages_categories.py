"""Strong and weak: the heatmap and its tests, best and worst within a suite, kinds of questions, the profile."""

import json
from dataclasses import replace

import hand_made
import pytest
from designs import two_suites
from scipy import stats

from llmxray.report.analysis import Analysis
from llmxray.report.analysis.by_category import unevenness, widest
from llmxray.report.numbers import NBSP
from llmxray.report.pages import categories
from llmxray.report.pages.categories import heatmap, kinds, ramp, step
from llmxray.report.sentences import Finding


def of(folder, outcomes, names=("all",), **more):
    """An experiment with those marks, whose questions are dealt to the categories in turn."""
    return Analysis(hand_made.data(folder, outcomes, categories=names, **more))


def cells(made):
    """The first condition's cell of each row of the heatmap, by the row's name; "" is the whole suite."""
    return {row.name: row.cells[0] for block in made.blocks for row in (*block.head, *block.rows)}


@pytest.mark.parametrize(
    ("marks", "names", "kind", "why"),
    [
        ("+-", ("all",), "alone", "one-category"),
        ("+-", ("x", "y"), "alone", "few"),
        ("+-", ("",), "alone", "no-category"),
        ("!!", ("x", "y"), "no-reply", ""),
        ("+" * 20, ("x", "y"), "equal", ""),
        ("+-" * 20, ("x", "y"), "spread", ""),
        ("++--" * 4 + "+---", ("x", "y"), "open", ""),
    ],
)
def test_the_headline_says_what_differs_or_why_nothing_does(tmp_path, marks, names, kind, why):
    """One category, too few questions, none at all, no reply, no difference, a clear one, one that may be chance."""
    page = categories.page_values(of(tmp_path, {"a": marks}, names))
    assert f"categories.{kind}" == page.headline.kind
    assert (f"categories.{why}" if why else None) == getattr(page.headline.values.get("why"), "kind", None)


def test_categories_of_two_suites_are_never_compared(tmp_path):
    """Eight of ten right in both categories of one suite, two of ten in the other's: no category is better."""
    analysis = two_suites(tmp_path, [(8, 2)])
    page = categories.page_values(analysis)
    assert (
        Finding("categories.equal", view=analysis.views[0], share=0.8, suite="starter/arc") == page.headline
    )
    assert not unevenness(analysis)[analysis.views[0].id].is_significant
    (view,) = page.extremes.conditions
    assert [1, 1] == [len(row.best) for row in view.rows]


def test_a_condition_at_guessing_has_no_best_category(tmp_path):
    """b guesses; a has three best and three worst of eight, each with the questions behind it."""
    marks = {"a": "++++----" * 10, "b": "+---" * 20}
    analysis = of(tmp_path, marks, tuple("stuvwxyz"))
    page = categories.page_values(analysis)
    assert ["b"] == page.extremes.guessing.values["names"]
    ((row,),) = (view.rows for view in page.extremes.conditions)
    assert (["s", "t", "u"], ["z", "y", "x"]) == tuple(
        [each.name for each in end] for end in (row.best, row.worst)
    )
    assert row.best[0].href.endswith("category=s")
    assert (1.0, 0.0) == (widest(analysis, analysis.ranked[0]).width, row.worst[0].found.value)


def test_lead_and_columns_of_the_heatmap(tmp_path):
    """The best first, the category in which it leads by most first, the whole suite on top."""
    made = heatmap(of(tmp_path, {"b": "+--" * 10, "a": "-++" * 10}, ("x", "y", "z")))
    (block,) = made.blocks
    assert ["a", "b"] == [view.id for view in block.columns]
    assert [("", 30), ("y", 10), ("z", 10), ("x", 10)] == [
        (row.name, row.n) for row in (*block.head, *block.rows)
    ]
    assert [1.0, 1.0, -1.0] == [row.lead for row in block.rows]


def test_a_model_alone_of_its_family_stands_without_its_size(tmp_path):
    """Above a column; two of one family by their sizes."""
    data = hand_made.data(tmp_path, {"tall-3b": "++", "tall-1b": "+-", "wee-9m": "--"})
    made = heatmap(Analysis(hand_made.labelled(data, "Tall 3B", "Tall 1B", "Wee 9M")))
    assert {"Tall 3B": "3B", "Tall 1B": "1B", "Wee 9M": "Wee"} == made.short


@pytest.mark.parametrize(
    ("suite", "names", "sizes"),
    [
        ("made/topics", [f"c{n}" for n in range(57)], (1, 57)),
        ("mmlu", ["astronomy", "philosophy", *(f"c{n}" for n in range(20))], (3, 22)),
    ],
)
def test_every_category_has_a_row(tmp_path, monkeypatch, suite, names, sizes):
    """Those in fields have their totals first."""
    monkeypatch.setattr(hand_made, "SUITE", suite)
    made = heatmap(of(tmp_path, {"a": "+-" * len(names)}, names))
    assert [sizes] == [(len(block.head), len(block.rows)) for block in made.blocks]


@pytest.mark.parametrize(
    ("value", "chance", "steps"),
    [(0.12, 0.1, (0, 0)), (0.28, 0.25, (0, 1)), (0.5, None, (3, 2)), (1.0, 0.25, (5, 4)), (1.0, 1.0, (0, 4))],
)
def test_colours_are_distances_above_guessing(value, chance, steps):
    """12% of ten options and 28% of four look alike; the module's bands are fifths, 100% in the last."""
    assert steps == (ramp(value, chance), step(value))


def test_suites_are_a_family_apart_from_their_categories(tmp_path):
    """27 of 64 is above guessing; none of the eight categories is."""
    marks = {"a": ("+" + "-" * 7) + "++-" * 13 + "-" * 17}
    total, *rest = cells(heatmap(of(tmp_path, marks, tuple("abcdefgh")))).values()
    assert ("42", True) == (total.text, total.above)
    assert total.title.endswith(f"against guessing (25%) p{NBSP}={NBSP}0.004")
    assert [False] * 8 == [cell.above for cell in rest]
    assert rest[0].title.endswith("Holm over 8 cells")


def skilled(folder, outcomes):
    """Questions that are recall and reasoning in turn."""
    data = hand_made.data(folder, outcomes)
    suite = data.results.plan.suites[hand_made.SUITE]
    items = tuple(replace(item, skill=("recall", "reasoning")[n % 2]) for n, item in enumerate(suite.items))
    plan = replace(data.results.plan, suites={hand_made.SUITE: replace(suite, items=items)})
    return Analysis(replace(data, results=replace(data.results, plan=plan)))


def test_recall_against_reasoning_is_adjusted_over_the_conditions(tmp_path):
    """Nine of ten against three of ten is significant alone (p = .02, as by Fisher), and not as one of three."""
    marks = "++" * 3 + "+-" * 6 + "--"
    (alone,) = kinds(skilled(tmp_path / "a", {"a": marks}))
    (three,) = kinds(skilled(tmp_path / "b", {"a": marks, "b": "++" * 10, "c": "--" * 10}))
    p = stats.fisher_exact([[9, 1], [3, 7]]).pvalue
    assert p < 0.05 < 3 * p
    (clear,) = alone.said.values["findings"]
    assert ("recall", ["a"]) == (clear.values["kind"], clear.values["names"])
    assert "categories.kinds-open" == three.said.kind
    row = next(each for each in three.rows if each.view.id == "a")
    assert pytest.approx(3 * p, abs=0.01) == row.test.p_holm
    # Sixty points towards recall, which stands on the left.
    assert pytest.approx(0.6) == row.gap.value


def test_the_profile_has_percentile_ranks_with_ties_beside_it(tmp_path):
    """Of four conditions 100, 50, 50 and 0 per cent: ranks 1, 2=, 2= and 4, percentiles 87.5, 50, 50 and 12.5."""
    marks = {"best": "++++++", "one": "+++---", "two": "---+++", "none": "------"}
    part = categories.page_values(of(tmp_path, marks, ("x", "y", "z"))).profile
    ((name, axes),) = part.groups
    assert ("categories of Made up", ["x", "y", "z"], 4) == (name, [axis.name for axis in axes], part.ranked)
    (group,) = json.loads(part.data)
    assert ([0.875, 0.5, 0.5, 0.125], [1.0, 0.5, 0.5, 0.0]) == (group["rank"][1], group["accuracy"][1])
    assert categories.page_values(of(tmp_path, marks, ("x", "y"))).profile is None
