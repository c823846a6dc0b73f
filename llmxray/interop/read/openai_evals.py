"""Event logs of OpenAI Evals: a line with the specification, then one event a line.

``sampling`` holds prompt and reply, ``match`` expected and picked answer with the mark; events of one sample share its
``sample_id``. There are no log-probabilities, and the specification states neither a version nor request fields.

Source: ``evals/record.py`` of openai/evals.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from typing import Any

from llmxray.interop.read import values
from llmxray.interop.read.record import NOT_NAMED, LogFile, Record, Run, ToolMark, Unnamed

TOOL = "OpenAI Evals"
_FAILED = "the sample failed"


def read_openai_evals(name: str, lines: Iterable[Any], folder: str = "") -> LogFile:
    """One log.

    Args:
        folder: what the files of one folder have in common.
    """
    spec: values.Object = {}
    samples: dict[str, list[dict[str, Any]]] = {}
    for line in lines:
        if stated := values.obj(line, "spec"):
            if spec:
                raise ValueError("there are several runs in it: give each a file of its own")
            spec = stated
        if isinstance(line.get("data"), dict) and line.get("sample_id") is not None:
            samples.setdefault(values.text(line["sample_id"]), []).append(line)
    run_id = values.text(spec.get("run_id")) or next(
        (values.text(event.get("run_id")) for events in samples.values() for event in events), ""
    )
    model = next(map(values.text, values.listed(spec, "completion_fns")), "")
    unnamed = None if model else Unnamed(folder, *posixpath.split(name), run_id)
    run = Run(TOOL, "", model or NOT_NAMED, origin=run_id, asking=run_id, unnamed=unnamed)
    task = values.text(spec.get("eval_name")) or "eval"
    records = [record for item, events in samples.items() for record in _records(item, events, task, run)]
    return LogFile(name, tuple(records))


def _records(item: str, events: list[dict[str, Any]], task: str, run: Run) -> Iterable[Record]:
    """The replies to a sample: one for each match, or for what was sampled where there is none."""
    samplings, matches, metrics, failed = (
        [event["data"] for event in events if event.get("type") == kind]
        for kind in ("sampling", "match", "metrics", "error")
    )
    if not (samplings or matches or metrics or failed):
        return
    for place, match in enumerate(matches or [{}]):
        # Where a model grades, its own sampling comes after the one that is graded.
        paired = len(samplings) == len(matches) or place == 0
        sampling = samplings[place] if paired and samplings else {}
        prompt = values.messages(sampling.get("prompt") or match.get("prompt"))
        # A model that thinks first is sampled twice, and the match has what was held against the answer. Else it may
        # have what was cut out of the reply.
        said = _said(match) if len(samplings) > len(matches) else ""
        text = said or _said(sampling) or _said(match)
        expected = match.get("expected")
        right = [*filter(None, map(values.text, expected if isinstance(expected, list) else [expected]))]
        usage = values.obj(sampling, "usage") if said in ("", _said(sampling)) else {}
        yield Record(
            run=run,
            task=task,
            item=item,
            epoch=place,
            question=prompt[-1][1] if prompt else "",
            answer=right[0] if right else None,
            accept=tuple(right[1:]),
            prompt=prompt,
            text=text,
            marks=_marks(match, metrics if len(matches) < 2 else []),
            extracted=values.text(match.get("picked")) or None,
            prompt_tokens=values.count(usage.get("prompt_tokens")),
            completion_tokens=values.count(usage.get("completion_tokens")),
            error=(values.text(failed[0].get("message")) or _FAILED) if failed and not text else "",
        )


def _said(event: values.Object) -> str:
    said = event.get("sampled")
    return values.text(said[0]) if isinstance(said, list) and said else values.text(said)


def _marks(match: values.Object, metrics: list[dict[str, Any]]) -> tuple[ToolMark, ...]:
    found = []
    if isinstance(correct := match.get("correct"), bool):
        found.append(
            ToolMark("match", values.shown(correct), correct, values.text(match.get("picked")) or None)
        )
    for metric in metrics:
        for name in ("correct", "accuracy", "choice", "score"):
            value = metric.get(name)
            if isinstance(value, bool | int | float):
                found.append(ToolMark(name, values.shown(value), bool(value) if value in (0, 1) else None))
    return tuple(found)
