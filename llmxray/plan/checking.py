"""Checks of a plan that was read from a cassette: the types of its values, and the consistency of its parts.

Cassettes come from strangers, who can make every hash fit. What is wrong in a plan would show far from where it stands.
Pure.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any, get_args

from llmxray.plan.forcing import FORCING_FIELDS, FORCINGS
from llmxray.plan.model import Plan, reorder_options
from llmxray.plan.servers import absent_fields
from llmxray.types import LETTERS, AnswerKind, Condition, Item, Json, PlannedRequest, SuiteCard, Trial


def _is_count(value: object) -> bool:
    # In Python True is an int too.
    return type(value) is int and value >= 0


# Request fields that pages compute with and compare.
_NUMBERS = ("temperature", "top_p", "seed", "top_logprobs", "presence_penalty", "frequency_penalty")
_TOO_LARGE = 1e18
# Limits in characters on texts that pages show in a line, by type and field; experiments stay far below. A system
# prompt may be as long as an experiment file.
_LONGEST: Mapping[tuple[type, str], int] = {
    (Condition, "model"): 1_000,
    (Condition, "layout"): 500,
    (Condition, "budget_reason"): 500,
    (Condition, "budget_field"): 500,
    (Condition, "label"): 1_000,
    (Condition, "system"): 1 << 20,
    (SuiteCard, "title"): 2_000,
}
# Limits on the number of a condition's request fields, and on the characters of their names.
_MOST_FIELDS, _LONGEST_FIELD = 1_000, 500
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
    """Refuse a value with a field of another type than its own, or with a text of a line that is megabytes long.

    Raises:
        ValueError: names the field.
    """
    for field in fields(value):
        content = getattr(value, field.name)
        if not _KINDS[str(field.type)](content):
            raise ValueError(f"the {field.name} of a {type(value).__name__.lower()} is not of its type")
        limit = _LONGEST.get((type(value), field.name))
        if limit is not None and len(content) > limit:
            field_name = f"the {field.name} of a {type(value).__name__.lower()}"
            raise ValueError(f"{field_name} has {len(content):,} characters, more than {limit:,}")
    if isinstance(value, Condition):
        _check_fields(value)
    if isinstance(value, Condition) and not all(_is_setting(value.sampling.get(name)) for name in _NUMBERS):
        raise ValueError("a request field of a condition is not the number that it should be")


def _check_fields(condition: Condition) -> None:
    for names in (condition.sampling, condition.omitted, condition.refused):
        if len(names) > _MOST_FIELDS or any(len(name) > _LONGEST_FIELD for name in names):
            raise ValueError(
                "a condition has more request fields, or longer names of them, than any server knows"
            )


def _is_setting(value: object) -> bool:
    # JSON allows whole numbers of any length, which pages cannot show.
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return value is None or (number and abs(value) < _TOO_LARGE)  # type: ignore[arg-type]


def check_fit(
    conditions: Sequence[Condition], pools: Mapping[str, Sequence[Item]], trials: Iterable[Trial]
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
            items_by_key[suite, item.id] = item
    found = tuple(trials)
    for trial in found:
        _check_trial(trial, items_by_key)
    _check_unique("trial", (trial.id for trial in found))


def check_requests(plan: Plan, groups: Mapping[str, str]) -> None:
    """Refuse trials whose requests ask another model, otherwise, or something else than the trial says.

    Else the reply to one question would be read as the answer to another without a word.

    Args:
        groups: by key of a request, the condition whose recordings hold the reply.

    Raises:
        ValueError: names the trial.
    """
    conditions = {condition.id: condition for condition in plan.conditions}
    items, kinds = plan.items(), plan.answer_kinds()
    askers: dict[str, set[str]] = {}
    # Conditions share their prompts, which are looked through once.
    seen: dict[tuple[str, str, tuple[int, ...], AnswerKind, int], bool] = {}
    for trial in plan.trials:
        shown = reorder_options(items[trial.suite, trial.item], trial.order)
        kind = kinds[trial.condition, trial.suite]
        for request in trial.requests:
            askers.setdefault(request.key, set()).add(trial.condition)
            prompt = request.body.get("messages")
            place = (trial.suite, trial.item, trial.order, kind, id(prompt))
            if place not in seen:
                seen[place] = _is_asked(shown, prompt, kind)
            if not (
                seen[place]
                and _has_settings(conditions[trial.condition], trial.sample, request)
                and _is_forced(shown, request)
            ):
                raise ValueError(f"trial {trial.id} has a request that asks something else")
    for key, names in askers.items():
        if groups[key] not in names:
            raise ValueError(f"a request of {groups[key]!r} is asked by {min(names)!r} only")


def _is_asked(shown: Item, prompt: Json, kind: AnswerKind) -> bool:
    """Whether a prompt has the question, and the options of a letter in the order in which they are shown."""
    if not isinstance(prompt, list):
        return False
    texts = [message.get("content") for message in prompt if isinstance(message, dict)]
    text = "\n".join(text for text in texts if isinstance(text, str))
    options = [option.strip() for option in shown.choices] if kind == "letter" else []
    return shown.question.strip() in text and _are_in_order(options, text)


def _are_in_order(options: Sequence[str], text: str) -> bool:
    end = 0
    for option in options:
        start = text.find(option, end)
        if start < 0:
            return False
        end = start + len(option)
    return True


def _has_settings(condition: Condition, sample: int, request: PlannedRequest) -> bool:
    """Whether a request has the model and the request fields of a condition; repeats have seeds of their own."""
    fields = {"model": condition.model, **condition.sampling}
    seed = fields.get("seed")
    if type(seed) is int:
        fields["seed"] = seed + sample
    own = FORCING_FIELDS if request.option is not None else frozenset()
    absent, body = absent_fields(condition), request.body
    return all(
        name not in body if name in absent else name in body and _is_same(body[name], value)
        for name, value in fields.items()
        if name not in own
    ) and not any(name in body for name in _NUMBERS if name not in fields)


def _is_same(a: Json, b: Json) -> bool:
    # To Python 1 is True, and JSON writes 1.0 and 1 where they mean the same.
    return a == b and isinstance(a, bool) == isinstance(b, bool)


def _is_forced(shown: Item, request: PlannedRequest) -> bool:
    """Whether a request that forces an option forces the one that it says."""
    if request.option is None:
        return True
    texts = (json.dumps(request.body[name], ensure_ascii=False) for name in FORCINGS if name in request.body)
    option = json.dumps(shown.choices[request.option].strip(), ensure_ascii=False)[1:-1]
    # A grammar has the option as JSON, and stands in the request as JSON again.
    twice = json.dumps(option, ensure_ascii=False)[1:-1]
    return any(option in text or twice in text for text in texts)


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
