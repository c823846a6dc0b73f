"""The results, categories, calibration and methods pages, without templates."""

from dataclasses import replace

import hand_made
import pytest

from llmxray.report import numbers
from llmxray.report.analysis import Analysis, confidence, leaders
from llmxray.report.analysis.leaders import page_of
from llmxray.report.pages import calibration, methods, results
from llmxray.report.sentences import Finding
from llmxray.types import Outcome


def shown(rows):
    """The texts of the rows of a table, by their kinds, or by their labels."""
    return {
        getattr(row, "kind", getattr(row, "label", "")): [cell.text for cell in row.cells] for row in rows
    }


@pytest.mark.parametrize(
    ("marks", "kinds"),
    [
        ({"a": "+-"}, ["results.alone"]),
        ({"a": "!!", "b": "!!"}, ["findings.no-reply"]),
        ({"a": "+" * 20, "b": "-" * 20}, ["findings.leads"]),
        ({"a": "+" * 40, "b": "-" * 40, "c": "-" * 39 + "+"}, ["results.leads", "results.rest"]),
        ({"a": "+" * 40, "b": "+" * 20 + "-" * 20, "c": "-" * 40}, ["results.leads"]),
        ({"a": "+-" * 10, "b": "-+" * 10, "c": "-" * 20}, ["results.close"]),
        ({"a": "+-" * 10 + "!" * 20, "b": "!" * 20 + "+-" * 10, "c": "+" * 40}, ["results.unlike"]),
    ],
)
def test_the_headline_claims_what_the_tests_of_all_pairs_show(tmp_path, marks, kinds):
    """One alone, two, a leader, a leader of others that are alike, a tie, and no question in common."""
    headline = results.page_values(Analysis(hand_made.data(tmp_path, marks))).headline
    assert kinds == [each.kind for each in headline.values.get("findings", [headline])]


def test_accuracies_mark_who_is_clearly_ahead_and_who_may_be_guessing(tmp_path):
    """By tests; in rank order, each with its place and a link to its questions."""
    (row,) = results.page_values(Analysis(hand_made.data(tmp_path, {"b": "+---", "a": "+++-"}))).accuracy
    first = row.cells[0]
    assert ("a", "75%", "c1", 0.75, "answers.html#condition=a&suite=made%2Fup") == (
        first.label,
        first.text,
        first.css,
        first.share,
        first.href,
    )
    assert (0.25, ["guess", "guess"]) == (row.chance, [cell.mark for cell in row.cells])
    marks = {"b": "+---" * 10, "a": "+" * 40}
    (row,) = results.page_values(Analysis(hand_made.data(tmp_path / "clear", marks))).accuracy
    assert ["ahead", "guess"] == [cell.mark for cell in row.cells]


def test_thinking_has_a_time_to_the_first_token_of_the_answer(tmp_path):
    """A median beside that of the first token of any kind; no such row where nobody thinks."""
    data = hand_made.data(tmp_path, {"a": "+++", "b": "---"}, latency_s={"a": 1.0, "b": 1.0})
    assert "first-of-answer" not in shown(results.page_values(Analysis(data)).times)
    thought = {"q000": 2.0, "q001": 3.0, "q002": 4.0}
    data = hand_made.changed(
        data,
        lambda row: (
            replace(row, reasoning="hm", ttfa_s=thought[row.item_id]) if row.condition == "a" else row
        ),
    )
    times = shown(results.page_values(Analysis(data)).times)
    assert ["first", "first-of-answer"] == list(times)[:2]
    assert ["3.0\xa0s", "not recorded"] == times["first-of-answer"]


def test_outcomes_sum_to_n(tmp_path):
    """Only outcomes that occur have a row; each count has its share and leads to its questions."""
    rows = results.page_values(Analysis(hand_made.data(tmp_path, {"a": "+-?!", "b": "++++"}))).outcomes
    assert ["● correct", "✕ wrong", "? unparsed", "! error"] == [row.label for row in rows]
    assert [4, 4] == [sum(int(row.cells[at].text) for row in rows) for at in (0, 1)]
    unparsed = rows[2].cells[1]
    assert ("25%", "answers.html#condition=a&outcome=unparsed") == (unparsed.small, unparsed.href)


