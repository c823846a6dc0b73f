"""A frozen plan is compared with what its experiment file states: anybody can write a fingerprint."""

from dataclasses import replace

import pytest
from planned import built

from llmxray import plan as plans
from llmxray.errors import CassetteError
from llmxray.experiment import Experiment, parse
from llmxray.plan import Plan, ServerFinding
from llmxray.types import Item

TEXT = """experiment: e
kind: benchmark
endpoints: {tiny: {preset: local}}
models:
  - {id: m, endpoint: tiny, model: m, system: Be brief.}
  - {id: n, endpoint: tiny, model: n, suites: [starter/arc], sampling: {temperature: 0.5}}
suites:
  - {suite: starter/arc, limit: 3}
  - {suite: starter/facts, limit: 2}
  - {suite: starter/gsm8k, limit: 2, answer: number}
samples: 2
"""
PROMPTS = """experiment: e
kind: compare
endpoints: {tiny: {preset: local}}
models: [{id: m, endpoint: tiny, model: m}]
prompts: [{id: p, text: "2 + 2?", expect: "4"}, {id: q, text: "3 + 3?", system: Count.}]
variants: [{id: a, temperature: 0}, {id: b, temperature: 1, seed: null}]
sampling: {seed: 7}
"""
TURNED = (
    TEXT.replace("samples: 2", "rotations: all")
    .replace(", answer: number", "")
    .replace("  - {suite: starter/facts, limit: 2}\n", "")
)


def planned(text: str) -> tuple[Plan, Experiment]:
    """A plan with its experiment."""
    return built(text), parse(text)


@pytest.mark.parametrize("text", [TEXT, PROMPTS, TURNED], ids=["suites", "prompts", "turned"])
def test_the_plan_of_a_file_is_its_plan(text):
    """Also with what a server refused or a model turned out to be, and whatever stands first in the file."""
    plan, experiment = planned(text)
    assert plans.is_plan_of(plan, experiment)
    found = plans.with_findings(
        plan, {plan.conditions[0].id: ServerFinding(refused=("stream_options", "stop"))}
    )
    assert plans.is_plan_of(found, experiment)
    assert plans.is_plan_of(plans.with_thinking(plan, {plan.conditions[0].id: "it thought"}), experiment)
    turned = experiment.model_copy(
        update={"models": experiment.models[::-1], "suites": experiment.suites[::-1]}
    )
    assert plans.is_plan_of(plan, turned)


@pytest.mark.parametrize(
    "changes",
    [{"model": "other"}, {"system": "Say B."}, {"sampling": {"temperature": 1}}, {"refused": ("seed",)}],
    ids=lambda changes: "-".join(changes),
)
def test_a_condition_is_as_the_file_states_it(changes):
    """Or the pages would say of one model what another said."""
    plan, experiment = planned(TEXT)
    first, *others = plan.conditions
    assert not plans.is_plan_of(replace(plan, conditions=(replace(first, **changes), *others)), experiment)


@pytest.mark.parametrize("left_out", [0, -1])
def test_no_trial_is_left_out(left_out):
    """Whoever leaves out what a model got wrong makes it better than it is."""
    plan, experiment = planned(TEXT)
    trials = [*plan.trials]
    del trials[left_out]
    assert not plans.is_plan_of(replace(plan, trials=tuple(trials)), experiment)
    more = replace(plan.trials[0], sample=2)
    assert not plans.is_plan_of(replace(plan, trials=(*trials, more)), experiment)


def test_a_suite_is_asked_as_the_file_says():
    """Its kind of answer, and no suite more or less."""
    plan, experiment = planned(TEXT)
    asked = {**plan.suites, "starter/gsm8k": replace(plan.suites["starter/gsm8k"], answer="text")}
    assert not plans.is_plan_of(replace(plan, suites=asked), experiment)
    fewer = {name: suite for name, suite in plan.suites.items() if name != "starter/facts"}
    kept = tuple(trial for trial in plan.trials if trial.suite in fewer)
    assert not plans.is_plan_of(replace(plan, suites=fewer, trials=kept), experiment)
    plan, experiment = planned(PROMPTS)
    weighed = {"prompts": replace(plan.suites["prompts"], answer="letter")}
    assert not plans.is_plan_of(replace(plan, suites=weighed), experiment)


