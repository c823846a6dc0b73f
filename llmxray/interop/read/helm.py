"""Runs of HELM: ``scenario_state.json``, with ``run_spec.json`` and ``per_instance_stats.json`` of the same folder.

The state holds questions, requests and replies; the name of the run stands in the specification, the marks in the
statistics. Log-probabilities are often 0 for every token: filled in, and read as missing. Copies of a question with
perturbed words are left out, for they are other questions under one id. Of several completions of a request HELM scores
the most likely one, which is the reply here too.

Source: ``ScenarioState``, ``RequestState`` and ``RequestResult`` of the package ``crfm-helm``, and
``helm.benchmark.metrics.basic_metrics`` for what is scored.
"""

from __future__ import annotations

import math
import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from llmxray.interop.read import values
from llmxray.interop.read.marks import means_correctness
from llmxray.interop.read.record import LogFile, Record, Run, ToolMark, category_of, readings_of
from llmxray.interop.read.tokens import read_tokens
from llmxray.types import LETTERS

TOOL = "HELM"
# What is computed for scenarios of any kind, the first before the others; a scenario's own metric goes before it.
_GENERAL = (
    "exact_match_indicator",
    "exact_match",
    "quasi_exact_match",
    "prefix_exact_match",
    "quasi_prefix_exact_match",
)
# Of many statistics (tokens, times, costs) those that grade.
_GRADES = re.compile(r"_score(?:_rescaled)?$|(?:^|_)(?:f1|bleu|rouge|chr_f|cider)(?:_|$)")
# A way of asking about each option by itself, which takes what it weighs without the question off.
_CALIBRATED = "multiple_choice_separate_calibrated"
type _Marks = Mapping[tuple[str, int], tuple[ToolMark, ...]]


type Runs = Mapping[str, tuple[str, _Marks]]


def folders(
    specs: Iterable[tuple[str, str, values.Object]], stats: Iterable[tuple[str, str, list[Any]]]
) -> Runs:
    """Name and marks of the run in each folder, "" where it has no specification.

    Args:
        specs, stats: name, folder and content of each file.
    """
    named = {folder: values.text(spec.get("name")) for _, folder, spec in specs}
    marked = {folder: _marks(content) for _, folder, content in stats}
    return {folder: (named.get(folder, ""), marked.get(folder, {})) for folder in {**named, **marked}}


def read_helm(name: str, state: values.Object, beside: tuple[str, _Marks] | None = None) -> LogFile:
    """A state, with what the other files of its folder say; without a specification the folder's name is the run's."""
    run_name, marks = beside or ("", {})
    spec = values.obj(state, "adapter_spec")
    task, category = _task(run_name or posixpath.basename(posixpath.dirname(name)))
    run = _run(spec)
    asked = values.objects(state, "request_states")
    plain = [each for each in asked if not values.obj(each, "instance", "perturbation")]
    whole, separate = list[values.Object](), list[values.Object]()
    for each in plain:
        (whole if values.count(each.get("reference_index")) is None else separate).append(each)
    records = [_record(each, task, category, run, marks) for each in whole]
    records += _weighed(separate, values.text(spec.get("method")), task, category, run, marks)
    notes = []
    if left := len(asked) - len(plain):
        notes.append(f"{name}: {left} questions with perturbed words are left out")
    if any(len(values.objects(each, "result", "completions")) > 1 for each in plain):
        notes.append(f"{name}: of several completions of a request the most likely is the reply, as in HELM")
    return LogFile(name, tuple(records), tuple(notes))


def _task(run_name: str) -> tuple[str, str]:
    """Scenario and category in the name of a run: ``mmlu:subject=anatomy,method=…,model=…``."""
    scenario, _, rest = run_name.partition(":")
    parts = dict(part.split("=", 1) for part in rest.split(",") if "=" in part)
    return parts.get("dataset") or scenario or "scenario", parts.get("subject", "")


def _run(spec: values.Object) -> Run:
    shots = values.count(spec.get("max_train_instances"))
    method = values.text(spec.get("method")).replace("_", " ")
    return Run(
        TOOL,
        "",
        values.text(spec.get("model")) or values.text(spec.get("model_deployment")) or "model",
        values.settings({"temperature": spec.get("temperature")}),
        values.count(spec.get("max_tokens")) or None,
        ", ".join(filter(None, (method, f"{shots}-shot" if shots is not None else ""))),
    )


def _record(asked: values.Object, task: str, category: str, run: Run, marks: _Marks) -> Record:
    base = _asked(asked, task, category, run, marks)
    mapping = values.obj(asked, "output_mapping")
    # Scenarios leave blanks at the ends of their texts.
    options = tuple(values.text(each).strip() for each in mapping.values())
    right = [text for text, tags in _references(asked) if "correct" in tags]
    are_letters = tuple(mapping) == tuple(LETTERS[: len(mapping)]) and len(options) > 1
    # A reference is a text. Where letters were shown, those of all right ones are right.
    letter = readings_of(right[0], options).get("text") if right and are_letters else None
    base = replace(
        base,
        choices=() if letter is None else options,
        answer=letter or (right[0] if right else None),
        accept=tuple(text for text in right[1:] if letter is None or text in options),
    )
    replies = values.objects(asked, "result", "completions")
    if not replies:
        why = values.text(values.inner(asked, "result", "error")) or "there is no reply"
        return replace(base, error=why)
    return _said(base, max(replies, key=_likelihood))


