"""Results of promptfoo: ``-o results.json`` (summaries of versions 2 and 3) and ``-o results.jsonl``.

A result is one test, asked with one prompt of one provider. The expected answer is a variable of the test with a usual
name, or what an assertion compares with; without one, the tool's own mark is all there is.

Source: ``OutputFile`` and ``EvaluateResult`` in promptfoo's ``src/types``.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

from llmxray.interop.read import values
from llmxray.interop.read.record import Expected, LogFile, Mark, Record, Run, category_of, expected
from llmxray.types import Json

TOOL = "promptfoo"
_QUESTIONS = ("question", "query", "input", "prompt", "problem", "q")
_EXPECTED = ("expected", "answer", "reference", "target", "label", "gold")
_OPTIONS = ("choices", "options")
_LONGEST_LABEL = 40
# Assertions that compare the reply with a text.
_COMPARING = frozenset({"equals", "contains", "icontains", "starts-with"})
# Those of cost, time and form, which tell no correct answers from others.
_OF_FORM = frozenset(
    {
        "cost",
        "latency",
        "perplexity",
        "perplexity-score",
        "word-count",
        "guardrails",
        "moderation",
        "finish-reason",
    }
    | {
        "is-json",
        "is-xml",
        "is-html",
        "is-sql",
        "is-refusal",
        "is-valid-function-call",
        "is-valid-openai-tools-call",
    }
    | {"contains-json", "contains-xml", "contains-html", "contains-sql", "is-valid-openai-function-call"}
)


def read_json(name: str, output: values.Object) -> LogFile:
    """One exported file."""
    summary = values.obj(output, "results")
    # In the results of a shared evaluation, the summary lies one level deeper.
    rows = values.objects(summary, "results") or values.objects(output, "results")
    when = values.when(summary.get("timestamp"))
    return _source(name, rows, values.text(values.inner(output, "metadata", "promptfooVersion")), when)


def read_lines(name: str, lines: Iterable[Any]) -> LogFile:
    """One result a line."""
    return _source(name, lines, "", 0.0)


def _source(name: str, rows: Iterable[Any], version: str, when: float) -> LogFile:
    asked: Counter[tuple[Any, ...]] = Counter()
    records, prompts = [], dict[str, dict[int, str]]()
    tests: dict[tuple[Any, ...], int] = {}
    for number, row in enumerate(rows):
        stated = values.count(row.get("testIdx"))
        place = values.place(row.get("promptIdx"))
        # With `--repeat`, numbers of tests count on: one that is asked and asserted alike is the first once more.
        same = (place, _provider(row), _test(row))
        test = tests.setdefault(same, stated if stated is not None else number)
        key = (test, place, _provider(row))
        # The numbers of prompts count providers too: within one of them they tell the prompts apart.
        mine = prompts.setdefault(_provider(row), {})
        mine.setdefault(place, _label(row) or f"prompt {len(mine) + 1}")
        records.append((row, test, place, asked[key]))
        asked[key] += 1
    return LogFile(
        name,
        tuple(
            _record(row, test, epoch, version, prompts[_provider(row)][place] if several else "")
            for row, test, place, epoch in records
            for several in (len(prompts[_provider(row)]) > 1,)
        ),
        when=when,
    )


def _test(row: values.Object) -> str:
    """What tells a test from others: its variables, its assertions and the prompt as sent."""
    case = values.obj(row, "testCase")
    told = (row.get("vars"), case.get("vars"), case.get("assert"), values.inner(row, "prompt", "raw"))
    return json.dumps(told, sort_keys=True, default=str)


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
    """Whether a test passed; where it asserts form, time or cost as well, whether its other assertions did."""
    passed = values.inner(row, "gradingResult", "pass")
    passed = row.get("success") if not isinstance(passed, bool) else passed
    parts = [
        (_kind(values.obj(each, "assertion")), each.get("pass"))
        for each in values.objects(row, "gradingResult", "componentResults")
    ]
    kinds = {_kind(each) for each in values.objects(row, "testCase", "assert")} or {kind for kind, _ in parts}
    # Without an assertion everything passes.
    if not isinstance(passed, bool) or not kinds:
        return ()
    says = kinds - _OF_FORM
    if says < kinds and {kind for kind, _ in parts} >= says > set():
        passed = all(each is True for kind, each in parts if kind in says)
        said = f"{_passed(passed)} without {', '.join(sorted(kinds - says))}"
        return (Mark("pass", said, passed, None, True),)
    return (Mark("pass", _passed(passed), passed, None, says == kinds),)


def _passed(passed: bool) -> str:
    return "pass" if passed else "fail"


def _kind(assertion: values.Object) -> str:
    """The type of an assertion: "similar:dot" is one way to compute "similar", "not-cost" is of cost."""
    return values.text(assertion.get("type")).partition(":")[0].removeprefix("not-")
