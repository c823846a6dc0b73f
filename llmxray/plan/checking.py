"""Checks of a plan that was read from a cassette: the types of its values, and the consistency of its parts.

Cassettes come from strangers, who can make every hash fit. What is wrong in a plan would show far from where it stands.
Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any, get_args

from llmxray.types import LETTERS, AnswerKind, Condition, Item, SuiteCard, Trial


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
        ValueError: an id stands twice, a right answer is no option, or a trial asks for what is not there.
    """
    _check_unique("condition", (condition.id for condition in conditions))
    items_by_key: dict[tuple[str, str], Item] = {}
    for suite, items in pools.items():
        _check_unique(f"item of {suite}", (item.id for item in items))
        for item in items:
            if item.choices and item.answer not in [*LETTERS[: len(item.choices)]]:
                raise ValueError(f"item {item.id!r} has an answer that is none of its options")
            items_by_key[suite, item.id] = item
    for trial in trials:
        _check_trial(trial, items_by_key)


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
