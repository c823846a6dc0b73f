"""The page with every answer as text."""

from __future__ import annotations

import hand_made

from llmxray.report import build
from llmxray.report.analysis.questions import questions
from llmxray.report.pages.answers.printed import make


def test_every_question_has_every_answer(tmp_path):
    """In plan order, conditions in their own; samples are numbered where there are several."""
    data = hand_made.data(tmp_path, {"a": ["+-", "++"], "b": ["-…", "!+"]})
    page = make(data, questions(data))
    assert [[answer.name for answer in entry.answers] for entry in page.entries] == [
        ["a, 1", "a, 2", "b, 1", "b, 2"]
    ] * 2
    assert ["correct", "correct", "wrong", "error"] == [each.outcome for each in page.entries[0].answers]
    assert sum(right for _, _, right in page.entries[0].choices) == 1


def test_a_reader_without_scripts_is_led_there(tmp_path):
    """From the page that scripts put together."""
    data = hand_made.data(tmp_path, {"a": "+-", "b": "--"})
    build([data], tmp_path / "site")
    question = (tmp_path / "site/made-up/answer.html").read_text("utf-8")
    assert '<a href="all-answers.html">' in question.split("<noscript>")[1].split("</noscript>")[0]
    answers = (tmp_path / "site/made-up/all-answers.html").read_text("utf-8")
    assert answers.count('<section class="answered">') == 2
