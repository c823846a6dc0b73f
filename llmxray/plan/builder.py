"""Experiment + suites → Plan. Pure: the same experiment and items give the same plan, byte for byte."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial

from llmxray import limits
from llmxray.errors import ExperimentError
from llmxray.experiment import Experiment, Model, request_fingerprint
from llmxray.experiment.model import Shuffle, condition_label
from llmxray.experiment.sampling import Variant
from llmxray.plan.bodies import layout_of, request_body
from llmxray.plan.forcing import BY_PRESET, CANNOT_FORCE, FORCINGS, force_text, without_forcing
from llmxray.plan.model import PROMPTS, Plan, PlannedSuite, plan_request, reorder_options, trial_id
from llmxray.plan.rounds import rounds_of
from llmxray.scoring import (
    OPTIONS_ONLY,
    budget,
    continuation,
    messages,
    needs_examples,
    needs_reasoning,
    thinking,
)
from llmxray.scoring.budgets import STANDARD
from llmxray.suites.base import MOST_FAULTS, Suite, item_rng
from llmxray.types import BUDGET_FIELDS, AnswerKind, Condition, Item, Json, PlannedRequest, SuiteCard, Trial
from llmxray.wire import APIS


def build(experiment: Experiment, suites: Sequence[Suite]) -> Plan:
    """Return the plan of an experiment over the suites it names, in the order it names them.

    Raises:
        ExperimentError: a condition asks for something its endpoint cannot do, or for worked examples, worked
            steps or rotations that a suite does not have; or there would be more requests than `limits.REQUESTS`.
    """
    pools = [*suites]
    if experiment.prompts:
        pools.append(prompt_suite(experiment))
    shuffles: dict[str, Shuffle | None] = {}
    suites_of: dict[str, tuple[str, ...] | None] = {}
    conditions = []
    for model, condition in conditions_of(experiment):
        conditions.append(condition)
        suites_of[condition.id] = model.suites
        shuffles[condition.id] = model.shuffle_options or experiment.shuffle_options
    _check_size(experiment, suites_of, pools, conditions)
    shared, ignored = _Shared(), tuple(sorted(set(experiment.identity.ignore)))
    trials = [
        trial
        for condition in conditions
        for suite in pools
        if is_suite_asked(suite.name, suites_of[condition.id])
        for trial in _suite_trials(experiment, condition, suite, shuffles[condition.id], shared, ignored)
    ]
    _check_requests_differ(trials, conditions, experiment.identity.ignore)
    planned = {
        suite.name: PlannedSuite(suite.card, suite.items, suite.answer, *_faults(suite)) for suite in pools
    }
    plan = Plan(
        experiment.experiment,
        request_fingerprint(experiment),
        tuple(conditions),
        planned,
        tuple(trials),
        ignored,
        branches=experiment.branches,
    )
    return replace(plan, rounds=rounds_of(experiment, plan))


class _Shared:
    """What many requests share: prompts, keyed by all that they depend on, forced options, examples.

    Otherwise a large plan would consist mostly of copies.
    """

    def __init__(self) -> None:
        self._prompts: dict[tuple[object, ...], list[Json]] = {}
        self.forced = cache(force_text)
        self._examples: dict[tuple[str, str], tuple[Item, ...]] = {}

    def prompt(self, key: tuple[object, ...], make: Callable[[], list[Json]]) -> list[Json]:
        """Return the messages of a prompt."""
        if key not in self._prompts:
            self._prompts[key] = make()
        return self._prompts[key]

    def examples(self, suite: Suite, item: Item) -> tuple[Item, ...]:
        """Return `Suite.shots_for`, cached per suite and category."""
        key = suite.name, item.category
        if key not in self._examples:
            self._examples[key] = suite.shots_for(item)
        return self._examples[key]


def _check_size(
    experiment: Experiment,
    suites_of: Mapping[str, Sequence[str] | None],
    suites: Sequence[Suite],
    conditions: Sequence[Condition],
) -> None:
    """Count the requests before any of them is made."""
    # A likelihood answer takes one request per option, and so does a question that is asked once per rotation.
    options = {suite.name: sum(len(item.choices) or 1 for item in suite.items) for suite in suites}
    n_requests = experiment.samples * sum(
        options[suite.name]
        if experiment.rotations is not None or suite.answer_kind(condition) == "likelihood"
        else len(suite.items)
        for condition in conditions
        for suite in suites
        if is_suite_asked(suite.name, suites_of[condition.id])
    )
    if n_requests > limits.REQUESTS:
        raise ExperimentError(
            f"{n_requests:,} requests; at most {limits.REQUESTS:,} are planned: "
            "ask fewer samples, questions or conditions, or make several experiments"
        )


def _check_requests_differ(
    trials: Sequence[Trial], conditions: Sequence[Condition], ignore: Sequence[str]
) -> None:
    """Refuse two conditions that ask otherwise under one identity: both would get the recording of the first."""
    # Repeats differ by their seeds, so that those of two conditions meet only where these begin at different ones.
    seeds = {str(condition.sampling.get("seed")) for condition in conditions}
    asked: dict[str, tuple[str, Mapping[str, Json]]] = {}
    for trial in trials:
        for request in () if trial.sample and len(seeds) == 1 else trial.requests:
            first, body = asked.setdefault(request.key, (trial.condition, request.body))
            if first == trial.condition or body == request.body:
                continue
            fields = [
                name for name in sorted({*body, *request.body}) if body.get(name) != request.body.get(name)
            ] or sorted(body.keys() ^ request.body.keys())
            how = "leave one of the two out, or give each an endpoint of its own name"
            if named := [name for name in fields if name in ignore]:
                how = f"leave {', '.join(named)} out of 'ignore', or one of the two conditions out"
            raise ExperimentError(
                f"in {trial.suite}, conditions {first} and {trial.condition} differ only in {', '.join(fields)}, which "
                f"{'tells' if len(fields) == 1 else 'tell'} no requests apart: {how}"
            )


def is_suite_asked(suite: str, only: Sequence[str] | None) -> bool:
    """Whether a suite is asked of a model, by the model's list of suites."""
    # The prompts of the experiment file are asked of every model, whatever its list of suites.
    return only is None or suite in (*only, PROMPTS)


