"""Data files of the question page: classic scripts that hand a string of JSON to ``llmxray.shard``.

::

    data/places.<hash>.js        conditions, questions by id, which file each is in; names of the next two
    data/codes.<hash>.js         outcomes, confidences, categories: what filters ask for
    data/texts.<hash>.js         questions and right answers, shortened: what a search reads
    data/answers-<n>.<hash>.js   whole questions with every answer to them, about `LIMIT_BYTES` a file

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
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import groupby
from typing import Any

from llmxray.branches import Branch, Trunk
from llmxray.report.analysis import Analysis, ExperimentData, address, confidence, grouped, memoized
from llmxray.report.analysis import reply_tokens as toks
from llmxray.report.analysis.questions import CODES, Question, labels, permille, questions_of
from llmxray.report.analysis.reply_tokens import Strings
from llmxray.report.analysis.roads import trunks_of
from llmxray.report.analysis.rows import has_no_reply
from llmxray.report.widgets.render import Output
from llmxray.report.wording.asking import RULES
from llmxray.types import Json, Row, TokenLogprob, Trial
from llmxray.wire import prompt_of

# A page of one question reads one such file before it shows anything.
LIMIT_BYTES = 250_000
# What `shard(…, packed=True)` makes; the group is the JSON, deflated and in base64.
PACKED_SCRIPT = re.compile(rb"llmxray\.packed\('[\w.-]*','([A-Za-z0-9+/=]*)'\);\s*")
_SURROGATE = re.compile("[\ud800-\udfff]")
# The backslash comes first: the others are written with one.
_ESCAPES = (
    (b"\\", b"\\\\"),
    (b"'", b"\\'"),
    (b"<", b"\\x3c"),
    ("\u2028".encode(), b"\\u2028"),
    ("\u2029".encode(), b"\\u2029"),
    (b"\x7f", b"\\x7f"),
)

# Kept: `json.dumps` makes one for every value.
_encoded = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

_CONFIDENCES = ("option_confidence", "coverage", "sequence_confidence", "mean_token_probability")

type DataFile = tuple[str, bytes]
"""Name without hash, and the bytes of the script."""


def shard(name: str, value: Json, *, packed: bool = False) -> DataFile:
    """A script that registers a value under a name."""
    return _file(name, _json(value), packed)


def _file(name: str, text: bytes, packed: bool) -> DataFile:
    call = "packed" if packed else "shard"
    if packed:
        text = base64.b64encode(zlib.compress(text, 6))
    for of, to in _ESCAPES:
        text = text.replace(of, to)
    return name, f"llmxray.{call}('{name}','".encode() + text + b"');\n"


def put(renderer: Output, experiment: str, file: DataFile) -> str:
    """Write a data file of an experiment; returns its name with a piece of the content's hash."""
    name, script = file
    filename = f"{name}.{hashlib.sha256(script).hexdigest()[:8]}.js"
    renderer.write_chunks(f"{experiment}/data/{filename}", lambda: [script])
    return filename


def write_data(renderer: Output, experiment: str, name: str, value: Json, *, packed: bool = False) -> str:
    """Write the only data file of that name; returns its path from the experiment's pages."""
    filename = put(renderer, experiment, shard(name, value, packed=packed))
    renderer.remove_old(f"{experiment}/data/{name}.*.js", {filename})
    return f"data/{filename}"


@memoized
def write_shards(analysis: Analysis, renderer: Output) -> dict[str, str]:
    """Write the data files of an experiment's pages once, and remove those of an older build.

    Returns:
        Paths of ``places``, ``codes`` and ``texts`` from the experiment's pages.
    """
    data, questions = analysis.data, questions_of(analysis)
    where: list[int] = []

    def put_answers(number: int, records: Sequence[bytes]) -> str:
        text = b'{"questions":[' + b",".join(records) + b"]}"
        return put(renderer, data.name, _file(f"answers-{number:03}", text, data.is_large))

    # Deflating lets go of the interpreter, so the next questions are read meanwhile.
    written: list[Future[str]] = []
    with ThreadPoolExecutor(1) as aside:
        for packed in _pack(analysis, questions, where):
            if written:
                # Files that wait are in memory.
                written[-1].result()
            written.append(aside.submit(put_answers, *packed))
    names = [each.result() for each in written]
    renderer.remove_old(f"{data.name}/data/answers-*.js", names)
    paths = {
        name: write_data(renderer, data.name, name, of(questions), packed=data.is_large)
        for name, of in (("codes", _codes), ("texts", _texts))
    }
    more = {name: path.removeprefix("data/") for name, path in paths.items()}
    places = _places(data, questions, names, where, more)
    # Not packed: every page of one question waits for it, and reading it is quicker than inflating.
    return {"places": write_data(renderer, data.name, "places", places), **paths}


