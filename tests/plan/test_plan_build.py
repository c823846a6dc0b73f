"""The plan is the same on every day, and comes back from the cassette as it was."""

import json
from typing import Any

import pytest
from planned import built

from llmxray import plan as plans
from llmxray.cassette.codec import dumps
from llmxray.errors import ExperimentError
from llmxray.plan import Plan

TEXT = """experiment: e
kind: benchmark
endpoints:
  tiny: {preset: local}
  far: {preset: vllm}
models:
  - {id: chat, endpoint: tiny, model: smollm2-135m-instruct}
  - {id: weighed, endpoint: tiny, model: smollm2-135m-raw, layout: few-shot-raw, answer: likelihood}
  - {id: forced, endpoint: far, model: big, answer: likelihood}
suites:
  - {suite: starter/arc, limit: 4}
  - {suite: starter/gsm8k, limit: 2}
sampling: {temperature: 0.7, seed: 7, top_logprobs: 20}
samples: 3
shuffle_options: {seed: 11}
"""


def build(text: str = TEXT) -> Plan:
    """The plan of an experiment's text."""
    return built(text)


def as_bytes(plan: Plan) -> str:
    """All that is frozen of a plan."""
    frozen = plans.freeze(plan, TEXT)
    return dumps(
        [frozen.plan, frozen.items, [[each.key, each.group, dict(each.body)] for each in frozen.requests]]
    )


def test_same_bytes_twice():
    """Built again, every byte is the same; another seed of the shuffle changes it."""
    assert as_bytes(build()) == as_bytes(build())
    assert as_bytes(build()) != as_bytes(build(TEXT.replace("seed: 11", "seed: 12")))


def test_seed_per_sample():
    """Repeats send seed + sample, paired across conditions; without a seed none is sent."""
    seeds = {(trial.sample, trial.requests[0].body["seed"]) for trial in build().trials}
    assert {(0, 7), (1, 8), (2, 9)} == seeds
    plan = build(TEXT.replace("seed: 7, ", ""))
    assert not any("seed" in request.body for trial in plan.trials for request in trial.requests)
    repeats = [trial.requests[0].key for trial in plan.trials if trial.condition == "chat"]
    assert len(repeats) == 3 * len(set(repeats))


def test_shuffled_options_map_back():
    """The permutation is stored, the prompt shows it, and the letter leads back to the right text."""
    plan, moved = build(), 0
    items = plan.items()
    for trial in plan.trials:
        item = items[trial.suite, trial.item]
        as_shown = plans.reorder_options(item, trial.order)
        assert item.answer_text == as_shown.answer_text
        if trial.order:
            assert sorted(trial.order) == list(range(len(item.choices)))
            assert [item.choices[index] for index in trial.order] == list(as_shown.choices)
            moved += item.answer != as_shown.answer
        if trial.condition == "chat" and item.choices:
            prompt = json.dumps(trial.requests[0].body["messages"], ensure_ascii=False)
            places = [prompt.rfind(choice) for choice in as_shown.choices]
            assert places == sorted(places)
    assert moved > 0


def test_a_models_own_shuffling_overrides_that_of_the_experiment():
    """The same as if the experiment had its seed."""
    own = build(TEXT.replace("id: chat,", "id: chat, shuffle_options: {seed: 12},"))
    other = build(TEXT.replace("seed: 11", "seed: 12"))
    orders, wanted, plain = (
        [trial.order for trial in plan.trials if trial.condition == "chat"] for plan in (own, other, build())
    )
    assert orders == wanted != plain


def test_order_does_not_depend_on_the_selection():
    """A smaller selection shows each item the same way, in every condition and sample."""
    few, many = build(), build(TEXT.replace("limit: 4", "limit: 9"))
    orders: dict[tuple[str, str], set[tuple[int, ...]]] = {}
    for trial in [*few.trials, *many.trials]:
        orders.setdefault((trial.suite, trial.item), set()).add(trial.order)
    assert {1} == {len(each) for each in orders.values()}


def test_likelihood_requests():
    """One request per option shown, each forcing its text: by grammar, or by structured choice."""
    plan = build()
    items = plan.items()
    for trial in plan.trials:
        item = plans.reorder_options(items[trial.suite, trial.item], trial.order)
        kind = plan.answer_kinds()[trial.condition, trial.suite]
        if kind != "likelihood":
            assert [None] == [request.option for request in trial.requests]
            continue
        assert list(range(len(item.choices))) == [request.option for request in trial.requests]
        for text, request in zip(item.choices, trial.requests, strict=True):
            if trial.condition == "forced":
                choice: Any = request.body["structured_outputs"]
                assert text == choice["choice"][0].strip()
            else:
                grammar = str(request.body["grammar"]).removeprefix("root ::= ")
                assert text == json.loads(grammar).strip()
    assert "likelihood" in {plan.answer_kinds()[trial.condition, trial.suite] for trial in plan.trials}


TOOLS = """experiment: e
kind: benchmark
endpoints: {tiny: {preset: local}}
models:
  - {id: chat, endpoint: tiny, model: m, layout: few-shot-raw, system: Be brief.}
  - {id: thinker, endpoint: tiny, model: o4-mini}
suites: [{suite: starter/tools, limit: 3}, {suite: starter/arc, limit: 1}]
sampling: {temperature: 0, seed: 7}
"""


