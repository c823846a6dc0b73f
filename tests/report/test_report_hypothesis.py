"""When a hypothesis was written, by what the cassette keeps."""

from __future__ import annotations

from dataclasses import replace

import hand_made
import pytest
import reading_data
from reading_data import letter

from llmxray import plan as plans
from llmxray.cassette import Cassette, freeze, seal
from llmxray.report.analysis import Analysis
from llmxray.report.pages import overview
from llmxray.report.pages.front import summary
from llmxray.report.wording.hypothesis import judged_hypothesis, statement_of_hypothesis

FLAT = {"A": 0.5, "B": 0.5}


def recorded(folder, then, now):
    """An experiment whose cassette was frozen with one statement and whose file has another hypothesis today."""
    data = reading_data.benchmark(folder, lambda trial, sample: letter("A", FLAT), hypothesis=now)
    freeze(folder, "tiny", plans.freeze(data.results.plan, "", statement=then), software={})
    seal(folder)
    return replace(data, cassette=Cassette(folder))


@pytest.mark.parametrize(
    ("then", "now", "said"),
    [
        ("Size wins.", "Size wins.", "Hypothesis, frozen before the first answer."),
        ("Size\n wins.", "Size wins.", "Hypothesis, frozen before the first answer."),
        (
            "Size loses.",
            "Size wins.",
            "Changed after recording. Before the first answer it was: “Size loses.”",
        ),
        ("", "Size wins.", "Added after recording: there was none before the first answer."),
        (None, "Size wins.", ""),
        ("Size wins.", None, ""),
    ],
)
def test_when_it_was_stated(tmp_path, then, now, said):
    """By comparison with the hypothesis when recording began; nothing is said where that is not known."""
    assert said == "".join(statement_of_hypothesis(recorded(tmp_path, plans.Statement(then), now)))


def test_the_day_is_said_where_it_is_known(tmp_path):
    """The date that the cassette holds; older ones hold none."""
    dated = recorded(tmp_path / "a", plans.Statement("Size wins.", (), "2030-01-02"), "Size wins.")
    assert ("Hypothesis, frozen before the first answer (2030-01-02).",) == statement_of_hypothesis(dated)
    older = recorded(tmp_path / "b", plans.Statement("Size wins."), "Size wins.")
    assert ("Hypothesis, frozen before the first answer.",) == statement_of_hypothesis(older)


def test_hypotheses_of_replaced_recordings_are_quoted(tmp_path):
    """Those of `--fresh` too, where they differ."""
    earlier = (plans.Statement("Size loses.", (), "2030-01-01"), plans.Statement("Size wins."))
    found = statement_of_hypothesis(
        recorded(tmp_path, plans.Statement("Size wins.", (), "2030-01-02", earlier), "Size wins.")
    )
    assert found == (
        "Hypothesis, frozen before the first answer (2030-01-02).",
        "An earlier recording of 2030-01-01 was made with: “Size loses.”",
    )


def test_a_recording_without_an_experiment_says_nothing(tmp_path):
    """There is no plan in it."""
    data = reading_data.benchmark(tmp_path, lambda trial, sample: letter("A", FLAT), hypothesis="Size wins.")
    assert () == statement_of_hypothesis(data)


OUTCOMES = {"a": "+" * 40, "b": "+" * 10 + "-" * 30}
AHEAD = {"claim": "a is ahead.", "metric": "accuracy", "of": "a", "above": "b"}
BEHIND = {"claim": "a is behind.", "metric": "accuracy", "of": "a", "below": "b"}
GUESSES = {"claim": "b beats guessing.", "metric": "accuracy", "of": "b", "above": "chance"}


def made(folder, *parts):
    """An experiment whose predictions held, did not hold and are inconclusive, with these parts of its hypothesis."""
    predictions = (AHEAD, BEHIND, GUESSES)
    return Analysis(
        hand_made.data(folder, OUTCOMES, predictions=predictions, hypothesis_parts=parts, hypothesis="So.")
    )


@pytest.mark.parametrize(
    ("parts", "outcome"),
    [
        (({"says": "Ahead", "holds_with": 1},), "held"),
        (({"says": "Ahead", "holds_with": 1}, {"says": "Never behind.", "fails_with": 2}), "held"),
        (({"says": "Ahead", "holds_with": 1}, {"says": "Equal", "fails_with": 1}), "did not hold"),
        (({"says": "Ahead", "holds_with": 1}, {"says": "Knows", "holds_with": 3}), "inconclusive"),
        (({"says": "Guesses", "fails_with": 3}, {"says": "Behind", "holds_with": 2}), "did not hold"),
    ],
)
def test_a_hypothesis_is_judged_by_its_parts(tmp_path, parts, outcome):
    """One part that did not hold decides, then one that is open; the page and the card say so before a prediction."""
    analysis = made(tmp_path, *parts)
    found = judged_hypothesis(analysis)
    assert outcome == found.outcome
    assert found.parts[0].startswith(f"{parts[0]['says']}: ")
    page, card = overview.make(analysis), summary.make(analysis)
    assert (outcome, " ".join(found.parts)) == (page.judged.word, page.judged.claim)
    assert page.judged == card.hypothesis == summary.load(summary.dump(card)).hypothesis


def test_a_hypothesis_without_parts_has_no_verdict(tmp_path):
    """Its predictions have theirs."""
    analysis = made(tmp_path)
    assert judged_hypothesis(analysis) is None
    assert overview.make(analysis).judged is None
