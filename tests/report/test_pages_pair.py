"""The page of two conditions."""

from __future__ import annotations

import re
from dataclasses import replace

import hand_made
from designs import two_suites
from hand_made import SUITE

from llmxray.report.analysis import Analysis
from llmxray.report.analysis.by_category import grouping
from llmxray.report.analysis.questions import questions, verdicts
from llmxray.report.pages import pairs as pair
from llmxray.report.pages.results import measures as results
from llmxray.report.widgets.pair_links import default_pair
from llmxray.report.widgets.render import Renderer
from llmxray.report.wording.verdicts import group_sentences


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


def test_a_category_of_two_suites_says_on_a_phone_of_which(tmp_path):
    """In the picture and in the table behind it: nothing of a row is hidden on a narrow screen."""
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


def test_a_ratio_is_a_fact_only_where_the_pair_differs(tmp_path):
    """Of right answers, for a question may have several; of equal conditions there is none to tell."""

    def ratio(name, a, b):
        page = page_of(hand_made.data(tmp_path / name, {"a": a, "b": b}), "a", "b")
        return [each.sentences[0] for each in page.facts if each.label == "As a ratio"]

    assert ratio("clear", "+" * 20, "+-" * 10)[0].startswith(
        "a gets 2.0 times as many right answers as b (95%"
    )
    (unclear,) = ratio("unclear", "+" * 12 + "-" * 8, "+" * 10 + "-" * 10)
    assert unclear.startswith("No clear difference: a to b, the ratio of right answers is 1.2 (95%")
    assert "the test of the difference decides" not in unclear
    (parted,) = ratio("parted", "+" * 20, "+" * 16 + "-" * 4)
    assert parted.startswith("No clear difference")
    assert parted.endswith(
        "The interval leaves out 1, but it is an approximation: the test of the difference decides."
    )
    assert [] == ratio("equal", "+-" * 10, "-+" * 10)


def test_levels_of_difficulty_stand_in_their_order(tmp_path):
    """Easy first, whoever wins there; categories begin where the loser does best."""
    data = hand_made.data(tmp_path, {"a": "+++" * 4, "b": "-+-" * 4}, categories=("x", "y", "z"))
    plan = data.results.plan
    items = [replace(item, difficulty=1 + place % 3) for place, item in enumerate(plan.suites[SUITE].items)]
    suites = {SUITE: replace(plan.suites[SUITE], items=tuple(items))}
    page = page_of(replace(data, results=replace(data.results, plan=replace(plan, suites=suites))), "a", "b")
    levels = next(group for group in page.groups if group.id == "difficulty")
    assert ["1 · easy", "2 · middling", "3 · hard"] == [line.head for line in levels.table.lines]
    categories = next(group for group in page.groups if group.id == "categories")
    assert "y" == categories.table.lines[0].head


def test_questions_that_cannot_be_joined_are_counted(tmp_path):
    """One without a whole reply from b: in no number of the pair."""
    cut = hand_made.data(tmp_path / "cut", {"a": "+++--", "b": "++---!"[1:]})
    whole = hand_made.data(tmp_path / "whole", {"a": "+++--", "b": "+----"})
    shown = [results.pairs(Analysis(data)).lines[0].cells[-1] for data in (cut, whole)]
    assert [("4", "1 left out"), ("5", "")] == [(cell.text, cell.small) for cell in shown]


def test_groups_where_the_loser_holds_come_first_and_are_named(tmp_path):
    """b wins y, a wins x."""
    data = hand_made.data(tmp_path, {"a": "+-" * 8 + "++", "b": "-+" * 8 + "--"}, categories=("x", "y"))
    groups = page_of(data, "a", "b").groups[0]
    assert "y" == groups.table.lines[0].head
    assert groups.sentences[0].startswith("b matches or beats a in 1 of 2 categories: y (")
    assert "a ahead in x; b ahead in y" in groups.sentences[1]


def test_the_picture_begins_as_its_title_says(tmp_path):
    """Where b wins first, as in the table."""
    marks = {"a": "+-++" * 8, "b": "-+++" * 8}
    groups = page_of(hand_made.data(tmp_path, marks, categories=("x", "y", "z", "w")), "a", "b").groups[0]
    assert [line.name for line in groups.picture.lines] == [line.head for line in groups.table.lines]
    assert "y" == groups.picture.lines[0].name


def test_clear_differences_name_their_suites(tmp_path):
    """Physics of one suite is not physics of the other."""
    analysis = two_suites(tmp_path, [(10, 10), (0, 0)])
    (pair,) = analysis.pairs
    found = analysis.pairing.groups(pair.a, pair.b, grouping(analysis))
    said = group_sentences(analysis, pair, found, "category", "categories")[1]
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
    """Nine conditions would make thirty-six pages."""
    marks = {f"m{place}": "+" * place + "-" * (12 - place) for place in range(9)}
    analysis = Analysis(hand_made.data(tmp_path, marks, analysis={"baseline": "m0"}))
    shown = pair.paged(analysis)
    assert 15 == len(shown)
    assert all({"m8", "m0"} & {each.a.id, each.b.id} for each in shown)


def test_a_single_condition_has_no_pair(tmp_path):
    """No page, no tab."""
    analysis = Analysis(hand_made.data(tmp_path, {"a": "+-"}))
    assert default_pair(analysis) is None