def _likelihood(reply: values.Object) -> float:
    # The first of equal ones, as by HELM's sorting; where it is not known there is nothing to choose by.
    found = values.number(reply.get("logprob"))
    return -math.inf if found is None else found


def _worded(given: values.Object) -> str:
    """The words of an input; beside pictures and sounds they stand among these."""
    parts = values.objects(given, "multimedia_content", "media_objects")
    return values.text(given.get("text")) or "\n".join(
        text for part in parts if (text := values.text(part.get("text")))
    )


def _asked(asked: values.Object, task: str, category: str, run: Run, marks: _Marks) -> Record:
    """The question, without a reply."""
    instance, trial = values.obj(asked, "instance"), values.place(asked.get("train_trial_index"))
    item = values.text(instance.get("id")) or "instance"
    sent = values.inner(asked, "request", "messages") or values.inner(asked, "request", "prompt")
    prompt = values.messages(sent)
    return Record(
        run=run,
        task=task,
        item=item,
        epoch=trial,
        question=_worded(values.obj(instance, "input")),
        prompt=tuple(("prompt" if isinstance(sent, str) else role, said) for role, said in prompt),
        marks=marks.get((item, trial), ()),
        latency_s=values.seconds(values.inner(asked, "result", "request_time")),
        category=category or category_of({"category": values.text(instance.get("sub_split"))}),
    )


def _references(asked: values.Object) -> list[tuple[str, tuple[str, ...]]]:
    found = []
    for each in values.objects(asked, "instance", "references"):
        text = values.text(values.inner(each, "output", "text"))
        found.append((text.strip(), tuple(map(values.text, values.listed(each, "tags")))))
    return found


def _said(base: Record, reply: values.Object) -> Record:
    said = values.text(reply.get("text"))
    entries = [
        {"token": each.get("text"), "logprob": each.get("logprob"), "top_logprobs": each.get("top_logprobs")}
        for each in values.objects(reply, "tokens")
    ]
    tokens, why = read_tokens({"content": entries} if entries else None, said)
    return replace(
        base,
        text=said,
        tokens=tokens,
        tokens_why=why,
        finish_reason=values.text(values.inner(reply, "finish_reason", "reason")) or None,
    )


def _weighed(
    asked: Sequence[values.Object], method: str, task: str, category: str, run: Run, marks: _Marks
) -> Iterable[Record]:
    """Questions of which each option was a request: the sum over prompt and option, of which the prompt cancels out."""
    groups: dict[tuple[str, int], dict[int, values.Object]] = {}
    alone: dict[tuple[str, int], dict[int, values.Object]] = {}
    for each in asked:
        key = (values.text(values.inner(each, "instance", "id")), values.place(each.get("train_trial_index")))
        of = alone if values.text(each.get("request_mode")) == "calibration" else groups
        of.setdefault(key, {})[values.place(each.get("reference_index"))] = each
    for key, options in groups.items():
        first = next(iter(options.values()))
        references = _references(first)
        base = _asked(first, task, category, run, marks)
        right = [place for place, (_, tags) in enumerate(references) if "correct" in tags]
        texts = tuple(text for text, _ in references)
        letter = readings_of(right[0], texts).get("index") if len(right) == 1 else None
        if letter is None or not 2 <= len(texts) <= len(LETTERS):
            yield replace(base, answer=texts[right[0]] if right else None)
            continue
        sums = tuple(_sum(options.get(place, {})) for place in range(len(texts)))
        if method == _CALIBRATED:
            without = [_sum(alone.get(key, {}).get(place, {})) for place in range(len(texts))]
            sums = tuple(
                None if one is None or other is None else one - other
                for one, other in zip(sums, without, strict=True)
            )
        yield replace(base, choices=texts, answer=letter, option_nats=sums)


def _sum(asked: values.Object) -> float | None:
    reply = next(iter(values.objects(asked, "result", "completions")), {})
    each = [values.nats(token.get("logprob")) for token in values.objects(reply, "tokens")]
    known = [value for value in each if value is not None]
    # All of them 0 is what is written where nothing is known.
    return math.fsum(known) if known and len(known) == len(each) and any(known) else None


def _marks(stats: Sequence[Any]) -> dict[tuple[str, int], tuple[ToolMark, ...]]:
    found: dict[tuple[str, int], tuple[ToolMark, ...]] = {}
    for each in stats:
        if not isinstance(each, dict) or values.obj(each, "perturbation"):
            continue
        means = {
            values.text(values.inner(stat, "name", "name")): values.number(stat.get("mean"))
            for stat in values.objects(each, "stats")
            if not values.obj(stat, "name", "perturbation")
        }
        marks = [
            ToolMark(name, f"{value:g}", bool(value) if value in (0, 1) else None)
            for name, value in means.items()
            if value is not None and (means_correctness(name) or _GRADES.search(name))
        ]
        marks.sort(key=lambda mark: _GENERAL.index(mark.scorer) + 1 if mark.scorer in _GENERAL else 0)
        key = (values.text(each.get("instance_id")), values.place(each.get("train_trial_index")))
        found[key] = tuple(marks)
    return found
