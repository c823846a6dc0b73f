"""The values of an experiment and what they merge into."""

import pytest

from llmxray.errors import ExperimentError
from llmxray.experiment import parse

COMPARE = """\
experiment: x
kind: compare
endpoints: {e: {preset: local}}
models:
  - {id: a, endpoint: e, model: m, sampling: {temperature: 0.5, logprobs: false}}
  - {id: b, endpoint: e, model: m}
prompts: [{id: p, text: Hi}]
variants:
  - {id: cool, temperature: 0.2}
  - {id: hot, temperature: 1.2, system: You are a poet., model: b, top_k: 0}
sampling: {temperature: 1, seed: 3, top_logprobs: 20}
"""


def test_fields_merge_from_experiment_to_model_to_variant():
    """The nearer one counts; alternatives go when a model has logprobs switched off."""
    experiment = parse(COMPARE)
    a, b = experiment.models
    assert experiment.request_fields(a) == {"temperature": 0.5, "seed": 3, "logprobs": False}
    hot = experiment.variants[1]
    assert experiment.request_fields(b, hot) == {
        "temperature": 1.2,
        "seed": 3,
        "top_logprobs": 20,
        "logprobs": True,
        "top_k": 0,
    }


def test_a_suite_may_be_used_twice_under_two_ids(small_text):
    """The second one takes a name of its own."""
    text = small_text.replace("starter/arc}", "arc}\n  - {suite: arc, id: arc-easy, config: ARC-Easy}")
    assert [suite.id for suite in parse(text).suites] == ["arc", "arc-easy"]


def test_likelihood_has_the_names_of_lm_eval():
    """Others are refused."""
    assert parse(f"{COMPARE}analysis: {{likelihood: acc_norm}}\n").analysis.likelihood == "acc_norm"
    assert parse(COMPARE).analysis.likelihood == "acc"
    with pytest.raises(ExperimentError, match="acc, acc_norm or acc_bytes"):
        parse(f"{COMPARE}analysis: {{likelihood: accs}}\n")