def conditions_of(experiment: Experiment) -> Iterator[tuple[Model, Condition]]:
    """Yield the conditions of an experiment file in its order, each with its model."""
    for model in experiment.models:
        for variant in experiment.expanded_variants(model) or (None,):
            yield model, _condition(experiment, model, variant)


def _condition(experiment: Experiment, model: Model, variant: Variant | None) -> Condition:
    answer = model.answer or experiment.answer
    sampling = experiment.request_fields(model, variant)
    omitted = experiment.omitted_fields(model, variant)
    api = APIS[experiment.endpoints[model.endpoint].api]
    stated = [(name, sampling.pop(name)) for name in reversed(api.budget_names) if name in sampling]
    declared = next((value for _, value in stated if value), None) or model.budget or experiment.budget
    named = next((name for name, _ in stated), BUDGET_FIELDS[0])
    budget_field = api.budget_field or experiment.budget_field(model) or named
    sent = omitted.isdisjoint(api.budget_names if api.budget_field else [budget_field])
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
        api=experiment.endpoints[model.endpoint].api,
    )


def prompt_suite(experiment: Experiment) -> Suite:
    """Return the prompts of an experiment file as a suite."""
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


def _faults(suite: Suite) -> tuple[tuple[str, ...], int]:
    """First faults of the items, and the number of the others."""
    item_ids = {item.id for item in suite.items}
    # A fault without an item is of a row that was left out; it always counts.
    item_faults = [fault for fault in suite.faults if not fault.item or fault.item in item_ids]
    return tuple(map(str, item_faults[:MOST_FAULTS])), max(0, len(item_faults) - MOST_FAULTS)