def test_thinking_is_as_the_file_states_it():
    """Answers of a model that thinks are read after its thinking."""
    for stated in (True, False):
        plan, experiment = planned(TEXT.replace("model: m,", f"model: m, thinking: {str(stated).lower()},"))
        assert plans.is_plan_of(plan, experiment)
        first, *others = plan.conditions
        turned = (replace(first, thinks=not stated), *others)
        assert not plans.is_plan_of(replace(plan, conditions=turned), experiment)


@pytest.mark.parametrize("text", [TEXT, TURNED])
def test_options_are_shown_as_the_file_says(text):
    """Whoever may choose the order makes a model with a favourite letter right."""
    plan, experiment = planned(text)
    assert plans.is_plan_of(plan, experiment)
    first, *others = plan.trials
    size = len(plan.items()[first.suite, first.item].choices)
    start = first.order or tuple(range(size))
    for order, rotation in ((start[::-1], first.rotation), (start, 0 if first.rotation is None else None)):
        changed = replace(first, order=order, rotation=rotation)
        assert not plans.is_plan_of(replace(plan, trials=(changed, *others)), experiment)


def test_a_budget_is_as_the_file_states_it():
    """One that llmxray chose may have been another in an earlier version."""
    for stated, is_compared in (
        ("", False),
        ("budget: 500\n", True),
        ("sampling: {max_tokens: 500}\n", True),
    ):
        plan, experiment = planned(TEXT + stated)
        changed = tuple(replace(each, max_tokens=3) for each in plan.conditions)
        assert is_compared != plans.is_plan_of(replace(plan, conditions=changed), experiment)


def test_nothing_that_the_file_sets_was_refused():
    """A preset's pins may be; what the author set is part of the experiment."""
    text = PROMPTS.replace("variants: [{id: a, temperature: 0}, {id: b, temperature: 1, seed: null}]\n", "")
    for name, may_be_refused in (("min_p", True), ("seed", False), ("temperature", False)):
        plan, experiment = planned(text.replace("sampling:", "preset: temperature-sweep\nsampling:"))
        found = plans.with_findings(
            plan, {each.id: ServerFinding(refused=(name,)) for each in plan.conditions}
        )
        assert may_be_refused == plans.is_plan_of(found, experiment), name


@pytest.mark.parametrize(
    "changes", [{"choices": ("B", "A")}, {"category": "q"}], ids=lambda changes: "-".join(changes)
)
def test_a_prompt_is_nothing_but_that_of_the_file(changes):
    """With options another answer would be right; what is expected may be mended later, and a line says so."""
    plan, experiment = planned(PROMPTS)
    suite = plan.suites["prompts"]
    first, second = suite.items

    def asked(item: Item) -> bool:
        return plans.is_plan_of(
            replace(plan, suites={"prompts": replace(suite, items=(item, second))}), experiment
        )

    assert asked(replace(first, answer="5"))
    assert not asked(replace(first, **changes))


def test_a_frozen_plan_is_compared_with_the_file_that_was_frozen_with_it():
    """By `verify` and before merging; a file of another version cannot be compared, which is a fault."""
    plan, _ = planned(TEXT)
    plans.check_frozen(plans.freeze(plan, TEXT))
    first, *others = plan.conditions
    other = replace(plan, conditions=(replace(first, refused=("seed",)), *others))
    with pytest.raises(CassetteError, match="asks otherwise than the experiment file"):
        plans.check_frozen(plans.freeze(other, TEXT))
    with pytest.raises(CassetteError, match="cannot be compared with its experiment file"):
        plans.check_frozen(plans.freeze(other, TEXT + "nobody_knows: 1\n"))
    header, *trials = plans.freeze(plan, TEXT).plan
    without = {name: value for name, value in header.items() if name != "source"}
    with pytest.raises(CassetteError, match="has no experiment file"):
        plans.check_frozen(replace(plans.freeze(plan, TEXT), plan=(without, *trials)))
