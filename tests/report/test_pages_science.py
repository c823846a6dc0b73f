"""ARC science against MMLU-Pro science."""

import pytest
from designs import ARC, PRO, two_suites

from llmxray.metrics.correlation import critical
from llmxray.report.analysis import ledger_entry as ledger
from llmxray.report.pages import ledger as page


def science(*entries):
    """The part of the ledger over these entries."""
    return page.page_values(ledger.by_question_set(entries)).science


def test_four_points_show_no_correlation(tmp_path):
    """r = .8 over four runs is not enough: .95 would be."""
    found = science(ledger.build_entry(two_suites(tmp_path, [(2, 3), (4, 2), (6, 6), (8, 5)])))
    assert ["ledger.science-open", "ledger.science-few"] == [each.kind for each in found.sentences]
    assert "only a correlation of 0.95 or more is significant" in str(found.sentences[1])
    assert critical(4) == pytest.approx(0.95, abs=0.001)
    assert "biology and physics" in found.table.caption
    assert "80%" == found.table.lines[0].cells[0].text
    assert 4 == found.n


def test_six_points_on_a_line_show_one(tmp_path):
    """With the interval, and with the test that says so."""
    found = science(ledger.build_entry(two_suites(tmp_path, [(place, place) for place in range(2, 8)])))
    assert str(found.sentences[0]).startswith(
        "Over 6 models: who does well on one does well on the other (r = 1.00"
    )


@pytest.mark.parametrize(
    "unlike",
    [
        {"suites": ("starter/arc-challenge", PRO)},
        {"words": "In other words: "},
        {"answers": dict.fromkeys("def", "likelihood")},
        {"models": "abc"},
    ],
)
def test_only_models_that_were_asked_alike_count(tmp_path, unlike):
    """Not those of another suite, of other questions under its name or of another kind of answer; each model once."""
    first = ledger.build_entry(two_suites(tmp_path, [(2, 3), (3, 2), (4, 5)], "one", "abc"))
    second = ledger.build_entry(
        two_suites(tmp_path, [(7, 7), (8, 8), (9, 9)], "two", **{"models": "def", **unlike})
    )
    found = science(first, second)
    assert ("ledger.science-open", 3) == (found.sentences[0].kind, found.n)
    assert {("40%", "50%"), ("30%", "20%"), ("20%", "30%")} == {
        tuple(cell.text for cell in line.cells) for line in found.table.lines
    }
    assert ["model", ARC, PRO] == [column.text for column in found.table.columns]
