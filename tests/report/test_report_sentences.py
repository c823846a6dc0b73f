"""Sentences made from the data."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import hand_made
import numpy as np
import pytest

import llmxray.report
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, confidence
from llmxray.report.analysis.by_category import category_gaps
from llmxray.report.analysis.families import corrected
from llmxray.report.analysis.leaders import above_guessing
from llmxray.report.files import figures
from llmxray.report.numbers import NBSP
from llmxray.report.pages.calibration import calibrated
from llmxray.report.pages.calibration.diagrams import diagram, lean
from llmxray.report.sentences import Finding
from llmxray.report.wording.claim_words import claimed
from llmxray.report.wording.pair_times import time_sentences
from llmxray.report.wording.predictions import verdicts
from llmxray.report.wording.verdicts import verdict


def calibration(analysis: Analysis) -> str:
    """What is said of accuracy and calibration, with plain spaces."""
    return str(calibrated(analysis)).replace(NBSP, " ")


def speed(analysis: Analysis) -> str:
    """What is said of the speed of both conditions, with plain spaces."""
    return " ".join(map(str, time_sentences(analysis, *analysis.ranked))).replace(NBSP, " ")


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


def test_the_baseline_is_the_rival(tmp_path):
    """The file names whom the best is compared with."""
    outcomes = {"a": "+" * 30, "b": "+" * 15 + "-" * 15, "c": "-" * 30}
    analysis = Analysis(hand_made.data(tmp_path, outcomes, analysis={"baseline": "c"}))
    assert str(verdict(analysis)).startswith("a beats c by 100.0 points")


def test_a_perfect_order_is_not_called_none(tmp_path):
    """All sure answers right, all unsure ones wrong: confidence sorts, though DeLong's interval would have no width."""
    sure = {"a": [0.9] * 10 + [0.2] * 10, "b": [0.8] * 10 + [0.3] * 10}
    marks = {"a": "+" * 10 + "-" * 10, "b": "+" * 10 + "-" * 10}
    found = confidence.auroc(Analysis(hand_made.data(tmp_path, marks, confidence=sure)).ranked[0])
    assert found.value == 1
    assert 0.8 <= found.low < 0.9


def test_nothing_follows_from_two_questions(tmp_path):
    """Student's interval of two questions reached from −64 to +100 points: there is none."""
    marks = {"a": ["++", "+-"], "b": ["--", "+-"]}
    text = str(verdict(Analysis(hand_made.data(tmp_path, marks)))).replace(NBSP, " ")
    assert "95%" not in text


def test_one_condition_is_stated_not_compared(tmp_path):
    """Its accuracy with its interval."""
    analysis = Analysis(hand_made.data(tmp_path, {"a": "+-+-"}))
    assert "a answers 50% of 4 questions right (95% 15% to 85%)." == str(verdict(analysis))


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


def test_errors_picked_from_three_pairs_have_a_wider_interval(tmp_path):
    """With a third condition the same two are the extremes of three pairs: of the same draws 98.3% instead of 95%."""
    rng = np.random.default_rng(1)
    marks = {"a": "+++-" * 30, "b": "++-" * 40, "c": "+-" * 60}
    low = {"a": 0.9, "b": 0.6, "c": 0.6}
    sure = {name: (start + 0.1 * rng.random(120)).tolist() for name, start in low.items()}
    widths = []
    for names in ("ab", "abc"):
        n_pairs = len(names) * (len(names) - 1) // 2
        made = hand_made.data(tmp_path, {name: marks[name] for name in names}, confidence=sure)
        analysis = Analysis(made)
        a, b = analysis.ranked[:2]
        found = confidence.ece_difference(analysis, a, b, n_pairs)
        assert f" apart, 95% {numbers.points_interval(found)}" in calibration(analysis)
        assert ("adjusted for 3 pairs" in calibration(analysis)) is (n_pairs == 3)
        widths.append(found.high - found.low)
    assert numbers.points_interval(found) != numbers.points_interval(
        confidence.ece_difference(analysis, a, b)
    )
    assert 1.05 < widths[1] / widths[0] < 1.4


def test_the_most_accurate_need_not_be_the_best_calibrated(tmp_path):
    """Always right at 60% is 40 points off; half right at 50% is not off at all."""
    data = hand_made.data(
        tmp_path, {"a": "+" * 40, "b": "+-" * 20}, confidence={"a": [0.6] * 40, "b": [0.5] * 40}
    )
    text = calibration(Analysis(data))
    assert text.startswith(
        "Accuracy is not calibration: a has the highest accuracy, b the lowest ECE-15: 0% against 40% for a "
        "(40.0 points apart, 95% "
    )


