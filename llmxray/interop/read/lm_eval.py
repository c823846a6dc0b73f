"""Files of EleutherAI's lm-evaluation-harness: ``results_*.json``, and ``samples_TASK_*.jsonl`` of ``--log_samples``.

The samples say neither task nor model: the results file written at the same second does, and the name of the samples
file, which ends like it. Numbers may be texts. A likelihood task has one summed log-probability an option
(``resps``), a generated answer has its text; a question stands once for each filter that answers went through.

Source: ``lm_eval.evaluator`` and ``lm_eval.loggers.evaluation_tracker``.
"""

from __future__ import annotations

import ast
import posixpath
import re
import warnings
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from llmxray.interop.read import values
from llmxray.interop.read.marks import right_of
from llmxray.interop.read.record import (
    NOT_NAMED,
    Expected,
    LogFile,
    Record,
    Run,
    StatedFigures,
    ToolMark,
    Unnamed,
    category_of,
    correct_answer,
    readings_of,
)
from llmxray.types import LETTERS, Json

TOOL = "lm-evaluation-harness"
NAMED = re.compile(r"(?:^|/)samples_(?P<task>.+?)_(?P<when>\d{4}-\d\d-\d\dT[0-9.:-]+)\.jsonl$")
_DATED = re.compile(r"(\d{4}-\d\d-\d\dT[0-9.:-]+)\.json$")
# Arguments of a model that name it, the first of them as the harness takes it.
_NAMES = ("peft", "delta", "pretrained", "model", "path", "engine")


@dataclass(frozen=True, slots=True)
class ResultsFile:
    """What a file of results says of its samples.

    Attributes:
        run: without what is of one task.
        shots: by task.
        chat: how questions were put, "" for as they are.
        tasks: all of them.
        parents: group of each task and group.
        higher: by task and metric, whether more of it is better.
        stated: for each task and group; the name of a filter is a part of each metric.
    """

    run: Run
    shots: values.Object
    chat: str
    tasks: Sequence[str]
    parents: Mapping[str, str]
    higher: values.Object
    stated: Mapping[str, StatedFigures]


class ResultsIndex:
    """Files of results, each looked through once however many files of samples there are.

    Args:
        results: name, folder and object of each.
    """

    def __init__(self, results: Iterable[tuple[str, str, values.Object]]) -> None:
        self._undated: dict[str, list[ResultsFile]] = {}
        self._in_folder: dict[str, list[ResultsFile]] = {}
        self._at: dict[tuple[str, str], ResultsFile] = {}
        for name, folder, content in results:
            dated = _DATED.search(name)
            about = read_results_file(content, dated[1] if dated else "")
            if dated:
                self._at.setdefault((folder, dated[1]), about)
            for known in (self._in_folder, *([] if dated else [self._undated])):
                # A file may be given twice, by itself and in its folder.
                if about not in known.setdefault(folder, []):
                    known[folder].append(about)

    def of(self, name: str, folder: str) -> ResultsFile | None:
        """Those written with a file of samples: at the same second and in the same folder, or the only ones there.

        Those of another second are another run's, of whatever model.
        """
        named = NAMED.search(name)
        if named and (about := self._at.get((folder, named["when"]))):
            return about
        only = (self._undated if named else self._in_folder).get(folder, [])
        return only[0] if len(only) == 1 else None


def read_results_file(content: values.Object, named: str = "") -> ResultsFile:
    """What a file of results says; without its object, what is said of samples that have none.

    Args:
        named: time in its name. No two runs of a model begin in one second.
    """
    config = values.obj(content, "config")
    tasks = [values.text(each) for each in values.obj(content, "configs")]
    given, arguments = config.get("gen_kwargs"), _arguments(config.get("model_args"))
    ran_by = values.text(config.get("model"))
    names = (values.text(content.get("model_name")), *(values.text(arguments.get(key)) for key in _NAMES))
    # What ran the model stands there, unless it was an object, which has its path on the hub.
    model = next(filter(None, names), ran_by if "/" in ran_by else "")
    return ResultsFile(
        Run(
            TOOL,
            values.text(content.get("lm_eval_version")),
            values.checkpoint(model or NOT_NAMED, arguments),
            values.settings(given if isinstance(given, dict) else {}),
            origin=f"{values.text(content.get('date')) or named} {model or NOT_NAMED}" if content else "",
            own_settings=True,
            unnamed=None if model else Unnamed("", ""),
        ),
        values.obj(content, "n-shot"),
        "chat template" if content.get("chat_template") else "",
        tasks,
        {
            values.text(part): values.text(group)
            for group, parts in values.obj(content, "group_subtasks").items()
            for part in values.listed({"parts": parts}, "parts")
        },
        values.obj(content, "higher_is_better"),
        {
            values.text(name): StatedFigures(
                {
                    values.text(metric): value
                    for metric, stated in values.obj(figures).items()
                    if (value := values.number(stated)) is not None
                },
                values.count(values.inner(content, "n-samples", name, "effective")) or 0,
            )
            for part in ("results", "groups")
            for name, figures in values.obj(content, part).items()
        },
    )


