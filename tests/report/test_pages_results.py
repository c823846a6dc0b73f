"""The results, categories, calibration and methods pages, without templates."""

from __future__ import annotations

from dataclasses import replace

import hand_made
import pytest

from llmxray.report import numbers
from llmxray.report.analysis import Analysis
from llmxray.report.pages import calibration, categories, experiment_index, heatmap, methods, results


def texts(line):
    """Head and cells of a table's row."""
    return [line.head, *(cell.text for cell in line.cells)]


def test_accuracy_table_marks_the_best_by_weight(tmp_path):
    """Rank order, a bar per cell with chance, links to the questions behind."""
    page = results.make(Analysis(hand_made.data(tmp_path, {"b": "+---", "a": "+++-"})))
    first, second = page.accuracy.lines
    assert ["a", "75%"] == texts(first)
    assert (True, False) == (first.cells[0].best, second.cells[0].best)
    assert "l-25" == first.cells[0].bar.chance
    assert "questions.html#condition=a" == first.cells[0].href
    assert "k c1" == first.css


def test_outcomes_sum_to_n(tmp_path):
    """Only outcomes that occur have a column."""
    page = results.make(Analysis(hand_made.data(tmp_path, {"a": "+-?!", "b": "++++"})))
    assert ["correct", "wrong", "unparsed", "error", "N"] == [
        each.text for each in page.outcome_table.columns[1:]
    ]
    for line in page.outcome_table.lines:
        *counts, total = (int(cell.text) for cell in line.cells)
        assert total == sum(counts) == 4


def test_pairs_of_repeats_are_tested_by_sign_flips(tmp_path):
    """Averages of two samples: eight questions of one sign, one of them by half: 2/2⁸."""
    marks = {"a": ["+" * 8, "+" * 8], "b": ["-" * 8, "-" * 7 + "+"]}
    page = results.make(Analysis(hand_made.data(tmp_path, marks)))
    columns = {column.text: place for place, column in enumerate(page.pairs.columns)}
    test = page.pairs.columns[columns["p"]]
    assert ("sign flips", "sign-flip") == (test.small, test.anchor)
    (line,) = page.pairs.lines
    assert "8 : 0" == line.cells[columns["right more often"] - 1].text
    assert "0.008" == line.cells[columns["p adjusted"] - 1].text
    assert "differ" == line.cells[columns["verdict"] - 1].text


@pytest.mark.parametrize(("value", "step"), [(0.0, 0), (0.19, 0), (0.2, 1), (0.5, 2), (0.99, 4), (1.0, 4)])
def test_heat_steps_are_fifths(value, step):
    """100% is in the last step, not beyond it."""
    assert step == heatmap.step(value)


def test_cells_with_few_questions_claim_no_colour(tmp_path):
    """Nine are few, ten are not; the count stands in the cell."""
    data = hand_made.data(tmp_path, {"a": "+" * 19}, categories=("ten", "nine"))
    all_, ten, nine = categories.make(Analysis(data)).heatmap.groups[0].rows
    assert ("h4", "19") == (all_.cells[0].css, all_.cells[0].n)
    assert ("h4", "10") == (ten.cells[0].css, ten.cells[0].n)
    assert ("few", "9") == (nine.cells[0].css, nine.cells[0].n)
    assert "questions.html#condition=a&suite=made%2Fup&category=nine" == nine.cells[0].href


def test_extremes_are_told_apart_where_dealt_answers_would_not_be(tmp_path):
    """Six categories of ten: half right in each, or all right in three and none in three."""
    names = tuple("uvwxyz")
    alike = categories.make(
        Analysis(hand_made.data(tmp_path / "a", {"a": ("+" * 6 + "-" * 6) * 5}, categories=names))
    )
    uneven = categories.make(Analysis(hand_made.data(tmp_path / "b", {"a": "+-" * 30}, categories=names)))
    assert "cannot tell" == alike.extremes.lines[0].cells[-1].text
    assert alike.lede.endswith("these few questions cannot tell even those two.")
    assert ("yes", "p < 0.001") == (
        uneven.extremes.lines[0].cells[-1].text,
        uneven.extremes.lines[0].cells[-1].small.replace(numbers.NBSP, " "),
    )
    assert uneven.lede.endswith("one number hides that.")


