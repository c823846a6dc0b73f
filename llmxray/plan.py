"""Experiment + suites → Plan: every request that will be sent, with stable ids; and the plan's frozen form.

The same experiment and items give the same plan, byte for byte. Frozen into the cassette, a plan is read back
with the bodies of its requests as they were then, so later versions of the prompts cannot change a replay.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from llmxray.cassette.store import Frozen, RequestRecord
from llmxray.errors import CassetteError, ExperimentError
from llmxray.experiment import Experiment, Model, Shuffle, Variant, request_fingerprint
from llmxray.scoring import budget, continuation, messages, stop_strings
from llmxray.suites.base import Suite
from llmxray.types import (
    LETTERS,
    AnswerKind,
    Condition,
    Item,
    Json,
    PlannedRequest,
    SuiteCard,
    Trial,
)
from llmxray.wire import request_key

CHAT_PATH = "/v1/chat/completions"
PROMPTS = "prompts"
_FROZEN_FORMAT = 1
# Servers known to be able to force an option, and with which request fields.
_FORCING = {"local": "grammar", "llamacpp": "grammar", "vllm": "structured_outputs"}


@dataclass(frozen=True, slots=True)
class PlannedSuite:
    """A suite as the plan uses it.

    Attributes:
        items: the selected questions, options in the suite's own order.
        answer: how its answers are asked for, whatever the condition says; None leaves it to the condition.
    """

    card: SuiteCard
    items: tuple[Item, ...]
    answer: AnswerKind | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything an experiment will ask.

    Attributes:
        experiment: name.
        fingerprint: of all that changes a request; equal fingerprints mean equal requests for equal items.
        conditions: in the order of the experiment file.
        suites: by name, in the order of the experiment file.
        trials: condition by condition, suite by suite, item by item, sample by sample.
    """

    experiment: str
    fingerprint: str
    conditions: tuple[Condition, ...]
    suites: Mapping[str, PlannedSuite]
    trials: tuple[Trial, ...]

    def requests(self) -> Iterator[tuple[Condition, PlannedRequest]]:
        """Distinct requests with the first condition that makes them, in plan order."""
        conditions = {condition.id: condition for condition in self.conditions}
        seen: set[str] = set()
        for trial in self.trials:
            for request in trial.requests:
                if request.key not in seen:
                    seen.add(request.key)
                    yield conditions[trial.condition], request

    def items(self) -> dict[tuple[str, str], Item]:
        """Every item by (suite, item id), options in the suite's own order."""
        return {(name, item.id): item for name, suite in self.suites.items() for item in suite.items}

    def kind(self, trial: Trial) -> AnswerKind:
        """How the trial's answer was asked for."""
        by_condition = {condition.id: condition.answer for condition in self.conditions}
        return self.suites[trial.suite].answer or by_condition[trial.condition]


def build(experiment: Experiment, suites: Sequence[Suite]) -> Plan:
    """The plan of an experiment over the suites it names, in the order it names them.

    Raises:
        ExperimentError: a condition asks for something its endpoint cannot do.
    """
    pools = [*suites]
    if experiment.prompts:
        pools.append(_prompt_suite(experiment))
    shuffles: dict[str, Shuffle | None] = {}
    conditions = []
    for model, variant in _pairs(experiment):
        condition = _condition(experiment, model, variant)
        conditions.append(condition)
        shuffles[condition.id] = model.shuffle_options or experiment.shuffle_options
    trials = [
        trial
        for condition in conditions
        for suite in pools
        for trial in _suite_trials(experiment, condition, suite, shuffles[condition.id])
    ]
    planned = {suite.name: PlannedSuite(suite.card, suite.items, suite.answer) for suite in pools}
    return Plan(
        experiment.experiment, request_fingerprint(experiment), tuple(conditions), planned, tuple(trials)
    )


def shown(item: Item, order: Sequence[int]) -> Item:
    """The item with its options permuted and its answer's letter moved along."""
    if not order:
        return item
    right = list(order).index(LETTERS.index(item.answer))
    return replace(item, choices=tuple(item.choices[index] for index in order), answer=LETTERS[right])


