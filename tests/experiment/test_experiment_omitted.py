"""Null leaves a field out of requests, whatever another level of the file, a preset or llmxray would send."""

from typing import Any

import pytest

from llmxray.errors import ExperimentError
from llmxray.experiment import Experiment, parse

TEXT = """experiment: e
kind: compare
endpoints: {{lab: {{base_url: "http://127.0.0.1:9/v1"}}}}
prompts: [{{id: p, text: Hi}}]
models: [{{id: m, endpoint: lab, model: m{model}}}]
{levels}
"""


def experiment(levels: str = "", model: str = "") -> Experiment:
    """A comparison with these lines and this about its model."""
    return parse(TEXT.format(levels=levels, model=f", {model}" if model else ""))


def fields(levels: str, model: str = "", variant: int | None = None) -> tuple[dict[str, Any], set[str]]:
    """What is sent, and what is left out."""
    parsed = experiment(levels, model)
    chosen = None if variant is None else parsed.expanded_variants(parsed.models[0])[variant]
    return parsed.request_fields(parsed.models[0], chosen), set(
        parsed.omitted_fields(parsed.models[0], chosen)
    )


def test_a_nearer_null_wins_and_so_does_a_nearer_value():
    """The model's word over the experiment's, the variant's over both."""
    assert ({"seed": 1}, {"temperature"}) == fields(
        "sampling: {temperature: 0, seed: 1}", "sampling: {temperature: null}"
    )
    assert ({"temperature": 1}, set()) == fields(
        "sampling: {temperature: null}", "sampling: {temperature: 1}"
    )
    variants = "variants: [{id: a, temperature: 1}, {id: b, temperature: null, min_p: null}]\n"
    assert ({"temperature": 1}, set()) == fields(variants + "sampling: {temperature: 0}", variant=0)
    assert ({}, {"temperature", "min_p"}) == fields(
        variants + "sampling: {temperature: 0, min_p: 0.1}", variant=1
    )


def test_a_preset_pins_nothing_that_is_null():
    """Of the samplers that a preset switches off."""
    sent, omitted = fields("preset: temperature-sweep\nsampling: {top_k: null, min_p: null}", variant=0)
    assert ({"temperature": 0.2, "top_p": 1, "repeat_penalty": 1}, {"top_k", "min_p"}) == (sent, omitted)


def test_the_seed_of_a_preset():
    """deterministic-pair has one of its own, unless the file says that none is sent."""
    sent, omitted = fields("preset: deterministic-pair\nsampling: {seed: null}", variant=0)
    assert "seed" not in sent
    assert {"seed"} == omitted
    assert 7 == fields("preset: deterministic-pair", variant=0)[0]["seed"]


@pytest.mark.parametrize("model", ["top_logprobs: null", "logprobs: null"])
def test_null_for_either_leaves_out_both_fields_of_logprobs(model):
    """A server that refuses one refuses the other."""
    sent, omitted = fields("sampling: {seed: 1, top_logprobs: 20}", f"sampling: {{{model}}}")
    assert ({"seed": 1}, {"logprobs", "top_logprobs"}) == (sent, omitted)
    again = fields("sampling: {top_logprobs: null}", "sampling: {top_logprobs: 5}")
    assert ({"logprobs": True, "top_logprobs": 5}, set()) == again


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("sampling: {temperature: }", "write null to leave the field out"),
        ("variants: [{id: a, system: null}]", "variants[0].system: has no value; fill it in, or remove it"),
        ("sampling: null", "sampling: has no value; fill it in, or remove it"),
        ("sampling: {logprobs: null, top_logprobs: 5}", "contradicts 'logprobs: null'"),
        ("sampling: {max_tokens: 5, max_completion_tokens: 5}", "stands beside 'max_tokens'; keep one"),
        ("identity: {ignore: [trace_id, messages]}", "identity.ignore[1]: 'messages' tells requests apart"),
    ],
)
def test_what_is_refused(line, says):
    """A value that was forgotten is no null, and null leaves nothing out that is no request field."""
    with pytest.raises(ExperimentError) as caught:
        experiment(line)
    assert says in str(caught.value)


def test_the_field_of_the_budget():
    """The model's word before its endpoint's; another name is refused."""
    parsed = experiment()
    assert parsed.budget_field(parsed.models[0]) is None
    lab = 'lab: {base_url: "http://127.0.0.1:9/v1"'
    named = TEXT.replace(lab.replace("{", "{{"), lab.replace("{", "{{") + ", budget_field: max_tokens")
    at_endpoint = parse(named.format(levels="", model=""))
    assert "max_tokens" == at_endpoint.budget_field(at_endpoint.models[0])
    nearer = parse(named.format(levels="", model=", budget_field: max_completion_tokens"))
    assert "max_completion_tokens" == nearer.budget_field(nearer.models[0])
    with pytest.raises(ExperimentError, match="must be max_tokens or max_completion_tokens"):
        experiment(model="budget_field: max_new_tokens")
