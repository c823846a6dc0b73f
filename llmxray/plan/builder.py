"""Experiment + suites → Plan. Pure: the same experiment and items give the same plan, byte for byte."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from llmxray.errors import ExperimentError
from llmxray.experiment import Experiment, Model, Shuffle, Variant, condition_label, request_fingerprint
from llmxray.plan.forcing import BY_PRESET, CANNOT_FORCE, FORCINGS, force
from llmxray.plan.model import CHAT_PATH, PROMPTS, Plan, PlannedSuite, shown, trial_id
from llmxray.plan.servers import left_out
from llmxray.scoring import (
    budget,
    continuation,
    messages,
    needs_examples,
    needs_reasoning,
    stop_strings,
    thinking,
)
from llmxray.scoring.budgets import LIKELIHOOD_TOKENS, STANDARD, TOOL_TOKENS
from llmxray.suites.base import Suite, item_rng
from llmxray.types import BUDGET_FIELDS, AnswerKind, Condition, Item, Json, PlannedRequest, SuiteCard, Trial
from llmxray.wire import request_key

# Some minutes and gigabytes; a repeat too many zeros long must not take the machine.
MOST_TRIALS = 2_000_000
# Messages by all that they depend on: conditions that ask alike share them, or a large plan would be mostly copies.
type Prompts = dict[tuple[object, ...], list[Json]]


def build(experiment: Experiment, suites: Sequence[Suite]) -> Plan:
    """The plan of an experiment over the suites it names, in the order it names them.

    Raises:
        ExperimentError: a condition asks for something its endpoint cannot do, or for worked examples, worked
            steps or rotations that a suite does not have; or there would be more trials than `MOST_TRIALS`.
    """
    pools = [*suites]
    if experiment.prompts:
        pools.append(_prompt_suite(experiment))
    shuffles: dict[str, Shuffle | None] = {}
    asked: dict[str, tuple[str, ...] | None] = {}
    conditions = []
    for model, variant in _pairs(experiment):
        condition = _condition(experiment, model, variant)
        conditions.append(condition)
        asked[condition.id] = model.suites
        shuffles[condition.id] = model.shuffle_options or experiment.shuffle_options
    _refuse_too_many(experiment, asked, pools)
    prompts: Prompts = {}
    trials = [
        trial
        for condition in conditions
        for suite in pools
        if _is_asked(suite, asked[condition.id])
        for trial in _suite_trials(experiment, condition, suite, shuffles[condition.id], prompts)
    ]
    planned = {
        suite.name: PlannedSuite(suite.card, suite.items, suite.answer, _faults(suite)) for suite in pools
    }
    return Plan(
        experiment.experiment,
        request_fingerprint(experiment),
        tuple(conditions),
        planned,
        tuple(trials),
        _ignored(experiment),
    )


def _refuse_too_many(
    experiment: Experiment, asked: Mapping[str, Sequence[str] | None], suites: Sequence[Suite]
) -> None:
    """Count the trials before any of them is made."""

    def shown_how_often(item: Item) -> int:
        return len(item.choices) if experiment.rotations is not None and item.choices else 1

    sizes = {suite.name: sum(map(shown_how_often, suite.items)) for suite in suites}
    once = sum(sizes[suite.name] for only in asked.values() for suite in suites if _is_asked(suite, only))
    if once * experiment.samples > MOST_TRIALS:
        raise ExperimentError(
            f"{once * experiment.samples:,} trials; at most {MOST_TRIALS:,} are planned: "
            "ask fewer samples, questions or conditions, or make several experiments"
        )


def _is_asked(suite: Suite, only: Sequence[str] | None) -> bool:
    # Free prompts are no suite that a model could leave out.
    return only is None or suite.name in (*only, PROMPTS)


def _ignored(experiment: Experiment) -> tuple[str, ...]:
    return tuple(sorted(set(experiment.identity.ignore)))


def _pairs(experiment: Experiment) -> Iterator[tuple[Model, Variant | None]]:
    for model in experiment.models:
        for variant in experiment.expanded_variants(model) or (None,):
            yield model, variant


def _condition(experiment: Experiment, model: Model, variant: Variant | None) -> Condition:
    answer = model.answer or experiment.answer
    sampling = experiment.request_fields(model, variant)
    omitted = experiment.omitted_fields(model, variant)
    usual, newer = (sampling.pop(name, None) for name in BUDGET_FIELDS)
    declared = newer or usual or model.budget or experiment.budget
    budget_field = experiment.budget_field(model) or (BUDGET_FIELDS[0] if newer is None else BUDGET_FIELDS[1])
    sent = budget_field not in omitted
    thinks = thinking(model.model, declared=model.thinking)
    tokens, why = budget(
        declared if isinstance(declared, int) else "auto", layout=model.layout, answer=answer, thinks=thinks
    )
    if model.thinking is False and why == STANDARD:
        why = "standard model, as the experiment file says"
    if not sent:
        why = "not sent, as the experiment file says"
    return Condition(
        id=experiment.condition_id(model, variant),
        endpoint=model.endpoint,
        model=model.model,
        answer=answer,
        layout=model.layout,
        sampling=sampling,
        max_tokens=tokens,
        budget_reason=why,
        system=(variant.system if variant else None) or model.system or "",
        label=condition_label(model, variant),
        thinks=bool(thinks),
        budget_field=budget_field if sent else "",
        omitted=tuple(sorted(omitted)),
    )


def _prompt_suite(experiment: Experiment) -> Suite:
    items = tuple(
        Item(
            prompt.id,
            prompt.text,
            (),
            "".join(prompt.expected[:1]),
            accept=prompt.expected[1:],
            category=prompt.id,
            source=experiment.experiment,
        )
        for prompt in experiment.prompts
    )
    card = SuiteCard(
        PROMPTS,
        "Prompts of this experiment",
        "How the answer to one prompt changes with the setting.",
        "Anything beyond these prompts.",
        "as the experiment file",
        "the experiment file",
    )
    return Suite(card, items, answer="text")


def _faults(suite: Suite) -> tuple[str, ...]:
    asked = {item.id for item in suite.items}
    # A row that is left out has no item.
    return tuple(str(fault) for fault in suite.faults if not fault.item or fault.item in asked)


def _suite_trials(
    experiment: Experiment, condition: Condition, suite: Suite, shuffle: Shuffle | None, prompts: Prompts
) -> Iterator[Trial]:
    kind: AnswerKind = suite.answer or condition.answer
    # What the declared functions do says it all: nothing stands around the question.
    layout = "verbatim" if suite.name == PROMPTS or kind == "tool" else condition.layout
    _refuse(condition, suite, layout, kind, rotated=experiment.rotations is not None)
    systems = {prompt.id: prompt.system for prompt in experiment.prompts} if suite.name == PROMPTS else {}
    for item in suite.items:
        system = systems.get(item.id) or condition.system
        shots = suite.shots_for(item)
        for rotation, order in _orders(experiment, shuffle, suite.name, item):
            as_shown, key = shown(item, order), (suite.name, item.id, order, layout, kind, system)
            if key not in prompts:
                prompts[key] = messages(
                    layout, as_shown, kind, shots, completion=suite.completion, system=system
                )
            for sample in range(experiment.samples):
                body = _body(condition, prompts[key], layout, kind, sample, as_shown.tools)
                requests = _requests(experiment, condition, body, as_shown, kind, layout)
                name = trial_id(condition.id, suite.name, item.id, sample, rotation)
                yield Trial(name, condition.id, suite.name, item.id, sample, requests, order, rotation)


def _refuse(condition: Condition, suite: Suite, layout: str, kind: AnswerKind, *, rotated: bool) -> None:
    """What would otherwise be asked for in silence without what the reader is told is there."""
    where = f"condition {condition.id}, suite {suite.name}"
    if (kind == "tool") != any(item.tools for item in suite.items):
        raise ExperimentError(
            f"{where}: 'answer: tool' and questions that declare functions belong together; "
            + (
                "take a suite such as starter/tools"
                if kind == "tool"
                else "remove the 'answer:' of this suite"
            )
        )
    if needs_examples(layout) and not suite.shots:
        plain = layout.replace("few-shot", "zero-shot").replace("-think", "")
        raise ExperimentError(
            f"{where}: layout {layout} needs worked examples and this suite has none; {suite.shots_hint}"
            f"use 'layout: {plain}' or leave the suite out"
        )
    if needs_reasoning(layout) and kind == "likelihood":
        raise ExperimentError(
            f"{where}: layout {layout} lets the model write steps, and likelihood answers are weighed at once; "
            "use 'layout: few-shot-raw', or another 'answer:'"
        )
    if needs_reasoning(layout) and needs_examples(layout) and not any(shot.why for shot in suite.shots):
        raise ExperimentError(
            f"{where}: layout {layout} needs worked examples with their reasoning, and those of this suite "
            "have none; use 'layout: few-shot'"
        )
    if rotated and kind != "letter" and any(item.choices for item in suite.items):
        raise ExperimentError(
            f"{where}: 'rotations' moves the options, which only 'answer: letter' shows in the prompt"
        )


def _orders(
    experiment: Experiment, shuffle: Shuffle | None, suite: str, item: Item
) -> Iterator[tuple[int | None, tuple[int, ...]]]:
    """(rotation, order of the options): one, or with ``rotations: all`` as many as there are options."""
    base = _order(shuffle, suite, item)
    if experiment.rotations is None or not item.choices:
        yield None, base
        return
    start = base or tuple(range(len(item.choices)))
    for rotation in range(len(start)):
        yield rotation, (*start[rotation:], *start[:rotation])


def _order(shuffle: Shuffle | None, suite: str, item: Item) -> tuple[int, ...]:
    if shuffle is None or not item.choices:
        return ()
    # Seeded by the item's name, so that a smaller selection shows each item the same way.
    rng = item_rng(shuffle.seed, f"{suite}/{item.id}")
    return tuple(int(index) for index in rng.permutation(len(item.choices)))


def _body(
    condition: Condition,
    prompt: list[Json],
    layout: str,
    kind: AnswerKind,
    sample: int,
    tools: Sequence[str],
) -> dict[str, Json]:
    sampling = dict(condition.sampling)
    seed = sampling.get("seed")
    if isinstance(seed, int) and sample:
        # With one seed all repeats would be one reply; counted up alike, they stay paired over conditions.
        sampling["seed"] = seed + sample
    # A stop string could fall inside the thinking; `scoring.cut_at_stop` cuts the answer afterwards.
    stops = [] if condition.thinks else stop_strings(layout, kind)
    # A suite may be weighed, or ask for calls, though the condition answers otherwise; neither is cut short.
    tokens = condition.max_tokens
    if kind == "likelihood":
        tokens = max(tokens, LIKELIHOOD_TOKENS)
    if kind == "tool" and condition.budget_reason == STANDARD:
        tokens = max(tokens, TOOL_TOKENS)
    body: dict[str, Json] = {
        "model": condition.model,
        "messages": prompt,
        "stream": True,
        # A stream reports its usage only when asked.
        "stream_options": {"include_usage": True},
        **({condition.budget_field: tokens} if condition.budget_field else {}),
        **({"stop": stops} if stops else {}),
        **({"tools": _declared(tools)} if tools else {}),
        # Last, so that what the experiment file sets wins, 'stop' included.
        **sampling,
    }
    gone = left_out(condition)
    return {name: value for name, value in body.items() if name not in gone}


def _declared(tools: Sequence[str]) -> list[Json]:
    return [{"type": "function", "function": json.loads(tool)} for tool in tools]


def _requests(
    experiment: Experiment,
    condition: Condition,
    body: dict[str, Json],
    item: Item,
    kind: AnswerKind,
    layout: str,
) -> tuple[PlannedRequest, ...]:
    ignored = _ignored(experiment)
    if kind != "likelihood":
        key = request_key("POST", CHAT_PATH, condition.endpoint, body, ignored=ignored)
        return (PlannedRequest(key, body),)
    preset = experiment.endpoints[condition.endpoint].preset or ""
    if preset in CANNOT_FORCE:
        raise ExperimentError(
            f"condition {condition.id}: likelihood answers need a server that can force an option; "
            f"{preset} cannot: give endpoint {condition.endpoint!r} one of the presets {', '.join(BY_PRESET)}, "
            "or the base_url of a server that can"
        )
    # Of other servers it is asked when recording begins.
    forcing = BY_PRESET.get(preset, FORCINGS[0])
    requests = []
    for option, text in enumerate(item.choices):
        forced: dict[str, Json] = {**body, **force(forcing, continuation(text, layout))}
        key = request_key("POST", CHAT_PATH, condition.endpoint, forced, ignored=ignored)
        requests.append(PlannedRequest(key, forced, option))
    return tuple(requests)