def _arguments(given: object) -> values.Object:
    """The arguments of a model: an object, or written as ``name=value,name=value``."""
    if isinstance(given, dict):
        return given
    return dict(each.strip().split("=", 1) for each in values.text(given).split(",") if "=" in each)


def task_of(name: str, about: ResultsFile) -> str:
    """The task of a file of samples."""
    if len(about.tasks) == 1:
        return about.tasks[0]
    named = NAMED.search(name)
    return named["task"] if named else posixpath.splitext(posixpath.basename(name))[0]


def groups_of(task: str, about: ResultsFile) -> tuple[str, ...]:
    """The groups that a task is part of, the outermost one first; none outside of groups."""
    names = [task]
    # A file of a stranger may lead in a circle.
    while (parent := about.parents.get(names[0])) and parent not in names:
        names.insert(0, parent)
    return tuple(names[:-1])


_QUESTIONS = (
    *("question", "Question", "query", "problem", "Problem", "question_stem", "qtext"),
    *("ctx", "input", "prompt", "sentence", "goal", "passage"),
)
type Requests = Sequence[tuple[Any, Any]]


def requests_of(row: values.Object) -> Requests:
    """Both arguments of each request, in order."""
    ordered = sorted(values.obj(row, "arguments").items(), key=lambda each: (len(each[0]), each[0]))
    return [(each.get("arg_0"), each.get("arg_1")) for _, each in ordered if isinstance(each, dict)]


def _prompt(requests: Requests) -> str:
    return values.text(requests[0][0]) if requests else ""


def question_of(doc: values.Object, requests: Requests) -> str:
    """The field of a document that is its question; "" where there is none."""
    fields = filter(None, (values.text(doc.get(name)) for name in _QUESTIONS))
    # A single word may say of what kind the question is: "cause" or "effect" in COPA, whose prompt is the premise.
    return next((text for text in fields if not _prompt(requests) or " " in text.strip()), "")


_CHOICES = ("choices", "endings", "options")
# The fields of a line that are no metric.
_NO_METRICS = frozenset(
    {"doc_id", "doc", "target", "arguments", "resps", "filtered_resps", "filter", "metrics"}
    | {"doc_hash", "prompt_hash", "target_hash"}
    # Of `--predict_only`: 999 for each reply.
    | {"bypass"}
)
_HASHES = "####"


def read_lm_eval(
    name: str,
    lines: Iterable[Any],
    results: ResultsIndex,
    folder: str = "",
) -> LogFile:
    """A file of samples, with the results file that belongs to it.

    Args:
        folder: what the files of one folder have in common.
    """
    known = results.of(name, folder)
    about = known or read_results_file({})
    task = task_of(name, about)
    groups = groups_of(task, about)
    named = NAMED.search(name)
    when = named["when"] if named else ""
    shots = values.count(about.shots.get(task))
    variant = ", ".join(filter(None, (f"{shots}-shot" if shots is not None else "", about.chat)))
    run = replace(about.run, variant=variant)
    if run.unnamed:
        shown, file = posixpath.split(name)
        # Of undated files in one folder, each may be another model's.
        place = Unnamed(folder, shown, "" if known or when else file, when)
        origin = run.origin or when
        run = replace(run, unnamed=place, origin=origin and f"{origin} {folder}")
    lower = {metric for metric, higher in values.obj(about.higher, task).items() if higher is False}
    documents = _by_document(lines)
    shared = _shared_ids(documents)
    records = [record for rows in documents for record in _records(rows, task, groups, run, shared, lower)]
    stated = {(run.once, part): about.stated[part] for part in (*groups, task) if part in about.stated}
    if task in about.stated:
        n_read = len({values.shown(row.get("doc_id")) for row, *_ in documents})
        stated[run.once, task] = replace(about.stated[task], n_read=n_read)
    if known is None:
        note = f"{name}: the file names no model; give the results_*.json of its folder as well, which does"
    else:
        note = f"{name}: its results name no model" if known.run.unnamed else ""
    return LogFile(name, tuple(records), tuple(filter(None, [note])), values.when(when), stated)


