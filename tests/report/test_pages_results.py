"""The results, categories, calibration and methods pages, without templates."""

from __future__ import annotations

import re
from dataclasses import replace

import hand_made
from recordings import interaction

from llmxray.cassette import Journal, seal
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, confidence, leaders, rate
from llmxray.report.pages import calibration, methods, results
from llmxray.report.pages import overview as experiment_index
from llmxray.report.sentences import Finding
from llmxray.report.widgets import pair_links
from llmxray.types import Outcome


def texts(line):
    """Head and cells of a table's row."""
    return [line.head, *(cell.text for cell in line.cells)]


def test_the_chart_of_accuracy_and_time_knows_ties(tmp_path):
    """Two have the highest accuracy: neither has it clearly, and one that is ahead by luck has not."""
    alike = hand_made.data(tmp_path, {"a": "+-" * 10, "b": "-+" * 10}, latency_s={"a": 1.0, "b": 1.0})
    assert "No accuracy is shown to be the highest; no time is shown to be the shortest" == (
        results.make(Analysis(alike)).tradeoff.title
    )
    for better, title in (
        ("+-" * 9 + "++", "No accuracy is shown to be the highest; "),
        ("+" * 20, "a has the highest accuracy; "),
    ):
        marks = {"a": better, "b": "+-" * 10}
        data = hand_made.data(tmp_path / str(len(title)), marks, latency_s={"a": 1.0, "b": 1.0})
        assert results.make(Analysis(data)).tradeoff.title.startswith(title)


def test_accuracy_table_marks_the_best_by_weight(tmp_path):
    """Rank order, a bar per cell with chance, links to the questions behind."""
    page = results.make(Analysis(hand_made.data(tmp_path, {"b": "+---", "a": "+++-"})))
    first, second = page.accuracy.lines
    assert ["a", "75%"] == texts(first)
    assert (True, False) == (first.cells[0].best, second.cells[0].best)
    assert "l-25" == first.cells[0].bar.chance
    assert "answers.html#condition=a" == first.cells[0].href
    assert "k c1" == first.css


def test_the_formula_of_accuracy_has_the_outcomes_that_occur(tmp_path):
    """Replies without an answer count as not right; those of an unknown form are taken from N."""
    whole = results.make(Analysis(hand_made.data(tmp_path, {"a": "+-??", "b": "+++-"}))).accuracy
    assert whole.caption.startswith("Accuracy = correct / N (")
    plain = results.make(Analysis(hand_made.data(tmp_path, {"a": "+-?!", "b": "+++!"}))).accuracy
    assert plain.caption.startswith("Accuracy = correct / (N − error) ")
    unknown = results.make(Analysis(hand_made.data(tmp_path, {"a": "+-!◇", "b": "+++◇"}))).accuracy
    assert "Accuracy = correct / (N − error − unread) (" in unknown.caption


def test_answers_in_words_are_no_letters(tmp_path):
    """A suite that is answered in words, by a condition that would choose letters."""
    data = hand_made.data(tmp_path, {"a": "+-+-", "b": "++++"})
    planned = data.results.plan.suites
    suites = {name: replace(suite, answer="text") for name, suite in planned.items()}
    plan = replace(data.results.plan, suites=suites)
    open_ones = replace(data, results=replace(data.results, plan=plan))
    assert "these by letter" in results.make(Analysis(data)).accuracy.caption
    assert "these by letter" not in results.make(Analysis(open_ones)).accuracy.caption


def test_thinking_has_a_time_to_the_first_token_of_the_answer(tmp_path):
    """A median beside that of the first token of any kind; no such column where nobody thinks."""
    data = hand_made.data(tmp_path, {"a": "+++", "b": "---"}, latency_s={"a": 1.0, "b": 1.0})
    assert "first of the answer" not in [column.text for column in results.make(Analysis(data)).speed.columns]
    rows = tuple(
        replace(row, reasoning="hm", ttfa_s=2.0 + place)
        for place, row in enumerate(data.results.rows)
        if row.condition == "a"
    )
    others = tuple(row for row in data.results.rows if row.condition == "b")
    data = replace(data, results=replace(data.results, rows=rows + others))
    table = results.make(Analysis(data)).speed
    assert ["first token", "first of the answer"] == [column.text for column in table.columns[1:3]]
    assert ["3.0\xa0s", "—"] == [line.cells[1].text for line in table.lines]


