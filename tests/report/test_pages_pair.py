"""The page of two conditions."""

from dataclasses import replace

import hand_made
import pytest

from llmxray.report import numbers
from llmxray.report.analysis import Analysis
from llmxray.report.analysis.questions import questions_of, verdicts
from llmxray.report.files import figures
from llmxray.report.pages import pairs as pair
from llmxray.report.pages import results
from llmxray.report.sentences import Finding
from llmxray.report.widgets.render import Renderer


def page_of(data, a, b):
    """The page of a pair."""
    analysis = Analysis(data)
    views = {view.id: view for view in analysis.views}
    found = questions_of(Analysis(data))
    return pair.page_values(analysis, analysis.pair(views[a], views[b]), found, verdicts(data, found))


def test_right_and_wrong_two_by_two_lead_to_their_questions(tmp_path):
    """Errors are in no field."""
    page = page_of(hand_made.data(tmp_path, {"a": "++-+!", "b": "+-+--"}), "a", "b")
    cells = page.square.cells
    assert ([1, 2, 1, 0], 4) == ([each.n for each in cells.values()], page.square.n)
    assert "answers.html#right=a&wrong=b" == cells[True, False].href
    assert "answers.html#right=a%2Cb" == cells[True, True].href
    assert "" == cells[False, False].href


def test_no_majority_of_repeats_stands_above_the_test(tmp_path):
    """The test takes each question's share of right answers, which no field of a table of majorities shows."""
    page = page_of(hand_made.data(tmp_path, {"a": ["++-", "+--"], "b": ["+--", "---"]}), "a", "b")
    assert page.square is None


@pytest.mark.parametrize(
    ("texts", "answers", "sampling", "kinds"),
    [
        ("sl", {}, {"temperature": 0}, ["pairs.same"]),
        ("sl", {}, {"temperature": 0.8, "seed": None}, ["pairs.same", "pairs.drawn"]),
        ("ss", {}, {"temperature": 0}, ["pairs.all-same"]),
        ("ss", {"long": "likelihood"}, {"temperature": 0}, []),
    ],
)
def test_how_many_replies_of_one_model_are_the_same(tmp_path, texts, answers, sampling, kinds):
    """Of two settings; a letter and a likelihood are no two replies to one request, and two models no one model."""
    marks = {"short": "+-" * 6, "long": "+-" * 6}
    for models in ({"short": "m", "long": "m"}, {"short": "m", "long": "other"}):
        data = hand_made.data(tmp_path / models["long"], marks, models=models, answers=answers)
        text = dict(zip(marks, texts, strict=True))
        # Every other reply is the same under both.
        rows = tuple(
            replace(row, text=f"{text[row.condition] if place % 2 else ''}{row.item_id}", recordings=())
            for place, row in enumerate(data.results.rows)
        )
        plan = data.results.plan
        conditions = tuple(replace(each, sampling={**each.sampling, **sampling}) for each in plan.conditions)
        results = replace(data.results, plan=replace(plan, conditions=conditions), rows=rows)
        found = page_of(replace(data, results=results), "short", "long").replies.values["findings"]
        assert (kinds if models["long"] == "m" else []) == [each.kind for each in found]
        assert [0.5] * ("pairs.same" in kinds) == [
            each.values["share"] for each in found if "share" in each.values
        ] or models["long"] != "m"
        if models["long"] == "m" and not answers:
            assert "same reply/short ~ long" in figures.figures(Analysis(replace(data, results=results)))


def test_questions_that_cannot_be_joined_are_counted(tmp_path):
    """One without a whole reply from b: in no number of the pair."""
    cut = hand_made.data(tmp_path / "cut", {"a": "+++--", "b": "++---!"[1:]})
    whole = hand_made.data(tmp_path / "whole", {"a": "+++--", "b": "+----"})
    gaps = [results.page_values(Analysis(data)).pairs[0].rows[0].pair.difference for data in (cut, whole)]
    assert [(4, 1), (5, 0)] == [(gap.n, gap.n_missing) for gap in gaps]


def test_categories_where_the_loser_holds_come_first_and_are_counted(tmp_path):
    """b wins y, a wins x."""
    data = hand_made.data(tmp_path, {"a": "+-" * 8 + "++", "b": "-+" * 8 + "--"}, categories=("x", "y"))
    page = page_of(data, "a", "b")
    level, clear = page.categories.said
    assert (1, 2, Finding("pairs.clear", names=["a in 1", "b in 1"])) == (
        level.values["level"],
        level.values["n"],
        clear,
    )
    assert "b is as accurate as a, or more, in 1 of 2 categories." == str(level)
    first, last = page.categories.rows
    assert ["y", "x"] == [first.group.name, last.group.name]
    assert "−78" == numbers.points(first.group.difference.value)
    assert ["answers.html#condition=a&suite=made%2Fup&category=y", 8 / 9] == [
        first.sides[0][2],
        first.sides[1][1],
    ]


def test_every_pair_of_few_conditions_has_a_page_and_the_default_the_plain_name(tmp_path):
    """The table of all pairs leads to each."""
    data = hand_made.data(tmp_path / "c", {"a": "++++", "b": "+---", "c": "++--"}, analysis={"baseline": "b"})
    analysis = Analysis(data)
    pair.write_page(Renderer(tmp_path / "site"), analysis)
    names = sorted(path.name for path in (tmp_path / "site" / "made-up").glob("pairs*.html"))
    assert ["pairs.a~c.html", "pairs.c~b.html", "pairs.html"] == names
    rows = [row for group in results.page_values(analysis).pairs for row in group.rows]
    assert ["pairs.a~c.html", "pairs.html", "pairs.c~b.html"] == [row.href for row in rows]


def test_many_conditions_have_pages_with_the_best_and_the_baseline_only(tmp_path):
    """Nine conditions would make thirty-six pages; the pair that the file asks about has one as well."""
    marks = {f"m{place}": "+" * place + "-" * (12 - place) for place in range(9)}
    analysis = Analysis(hand_made.data(tmp_path, marks, analysis={"baseline": "m0"}))
    shown = pair.paged(analysis)
    assert 15 == len(shown)
    assert all({"m8", "m0"} & {each.a.id, each.b.id} for each in shown)
    asked = {"claim": "m5 beats m4.", "metric": "accuracy", "of": "m5", "above": "m4"}
    analysis = Analysis(
        hand_made.data(tmp_path / "asked", marks, analysis={"baseline": "m0"}, predictions=[asked])
    )
    assert 16 == len(pair.paged(analysis))
