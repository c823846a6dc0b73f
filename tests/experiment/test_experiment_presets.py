"""Variant presets vary one thing and pin the samplers, as far as the server knows them."""

import pytest

from llmxray.experiment import parse
from llmxray.experiment.endpoint import sampler_pins
from llmxray.experiment.sampling import Variant

LOCAL_PINS = {"top_p": 1, "top_k": 0, "min_p": 0, "repeat_penalty": 1}


def variants(preset: str, *, endpoint: str = "{preset: local}", sampling: str = "{}") -> tuple[Variant, ...]:
    """The expanded variants of a compare experiment with one model."""
    experiment = parse(
        f"experiment: x\nkind: compare\nendpoints: {{e: {endpoint}}}\n"
        "models: [{id: m, endpoint: e, model: m}]\nprompts: [{id: p, text: Hi}]\n"
        f"preset: {preset}\nsampling: {sampling}\n"
    )
    return experiment.expanded_variants(experiment.models[0])


def test_the_sweep_has_three_temperatures():
    """LLMxRay's own: 0.2, 0.7, 1.2."""
    expanded = variants("temperature-sweep")
    assert [variant.id for variant in expanded] == ["t0.2", "t0.7", "t1.2"]
    assert [{"temperature": t, **LOCAL_PINS} for t in (0.2, 0.7, 1.2)] == [v.level().sent for v in expanded]


@pytest.mark.parametrize(("sampling", "seed"), [("{}", 7), ("{seed: 3}", 3)])
def test_the_pair_shares_one_seed(sampling, seed):
    """The file's seed where it has one."""
    expanded = variants("deterministic-pair", sampling=sampling)
    assert [("t0.3", 0.3, seed), ("t0.9", 0.9, seed)] == [(v.id, v.temperature, v.seed) for v in expanded]


def test_the_system_prompts_differ_and_nothing_else():
    """A concise assistant and a poet."""
    concise, poet = variants("system-prompt-pair")
    assert concise.system == "You are a concise assistant. Answer in one sentence."
    assert poet.system == "You are a poet. Answer in verse."
    assert LOCAL_PINS == concise.level().sent == poet.level().sent


@pytest.mark.parametrize("endpoint", ["{preset: openai}", "{base_url: 'https://api.openai.com/v1'}"])
def test_hosted_servers_get_top_p_only(endpoint):
    """They refuse local servers' fields."""
    assert [{"top_p"}] * 2 == [set(v.level().sent) for v in variants("system-prompt-pair", endpoint=endpoint)]


def test_vllm_is_pinned_in_its_own_words():
    """Its penalty has another name."""
    pins = sampler_pins("vllm", "http://127.0.0.1:8000/v1")
    assert pins == {"top_p": 1, "top_k": -1, "min_p": 0, "repetition_penalty": 1}


def test_what_the_file_sets_is_not_pinned():
    """The author's word counts."""
    first = variants("temperature-sweep", sampling="{top_p: 0.9, top_k: 40}")[0]
    assert first.level().sent == {"temperature": 0.2, "min_p": 0, "repeat_penalty": 1}