def test_outcomes_sum_to_n(tmp_path):
    """Only outcomes that occur have a column; each count has its share and leads to its questions."""
    page = results.make(Analysis(hand_made.data(tmp_path, {"a": "+-?!", "b": "++++"})))
    heads = ["correct", "wrong", "unparsed", "error", "scored"]
    assert heads == [each.text for each in page.outcomes.columns[1:]]
    for line in page.outcomes.lines:
        *counts, total = (int(cell.text) for cell in line.cells)
        assert total == sum(counts) == 4
    unparsed = page.outcomes.lines[1].cells[2]
    assert ("25%", "answers.html#condition=a&outcome=unparsed") == (unparsed.small, unparsed.href)


def test_outcomes_are_shares_of_what_is_scored(tmp_path):
    """A prompt without an expected answer is in no share; right and wrong alone need no table."""
    data = hand_made.data(tmp_path, {"a": "++--"})
    assert results.make(Analysis(data)).outcomes is None
    *rows, last = data.results.rows
    rows.append(replace(last, outcome=Outcome.UNSCORED))
    table = results.make(Analysis(replace(data, results=replace(data.results, rows=tuple(rows))))).outcomes
    assert ["correct", "wrong", "unscored", "scored"] == [each.text for each in table.columns[1:]]
    (line,) = table.lines
    assert [("2", "67%"), ("1", "33%"), ("1", ""), ("3", "")] == [
        (cell.text, cell.small) for cell in line.cells
    ]


def test_two_columns_of_the_same_numbers_are_one(tmp_path):
    """One stopped after four of twenty questions: what the others have in common is all of theirs."""
    marks = {"a": "+" * 20, "b": "+-" * 10, "c": "+-+-" + "!" * 16}
    heads = [
        column.text for column in results.make(Analysis(hand_made.data(tmp_path, marks))).accuracy.columns
    ]
    assert ["condition", "all"] == heads
    marks["b"] = "!" + "+-" * 9 + "-"
    page = results.make(Analysis(hand_made.data(tmp_path / "other", marks)))
    assert ["condition", "all", "in common"] == [column.text for column in page.accuracy.columns]


def test_the_first_prediction_leads(tmp_path):
    """The file asks about b and c, though a is the best: Results begins with them, and Pairs opens with them."""
    marks = {"a": "+" * 20, "b": "+-" * 10, "c": "+---" * 5}
    alone = {"claim": "b beats guessing.", "metric": "accuracy", "of": "b", "above": "chance"}
    asked = {"claim": "b beats c.", "metric": "accuracy", "of": "c", "below": "b"}
    for name, predictions, pair in (("plain", [alone], ("a", "b")), ("asked", [alone, asked], ("b", "c"))):
        analysis = Analysis(hand_made.data(tmp_path / name, marks, predictions=predictions))
        lead = leaders.lead_pair(analysis)
        assert pair == (lead.a.id, lead.b.id)
        assert "pairs" == pair_links.page_of(analysis, lead)
        assert re.search(rf"\b{pair[0]} (beats|and) {pair[1]}\b", str(results.make(analysis).lede))


