"""Briefs, their keys, the committee: what students are asked, and what counts as right."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from llmxray.report import coursework
from llmxray.report.analysis import Analysis
from llmxray.report.coursework.key import DRAW, Blank, draw
from llmxray.report.coursework.slides import settings
from llmxray.types import Condition
from tests.report import hand_made
from tests.report.test_report_scripts import js


@pytest.fixture
def analysis(tmp_path: Path) -> Analysis:
    """Forty questions: "a" gets 30 right, "b" 20; "b" is twice as fast."""
    sure = [0.5 + place / 100 for place in range(40)]
    return Analysis(
        hand_made.data(
            tmp_path,
            {"a": "+++-" * 10, "b": "+-" * 20},
            confidence={"a": sure, "b": sure},
            latency_s={"a": 2.0, "b": 1.0},
            categories=("x", "x", "x", "y"),
        )
    )


def test_the_key_holds_what_the_report_says(analysis: Analysis) -> None:
    """Computed by hand from the outcomes above."""
    found = {blank.id: blank for blank in coursework.key(analysis, "Ada")}
    assert [found[name].number for name in ("accuracy-best", "accuracy-rival", "difference")] == [75, 50, 25]
    assert found["slowdown"].number == pytest.approx(2)
    assert found["per-second-best"].number == pytest.approx(0.375)
    assert (found["category-best"].words, found["category-worst"].words) == (("x",), ("y",))
    rows = draw(analysis, analysis.ranked[0], "Ada")
    assert found["draw-accuracy"].number == 100 * sum(row.outcome.value == "correct" for row in rows) / len(
        rows
    )


def test_a_draw_belongs_to_a_name(analysis: Analysis) -> None:
    """Case and spaces of a name do not matter; another name gets other questions."""
    view = analysis.ranked[0]
    mine = [row.item_id for row in draw(analysis, view, "Ada Lovelace")]
    assert len(set(mine)) == DRAW
    assert mine == [row.item_id for row in draw(analysis, view, " ada  LOVELACE ")]
    assert mine != [row.item_id for row in draw(analysis, view, "Grace Hopper")]


@pytest.mark.parametrize(
    ("blank", "answer", "good"),
    [
        (Blank("x", "", "%", 50.4), "50", True),
        (Blank("x", "", "%", 50.4), "50 %", True),
        (Blank("x", "", "%", 50.4), "51,4%", True),
        (Blank("x", "", "%", 50.4), "52", False),
        (Blank("x", "", "points", -3.8), "−4", True),
        (Blank("x", "", "points", -3.8), "4", False),
        (Blank("x", "", "times", 3.05), "3.1", True),
        (Blank("x", "", "times", 3.05), "3.3x", False),
        (Blank("x", "", "%", 50.4), "", False),
        (Blank("x", "", "%", 50.4), "fifty", False),
        (Blank("x", "", words=("earth and space", "biology")), "Biology ", True),
        (Blank("x", "", words=("biology",)), "physics", False),
    ],
)
def test_an_answer_is_right_within_rounding(blank: Blank, answer: str, good: bool) -> None:
    """A comma for a point, a true minus, the unit written or not."""
    assert blank.accepts(answer) is good


def test_a_perfect_hand_in_gets_every_point(analysis: Analysis) -> None:
    """And an empty one none."""
    key = coursework.key(analysis, "Ada")
    answers = {each.id: each.words[0] if each.words else f"{each.number:.4g}" for each in key}
    assert coursework.graded(analysis, "Ada", answers).points == len(key)
    assert coursework.graded(analysis, "Ada", {}).points == 0


def test_a_blank_brief_gives_nothing_away(analysis: Analysis) -> None:
    """Questions, confidences and outcomes to compute with; none of the numbers that are asked for."""
    blank = coursework.brief(analysis, "Ada", blank=True, cassette="h")
    filled = coursework.brief(analysis, "Ada", blank=False, cassette="h")
    assert blank is not None
    assert filled is not None
    assert not blank.sentences
    assert not blank.speed
    assert {
        cell.text
        for table in (blank.accuracy, blank.bins)
        if table
        for line in table.lines
        for cell in line.cells
    } == {""}
    assert blank.worksheet == filled.worksheet
    assert "75%" in {cell.text for line in filled.accuracy.lines for cell in line.cells}


def test_an_advocate_knows_both_sides(analysis: Analysis) -> None:
    """Places among the conditions; the slower one has to answer for it."""
    found = coursework.committee(analysis)
    assert found is not None
    cards = {card.id: card for card in found.cards}
    assert any("75% right" in each and "place 1 of 2" in each for each in cards["a"].strengths)
    assert any("place 2 of 2, the fastest first" in each for each in cards["a"].weaknesses)


def test_one_condition_makes_no_comparison(tmp_path: Path) -> None:
    """Then there is no brief and no committee."""
    alone = Analysis(hand_made.data(tmp_path, {"a": "+-+-"}))
    assert coursework.brief(alone, "Ada", blank=False, cassette="") is None
    assert coursework.committee(alone) is None


def test_the_browser_saves_what_was_typed() -> None:
    """The file that `grade` reads."""
    assert js("brief.js", "m.handIn({experiment: 'e', recording: 'r', student: 's'}, [['a', ' 5 %']])") == {
        "format": "llmxray-brief",
        "version": 1,
        "experiment": "e",
        "recording": "r",
        "student": "s",
        "answers": {"a": "5 %"},
    }


def test_slides_say_what_varies_and_what_does_not() -> None:
    """Of two conditions that differ in temperature; what is unset everywhere is not listed."""
    cool = Condition("cool", "e", "m", "text", "verbatim", {"temperature": 0.2, "seed": 3}, 96)
    varies, constant = settings((cool, replace(cool, id="hot", sampling={"temperature": 1.2, "seed": 3})))
    assert [(each.name, each.values) for each in varies] == [("temperature", ("0.2", "1.2"))]
    assert [(each.name, each.values) for each in constant] == [
        ("model", ("m",)),
        ("layout", ("verbatim",)),
        ("max_tokens", ("96",)),
        ("seed", ("3",)),
    ]