def test_a_heading_claims_no_more_than_the_test(tmp_path):
    """The best calibrated of three by chance is not said to be better calibrated; its interval is adjusted."""
    marks = {"a": "+++-" * 10, "b": "++-+" * 10, "c": "++--" * 10}
    sure = {"a": [0.7] * 40, "b": [0.72] * 40, "c": [0.51] * 40}
    text = calibration(Analysis(hand_made.data(tmp_path, marks, confidence=sure)))
    assert "Accuracy is not calibration" not in text
    assert "adjusted for 3 pairs" in text


def test_time_is_a_ratio(tmp_path):
    """Three times as long."""
    data = hand_made.data(tmp_path, {"a": "+" * 20, "b": "+-" * 10}, latency_s={"a": 3.0, "b": 1.0})
    text = speed(Analysis(data))
    assert (
        "a takes on average 3.0 times as long per question as b (no interval); the medians are 3.0 s and 1.0 s."
        in text
    )


def test_speeds_side_by_side_are_of_the_same_questions(tmp_path):
    """a alone answers twenty more, all right and at once: no number of the comparison changes by them."""
    marks = {"a": "+" * 20 + "+-" * 10, "b": "!" * 20 + "+-" * 10}
    made = hand_made.data(tmp_path, marks, latency_s={"a": 2.0, "b": 1.0})
    rows = tuple(
        replace(row, latency_s=0.1 if row.condition == "a" else None) if row.item_id < "q020" else row
        for row in made.results.rows
    )
    text = speed(Analysis(replace(made, results=replace(made.results, rows=rows))))
    assert "a takes on average 2.0 times as long" in text
    assert "the medians are 2.0 s and 1.0 s." in text
    assert "Times are of the 20 questions that both answered." in text


def test_nothing_recorded_is_not_nothing_asked(tmp_path):
    """Every trial failed: the prompts did state an answer."""
    analysis = Analysis(hand_made.data(tmp_path, {"a": "!!", "b": "!!"}))
    assert "No trial has a whole reply, so nothing can be compared." == str(verdict(analysis))


def test_who_is_ahead_is_decided_on_common_questions(tmp_path):
    """a is right in ten that b gave no reply to, and behind on the twenty that both answered."""
    outcomes = {"a": "+" * 10 + "-" * 20, "b": "!" * 10 + "+" * 6 + "-" * 14}
    text = str(verdict(Analysis(hand_made.data(tmp_path, outcomes))))
    assert text.startswith("b beats a by 30.0 points (95% ")


def test_conditions_without_a_question_in_common(tmp_path):
    """There is no number between them."""
    analysis = Analysis(hand_made.data(tmp_path, {"a": "++!!", "b": "!!+-"}))
    assert "a and b have no question in common that both answered." == str(verdict(analysis))


def test_a_category_without_replies_is_no_draw(tmp_path):
    """b answered no question on law, and matches nobody there."""
    data = hand_made.data(tmp_path, {"a": "+-" * 6, "b": "+!" * 6}, categories=("physics", "law"))
    analysis = Analysis(data)
    (pair,) = analysis.pairs
    assert ["physics"] == [each.name for each in category_gaps(analysis, pair.a, pair.b)]


def test_the_prompts_of_a_comparison_are_no_categories(tmp_path):
    """In figures.json; a benchmark has its own."""
    compared = Analysis(hand_made.data(tmp_path / "a", {"a": "++", "b": "+-"}, kind="compare"))
    assert not [name for name in figures.figures(compared) if "@prompts/" in name]
    made = Analysis(hand_made.data(tmp_path / "b", {"a": "++", "b": "+-"}, categories=("sky", "sea")))
    assert any(name.endswith("/sky") for name in figures.figures(made))


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


CLAIMS = re.compile(r"\b(?:clearly|measurably|beats?|(?:over|under)confident|best)\b", re.IGNORECASE)
# Names of columns, corners and axes, questions to the reader, and what a reader's own answers show.
NO_CLAIMS = {
    "analysis/confidence.py": ["+ is overconfident"],
    "coursework/answer_key.py": ["best"],
    "coursework/papers.py": ["Best"],
    "pages/calibration/diagrams.py": ["Overconfident"],
    "pages/calibration/page.html": [
        "above the line: underconfident",
        "below: overconfident",
        "“overconfident”",
    ],
    "pages/calibration/yourself.html": ["overconfident", "underconfident"],
    # One reader is no family.
    "pages/calibration/answerers.js": [
        "you are overconfident",
        "or underconfident",
        "you are underconfident",
        "best}",
    ],
    "pages/categories/page.html": ["Best and worst", "best"],
    "sentences/calibration.toml": ["not shown to be over- or underconfident"],
    "pages/choose/__init__.py": ["beats"],
    "pages/front/page.html": ["Can you beat", "page.beat"],
    "pages/front/page.js": ["You beat", "beat you", "beat"],
    # What the words mean.
    "pages/overview/page.html": ["Clearly", "very clearly"],
    "pages/ledger/__init__.py": ["Which model does best?"],
    "pages/ledger/page.html": ["“Clearly”: significant"],
}
# `claimed` itself, and the verdicts on predictions, which are a family of their own.
BY_A_TEST = ("wording/claim_words.py", "wording/predictions.py")


