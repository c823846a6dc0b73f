"""Briefs, their keys, the committee: what students are asked, and what counts as right."""

from dataclasses import replace

import pytest

from llmxray.report.analysis import Analysis
from llmxray.report.analysis.similarity import settings
from llmxray.report.coursework import papers
from llmxray.report.coursework.papers import DRAW, Blank, draw, graded, key
from llmxray.report.widgets import frame
from llmxray.types import Condition
from tests.report import hand_made


@pytest.fixture
def analysis(tmp_path):
    """Forty questions: "a" gets 30 right, "b" 20; "a" is twice as fast."""
    sure = [0.5 + place / 100 for place in range(40)]
    return Analysis(
        hand_made.data(
            tmp_path,
            {"a": "+++-" * 10, "b": "+-" * 20},
            confidence={"a": sure, "b": sure},
            latency_s={"a": 1.0, "b": 2.0},
            categories=("x", "x", "x", "y"),
        )
    )


def test_the_key_holds_what_the_report_says(analysis):
    """Computed by hand from the outcomes above."""
    found = {blank.id: blank for blank in key(analysis, "Ada")}
    assert [found[name].number for name in ("accuracy-best", "accuracy-rival", "difference")] == [75, 50, 25]
    assert found["slowdown"].number == pytest.approx(2)
    assert found["per-second-best"].number == pytest.approx(0.75)
    assert (found["category-best"].words, found["category-worst"].words) == (("x",), ("y",))
    rows = draw(analysis, analysis.ranked[0], "Ada")
    assert found["draw-accuracy"].number == 100 * sum(row.outcome.value == "correct" for row in rows) / len(
        rows
    )


def test_a_draw_belongs_to_a_name(analysis):
    """Case and spaces of a name do not matter; another name gets other questions."""
    view = analysis.ranked[0]
    mine = [row.item_id for row in draw(analysis, view, "Ada Lovelace")]
    composed, apart = (draw(analysis, view, name) for name in ("Jos\u00e9", "Jose\u0301"))
    assert composed == apart
    assert len(set(mine)) == DRAW
    assert mine == [row.item_id for row in draw(analysis, view, " ada  LOVELACE ")]
    assert mine != [row.item_id for row in draw(analysis, view, "Grace Hopper")]


def test_a_question_is_drawn_once(tmp_path):
    """However often it was asked: as it was asked first, with its options in their own order."""
    sure = [0.5] * 12
    made = Analysis(
        hand_made.data(
            tmp_path,
            {"a": ["+-" * 6] * 4, "b": ["-+" * 6] * 4},
            confidence={"a": sure, "b": sure},
            rotated=True,
        )
    )
    rows = draw(made, made.views[0], "Ada")
    assert sorted({row.item_id for row in rows}) == sorted(row.item_id for row in rows)
    assert len(rows) == 12


@pytest.mark.parametrize(
    ("blank", "answer", "good"),
    [
        (Blank(id="x", question="", unit="%", number=50.4), "50", True),
        (Blank(id="x", question="", unit="%", number=50.4), "50 %", True),
        (Blank(id="x", question="", unit="%", number=50.4), "51,4%", True),
        (Blank(id="x", question="", unit="%", number=50.4), "52", False),
        (Blank(id="x", question="", unit="points", number=-3.8), "−4", True),
        (Blank(id="x", question="", unit="points", number=-3.8), "4", False),
        (Blank(id="x", question="", unit="times", number=3.05), "3.1", True),
        (Blank(id="x", question="", unit="times", number=3.05), "3.3x", False),
        (Blank(id="x", question="", unit="%", number=50.4), "fifty", False),
        (Blank(id="x", question="", words=("earth and space", "biology")), "Biology ", True),
        (Blank(id="x", question="", words=("biology",)), "physics", False),
        (Blank(id="x", question="", words=("Physics (mechanics)",)), "Physics (mechanics) (quiz)", True),
        (Blank(id="x", question="", words=("Physics (mechanics)",)), "Physics (optics)", False),
        # As the roster compares names: accents in one piece or two, blanks of any number and kind.
        (Blank(id="x", question="", words=("Ge\u0301ne\u0301ral",)), "g\u00e9n\u00e9ral", True),
        (Blank(id="x", question="", words=("g\u00e9n\u00e9ral",)), "Ge\u0301ne\u0301ral (quiz)", True),
        (Blank(id="x", question="", words=("Common  sense ",)), "common\u00a0sense", True),
    ],
)
def test_an_answer_is_right_within_rounding(blank, answer, good):
    """A comma for a point, a true minus, the unit written or not."""
    assert blank.accepts(answer) is good