def test_questions_that_ask_for_a_call_declare_functions():
    """Sent as they stand whatever the layout, with the functions beside them and room for a call."""
    plan = build(TOOLS)
    asked = [trial for trial in plan.trials if trial.suite == "starter/tools"]
    items = plan.items()
    for trial in asked:
        item, (request,) = items[trial.suite, trial.item], trial.requests
        assert "tool" == plan.answer_kinds()[trial.condition, trial.suite]
        messages: Any = request.body["messages"]
        assert {"role": "user", "content": item.question} == messages[-1]
        assert (trial.condition == "chat") is ({"role": "system", "content": "Be brief."} in messages)
        assert len(messages) <= 2
        assert [{"type": "function", "function": json.loads(tool)} for tool in item.tools] == request.body[
            "tools"
        ]
        assert (256 if trial.condition == "chat" else 2048) == request.body["max_tokens"]
        assert "stop" not in request.body
    others = [trial for trial in plan.trials if trial.suite == "starter/arc"]
    assert all("tools" not in trial.requests[0].body for trial in others)
    assert 64 == others[0].requests[0].body["max_tokens"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("suite: starter/tools, limit: 3", "suite: starter/tools, answer: text"), "remove the 'answer:'"),
        (
            ("suite: starter/arc, limit: 1", "suite: starter/arc, answer: tool"),
            "take a suite such as starter/tools",
        ),
    ],
)
def test_calls_and_declared_functions_belong_together(change, said):
    """One without the other is refused, with what to do."""
    with pytest.raises(ExperimentError, match=said):
        build(TOOLS.replace(*change))


def test_a_prompt_may_expect_one_of_several_texts():
    """The first is the answer that is shown, the others count as right too."""
    text = (
        "experiment: e\nkind: compare\nendpoints: {lab: {base_url: 'http://127.0.0.1:9/v1'}}\n"
        "models: [{id: m, endpoint: lab, model: m}]\n"
        "prompts: [{id: week, text: How many days?, expect: [seven, '7']}, {id: open, text: Tell me more.}]\n"
    )
    week, unscored = built(text).suites["prompts"].items
    assert ("seven", ("7",)) == (week.answer, week.accept)
    assert ("", ()) == (unscored.answer, unscored.accept)


def test_a_plan_without_end_is_refused_before_it_is_made():
    """A stranger's file may ask for each of many questions often."""
    large = TEXT.replace("samples: 3", "samples: 1000").replace("limit: 4", "limit: 170")
    # 170 + 2 letters, and twice one request for each of the four options.
    with pytest.raises(ExperimentError, match=r"1,548,000 requests; at most 1,000,000 are planned"):
        build(large)


ONE = """experiment: e
kind: compare
endpoints: {x: {base_url: "http://127.0.0.1:7313/v1"}, y: {base_url: "http://127.0.0.1:7313/v1"}}
models: [{id: m, endpoint: x, model: m}]
prompts: [{id: p1, text: hello}]
"""


@pytest.mark.parametrize(
    ("more", "fields", "advice"),
    [
        (
            "variants: [{id: slow, service_tier: flex}, {id: fast, service_tier: priority}]",
            "service_tier, which tells",
            "an endpoint of its own name",
        ),
        (
            "identity: {ignore: [temperature, max_tokens]}\n"
            "variants: [{id: slow, temperature: 0}, {id: fast, temperature: 2, max_tokens: 9}]",
            "max_tokens, temperature, which tell no",
            "leave max_tokens, temperature out of 'ignore'",
        ),
        (
            "samples: 2\nvariants: [{id: slow, seed: 0, service_tier: flex}, {id: fast, seed: 1, service_tier: auto}]",
            "service_tier, which tells",
            "leave one",
        ),
    ],
)
def test_conditions_that_would_share_a_recording_are_refused(more, fields, advice):
    """A page would compare a reply with itself, and state that the two do not differ."""
    with pytest.raises(ExperimentError, match=f"conditions slow and fast differ only in {fields}") as caught:
        build(ONE + more)
    assert advice in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "more",
    [
        "variants: [{id: a, temperature: 1, user: x}, {id: b, temperature: 0, user: y}]",
        "identity: {ignore: [seed]}\nsampling: {seed: 3}\nsamples: 3",
        "identity: {ignore: [seed]}\nsampling: {seed: 3}\nsamples: 3\nvariants: [{id: a}, {id: b}]",
        "variants: [{id: a, system: one, user: x}, {id: b, system: two, user: y}]",
    ],
)
def test_conditions_that_ask_alike_or_are_told_apart_are_planned(more):
    """The same request again has one answer; one that a field of its identity tells apart has its own."""
    assert build(ONE + more).trials


def test_conditions_that_share_the_recording_of_one_question_are_refused():
    """Orders of two seeds are the same for some questions."""
    shuffled = "{endpoint: tiny, model: m, shuffle_options: {seed: %d}, sampling: {service_tier: %s}, id: %s}"
    both = ", ".join(shuffled % each for each in ((1, "flex", "slow"), (2, "priority", "fast")))
    with pytest.raises(ExperimentError, match="conditions slow and fast differ only in service_tier"):
        build(
            "experiment: e\nkind: benchmark\nendpoints: {tiny: {preset: local}}\n"
            f"models: [{both}]\nsuites: [{{suite: starter/arc, limit: 60}}]\n"
        )
