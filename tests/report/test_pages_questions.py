"""The table of questions."""

from typing import Any

import hand_made
import pytest
from reading_data import benchmark, comparison, letter, words

from llmxray.report.analysis import Analysis
from llmxray.report.analysis.questions import QuestionCell, opening, permille
from llmxray.report.pages.answers import questions_page
from llmxray.report.widgets.render import Renderer
from llmxray.types import Item, Outcome, Trial

INDEX = dict.fromkeys(("places", "codes", "texts"), "")


def told(trial: Any, _: int) -> Any:
    """Small is always sure of B; large answers the first question only."""
    if trial.condition == "small":
        return letter("B", {"A": 0.1, "B": 0.9})
    return letter("A", {"A": 0.45, "B": 0.35}) if trial.item == "one" else None


def test_cells_say_what_each_condition_answered(tmp_path):
    """Small says B twice, large is right once and has no reply once; the better one comes first."""
    page = questions_page(Analysis(benchmark(tmp_path, told)), INDEX)
    first, second = page.rows
    assert (Outcome.WRONG, "B", 900) == _shown(first.cells[0])
    assert (Outcome.CORRECT, "A", 562) == _shown(first.cells[1])
    assert (Outcome.ERROR, "", None) == _shown(second.cells[1])
    assert "B · the Sun" == second.right
    assert [("large", 1), ("small", 0)] == [(each.id, each.place) for each in page.conditions]


def test_the_bar_has_a_part_for_who_is_right_together(tmp_path):
    """What one did not answer is in no part; each part leads to its questions, in the order of the heads."""
    page = questions_page(Analysis(hand_made.data(tmp_path, {"a": "+++-!", "b": "+----"})), INDEX)
    parts = [(part.marks, part.n, part.css, part.label.kind, part.href) for part in page.parts]
    alone = page.conditions[0].css
    assert [
        ((True, True), 1, "all", "answers.all-2", "answers.html#right=a%2Cb"),
        ((True, False), 2, alone, "answers.only", "answers.html#right=a&wrong=b"),
        ((False, False), 1, "none", "answers.none", "answers.html#wrong=a%2Cb"),
    ] == parts
    assert page.unjudged.values["n"] == 1
    assert "2 questions only a gets right; 1 beats both, of the 4 that all answered." == str(page.headline)
    assert {"answers.error"} == {note.kind for note in page.notes}


def test_narrow_parts_of_the_bar_have_short_names(tmp_path):
    """A family, or a size where two are of one family; a wide part has the whole name."""
    marks = {"tall-3b": "+" * 19 + "-", "tall-1b": "-" * 19 + "+", "wee-9m": "-" * 20}
    data = hand_made.labelled(hand_made.data(tmp_path, marks), "Tall 3B", "Tall 1B", "Wee 9M")
    page = questions_page(Analysis(data), INDEX)
    assert ["Tall 3B alone", "1B alone"] == [str(part.label) for part in page.parts]
    assert ["3B", "1B", "Wee"] == [
        each.short for each in sorted(page.conditions, key=lambda each: each.place)
    ]


@pytest.mark.parametrize(
    ("marks", "kind"),
    [
        ({"a": "++-"}, "answers.one"),
        ({"a": "++-", "b": "++-"}, "answers.together"),
        ({"a": "--", "b": "--"}, "answers.never"),
        ({"a": "+!", "b": "!+"}, "answers.listed"),
    ],
)
def test_headline_of_any_data(tmp_path, marks, kind):
    """One model, none better alone, nobody right, no question that both answered."""
    page = questions_page(Analysis(hand_made.data(tmp_path, marks)), INDEX)
    assert kind == page.headline.kind
    assert str(page.headline)
    assert bool(page.parts) == (kind != "answers.listed")


def test_repeats_are_counted(tmp_path):
    """Two of three samples name the capital."""
    prompts = [{"id": "capital", "text": "Capital?", "expect": "Canberra"}]
    data = comparison(
        tmp_path, lambda trial, sample: words("Sydney" if sample == 1 else "Canberra"), prompts=prompts
    )
    page = questions_page(Analysis(data), INDEX)
    cell = page.rows[0].cells[0]
    assert (Outcome.CORRECT, "Canberra", 2, 3) == (cell.outcome, cell.said, cell.right, cell.n)
    Renderer(tmp_path / "site").page("sweep/answers.html", "pages/answers/page.html", page)
    html = (tmp_path / "site/sweep/answers.html").read_text("utf-8")
    assert "2 of 3<small>such as Canberra</small></span></td>" in html


def test_outcome_of_several_samples_is_the_most_frequent():
    """In a draw the first one counts; errors and unscored samples are no evidence."""
    assert Outcome.WRONG is QuestionCell(codes="wcw").outcome
    assert (1, 2, False) == (
        QuestionCell(codes="ecw").right,
        QuestionCell(codes="ecw").n,
        QuestionCell(codes="ecw").mostly_right,
    )
    assert QuestionCell(codes="ee").mostly_right is None
    assert QuestionCell(codes="").outcome is None


def _shown(cell: Any) -> Any:
    return cell.outcome, cell.said, permille(cell.confidence)


def test_pages_of_one_question_open_with_a_telling_written_reply(tmp_path):
    """Not with the plan's first, whose reply is a letter."""
    items = [Item(f"q{n}", f"{n}?", ("yes", "no"), "A") for n in range(6)]

    def tell(trial: Trial, _: int) -> Any:
        right = trial.item in ("q0", "q1", "q4") and trial.condition == "large"
        written = trial.item in ("q3", "q4")
        return (
            words(*["Let me think. "] * 12, "A" if right else "B")
            if written
            else words("A" if right else "B")
        )

    assert "tiny/things/q4" == opening(Analysis(benchmark(tmp_path, tell, items)))


@pytest.mark.parametrize("value", [0.37486, 0.365, 0.375, 0.5, 0.9949, 0.9999999999, 0.005, 0.0049, 0.12345])
def test_a_confidence_is_one_number_wherever_it_is_rounded(value):
    """Scripts round thousandths, tables the value itself."""
    assert round(100 * value) == (permille(value) + 5) // 10
    assert 0 < permille(value) < 1000