def freeze(plan: Plan, source: str) -> Frozen:
    """The plan as lines for a cassette; ``source`` is the text of the experiment file."""
    records = [
        RequestRecord(request.key, condition.id, request.body) for condition, request in plan.requests()
    ]
    number = {record.key: index for index, record in enumerate(records)}
    condition_number = {condition.id: index for index, condition in enumerate(plan.conditions)}
    suite_number = {name: index for index, name in enumerate(plan.suites)}
    header = {
        "format": _FROZEN_FORMAT,
        "experiment": plan.experiment,
        "fingerprint": plan.fingerprint,
        "source": source,
        "conditions": [asdict(condition) for condition in plan.conditions],
        "suites": [{"card": asdict(suite.card), "answer": suite.answer} for suite in plan.suites.values()],
    }
    trials = [
        [
            condition_number[trial.condition],
            suite_number[trial.suite],
            trial.item,
            trial.sample,
            list(trial.order),
            [number[request.key] for request in trial.requests],
            [request.option for request in trial.requests],
        ]
        for trial in plan.trials
    ]
    items = [
        [suite_number[name], asdict(item)] for name, suite in plan.suites.items() for item in suite.items
    ]
    return Frozen((header, *trials), tuple(items), tuple(records))


def thaw(frozen: Frozen) -> Plan:
    """The plan that `freeze` wrote, with the request bodies as frozen.

    Raises:
        CassetteError: the lines are not a plan of a format this version reads.
    """
    try:
        header, *lines = frozen.plan
        if header["format"] != _FROZEN_FORMAT:
            raise CassetteError(f"plan format {header['format']}: this llmxray reads {_FROZEN_FORMAT}")
        conditions = tuple(Condition(**each) for each in header["conditions"])
        cards = [SuiteCard(**each["card"]) for each in header["suites"]]
        answers = [each["answer"] for each in header["suites"]]
        pools: list[list[Item]] = [[] for _ in cards]
        for index, data in frozen.items:
            pools[index].append(
                Item(**{**data, "choices": tuple(data["choices"]), "accept": tuple(data["accept"])})
            )
        trials = tuple(_thaw_trial(line, conditions, cards, frozen.requests) for line in lines)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise CassetteError(f"the frozen plan cannot be read ({type(error).__name__}: {error})") from error
    suites = {
        card.name: PlannedSuite(card, tuple(pool), answer)
        for card, pool, answer in zip(cards, pools, answers, strict=True)
    }
    return Plan(header["experiment"], header["fingerprint"], conditions, suites, trials)


def source_of(frozen: Frozen) -> str:
    """The text of the experiment file as it was when recording."""
    return str(frozen.plan[0]["source"])


def _thaw_trial(
    line: Sequence[Any],
    conditions: Sequence[Condition],
    cards: Sequence[SuiteCard],
    records: Sequence[RequestRecord],
) -> Trial:
    condition, suite, item, sample, order, numbers, options = line
    requests = tuple(
        PlannedRequest(records[number].key, records[number].body, option)
        for number, option in zip(numbers, options, strict=True)
    )
    name, card = conditions[condition].id, cards[suite].name
    return Trial(_trial_id(name, card, item, sample), name, card, item, sample, requests, tuple(order))


def _pairs(experiment: Experiment) -> Iterator[tuple[Model, Variant | None]]:
    for model in experiment.models:
        for variant in experiment.expanded_variants(model) or (None,):
            yield model, variant


def _condition(experiment: Experiment, model: Model, variant: Variant | None) -> Condition:
    answer = model.answer or experiment.answer
    sampling = experiment.request_fields(model, variant)
    declared = sampling.pop("max_tokens", None) or model.budget or experiment.budget
    tokens, why = budget(
        declared if isinstance(declared, int) else "auto",
        model=model.model,
        layout=model.layout,
        answer=answer,
    )
    name = model.id
    if variant is not None:
        name = variant.id if len(experiment.models) == 1 else f"{model.id}@{variant.id}"
    return Condition(
        id=name,
        endpoint=model.endpoint,
        model=model.model,
        answer=answer,
        layout=model.layout,
        sampling=sampling,
        max_tokens=tokens,
        budget_reason=why,
        system=(variant.system if variant else None) or model.system or "",
        label=model.label or "",
    )


