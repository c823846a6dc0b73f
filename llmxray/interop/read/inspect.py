"""Logs of Inspect (`.eval`, `.json`; UK AI Security Institute), versions 1 and 2 of the format.

A `.eval` file is a zip of ``header.json`` and ``samples/ID_epoch_N.json``, stored with zstd since 2026; a run that was
broken off has ``_journal/start.json`` in place of the header. Long texts may be references to attachments. The
log-probabilities of a sample are those of its last reply, in the form of the chat API.

Source: the classes ``EvalLog`` and ``EvalSample`` of ``inspect_ai.log``, and ``inspect_ai.log._recorders.chunked``.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from llmxray.interop.read import values
from llmxray.interop.read.archive import Archive
from llmxray.interop.read.marks import right_of
from llmxray.interop.read.record import (
    Expected,
    LogFile,
    Record,
    Run,
    StatedFigures,
    ToolMark,
    category_of,
    correct_answer,
    shortened,
)
from llmxray.interop.read.tokens import SHUFFLED, UNLIKE, read_tokens

TOOL = "Inspect"
_ATTACHMENT = "attachment://"
_HEADERS = ("header.json", "_journal/start.json")
# What the scorer `choice` says of a sample, and all that is left of a reply whose letter was put back in order.
_SAYS_SHUFFLED = "Choices were shuffled before generating a response"
_PUT_BACK = re.compile(r"ANSWER: [A-Z](?:, [A-Z])*")

_SAMPLE = re.compile(r"(?P<folder>samples/.+_epoch_\d+)(?:\.json|(?P<is_folder>/sample\.json))", re.DOTALL)
_PART = re.compile(
    r"(?P<folder>samples/.+_epoch_\d+)/(?P<list>messages|attachments)/(?P<first>\d{1,9})\.json", re.DOTALL
)


def is_archive(archive: Archive) -> bool:
    """Whether a zip file is a log."""
    return any(name in archive.names for name in _HEADERS)


def read_archive(name: str, archive: Archive) -> LogFile:
    """A `.eval` file.

    Raises:
        ValueError: a member is damaged, or not JSON.
    """

    def parsed(member: str) -> Any:
        return values.parse(archive.read(member))

    head = parsed(next(each for each in _HEADERS if each in archive.names))
    return _source(name, head, _samples(archive.names, parsed))


def read_json(name: str, log: values.Object) -> LogFile:
    """A log in one JSON object."""
    return _source(name, log, values.objects(log, "samples"))


def _source(name: str, log: values.Object, found: Iterable[Any]) -> LogFile:
    spec, run = values.obj(log, "eval"), _run(log)
    task = values.text(spec.get("task")) or "task"
    # Its letters are put back in order afterwards, those of the tokens are not. A solver of the user's may do it as
    # well, of which the plan says nothing.
    shuffled = any(
        values.inner(each, "params", "shuffle") not in (None, False)
        for each in values.objects(log, "plan", "steps")
    )
    records = []
    for each in found:
        if isinstance(each, dict):
            records.append(_record(each, task, run))
            shuffled = shuffled or _was_shuffled(each, records[-1])
    if shuffled:
        records = [replace(each, tokens=(), tokens_why=SHUFFLED) if each.tokens else each for each in records]
    dates = (spec.get("created"), values.inner(log, "stats", "completed_at"))
    when = max(map(values.when, dates))
    n_invalid = sum(record.invalid for record in records)
    notes = tuple(_notes(name, log, len(records), n_invalid))
    return LogFile(name, tuple(records), notes, when, {(run.once, task): _stated(log)} if run.once else {})


def _samples(names: Sequence[str], parsed: Callable[[str], Any]) -> Iterator[Any]:
    """Each sample of an archive as an object, whatever it is written as.

    Since 2026 a long sample may be a folder: ``sample.json`` with everything but its messages, of which it has ranges;
    ``metadata.json``; and the lists ``messages`` and ``attachments`` in parts, each named by the number of its first
    entry. Attachments are named by their number. What else is there (events, calls, statistics) is no sample.

    Args:
        names: of the members.
        parsed: the JSON value of a member.

    Raises:
        ValueError: a member cannot be read.
    """
    parts: dict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
    for name in names:
        if found := _PART.fullmatch(name):
            parts[found["folder"], found["list"]].append((int(found["first"]), name))
    known = set(names)
    for name in names:
        if not (found := _SAMPLE.fullmatch(name)):
            continue
        sample, folder = parsed(name), found["folder"]
        if found["is_folder"] and isinstance(sample, dict):
            messages = _entries(parts[folder, "messages"], parsed)
            attachments = _entries(parts[folder, "attachments"], parsed)
            about = f"{folder}/metadata.json"
            sample["metadata"] = parsed(about) if about in known else {}
            # Each range ends before its second number.
            bounds = (map(values.place, each) for each in values.listed(sample, "message_refs"))
            sample["messages"] = [message for start, end in bounds for message in messages[start:end]]
            sample["attachments"] = {str(number): text for number, text in enumerate(attachments)}
        yield sample


def _entries(parts: Sequence[tuple[int, str]], parsed: Callable[[str], Any]) -> list[Any]:
    return [each for _, name in sorted(parts) for each in values.listed({"part": parsed(name)}, "part")]


def _was_shuffled(sample: values.Object, record: Record) -> bool:
    """Whether a sample shows that its options stood in another order when it was asked."""
    if record.tokens_why == UNLIKE and record.choices and _PUT_BACK.fullmatch(record.text.strip()):
        return True
    whole = _resolver(values.obj(sample, "attachments"))
    said = (
        values.text(values.inner(score, "explanation")) for score in values.obj(sample, "scores").values()
    )
    return any(whole(each).startswith(_SAYS_SHUFFLED) for each in said)


def _stated(log: values.Object) -> StatedFigures:
    """The accuracies of the log by scorer; of several reducers, the first is the one that Inspect shows."""
    figures: dict[str, float] = {}
    for score in values.objects(log, "results", "scores"):
        called = values.text(score.get("name"))
        if (accuracy := values.number(values.inner(score, "metrics", "accuracy", "value"))) is not None:
            for name in (called, f"{values.text(score.get('scorer'))} {called}"):
                figures.setdefault(shortened(name), accuracy)
    return StatedFigures(figures)


def _notes(name: str, log: values.Object, n: int, n_invalid: int) -> Iterator[str]:
    status = values.text(log.get("status")) or "unfinished"
    if status != "success":
        yield f"{name}: the run did not end (status: {status}); its {n} samples are read"
    if n_invalid:
        them = "1 sample is" if n_invalid == 1 else f"{n_invalid} samples are"
        yield (
            f"{name}: {them} marked as invalid; as in Inspect, they count until a retry of the run, "
            "read with this file, replaces them"
        )


def _run(log: values.Object) -> Run:
    spec, plan = values.obj(log, "eval"), values.obj(log, "plan")
    config = {**values.obj(spec, "model_generate_config"), **values.obj(plan, "config")}
    settings = values.settings(config)
    if config.get("logprobs") is True:
        settings["logprobs"] = True
    solvers = [values.text(each.get("solver")) for each in values.objects(plan, "steps")]
    arguments = [
        # What llmxray writes there is what a condition is called beside its model.
        values.shown(value) if key == "condition" else f"{values.shown(key)}={values.shown(value)}"
        for key, value in values.obj(spec, "task_args_passed").items()
    ]
    return Run(
        TOOL,
        values.text(values.inner(spec, "packages", "inspect_ai")),
        values.checkpoint(values.text(spec.get("model")) or "model", values.obj(spec, "model_args")),
        settings,
        values.count(config.get("max_tokens")),
        ", ".join(filter(None, [*arguments, *solvers])),
        values.text(spec.get("eval_set_id")) or values.text(spec.get("run_id")),
        # Kept by `inspect eval-retry`, unlike the id of the run.
        values.text(spec.get("task_id")),
    )


def _record(sample: dict[str, Any], task: str, run: Run) -> Record:
    whole = _resolver(values.obj(sample, "attachments"))
    choice = next(iter(values.objects(sample, "output", "choices")), {})
    message = values.obj(choice, "message")
    reasoning, said = _said(message.get("content"), whole)
    # What a scorer took from the reply is the text; the tokens must spell it, see `read_tokens`.
    tokens, why = read_tokens(choice.get("logprobs"), said)
    marks, given = _marks(sample, whole)
    usage = values.obj(sample, "output", "usage")
    return Record(
        run=run,
        task=task,
        item=values.text(sample.get("id")) or "sample",
        epoch=max(0, values.place(sample.get("epoch")) - 1),
        question=_question(sample.get("input"), whole),
        **_expected(sample, whole),
        prompt=_prompt(sample, whole),
        text=said,
        reasoning=reasoning,
        tokens=tokens,
        tokens_why=why,
        finish_reason=values.text(choice.get("stop_reason")) or None,
        marks=marks,
        extracted=given,
        latency_s=values.seconds(values.inner(sample, "output", "time")),
        prompt_tokens=values.count(usage.get("input_tokens")),
        completion_tokens=values.count(usage.get("output_tokens")),
        reasoning_tokens=values.count(usage.get("reasoning_tokens")),
        category=category_of(values.obj(sample, "metadata")),
        error=_error(sample, said, reasoning),
        invalid=isinstance(sample.get("invalidation"), dict),
    )


def _resolver(attachments: values.Object) -> Callable[[str], str]:
    """A function that puts an attachment in the place of its name."""

    def whole(text: str) -> str:
        if not text.startswith(_ATTACHMENT):
            return text
        return values.text(attachments.get(text.removeprefix(_ATTACHMENT))) or text

    return whole


def _said(content: object, whole: Callable[[str], str]) -> tuple[str, str]:
    """Thinking and answer of a message, whose content is a text or a list of parts."""
    if isinstance(content, str):
        return "", whole(values.text(content))
    parts = values.objects({"parts": content}, "parts")
    reasoning = [
        whole(values.text(part.get("reasoning"))) for part in parts if part.get("type") == "reasoning"
    ]
    said = [whole(values.text(each.get("text"))) for each in parts if each.get("type") == "text"]
    return "\n".join(filter(None, reasoning)), "".join(said)


def _question(value: object, whole: Callable[[str], str]) -> str:
    if isinstance(value, str):
        return whole(values.text(value))
    asked = [each for each in values.objects({"m": value}, "m") if each.get("role") == "user"]
    return _said(asked[-1].get("content"), whole)[1] if asked else ""


def _prompt(sample: values.Object, whole: Callable[[str], str]) -> tuple[tuple[str, str], ...]:
    """What was sent before the last reply."""
    sent = values.objects(sample, "messages")
    last = next((n for n, each in reversed([*enumerate(sent)]) if each.get("role") == "assistant"), len(sent))
    return tuple(
        (values.text(each.get("role")), _said(each.get("content"), whole)[1]) for each in sent[:last]
    )


def _expected(sample: values.Object, whole: Callable[[str], str]) -> Expected:
    """Options and right answer: a sample has options for `multiple_choice` only, whose targets are letters."""
    target = sample.get("target")
    right = [whole(values.text(each)) for each in (target if isinstance(target, list) else [target])]
    choices = tuple(map(whole, values.texts(sample.get("choices"))))
    return correct_answer(choices, [*filter(None, right)], "letter")


def _marks(sample: values.Object, whole: Callable[[str], str]) -> tuple[tuple[ToolMark, ...], str | None]:
    marks: list[ToolMark] = []
    given = None
    for scorer, score in values.obj(sample, "scores").items():
        if not isinstance(score, dict):
            continue
        value = score.get("value")
        parts = value.items() if isinstance(value, dict) else [("", value)]
        named = values.text(scorer)
        answer = score.get("answer")
        found = whole(values.text(answer)) if isinstance(answer, str) else None
        marks += [
            ToolMark(
                f"{named} {values.text(part)}".strip(),
                values.shown(each),
                right_of(each),
                found,
            )
            for part, each in parts
        ]
        given = given or found or None
    return tuple(marks), given


def _error(sample: values.Object, said: str, reasoning: str) -> str:
    message = values.text(values.inner(sample, "error", "message"))
    if message:
        return message
    called = any(values.listed(each, "tool_calls") for each in values.objects(sample, "messages"))
    if said or reasoning or called or values.objects(sample, "output", "choices"):
        return ""
    return values.text(values.inner(sample, "output", "error")) or "the sample has no reply"
