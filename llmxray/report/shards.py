"""Data files of the question page: classic scripts that hand a string of JSON to ``llmxray.shard``.

::

    data/questions.<hash>.js     one index: conditions, questions, outcomes, which file a question is in
    data/answers-<n>.<hash>.js   whole questions with every answer to them, at most `LIMIT_BYTES` a file

A page opened from disk may not fetch, but may add a script element. Nothing a model wrote can end the
string or the script: quotes, backslashes, ``<`` and the two line separators of Unicode are escaped. The
files of a large experiment call ``llmxray.packed`` instead, with the JSON deflated and in base64: a fifth
of the size.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from llmxray.report import tokens as toks
from llmxray.report.data import ExperimentData
from llmxray.report.pages.cells import CODES, Question, labels
from llmxray.report.render import Renderer
from llmxray.report.tokens import Strings
from llmxray.results import Results
from llmxray.types import Condition, Json, Outcome, Row, TokenLogprob, Trial

LIMIT_BYTES = 250_000
# Characters of an answer in the table of questions.
_SAID = 24
_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPES = str.maketrans(
    {"\\": "\\\\", "'": "\\'", "<": "\\x3c", "\u2028": "\\u2028", "\u2029": "\\u2029", "\x7f": "\\x7f"}
)


@dataclass(frozen=True, slots=True)
class Shard:
    """A data file before it is written: its name without hash, and its bytes."""

    name: str
    data: bytes

    @property
    def filename(self) -> str:
        """Name with a piece of the content's hash."""
        return f"{self.name}.{hashlib.sha256(self.data).hexdigest()[:8]}.js"


def shard(name: str, value: Json, *, packed: bool = False) -> Shard:
    """A script that registers a value under a name."""
    return _script(name, _json(value), packed)


def _script(name: str, text: str, packed: bool) -> Shard:
    # A lone surrogate has no UTF-8; the JSON escape keeps it.
    safe = _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    if packed:
        deflated = base64.b64encode(zlib.compress(safe.encode(), 6)).decode("ascii")
        return Shard(name, f"llmxray.packed('{name}','{deflated}');\n".encode())
    return Shard(name, f"llmxray.shard('{name}','{safe.translate(_ESCAPES)}');\n".encode())


def write(renderer: Renderer, data: ExperimentData, questions: Sequence[Question]) -> str:
    """Write the data files of an experiment and remove those of an older build.

    Returns:
        Path of the index, relative to the experiment's folder.
    """
    places: list[int] = []
    names: list[str] = []
    folder = f"{data.name}/data"
    for each in _pack(data, questions, places):
        renderer.write(f"{folder}/{each.filename}", each.data)
        names.append(each.filename)
    index = shard("questions", _index(data, questions, names, places), packed=data.is_large)
    renderer.write(f"{folder}/{index.filename}", index.data)
    keep = {*names, index.filename}
    for old in (renderer.out / folder).glob("*.js"):
        if old.name.startswith(("answers-", "questions.")) and old.name not in keep:
            old.unlink()
    return f"data/{index.filename}"


def _pack(data: ExperimentData, questions: Sequence[Question], places: list[int]) -> Iterator[Shard]:
    """Questions in order into files; ``places`` gets the number of the file that each went to."""
    records = _Records(data)
    strings, kept, size, number = Strings(), list[str](), 0, 0
    for question in questions:
        before = len(strings)
        record = _json(records.of(question, strings))
        added = _size(record) + _size(_json(strings.since(before)))
        if kept and size + added > LIMIT_BYTES:
            strings.cut(before)
            yield _answers(number, strings, kept, data.is_large)
            strings, kept, size, number = Strings(), [], 0, number + 1
            # The numbers of the closed table mean nothing in the new one.
            record = _json(records.of(question, strings))
            added = _size(record) + _size(_json(strings.table))
        kept.append(record)
        places.append(number)
        size += added
    if kept:
        yield _answers(number, strings, kept, data.is_large)


def _answers(number: int, strings: Strings, records: Sequence[str], packed: bool) -> Shard:
    text = f'{{"strings":{_json(strings.table)},"questions":[{",".join(records)}]}}'
    return _script(f"answers-{number:03}", text, packed)


