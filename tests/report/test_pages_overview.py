"""The first page: verdicts, one picture, questions that show it, and what it does not show."""

from pathlib import Path

import hand_made
import pytest
from designs import two_suites

from llmxray.report import numbers
from llmxray.report.analysis import Analysis
from llmxray.report.analysis.questions import example_questions
from llmxray.report.pages import overview
from llmxray.report.widgets.opening import picture
from llmxray.report.wording.headline import headline

PREDICTIONS = (
    {"claim": "A wins.", "metric": "accuracy", "of": "a", "above": "b"},
    {"claim": "B is quick.", "metric": "latency", "of": "b", "below": 0.1},
)
SURE = {"a": [0.95, 0.9, 0.85, 0.82] * 6, "b": [0.3] * 24}


def made(folder: Path, **more: object):
    """24 questions: a is right on three of four, b on none."""
    return hand_made.data(
        folder,
        {"a": "+++-" * 6, "b": "-" * 24},
        confidence=SURE,
        latency_s={"a": 0.5, "b": 0.5},
        predictions=PREDICTIONS,
        **more,
    )


def test_every_prediction_has_its_badge(tmp_path):
    """In the order of the file, with the numbers that are compared; a class guesses about the leading one."""
    page = overview.page_values(Analysis(made(tmp_path)))
    assert ("held", "A wins.", "A wins.") == (page.lead.css, page.lead.verdict.claim, page.guess)
    assert "75% correct against 0%" == page.lead.shown
    assert "added after recording" == page.lead.note
    assert [("held", "A wins."), ("failed", "B is quick.")] == [
        (badge.css, badge.verdict.claim) for badge in page.badges
    ]
    assert ("500\u00a0ms, predicted: below 100\u00a0ms", "b: 24 questions") == (
        page.badges[1].shown,
        page.badges[1].where,
    )


@pytest.mark.parametrize("claim", ["A wins.", "A wins by more than 10 points.", "A wins by a wide margin."])
def test_a_margin_stands_behind_its_claim(tmp_path, claim):
    """Whatever the claim says: else a difference that is clear looks undecided for no reason."""
    predicted = {"claim": claim, "metric": "accuracy", "of": "a", "above": "b", "margin": 10}
    marks = {"a": "+++-" * 6, "b": "-" * 24}
    page = overview.page_values(Analysis(hand_made.data(tmp_path, marks, predictions=[predicted])))
    assert "by more than 10 points, added after recording" == page.lead.note


def test_the_chart_has_a_group_for_all_and_one_for_each_suite(tmp_path):
    """A row for each condition, the most accurate first, with its time."""
    analysis = two_suites(tmp_path, [(5, 3), (4, 2)], latency_s={"a": 0.5, "b": 0.25})
    chart = overview.page_values(analysis).chart
    assert [3, 2] == [len(chart.groups), len(chart.groups[0].rows)]
    assert [("a", "500\u00a0ms"), ("b", "250\u00a0ms")] == [
        (row.view.label, row.seconds) for row in chart.groups[0].rows
    ]
    assert chart.options


def test_a_number_says_which_questions_it_is_about(tmp_path):
    """10% on all suites beside 2% on one are no contradiction; a paraphrase is no question of its own."""
    one = {"claim": "A wins here.", "metric": "accuracy", "of": "a", "above": "b", "on": hand_made.SUITE}
    data = hand_made.data(
        tmp_path, {"a": "+++-" * 6, "b": "-" * 24}, reworded=True, predictions=[*PREDICTIONS[:1], one]
    )
    page = overview.page_values(Analysis(data))
    wheres = ["a against b: All suites, 12 questions", "a against b: Made up, 12 questions"]
    assert wheres[0] == page.lead.where
    assert wheres == [badge.where for badge in page.badges]


def test_the_picture_is_what_the_first_prediction_is_about(tmp_path):
    """Its metric for every condition, on one scale."""
    analysis = Analysis(made(tmp_path))
    shown = picture(analysis, headline(analysis))
    assert "Correct answers" == shown.title
    assert [("a", "75%", 0.75), ("b", "0%", 0.0)] == [
        (group.label, group.lines[0].text, group.lines[0].share) for group in shown.groups
    ]
    assert (0.25, "guessing among 4 options, 25%") == (shown.chance, shown.chance_text)
    # One number has one interval, on this page and on the others.
    for group, view in zip(shown.groups, analysis.views, strict=True):
        assert numbers.interval(analysis.accuracies[view.id]) in group.lines[0].small


def test_questions_are_chosen_by_their_rules(tmp_path):
    """What only the best knew, its surest wrong answer, what all missed; no question twice."""
    found = example_questions(Analysis(made(tmp_path)))
    # Every fourth is wrong with 82%: the first of them is the surest, the second is missed by all.
    assert [
        ("only one knew", "made/up/q000"),
        ("sure and wrong", "made/up/q003"),
        ("all missed", "made/up/q007"),
    ] == [(kind, question.address) for kind, question in found.items()]


@pytest.mark.parametrize("marks", [{"a": "++", "b": "++"}, {"a": "!!", "b": "!!"}])
def test_where_nothing_is_telling_nothing_is_told(tmp_path, marks):
    """All right, or no reply at all."""
    assert {} == example_questions(Analysis(hand_made.data(tmp_path, marks)))
