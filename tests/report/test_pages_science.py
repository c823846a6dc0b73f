"""ARC science against MMLU-Pro science."""

from __future__ import annotations

from dataclasses import replace

import hand_made
import pytest
from designs import ARC, PRO, two_suites

from llmxray.metrics.correlation import critical
from llmxray.report.analysis import Analysis
from llmxray.report.analysis import runs as ledger
from llmxray.report.pages.ledger import Over
from llmxray.report.pages.ledger import make as make_ledger


def test_four_points_show_no_correlation(tmp_path):
    """r = .8 over four runs is not enough: .95 would be."""
    page = make_ledger(Over([ledger.make(two_suites(tmp_path, [(2, 3), (4, 2), (6, 6), (8, 5)]))])).science
    assert "Inconclusive with 4 models" in str(page.sentences[0])
    assert "only a correlation of 0.95 or more is significant" in str(page.sentences[1])
    assert critical(4) == pytest.approx(0.95, abs=0.001)
    assert "biology and physics" in page.table.caption
    assert "80%" == page.table.lines[0].cells[0].text
    assert 4 == page.n


def test_six_points_on_a_line_show_one(tmp_path):
    """With the interval, and with the test that says so."""
    page = make_ledger(
        Over([ledger.make(two_suites(tmp_path, [(place, place) for place in range(2, 8)]))])
    ).science
    assert str(page.sentences[0]).startswith(
        "Over 6 models: who does well on one does well on the other (r = 1.00"
    )


def test_two_runs_cannot_show_anything(tmp_path):
    """No number at all."""
    page = make_ledger(Over([ledger.make(two_suites(tmp_path, [(2, 3), (4, 2)]))])).science
    assert "2 models cannot show a correlation or rule one out" in str(page.sentences[0])


def test_the_ledger_takes_its_runs_from_all_experiments(tmp_path):
    """Six models of two experiments; a rewritten entry keeps the categories, an older one has none."""
    entries = [
        ledger.make(two_suites(tmp_path, [(place, place) for place in part], name, models))
        for name, part, models in (("one", (2, 3, 4), "abc"), ("two", (5, 6, 7), "def"))
    ]
    assert ledger.load(ledger.dump(entries[0])) == entries[0]
    page = make_ledger(Over(entries)).science
    assert str(page.sentences[0]).startswith(
        "Over 6 models: who does well on one does well on the other (r = 1.00"
    )
    old = [replace(entry, categories={}) for entry in entries]
    assert make_ledger(Over(old)).science is None


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
    first = ledger.make(two_suites(tmp_path, [(2, 3), (3, 2), (4, 5)], "one", "abc"))
    second = ledger.make(two_suites(tmp_path, [(7, 7), (8, 8), (9, 9)], "two", **{"models": "def", **unlike}))
    page = make_ledger(Over([first, second])).science
    assert "Inconclusive with 3 models" in str(page.sentences[0])
    assert {("40%", "50%"), ("30%", "20%"), ("20%", "30%")} == {
        tuple(cell.text for cell in line.cells) for line in page.table.lines
    }
    assert ["model", ARC, PRO] == [column.text for column in page.table.columns]


def test_an_experiment_without_both_suites_has_no_section(tmp_path):
    """Nothing to compare."""
    entry = ledger.make(Analysis(hand_made.data(tmp_path, {"a": "+-", "b": "++"})))
    assert make_ledger(Over([entry])).science is None
