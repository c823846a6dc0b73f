"""The first questions of a plan are what the same experiment with a limit asks."""

from dataclasses import replace

import pytest
from planned import built

from llmxray import plan as plans
from llmxray.experiment import parse

BENCHMARK = """experiment: e
kind: benchmark
endpoints: {lab: {base_url: "http://127.0.0.1:9/v1"}}
models: [{id: m, endpoint: lab, model: m}, {id: n, endpoint: lab, model: n, answer: text}]
suites: [{suite: starter/truthfulqa, sample: {n: 9, seed: 3}}, {suite: starter/arc, limit: 2}]
shuffle_options: {seed: 5}
samples: 2
"""
COMPARE = """experiment: e
kind: compare
endpoints: {lab: {base_url: "http://127.0.0.1:9/v1"}}
models: [{id: m, endpoint: lab, model: m}]
prompts: [{id: a, text: one}, {id: b, text: two}]
"""


@pytest.mark.parametrize("count", [2, 50])
def test_it_is_the_plan_of_the_limited_experiment(count):
    """Trials, items, chance levels and fingerprint, with draws, shuffles and repeats."""
    whole = parse(BENCHMARK)
    limited = whole.model_copy(
        update={
            "suites": tuple(
                ref.model_copy(update={"limit": min(count, ref.limit or count)}) for ref in whole.suites
            )
        }
    )
    expected = built(limited)
    assert expected == plans.first_questions(built(whole), count, expected.fingerprint)


def test_prompts_all_stay():
    """A limit is one of questions of suites."""
    whole = built(COMPARE)
    assert replace(whole, fingerprint="f") == plans.first_questions(whole, 1, "f")
