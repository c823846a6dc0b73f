"""Pydantic's findings as sentences with their places, without names of classes and types."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from llmxray.experiment import fields
from llmxray.experiment.faults import Fault, Path, shown
from llmxray.experiment.spelling import did_you_mean

_LOWER_NAME = "lower-case letters, digits and {marks}, beginning with a letter or digit"
_PATTERN_HELP: Mapping[str, str] = {
    fields.NAME_PATTERN: "is not a usable name: " + _LOWER_NAME.format(marks="'-'"),
    fields.LABEL_PATTERN: "is not a usable name: " + _LOWER_NAME.format(marks="'-', '.', '_'"),
    fields.SUITE_PATTERN: "is not a suite's name, such as starter/arc or mmlu_pro",
    fields.HUB_PATTERN: "is not a data set's name, such as allenai/ai2_arc",
    fields.HUB_MODEL_PATTERN: "is not the name of a model on the Hub, such as Qwen/Qwen3-8B",
    fields.DATE_PATTERN: "is not a day, such as 2026-11-25",
    fields.CURRENCY_PATTERN: "is not a currency code, such as USD or EUR",
}
_KEY_ENV_HELP = (
    "must be the name of an environment variable in capitals, such as OPENAI_API_KEY; "
    "the key itself never stands in the file"
)
_WANTED: Mapping[str, str] = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list, such as [a, b] or lines that begin with '- '",
    "model_type": "a mapping of keys, such as {key: value}",
    "model_attributes_type": "a mapping of keys, such as {key: value}",
    "dict_type": "a mapping of keys, such as {key: value}",
    "mapping_type": "a mapping of keys, such as {key: value}",
}
# The mapping that is wanted at a key; the commonest mistake is the bare name of a file.
_MAPPINGS: Mapping[str, str] = {
    "source": "where the rows are, such as {file: rows.jsonl} or {hub: TIGER-Lab/MMLU-Pro}",
    "columns": "what each column holds, such as {question: question, choices: choices.text, answer: answerKey}",
}
_EXAMPLES: Mapping[str, str] = {
    "experiment": "; write a name such as 'experiment: my-first'",
    "kind": "; write 'kind: benchmark' or 'kind: compare'",
    "endpoints": "; write a server such as 'endpoints: {tiny: {preset: local}}'",
    "models": "; write a list such as 'models: [{id: a, endpoint: tiny, model: smollm2-135m-instruct}]'",
}


def faults_of(error: ValidationError) -> Iterator[Fault]:
    """Every finding of a validation, in pydantic's order."""
    findings = error.errors(include_url=False)
    inside = {details["loc"][:depth] for details in findings for depth in range(len(details["loc"]))}
    for details in findings:
        if details["type"] == "too_short" and details["loc"] in inside:
            continue  # pydantic counts faulty entries as absent; the fault itself is reported
        # llmxray's validators report faults with their places; other findings are translated here.
        loc: Path = details["loc"]
        if details["type"] == "faults":
            for fault in details["ctx"]["faults"]:
                yield Fault((*loc, *fault.path), fault.message, fault.at_key)
        # "[key]" is pydantic's mark for the key of a mapping, and no part of the path.
        elif loc and loc[-1] == "[key]":
            yield Fault(loc[:-1], _message(details), at_key=True)
        elif details["type"] == "missing":
            # A missing key has no place, so its parent's is used.
            yield Fault(loc[:-1], f"'{loc[-1]}' is missing{_EXAMPLES.get(str(loc[-1]), '')}")
        else:
            yield Fault(loc, _message(details))


def _message(details: ErrorDetails) -> str:
    kind, value = details["type"], details["input"]
    # The value is never shown, because it may be the API key itself.
    if details["loc"] and details["loc"][-1] == "key_env":
        return _KEY_ENV_HELP
    if kind in _WANTED:
        # A text in place of an endpoint's mapping may be a pasted API key.
        secret = details["loc"][:1] == ("endpoints",) and isinstance(value, str)
        wanted = _MAPPINGS.get(str(details["loc"][-1]), _WANTED[kind]) if details["loc"] else _WANTED[kind]
        return f"must be {wanted}, not {'a text' if secret else shown(value)}"
    if kind in _SAYINGS:
        return _SAYINGS[kind](value, details.get("ctx", {}))
    return details["msg"]


def _text(value: Any, _context: Mapping[str, Any]) -> str:
    advice = "; put it in quotes" if isinstance(value, int | float) else ""
    return f"must be text, not {shown(value)}{advice}"


def _choice(value: Any, context: Mapping[str, Any]) -> str:
    # Pydantic's context has the choices only in a sentence.
    choices = re.findall(r"'([^']*)'", str(context["expected"]))
    listed = ", ".join(choices[:-1]) + f" or {choices[-1]}"
    guess = did_you_mean(value, choices) if isinstance(value, str) else ""
    return f"must be {listed}, not {shown(value)}{guess}"


def _pattern(value: Any, context: Mapping[str, Any]) -> str:
    return f"{shown(value)} {_PATTERN_HELP[context['pattern']]}"


def _entries(_value: Any, context: Mapping[str, Any]) -> str:
    count = context["min_length"]
    return f"needs at least {'one entry' if count == 1 else f'{count} entries'}"


_SAYINGS: Mapping[str, Callable[[Any, Mapping[str, Any]], str]] = {
    "string_type": _text,
    "literal_error": _choice,
    "string_pattern_mismatch": _pattern,
    "string_too_short": lambda _value, _context: "must not be empty",
    "string_too_long": lambda _value, context: f"must have at most {context['max_length']} characters",
    "too_short": _entries,
    "greater_than_equal": lambda value, context: f"must be at least {context['ge']:g}, not {value}",
    "greater_than": lambda value, context: f"must be more than {context['gt']:g}, not {value}",
    "less_than_equal": lambda value, context: f"must be at most {context['le']:g}, not {value}",
}