def test_pairs_of_repeats_are_tested_by_students_t(tmp_path):
    """Averages of two samples: eight questions of one sign, one of them by half."""
    marks = {"a": ["+" * 8, "+" * 8], "b": ["-" * 8, "-" * 7 + "+"]}
    page = results.make(Analysis(hand_made.data(tmp_path, marks)))
    columns = {column.text: place for place, column in enumerate(page.pairs.columns)}
    test = page.pairs.columns[columns["p adjusted"]]
    assert ("Student’s t, Holm", "paired-shares", "stat") == (test.small, test.anchor, test.css)
    (line,) = page.pairs.lines
    assert "8 : 0" == line.cells[columns["right more often"] - 1].text
    assert "0.002" == line.cells[columns["p adjusted"] - 1].text
    assert "yes" == line.cells[columns["clear difference?"] - 1].text
    few = results.make(Analysis(hand_made.data(tmp_path / "few", {"a": "++-", "b": "+--"}))).pairs.lines[0]
    assert "no" == few.cells[columns["clear difference?"] - 1].text


def test_calibration_names_every_estimator_and_counts_the_missing(tmp_path):
    """One answer has no confidence."""
    data = hand_made.data(tmp_path, {"a": "+-" * 10 + "+"}, confidence={"a": [0.9, 0.3] * 10 + [None]})
    page = calibration.make(Analysis(data))
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
    page = calibration.make(
        Analysis(hand_made.data(tmp_path, {"a": "+-", "b": "--", "c": "+-"}, confidence=known))
    )
    assert (Finding("calibration.none", names="a and b", why="nothing was recorded"),) == page.absent
    assert ["c"] == [each.view.id for each in page.diagrams]


def test_methods_quote_a_whole_request_and_count_rules(tmp_path):
    """The body as JSON; how often each rule fired."""
    page = methods.make(Analysis(hand_made.data(tmp_path, {"a": "++-?"})))
    assert '"content": "Question?"' in page.sent[0].body
    assert [["leading", "the reply begins with the letter", "3"]] == [
        texts(line) for line in page.rules.lines
    ]
    assert ("a note",) == page.notes


def test_a_suite_shows_a_question_on_its_card(tmp_path):
    """Also where the recording's own card has none; a suite that nobody knows has none to show."""
    data = hand_made.data(tmp_path, {"a": "+-"})
    plan = data.results.plan
    planned = plan.suites[hand_made.SUITE]
    known = {"starter/arc": replace(planned, card=replace(planned.card, name="starter/arc"))}
    shown = replace(data, results=replace(data.results, plan=replace(plan, suites=plan.suites | known)))
    cards = methods.make(Analysis(shown)).cards
    examples = [[value for name, value in facts if name == "example"] for _, facts in cards]
    assert [] == examples[0]
    assert "→" in examples[1][0]


def test_chance_is_that_of_the_questions(tmp_path):
    """Whatever a card states of it."""
    data = hand_made.data(tmp_path, {"a": "+-"})
    plan = data.results.plan
    planned = plan.suites[hand_made.SUITE]
    stated = {hand_made.SUITE: replace(planned, card=replace(planned.card, chance=0.97))}
    shown = replace(data, results=replace(data.results, plan=replace(plan, suites=plan.suites | stated)))
    (_, facts), *_ = methods.make(Analysis(shown)).cards
    assert dict(facts)["chance"] == "25%"


def test_a_suite_counts_all_faults_in_its_data(tmp_path):
    """Also those that the plan does not list."""
    data = hand_made.data(tmp_path, {"a": "+-"})
    plan = data.results.plan
    said = []
    for faults, more in (((), 0), (("one",), 0), (tuple("abcdefg"), 0), (tuple("abcdefg"), 93)):
        planned = replace(plan.suites[hand_made.SUITE], faults=faults, more_faults=more)
        suites = plan.suites | {hand_made.SUITE: planned}
        shown = replace(data, results=replace(data.results, plan=replace(plan, suites=suites)))
        (_, facts), *_ = methods.make(Analysis(shown)).cards
        said.append(dict(facts).get("faults in the data"))
    assert [None, "1: one", "7: a; b; c; d; e; … and 2 more", "100: a; b; c; d; e; … and 95 more"] == said