def _suite_trials(
    experiment: Experiment,
    condition: Condition,
    suite: Suite,
    shuffle: Shuffle | None,
    shared: _Shared,
    ignored: Sequence[str],
) -> Iterator[Trial]:
    kind = suite.answer_kind(condition)
    layout = layout_of(condition, suite.name, kind)
    _check_condition(condition, suite, layout, kind, rotated=experiment.rotations is not None)
    systems = {prompt.id: prompt.system for prompt in experiment.prompts} if suite.name == PROMPTS else {}
    for item in suite.items:
        system = systems.get(item.id) or condition.system
        shots = shared.examples(suite, item) if needs_examples(layout) else ()
        for rotation, order in orders_of(experiment, shuffle, suite.name, item):
            as_shown = reorder_options(item, order)
            prompt = shared.prompt(
                (suite.name, item.id, order, layout, kind, system),
                partial(messages, layout, as_shown, kind, shots, completion=suite.completion, system=system),
            )
            for sample in range(experiment.samples):
                body = request_body(condition, prompt, layout, kind, sample, as_shown.tools)
                requests = _requests(experiment, condition, body, as_shown, kind, layout, ignored, shared)
                name = trial_id(condition.id, suite.name, item.id, sample, rotation)
                yield Trial(name, condition.id, suite.name, item.id, sample, requests, order, rotation)


def _check_condition(
    condition: Condition, suite: Suite, layout: str, kind: AnswerKind, *, rotated: bool
) -> None:
    """Refuse a condition whose layout or answer kind the suite cannot provide, instead of asking without it."""
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
    if layout == OPTIONS_ONLY and kind not in ("letter", "likelihood"):
        raise ExperimentError(
            f"{where}: layout {layout} leaves only the options; use 'answer: likelihood' or 'answer: letter'"
        )
    if needs_examples(layout) and not suite.shots:
        zero_shot = layout.replace("few-shot", "zero-shot").replace("-think", "")
        other = "" if layout == OPTIONS_ONLY else f"use 'layout: {zero_shot}' or "
        raise ExperimentError(
            f"{where}: layout {layout} needs worked examples and this suite has none; {suite.shots_hint}"
            f"{other}leave the suite out"
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


def orders_of(
    experiment: Experiment, shuffle: Shuffle | None, suite: str, item: Item
) -> Iterator[tuple[int | None, tuple[int, ...]]]:
    """Yield (rotation, order of the options): one, or with ``rotations: all`` as many as there are options."""
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
    # The seed depends on the item's name, so that an item keeps its order in a smaller selection.
    rng = item_rng(shuffle.seed, f"{suite}/{item.id}")
    return tuple(int(index) for index in rng.permutation(len(item.choices)))


def _requests(
    experiment: Experiment,
    condition: Condition,
    body: dict[str, Json],
    item: Item,
    kind: AnswerKind,
    layout: str,
    ignored: Sequence[str],
    shared: _Shared,
) -> tuple[PlannedRequest, ...]:
    if kind != "likelihood":
        return (plan_request(condition, body, ignored),)
    if body.get("logprobs") is not True:
        raise ExperimentError(
            f"condition {condition.id}: likelihood answers are read from log-probabilities, and the file says not to "
            "ask for them: remove 'logprobs' under 'sampling', or use another 'answer:'"
        )
    preset = experiment.endpoints[condition.endpoint].preset or ""
    if preset in CANNOT_FORCE:
        raise ExperimentError(
            f"condition {condition.id}: likelihood answers need a server that can force an option; "
            f"{preset} cannot: give endpoint {condition.endpoint!r} one of the presets {', '.join(BY_PRESET)}, "
            "or the base_url of a server that can"
        )
    # Other servers are probed when recording begins, see `with_findings`.
    forcing = BY_PRESET.get(preset, FORCINGS[0])
    # A constraint of the file would be a second one beside it.
    free = without_forcing(body)
    requests = []
    for option, text in enumerate(item.choices):
        forced = {**free, **shared.forced(forcing, continuation(text, layout))}
        requests.append(plan_request(condition, forced, ignored, option))
    if len({request.key for request in requests}) < len(requests):
        raise ExperimentError(
            f"condition {condition.id}: 'identity' leaves out what tells the options of a question apart, the fields "
            f"{', '.join(force_text(forcing, ''))}: leave them out of 'ignore'"
        )
    return tuple(requests)