def _by_document(lines: Iterable[Any]) -> list[list[dict[str, Any]]]:
    """The lines of each question: one for each filter. The same filter once more is another question, or a repeat."""
    found: list[list[dict[str, Any]]] = []
    place: dict[tuple[str, ...], int] = {}
    filters: dict[tuple[str, ...], set[str]] = {}
    for line in lines:
        key = tuple(values.shown(line.get(name)) for name in ("doc_id", "doc_hash", "prompt_hash"))
        by = values.shown(line.get("filter"))
        if key not in place or by in filters[key]:
            place[key], filters[key] = len(found), set()
            found.append([])
        found[place[key]].append(line)
        filters[key].add(by)
    return found


def _records(
    rows: list[dict[str, Any]],
    task: str,
    groups: tuple[str, ...],
    run: Run,
    shared: Collection[str],
    lower: Collection[str],
) -> Iterable[Record]:
    row = rows[0]
    # In its group: ``law`` for ``mmlu_law`` in ``mmlu``.
    category = task.removeprefix(f"{groups[0]}_") if groups else ""
    doc, requests = values.obj(row, "doc"), requests_of(row)
    weighed = bool(requests) and isinstance(requests[0][1], str)
    if not weighed:
        stated = requests[0][1] if requests and isinstance(requests[0][1], dict) else {}
        settings: dict[str, Json] = {**run.settings, **values.settings(stated)}
        budget = values.count(stated.get("max_gen_toks")) or values.count(stated.get("max_tokens"))
        run = replace(run, settings=settings, budget=budget)
    record = Record(
        run=run,
        task=groups[0] if groups else task,
        part=task if groups else "",
        item=_item(row, doc, category, shared),
        question=question_of(doc, requests) or _prompt(requests),
        category=category or category_of(doc),
        marks=tuple(mark for each in rows for mark in _marks(each, lower, several=len(rows) > 1)),
        prompt=(("prompt", values.text(requests[0][0])),) if requests and values.text(requests[0][0]) else (),
    )
    return [_weighed(record, row, doc, requests)] if weighed else _written(record, row, doc)


def _shared_ids(documents: Iterable[list[dict[str, Any]]]) -> set[str]:
    """Ids that several documents have: they are of what these are about, as of a product with its reviews."""
    numbers: dict[str, str] = {}
    shared = set[str]()
    for row, *_ in documents:
        id_, number = values.text(values.inner(row, "doc", "id")), values.text(row.get("doc_id"))
        if id_ and numbers.setdefault(id_, number) != number:
            shared.add(id_)
    return shared


def _item(row: values.Object, doc: values.Object, category: str, shared: Collection[str]) -> str:
    """The question's own id, or its number; each task of a group numbers its own from 0."""
    number = values.text(row.get("doc_id")) or "document"
    id_ = values.text(doc.get("id"))
    above = id_ if id_ in shared else "" if id_ else category
    return f"{above}/{number}" if above else id_ or number


def _options(doc: values.Object) -> tuple[str, ...]:
    for name in _CHOICES:
        value = doc.get(name)
        found = values.texts(value.get("text") if isinstance(value, dict) else value)
        if 2 <= len(found) <= len(LETTERS):
            return found
    return ()


def _weighed(
    record: Record, row: values.Object, doc: values.Object, requests: Sequence[tuple[Any, Any]]
) -> Record:
    asked = [(values.text(context), values.text(option)) for context, option in requests]
    sums = [_sum(each) for each in values.listed(row, "resps")][: len(asked)]
    # For acc_mutual_info each option is weighed a second time, behind an empty prompt.
    half = len(asked) // 2
    if (
        half
        and not any(context for context, _ in asked[half:])
        and all(context for context, _ in asked[:half])
    ):
        asked, sums = asked[:half], sums[:half]
    if len(asked) < 2 or len(asked) > len(LETTERS) or len(sums) != len(asked):
        return replace(record, answer=values.text(row.get("target")) or None)
    # Where the text before the option differs and the option does not (WinoGrande), that text is the option.
    same = len({option for _, option in asked}) == 1
    options = _options(doc)
    forced = tuple(context.strip() if same else _undelimited(option, options) for context, option in asked)
    texts = tuple(each.strip() for each in forced)
    # What was weighed may be the letters of the options; but not the options in another order.
    letters = len(options) == len(texts) and sorted(map(str.strip, options)) != sorted(texts)
    choices = options if letters else texts
    right = _right(row.get("target"), doc, texts, choices)
    if not right.get("choices"):
        return replace(record, answer=values.whole(row.get("target")) or None)
    return replace(
        record,
        **right,
        option_nats=tuple(sums),
        forced=() if choices == forced else forced,
    )


