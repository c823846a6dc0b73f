"""Data files of the question page: classic scripts that hand a string of JSON to ``llmxray.shard``.

::

    data/places.<hash>.js        conditions, questions by id, which file each is in; names of the next two
    data/codes.<hash>.js         outcomes, confidences, categories: what filters ask for
    data/texts.<hash>.js         questions and right answers, shortened: what a search reads
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
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from llmxray.report.analysis import Analysis
from llmxray.report.analysis import reply_tokens as toks
from llmxray.report.analysis.data import ExperimentData
from llmxray.report.analysis.questions import CODES, Question, permille, questions_of
from llmxray.report.analysis.reply_tokens import Strings
from llmxray.report.analysis.rows import address, grouped, has_no_reply
from llmxray.report.files import packed_columns as columns
from llmxray.report.widgets.render import Output
from llmxray.types import Json, Row, TokenLogprob, Trial

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
# Bytes that an escape adds.
_LONGER = tuple((of, len(to) - len(of)) for of, to in _ESCAPES)


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFile:
    """A data file before it is written.

    Attributes:
        name: without hash.
        pieces: its string before it is escaped: a hundred answers of a megabyte are many pieces, which are escaped one
            after the other.
        call: the function that takes the string: ``shard`` of JSON, ``packed`` of JSON deflated and in base64.
    """

    name: str
    pieces: Sequence[bytes]
    call: str = "shard"

    def chunks(self) -> Iterator[bytes]:
        """The bytes of the script, in order."""
        yield f"llmxray.{self.call}('{self.name}','".encode()
        yield from map(_escaped, self.pieces)
        yield b"');\n"

    @property
    def filename(self) -> str:
        """Name with a piece of the content's hash."""
        found = hashlib.sha256()
        for chunk in self.chunks():
            found.update(chunk)
        return f"{self.name}.{found.hexdigest()[:8]}.js"


def written(renderer: Output, analysis: Analysis) -> Mapping[str, str]:
    """The data files of an experiment's pages, written once; paths as `write` gives them."""
    return analysis.memoized(("data files",), lambda: write(renderer, analysis.data, questions_of(analysis)))


def shard(name: str, value: Json, *, packed: bool = False) -> DataFile:
    """A script that registers a value under a name."""
    return _file(name, [_json(value)], packed)


def _file(name: str, pieces: Sequence[bytes], packed: bool) -> DataFile:
    if not packed:
        return DataFile(name=name, pieces=pieces)
    return DataFile(name=name, pieces=[base64.b64encode(zlib.compress(b"".join(pieces), 6))], call="packed")


def _escaped(piece: bytes) -> bytes:
    for of, to in _ESCAPES:
        piece = piece.replace(of, to)
    return piece


def put(renderer: Output, experiment: str, made: DataFile) -> str:
    """Write a data file of an experiment; returns its name with the hash."""
    filename = made.filename
    renderer.write_chunks(f"{experiment}/data/{filename}", made.chunks)
    return filename


def write_data(renderer: Output, experiment: str, name: str, value: Json, *, packed: bool = False) -> str:
    """Write the only data file of that name; returns its path from the experiment's pages."""
    filename = put(renderer, experiment, shard(name, value, packed=packed))
    renderer.remove_old(f"{experiment}/data/{name}.*.js", {filename})
    return f"data/{filename}"


def write(renderer: Output, data: ExperimentData, questions: Sequence[Question]) -> dict[str, str]:
    """Write the data files of an experiment and remove those of an older build.

    Returns:
        Paths of ``places``, ``codes`` and ``texts`` from the experiment's pages.
    """
    where: list[int] = []

    def put_answers(name: str, pieces: Sequence[bytes]) -> str:
        return put(renderer, data.name, _file(name, pieces, data.is_large))

    # Deflating lets go of the interpreter, so the next questions are read meanwhile.
    written: list[Future[str]] = []
    with ThreadPoolExecutor(1) as aside:
        for packed in _pack(data, questions, where):
            if written:
                # Files that wait are in memory.
                written[-1].result()
            written.append(aside.submit(put_answers, *packed))
    names = [each.result() for each in written]
    # "questions." is what an earlier llmxray wrote for places, codes and texts.
    for ours in ("answers-", "questions."):
        renderer.remove_old(f"{data.name}/data/{ours}*.js", names)
    more = {"codes": columns.codes(questions), "texts": columns.texts(questions)}
    paths = {
        name: write_data(renderer, data.name, name, value, packed=data.is_large)
        for name, value in more.items()
    }
    places = columns.places(
        data, questions, names, where, {name: path.removeprefix("data/") for name, path in paths.items()}
    )
    # Not packed: every page of one question waits for it, and reading it is quicker than inflating.
    return {"places": write_data(renderer, data.name, "places", places), **paths}


