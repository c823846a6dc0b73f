"""Conditions that broke off, or were asked others: what ranks and compares them is over the questions all answered."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import hand_made

from llmxray.report.analysis import Analysis
from llmxray.report.coursework import papers
from llmxray.report.pages import choose, overview, results
from llmxray.report.pages.calibration import calibrated
from llmxray.report.pages.choose import Scores
from llmxray.report.wording.headline import main_finding

# b breaks off before the hard questions: 75% of what it answered, where a gets 95% of the same.
A = "".join("-" if place % 20 == 0 else "+" for place in range(60)) + "-" * 40
B = "".join("-" if place % 4 == 0 else "+" for place in range(60)) + "!" * 40
SECOND = {"a": 1.0, "b": 1.0}


def broken(folder: Path, marks: Mapping[str, Any] | None = None, **more: Any) -> Analysis:
    """An experiment in which one condition broke off."""
    return Analysis(hand_made.data(folder, marks or {"a": A, "b": B}, **more))


def test_who_broke_off_is_not_the_best(tmp_path):
    """A sentence and the picture beside it are of the same questions, and say which."""
    analysis = broken(tmp_path)
    assert ["a", "b"] == [view.id for view in analysis.ranked]
    assert 0.57 == analysis.accuracies["a"].value
    assert "On the 60 questions that all answered, a gets 95% right, against 75% for b." == hand_made.told(
        main_finding(analysis)
    )
    whole = overview.page_values(analysis).chart.groups[0]
    assert ("All 60 questions", "that all answered, of 100") == (whole.label, whole.small)
    assert [0.95, 0.75] == [row.found.value for row in whole.rows]


def test_one_that_stopped_early_turns_no_order_around(tmp_path):
    """On its 20 questions b would be ahead; a is, on all of them. Pages say whose questions their numbers are of."""
    marks = {
        "a": "+" * 8 + "-" * 12 + "+" * 62 + "-" * 18,
        "b": "+" * 14 + "-" * 6 + "+" * 30 + "-" * 50,
        "stopped": "+" * 10 + "-" * 10 + "!" * 80,
    }
    analysis = broken(tmp_path, marks, latency_s=dict.fromkeys(marks, 1.0))
    said = "100 questions that all but stopped answered"
    assert ["stopped"] == [view.id for view in analysis.left_out]
    assert () == broken(tmp_path / "two", {"a": "+" * 100, "stopped": marks["stopped"]}).left_out, (
        "one is no ranking"
    )
    assert ["a", "b", "stopped"] == [view.id for view in analysis.ranked]
    assert f"On the {said}, a gets 70% right, against 44% for b." == hand_made.told(main_finding(analysis))
    whole = overview.page_values(analysis).chart.groups[0]
    assert f"All {said}" == f"{whole.label} {whole.small}"
    assert [0.7, 0.44] == [row.found.value for row in whole.rows]
    page = papers.committee(analysis)
    assert f"All numbers are of the {said}." == page.notes[0]
    texts = [[*map(str, card.strengths + card.weaknesses)] for card in page.cards]
    assert texts[0][0].startswith("70% right (95% 60% to 78%): place 1 of 2.")
    assert 2 == len(texts), "who answered too little to be ranked has no card"


def test_a_choice_a_card_and_a_calibration_are_over_what_all_answered(tmp_path):
    """None of them puts b first."""
    sure = {
        "a": [0.9 if mark == "+" else 0.5 for mark in A],
        "b": [0.8 if mark == "+" else 0.5 for mark in B],
    }
    analysis = broken(tmp_path, latency_s=SECOND, confidence=sure)
    assert choose.page_values(analysis, Scores(analysis.common)).headline.values["best"] == "a"
    assert str(calibrated(analysis)).startswith(
        "On the 60 questions that all answered, a has the highest accuracy and the lowest calibration error as well: "
    )
    # Among open answers nothing is guessed.
    for each in (analysis, broken(tmp_path / "open", answers=dict.fromkeys(sure, "text"))):
        page = papers.committee(each)
        assert page.notes[0] == "All numbers are of the 60 questions that all answered."
        assert ["95% right (95% 86% to 98%): place 1 of 2."] == [*map(str, page.cards[0].strengths)][:1]


def test_a_brief_asks_who_is_ahead_by_how_much(tmp_path):
    """Never by less than nothing; and which accuracy is meant."""
    blanks = {blank.id: blank for blank in papers.key(broken(tmp_path), "s")}
    assert "a is ahead of b on the questions that both answered by" == blanks["difference"].question
    assert 20 == round(blanks["difference"].number)
    assert "Accuracy of a, all its answers" == blanks["accuracy-best"].question


def test_without_a_question_in_common_nobody_is_compared(tmp_path):
    """No level of guessing is that of all either."""
    analysis = broken(
        tmp_path, {"a": "+-" * 10 + "!" * 20, "b": "!" * 20 + "+-" * 10}, sizes=[2] * 20 + [10] * 20
    )
    assert "a and b have no question in common that both answered." == hand_made.told(main_finding(analysis))
    picture = overview.page_values(analysis).picture
    assert picture.chance is None
    assert "No question was answered by all conditions" in picture.caption
    assert "significant" not in {blank.id for blank in papers.key(analysis, "s")}
    assert results.page_values(analysis).pairs[0].rows[0].pair.p_value is None
    assert calibrated(analysis) is None


def test_a_handful_of_shared_questions_ranks_nobody(tmp_path):
    """One of a hundred, on which the order would be turned around; headline, picture and choice agree."""
    marks = {
        "a": "+" * 18 + "--" + "!" * 19,
        "b": "+" * 8 + "-" * 11 + "+" + "!" * 19,
        "c": "!" * 19 + "+" * 20,
    }
    analysis = broken(tmp_path, marks)
    assert not analysis.is_comparable
    said = "Too few questions were answered by all conditions"
    assert "c and a have only 1 question in common that both answered." == hand_made.told(
        main_finding(analysis)
    )
    assert said in overview.page_values(analysis).picture.caption
    assert str(choose.page_values(analysis, Scores(analysis.common)).headline).startswith(said)
    ten = {name: "+" * 9 + each for name, each in marks.items()}
    assert broken(tmp_path / "ten", ten).common.n_scored() == 10
    half = {"a": "++-!", "b": "+-!-"}
    assert broken(tmp_path / "half", half).common.n_scored() == 2
