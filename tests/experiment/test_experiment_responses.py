"""What `api: responses` cannot be asked for is refused where it stands in the file."""

from __future__ import annotations

import pytest

from llmxray.errors import ExperimentError
from llmxray.experiment import parse, request_fingerprint

TEXT = """\
experiment: x
kind: compare
endpoints: {e: {base_url: "http://127.0.0.1:1/v1", api: responses}}
models: [{id: a, endpoint: e, model: m}]
prompts: [{id: p, text: Hi}]
variants: [{id: cool, temperature: 0.2}, {id: hot, temperature: 1.2}]
"""
SEED = "endpoint 'e' has 'api: responses', which has no 'seed'; "


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "prompts:",
            "sampling: {seed: 1}\nprompts:",
            f"5:12: sampling.seed: {SEED}remove it, write 'sampling: {{seed: null}}' beside model 'a', or write",
        ),
        ("model: m}", "model: m, sampling: {stop: x}}", "4:52: models[0].sampling.stop: "),
        ("id: hot", "id: hot, logit_bias: {}", "6:52: variants[1].logit_bias: "),
        ("variants: [{id: cool, temperature: 0.2}, {id: hot, temperature: 1.2}]", "preset: deterministic-pair",
         f"6:1: preset: {SEED}write 'sampling: {{seed: null}}'"),
        ("model: m}", "model: m, answer: likelihood}", "4:49: models[0].answer: endpoint 'e' has 'api: responses', which cannot force an option"),
        ("prompts:", "answer: likelihood\nprompts:", "5:9: answer: "),
        ("prompts:", "suites: [{suite: starter/arc, answer: likelihood}]\nprompts:", "5:39: suites[0].answer: "),
        ("api: responses", "api: responses, budget_field: max_tokens", "3:68: endpoints.e.budget_field: the Responses API has one name"),
    ],
)  # fmt: skip
def test_refusals(old: str, new: str, message: str) -> None:
    """One clear line, which says what to do."""
    assert old in TEXT
    with pytest.raises(ExperimentError) as caught:
        parse(TEXT.replace(old, new), file="x.yaml")
    assert message in str(caught.value)
    assert caught.value.exit_code == 2


def test_what_is_sent_all_the_same() -> None:
    """Null leaves a field out for one model, `extra` takes any, pins are those that the API has; all is fingerprinted."""
    model = "{id: a, endpoint: e, model: m, sampling: {seed: null, extra: {min_p: 0.1}}}"
    text = TEXT.replace("{id: a, endpoint: e, model: m}", model) + "sampling: {seed: 1, max_tokens: 64}\n"
    experiment = parse(text)
    assert experiment.request_fields(experiment.models[0]) == {"min_p": 0.1, "max_tokens": 64}
    preset = parse(TEXT[: TEXT.index("variants")] + "preset: temperature-sweep\n")
    assert preset.pins(preset.models[0]) == {"top_p": 1.0}
    chat = parse(TEXT.replace(", api: responses", ""))
    assert request_fingerprint(chat) != request_fingerprint(parse(TEXT))
