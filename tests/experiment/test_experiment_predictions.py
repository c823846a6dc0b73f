"""Predictions: what they may say, and what is refused where it stands."""

from __future__ import annotations

import pytest

from llmxray.errors import ExperimentError
from llmxray.experiment import Experiment, hypothesis_warnings, parse, request_fingerprint

BENCHMARK = """\
experiment: x
kind: benchmark
endpoints: {e: {preset: local}}
models: [{id: small, endpoint: e, model: m}, {id: large, endpoint: e, model: n}]
suites: [{suite: starter/arc}]
"""
COMPARE = """\
experiment: x
kind: compare
endpoints: {e: {preset: local}}
models: [{id: small, endpoint: e, model: m}]
prompts: [{id: haiku, text: Hi}]
variants: [{id: cool, temperature: 0.2}, {id: hot, temperature: 1.2}]
"""


def read(prediction: str, text: str = BENCHMARK) -> Experiment:
    """The experiment with one prediction, whose fields begin at 6:15 or 7:15."""
    return parse(f"{text}predictions: [{{{prediction}}}]\n", file="x.yaml")


def test_a_prediction_has_its_defaults() -> None:
    """On all questions, by any margin; the side and what it is compared with in one place."""
    (prediction,) = read("claim: Wins., metric: accuracy, of: large, above: small").predictions
    assert ("all", 0.0) == (prediction.on, prediction.margin)
    assert ("above", "small") == (prediction.direction, prediction.against)
    assert {
        "claim": "Wins.",
        "metric": "accuracy",
        "of": "large",
        "above": "small",
        "on": "all",
        "margin": 0.0,
    } == prediction.as_dict()


@pytest.mark.parametrize(
    "fields",
    [
        "metric: accuracy, of: large, above: chance, on: starter/arc",
        "metric: accuracy, of: large, above: 60, margin: 5",
        "metric: ece, of: large, below: 5",
        "metric: truncation, of: large, below: 100, margin: 1",
        "metric: brier, of: large, below: 0.25, margin: 0.01",
        "metric: auroc, of: large, above: 0.5",
        "metric: latency, of: large, above: small, margin: 0.5",
        "metric: tokens_per_second, of: large, below: 30.5",
        "metric: accuracy, of: large, same_as: small, within: 5",
        "metric: accuracy, of: large, same_as: chance, within: 10, on: starter/arc",
        "metric: paraphrase_gap, of: large, within: 10",
        "metric: paraphrase_gap, of: large, below: -5",
        "metric: favourite_share, of: large, above: 50",
        "metric: same_seed, of: small and large, above: 0",
        "metric: same_seed, of: all, within: 0.05",
        "metric: accuracy, of: large, above: small, on: position, margin: 5",
        # A category is known only once the rows are loaded.
        "metric: accuracy, of: large, above: small, on: Physics",
    ],
)
def test_what_may_be_predicted(fields: str) -> None:
    """Conditions, blind guessing, numbers; each metric in its unit."""
    assert read(f"claim: c, {fields}").predictions


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ("metric: acuracy, of: large, above: small", "[0].metric: must be accuracy, ece"),
        ("metric: accuracy, of: large", "[0]: needs either 'above' or 'below' or 'within' (one of them)"),
        ("metric: accuracy, of: large, above: small, below: small", "[0]: needs either 'above' or 'below'"),
        ("metric: accuracy, of: large, above: small, within: 5", "[0]: needs either 'above' or 'below' or"),
        ("metric: accuracy, of: large, within: 5", "[0].within: needs 'same_as'"),
        ("metric: accuracy, of: large, above: 50, same_as: small", "[0].same_as: needs 'within'"),
        ("metric: accuracy, of: large, same_as: small, within: 0", "[0].within: must be more than 0, not 0"),
        (
            "metric: accuracy, of: large, same_as: small, within: 0.05",
            "[0].within: accuracy is in percent: write 5 for 5",
        ),
        (
            "metric: accuracy, of: large, same_as: small, within: 5, margin: 2",
            "[0].margin: goes with 'above'",
        ),
        (
            "metric: paraphrase_gap, of: large, above: small",
            "[0].above: paraphrase_gap is compared with a number",
        ),
        (
            "metric: paraphrase_gap, of: large, above: -101",
            "[0].above: paraphrase_gap must be from -100 to 100",
        ),
        ("metric: same_seed, of: large, above: 0", "[0].of: same_seed compares conditions"),
        ("metric: same_seed, of: large and larg, above: 0", "[0].of: no condition named 'larg'"),
        ("metric: ece, of: large, below: 10, on: position", "[0].on: position goes with accuracy"),
        (
            "metric: accuracy, of: larg, above: small",
            "[0].of: no condition named 'larg'; did you mean 'large'?",
        ),
        ("metric: accuracy, of: large, above: smal", "[0].above: no condition named 'smal'; did you mean"),
        ("metric: accuracy, of: large, below: large", "[0].below: 'large' is compared with itself"),
        ("metric: ece, of: large, below: chance", "[0].below: blind guessing has an accuracy and no ece"),
        ("metric: accuracy, of: large, above: 0.6", "[0].above: accuracy is in percent: write 60 for 60%"),
        (
            "metric: ece, of: large, below: small, margin: 0.05",
            "[0].margin: ece is in percent: write 5 for 5",
        ),
        ("metric: accuracy, of: large, above: 101", "[0].above: accuracy must be from 0 to 100, not 101"),
        ("metric: brier, of: large, below: 25", "[0].below: brier must be from 0 to 1, not 25"),
        ("metric: latency, of: large, below: -1", "[0].below: latency must be at least 0, not -1"),
        ("metric: accuracy, of: large, above: small, margin: -1", "[0].margin: must be at least 0, not -1"),
        ("metric: accuracy, of: large, above: true", "[0].above: must be a condition, chance or a number"),
        ("metric: accuracy, of: large, over: small", "[0].over: unknown key"),
        ("metric: ece, of: large, below: 0", "[0].below: ece is never below 0"),
        (
            "metric: accuracy, of: large, above: 95, margin: 5",
            "[0].above: accuracy is never above 95 by that margin",
        ),
        (
            "metric: latency, of: large, below: 2, margin: 3",
            "[0].below: latency is never below 2 by that margin",
        ),
        (
            "metric: accuracy, of: large, above: small, on: starter/arcc",
            "[0].on: no suite named 'starter/arcc'",
        ),
    ],
)
def test_what_may_not(fields: str, message: str) -> None:
    """Each fault is named with its place."""
    with pytest.raises(ExperimentError) as caught:
        read(f"claim: c, {fields}")
    assert f": predictions{message}" in str(caught.value)
    assert str(caught.value).startswith("x.yaml:6:")