def _pack(
    data: ExperimentData, questions: Sequence[Question], where: list[int]
) -> Iterator[tuple[str, list[bytes]]]:
    """Questions in order into files, name and pieces; ``where`` gets the number of the file that each went to."""
    records = _Records(data)
    strings, kept, size, number = Strings(), list[list[bytes]](), 0, 0
    for question in questions:
        record = records.of(question, strings)
        if kept and size + _size(record) > LIMIT_BYTES:
            # The question goes into the next file, and its texts with it.
            yield _answers(number, kept)
            strings, kept, size, number = Strings(), [], 0, number + 1
            # The numbers of the closed table mean nothing in the new one.
            record = records.of(question, strings)
        kept.append(record)
        where.append(number)
        size += _size(record)
    if kept:
        yield _answers(number, kept)


def _answers(number: int, records: Sequence[list[bytes]]) -> tuple[str, list[bytes]]:
    return f"answers-{number:03}", [b'{"questions":[', *_listed(records), b"]}"]


def _listed(values: Iterable[list[bytes]]) -> Iterator[bytes]:
    """The pieces of some values with a comma between two of them."""
    for place, pieces in enumerate(values):
        if place:
            yield b","
        yield from pieces


def _json(value: Json) -> bytes:
    text = _encoded(value)
    try:
        return text.encode()
    except UnicodeEncodeError:
        # A lone surrogate has no UTF-8; the JSON escape keeps it.
        return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text).encode()


def _size(pieces: Sequence[bytes]) -> int:
    """Bytes of some pieces once they are escaped; counting is much quicker than escaping."""
    # Most pieces are a bracket or a comma.
    long = [piece for piece in pieces if len(piece) > 1]
    longer = sum(more * piece.count(of) for piece in long for of, more in _LONGER)
    return sum(map(len, pieces)) + longer + 1


class _Records:
    """Questions with their answers, in the form the page reads."""

    def __init__(self, data: ExperimentData) -> None:
        self._data = data
        self._conditions = {condition.id: condition for condition in data.results.plan.conditions}
        self._trials = {trial.id: trial for trial in data.results.plan.trials}
        self._rows = grouped(data.results.rows, address)
        self._detail = data.tokens

    def of(self, question: Question, strings: Strings) -> list[bytes]:
        """JSON of one question in pieces; texts as places in ``strings``, with those that it adds to the table.

        Beside the question they deflate well: a prompt repeats it, and deflate looks back 32 kB.
        """
        item, known = question.item, len(strings)
        rows = self._rows.get(question.address, [])
        about: dict[str, Json] = {
            "id": question.address,
            "question": item.question,
            "choices": list(item.choices),
            "answer": item.answer,
            "accept": list(item.accept),
            "why": item.why,
            "about": [item.category, item.subcategory, item.skill, item.source],
            "level": item.difficulty,
        }
        answers = [
            [
                b"[",
                *_listed(
                    [_json(self._answer(row, self._trials[row.trial], strings, question.mixed))]
                    for row in rows
                    if row.condition == name
                ),
                b"]",
            ]
            for name in self._conditions
        ]
        # Last, when the answers have added theirs.
        table = _json(strings.since(known))
        return [_json(about)[:-1], b',"answers":[', *_listed(answers), b'],"strings":', table, b"}"]

    def _answer(self, row: Row, trial: Trial, strings: Strings, mixed: bool) -> Json:
        condition = self._conditions[row.condition]
        found: dict[str, Json] = {
            "o": CODES[row.outcome],
            "answer": row.answer,
            "rule": strings(row.rule),
            "confidence": [permille(value) for value in _confidences(row)],
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
        return {**found, "tokens": blocks}


def _prompt(trial: Trial, strings: Strings) -> Json:
    """Role and paragraphs of each message, and the functions declared beside them.

    Worked examples repeat, so each paragraph is kept once a file.
    """
    return [
        [strings(str(message.get("role", ""))), [strings(part) for part in _content(message).split("\n\n")]]
        for message in _messages(trial)
    ]


def _content(message: Mapping[str, Json]) -> str:
    # A plan from elsewhere may have none.
    return str(message.get("content", ""))


def _messages(trial: Trial) -> Iterator[Mapping[str, Json]]:
    body = trial.requests[0].body if trial.requests else {}
    messages, tools = body.get("messages"), body.get("tools")
    if isinstance(messages, list):
        yield from (message for message in messages if isinstance(message, dict))
    if isinstance(tools, list):
        declared = "\n\n".join(json.dumps(tool, ensure_ascii=False, indent=1) for tool in tools)
        yield {"role": "tools", "content": declared}


def _times(row: Row) -> list[Json]:
    """Milliseconds to the first token and to the last, tokens written and read, and those of thinking, if any."""
    times: list[Json] = [_ms(row.ttft_s), _ms(row.latency_s), row.completion_tokens, row.prompt_tokens]
    return [*times, row.reasoning_tokens] if row.reasoning_tokens else times


def _confidences(row: Row) -> tuple[float | None, ...]:
    return (row.option_confidence, row.coverage, row.sequence_confidence, row.mean_token_probability)


def _ms(value: float | None) -> int | None:
    return None if value is None else round(1000 * value)
