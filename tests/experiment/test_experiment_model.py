"""The values of an experiment and what they merge into."""

from __future__ import annotations

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


def test_fields_merge_from_experiment_to_model_to_variant() -> None:
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


def test_a_variant_may_be_for_one_model() -> None:
    """``model:`` restricts it."""
    experiment = parse(COMPARE)
    ids = [[variant.id for variant in experiment.expanded_variants(model)] for model in experiment.models]
    assert ids == [["cool"], ["cool", "hot"]]


def test_a_benchmark_has_no_variants(small_text: str) -> None:
    """Its conditions are its models."""
    experiment = parse(small_text)
    assert experiment.expanded_variants(experiment.models[0]) == ()


def test_a_compare_experiment_may_ask_a_suite() -> None:
    """Prompts or suites, or both."""
    assert parse(COMPARE.replace("prompts: [{id: p, text: Hi}]", "suites: [{suite: starter/facts}]")).suites


def test_a_suite_may_be_used_twice_under_two_ids(small_text: str) -> None:
    """The second one takes a name of its own."""
    text = small_text.replace("starter/arc}", "arc}\n  - {suite: arc, id: arc-easy, config: ARC-Easy}")
    assert [suite.id for suite in parse(text).suites] == ["arc", "arc-easy"]


@pytest.mark.parametrize("budget", ["auto", 64])
def test_budget_is_auto_or_tokens(small_text: str, budget: str | int) -> None:
    """Both forms."""
    assert budget == parse(f"{small_text}budget: {budget}\n").budget


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("{}", "needs either 'file' or 'hub'"),
        ("{file: a.csv, hub: a/b, revision: x}", "needs either 'file' or 'hub'"),
        ("{hub: a/b}", "needs a 'revision' beside 'hub'"),
        ("{file: a.csv, split: test}", "'revision' and 'split' go with 'hub'"),
        ("{hub: 'https://hf.co/a/b', revision: x}", "is not a data set's name"),
    ],
)
def test_a_source_is_one_place(small_text: str, source: str, message: str) -> None:
    """A file, or a data set at a revision."""
    with pytest.raises(ExperimentError, match=r"suites\[0\]\.source") as caught:
        parse(small_text.replace("starter/arc}", f"arc, source: {source}}}"))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("acc", "acc"),
        ("acc_norm", "acc_norm"),
        ("acc_bytes", "acc_bytes"),
    ],
)
def test_likelihood_has_the_names_of_lm_eval(written: str, name: str) -> None:
    """Others are refused."""
    assert parse(f"{COMPARE}analysis: {{likelihood: {written}}}\n").analysis.likelihood == name
    assert parse(COMPARE).analysis.likelihood == "acc"
    with pytest.raises(ExperimentError, match="acc, acc_norm or acc_bytes"):
        parse(f"{COMPARE}analysis: {{likelihood: {written}s}}\n")
