"""The part on thresholds: its sentences, tables and cascades."""

from __future__ import annotations

from dataclasses import replace

import hand_made

from llmxray.report.analysis import Analysis, mean_latency, operating_points
from llmxray.report.pages.calibration import threshold

SURE_MARKS = "+++++-----" * 4
SURE = [0.95, 0.9, 0.85, 0.8, 0.75, 0.4, 0.35, 0.3, 0.25, 0.2]


def two(tmp_path):
    """A quick condition whose confidence tells, and a slow one that is right more often."""
    return hand_made.data(
        tmp_path,
        {"quick": "+++++-----" * 4, "slow": "++++++++--" * 4},
        confidence={"quick": SURE * 4, "slow": [0.5] * 40},
        latency_s={"quick": 1.0, "slow": 4.0},
    )


def test_the_lede_states_what_silence_buys(tmp_path):
    """The quick one is right in all it is sure of, the slow one reaches 80% answering everything."""
    page = threshold.make(Analysis(two(tmp_path)))
    assert page.lede.startswith("To be right in 80% of the answers it gives, slow need not stay silent")
    only = hand_made.data(tmp_path, {"a": "-" * 12}, confidence={"a": [0.9] * 12})
    assert (
        "No threshold that leaves 5 answers or more makes any condition right in 80%"
        in threshold.make(Analysis(only)).lede
    )


def test_the_threshold_that_is_named_has_that_many_answers(tmp_path):
    """79.6% is below 80%: what is said of a threshold is what the table has at it."""
    sure = [0.9, 0.9, 0.9, 0.796, 0.796, 0.796, 0.3, 0.3, 0.3, 0.3]
    data = hand_made.data(tmp_path, {"a": "+++++-----"}, confidence={"a": sure})
    page, found = threshold.make(Analysis(data)), operating_points.confidences(Analysis(data).views[0])
    assert "the 6 answers whose confidence is 79% or more are 83% right" in page.lede
    assert 6 == operating_points.points(found)[79].accuracy.n


def test_open_answers_choose_among_no_options(tmp_path):
    """Answers in words to questions that have options: no pool of four options, no level of guessing."""
    data = hand_made.data(tmp_path, {"a": SURE_MARKS}, sizes=(4, 4, 3), answers={"a": "text"})
    rows = [
        replace(row, sequence_confidence=sure) for row, sure in zip(data.results.rows, SURE * 4, strict=True)
    ]
    page = threshold.make(Analysis(replace(data, results=replace(data.results, rows=tuple(rows)))))
    assert not any("options are pooled" in note for note in page.notes)
    assert "of the questions:" in page.lede
    assert page.figure is not None
    assert "chance" not in page.figure.svg
    assert (False, False) == (page.has_options, page.leads)
    assert any(note.startswith("Confidence here is sequence confidence") for note in page.notes)
    assert not any("short answers from long ones" in note for note in page.notes)


def test_sequence_confidence_over_two_suites_is_said_to_sort_lengths(tmp_path):
    """Whoever asks for sums and word problems refuses word problems first."""
    data = hand_made.data(tmp_path, {"a": SURE_MARKS}, reworded=True, answers={"a": "text"})
    rows = [replace(row, sequence_confidence=0.5) for row in data.results.rows]
    page = threshold.make(Analysis(replace(data, results=replace(data.results, rows=tuple(rows)))))
    assert any("short answers from long ones" in note for note in page.notes)


def test_replies_without_a_confidence_are_refused_and_it_is_said(tmp_path):
    """Eight right of ten answers with a confidence; ten replies were cut off, so the other half stays silent."""
    sure = [0.9] * 8 + [0.3] * 2 + [None] * 10
    data = hand_made.data(tmp_path, {"a": "+" * 8 + "--" + "…" * 10}, confidence={"a": sure})
    page = threshold.make(Analysis(data))
    assert "a must stay silent on 50% of the questions" in page.lede
    assert any(
        note.startswith("Refused at every threshold") and note.endswith("10 of 20 of a.")
        for note in page.notes
    )
    (line,) = page.targets.lines
    assert ("80%", "20") == (line.cells[4].text, line.cells[7].text)
    answered, _, refused = page.ten[0][1].lines[0].cells
    assert ("50%", "10", "", "") == (answered.text, refused.text, refused.href, refused.small)


