"""Event logs of OpenAI Evals: a line with the specification, then one event a line.

``sampling`` holds prompt and reply, ``match`` expected and picked answer with the mark; events of one sample share its
``sample_id``. There are no log-probabilities, and the specification states neither a version nor request fields.

Source: ``evals/record.py`` of openai/evals.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from llmxray.interop.read import values
from llmxray.interop.read.record import Mark, Record, Run, Source

TOOL = "OpenAI Evals"


def read(name: str, lines: Iterable[Any]) -> Source:
    """One log."""
    spec: values.Object = {}
    samples: dict[str, list[dict[str, Any]]] = {}
    for line in lines:
        spec = values.obj(line, "spec") or spec
        if isinstance(line.get("data"), dict) and line.get("sample_id") is not None:
            samples.setdefault(values.text(line["sample_id"]), []).append(line)
    task, run = values.text(spec.get("eval_name")) or values.text(spec.get("base_eval")) or "eval", _run(spec)
    records = (_record(item, events, task, run) for item, events in samples.items())
    return Source(name, tuple(record for record in records if record is not None))


def _run(spec: values.Object) -> Run:
    asked = spec.get("completion_fns") or values.inner(spec, "model_names", "completions")
    models = [values.text(each) for each in asked] if isinstance(asked, list) else []
    return Run(TOOL, "", next(iter(models), "") or values.text(spec.get("model_name")) or "model not named")


def _record(item: str, events: list[dict[str, Any]], task: str, run: Run) -> Record | None:
    of = {
        kind: [each["data"] for each in events if each.get("type") == kind] for kind in ("sampling", "match")
    }
    metrics = [each["data"] for each in events if each.get("type") == "metrics"]
    failed = [each["data"] for each in events if each.get("type") == "error"]
    if not (of["sampling"] or of["match"] or metrics):
        return None
    # Where a model grades, its own sampling comes after the one that is graded.
    sampling: values.Object = next(iter(of["sampling"]), {})
    match: values.Object = next(iter(of["match"]), {})
    prompt = values.messages(sampling.get("prompt") or match.get("prompt"))
    said = sampling.get("sampled", match.get("sampled"))
    text = values.text(said[0]) if isinstance(said, list) and said else values.text(said)
    expected = match.get("expected")
    right = [values.text(each) for each in (expected if isinstance(expected, list) else [expected])]
    right = [each for each in right if each]
    usage = values.obj(sampling, "usage")
    return Record(
        run=run,
        task=task,
        item=item,
        question=prompt[-1][1] if prompt else "",
        answer=right[0] if right else None,
        accept=tuple(right[1:]),
        prompt=prompt,
        text=text,
        marks=_marks(match, metrics),
        given=values.text(match.get("picked")) or None,
        prompt_tokens=values.count(usage.get("prompt_tokens")),
        completion_tokens=values.count(usage.get("completion_tokens")),
        error=values.text(failed[0].get("message")) if failed and not text else "",
    )


def _marks(match: values.Object, metrics: list[dict[str, Any]]) -> tuple[Mark, ...]:
    found = (
        [Mark("match", values.shown(match["correct"]), match["correct"])]
        if isinstance(match.get("correct"), bool)
        else []
    )
    for each in metrics:
        for name in ("correct", "accuracy", "choice", "score"):
            value = each.get(name)
            if isinstance(value, bool | int | float):
                found.append(Mark(name, values.shown(value), bool(value) if value in (0, 1) else None))
    return tuple(found)
