"""Whether a plan that was read from a cassette is one: the types of its values, and that its parts fit together.

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
    # True is an int to Python.
    return type(value) is int and value >= 0


# Request fields that pages reckon with and compare.
_NUMBERS = ("temperature", "top_p", "seed", "top_logprobs", "presence_penalty", "frequency_penalty")
_TOO_LARGE = 1e18
# Characters of what pages write in a line, by type and field: far more than any experiment makes. A system prompt may
# be as long as an experiment file.
_LONGEST: Mapping[tuple[type, str], int] = {
    (Condition, "model"): 1_000,
    (Condition, "layout"): 500,
    (Condition, "budget_reason"): 500,
    (Condition, "budget_field"): 500,
    (Condition, "label"): 1_000,
    (Condition, "system"): 1 << 20,
    (SuiteCard, "title"): 2_000,
}
# Request fields of a condition, and characters of a name.
_MOST_FIELDS, _LONGEST_FIELD = 1_000, 500
# By the annotation of the field, as it is written in `llmxray.types`.
_KINDS: Mapping[str, Callable[[Any], bool]] = {
    "str": lambda value: isinstance(value, str),
    "bool": lambda value: isinstance(value, bool),
    "int": _is_count,
    "int | None": lambda value: value is None or _is_count(value),
    "float | None": lambda value: (
        value is None or (isinstance(value, int | float) and not isinstance(value, bool))
    ),
    "tuple[str, ...]": lambda value: (
        isinstance(value, tuple) and all(isinstance(each, str) for each in value)
    ),
    "AnswerKind": lambda value: value in get_args(AnswerKind),
    "Mapping[str, Json]": lambda value: isinstance(value, dict),
}


def check_count(value: object) -> int:
    """The value, once it is known to be a count that can be shown.

    Raises:
        ValueError: it is none.
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
        found = getattr(value, field.name)
        if not _KINDS[str(field.type)](found):
            raise ValueError(f"the {field.name} of a {type(value).__name__.lower()} is not of its type")
        most = _LONGEST.get((type(value), field.name))
        if most is not None and len(found) > most:
            what = f"the {field.name} of a {type(value).__name__.lower()}"
            raise ValueError(f"{what} has {len(found):,} characters, more than {most:,}")
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
    # Whole numbers of any length are JSON, and cannot be shown.
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
    _refuse_twice("condition", (each.id for each in conditions))
    known: dict[tuple[str, str], Item] = {}
    for suite, items in pools.items():
        _refuse_twice(f"item of {suite}", (item.id for item in items))
        for item in items:
            if item.choices and item.answer not in [*LETTERS[: len(item.choices)]]:
                raise ValueError(f"item {item.id!r} has an answer that is none of its options")
            known[suite, item.id] = item
    for trial in trials:
        _check_trial(trial, known)


def _check_trial(trial: Trial, known: Mapping[tuple[str, str], Item]) -> None:
    item = known.get((trial.suite, trial.item)) if isinstance(trial.item, str) else None
    if item is None:
        raise ValueError(f"a trial asks for an item that is not there: {trial.item!r}")
    if not _is_count(trial.sample) or not (trial.rotation is None or _is_count(trial.rotation)):
        raise ValueError(f"a trial of item {item.id!r} has a sample or rotation that is no whole number")
    if trial.order and sorted(trial.order) != [*range(len(item.choices))]:
        raise ValueError(f"a trial of item {item.id!r} shows its options in an order that is none of them")
    options = [each.option for each in trial.requests if each.option is not None]
    if not all(_is_count(each) and each < len(item.choices) for each in options):
        raise ValueError(f"a trial of item {item.id!r} forces an option that it does not have")


def _refuse_twice(what: str, ids: Iterable[str]) -> None:
    for name, times in Counter(ids).most_common(1):
        if times > 1:
            raise ValueError(f"the {what} {name!r} stands twice")
