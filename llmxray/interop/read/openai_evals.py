"""Event logs of OpenAI Evals: a line with the specification, then one event a line.

``sampling`` holds prompt and reply, ``match`` expected and picked answer with the mark; events of one sample share its
``sample_id``. There are no log-probabilities, and the specification states neither a version nor request fields.

Source: ``evals/record.py`` of openai/evals.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from llmxray.interop.read import values
from llmxray.interop.read.record import NOT_NAMED, LogFile, Mark, Record, Run, Unnamed

TOOL = "OpenAI Evals"
_FAILED = "the sample failed"


def read(name: str, lines: Iterable[Any], folder: str = "") -> LogFile:
    """One log; of several in one file each line says which it is of.

    Args:
        folder: what the files of one folder have in common.
    """
    specs: dict[str, values.Object] = {}
    samples: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for line in lines:
        if stated := values.obj(line, "spec"):
            specs[values.text(stated.get("run_id")) or values.text(line.get("run_id"))] = stated
        if isinstance(line.get("data"), dict) and line.get("sample_id") is not None:
            of = (values.text(line.get("run_id")), values.text(line["sample_id"]))
            samples.setdefault(of, []).append(line)
    records: list[Record] = []
    for (run_id, item), events in samples.items():
        spec = specs.get(run_id) or next(iter(specs.values() if len(specs) == 1 else ()), {})
        task = values.text(spec.get("eval_name")) or values.text(spec.get("base_eval")) or "eval"
        records += _records(item, events, task, _run(spec, Unnamed(folder, *posixpath.split(name), run_id)))
    return LogFile(name, tuple(records))


def _run(spec: values.Object, place: Unnamed) -> Run:
    asked = spec.get("completion_fns") or values.inner(spec, "model_names", "completions")
    models = [values.text(each) for each in asked] if isinstance(asked, list) else []
    model = next(iter(models), "") or values.text(spec.get("model_name"))
    unnamed = None if model else place
    return Run(TOOL, "", model or NOT_NAMED, origin=place.run, asking=place.run, unnamed=unnamed)


def _records(item: str, events: list[dict[str, Any]], task: str, run: Run) -> Iterable[Record]:
    """The replies to a sample: one for each match, or for what was sampled where there is none."""
    of = {
        kind: [each["data"] for each in events if each.get("type") == kind]
        for kind in ("sampling", "match", "metrics", "error")
    }
    if not any(of.values()):
        return
    matches = of["match"] or [{}]
    for place, match in enumerate(matches):
        # Where a model grades, its own sampling comes after the one that is graded.
        paired = len(of["sampling"]) == len(matches) or place == 0
        sampling = of["sampling"][place] if paired and of["sampling"] else {}
        metrics = of["metrics"] if len(matches) == 1 else []
        # A model that thinks first is sampled twice, and the match has what was held against the answer. Else it may
        # have what was cut out of the reply.
        said = _said(match) if len(of["sampling"]) > len(matches) else ""
        record = _record(item, sampling, match, metrics, of["error"], task, run, said)
        yield replace(record, epoch=place)


def _record(
    item: str,
    sampling: values.Object,
    match: values.Object,
    metrics: list[dict[str, Any]],
    failed: list[dict[str, Any]],
    task: str,
    run: Run,
    said: str,
) -> Record:
    prompt = values.messages(sampling.get("prompt") or match.get("prompt"))
    sampled = _said(sampling)
    text = said or sampled or _said(match)
    expected = match.get("expected")
    right = [values.text(each) for each in (expected if isinstance(expected, list) else [expected])]
    right = [each for each in right if each]
    usage = values.obj(sampling, "usage") if not said or said == sampled else {}
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
        error=(values.text(failed[0].get("message")) or _FAILED) if failed and not text else "",
    )


def _said(event: values.Object) -> str:
    said = event.get("sampled")
    return values.text(said[0]) if isinstance(said, list) and said else values.text(said)


def _marks(match: values.Object, metrics: list[dict[str, Any]]) -> tuple[Mark, ...]:
    found = (
        [
            Mark(
                "match",
                values.shown(match["correct"]),
                match["correct"],
                values.text(match.get("picked")) or None,
            )
        ]
        if isinstance(match.get("correct"), bool)
        else []
    )
    for each in metrics:
        for name in ("correct", "accuracy", "choice", "score"):
            value = each.get(name)
            if isinstance(value, bool | int | float):
                found.append(Mark(name, values.shown(value), bool(value) if value in (0, 1) else None))
    return tuple(found)
