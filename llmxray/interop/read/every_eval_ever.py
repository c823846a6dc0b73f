"""Records of Every Eval Ever 0.2 and 0.3: ``*_samples.jsonl``, and the aggregate that names tool and settings.

A line is one metric of one reply: lines with the same reply to the same sample are its marks. The schema has no
log-probabilities.

What is all correct on the scale of a metric is what its ``metric_config`` states, and 1 without one.

Source: ``instance_level_eval.schema.json`` and ``eval.schema.json`` of the package ``every-eval-ever``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from llmxray.interop.read import values
from llmxray.interop.read.record import Expected, LogFile, Record, Run, ToolMark, category_of, correct_answer
from llmxray.types import Json

TOOL = "Every Eval Ever"
_OWN = "llmxray"
_BETWEEN_COMPLETIONS = "\n\n---\n\n"


@dataclass(frozen=True, slots=True)
class Aggregate:
    """What an aggregate says of the samples that have its ``evaluation_id``."""

    tool: str = ""
    settings: Mapping[str, Json] = field(default_factory=dict)
    budget: int | None = None
    metrics: Mapping[str, tuple[str, float | None]] = field(default_factory=dict)
    """What each metric measures, "" where it is not said, and the score of what is all correct, of those on which 0 is
    nothing (percent, points); by its ``evaluation_result_id``."""
    variant: str = ""
    """What tells the condition from others of its model, in what llmxray wrote."""


type Aggregates = Mapping[str, Aggregate]
_NOTHING = Aggregate()


def read_aggregates(aggregates: Iterable[values.Object]) -> Aggregates:
    """What aggregates say, by their ``evaluation_id``: each is looked through once, however many lines have it."""
    return {values.text(aggregate.get("evaluation_id")): _aggregate(aggregate) for aggregate in aggregates}


def _aggregate(aggregate: values.Object) -> Aggregate:
    results = values.objects(aggregate, "evaluation_results")
    given = values.obj(results[0], "generation_config", "generation_args") if results else {}
    tool = values.text(values.inner(aggregate, "eval_library", "name"))
    version = values.text(values.inner(aggregate, "eval_library", "version"))
    named = f"{tool} {version}".removesuffix(" unknown").rstrip() if tool and tool != "unknown" else ""
    metrics = {
        values.text(result.get("evaluation_result_id")): _metric_of(values.obj(result, "metric_config"))
        for result in results
    }
    apart = values.text(values.inner(aggregate, "model_info", "additional_details", "told_apart"))
    budget = values.count(given.get("max_tokens"))
    return Aggregate(named, values.settings(given), budget, metrics, apart)


def _metric_of(metric: values.Object) -> tuple[str, float | None]:
    """Its kind, and its highest score from 0 on; None where that is not stated, or less is better."""
    least, most = values.number(metric.get("min_score")), values.number(metric.get("max_score"))
    if most is None and metric.get("metric_unit") == "percent":
        most = 100.0
    known = most is not None and most > 0 and least in (None, 0) and metric.get("lower_is_better") is not True
    return values.text(metric.get("metric_kind")), most if known else None


def read_eee(name: str, lines: Iterable[Any], about: Aggregates) -> LogFile:
    """A file of samples, with what its aggregates say."""
    records, several = _records(lines, about)
    notes = []
    if several:
        hold = "1 reply holds" if len(several) == 1 else f"{len(several)} replies hold"
        most = f"up to {max(several)}" if len({*several}) > 1 else f"{several[0]}"
        notes.append(
            f"{name}: {hold} {most} completions; shown is the one that was marked, or all where none is named"
        )
    return LogFile(name, tuple(records), tuple(notes))


def _records(lines: Iterable[Any], about: Aggregates) -> tuple[list[Record], list[int]]:
    """The replies, and the number of completions of each that has several."""
    found: list[Record] = []
    several: list[int] = []
    # Of each of them, by scorer: one reply may have a thousand.
    marks: list[dict[str, ToolMark]] = []
    repeats: Counter[tuple[str, ...]] = Counter()
    # Places of the repeats that say the same, and how often each metric has marked one of them.
    alike: dict[tuple[str, ...], list[int]] = {}
    marked: Counter[tuple[tuple[str, ...], str]] = Counter()
    for line in lines:
        record = _record(line, about.get(values.text(line.get("evaluation_id")), _NOTHING))
        asked = (values.text(line.get("evaluation_id")), record.run.model, record.item, record.question)
        completions = _completions(line)
        # Two metrics may have taken their answers from different ones.
        reply = (*asked, *(completions if len(completions) > 1 else [record.text]), record.reasoning)
        places, metric = alike.setdefault(reply, []), _metric(line)
        nth = marked[reply, metric]
        marked[reply, metric] += 1
        # The same metric once more is another reply, even where it says the same.
        if nth == len(places):
            places.append(len(found))
            found.append(replace(record, epoch=repeats[asked]))
            marks.append({})
            several += [len(completions)] if len(completions) > 1 else []
            repeats[asked] += 1
        marks[places[nth]].update({mark.scorer: mark for mark in record.marks})
    marked_ones = zip(found, marks, strict=True)
    return [replace(record, marks=tuple(each.values())) for record, each in marked_ones], several


def _metric(line: values.Object) -> str:
    return (
        values.text(line.get("evaluation_result_id"))
        or values.text(line.get("evaluation_name"))
        or "evaluation"
    )


def _record(line: dict[str, Any], about: Aggregate) -> Record:
    given, usage = values.obj(line, "input"), values.obj(line, "token_usage")
    extracted = next(
        (each for each in values.objects(line, "answer_attribution") if each.get("is_terminal")), {}
    )
    name = values.text(line.get("evaluation_name")) or "evaluation"
    says = values.inner(line, "evaluation", "is_correct")
    score = values.inner(line, "evaluation", "score")
    number = values.number(score)
    formatted = values.text(given.get("formatted"))
    found = values.text(extracted.get("extracted_value")) or None
    reasoning, said = _said(line, found or "")
    metric = values.text(line.get("evaluation_result_id"))
    kind, full = about.metrics.get(metric, ("", None))
    mark = None
    if isinstance(says, bool):
        # Whatever scores more than 0 is called correct, partial credit as well; perplexities and grades are no marks.
        is_mark = number in (None, 0, full or 1.0)
        # Without a metric it is the whole evaluation that says what is correct.
        of = kind == "accuracy" if kind else None if metric else True
        mark = ToolMark(_metric(line), values.shown(score), says if is_mark else None, found, of)
    return Record(
        run=_run(line, about),
        task=name,
        item=values.text(line.get("sample_id")) or "sample",
        question=values.text(given.get("raw")),
        **_expected(given, about),
        prompt=(("prompt", formatted),) if formatted else (),
        text=said,
        reasoning=reasoning,
        marks=(mark,) if mark else (),
        extracted=found,
        latency_s=values.seconds(values.inner(line, "performance", "latency_ms"), 1000),
        ttft_s=values.seconds(values.inner(line, "performance", "time_to_first_token_ms"), 1000),
        prompt_tokens=values.count(usage.get("input_tokens")),
        completion_tokens=values.count(usage.get("output_tokens")),
        reasoning_tokens=values.count(usage.get("reasoning_tokens")),
        category=category_of(values.obj(line, "metadata")),
        error=values.text(line.get("error")) if not said else "",
    )


def _run(line: values.Object, about: Aggregate) -> Run:
    return Run(
        f"{about.tool} by way of {TOOL}" if about.tool else TOOL,
        values.text(line.get("schema_version")),
        values.text(line.get("model_id")) or "model",
        about.settings,
        about.budget,
        about.variant,
    )


def _completions(line: values.Object) -> tuple[str, ...]:
    raw = values.inner(line, "output", "raw")
    return values.texts(raw if isinstance(raw, list) else [raw])


def _said(line: values.Object, extracted: str) -> tuple[str, str]:
    """Thinking and text of the reply: the output, or the last message of a conversation.

    Of several completions it is the one that the answer was taken from, or all where that cannot be told.
    """
    output = values.obj(line, "output")
    if output:
        completions = dict.fromkeys(_completions(line))
        alike = [each for each in completions if extracted and each.strip() == extracted.strip()]
        holding = alike or [completion for completion in completions if extracted and extracted in completion]
        said = holding if len(holding) == 1 else completions
        return "\n".join(values.texts(output.get("reasoning_trace"))), _BETWEEN_COMPLETIONS.join(said)
    spoken = [each for each in values.objects(line, "messages") if each.get("role") == "assistant"]
    last = spoken[-1] if spoken else {}
    return values.text(last.get("reasoning_trace")), values.text(last.get("content"))


def _expected(given: values.Object, about: Aggregate) -> Expected:
    reference = given.get("reference")
    right = [values.text(each) for each in (reference if isinstance(reference, list) else [reference])]
    # The schema does not say whether a reference is a letter; llmxray writes one.
    written_here = about.tool.split(" ")[0] == _OWN
    return correct_answer(
        values.texts(given.get("choices")), [*filter(None, right)], *(("letter",) if written_here else ())
    )
