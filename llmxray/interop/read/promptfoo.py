"""Results of promptfoo: ``-o results.json`` (summaries of versions 2 and 3) and ``-o results.jsonl``.

A result is one test, asked with one prompt of one provider. The expected answer is a variable of the test with a usual
name, or what an assertion compares with; without one, the tool's own mark is all there is.

Source: ``OutputFile`` and ``EvaluateResult`` in promptfoo's ``src/types``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from llmxray.interop.read import values
from llmxray.interop.read.record import Expected, Mark, Record, Run, Source, category_of, expected
from llmxray.types import Json

TOOL = "promptfoo"
_QUESTIONS = ("question", "query", "input", "prompt", "problem", "q")
_EXPECTED = ("expected", "answer", "reference", "target", "label", "gold")
_OPTIONS = ("choices", "options")
_LONGEST_LABEL = 40
# Assertions that compare the reply with a text.
_COMPARING = frozenset({"equals", "contains", "icontains", "starts-with"})
# Those that tell correct answers from others. Any others are of cost, time or form, or whatever code says.
_OF_CORRECTNESS = _COMPARING | {
    *("contains-all", "contains-any", "icontains-all", "icontains-any", "regex", "similar", "levenshtein"),
    *("factuality", "model-graded-factuality", "model-graded-closedqa"),
}


def read_json(name: str, output: values.Object) -> Source:
    """One exported file."""
    summary = values.obj(output, "results")
    # In the results of a shared evaluation, the summary lies one level deeper.
    rows = values.objects(summary, "results") or values.objects(output, "results")
    return _source(name, rows, values.text(values.inner(output, "metadata", "promptfooVersion")))


def read_lines(name: str, lines: Iterable[Any]) -> Source:
    """One result a line."""
    return _source(name, lines, "")


def _source(name: str, rows: Iterable[Any], version: str) -> Source:
    asked: Counter[tuple[Any, ...]] = Counter()
    records, prompts = [], dict[str, dict[int, str]]()
    for number, row in enumerate(rows):
        test = values.count(row.get("testIdx"))
        place = values.place(row.get("promptIdx"))
        key = (test if test is not None else number, place, _provider(row))
        # The numbers of prompts count providers too: within one of them they tell the prompts apart.
        mine = prompts.setdefault(_provider(row), {})
        mine.setdefault(place, _label(row) or f"prompt {len(mine) + 1}")
        records.append((row, test if test is not None else number, place, asked[key]))
        asked[key] += 1
    return Source(
        name,
        tuple(
            _record(row, test, epoch, version, prompts[_provider(row)][place] if several else "")
            for row, test, place, epoch in records
            for several in (len(prompts[_provider(row)]) > 1,)
        ),
    )


def _label(row: values.Object) -> str:
    """What a prompt is called; without a name of its own, promptfoo calls it by its text."""
    first, _, rest = values.text(values.inner(row, "prompt", "label")).strip().partition("\n")
    return "" if rest or len(first) > _LONGEST_LABEL else first


def _provider(row: values.Object) -> str:
    provider = row.get("provider")
    if isinstance(provider, dict):
        return values.text(provider.get("label")) or values.text(provider.get("id")) or "provider"
    return values.text(provider) or "provider"


def _record(row: dict[str, Any], test: int, epoch: int, version: str, prompt: str) -> Record:
    asked = {**values.obj(row, "testCase", "vars"), **values.obj(row, "vars")}
    sent = values.text(values.inner(row, "prompt", "raw"))
    right = _expected(row, asked)
    usage = values.obj(row, "response", "tokenUsage") or values.obj(row, "tokenUsage")
    said = values.inner(row, "response", "output")
    error = values.text(row.get("error")) or values.text(values.inner(row, "response", "error"))
    cached = values.inner(row, "response", "cached") is True
    described = values.text(values.inner(row, "testCase", "description"))
    return Record(
        run=_run(row, version, prompt),
        task=described.split(":")[0][:40] if ":" in described else "tests",
        item=f"test-{test}",
        epoch=epoch,
        question=next((text for name in _QUESTIONS if (text := values.text(asked.get(name)))), "")
        or described
        or sent,
        choices=right.choices,
        answer=right.answer,
        accept=right.accept,
        readings=right.readings,
        prompt=(("prompt", sent),) if sent else (),
        text=values.text(said) or (values.shown(said) if said not in (None, "") else ""),
        marks=_marks(row),
        # An answer from the cache took the time of looking it up.
        latency_s=None if cached else values.seconds(row.get("latencyMs"), 1000),
        prompt_tokens=values.count(usage.get("prompt")),
        completion_tokens=values.count(usage.get("completion")),
        category=category_of(values.obj(row, "testCase", "metadata"), asked),
        # Of a failed assertion `error` says why it failed, beside a reply.
        error=error if said in (None, "") else "",
    )


def _run(row: values.Object, version: str, prompt: str) -> Run:
    config = values.obj(row, "provider", "config")
    settings: dict[str, Json] = values.settings(config)
    return Run(TOOL, version, _provider(row), settings, values.count(config.get("max_tokens")), prompt)


def _expected(row: values.Object, asked: values.Object) -> Expected:
    right = next((text for name in _EXPECTED if (text := values.text(asked.get(name)))), "")
    compared = [
        values.text(each.get("value"))
        for each in values.objects(row, "testCase", "assert")
        if each.get("type") in _COMPARING
    ]
    right = right or next(iter(filter(None, compared)), "")
    choices = next((found for name in _OPTIONS if (found := values.texts(asked.get(name)))), ())
    return expected(choices, [right] if right else [])


def _marks(row: values.Object) -> tuple[Mark, ...]:
    passed = values.inner(row, "gradingResult", "pass")
    passed = row.get("success") if not isinstance(passed, bool) else passed
    if not isinstance(passed, bool):
        return ()
    asserted = values.objects(row, "testCase", "assert") or [
        values.obj(each, "assertion") for each in values.objects(row, "gradingResult", "componentResults")
    ]
    # "similar:dot" is one way to compute "similar". Without an assertion everything passes.
    kinds = {values.text(each.get("type")).partition(":")[0] for each in asserted}
    mark = Mark("pass", "pass" if passed else "fail", passed)
    return (replace(mark, of_correctness=bool(kinds) and kinds <= _OF_CORRECTNESS),)