def _json(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _size(text: str) -> int:
    return len(text.translate(_ESCAPES).encode("utf-8", "replace")) + 1


def _index(
    data: ExperimentData, questions: Sequence[Question], files: Sequence[str], places: Sequence[int]
) -> Json:
    plan = data.results.plan
    suites = list(plan.suites)
    return {
        "conditions": [
            _condition(condition, label)
            for condition, label in zip(plan.conditions, labels(plan.conditions), strict=True)
        ],
        "suites": [[name, plan.suites[name].card.title] for name in suites],
        "files": list(files),
        "suite": [suites.index(each.suite) for each in questions],
        "id": [each.item.id for each in questions],
        "category": [each.item.category for each in questions],
        "difficulty": [each.item.difficulty for each in questions],
        "text": [each.short for each in questions],
        "right": [each.right for each in questions],
        "file": list(places),
        **(
            {"said": [[cell.answer[:_SAID] for cell in each.cells] for each in questions]}
            if data.is_large
            else {}
        ),
        "codes": [[cell.codes for cell in each.cells] for each in questions],
        "confidence": [[_permille(cell.confidence) for cell in each.cells] for each in questions],
    }


def _condition(condition: Condition, label: str) -> Json:
    settings: dict[str, Json] = {
        "model": condition.model,
        "layout": condition.layout,
        "max_tokens": condition.max_tokens,
        **{name: value for name, value in condition.sampling.items() if name != "logprobs"},
    }
    return {
        "id": condition.id,
        "label": label,
        "answer": condition.answer,
        "settings": settings,
    }


class _Records:
    """Questions with their answers, in the form the page reads."""

    def __init__(self, data: ExperimentData) -> None:
        self._data = data
        self._conditions = {condition.id: condition for condition in data.results.plan.conditions}
        self._trials = {trial.id: trial for trial in data.results.plan.trials}
        self._rows = _by_question(data.results)
        self._detail = data.tokens

    def of(self, question: Question, strings: Strings) -> Json:
        """One question; texts as places in ``strings``."""
        item = question.item
        rows = self._rows[question.suite, item.id]
        return {
            "id": question.address,
            "question": item.question,
            "choices": list(item.choices),
            "answer": item.answer,
            "accept": list(item.accept),
            "why": item.why,
            "about": [item.category, item.subcategory, item.skill, item.source],
            "answers": [
                [
                    self._answer(row, self._trials[row.trial], strings, question.mixed)
                    for row in rows.get(name, ())
                ]
                for name in self._conditions
            ],
        }

    def _answer(self, row: Row, trial: Trial, strings: Strings, mixed: bool) -> Json:
        condition = self._conditions[row.condition]
        found: dict[str, Json] = {
            "o": CODES[row.outcome],
            "answer": row.answer,
            "rule": strings(row.rule),
            "confidence": [_permille(value) for value in _confidences(row)],
            "probs": [_permille(value) for value in row.option_probs],
            "time": [_ms(row.ttft_s), _ms(row.latency_s), row.completion_tokens, row.prompt_tokens],
            "finish": strings(row.finish_reason or ""),
            "why": strings(row.missing_why),
            "attempts": row.attempts,
            "alone": row.concurrency == 1,
            "prompt": _prompt(trial, strings),
        }
        if mixed:
            found["order"] = list(row.order)
        if row.outcome is Outcome.ERROR:
            return {**found, "error": row.error}
        if self._detail == "none":
            return {**found, "text": row.text, "thinking": row.reasoning, "tokens": []}
        replies = toks.replies(self._data.cassette, row)
        marked: list[Sequence[TokenLogprob]] = [toks.marked(reply, condition) for reply in replies]
        if self._detail == "answers" and row.reasoning:
            marked = [[token for token in each if token.part == "answer"] for each in marked]
            found["thinking"] = row.reasoning
        blocks: list[Json] = [dict(toks.columns(each, strings)) for each in marked]
        if not all(reply.tokens for reply in replies):
            # Without logprobs there are no tokens to colour, and the text is shown as it stands.
            found |= {"text": row.text, "thinking": row.reasoning}
        return {**found, "tokens": blocks}


def _by_question(results: Results) -> Mapping[tuple[str, str], Mapping[str, list[Row]]]:
    rows: dict[tuple[str, str], dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in results.rows:
        rows[row.suite, row.item_id][row.condition].append(row)
    return rows


def _prompt(trial: Trial, strings: Strings) -> Json:
    """Role and paragraphs of each message; worked examples repeat, so each paragraph is kept once a file."""
    return [
        [strings(str(message["role"])), [strings(part) for part in str(message["content"]).split("\n\n")]]
        for message in _messages(trial)
    ]


def _messages(trial: Trial) -> Iterator[Mapping[str, Json]]:
    messages = trial.requests[0].body["messages"] if trial.requests else []
    if isinstance(messages, list):
        yield from (message for message in messages if isinstance(message, dict))


def _confidences(row: Row) -> tuple[float | None, ...]:
    return (row.option_confidence, row.coverage, row.sequence_confidence, row.mean_token_probability)


def _permille(value: float | None) -> int | None:
    """In thousandths, never rounded up to certainty nor down to nothing."""
    if value is None:
        return None
    shown = round(1000 * value)
    if value < 1 and shown == 1000:
        return 999
    return 1 if value > 0 and shown == 0 else shown


def _ms(value: float | None) -> int | None:
    return None if value is None else round(1000 * value)