def test_outcomes_are_shares_of_what_is_scored(tmp_path):
    """A prompt without an expected answer is in no share; right and wrong alone need no table."""
    data = hand_made.data(tmp_path, {"a": "++--"})
    assert not results.page_values(Analysis(data)).outcomes
    data = hand_made.marked(data, lambda row: row.item_id == "q003", outcome=Outcome.UNSCORED)
    page = results.page_values(Analysis(data))
    cells = [(row.label[2:], row.cells[0].text, row.cells[0].small) for row in page.outcomes]
    assert [("correct", "2", "67%"), ("wrong", "1", "33%"), ("unscored", "1", "")] == cells


def test_two_rows_of_the_same_numbers_are_one(tmp_path):
    """All answered all; b and c lost other questions, so that what all answered has a row of its own."""
    marks = {"a": "+" * 20, "b": "+-" * 10, "c": "+-+-" * 5}
    assert [20] == [row.n for row in results.page_values(Analysis(hand_made.data(tmp_path, marks))).accuracy]
    marks |= {"b": "!" + "+-" * 9 + "-", "c": "+-+-" * 4 + "++!!"}
    page = results.page_values(Analysis(hand_made.data(tmp_path / "other", marks)))
    assert [17, 20] == [row.n for row in page.accuracy]
    assert page.is_part


def test_the_first_prediction_leads(tmp_path):
    """The file asks about b and c, though a is the best: Pairs opens with them."""
    marks = {"a": "+" * 20, "b": "+-" * 10, "c": "+---" * 5}
    alone = {"claim": "b beats guessing.", "metric": "accuracy", "of": "b", "above": "chance"}
    asked = {"claim": "b beats c.", "metric": "accuracy", "of": "c", "below": "b"}
    for name, predictions, pair in (("plain", [alone], ("a", "b")), ("asked", [alone, asked], ("b", "c"))):
        analysis = Analysis(hand_made.data(tmp_path / name, marks, predictions=predictions))
        lead = leaders.lead_pair(analysis)
        assert pair == (lead.a.id, lead.b.id)
        assert "pairs" == page_of(analysis, lead)


def test_pairs_of_repeats_are_tested_by_students_t(tmp_path):
    """Averages of two samples: eight questions of one sign, one of them by half."""
    marks = {"a": ["+" * 8, "+" * 8], "b": ["-" * 8, "-" * 7 + "+"]}
    page = results.page_values(Analysis(hand_made.data(tmp_path, marks)))
    assert (("Student’s t", "paired-shares"), True) == (page.test, page.several)
    ((row,),) = (group.rows for group in page.pairs)
    assert ([("8", ""), ("0", "")], "0.002", True) == (
        [(link.text, link.href) for link in row.ahead],
        numbers.bare_p(row.pair.p_holm),
        row.pair.differs,
    )
    few = (
        results.page_values(Analysis(hand_made.data(tmp_path / "few", {"a": "++-", "b": "+--"})))
        .pairs[0]
        .rows[0]
    )
    assert [("1", "answers.html#right=a&wrong=b"), ("0", "")] == [
        (link.text, link.href) for link in few.ahead
    ]
    assert not few.pair.differs


def test_calibration_names_every_estimator_and_counts_the_missing(tmp_path):
    """One answer has no confidence."""
    data = hand_made.data(tmp_path, {"a": "+-" * 10 + "+"}, confidence={"a": [0.9, 0.3] * 10 + [None]})
    page = calibration.page_values(Analysis(data))
    estimators = [each.name for each in confidence.ESTIMATORS]
    assert {"ECE-15", "Gap", "Brier"} < {*estimators}
    assert ["Mean confidence", *estimators, "AUROC", "n"] == [
        column.text for column in page.estimators.columns[1:]
    ]
    line = page.estimators.lines[0]
    assert ("20", "1 missing") == (line.cells[-1].text, line.cells[-1].small)
    assert "1.00" == line.cells[-2].text
    assert page.warnings
    assert ["calibration.band-yes"] == [each.kind for each in page.bands.answers]


