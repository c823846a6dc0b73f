"""What servers are found to need changes their requests, and nothing else."""

from typing import Any

import pytest
from planned import built

from llmxray import plan as plans
from llmxray.cassette import Cassette, write_plan
from llmxray.errors import ExperimentError
from llmxray.plan import Plan, ServerFinding
from llmxray.types import CHAT
from llmxray.wire import request_key

TEXT = """experiment: e
kind: benchmark
endpoints: {lab: {base_url: "http://127.0.0.1:9/v1"}, tiny: {preset: local}}
models:
  - {id: plain, endpoint: lab, model: m, layout: few-shot-raw}
  - {id: other, endpoint: lab, model: n}
  - {id: weighed, endpoint: lab, model: m, answer: likelihood, layout: few-shot-raw}
  - {id: embedded, endpoint: tiny, model: m, answer: likelihood}
suites: [{suite: starter/arc, limit: 2}]
sampling: {temperature: 0, top_k: 1}
shuffle_options: {seed: 3}
"""


def build(text: str = TEXT) -> Plan:
    """The plan."""
    return built(text)


def bodies(plan: Plan, condition: str) -> list[dict[str, Any]]:
    """Its requests."""
    return [
        dict(each.body) for trial in plan.trials if trial.condition == condition for each in trial.requests
    ]


def keys_fit(plan: Plan) -> bool:
    """Whether every key is that of its body."""
    conditions = {each.id: each for each in plan.conditions}
    return all(
        request.key
        == request_key(
            "POST", CHAT.path, conditions[trial.condition].endpoint, request.body, ignored=plan.ignored
        )
        for trial in plan.trials
        for request in trial.requests
    )


def test_another_name_of_the_budget():
    """In the place of the other, with the same number; the other conditions keep every byte."""
    before = build()
    after = plans.with_findings(
        before, {"plain": ServerFinding("max_completion_tokens"), "other": ServerFinding()}
    )
    for old, new in zip(bodies(before, "plain"), bodies(after, "plain"), strict=True):
        assert list(new) == ["max_completion_tokens" if name == "max_tokens" else name for name in old]
        assert old["max_tokens"] == new["max_completion_tokens"]
    for name in ("other", "weighed", "embedded"):
        assert bodies(before, name) == bodies(after, name)
    assert before.conditions[1:] == after.conditions[1:]
    assert ("max_completion_tokens", "max_tokens") == tuple(
        each.budget_field for each in after.conditions[:2]
    )
    assert keys_fit(after)
    # And back, which is the plan as it was.
    back = plans.with_findings(after, {"plain": ServerFinding("max_tokens")})
    assert before == back


def test_refused_fields():
    """Gone from the requests, and kept with the condition."""
    before = build()
    assert all({"stop", "stream_options", "top_k"} <= body.keys() for body in bodies(before, "plain"))
    found = plans.with_findings(before, {"plain": ServerFinding(refused=("top_k", "stop"))})
    again = plans.with_findings(found, {"plain": ServerFinding(refused=("stream_options",))})
    for body in bodies(again, "plain"):
        assert not {"stop", "stream_options", "top_k"} & body.keys()
    assert ("top_k", "stop", "stream_options") == again.conditions[0].refused
    assert {"temperature": 0} == again.conditions[0].sampling
    assert keys_fit(again)


@pytest.mark.parametrize("forcing", plans.FORCINGS)
def test_the_way_of_forcing_that_a_server_has(forcing):
    """Each option shown is forced so, whatever was planned; nothing of another way is left."""
    before = build()
    assert ["weighed", "embedded"] == [each.id for each in plans.forced_conditions(before)]
    after = plans.with_findings(before, {"weighed": ServerFinding(forcing=forcing)})
    others = {"grammar", "structured_outputs", "guided_choice"} - {forcing}
    items = after.items()
    for trial in after.trials:
        if trial.condition != "weighed":
            continue
        shown = plans.reorder_options(items[trial.suite, trial.item], trial.order)
        for request, text in zip(trial.requests, shown.choices, strict=True):
            assert plans.force_text(forcing, f" {text}").items() <= request.body.items()
            assert not others & request.body.keys()
            assert (forcing == "grammar") == ("logit_bias" in request.body)
    assert keys_fit(after)
    assert bodies(before, "embedded") == bodies(after, "embedded")


