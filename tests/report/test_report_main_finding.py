"""One plain sentence of what an experiment found."""

from dataclasses import replace
from pathlib import Path

import hand_made
import pytest

from llmxray.report import numbers
from llmxray.report.analysis import Analysis
from llmxray.report.wording.headline import headline, main_finding
from llmxray.report.wording.predictions import tally, verdicts
from llmxray.types import Row

WINS = {"claim": "A wins.", "metric": "accuracy", "of": "a", "above": "b"}
LUCK = {"claim": "A wins by far.", "metric": "accuracy", "of": "a", "above": "b", "margin": 70}
MARKS = {"a": "+++-" * 6, "b": "-" * 24}


def found(folder: Path, *predictions: object, **more: object) -> Analysis:
    """24 questions: a is right on three of four, b on none."""
    return Analysis(hand_made.data(folder, MARKS, predictions=predictions, **more))


def test_the_first_prediction_is_the_finding(tmp_path):
    """With its two values, whatever became of it; beside it stands how many held, are open, did not hold."""
    analysis = found(tmp_path, LUCK, WINS, {**WINS, "of": "b", "above": "a"})
    made = main_finding(analysis)
    assert "a gets 75% right, against 0% for b." == hand_made.told(made)
    assert "A wins by far." == made.verdict.claim
    assert "3 changed or added later" == tally(verdicts(analysis))


@pytest.mark.parametrize(
    ("marks", "sentence"),
    [
        ({"a": "+++-" * 6}, "a gets 75% right."),
        ({"a": "++--", "b": "+---"}, "a gets 50% right, against 25% for b; no clear difference."),
    ],
)
def test_without_predictions_the_ranking_is_the_finding(tmp_path, marks, sentence):
    """And a difference that may be chance is called that."""
    assert sentence == hand_made.told(main_finding(Analysis(hand_made.data(tmp_path, marks))))


def test_a_favourite_letter_is_the_finding_of_rotations(tmp_path):
    """Where the position decides."""
    rotations = ["+" * 24, "-" * 24, "-" * 24, "-" * 24]
    made = main_finding(
        Analysis(hand_made.data(tmp_path, {"a": rotations, "b": ["+" * 24] * 4}, rotated=True))
    )
    assert hand_made.told(made).endswith("% of its answers; B is right in 25%.")


def test_the_price_of_winning_is_said(tmp_path):
    """How many times as long the winner takes; nothing where it is not the slower one."""
    slow = main_finding(found(tmp_path / "slow", WINS, latency_s={"a": 1.2, "b": 0.57}))
    assert "a gets 75% right, against 0% for b. It takes about twice as long on average." == hand_made.told(
        slow
    )
    fast = main_finding(found(tmp_path / "fast", WINS, latency_s={"a": 0.5, "b": 1.0}))
    assert "a gets 75% right, against 0% for b." == hand_made.told(fast)


def test_the_price_is_of_questions_that_both_answered(tmp_path):
    """b has no reply to the half that takes a tenfold time: a takes twice as long on the half that they share."""
    data = hand_made.data(tmp_path, {"a": "+" * 24, "b": "-" * 11 + "!" * 13}, predictions=(WINS,))
    rows = tuple(_timed(row, place % 24) for place, row in enumerate(data.results.rows))
    analysis = Analysis(replace(data, results=replace(data.results, rows=rows)))
    assert hand_made.told(main_finding(analysis)).endswith("It takes about twice as long on average.")


def _timed(row: Row, place: int) -> Row:
    if row.condition == "b":
        return replace(row, latency_s=1.0 if place < 11 else None)
    return replace(row, latency_s=2.0 if place < 11 else 20.0)


def test_repeats_of_paraphrases_are_averaged(tmp_path):
    """Right in one of three samples of the first wording, in two of the second: most samples say 0% and 100%."""
    samples = ["+" * 40, "-" * 20 + "+" * 20, "-" * 40]
    analysis = Analysis(hand_made.data(tmp_path, {"a": samples, "b": samples}, reworded=True))
    assert "With the questions reworded, a gets 67% right instead of 33%." == hand_made.told(
        main_finding(analysis)
    )
    assert [("33%", "67%")] * 2 == [
        tuple(numbers.percent(each.value) for _, each, _ in measures)
        for _, _, measures in headline(analysis).rows
    ]


@pytest.mark.parametrize(
    ("turns", "sentence"),
    [
        # Each of 40 questions lost the answer at another position than A.
        (["+" * 40, "-!" * 20, "!-" * 20, "-" * 40], "cannot be told"),
        (["+" * 40] * 4, "makes no significant difference"),
    ],
)
def test_without_a_test_of_positions_nothing_is_concluded(tmp_path, turns, sentence):
    """No answer at every position; a model that is right everywhere needs none."""
    data = hand_made.data(tmp_path, {"a": turns}, rotated=True)
    assert sentence in hand_made.told(main_finding(Analysis(data)))