def test_calibration_names_every_estimator_and_counts_the_missing(tmp_path):
    """One answer has no confidence."""
    data = hand_made.data(tmp_path, {"a": "+-" * 10 + "+"}, confidence={"a": [0.9, 0.3] * 10 + [None]})
    page = calibration.make(Analysis(data))
    assert [
        "ECE-15",
        "Equal-mass ECE",
        "Module five-bin average",
        "Gap",
        "Brier",
        "MCE",
        "Smooth ECE",
        "AUROC",
        "n",
    ] == [column.text for column in page.estimators.columns[1:]]
    line = page.estimators.lines[0]
    assert ("20", "1 missing") == (line.cells[-1].text, line.cells[-1].small)
    assert "1.00" == line.cells[-2].text
    assert page.warnings
    assert (
        "a: yes (100% of 10 answers above 80% right, 0% of 10 answers below 50%)." == page.band_sentences[0]
    )


def test_without_confidence_the_page_says_why(tmp_path):
    """No diagram, no number, a reason."""
    page = calibration.make(Analysis(hand_made.data(tmp_path, {"a": "+-", "b": "--"})))
    assert (None, None, ()) == (page.estimators, page.bands, page.diagrams)
    assert ("a and b", "No option confidence: nothing was recorded.") == (
        page.absent[0].names,
        page.absent[0].why,
    )


def test_methods_quote_a_whole_request_and_count_rules(tmp_path):
    """The body as JSON; how often each rule fired, and none."""
    page = methods.make(Analysis(hand_made.data(tmp_path, {"a": "++-?"})))
    assert '"content": "Question?"' in page.sent[0].body
    assert [
        ["leading", "the reply begins with the letter", "3"],
        ["no rule", "unparsed, cut off, or no reply", "1"],
    ] == [texts(line) for line in page.rules.lines]
    assert ("a note",) == page.notes


def test_a_suite_shows_a_question_on_its_card(tmp_path):
    """Also where the recording's own card has none; a suite that nobody knows has none to show."""
    data = hand_made.data(tmp_path, {"a": "+-"})
    plan = data.results.plan
    planned = plan.suites[hand_made.SUITE]
    known = {"starter/arc": replace(planned, card=replace(planned.card, name="starter/arc"))}
    shown = replace(data, results=replace(data.results, plan=replace(plan, suites=plan.suites | known)))
    cards = methods.make(Analysis(shown)).cards
    examples = [[fact.value for fact in card.facts if fact.name == "example"] for card in cards]
    assert [] == examples[0]
    assert "→" in examples[1][0]


def test_every_anchor_of_the_tables_is_defined(tmp_path):
    """Links to methods lead somewhere."""
    data = hand_made.data(tmp_path, {"a": "+-", "b": "+-"}, confidence={"a": [0.9, 0.2], "b": [0.5, 0.6]})
    analysis = Analysis(data)
    defined = {each.anchor for each in methods.make(analysis).definitions}
    page, shown = results.make(analysis), calibration.make(analysis)
    tables = [page.accuracy, page.calibration, page.speed, page.pairs, shown.estimators]
    used = {column.anchor for table in tables for column in table.columns if column.anchor}
    assert set() == used - defined


def test_first_page_puts_hypothesis_beside_verdict(tmp_path):
    """And the notes of what is missing."""
    data = hand_made.data(tmp_path, {"a": "+" * 9, "b": "-" * 9}, hypothesis="Size wins.")
    page = experiment_index.make(Analysis(data))
    assert "Size wins." == page.hypothesis
    assert page.finding[0].startswith("a beats b by 100 points")
    assert "From 0% for b to 100% for a" == page.figure.title
    assert ("a note",) == page.notes