def test_an_option_is_forced_also_where_the_file_leaves_that_field_out():
    """By a server that wants the budget under its other name, too: what it says is read, and not paid for in vain."""
    plan = build(TEXT.replace("id: embedded,", "id: embedded, sampling: {grammar: null},"))
    changed = plans.with_findings(plan, {"embedded": ServerFinding("max_completion_tokens")})
    forced = bodies(changed, "embedded")
    assert [each["grammar"] for each in forced] == [each["grammar"] for each in bodies(plan, "embedded")]
    assert all("max_completion_tokens" in each for each in forced)
    assert plans.thaw(plans.freeze(changed, TEXT)).trials == changed.trials


def test_likelihood_of_a_server_that_is_not_known():
    """Planned until it is asked; refused where the preset is known to have no way."""
    assert all("grammar" in body for body in bodies(build(), "weighed"))
    with pytest.raises(ExperimentError, match=r"openai cannot: give endpoint 'lab' one of the presets local"):
        build(TEXT.replace('{base_url: "http://127.0.0.1:9/v1"}', "{preset: openai}"))


OMITTING = TEXT.replace("sampling: {temperature: 0, top_k: 1}", "sampling: {%s}")


def test_null_leaves_out_what_llmxray_adds():
    """Stop strings, usage, the budget itself."""
    plan = build(OMITTING % "stop: null, stream_options: null, max_tokens: null, temperature: null")
    for body in bodies(plan, "plain"):
        assert {"model", "messages", "stream"} == body.keys()
    condition = plan.conditions[0]
    assert ("", "not sent, as the experiment file says") == (condition.budget_field, condition.budget_reason)
    assert ("max_tokens", "stop", "stream_options", "temperature") == condition.omitted
    # A model that thinks gets no budget either.
    assert bodies(plan, "plain")[0] == bodies(plans.with_thinking(plan, {"plain": "because"}), "plain")[0]


@pytest.mark.parametrize("fields", ["max_completion_tokens: 99", "max_tokens: 99"])
def test_a_budget_among_the_fields(fields):
    """Sent once, under the name that the file gives it."""
    plan = build(OMITTING % fields)
    name = "max_tokens" if fields.startswith("max_tokens") else "max_completion_tokens"
    for body in bodies(plan, "plain"):
        assert {name: 99} == {key: value for key, value in body.items() if key.startswith("max_")}
    assert ("set in the experiment file", 99) == (
        plan.conditions[0].budget_reason,
        plan.conditions[0].max_tokens,
    )


def test_fields_left_out_of_the_identity():
    """Keys do not depend on them, in any step of the plan."""
    text = TEXT + "identity: {ignore: [trace_id]}\n"
    traced = text.replace("top_k: 1", "top_k: 1, trace_id: abc")
    plan, other = build(text), build(traced)
    assert ("trace_id",) == plan.ignored
    assert [each.key for _, each in plan.requests()] == [each.key for _, each in other.requests()]
    assert keys_fit(other)
    assert keys_fit(plans.with_thinking(other, {"plain": "because"}))
    assert keys_fit(plans.with_findings(other, {"plain": ServerFinding("max_completion_tokens")}))


def test_frozen_and_thawed(tmp_path):
    """All of it comes back."""
    found = {
        "plain": ServerFinding("max_completion_tokens", ("stop",)),
        "weighed": ServerFinding(forcing="guided_choice"),
    }
    text = (OMITTING % "temperature: null") + "identity: {ignore: [trace_id]}\n"
    plan = plans.with_findings(build(text), found)
    write_plan(tmp_path / "c", "e", plans.freeze(plan, text), software={})
    assert plan == plans.thaw(Cassette(tmp_path / "c").frozen())


THINKING = """experiment: e
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


def test_budgets_and_stops_by_what_is_known():
    """No stop string may fall inside the thinking of a model known to think."""
    found = {
        trial.condition: (trial.requests[0].body["max_tokens"], "stop" in trial.requests[0].body)
        for trial in build(THINKING).trials
    }
    assert {
        "plain": (64, True),
        "named": (2048, False),
        "said": (2048, False),
        "denied": (64, True),
        "set": (9, True),
        "weighed": (256, False),
    } == found


def test_only_automatic_budgets_are_undecided():
    """The file's word is final."""
    assert ["plain"] == [condition.id for condition in plans.undecided_conditions(build(THINKING))]


def test_a_model_found_to_think():
    """Larger budget, no stop, new keys; the other conditions keep every byte."""
    before = build(THINKING)
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
        assert request_key("POST", "/v1/chat/completions", "lab", body) == new.requests[0].key
    assert before is plans.with_thinking(before, {})