def _pack(
    analysis: Analysis, questions: Sequence[Question], where: list[int]
) -> Iterator[tuple[int, list[bytes]]]:
    """Questions in order into files, number and records; ``where`` gets the number of the file that each went to."""
    records = _Records(analysis.data, trunks_of(analysis))
    strings, kept, size, number = Strings(), list[bytes](), 0, 0
    for question in questions:
        record = records.of(question, strings)
        if kept and size + len(record) > LIMIT_BYTES:
            # The question goes into the next file, and its texts with it.
            yield number, kept
            strings, kept, size, number = Strings(), [], 0, number + 1
            # The numbers of the closed table mean nothing in the new one.
            record = records.of(question, strings)
        kept.append(record)
        where.append(number)
        size += len(record)
    if kept:
        yield number, kept


def _json(value: Json) -> bytes:
    text = _encoded(value)
    try:
        return text.encode()
    except UnicodeEncodeError:
        # A lone surrogate has no UTF-8; the JSON escape keeps it.
        return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text).encode()


class _Records:
    """Questions with their answers, in the form the page reads."""

    def __init__(self, data: ExperimentData, trunks: Mapping[str, Trunk]) -> None:
        self._data, self._trunks = data, trunks
        self._conditions = {condition.id: condition for condition in data.results.plan.conditions}
        self._trials = {trial.id: trial for trial in data.results.plan.trials}
        self._rows = grouped(data.results.rows, address)
        self._detail = data.tokens

    def of(self, question: Question, strings: Strings) -> bytes:
        """JSON of one question; texts as places in ``strings``, with those that it adds to the table.

        Beside the question they deflate well: a prompt repeats it, and deflate looks back 32 kB.
        """
        item, known = question.item, len(strings)
        rows = self._rows.get(question.address, [])
        record: dict[str, Json] = {
            "id": question.address,
            "question": item.question,
            "choices": list(item.choices),
            "answer": item.answer,
            "accept": list(item.accept),
            "why": item.why,
            "about": [item.category, item.subcategory, item.skill, item.source],
            "level": item.difficulty,
            "answers": [
                [
                    self._answer(row, self._trials[row.trial], strings, question.mixed)
                    for row in rows
                    if row.condition == name
                ]
                for name in self._conditions
            ],
        }
        # Last, when the answers have added theirs.
        return _json({**record, "strings": strings.since(known)})

    def _answer(self, row: Row, trial: Trial, strings: Strings, mixed: bool) -> Json:
        condition = self._conditions[row.condition]
        found: dict[str, Json] = {
            "o": CODES[row.outcome],
            "answer": row.answer,
            "rule": strings(row.rule),
            "confidence": [permille(getattr(row, name)) for name in _CONFIDENCES],
            "probs": [permille(value) for value in row.option_probs],
            "time": _times(row),
            "finish": strings(row.finish_reason or ""),
            "why": strings(row.missing_why),
            "attempts": row.attempts,
            "alone": row.concurrency <= 1,
            "prompt": _prompt(trial, strings),
        }
        if mixed:
            # Else all were shown one order, and `item` has its options in it.
            found["order"] = list(row.order)
        # Only where there is something: most answers have none of it.
        said: dict[str, Any] = {
            "calls": row.calls,
            "unread": row.unread,
            "hidden": row.hidden_reasoning,
            "mark": row.tool_mark,
        }
        found |= {name: value for name, value in said.items() if value}
        if has_no_reply(row):
            return {**found, "error": row.error}
        if self._detail == "none":
            return {**found, "text": row.text, "thinking": row.reasoning, "tokens": []}
        replies = toks.replies(self._data.cassette, row)
        marked: list[Sequence[TokenLogprob]] = [toks.marked(reply, condition) for reply in replies]
        if self._detail == "answers" and row.reasoning:
            marked = [[token for token in each if token.part == "answer"] for each in marked]
            # The thinking goes without its tokens, which are most of a long reply, and stays as text.
            found["thinking"] = row.reasoning
        blocks: list[Json] = [dict(toks.columns(each, strings)) for each in marked]
        if not replies or not all(reply.tokens for reply in replies):
            # Without logprobs there are no tokens to colour, and the text is shown as it stands.
            found |= {"text": row.text, "thinking": row.reasoning}
        if trunk := self._trunks.get(row.trial):
            found["branches"] = [_branch(branch, strings) for branch in trunk.branches]
        return {**found, "tokens": blocks}