def words_of(path: Path) -> Iterator[str]:
    """The words of a file that a page may show, but for docstrings, comments and those that `claimed` returns."""
    text = path.read_text("utf-8")
    if path.suffix == ".html":
        yield re.sub(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|<[^>]*>", " ", text, flags=re.DOTALL)
    elif path.suffix == ".toml" and (path.parent.name != "sentences" or path.stem == "terms"):
        return
    elif path.suffix == ".toml":
        # What stands in braces is a value.
        yield from (re.sub(r"\{[^{}]*\}|^#.*", " ", line) for line in text.splitlines())
    elif path.suffix == ".js":
        yield from re.findall(r'"(?:[^"\\\n]|\\.)*"|`[^`]*`', re.sub(r"/\*[\s\S]*?\*/|//.*", "", text))
    else:
        nodes = list(ast.walk(ast.parse(text)))
        calls = [node for node in nodes if isinstance(node, ast.Call)]
        tested = [
            node.args[0] for node in calls if isinstance(node.func, ast.Name) and node.func.id == "claimed"
        ]
        left_out = {each for node in tested for each in ast.walk(node)}
        left_out |= {node.value for node in nodes if isinstance(node, ast.Expr)}
        for node in nodes:
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in left_out:
                yield node.value


def test_words_that_claim_stand_behind_a_test():
    """No page says of itself that somebody clearly beats another: only `claimed` does, which asks for the test."""
    folder = Path(llmxray.report.__path__[0])
    found = []
    for path in sorted(each for each in folder.rglob("*") if each.suffix in (".py", ".html", ".js", ".toml")):
        name = path.relative_to(folder).as_posix()
        for words in () if name in BY_A_TEST else words_of(path):
            for known in sorted(NO_CLAIMS.get(name, ()), key=len, reverse=True):
                words = words.replace(known, "")
            found += [f"{name}: {match[0]} in {words.strip()[:80]!r}" for match in CLAIMS.finditer(words)]
    assert [] == found
    assert {name for name in NO_CLAIMS if not (folder / name).exists()} == set()


def test_a_claim_needs_a_significant_test():
    """p = .02 is one of three that is not significant among them, and one of two that is."""
    first, *_ = corrected("condition", [0.02, None, 0.5])
    assert "clearly" == claimed("clearly", first)
    assert "p\u00a0=\u00a00.040, Holm over 2 conditions" == first.doubt
    first, *_ = corrected("condition", [0.02, 0.6, 0.5])
    with pytest.raises(ValueError, match="needs a significant test"):
        claimed("clearly", first)
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


def test_calibrated_conditions_are_seldom_called_overconfident(tmp_path):
    """Eight of them, sure and less sure, on 48 questions each: one is accused in at most 5 of 40 sites."""
    rng, accused = np.random.default_rng(6), 0
    for site in range(40):
        sure = {name: rng.beta(60 if name < "e" else 4, 1, 48) for name in "abcdefgh"}
        outcomes = {
            name: "".join("-+"[int(hit)] for hit in rng.random(48) < each) for name, each in sure.items()
        }
        claims = {name: each.tolist() for name, each in sure.items()}
        made = Analysis(hand_made.data(tmp_path / str(site), outcomes, confidence=claims))
        accused += any(test.is_significant for test in confidence.leanings(made).values())
    assert accused <= 5


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


def test_one_number_has_one_interval_on_all_pages_of_the_site(shipped_site: Path) -> None:
    """A number of a condition that tables of two pages hold has the same interval on both."""
    intervals: dict[tuple[str, str, str], dict[str, set[str]]] = {}
    for path in shipped_site.glob("*/*.html"):
        text = path.read_text("utf-8")
        cells = [(head, *cell) for head, body in _ROW.findall(text) for cell in _CELL.findall(body)]
        for head, value, ends in (*cells, *_NAMED_CELL.findall(text)):
            name = path.parent.name, re.sub(r"<[^>]+>", "", head).strip(), value
            # Many numbers are 0 or 1.
            if float(value) not in (0, 1):
                intervals.setdefault(name, {}).setdefault(path.name, set()).add(ends)
    shared = {name: pages for name, pages in intervals.items() if len(pages) > 1}
    assert len(shared) > 15
    # Two numbers of a page may be equal by chance, so one interval in common is enough.
    assert [name for name, pages in shared.items() if not set.intersection(*pages.values())] == []
