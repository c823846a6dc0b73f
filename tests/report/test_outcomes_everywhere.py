"""Every outcome has a name, a mark and a colour wherever outcomes are listed, and the counts sum to N."""

import re
from pathlib import Path

import hand_made
import in_node
import pytest

import llmxray.report
from llmxray.metrics.accuracy import proportion
from llmxray.report.analysis import Analysis, rows
from llmxray.report.analysis import questions as cells
from llmxray.report.pages import answers, results
from llmxray.runner import panels
from llmxray.types import UNCOUNTED, Outcome

STATIC = Path(llmxray.report.__file__).parent / "static"
EVERY = "+-?…ƒ◇!"


def test_marks_codes_and_colours():
    """In Python: pages and live view; no two share a code or a mark."""
    assert set(Outcome) == set(cells.CODES) == set(panels.STYLES)
    for values in (cells.CODES.values(), [each.mark for each in Outcome]):
        assert len(Outcome) == len(set(values))


def test_scripts_know_every_outcome():
    """In the browser: names by code, codes by name, and the same ones count in no accuracy."""
    asked = [
        call
        for outcome, code in cells.CODES.items()
        for call in (
            ("outcomes", "outcomeLabel", code),
            ("filters", "parseState", f"#outcome={outcome.value}"),
            ("filters", "verdict", {"codes": code}),
            ("answers", "tally", f"{code}c"),
        )
    ]
    by_code, score, *found = in_node.all_called(
        [("outcomes", "OUTCOMES"), ("outcomes", "score", "cfn"), *asked]
    )
    assert {code: outcome.value for outcome, code in cells.CODES.items()} == by_code
    assert {"right": 1, "n": 2} == score
    for outcome, code in cells.CODES.items():
        both = cells.QuestionCell(codes=f"{code}c")
        label, state, verdict, count = found[:4]
        del found[:4]
        assert (outcome.label, code) == (label, state["outcome"])
        assert verdict is (None if outcome in UNCOUNTED else outcome is Outcome.CORRECT)
        assert verdict is cells.QuestionCell(codes=code).mostly_right
        assert f"{both.right} of {both.n}" == count


@pytest.mark.parametrize("outcome", Outcome)
def test_the_style_sheet_has_a_mark(outcome):
    """The same as in the terminal."""
    css = (STATIC / "style.css").read_text("utf-8")
    mark = re.search(rf'\.mark-{outcome.value}::before {{ content: "(.)"; }}', css)
    assert mark
    assert outcome.mark == mark[1]


def test_unread_replies_count_in_no_accuracy(tmp_path):
    """Two right of six: calls, cut off and unparsed replies count as not right, errors and unread ones not at all."""
    data = hand_made.data(tmp_path, {"a": "++-ƒ?…◇!"})
    found = Analysis(data).accuracies["a"]
    assert (pytest.approx(1 / 3), 6, 2) == (found.value, found.n, found.n_missing)
    assert found == proportion([rows.right(row) for row in data.results.rows])


def test_every_outcome_on_the_pages(tmp_path):
    """The table of outcomes sums to N; people read "tool call", not the name in the CSV."""
    data = hand_made.data(tmp_path, {"a": EVERY})
    page = results.page_values(Analysis(data))
    rows = {row.label[2:]: row.cells[0].text for row in page.outcomes}
    labels = ["correct", "wrong", "unparsed", "truncated", "tool call", "unread", "error"]
    assert dict.fromkeys(labels, "1") == rows
    table = answers.questions_page(Analysis(data), dict.fromkeys(("places", "codes", "texts"), ""))
    assert {"tool_call", "unread"} <= {name for _, name in table.outcomes}
    assert {"answers.call", "answers.unread", "answers.error"} <= {note.kind for note in table.notes}