def _branch(branch: Branch, strings: Strings) -> Json:
    """Place of the forced token among those of the answer, outcome, what it answers, and the tokens from there on."""
    place, tokens = branch.fork.place, branch.reply.tokens
    shown = sum(bool(each.token) for each in tokens[:place])
    after = [token for token in tokens[place:] if token.token]
    return [shown, CODES[branch.scored.outcome], branch.scored.answer, dict(toks.columns(after, strings))]


def _prompt(trial: Trial, strings: Strings) -> Json:
    """Role and paragraphs of each message, and the functions declared beside them.

    Worked examples repeat, so each paragraph is kept once a file.
    """
    # A plan from elsewhere may have neither.
    said = [(str(message.get("role", "")), str(message.get("content", ""))) for message in _messages(trial)]
    return [[strings(role), [strings(part) for part in text.split("\n\n")]] for role, text in said]


def _messages(trial: Trial) -> Iterator[Mapping[str, Json]]:
    body = trial.requests[0].body if trial.requests else {}
    messages, tools = prompt_of(body), body.get("tools")
    if isinstance(messages, list):
        yield from (message for message in messages if isinstance(message, dict))
    if isinstance(tools, list):
        declared = "\n\n".join(json.dumps(tool, ensure_ascii=False, indent=1) for tool in tools)
        yield {"role": "tools", "content": declared}


def _times(row: Row) -> list[Json]:
    """Milliseconds to the first token and to the last, tokens written and read, and those of thinking, if any."""
    times: list[Json] = [_ms(row.ttft_s), _ms(row.latency_s), row.completion_tokens, row.prompt_tokens]
    return [*times, row.reasoning_tokens] if row.reasoning_tokens else times


def _ms(value: float | None) -> int | None:
    return None if value is None else round(1000 * value)


def _places(
    data: ExperimentData,
    questions: Sequence[Question],
    files: Sequence[str],
    where: Sequence[int],
    more: dict[str, str],
) -> Json:
    """Where each question is.

    Args:
        files: names of the files with answers.
        where: by question, the number of its file; never falling.
        more: names of the files with the other columns.

    Returns:
        ``conditions``; ``suites`` name and title, with the number of questions of each in ``sizes``; ``id`` by
        question, suite after suite; ``files``, with the number of questions of each in ``counts``; ``more``;
        ``rules``, in words the rules of extraction that found answers.
    """
    plan = data.results.plan
    in_suite = [question.suite for question in questions]
    return {
        "conditions": [
            {
                "id": of.id,
                "label": name,
                "css": data.colours[of.id],
                "answer": of.answer,
                "settings": {
                    "model": of.model,
                    "layout": of.layout,
                    "max_tokens": of.max_tokens,
                    # Without `logprobs`: it goes with top_logprobs, which is listed.
                    **{name: value for name, value in of.sampling.items() if name != "logprobs"},
                },
            }
            for of, name in zip(plan.conditions, labels(plan.conditions), strict=True)
        ],
        "suites": [[name, suite.card.title] for name, suite in plan.suites.items()],
        # A count each and no suite by question: thousands of questions lie suite after suite.
        "sizes": [in_suite.count(name) for name in plan.suites],
        "id": [each.item.id for each in questions],
        "files": list(files),
        "counts": [len(list(run)) for _, run in groupby(where)],
        "more": dict[str, Json](more),
        "rules": {
            name: RULES[name] for name in sorted({row.rule for row in data.results.rows} & RULES.keys())
        },
    }


def _codes(questions: Sequence[Question]) -> Json:
    """What the filters ask for.

    Returns:
        ``category`` by question as a place in ``categories``; by condition, ``codes`` of its samples, one text where
        each question has one sample, and ``confidence`` in thousandths; ``sureFrom`` and ``unsureBelow``, the
        confidences that make an answer sure or unsure.
    """
    categories = list(dict.fromkeys(each.item.category for each in questions))
    number = {name: place for place, name in enumerate(categories)}
    by_condition = list(zip(*(each.cells for each in questions), strict=True))
    codes = [[cell.codes for cell in cells] for cells in by_condition]
    return {
        "categories": list[Json](categories),
        "category": [number[question.item.category] for question in questions],
        # A text of letters takes a quarter of a list of them, and reads by place all the same.
        "codes": ["".join(of) if set(map(len, of)) <= {1} else list[Json](of) for of in codes],
        "confidence": [[permille(cell.confidence) for cell in cells] for cells in by_condition],
        "sureFrom": confidence.SURE,
        "unsureBelow": confidence.UNSURE,
    }


def _texts(questions: Sequence[Question]) -> Json:
    """What the table shows and a search reads; ``said``: what each condition answered, shortened."""
    by_condition = zip(*(each.cells for each in questions), strict=True)
    return {
        "text": [question.short for question in questions],
        "right": [each.right for each in questions],
        "said": [[cell.said for cell in cells] for cells in by_condition],
    }