def test_every_anchor_of_the_tables_is_defined(tmp_path):
    """Links to methods lead somewhere."""
    data = hand_made.data(tmp_path, {"a": "+-", "b": "+-"}, confidence={"a": [0.9, 0.2], "b": [0.5, 0.6]})
    analysis = Analysis(data)
    defined = {each.anchor for each in methods.make(analysis).definitions}
    page, shown = results.make(analysis), calibration.make(analysis)
    tables = [page.accuracy, page.speed, page.pairs, shown.estimators]
    used = {column.anchor for table in tables for column in table.columns if column.anchor}
    assert set() == used - defined


def test_first_page_puts_hypothesis_beside_verdict(tmp_path):
    """And the notes of what is missing."""
    data = hand_made.data(tmp_path, {"a": "+" * 9, "b": "-" * 9}, hypothesis="Size wins.")
    page = experiment_index.make(Analysis(data))
    assert "Size wins." == page.hypothesis
    assert (False, "findings.leads") == (page.finding[0][0], page.finding[0][1].kind)
    assert page.picture is not None
    assert [("a", "100%"), ("b", "0%")] == [(each.label, each.lines[0].text) for each in page.picture.groups]
    assert ("a note",) == page.notes


def test_a_missing_value_is_never_the_best(tmp_path):
    """No AUROC where all answers are right, and no other to be better than: no weight on the dash."""
    data = hand_made.data(tmp_path, {"a": "++++"}, confidence={"a": [0.9] * 4})
    (line,) = calibration.make(Analysis(data)).estimators.lines
    assert (numbers.MISSING, False) == (line.cells[-2].text, line.cells[-2].best)


def test_times_are_drawn_from_nothing_to_the_longest(tmp_path):
    """One second beside four: a quarter of the bar and all of it."""
    outcomes = {"quick": "+-" * 10, "slow": "+-" * 10}
    data = hand_made.data(tmp_path, outcomes, latency_s={"quick": 1.0, "slow": 4.0})
    page = results.make(Analysis(data))
    places = {line.head: line.cells[1].bar.dot for line in page.speed.lines}
    assert {"quick": "l-25", "slow": "l-100"} == places


def test_tokens_of_thinking_are_shown_and_priced(tmp_path):
    """Beside all tokens, in the table of costs alone."""
    data = hand_made.data(
        tmp_path, {"a": "+-", "b": "+-"}, latency_s={"a": 4.0, "b": 4.0}, prompt_tokens={"a": 9, "b": 9}
    )
    rows = tuple(
        replace(row, ttft_s=3.0, completion_tokens=70, reasoning_tokens=64) if row.condition == "a" else row
        for row in data.results.rows
    )
    analysis = Analysis(replace(data, results=replace(data.results, rows=rows)))
    page = results.make(analysis)
    assert not any("tokens" in column.text for column in page.speed.columns)
    columns = [column.text for column in page.cost.table.columns]
    (line,) = [line for line in page.cost.table.lines if line.head == "a"]
    assert ("70", "64") == tuple(
        line.cells[columns.index(name) - 1].text for name in ("tokens out", "of them thinking")
    )


def test_replies_cut_after_their_answer_are_told_beside_their_times(tmp_path):
    """Four of ten ran on to the limit: their times are the limit's. One of ten says little of an average."""
    data = hand_made.data(tmp_path, {"a": "+" * 10, "b": "-" * 10}, latency_s={"a": 1.0, "b": 1.0})

    def cut(n: int) -> str:
        rows = [
            replace(row, finish_reason="length") if row.condition == "a" and place % 10 < n else row
            for place, row in enumerate(data.results.rows)
        ]
        found = replace(data, results=replace(data.results, rows=tuple(rows)))
        return results.make(Analysis(found)).speed.caption

    assert "cut at their limit of tokens: 4 of 10 of a. Their tokens" in cut(4)
    assert "limit of tokens" not in cut(1)


def test_given_tokens_are_no_written_ones_a_second(tmp_path):
    """A likelihood answer writes nothing: what its requests were given has no rate."""
    data = hand_made.data(
        tmp_path, {"a": "+-"}, latency_s={"a": 1.0}, prompt_tokens={"a": 9}, answers={"a": "likelihood"}
    )
    (one, other) = data.results.rows
    assert rate(one) is not None
    assert rate(replace(other, recordings=("x/0/0", "y/0/0"))) is None