def _undelimited(text: str, options: Sequence[str]) -> str:
    """An option as the harness counts its length: without the space that it puts in front, with all others."""
    return text if text in options or not text.strip() else text.removeprefix(" ")


def _right(target: object, doc: values.Object, texts: tuple[str, ...], choices: tuple[str, ...]) -> Expected:
    """The right option of those that were weighed.

    The harness looks for a text among what it weighed, and takes a number as a place from 0. Files have both as texts,
    so that "2" among the options 1, 2, 3 may be either.
    """
    # Several are right here; the target is a dummy.
    marked = values.obj(doc, "mc2_targets")
    labels = values.listed(marked, "labels")
    if tuple(map(str.strip, values.texts(marked.get("choices")))) == texts and len(labels) == len(texts):
        true = [place for place, label in enumerate(labels) if label == 1]
        if true:
            accept = tuple(choices[place] for place in true[1:])
            return {"choices": choices, "answer": LETTERS[true[0]], "accept": accept}
    found = readings_of(target, texts)
    possible = {reading: found[reading] for reading in ("text", "index") if reading in found}
    letters = list(dict.fromkeys(possible.values()))
    if len(letters) == 1:
        return {"choices": choices, "answer": letters[0]}
    return (
        {"choices": choices, "readings": tuple(possible.items())}
        if letters
        else correct_answer(choices, [target])
    )


def _sum(response: object) -> float | None:
    """The log-probability of an option: ``[["-0.26", "False"]]``, one list a repeat."""
    first = response[0] if isinstance(response, list) and response else None
    return values.nats(first[0] if isinstance(first, list) and first else first)


def _written(record: Record, row: values.Object, doc: values.Object) -> list[Record]:
    target = row.get("target")
    found = correct_answer(_options(doc), [target])
    if not found.get("choices"):
        # With several right texts the harness takes any of them.
        right = [values.text(each) for each in _listed(target)]
        # GSM8K gives the steps, and then the result.
        right = [each.rpartition(_HASHES)[2].strip() for each in right if each]
        record = replace(record, answer=right[0] if right else None, accept=tuple(right[1:]))
    else:
        record = replace(record, **found)
    replies = [
        values.text(text)
        for each in values.listed(row, "resps")
        for text in (each if isinstance(each, list) else [each])
    ]
    replies = replies or [""]
    filtered = values.listed(row, "filtered_resps")
    if len(replies) == 1 or len(filtered) != 1 or isinstance(filtered[0], list):
        return [_said(record, epoch, text) for epoch, text in enumerate(replies)]
    # A filter took one answer out of several replies (the first, the most frequent), and that is what was marked.
    given = next((mark.extracted for mark in record.marks if mark.extracted), "") or ""
    marked = next((epoch for epoch, text in enumerate(replies) if given in text), 0)
    return [
        _said(record if epoch == marked else replace(record, marks=()), epoch, text)
        for epoch, text in enumerate(replies)
    ]


def _said(record: Record, epoch: int, text: str) -> Record:
    given = next((mark.extracted for mark in record.marks if mark.extracted), None)
    return replace(record, epoch=epoch, text=text, extracted=given)


def _listed(target: object) -> list[Any]:
    """The right texts of a target, which may be a list as Python writes it."""
    if isinstance(target, list):
        return target
    if isinstance(target, str) and target.startswith("["):
        try:
            with warnings.catch_warnings():
                # Of a text that only looks like a list.
                warnings.simplefilter("ignore", SyntaxWarning)
                found: object = ast.literal_eval(target)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            return [target]
        texts = [each for each in found if isinstance(each, str)] if isinstance(found, list) else []
        if texts and found == texts:
            return texts
    return [target]


def _marks(row: values.Object, lower: Collection[str], *, several: bool) -> Iterable[ToolMark]:
    stated = [*map(values.text, values.listed(row, "metrics"))]
    names = [name for name in stated or row if name not in _NO_METRICS]
    suffix = f",{values.text(row.get('filter'))}" if several else ""
    filtered = values.listed(row, "filtered_resps")
    first = filtered[0] if len(filtered) == 1 else None
    # A filter may leave the one reply of a question in a list.
    first = first[0] if isinstance(first, list) and len(first) == 1 else first
    found = values.text(first) if isinstance(first, str) else None
    for name in names:
        value = row.get(name)
        value = value[0] if isinstance(value, list) and len(value) == 1 else value
        if not isinstance(value, bool | int | float) and not (name in stated and isinstance(value, list)):
            continue
        # Where less is better (toxicity), 1 is no correct answer.
        right = None if name in lower else right_of(value)
        yield ToolMark(f"{name}{suffix}", values.shown(value), right, found)