def _prompt_suite(experiment: Experiment) -> Suite:
    items = tuple(
        Item(
            prompt.id, prompt.text, (), prompt.expect or "", category=prompt.id, source=experiment.experiment
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


def _suite_trials(
    experiment: Experiment, condition: Condition, suite: Suite, shuffle: Shuffle | None
) -> Iterator[Trial]:
    kind: AnswerKind = suite.answer or condition.answer
    layout = "verbatim" if suite.name == PROMPTS else condition.layout
    systems = {prompt.id: prompt.system for prompt in experiment.prompts} if suite.name == PROMPTS else {}
    for item in suite.items:
        order = _order(shuffle, suite.name, item)
        as_shown = shown(item, order)
        system = systems.get(item.id) or condition.system
        shots = suite.shots_for(item)
        prompt = messages(layout, as_shown, kind, shots, completion=suite.completion, system=system)
        for sample in range(experiment.samples):
            body = _body(condition, prompt, layout, kind, sample)
            requests = _requests(experiment, condition, body, as_shown, kind, layout)
            trial = _trial_id(condition.id, suite.name, item.id, sample)
            yield Trial(trial, condition.id, suite.name, item.id, sample, requests, order)


def _trial_id(condition: str, suite: str, item: str, sample: int) -> str:
    return f"{condition}/{suite}/{item}/{sample}"


def _order(shuffle: Shuffle | None, suite: str, item: Item) -> tuple[int, ...]:
    if shuffle is None or not item.choices:
        return ()
    # Seeded by the item's name, so that a smaller selection shows each item the same way.
    digest = hashlib.sha256(f"{suite}/{item.id}".encode()).digest()
    rng = np.random.default_rng([shuffle.seed, int.from_bytes(digest[:8])])
    return tuple(int(index) for index in rng.permutation(len(item.choices)))


def _body(
    condition: Condition, prompt: list[Json], layout: str, kind: AnswerKind, sample: int
) -> dict[str, Json]:
    sampling = dict(condition.sampling)
    seed = sampling.get("seed")
    if isinstance(seed, int) and sample:
        sampling["seed"] = seed + sample
    stops = stop_strings(layout, kind)
    return {
        "model": condition.model,
        "messages": prompt,
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": condition.max_tokens,
        **({"stop": stops} if stops else {}),
        **sampling,
    }


def _requests(
    experiment: Experiment,
    condition: Condition,
    body: dict[str, Json],
    item: Item,
    kind: AnswerKind,
    layout: str,
) -> tuple[PlannedRequest, ...]:
    if kind != "likelihood":
        return (PlannedRequest(request_key("POST", CHAT_PATH, condition.endpoint, body), body),)
    endpoint = experiment.endpoints[condition.endpoint]
    forcing = _FORCING.get(endpoint.preset or "")
    if forcing is None:
        raise ExperimentError(
            f"condition {condition.id}: likelihood answers need a server that can force an option; "
            f"give endpoint {condition.endpoint!r} one of the presets {', '.join(_FORCING)}"
        )
    requests = []
    for option, text in enumerate(item.choices):
        forced: dict[str, Json] = {**body, **_force(forcing, continuation(text, layout))}
        key = request_key("POST", CHAT_PATH, condition.endpoint, forced)
        requests.append(PlannedRequest(key, forced, option))
    return tuple(requests)


def _force(forcing: str, text: str) -> dict[str, Json]:
    if forcing == "grammar":
        # The grammar admits any spelling of the option in tokens; the bias makes the server take the usual one
        # (" gravity", not " ", "g", "rav", …). llama.cpp reports logprobs from before bias and grammar.
        literal = json.dumps(text, ensure_ascii=False)
        return {"grammar": f"root ::= {literal}", "logit_bias": [[text, 100]]}
    return {"structured_outputs": {"choice": [text]}}