def test_a_likelihood_answer_has_no_first_token(tmp_path):
    """Its tokens are given, not written."""
    data = hand_made.data(tmp_path, {"a": "+-", "b": "+-"}, latency_s={"a": 1.0, "b": 1.0})
    rows = tuple(
        replace(row, ttft_s=0.5, recordings=("one",) if row.condition == "a" else ("one", "two"))
        for row in data.results.rows
    )
    table = results.make(Analysis(replace(data, results=replace(data.results, rows=rows)))).speed
    assert "first token" == table.columns[1].text
    assert ["500\xa0ms", "—"] == [line.cells[0].text for line in table.lines]
    weighed = tuple(replace(row, recordings=("one", "two")) for row in rows)
    table = results.make(Analysis(replace(data, results=replace(data.results, rows=weighed)))).speed
    assert ["latency", "correct per second"] == [column.text for column in table.columns[1:]]


def test_the_caption_says_first_why_the_highest_is_not_bold(tmp_path):
    """b guesses, and guesses fast."""
    marks = {"a": "+" * 20, "b": "+---" * 5}
    table = results.make(Analysis(hand_made.data(tmp_path, marks, latency_s={"a": 8.0, "b": 1.0}))).speed
    first, second = (line.cells[-1] for line in table.lines)
    assert (first.text < second.text, first.best, second.best) == (True, True, False)
    assert table.caption.startswith(
        "Best in bold; for correct per second among those shown to be above guessing, which b is not."
    )


def test_without_thinking_there_is_no_column_for_it(tmp_path):
    """Zero tokens of thinking are no news."""
    data = hand_made.data(tmp_path, {"a": "+-"}, latency_s={"a": 1.0}, prompt_tokens={"a": 9})
    rows = tuple(replace(row, reasoning_tokens=0) for row in data.results.rows)
    page = results.make(Analysis(replace(data, results=replace(data.results, rows=rows))))
    assert "of them thinking" not in [column.text for column in page.cost.table.columns]


def test_times_say_what_their_intervals_cover_and_that_the_machine_was_busy(tmp_path):
    """Two of two cores were busy before a was recorded; b's machine was idle, and nothing is said of it."""
    with Journal(tmp_path) as journal:
        journal.append(interaction())
    busy = {"machine": "x86_64, 2 cores", "load_before": 1.9}
    seal(tmp_path, facts={"tiny/a": busy, "tiny/b": {**busy, "load_before": 0.1}})
    data = hand_made.data(tmp_path, {"a": "++", "b": "--"}, latency_s={"a": 1.0, "b": 1.0})
    caption = results.make(Analysis(data)).speed.caption
    assert "cover the draw of questions only" in caption
    assert "The machine had other work when these were recorded, so their times are too long: " in caption
    assert caption.endswith("a (1.9 of 2 cores busy before).")
    assert "prompt cache" not in caption, "nobody said whether it was used"
    plan = data.results.plan
    for values, told in (((True, True), "was on"), ((False, False), "was off"), ((True, False), "")):
        conditions = tuple(
            replace(condition, sampling={"cache_prompt": value})
            for condition, value in zip(plan.conditions, values, strict=True)
        )
        sent = replace(data, results=replace(data.results, plan=replace(plan, conditions=conditions)))
        speed, overview = (
            results.make(Analysis(sent)).speed.caption,
            str(experiment_index.make(Analysis(sent)).notes),
        )
        for text in (speed, overview):
            assert (told != "") == (f"The server's prompt cache {told}" in text and "prompt cache" in text)
    idle = hand_made.data(tmp_path / "idle", {"a": "++", "b": "--"}, latency_s={"a": 1.0, "b": 1.0})
    assert "other work when" not in results.make(Analysis(idle)).speed.caption
