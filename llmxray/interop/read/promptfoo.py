"""Results of promptfoo: ``-o results.json`` (summaries of versions 2 and 3) and ``-o results.jsonl``.

A result is one test, asked with one prompt of one provider. The expected answer is what an assertion compares with, or
a variable with a usual name that an assertion names; without one, the tool's own mark is all there is, and without an
assertion nothing says what is correct.

Source: ``OutputFile`` and ``EvaluateResult`` in promptfoo's ``src/types``.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from llmxray.interop.read import values
from llmxray.interop.read.record import Expected, LogFile, Record, Run, ToolMark, category_of, correct_answer

TOOL = "promptfoo"
_QUESTIONS = ("question", "query", "input", "prompt", "problem", "q")
_EXPECTED = ("expected", "answer", "reference", "target", "label", "gold")
_OPTIONS = ("choices", "options")
_LONGEST_LABEL = 40
# Of the reasons why a test fails: 1 is an assertion.
_FAILED_CALL = 2
# Assertions that compare the reply with a text.
_COMPARING = frozenset({"equals", "contains", "icontains", "starts-with"})
# Those and others that hold it against a variable that they name. A rubric may name one that the prompt asks with.
_SCRIPTS = frozenset({"javascript", "python", "ruby"})
_HOLDING = (
    _COMPARING
    | _SCRIPTS
    | {"contains-any", "contains-all", "icontains-any", "icontains-all", "regex", "levenshtein"}
    | {"similar", "factuality", "rouge-n", "bleu"}
)
# How a template names a variable, and a script: in any of very many ways.
_NAMED, _WORD = re.compile(r"\{\{\s*(\w+)"), re.compile(r"\w+")
# What a file has in the place of texts that its author kept out of it.
_STRIPPED_PROMPT = "[prompt stripped]"
# What a variable or an assertion may have in place of a text: a template (Nunjucks), or where the text is.
# An address of the web is a text like others.
_VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_UNRENDERED = re.compile(r"\{\{|\{%|\{#|^file://|^package:")
# Those of cost, time and form tell no correct answers from others.
_OF_FORM = (
    {"cost", "latency"}
    | {"perplexity", "perplexity-score", "word-count", "guardrails", "moderation", "finish-reason"}
    | {"is-json", "is-xml", "is-html", "is-sql", "is-refusal", "is-valid-function-call"}
    | {"contains-json", "contains-xml", "contains-html", "contains-sql", "is-valid-openai-function-call"}
    | {"is-valid-openai-tools-call"}
    # The best of several replies passes, however good it is; attacks of a red team fail where the reply is unsafe.
    | {"select-best", "max-score", "promptfoo"}
)


def read_json(name: str, output: values.Object) -> LogFile:
    """One exported file."""
    summary = values.obj(output, "results")
    # In the results of a shared evaluation, the summary lies one level deeper.
    rows = values.objects(summary, "results") or values.objects(output, "results")
    when = values.when(summary.get("timestamp"))
    version = values.text(values.inner(output, "metadata", "promptfooVersion"))
    return _source(name, rows, version, when, values.text(output.get("evalId")))


def read_lines(name: str, lines: Iterable[Any]) -> LogFile:
    """One result a line."""
    rows = [*lines]
    return _source(name, rows, "", 0.0, _digest(rows))


def _source(name: str, rows: Sequence[Any], version: str, when: float, asking: str = "") -> LogFile:
    columns = dict[str, dict[int, values.Object]]()
    for row in rows:
        # The numbers of prompts count providers too: within one name they tell its prompts and configurations apart.
        columns.setdefault(_provider(row), {}).setdefault(values.place(row.get("promptIdx")), row)
    named = {provider: _column_names(mine) for provider, mine in columns.items()}
    tests = [*map(_test, rows)]
    shared = Counter(task for _, task in {(test, _task(row)) for row, test in zip(rows, tests, strict=True)})
    asked: Counter[tuple[Any, ...]] = Counter()
    records, notes = [], []
    if any(map(_is_stripped, rows)):
        notes.append(
            f"{name}: prompts and variables were stripped: tests are told by their numbers, which repeats have too"
        )
    for row, test in zip(rows, tests, strict=True):
        place, task = values.place(row.get("promptIdx")), _task(row)
        run = _run(row, version, named[_provider(row)][place], asking)
        # With `--repeat`, numbers of tests count on: one that is asked and asserted alike is the first once more.
        key = (test, place, _provider(row))
        task = task if shared[task] > 1 else "tests"
        records.append(_record(row, test, _written_out(_variables(row), _held(row)), asked[key], run, task))
        asked[key] += 1
    return LogFile(name, tuple(records), tuple(notes), when)


def _test(row: values.Object) -> str:
    """The id of a result's test: its variables, whatever prompt they were put into and wherever it stands.

    Without variables it is what the test asserts; where both were kept out of the file, its number.
    """
    case = values.obj(row, "testCase")
    told = _variables(row) or [case.get("assert"), case.get("options")]
    return f"test-{_digest(values.place(row.get('testIdx')) if _is_stripped(row) else told)[:12]}"


def _digest(value: object) -> str:
    text = json.dumps(value, sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _variables(row: values.Object) -> dict[str, Any]:
    """The variables that a test states, as they were put in; not those that its run adds, as replies before it."""
    stated, filled = values.obj(row, "testCase", "vars"), values.obj(row, "vars")
    return {name: filled.get(name, stated.get(name)) for name in stated or filled if not name.startswith("_")}


def _is_stripped(row: values.Object) -> bool:
    """Whether nothing but its number tells a test: its author kept variables and prompts out of the file."""
    return not _variables(row) and values.inner(row, "prompt", "raw") == _STRIPPED_PROMPT


def _column_names(columns: Mapping[int, values.Object]) -> dict[int, str]:
    """What tells the columns of one provider apart: their prompts and usual settings, else a number."""
    prompts: dict[str, str] = {}
    for row in columns.values():
        prompts.setdefault(_prompt(row), _label(row) or f"prompt {len(prompts) + 1}")
    named, taken = dict[int, str](), set[str]()
    for number, (place, row) in enumerate(columns.items(), 1):
        parts = [prompts[_prompt(row)]] if len(prompts) > 1 else []
        # Usual request fields tell conditions apart by themselves.
        alike = f"{parts} {values.settings(values.obj(row, 'provider', 'config'))}"
        named[place] = ", ".join([*parts, f"column {number}"] if alike in taken else parts)
        taken.add(alike)
    return named


def _prompt(row: values.Object) -> str:
    return values.text(values.inner(row, "prompt", "label")).strip()


def _label(row: values.Object) -> str:
    """What a prompt is called; without a name of its own, promptfoo calls it by its text."""
    first, _, rest = _prompt(row).partition("\n")
    return "" if rest or len(first) > _LONGEST_LABEL else first


def _provider(row: values.Object) -> str:
    provider = row.get("provider")
    if isinstance(provider, dict):
        return values.text(provider.get("label")) or values.text(provider.get("id")) or "provider"
    return values.text(provider) or "provider"


def _described(row: values.Object) -> str:
    return values.text(values.inner(row, "testCase", "description"))


def _task(row: values.Object) -> str:
    """What a description has before a colon, which names a task where several tests have it."""
    task, colon, _ = _described(row).partition(":")
    return task[:40] if colon else "tests"


def _record(row: dict[str, Any], test: str, told: str, epoch: int, run: Run, task: str) -> Record:
    asked = {**values.obj(row, "testCase", "vars"), **values.obj(row, "vars")}
    sent = values.text(values.inner(row, "prompt", "raw"))
    usage = values.obj(row, "response", "tokenUsage") or values.obj(row, "tokenUsage")
    said = values.inner(row, "response", "output")
    error = values.text(row.get("error")) or values.text(values.inner(row, "response", "error"))
    cached = values.inner(row, "response", "cached") is True
    return Record(
        run=run,
        task=task,
        item=test,
        epoch=epoch,
        question=next((text for name in _QUESTIONS if (text := values.text(asked.get(name)))), "")
        or _described(row)
        or told
        or sent,
        **_expected(row, asked),
        prompt=(("prompt", sent),) if sent else (),
        text="" if said is None else values.whole(said),
        marks=_marks(row),
        # An answer from the cache took the time of looking it up.
        latency_s=None if cached else values.seconds(row.get("latencyMs"), 1000),
        prompt_tokens=values.count(usage.get("prompt")),
        completion_tokens=values.count(usage.get("completion")),
        category=category_of(values.obj(row, "testCase", "metadata"), asked),
        # Of a failed assertion `error` says why it failed, beside a reply.
        error=error if said in (None, "") else "",
    )


def _written_out(variables: Mapping[str, Any], held: Collection[str]) -> str:
    """The variables of a test, for one whose question stands in the prompt only, which other prompts ask otherwise.

    Those that may be the correct answer are left out where others are left; of `held` ones it is known.
    """
    shown = variables.keys() - {*_EXPECTED, *_OPTIONS} or variables.keys() - {*held, *_OPTIONS}
    return "\n".join(f"{name}: {values.whole(value)}" for name, value in variables.items() if name in shown)


def _run(row: values.Object, version: str, column: str, asking: str) -> Run:
    config = values.obj(row, "provider", "config")
    # An evaluation that is resumed keeps its id; failing tests that are tried again are another evaluation.
    return Run(
        TOOL,
        version,
        _provider(row),
        values.settings(config),
        values.count(config.get("max_tokens")),
        column,
        asking=values.text(row.get("evalId")) or asking,
    )


def _expected(row: values.Object, asked: values.Object) -> Expected:
    held = _held(row)
    comparing = [each for each in filter(_decides, _asserted(row)) if each.get("type") in _COMPARING]
    # What is compared whole goes before what a reply only contains, and a variable before words of a form ("####").
    comparing.sort(
        key=lambda each: (not _VARIABLE.search(values.text(each.get("value"))), each.get("type") != "equals")
    )
    stated = (_rendered(values.text(asked.get(name)), asked) for name in _EXPECTED if name in held)
    compared = (_rendered(values.text(each.get("value")), asked) for each in comparing)
    right = next(filter(None, (*stated, *compared)), "")
    options = next((found for name in _OPTIONS if (found := values.texts(asked.get(name)))), ())
    return correct_answer(options, [right] if right else [])


def _asserted(row: values.Object) -> list[values.Object]:
    """What a test asserts; what stands in a set without weight has none either."""
    found = list[values.Object]()
    for each in values.objects(row, "testCase", "assert"):
        if _kind(each) == "assert-set":
            weight = {} if _decides(each) else {"weight": 0}
            found += [inner | weight for inner in values.objects(each, "assert")]
        else:
            found.append(each)
    return found


def _held(row: values.Object) -> set[str]:
    """Variables that an assertion holds the reply against; one that forbids them does not."""
    return {
        name
        for each in filter(_decides, _asserted(row))
        if (kind := values.text(each.get("type")).partition(":")[0]) in _HOLDING
        for name in (_WORD if kind in _SCRIPTS else _NAMED).findall(str(each.get("value")))
    }


def _rendered(text: str, asked: values.Object) -> str:
    """A text with the variables that it names; "" where something is left to be put in."""
    filled = _VARIABLE.sub(lambda found: values.text(asked.get(found[1])) or found[0], text)
    return "" if _UNRENDERED.search(filled) else filled


def _marks(row: values.Object) -> tuple[ToolMark, ...]:
    """Whether a test passed, as the tool says."""
    if _never_asserted(row):
        return ()
    passed = values.inner(row, "gradingResult", "pass")
    passed = row.get("success") if not isinstance(passed, bool) else passed
    parts = values.objects(row, "gradingResult", "componentResults")
    asserted = _asserted(row) or [values.obj(part, "assertion") for part in parts]
    kinds = {_kind(each) for each in asserted if _decides(each)}
    # Without an assertion everything passes.
    if not isinstance(passed, bool) or not kinds:
        return ()
    return (ToolMark("pass", "pass" if passed else "fail", passed, None, bool(kinds - _OF_FORM)),)


def _never_asserted(row: values.Object) -> bool:
    """Whether the call failed: promptfoo says "not passed" of it, too, and no assertion was tried."""
    if (reason := row.get("failureReason")) is not None:
        return bool(reason == _FAILED_CALL)
    failed = row.get("error") or values.inner(row, "response", "error")
    return bool(failed) and not values.inner(row, "response", "output")


def _decides(assertion: values.Object) -> bool:
    """Whether it can fail a test: one that only measures cannot, nor one without weight."""
    return assertion.get("metricOnly") is not True and assertion.get("weight") != 0


def _kind(assertion: values.Object) -> str:
    """The type of an assertion: "similar:dot" is one way to compute "similar", "not-cost" is of cost."""
    return values.text(assertion.get("type")).partition(":")[0].removeprefix("not-")
