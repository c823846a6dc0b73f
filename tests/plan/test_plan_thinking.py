"""What the servers say of their models changes budgets and stop strings, and nothing else."""

from __future__ import annotations

from pathlib import Path

from llmxray import plan as plans
from llmxray import suites
from llmxray.experiment import parse
from llmxray.plan import Plan
from llmxray.wire import request_key

TEXT = """experiment: e
kind: benchmark
endpoints: {lab: {base_url: "http://127.0.0.1:9/v1"}, tiny: {preset: local}}
models:
  - {id: plain, endpoint: lab, model: m, layout: few-shot-raw}
  - {id: named, endpoint: lab, model: deepseek-r1, layout: few-shot-raw}
  - {id: said, endpoint: lab, model: m, layout: few-shot-raw, thinking: true}
  - {id: denied, endpoint: lab, model: qwq, layout: few-shot-raw, thinking: false}
  - {id: set, endpoint: lab, model: m, layout: few-shot-raw, budget: 9}
  - {id: weighed, endpoint: tiny, model: m, layout: few-shot-raw, answer: likelihood}
suites: [{suite: starter/arc, limit: 2}]
"""


def build() -> Plan:
    """The plan."""
    experiment = parse(TEXT)
    return plans.build(experiment, [suites.load(experiment.suites[0], Path())])


def test_budgets_and_stops_by_what_is_known() -> None:
    """No stop string may fall inside the thinking of a model known to think."""
    found = {
        trial.condition: (trial.requests[0].body["max_tokens"], "stop" in trial.requests[0].body)
        for trial in build().trials
    }
    assert {
        "plain": (64, True),
        "named": (2048, False),
        "said": (2048, False),
        "denied": (64, True),
        "set": (9, True),
        "weighed": (256, False),
    } == found


def test_only_automatic_budgets_are_undecided() -> None:
    """The file's word is final."""
    assert ["plain"] == [condition.id for condition in plans.undecided_conditions(build())]


def test_a_model_found_to_think() -> None:
    """Larger budget, no stop, new keys; the other conditions keep every byte."""
    before = build()
    after = plans.with_thinking(before, {"plain": "because"})
    condition = after.conditions[0]
    assert (2048, "because", True) == (condition.max_tokens, condition.budget_reason, condition.thinks)
    assert before.conditions[1:] == after.conditions[1:]
    for old, new in zip(before.trials, after.trials, strict=True):
        if old.condition != "plain":
            assert old == new
            continue
        body = {**old.requests[0].body, "max_tokens": 2048}
        body.pop("stop")
        assert body == new.requests[0].body
        assert request_key("POST", plans.CHAT_PATH, "lab", body) == new.requests[0].key
    assert before is plans.with_thinking(before, {})
