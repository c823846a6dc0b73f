"""The key ``branches``: what keeps an answer from coming out again is refused in one line."""

import pytest

from llmxray.errors import ExperimentError
from llmxray.experiment import parse

TEXT = """experiment: e
kind: benchmark
endpoints: {tiny: {preset: local}, shop: {preset: openai}}
models:
  - {id: a, endpoint: tiny, model: a}
  - {id: b, endpoint: shop, model: b}
suites: [{suite: starter/arc}]
sampling: {temperature: 0, top_logprobs: 5, cache_prompt: false}
branches: {of: [a]}
"""


def test_defaults():
    """The rule that was measured; conditions that do not branch may ask as they like."""
    rule = parse(TEXT).branches
    assert rule is not None
    assert (rule.second, rule.at_most, rule.digits, rule.max_tokens, rule.of) == (25, 3, True, 120, ("a",))


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("{of: [a]}", "{of: [c]}", "branches.of[0]: no condition named 'c'"),
        ("{of: [a]}", "{}", "condition 'b' is on a server that cannot force a beginning"),
        ("{of: [a]}", "{second: 60, of: [a]}", "branches.second"),
        ("temperature: 0, ", "", "condition 'a' needs 'sampling: {temperature: 0}'"),
        ("top_logprobs: 5, ", "", "condition 'a' needs 'sampling: {top_logprobs: 10}'"),
        (", cache_prompt: false", "", "condition 'a' needs 'sampling: {cache_prompt: false}'"),
        ("model: a}", "model: a, answer: likelihood}", "condition 'a' answers by likelihood"),
    ],
)
def test_refusals(old, new, why):
    """One clear line each."""
    with pytest.raises(ExperimentError) as refused:
        parse(TEXT.replace(old, new))
    assert why in str(refused.value)
    assert "\n" not in str(refused.value)
