"""Predictions: what they may say, and what is refused where it stands."""

import pytest

from llmxray.errors import ExperimentError
from llmxray.experiment import Experiment, parse, request_fingerprint
from tests.experiment.conftest import BENCHMARK

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


def test_a_prediction_has_its_defaults():
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
        "metric: truncation, of: large, below: 100, margin: 1",
        "metric: brier, of: large, below: 0.25, margin: 0.01",
        "metric: latency, of: large, above: small, margin: 0.5",
        "metric: accuracy, of: large, same_as: chance, within: 10, on: starter/arc",
        "metric: paraphrase_gap, of: large, within: 10",
        "metric: same_seed, of: small and large, above: 0",
        "metric: accuracy, of: large, above: small, on: position, margin: 5",
        # A category is known only once the rows are loaded.
        "metric: accuracy, of: large, above: small, on: Physics",
    ],
)
def test_what_may_be_predicted(fields):
    """Conditions, blind guessing, numbers; each metric in its unit."""
    assert read(f"claim: c, {fields}").predictions


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ("metric: accuracy, of: large", "[0]: needs either 'above' or 'below' or 'within' (one of them)"),
        ("metric: accuracy, of: large, within: 5", "[0].within: needs 'same_as'"),
        ("metric: accuracy, of: large, above: 50, same_as: small", "[0].same_as: needs 'within'"),
        (
            "metric: accuracy, of: large, same_as: small, within: 0.05",
            "[0].within: accuracy is in percent: write 5 for 5",
        ),
        (
            "metric: paraphrase_gap, of: large, above: small",
            "[0].above: paraphrase_gap is compared with a number",
        ),
        ("metric: same_seed, of: large, above: 0", "[0].of: same_seed compares conditions"),
        ("metric: ece, of: large, below: 10, on: position", "[0].on: position goes with accuracy"),
        (
            "metric: accuracy, of: larg, above: small",
            "[0].of: no condition named 'larg'; did you mean 'large'?",
        ),
        ("metric: accuracy, of: large, below: large", "[0].below: 'large' is compared with itself"),
        ("metric: ece, of: large, below: chance", "[0].below: blind guessing has an accuracy and no ece"),
        ("metric: accuracy, of: large, above: 0.6", "[0].above: accuracy is in percent: write 60 for 60%"),
        ("metric: accuracy, of: large, above: 101", "[0].above: accuracy must be from 0 to 100, not 101"),
        ("metric: accuracy, of: large, above: true", "[0].above: must be a condition, chance or a number"),
        (
            "metric: accuracy, of: large, above: 95, margin: 5",
            "[0].above: accuracy is never above 95 by that margin",
        ),
        (
            "metric: accuracy, of: large, above: small, on: starter/arcc",
            "[0].on: no suite named 'starter/arcc'",
        ),
    ],
)
def test_what_may_not(fields, message):
    """Each fault is named with its place."""
    with pytest.raises(ExperimentError) as caught:
        read(f"claim: c, {fields}")
    assert f": predictions{message}" in str(caught.value)
    assert str(caught.value).startswith("x.yaml:6:")


def test_conditions_of_variants():
    """With one model a variant goes by its own name, with several by both."""
    assert read("claim: c, metric: similarity, of: hot, below: cool, on: haiku", COMPARE).predictions
    two = COMPARE.replace("model: m}]", "model: m}, {id: large, endpoint: e, model: n}]")
    assert read("claim: c, metric: similarity, of: large@hot, below: small@hot", two).predictions
    with pytest.raises(ExperimentError, match="no condition named 'hot'"):
        read("claim: c, metric: similarity, of: hot, below: large@hot", two)


def test_prompts_are_known_at_once():
    """Without suites there are no other categories."""
    with pytest.raises(ExperimentError, match=r"7:\d+: predictions\[0\]\.on: no prompt named 'haikus'"):
        read("claim: c, metric: similarity, of: hot, below: cool, on: haikus", COMPARE)


def test_they_change_no_request():
    """Predictions may be added after recording, and are listed as such."""
    predicted = read("claim: c, metric: accuracy, of: large, above: small")
    assert request_fingerprint(parse(BENCHMARK)) == request_fingerprint(predicted)
