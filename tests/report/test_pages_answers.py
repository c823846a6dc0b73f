"""The page with every answer as text."""

import hand_made

from llmxray.report.analysis import Analysis
from llmxray.report.analysis.questions import questions_of
from llmxray.report.pages.answers import printed_page
from llmxray.report.widgets.render import Renderer


def test_every_question_has_every_answer(tmp_path):
    """In plan order, conditions in their own; samples are numbered where there are several."""
    data = hand_made.data(tmp_path, {"a": ["+-", "++"], "b": ["-…", "!+"]})
    page = printed_page(data, questions_of(Analysis(data)))
    named = [[(answer.chip.label, answer.number) for answer in entry.answers] for entry in page.entries]
    assert named == [[("a", 1), ("a", 2), ("b", 1), ("b", 2)]] * 2
    outcomes = [each.row.outcome.value for each in page.entries[0].answers]
    assert ["correct", "correct", "wrong", "error"] == outcomes
    Renderer(tmp_path / "site").page("made-up/all-answers.html", "pages/answers/printed.html", page)
    html = (tmp_path / "site/made-up/all-answers.html").read_text("utf-8")
    assert html.count('<b class="right-mark">right</b>') == len(page.entries)