def test_a_perfect_hand_in_gets_every_point(analysis):
    """And an empty one none."""
    asked = key(analysis, "Ada")
    answers = {each.id: each.words[0] if each.words else f"{each.number:.4g}" for each in asked}
    assert graded(analysis, "Ada", answers).points == len(asked)
    assert graded(analysis, "Ada", {}).points == 0


def test_slides_say_what_varies_and_what_does_not():
    """Of two conditions that differ in temperature; what is unset everywhere is not listed."""
    cool = Condition("cool", "e", "m", "text", "verbatim", {"temperature": 0.2, "seed": 3}, 96)
    varies, constant = settings((cool, replace(cool, id="hot", sampling={"temperature": 1.2, "seed": 3})))
    assert [(each.name, each.values) for each in varies] == [("temperature", ("0.2", "1.2"))]
    assert [(each.name, each.values) for each in constant] == [
        ("model", ("m",)),
        ("answer", ("text",)),
        ("layout", ("verbatim",)),
        ("budget (tokens)", ("96",)),
        ("seed", ("3",)),
    ]


def test_paper_and_key_put_an_answer_into_the_same_bin(tmp_path):
    """80.4% stands on the sheet as 80%, whose bin ends there; worked out from the sheet as a student does."""
    sure = [0.804, 0.598, 0.602, 0.9961] * 10
    made = Analysis(
        hand_made.data(
            tmp_path,
            {"a": "+-+-" * 10, "b": "+---" * 10},
            confidence={"a": sure, "b": sure},
            categories=("x",),
        )
    )
    page = papers.brief(made, "Ada")
    sheet = [(int(line.cells[0].text[:-1]), line.cells[1].text == "right") for line in page.worksheet.lines]
    assert {percent for percent, _ in sheet} == {80, 60, 100}
    gaps = []
    for low in range(0, 100, 20):
        inside = [each for each in sheet if low < each[0] <= low + 20]
        if inside:
            claimed, held = sum(p for p, _ in inside), 100 * sum(hit for _, hit in inside)
            gaps.append(abs(claimed - held) / len(inside))
    found = {blank.id: blank for blank in key(made, "Ada")}
    assert found["draw-module"].number == pytest.approx(sum(gaps) / len(gaps))
    assert found["draw-confidence"].number == pytest.approx(sum(p for p, _ in sheet) / len(sheet))


def test_a_page_scored_otherwise_says_so_and_how_to_make_it_again(tmp_path):
    """Else two sites of one experiment differ with nothing to tell them apart by."""
    made = hand_made.data(tmp_path, {"a": "+-+-", "b": "+++-"})
    assert frame.footer(made)[-1] == "llmxray run made-up"
    other = replace(made, settings={"likelihood": "acc_bytes", "bins": 5})
    assert frame.footer(other)[-2:] == (
        "Not as the experiment file says, but with likelihood acc_bytes, bins 5.",
        "llmxray report made-up --likelihood acc_bytes --bins 5",
    )


def test_best_categories_that_tie_are_all_named(tmp_path):
    """Of three categories two are all right."""
    data = hand_made.data(tmp_path, {"a": "++-" * 10, "b": "-" * 30}, categories=("x", "y", "z"))
    card, _ = papers.committee(Analysis(data)).cards
    assert "Best: x: 100% of 10 questions, like y." in map(str, card.strengths)
    assert "Worst: z: 0% of 10 questions." in map(str, card.weaknesses)