def test_conditions_of_variants() -> None:
    """With one model a variant goes by its own name, with several by both."""
    assert read("claim: c, metric: similarity, of: hot, below: cool, on: haiku", COMPARE).predictions
    two = COMPARE.replace("model: m}]", "model: m}, {id: large, endpoint: e, model: n}]")
    assert read("claim: c, metric: similarity, of: large@hot, below: small@hot", two).predictions
    with pytest.raises(ExperimentError, match="no condition named 'hot'"):
        read("claim: c, metric: similarity, of: hot, below: large@hot", two)


def test_prompts_are_known_at_once() -> None:
    """Without suites there are no other categories."""
    with pytest.raises(ExperimentError, match=r"7:\d+: predictions\[0\]\.on: no prompt named 'haikus'"):
        read("claim: c, metric: similarity, of: hot, below: cool, on: haikus", COMPARE)


def test_they_change_no_request() -> None:
    """Predictions may be added after recording, and are listed as such."""
    predicted = read("claim: c, metric: accuracy, of: large, above: small")
    assert request_fingerprint(parse(BENCHMARK)) == request_fingerprint(predicted)


def warnings(hypothesis: str, *predictions: str) -> list[str]:
    """Warnings about a hypothesis and predictions on accuracy, each given by its other fields."""
    claims = "".join(
        f"  - {{claim: C{n}., metric: accuracy, {fields}}}\n" for n, fields in enumerate(predictions)
    )
    experiment = parse(f"{BENCHMARK}predictions:\n{claims}" if claims else BENCHMARK)
    return list(hypothesis_warnings(hypothesis, experiment.predictions))


def test_a_hypothesis_that_nothing_tests_is_said() -> None:
    """Without predictions, or with a part that no prediction measures."""
    assert ["no prediction tests the hypothesis: add 'predictions:'"] == warnings("It is more accurate.")
    (missing,) = warnings("It is right more often, and faster.", "of: large, above: small")
    assert missing.startswith("the hypothesis says 'faster', and no prediction is about time")
    assert [] == warnings("It is right on sums and on stories alike.", "of: large, above: small")
    (missing,) = warnings("It is as accurate in any wording.", "of: large, above: small")
    assert "no prediction is about wordings (paraphrase_gap)" in missing


@pytest.mark.parametrize(
    ("one", "other", "n"),
    [
        ("of: large, above: small", "of: small, above: large", 1),
        ("of: large, above: small", "of: large, below: small, margin: 5", 1),
        ("of: large, above: 60", "of: large, below: 50", 1),
        ("of: large, above: 60", "of: large, below: 70", 0),
        ("of: large, above: small", "of: small, above: large, on: starter/arc", 0),
        ("of: large, above: small", "of: large, above: small, margin: 5", 0),
        ("of: large, above: chance", "of: small, above: chance", 0),
        ("of: large, same_as: small, within: 5", "of: small, above: large, margin: 5", 1),
        ("of: large, same_as: small, within: 5", "of: small, above: large, margin: 4", 0),
        ("of: large, same_as: 60, within: 5", "of: large, below: 50", 1),
    ],
)
def test_predictions_that_contradict_one_another_are_said(one: str, other: str, n: int) -> None:
    """On the same metric and questions."""
    found = warnings("", one, other)
    assert ["predictions 1 and 2 contradict one another: 'C0.', 'C1.'"] * n == found
