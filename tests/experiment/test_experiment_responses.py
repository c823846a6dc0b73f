"""What `api: responses` cannot be asked for is refused where it stands in the file."""

import pytest

from llmxray.errors import ExperimentError
from llmxray.experiment import parse, request_fingerprint

TEXT = """\
experiment: x
kind: compare
endpoints: {e: {base_url: "http://127.0.0.1:1/v1", api: responses}}
models: [{id: a, endpoint: e, model: m}]
prompts: [{id: p, text: Hi}]
"""
SEED = "endpoint 'e' has 'api: responses', which has no 'seed'; "
OUT = "write 'sampling: {seed: null}' beside model 'a', or write 'api: chat' there"
REFUSED = [
    ("prompts:", "sampling: {seed: 1}\nprompts:", f"5:12: sampling.seed: {SEED}remove it, {OUT}"),
    ("prompts:", "preset: deterministic-pair\nprompts:", f"5:1: preset: {SEED}{OUT}"),
    ("prompts:", "variants: [{id: v, logit_bias: {}}]\nprompts:", "5:20: variants[0].logit_bias: "),
    ("m}", "m, sampling: {stop: x}}", "4:52: models[0].sampling.stop: "),
    ("m}", "m, answer: likelihood}", "4:41: models[0].answer: endpoint 'e' has"),
    ("prompts:", "answer: likelihood\nprompts:", "5:1: answer: "),
    ("prompts:", "suites: [{suite: starter/arc, answer: likelihood}]\nprompts:", "5:31: suites[0].answer: "),
    ("responses", "responses, budget_field: max_tokens", "3:68: endpoints.e.budget_field: endpoint 'e' has"),
]


@pytest.mark.parametrize(("old", "new", "message"), REFUSED)
def test_refusals(old, new, message):
    """One clear line, which says what to do."""
    with pytest.raises(ExperimentError) as caught:
        parse(TEXT.replace(old, new), file="x.yaml")
    assert (message in str(caught.value), caught.value.exit_code) == (True, 2), caught.value


def test_what_is_sent_all_the_same():
    """Null leaves a field out for one model, `extra` takes any, pins are those of the API; the fingerprint tells."""
    model = "model: m, sampling: {seed: null, extra: {min_p: 0.1}}}"
    experiment = parse(TEXT.replace("model: m}", model) + "sampling: {seed: 1, max_tokens: 64}\n")
    assert experiment.request_fields(experiment.models[0]) == {"min_p": 0.1, "max_tokens": 64}
    preset = parse(TEXT + "preset: temperature-sweep\n")
    assert preset.pins(preset.models[0]) == {"top_p": 1.0}
    chat = parse(TEXT.replace(", api: responses", ""))
    assert request_fingerprint(chat) != request_fingerprint(parse(TEXT))
