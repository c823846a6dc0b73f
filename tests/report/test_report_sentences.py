"""Sentences made from the data."""

import re
from dataclasses import replace

import hand_made
import pytest

from llmxray.report.analysis import Analysis
from llmxray.report.analysis.leaders import above_guessing
from llmxray.report.analysis.pairing import corrected
from llmxray.report.files import figures
from llmxray.report.numbers import NBSP
from llmxray.report.pages.calibration import diagram, lean
from llmxray.report.sentences import Finding
from llmxray.report.wording.predictions import verdicts
from llmxray.report.wording.verdicts import verdict


def test_the_winner_is_named_with_interval_and_p(tmp_path):
    """A clear difference."""
    analysis = Analysis(hand_made.data(tmp_path, {"a": "+" * 30, "b": "-" * 20 + "+" * 10}))
    assert "a beats b by 66.7 points (95% 44 to 81; 30 questions, p < 0.001)." == str(
        verdict(analysis)
    ).replace(NBSP, " ")


def test_a_tie_says_what_would_not_show(tmp_path):
    """Six questions' difference among sixty cannot be told."""
    outcomes = {"a": "+" * 36 + "-" * 24, "b": "+" * 24 + "-" * 30 + "+" * 6}
    text = str(verdict(Analysis(hand_made.data(tmp_path, outcomes))))
    told, would = text.split("; a gap under ")
    assert (
        "No clear difference between a and b: 10.0 points (95% −4 to +24; 60 questions, p = 0.24)"
        == told.replace(NBSP, " ")
    )
    assert would.endswith(" points would often be missed.")


def test_a_lead_that_the_family_takes_back_is_called_that(tmp_path):
    """p = .03 alone, not among three pairs."""
    outcomes = {"a": "+" * 10, "b": "-" * 6 + "+" * 4, "c": "-" * 5 + "+" * 5}
    analysis = Analysis(hand_made.data(tmp_path, outcomes, analysis={"baseline": "b"}))
    assert "a is ahead of b by 60.0 points" in str(verdict(analysis))
    assert "Holm over 3 pairs), not significantly after correction." in str(verdict(analysis))


def test_a_finding_and_a_prediction_of_guessing_take_one_test(tmp_path):
    """A says A throughout and gains a few: its answers to a question lean against each other, and the test sees it."""
    turns = ["+" * 60, "+" * 8 + "-" * 52, "-" * 60, "-" * 60]
    claim = {"claim": "a beats guessing", "metric": "accuracy", "of": "a", "above": "chance"}
    data = hand_made.data(tmp_path, {"a": turns, "b": ["+" * 60] * 4}, rotated=True, predictions=[claim])
    analysis = Analysis(data)
    assert (analysis.accuracies["a"].low or 0) > 0.25
    (verdict_,) = verdicts(analysis)
    assert "held" == verdict_.outcome
    assert above_guessing(analysis)[analysis.views[0].id]


def test_two_figures_never_share_a_name(tmp_path):
    """Category x of suite quiz is not suite quiz/x, nor its category "x low" the low end of x."""
    made = hand_made.data(tmp_path, {"a": "+-++-+"}, reworded=True, categories=("x", "x low", "y"))
    plan, renamed = made.results.plan, {hand_made.SUITE: "quiz", hand_made.REWORDED: "quiz/x"}
    plan = replace(plan, suites={renamed[name]: suite for name, suite in plan.suites.items()})
    rows = tuple(replace(row, suite=renamed[row.suite]) for row in made.results.rows)
    analysis = Analysis(replace(made, results=replace(made.results, plan=plan, rows=rows)))
    found = figures.figures(analysis)
    told = ("accuracy/a@quiz/y", "accuracy/a@quiz/x", "accuracy/a@quiz/x (2)", "accuracy/a@quiz/x low (2)")
    assert {*told} <= found.keys()
    assert "accuracy/a@quiz/x/y" in found


def test_a_claim_needs_a_significant_test():
    """p = .02 is one of three that is not significant among them, and one of two that is."""
    first, *_ = corrected("condition", [0.02, None, 0.5])
    assert "clearly" == first.claim("clearly")
    assert "p\u00a0=\u00a00.040, Holm over 2 conditions" == first.doubt
    first, *_ = corrected("condition", [0.02, 0.6, 0.5])
    with pytest.raises(ValueError, match="needs a significant test"):
        first.claim("clearly")
    assert "p\u00a0=\u00a00.02" == corrected("condition", [0.021])[0].doubt[:8]


def test_overconfidence_is_adjusted_over_the_conditions(tmp_path):
    """Twelve points too sure on 64 questions is significant alone, and not beside seven that are calibrated."""
    outcomes, sure = {"a": "+" * 38 + "-" * 26}, {"a": [0.72] * 64}
    (alone,) = (analysis := Analysis(hand_made.data(tmp_path / "a", outcomes, confidence=sure))).views
    assert Finding("calibration.leans", view=alone, way="overconfident") == lean(analysis, alone)
    others = dict.fromkeys("bcdefgh", "+" * 40 + "-" * 24)
    among = Analysis(
        hand_made.data(
            tmp_path / "b", outcomes | others, confidence=sure | dict.fromkeys(others, [0.625] * 64)
        )
    )
    assert "calibration.even" == lean(among, among.views[0]).kind
    assert diagram(among, among.views[0]).gap.values["doubt"].endswith("Holm over 8 conditions")


_ROW = re.compile(r'<tr[^>]*><th scope="row">(.*?)</th>(.*?)</tr>', re.DOTALL)
_CELL = re.compile(
    r'<td class="num[^"]*" data-value="([^"]+)">[^<]*(?:<span class="ibar".*?</span>)?'
    r"<small[^>]*>([^<]*\d[^<]*)</small>",
    re.DOTALL,
)
# On Results a column is a condition, and each cell names it.
_NAMED_CELL = re.compile(
    r'<td class="num[^"]*" data-l="([^"]+)" data-value="([^"]+)">(?:<a[^>]*>)?[^<]*(?:</a>)?'
    r"<small>([^<]*\d[^<]*)</small>"
)


def test_one_number_has_one_interval_on_all_pages_of_the_site(shipped_site):
    """A number of a condition that tables of two pages hold has the same interval on both."""
    intervals: dict[tuple[str, str, str], dict[str, set[str]]] = {}
    for path in shipped_site.glob("*/*.html"):
        text = path.read_text("utf-8")
        cells = [(head, *cell) for head, body in _ROW.findall(text) for cell in _CELL.findall(body)]
        for head, value, ends in (*cells, *_NAMED_CELL.findall(text)):
            name = path.parent.name, re.sub(r"<[^>]+>", "", head).strip(), value
            # Many numbers are 0 or 1.
            if float(value) not in (0, 1):
                # An end that would be printed as a limit has one more digit where the limit counts.
                ends = re.sub(r"\d+\.\d+(?=%)", lambda end: f"{float(end[0]):.0f}", ends)
                intervals.setdefault(name, {}).setdefault(path.name, set()).add(ends)
    shared = {name: pages for name, pages in intervals.items() if len(pages) > 1}
    assert len(shared) > 15
    # Two numbers of a page may be equal by chance, so one interval in common is enough.
    assert [name for name, pages in shared.items() if not set.intersection(*pages.values())] == []
