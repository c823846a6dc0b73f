"""Which format a file has, by what is in it; its name says nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from llmxray.interop.read import inspect, values
from llmxray.interop.read.app import is_table, read_table
from llmxray.interop.read.archive import Archive


class Format(StrEnum):
    """The kinds of files that are read, as messages call them."""

    INSPECT_ARCHIVE = "Inspect log (.eval)"
    INSPECT_JSON = "Inspect log (.json)"
    LM_EVAL_SAMPLES = "lm-evaluation-harness samples"
    LM_EVAL_RESULTS = "lm-evaluation-harness results"
    EEE_SAMPLES = "Every Eval Ever samples"
    EEE_AGGREGATE = "Every Eval Ever aggregate"
    HELM_STATE = "HELM scenario state"
    HELM_SPEC = "HELM run specification"
    HELM_STATS = "HELM statistics of instances"
    PROMPTFOO = "promptfoo results"
    PROMPTFOO_LINES = "promptfoo results (lines)"
    OPENAI_EVALS = "OpenAI Evals log"
    APP = "LLMxRay app file"


KNOWN = (
    "Inspect logs (.eval, .json), lm-evaluation-harness samples and results, Every Eval Ever, HELM "
    "scenario_state.json, promptfoo results, OpenAI Evals logs, files of the LLMxRay app"
)


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A file whose format is known.

    Attributes:
        content: an `Archive`, the object or list of a JSON file, or the objects of JSON lines.
        folder: what files of one folder have in common; it is not shown.
    """

    name: str
    format: Format
    content: Any
    folder: str = ""


def open_file(name: str, data: bytes) -> OpenedFile | None:
    """A file with its format; None where it has none of those that are read.

    Raises:
        ValueError: it begins like one, and is damaged.
    """
    if data.startswith(b"PK"):
        archive = Archive(data)
        return OpenedFile(name, Format.INSPECT_ARCHIVE, archive) if inspect.is_archive(archive) else None
    if is_table(data):
        return OpenedFile(name, Format.APP, read_table(name, data))
    bare = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not bare.startswith((b"{", b"[")):
        return None
    try:
        value = values.parse(bare)
    except ValueError as error:
        return _of_lines(name, bare, error)
    return _of_value(name, value)


def _of_lines(name: str, data: bytes, error: ValueError) -> OpenedFile | None:
    """Several objects, one a line; a file of one object that is damaged has no second line of its own."""
    first = data.split(b"\n", 1)[0]
    try:
        head = values.parse(first)
    except ValueError:
        raise ValueError(f"not JSON ({error})") from error
    found = _format_of_line(head) if isinstance(head, dict) else None
    return OpenedFile(name, found, list(values.lines(data))) if found else None


def _of_value(name: str, value: Any) -> OpenedFile | None:
    if isinstance(value, list):
        first = value[0] if value else None
        if isinstance(first, dict) and {"instance_id", "stats"} <= first.keys():
            return OpenedFile(name, Format.HELM_STATS, value)
        return None
    if not isinstance(value, dict):
        return None
    if line := _format_of_line(value):
        return OpenedFile(name, line, [value])
    found = _format_of_object(value)
    return OpenedFile(name, found, value) if found else None


def _format_of_line(line: dict[str, Any]) -> Format | None:
    keys = line.keys()
    if "doc_id" in keys and keys & {"resps", "filtered_resps"}:
        return Format.LM_EVAL_SAMPLES
    if {"schema_version", "sample_id", "evaluation_name"} <= keys:
        return Format.EEE_SAMPLES
    if {"run_id", "sample_id", "type", "data"} <= keys or ("eval_name" in values.obj(line, "spec")):
        return Format.OPENAI_EVALS
    if {"provider", "promptIdx"} <= keys or {"provider", "gradingResult", "response"} <= keys:
        return Format.PROMPTFOO_LINES
    return None


def _format_of_object(value: dict[str, Any]) -> Format | None:
    keys = value.keys()
    if "questionResults" in keys or {"slots", "executions"} <= keys:
        return Format.APP
    if {"version", "eval"} <= keys and "task" in values.obj(value, "eval"):
        return Format.INSPECT_JSON
    if {"adapter_spec", "request_states"} <= keys:
        return Format.HELM_STATE
    if {"adapter_spec", "scenario_spec"} <= keys:
        return Format.HELM_SPEC
    if {"schema_version", "evaluation_id", "evaluation_results"} <= keys:
        return Format.EEE_AGGREGATE
    if "results" in keys and keys & {"lm_eval_version", "n-shot", "configs", "git_hash"}:
        return Format.LM_EVAL_RESULTS
    nested = value.get("results")
    if isinstance(nested, dict) and isinstance(nested.get("results"), list):
        return Format.PROMPTFOO
    if isinstance(nested, list) and keys & {"stats", "evalId"}:
        return Format.PROMPTFOO
    return None
