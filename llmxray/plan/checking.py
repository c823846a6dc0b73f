"""Checks of a plan that was read from a cassette: the types of its values, and the consistency of its parts.

Cassettes come from strangers, who can make every hash fit. What is wrong in a plan would show far from where it stands.
Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any, get_args

from llmxray.plan.bodies import layout_of, tool_declarations
from llmxray.plan.model import PROMPTS, Plan, key_of, reorder_options
from llmxray.plan.prompt_check import asks_question, forcing_of, has_condition_fields
from llmxray.types import LETTERS, AnswerKind, ApiName, Condition, Item, SuiteCard, Trial
from llmxray.wire import APIS


def _is_count(value: object) -> bool:
    # In Python True is an int too.
    return type(value) is int and value >= 0


_TOO_LARGE = 1e18
# Request fields that pages compute with and compare.
_NUMBERS = ("temperature", "top_p", "seed", "top_logprobs", "presence_penalty", "frequency_penalty")
# Checks by the annotation of a field, as written in `llmxray.types`.
_KINDS: Mapping[str, Callable[[Any], bool]] = {
    "str": lambda value: isinstance(value, str),
    "bool": lambda value: isinstance(value, bool),
    "int": _is_count,
    "int | None": lambda value: value is None or _is_count(value),
    "float | None": lambda value: (
        value is None or (isinstance(value, int | float) and not isinstance(value, bool))
    ),
    "tuple[str, ...]": lambda value: (
        isinstance(value, tuple) and all(isinstance(entry, str) for entry in value)
    ),
    "AnswerKind": lambda value: value in get_args(AnswerKind),
    "ApiName": lambda value: value in get_args(ApiName),
    "Mapping[str, Json]": lambda value: isinstance(value, dict),
}


def check_count(value: object) -> int:
    """Return the value if it is a count that can be shown.

    Raises:
        ValueError: the value is no whole number, is negative or too large.
    """
    if not isinstance(value, int) or not _is_count(value) or value > _TOO_LARGE:
        raise ValueError("a number of faults is no whole number")
    return value


def check_types(value: Condition | Item | SuiteCard) -> None:
    """Refuse a value with a field of another type than its own.

    Raises:
        ValueError: names the field.
    """
    for field in fields(value):
        if not _KINDS[str(field.type)](getattr(value, field.name)):
            raise ValueError(f"the {field.name} of a {type(value).__name__.lower()} is not of its type")
    if isinstance(value, Condition) and not all(_is_setting(value.sampling.get(name)) for name in _NUMBERS):
        raise ValueError("a request field of a condition is not the number that it should be")


def _is_setting(value: object) -> bool:
    # JSON allows whole numbers of any length, which pages cannot show.
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return value is None or (number and abs(value) < _TOO_LARGE)  # type: ignore[arg-type]


def check_fit(
    conditions: Sequence[Condition], pools: Mapping[str, Sequence[Item]], trials: Sequence[Trial]
) -> None:
    """Refuse conditions, items and trials that do not fit together.

    Args:
        pools: items by suite.

    Raises:
        ValueError: an id stands twice, a trial too, a right answer is no option, or a trial asks for what is not there.
    """
    _check_unique("condition", (condition.id for condition in conditions))
    items_by_key: dict[tuple[str, str], Item] = {}
    for suite, items in pools.items():
        _check_unique(f"item of {suite}", (item.id for item in items))
        for item in items:
            if item.choices and item.answer not in [*LETTERS[: len(item.choices)]]:
                raise ValueError(f"item {item.id!r} has an answer that is none of its options")
            if len(item.choices) > len(LETTERS):
                raise ValueError(f"item {item.id!r} has more options than there are letters")
            items_by_key[suite, item.id] = item
    for trial in trials:
        _check_trial(trial, items_by_key)
    _check_unique("trial", (trial.id for trial in trials))


def check_requests(plan: Plan) -> None:
    """Refuse trials whose requests ask another model, otherwise, or something else than the trial says.

    Else the reply to one question would be read as the answer to another without a word. The wording of instructions,
    worked examples and budgets is as it was frozen: later versions may word them otherwise.

    Raises:
        ValueError: names the trial.
    """
    conditions = {condition.id: condition for condition in plan.conditions}
    items, kinds = plan.items(), plan.answer_kinds()
    # Trials may share a request, whose key is computed once.
    keys: set[str] = set()
    forcings: dict[str, str | None] = {}
    for trial in plan.trials:
        condition, kind = conditions[trial.condition], kinds[trial.condition, trial.suite]
        item = items[trial.suite, trial.item]
        api = APIS[condition.api]
        _check_parts(trial, item, kind, api.prompt)
        shown = reorder_options(item, trial.order)
        tools = api.body({"tools": tool_declarations(item.tools)})["tools"]
        layout = layout_of(condition, trial.suite, kind)
        # A prompt of the experiment file may have a system prompt of its own.
        system = None if trial.suite == PROMPTS else condition.system
        for request in trial.requests:
            if request.key not in keys:
                keys.add(request.key)
                if request.key != key_of(condition, request.body, plan.ignored):
                    raise ValueError(f"a request of {condition.id!r} is not the one that its key stands for")
            is_right = (
                asks_question(shown, request.body.get(api.prompt), kind, layout, system)
                and has_condition_fields(request, condition, trial.sample, plan.ignored)
                and request.body.get("tools", []) == tools
            )
            if is_right and request.option is not None:
                forcing = forcing_of(shown, condition, request, layout)
                is_right = forcing is not None and forcings.setdefault(condition.id, forcing) == forcing
            if not is_right:
                raise ValueError(f"trial {trial.id} has a request that asks something else")


def _check_parts(trial: Trial, item: Item, kind: AnswerKind, prompt: str) -> None:
    """Refuse a trial that has other requests than are read, or a rotation that its options do not have."""
    wanted = [*range(len(item.choices))] if kind == "likelihood" else [None]
    if [request.option for request in trial.requests] != wanted:
        raise ValueError(f"trial {trial.id} has other requests than an answer of its kind is read from")
    # A hint in the prompt of one option would make it the likeliest.
    prompts = [request.body.get(prompt) for request in trial.requests]
    if any(messages != prompts[0] for messages in prompts):
        raise ValueError(f"trial {trial.id} weighs its options behind different prompts")
    if trial.rotation is not None and not (trial.order and trial.rotation < len(trial.order)):
        raise ValueError(f"trial {trial.id} has a rotation that its options do not have")


def _check_trial(trial: Trial, items_by_key: Mapping[tuple[str, str], Item]) -> None:
    item = items_by_key.get((trial.suite, trial.item)) if isinstance(trial.item, str) else None
    if item is None:
        raise ValueError(f"a trial asks for an item that is not there: {trial.item!r}")
    if not _is_count(trial.sample) or not (trial.rotation is None or _is_count(trial.rotation)):
        raise ValueError(f"a trial of item {item.id!r} has a sample or rotation that is no whole number")
    if trial.order and sorted(trial.order) != [*range(len(item.choices))]:
        raise ValueError(f"a trial of item {item.id!r} shows its options in an order that is none of them")
    options = [request.option for request in trial.requests if request.option is not None]
    if not all(_is_count(index) and index < len(item.choices) for index in options):
        raise ValueError(f"a trial of item {item.id!r} forces an option that it does not have")


def _check_unique(kind: str, ids: Iterable[str]) -> None:
    for name, times in Counter(ids).most_common(1):
        if times > 1:
            raise ValueError(f"the {kind} {name!r} stands twice")