def test_without_confidence_the_page_says_why(tmp_path):
    """No diagram, no number, a reason, where others have a diagram."""
    known = {"c": [0.9, 0.3]}
    page = calibration.page_values(
        Analysis(hand_made.data(tmp_path, {"a": "+-", "b": "--", "c": "+-"}, confidence=known))
    )
    assert [Finding("calibration.none", names=["a", "b"], why="nothing was recorded")] == page.absent
    assert ["c"] == [each.view.id for each in page.diagrams]


def test_methods_quote_a_whole_request_and_count_rules(tmp_path):
    """The body as JSON; how often each rule fired."""
    page = methods.page_values(Analysis(hand_made.data(tmp_path, {"a": "++-?"})))
    assert '"content": "Question?"' in page.sent[0].body
    assert [["leading", "the reply begins with the letter", "3"]] == [
        [line.head, *(cell.text for cell in line.cells)] for line in page.rules.lines
    ]
    assert ("a note",) == page.notes


def test_chance_is_that_of_the_questions(tmp_path):
    """Whatever a card states of it."""
    data = hand_made.data(tmp_path, {"a": "+-"})
    suite = data.results.plan.suites[hand_made.SUITE]
    stated = {hand_made.SUITE: replace(suite, card=replace(suite.card, chance=0.97))}
    (_, facts), *_ = methods.page_values(Analysis(hand_made.planned(data, suites=stated))).cards
    assert dict(facts)["chance"] == "25%"


def test_tokens_of_thinking_are_shown_and_priced(tmp_path):
    """Beside all tokens."""
    data = hand_made.data(
        tmp_path, {"a": "+-", "b": "+-"}, latency_s={"a": 4.0, "b": 4.0}, prompt_tokens={"a": 9, "b": 9}
    )
    thought = {"completion_tokens": 70, "reasoning_tokens": 64}
    data = hand_made.marked(data, lambda row: row.condition == "a", **thought)
    times = shown(results.page_values(Analysis(data)).times)
    assert (["70", "4"], ["64", "not recorded"]) == (times["out"], times["thinking"])


def test_replies_cut_after_their_answer_are_told_beside_their_times(tmp_path):
    """Four of ten ran on to the limit: their times are the limit's. One of ten says little of an average."""
    data = hand_made.data(tmp_path, {"a": "+" * 10, "b": "-" * 10}, latency_s={"a": 1.0, "b": 1.0})

    def cut(n: int) -> str:
        asked = [("a", f"q{place:03}") for place in range(n)]
        limited = lambda row: (row.condition, row.item_id) in asked  # noqa: E731
        found = hand_made.marked(data, limited, finish_reason="length")
        return " ".join(map(str, results.page_values(Analysis(found)).time_notes))

    assert "cut at their limit of tokens: 4 of 10 of a. Their tokens" in cut(4)
    assert "limit of tokens" not in cut(1)


def test_answers_that_waited_are_told_beside_the_times(tmp_path):
    """One of ten that took as long as all others together; not where it wrote as much more."""
    data = hand_made.data(tmp_path, {"a": "+" * 10, "b": "-" * 10}, latency_s={"a": 1.0, "b": 1.0})

    def slow(tokens: int) -> str:
        one = lambda row: (row.condition, row.item_id) == ("a", "q003")  # noqa: E731
        found = hand_made.marked(data, one, latency_s=9.0, completion_tokens=tokens)
        return " ".join(map(str, results.page_values(Analysis(found)).time_notes))

    assert "not for their length: a: 1 of 10, 50% of its time." in slow(4)
    assert "usual time" in slow(9), "twice as many tokens take no nine times as long"
    assert "usual time" not in slow(40)


def test_a_likelihood_answer_has_no_first_token(tmp_path):
    """Its tokens are given, not written."""
    data = hand_made.data(tmp_path, {"a": "+-", "b": "+-"}, latency_s={"a": 1.0, "b": 1.0})
    requests = {"a": ("one",), "b": ("one", "two")}
    data = hand_made.changed(data, lambda row: replace(row, ttft_s=0.5, recordings=requests[row.condition]))
    assert ["500\xa0ms", "not recorded"] == shown(results.page_values(Analysis(data)).times)["first"]
    weighed = hand_made.changed(data, lambda row: replace(row, recordings=("one", "two")))
    assert "first" not in shown(results.page_values(Analysis(weighed)).times)
