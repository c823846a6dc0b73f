"""The page of two conditions."""

from __future__ import annotations

import re
from dataclasses import replace

import hand_made
import pytest
from designs import two_suites

from llmxray.report.analysis import Analysis
from llmxray.report.analysis.by_category import grouping
from llmxray.report.analysis.leaders import lead_pair
from llmxray.report.analysis.questions import questions, verdicts
from llmxray.report.files import figures
from llmxray.report.pages import pairs as pair
from llmxray.report.pages.results import measures as results
from llmxray.report.widgets.render import Renderer
from llmxray.report.wording.verdicts import category_sentences


def page_of(data, a, b):
    """The page of a pair."""
    analysis = Analysis(data)
    views = {view.id: view for view in analysis.views}
    found = questions(data)
    return pair.make(analysis, analysis.pair(views[a], views[b]), found, verdicts(data, found))


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
    Renderer(tmp_path).page("made-up/pairs.html", "pages/pairs/page.html", page)
    assert "two by two" not in (tmp_path / "made-up/pairs.html").read_text()


@pytest.mark.parametrize(
    ("texts", "answers", "sampling", "said"),
    [
        (
            "sl",
            {},
            {"temperature": 0},
            "50% of the replies are the same under both settings, word for word, sample by sample.",
        ),
        ("sl", {}, {"temperature": 0.8, "seed": None}, "so chance alone changes replies."),
        ("ss", {}, {"temperature": 0}, "the setting does nothing here, or the server ignores it."),
        ("ss", {"long": "likelihood"}, {"temperature": 0}, ""),
    ],
)
def test_how_many_replies_of_one_model_are_the_same(tmp_path, texts, answers, sampling, said):
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
        found = page_of(replace(data, results=results), "short", "long").replies
        assert found.endswith(said if models["long"] == "m" else "")
        assert bool(found) == bool(said and models["long"] == "m")
        if models["long"] == "m" and not answers:
            assert "same reply/short ~ long" in figures.figures(Analysis(replace(data, results=results)))


def test_settings_with_one_recording_vary_nothing(tmp_path):
    """The requests are the same."""
    data = hand_made.data(tmp_path, {"a": "+-", "b": "+-"}, models={"a": "m", "b": "m"})
    rows = tuple(replace(row, recordings=(row.item_id,)) for row in data.results.rows)
    page = page_of(replace(data, results=replace(data.results, rows=rows)), "a", "b")
    assert "Both are read from one recording: the requests are the same." == page.replies


def test_a_category_of_two_suites_says_on_a_phone_of_which(tmp_path):
    """Nothing of a row of the picture is hidden on a narrow screen."""
    data = hand_made.data(
        tmp_path, {"a": "+-" * 60, "b": "-+" * 60}, reworded=True, categories=("x", "y", "z")
    )
    page = page_of(data, "a", "b")
    Renderer(tmp_path).page("made-up/pairs.html", "pages/pairs/page.html", page)
    html = (tmp_path / "made-up/pairs.html").read_text()
    rows = re.findall(r'<th scope="row">x.*?</th>', html)
    assert 2 == len(rows)
    assert len(set(rows)) == 2
    assert "wide-only" not in "".join(rows)
    style = next((tmp_path / "static").glob("style.*.css")).read_text()
    assert not re.search(r"tbody th small \{ display: none", style)


def test_a_picture_explains_the_marks_that_it_has(tmp_path):
    """Pale bars and clear differences, where there are some, and only there."""
    for n, mark, said in ((30, "+", ()), (27, "+", ("Pale",)), (60, "-", ("≠",))):
        marks = {"a": "+" * n, "b": mark * n}
        data = hand_made.data(tmp_path / str(n), marks, categories=("x", "y", "z"))
        Renderer(tmp_path).page("made-up/pairs.html", "pages/pairs/page.html", page_of(data, "a", "b"))
        before, caption = (tmp_path / "made-up/pairs.html").read_text().split("from the middle outwards.", 1)
        # Before the rows, which may be forty.
        assert 'class="wing' not in before
        found = caption.split("</figcaption>", 1)[0]
        assert said == tuple(mark for mark in ("≠", "Pale") if mark in found)


def test_questions_that_cannot_be_joined_are_counted(tmp_path):
    """One without a whole reply from b: in no number of the pair."""
    cut = hand_made.data(tmp_path / "cut", {"a": "+++--", "b": "++---!"[1:]})
    whole = hand_made.data(tmp_path / "whole", {"a": "+++--", "b": "+----"})
    shown = [results.pairs(Analysis(data)).lines[0].cells[-1] for data in (cut, whole)]
    assert [("4", "1 left out"), ("5", "")] == [(cell.text, cell.small) for cell in shown]


def test_groups_where_the_loser_holds_come_first_and_are_named(tmp_path):
    """b wins y, a wins x."""
    data = hand_made.data(tmp_path, {"a": "+-" * 8 + "++", "b": "-+" * 8 + "--"}, categories=("x", "y"))
    groups = page_of(data, "a", "b").categories
    assert groups.sentences[0].startswith("b is at least as accurate as a in 1 of 2 categories: y (")
    assert "a ahead in x; b ahead in y" in groups.sentences[1]


def test_the_picture_begins_as_its_title_says(tmp_path):
    """Where b wins first."""
    marks = {"a": "+-++" * 8, "b": "-+++" * 8}
    groups = page_of(hand_made.data(tmp_path, marks, categories=("x", "y", "z", "w")), "a", "b").categories
    assert ["y", "x"] == [line.name for line in (groups.picture.lines[0], groups.picture.lines[-1])]


def test_clear_differences_name_their_suites(tmp_path):
    """Physics of one suite is not physics of the other."""
    analysis = two_suites(tmp_path, [(10, 10), (0, 0)])
    (pair,) = analysis.pairs
    found = analysis.pairing.groups(pair.a, pair.b, grouping(analysis))
    said = category_sentences(analysis, pair, found)[1]
    assert "ahead in starter/arc (physics, biology); and starter/mmlu-pro (physics, biology)." in said


def test_every_pair_of_few_conditions_has_a_page_and_the_default_the_plain_name(tmp_path):
    """The table of all pairs leads to each."""
    data = hand_made.data(tmp_path / "c", {"a": "++++", "b": "+---", "c": "++--"}, analysis={"baseline": "b"})
    analysis = Analysis(data)
    pair.write(Renderer(tmp_path / "site"), analysis)
    names = sorted(path.name for path in (tmp_path / "site" / "made-up").glob("pairs*.html"))
    assert ["pairs.a~c.html", "pairs.c~b.html", "pairs.html"] == names
    assert ["pairs.html", "pairs.a~c.html", "pairs.c~b.html"] == [
        line.href for line in sorted(results.pairs(analysis).lines, key=lambda line: len(line.href))
    ]


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


def test_a_single_condition_has_no_pair(tmp_path):
    """No page, no tab."""
    analysis = Analysis(hand_made.data(tmp_path, {"a": "+-"}))
    assert lead_pair(analysis) is None
