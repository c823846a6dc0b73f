"""Previews as lines to print: a suite's first question, and a mapping for the columns of an unknown data set."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from llmxray import suites
from llmxray.errors import InputError, SuiteError
from llmxray.experiment import Source, SuiteRef
from llmxray.plan import Plan, reorder_options
from llmxray.report.numbers import plural
from llmxray.scoring import messages
from llmxray.suites import named_columns, sources
from llmxray.suites.preview import propose
from llmxray.types import AnswerKind, Item, Json, Trial
from llmxray.wire import prompt_of

_MOST_LINES, _MOST_CHARACTERS = 24, 60
# By chance, ten questions with four options have the right one in the same place once in a quarter of a million.
_ENOUGH = 10
_PLAIN = re.compile(r"[A-Za-z][\w./-]*(?: [\w./-]+)*")
# YAML reads these words as true, false or null unless they are quoted.
_WORDS = ("true", "false", "null")


def first_question(plan: Plan, suite: str, trials: Sequence[Trial]) -> Iterator[str]:
    """The suite's first question as its first condition sees it, with the right answer.

    Args:
        trials: those of the suite.
    """
    trial = next((trial for trial in trials if trial.requests), None)
    if trial is None:
        return
    item = next(item for item in plan.suites[suite].items if item.id == trial.item)
    item, kind = reorder_options(item, trial.order), plan.answer_kinds()[trial.condition, trial.suite]
    yield f"the first question, as {trial.condition} sees it (right: {_right(item, kind)}):"
    yield from _quoted(_conversation(prompt_of(trial.requests[0].body)))
    if kind == "likelihood":
        yield f"replies weighed: {' | '.join(map(_start, item.choices))}"


def fixed_position_warning(plan: Plan, suite: str, trials: Sequence[Trial]) -> str:
    """A warning if the right option is always in the same place, as in data sets that list it first; else "".

    Args:
        trials: those of the suite.
    """
    planned = plan.suites[suite]
    items = {item.id: item for item in planned.items}
    lettered = {condition.id for condition in plan.conditions if planned.answer_kind(condition) == "letter"}
    letters = [
        reorder_options(items[trial.item], trial.order).answer
        for trial in trials
        if trial.condition in lettered and items[trial.item].choices
    ]
    if len(letters) < _ENOUGH or len({*letters}) > 1:
        return ""
    return f"the right option is always {letters[0]}: shuffle the options with 'shuffle_options: {{seed: 1}}'"


def propose_suite_entry(
    file: Path, split: str | None = None, config: str | None = None, *, base: Path = Path()
) -> Iterator[str]:
    """The entry of a suite that reads this file or folder, and its first question.

    Args:
        base: folder of the experiment file that the entry is for.

    Raises:
        InputError: it cannot be read, or no columns look like question and answer.
    """
    source = _source(file, split, config, base)
    rows = sources.read_rows(Source.model_validate(source), base, config)
    yield f"# {file.name}: {plural(len(rows), 'row')} with the columns {', '.join(map(str, rows[0].data))}."
    own = suites.own_rows(rows)
    for name in own:
        yield f"# These are rows of {name}: 'suite: {name}' reads them without 'columns:'."
    try:
        mapping = propose(rows)
    except SuiteError:
        # A benchmark that llmxray knows may have rows that columns cannot describe, such as TruthfulQA's.
        if own:
            return
        raise
    entry = {
        "suite": name_of_data(file),
        **({"config": config} if config else {}),
        "source": source,
        "columns": mapping.columns,
        **({"answer_is": mapping.answer_is} if mapping.answer_is else {}),
        **({"choices": list(mapping.choices)} if mapping.choices else {}),
    }
    ref = SuiteRef.model_validate({**entry, "bad_rows": "skip"})
    assert ref.columns is not None
    items, faults = named_columns.read_items(ref, ref.columns, rows)
    if any(not fault.item for fault in faults):
        entry["bad_rows"] = "skip"
    yield from (f"# {note}" for note in mapping.notes)
    yield "# A path is relative to the experiment file."
    yield "suites:"
    for number, (key, value) in enumerate(entry.items()):
        yield f"  {' ' if number else '-'} {key}: {_flow(value)}"
    kind: AnswerKind = "letter" if items[0].choices else "text"
    yield f"# The first of {plural(len(items), 'question')}, as a model sees it (right: {_right(items[0], kind)}):"
    asked = _conversation(messages("zero-shot", items[0], kind, ()))
    yield from (f"# {line}" for line in _quoted(asked))
    if faults:
        yield f"# {plural(len(faults), 'fault')} in the data, the first: {faults[0]}"


def _source(file: Path, split: str | None, config: str | None, base: Path) -> dict[str, str]:
    if file.suffix.lower() in (".yaml", ".yml"):
        raise InputError(
            f"{file}: a suite file in YAML needs no columns; write 'suite: custom' and "
            f"'source: {{file: {file.name}}}'"
        )
    path = Path(os.path.relpath(file, base)).as_posix() if base != Path() else file.as_posix()
    if file.is_dir():
        return {"folder": path, **({"split": split} if split else {})}
    for option, value in (("--split", split), ("--config", config)):
        if value is not None:
            raise InputError(f"{file}: {option} goes with a folder; this is a file")
    return {"file": path}


def _flow(value: Any) -> str:
    """A value as YAML on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_flow(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return _scalar(str(value))


def _scalar(text: str) -> str:
    plain = _PLAIN.fullmatch(text) and text.casefold() not in _WORDS
    return text if plain else json.dumps(text, ensure_ascii=False)


def name_of_data(file: Path) -> str:
    """A name for a suite, or an experiment, of a file's: not one of the suites that there are."""
    stem = file.name.split(".")[0].lower()
    name = re.sub(r"[^a-z0-9]+", "-", stem).strip("-") or "quiz"
    return f"my-{name}" if name in suites.names() or name.replace("-", "_") in suites.names() else name


def _right(item: Item, kind: AnswerKind) -> str:
    text = _start(item.answer_text)
    return f"{item.answer}, {text}" if kind == "letter" and item.choices else text


def _start(text: str) -> str:
    """The beginning of a text, in one line."""
    line = " ".join(text.split())
    return line if len(line) <= _MOST_CHARACTERS else line[:_MOST_CHARACTERS].rstrip() + "…"


def _conversation(sent: Json | list[Json]) -> str:
    """The messages of a request as text, each after its role if there are several."""
    turns = [turn for turn in sent if isinstance(turn, dict)] if isinstance(sent, list) else []
    if len(turns) == 1:
        return str(turns[0].get("content", ""))
    return "\n".join(f"[{turn.get('role', '')}] {turn.get('content', '')}" for turn in turns)


def _quoted(text: str) -> Iterator[str]:
    """The end of a text, with the question, line by line behind a bar."""
    lines = text.split("\n")
    if len(lines) > _MOST_LINES:
        yield f"| … {len(lines) - _MOST_LINES} lines before"
    yield from (f"| {line}".rstrip() for line in lines[-_MOST_LINES:])