def test_ten_thresholds_lead_to_what_is_refused(tmp_path):
    """Fifty per cent refuses the unsure half; ends of a range are included where questions are filtered."""
    page = threshold.make(Analysis(two(tmp_path)))
    quick = next(ten for view, ten in page.ten if view.id == "quick")
    assert 10 == len(quick.lines)
    answered, right, refused = quick.lines[5].cells
    assert ("50%", "100%", "20") == (answered.text, right.text, refused.text)
    assert "answers.html#condition=quick&conf=0-0.4995" == refused.href


def test_the_title_names_whom_refusing_helps(tmp_path):
    """Every condition where all confidences tell right from wrong, else those that do, or none."""
    knows, guesses = SURE * 4, [0.5, 0.6] * 20
    for confidence, helped in (
        ({"a": knows, "b": knows}, "helps every condition"),
        ({"a": knows, "b": guesses}, "helps a"),
        ({"a": guesses, "b": knows}, "helps b"),
        ({"a": guesses, "b": guesses}, "clearly helps no condition"),
        ({"a": knows}, "helps a"),
    ):
        data = hand_made.data(tmp_path, dict.fromkeys(confidence, SURE_MARKS), confidence=confidence)
        assert f"Refusing when unsure {helped}" == threshold.make(Analysis(data)).figure.title


def test_a_cascade_is_offered_from_quick_to_better(tmp_path):
    """And says what it saves: the sure half needs no second opinion."""
    page = threshold.make(Analysis(two(tmp_path)))
    cascade = page.cascade
    assert cascade is not None
    assert "quick first, then slow" == cascade.figure.title
    assert "is as accurate as slow alone" in cascade.sentence


def test_a_cascade_is_of_what_both_were_asked(tmp_path):
    """Quick over all of its own questions, and the slower one on those of both: not the one to ask first."""
    data = hand_made.data(
        tmp_path,
        {"wide": "++--" * 5 + "+" * 20, "narrow": "+" * 40},
        confidence={"wide": [0.9, 0.8, 0.3, 0.2] * 5 + [0.9] * 20, "narrow": [0.9] * 40},
        latency_s={"wide": 1.7, "narrow": 1.0},
    )
    rows = tuple(
        replace(row, latency_s=0.1) if row.item_id >= "q020" else row
        for row in data.results.rows
        if row.condition == "wide" or row.item_id < "q020"
    )
    analysis = Analysis(replace(data, results=replace(data.results, rows=rows)))
    wide, narrow = analysis.views
    assert mean_latency(wide) < mean_latency(narrow)
    assert threshold.make(analysis).cascade is None


def test_questions_without_a_confidence_are_said_to_go_on_always(tmp_path):
    """However low the threshold; nothing is said where every answer has one."""
    outcomes = {"quick": "+" * 20 + "-" * 20, "slow": "+" * 40}
    waits = {"quick": 0.5, "slow": 4.0}
    for unknown in (0, 12):
        confidence = {"quick": [0.9] * 20 + [0.2] * (20 - unknown) + [None] * unknown}
        made = hand_made.data(tmp_path / str(unknown), outcomes, confidence=confidence, latency_s=waits)
        said = threshold.make(Analysis(made)).cascade.sentence
        always = "On 12 of 40 questions the first gives no confidence: these always go on to the second."
        assert (always in said, "no confidence" in said) == (unknown > 0, unknown > 0)


def test_without_any_confidence_the_page_says_so(tmp_path):
    """An empty state, not holes."""
    page = threshold.make(Analysis(hand_made.data(tmp_path, {"a": "+-"})))
    assert page.empty
    assert not hasattr(page, "figure")


def test_a_cascade_that_saves_no_time_is_said_to_save_none(tmp_path):
    """The small one is right only where it is least sure: below that, both are asked and more time is spent."""
    data = hand_made.data(
        tmp_path,
        {"quick": "-" * 20 + "+" * 20, "slow": "+" * 40},
        confidence={"quick": [0.9] * 20 + [0.2] * 20},
        latency_s={"quick": 3.9, "slow": 4.0},
    )
    cascade = threshold.make(Analysis(data)).cascade
    assert cascade is not None
    assert "Where slow is spared 10 questions or more, its accuracy is not reached" in cascade.sentence
    known = hand_made.data(
        tmp_path / "known",
        {"quick": "+" * 20 + "-" * 20, "slow": "+" * 40},
        confidence={"quick": [0.9] * 20 + [0.2] * 20},
        latency_s={"quick": 3.9, "slow": 4.0},
    )
    cascade = threshold.make(Analysis(known)).cascade
    assert cascade is not None
    assert "slow only below 90% is as accurate as slow alone, and saves no time: 5.9" in cascade.sentence
