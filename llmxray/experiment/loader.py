"""From a file or a text to an ``Experiment``, or to an error of one line that says what is wrong and where."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path as FilePath
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from llmxray import limits
from llmxray.errors import ExperimentError
from llmxray.experiment import fields
from llmxray.experiment.faults import Fault, Path, sentence, shown
from llmxray.experiment.fields import Strict
from llmxray.experiment.model import Experiment
from llmxray.experiment.sampling import Variant
from llmxray.experiment.site import Site
from llmxray.experiment.spelling import did_you_mean
from llmxray.experiment.yaml_loader import TOO_LARGE, Document, read_yaml
from llmxray.regular_files import open_regular_file
from llmxray.types import Json

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
    """Every finding of a validation, in pydantic's order, as a sentence without names of classes and types."""
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


def load(path: str | FilePath) -> Experiment:
    """Read an experiment file.

    Raises:
        ExperimentError: the file cannot be read, is not UTF-8, is not YAML, or is no valid experiment.
    """
    return parse(_text_of(path), file=str(path))


def load_site(path: str | FilePath) -> Site:
    """Read a site file; without one, the defaults.

    Raises:
        ExperimentError: the file cannot be read, or is no valid site file.
    """
    if not FilePath(path).exists():
        return Site()
    return _validated(Site, _text_of(path), str(path))


def error_at(path: str | FilePath, where: Path, reason: str) -> ExperimentError:
    """The error for a fault found after loading, such as an unknown suite, with its place.

    Args:
        path: the experiment file, read again for the position.
        where: keys and indices, such as ``("suites", 0, "suite")``.
        reason: a sentence without the path.
    """
    document = read_yaml(_text_of(path), file=str(path))
    return _error([Fault(where, reason)], document, str(path))


def _text_of(path: str | FilePath) -> str:
    file = str(path)
    try:
        with open_regular_file(FilePath(path)) as stream:
            # One byte more than the limit is read, which is enough to see that a file is too large.
            raw = stream.read(limits.YAML_BYTES + 1)
    except FileNotFoundError:
        raise ExperimentError("there is no such file", file=file) from None
    except IsADirectoryError:
        raise ExperimentError("this is a folder; name the YAML file in it", file=file) from None
    except OSError as error:
        raise ExperimentError(f"cannot be read: {error.strerror or error}", file=file) from None
    if len(raw) > limits.YAML_BYTES:
        raise ExperimentError(TOO_LARGE, file=file)
    return _decoded(raw, file)


def parse(text: str, *, file: str = "<text>") -> Experiment:
    """Turn the text of an experiment file into an ``Experiment``.

    Raises:
        ExperimentError: names file, line, column and path of the first fault, and counts the others.
    """
    return _validated(Experiment, text, file)


def _validated[T: Strict](model: type[T], text: str, file: str) -> T:
    document = read_yaml(text, file=file)
    faults = list(_empty_values(document, document.data, ()))
    if not faults:
        try:
            # The data are JSON-like values: the YAML was read above.
            return model.model_validate(document.data)
        except ValidationError as error:
            faults = list(faults_of(error))
    raise _error(faults, document, file)


def _decoded(raw: bytes, file: str) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        reason = "not UTF-8; save the file with UTF-8 encoding"
        raise ExperimentError(reason, file=file, line=line) from None


def _empty_values(document: Document, value: Json, path: Path) -> Iterator[Fault]:
    """Faults for keys without a value: most often one was forgotten, so they are never ignored."""
    if value is None:
        if not _is_request_field(path):
            yield Fault(path, "has no value; fill it in, or remove it", at_key=True)
        elif path in document.blank:
            advice = "fill it in, remove it, or write null to leave the field out of the request"
            yield Fault(path, f"has no value; {advice}", at_key=True)
    elif isinstance(value, list):
        for index, entry in enumerate(value):
            yield from _empty_values(document, entry, (*path, index))
    elif isinstance(value, dict):
        for key, entry in value.items():
            # A server's own fields are passed on as they are, null included.
            if key != "extra":
                yield from _empty_values(document, entry, (*path, key))


def _is_request_field(path: Path) -> bool:
    """Whether the path is that of a request field, which null leaves out."""
    match path:
        case ("sampling", _) | ("models", int(), "sampling", _):
            return True
        case ("variants", int(), str(name)):
            return name not in Variant.own
    return False


def _error(faults: list[Fault], document: Document, file: str) -> ExperimentError:
    def place(fault: Fault) -> tuple[int, int]:
        return document.position(fault.path, at_key=fault.at_key)

    # The first one in the file is reported, because files are read and fixed from top to bottom.
    first = min(faults, key=place)
    line, column = place(first)
    others = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    reason = sentence(first.path, first.message) + others
    return ExperimentError(reason, file=file, line=line, column=column)
