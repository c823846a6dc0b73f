"""Recordings as files that other tools read: raw replies, and tables of requests, recordings and tokens.

::

    DIR/raw/KEY-SAMPLE-ATTEMPT.sse   the received bytes (.json or .txt where the reply was no event stream);
                                     a key that is not of llmxray's form stands there cleaned, with a digest
    DIR/requests.jsonl               one row a request, of which there may be many recordings
    DIR/recordings.jsonl             one row a recording
    DIR/tokens.jsonl                 one row a token, with its alternatives as two lists
    DIR/*.parquet                    the same tables, where pyarrow is installed

A probability of zero (a logprob of minus infinity, which servers send as -9999 or less) has no number in JSON:
it is null in both forms.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import math
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from llmxray.cassette.address import Entry
from llmxray.cassette.staging import fresh_directory
from llmxray.cassette.store import Cassette
from llmxray.types import Completion, Interaction
from llmxray.wire import read_interaction

# Arrow's type names; lists in brackets.
REQUESTS = {"key": "string", "condition": "string", "model": "string", "request": "string"}
RECORDINGS = {
    "key": "string", "sample": "int64", "attempt": "int64", "condition": "string", "endpoint": "string",
    "status": "int64", "complete": "bool", "end": "string", "error": "string",
    "started_at": "string", "in_flight": "int64", "chunks": "int64", "bytes": "int64", "ttft_s": "float64",
    "latency_s": "float64", "finish_reason": "string", "prompt_tokens": "int64", "completion_tokens": "int64",
    "reasoning_tokens": "int64", "reasoning": "string", "text": "string", "refusal": "string", "calls": "string",
    "unread": "string", "file": "string",
}  # fmt: skip
TOKENS = {
    "key": "string", "sample": "int64", "attempt": "int64", "condition": "string", "position": "int64",
    "part": "string", "token": "string", "bytes_hex": "string", "logprob_nats": "float64", "t_s": "float64",
    "top_tokens": "[string]", "top_logprobs_nats": "[float64]", "invalid": "int64",
}  # fmt: skip
_OWN_KEY = re.compile(r"v1:([0-9a-f]{64})")
# File systems allow 255 bytes, and this many SHA-256 digits do not collide.
_LONGEST_NAME, _DIGITS = 60, 32
# Row group of the Parquet file, and the memory used.
_ROWS_AT_ONCE = 20_000

type _TableRow = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ExportSummary:
    """What was written.

    Attributes:
        parquet: whether the Parquet form was written too.
    """

    recordings: int
    tokens: int
    parquet: bool


def export(cassette: Cassette, target: Path) -> ExportSummary:
    """Write every recording, readable without llmxray.

    Args:
        target: a directory that does not exist yet.

    Raises:
        InputError: something is at ``target`` already.
        CassetteCorruptError: a recording cannot be read; nothing is left at ``target``.
    """
    pyarrow = _pyarrow()
    recordings = tokens = 0
    with fresh_directory(target) as part, ExitStack() as stack:
        (part / "raw").mkdir()
        requests, replies, entries = (
            stack.enter_context(_Table(part / name, columns, pyarrow))
            for name, columns in (("requests", REQUESTS), ("recordings", RECORDINGS), ("tokens", TOKENS))
        )
        written = set[str]()
        for entry in cassette.all_entries():
            interaction = cassette.read(entry)
            condition = cassette.group(entry.address.key)
            if interaction.key not in written:
                requests.add(_request(interaction, condition))
                written.add(interaction.key)
            reply = read_interaction(interaction)
            file = _raw(part, entry, interaction)
            replies.add(_recording(entry, interaction, reply, condition, file))
            recordings += 1
            for row in _tokens(entry, reply, condition):
                entries.add(row)
                tokens += 1
    return ExportSummary(recordings, tokens, pyarrow is not None)


def _raw(part: Path, entry: Entry, interaction: Interaction) -> str | None:
    """Path of the received bytes within the export; None without a response."""
    if interaction.status is None:
        return None
    start = interaction.body[:64].lstrip()
    kind = dict(interaction.headers).get("content-type", "")
    # The body before the header: servers send JSON errors as event streams.
    suffix = ".json" if start.startswith((b"{", b"[")) else ".sse" if "event-stream" in kind else ".txt"
    address = entry.address
    name = f"raw/{_file_name(address.key)}-{address.sample}-{address.attempt}{suffix}"
    (part / name).write_bytes(interaction.body)
    return name


def _file_name(key: str) -> str:
    """A key as part of a file name, unique even if the file system ignores case."""
    if own := _OWN_KEY.fullmatch(key):
        return own[1]
    # A stranger's cassette may have any key, and none may lead out of the folder.
    cleaned = re.sub(r"[^0-9A-Za-z]", "-", key.removeprefix("v1:"))[:_LONGEST_NAME]
    return f"{cleaned}-{hashlib.sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()[:_DIGITS]}"


def _request(interaction: Interaction, condition: str) -> _TableRow:
    return {
        "key": interaction.key,
        "condition": condition,
        "model": str(interaction.request.get("model") or ""),
        "request": json.dumps(dict(interaction.request), ensure_ascii=True),
    }


def _readable(value: Any) -> Any:
    """A cell without halves of surrogate pairs, which any text of a cassette may hold and no other tool reads."""
    if isinstance(value, list):
        return [_readable(each) for each in value]
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _recording(
    entry: Entry, interaction: Interaction, reply: Completion, condition: str, file: str | None
) -> _TableRow:
    return {
        "key": interaction.key,
        "sample": interaction.sample,
        "attempt": interaction.attempt,
        "condition": condition,
        "endpoint": interaction.endpoint,
        "status": interaction.status,
        "complete": entry.complete,
        "end": interaction.end.value,
        "error": interaction.error or reply.error,
        "started_at": interaction.started_at,
        "in_flight": interaction.concurrency,
        "chunks": len(interaction.chunks),
        "bytes": len(interaction.body),
        "ttft_s": reply.ttft_s,
        "latency_s": reply.latency_s,
        "finish_reason": reply.finish_reason,
        "prompt_tokens": reply.prompt_tokens,
        "completion_tokens": reply.completion_tokens,
        "reasoning_tokens": reply.reasoning_tokens,
        "reasoning": reply.reasoning,
        "text": reply.text,
        "refusal": reply.refusal,
        "calls": json.dumps([[call.name, call.arguments] for call in reply.tool_calls]),
        "unread": json.dumps(dict(reply.unread)),
        "file": file,
    }


def _tokens(entry: Entry, reply: Completion, condition: str) -> Iterator[_TableRow]:
    for position, token in enumerate(reply.tokens):
        yield {
            "key": entry.address.key,
            "sample": entry.address.sample,
            "attempt": entry.address.attempt,
            "condition": condition,
            "position": position,
            "part": token.part,
            "token": token.token,
            "bytes_hex": None if token.bytes is None else token.bytes.hex(),
            "logprob_nats": _finite(token.logprob_nats),
            "t_s": token.t_s,
            "top_tokens": [each.token for each in token.top],
            "top_logprobs_nats": [_finite(each.logprob_nats) for each in token.top],
            "invalid": token.invalid,
        }


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _pyarrow() -> Any:
    """The package, None if the extra ``hub`` is not installed."""
    try:
        importlib.import_module("pyarrow.parquet")
        return importlib.import_module("pyarrow")
    except ModuleNotFoundError:
        return None


class _Table:
    """One table, written row by row in both forms."""

    def __init__(self, stem: Path, columns: dict[str, str], pyarrow: Any) -> None:
        self._rows = list[_TableRow]()
        # Line feeds on Windows too: the same recordings give the same file.
        self._lines: TextIO = stem.with_suffix(".jsonl").open("w", encoding="utf-8", newline="\n")
        self._write: Callable[[list[_TableRow]], None] | None = None
        self._close: Callable[[], None] = lambda: None
        if pyarrow is not None:
            schema = pyarrow.schema([(name, _type(pyarrow, kind)) for name, kind in columns.items()])
            writer = pyarrow.parquet.ParquetWriter(stem.with_suffix(".parquet"), schema, compression="zstd")
            self._write = lambda rows: writer.write_table(pyarrow.Table.from_pylist(rows, schema))
            self._close = writer.close

    def add(self, row: _TableRow) -> None:
        """Write a row."""
        row = {name: _readable(value) for name, value in row.items()}
        self._lines.write(json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n")
        if self._write is not None:
            self._rows.append(row)
            if len(self._rows) >= _ROWS_AT_ONCE:
                self._flush()

    def _flush(self) -> None:
        if self._write is not None and self._rows:
            self._write(self._rows)
            self._rows.clear()

    def __enter__(self) -> _Table:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._flush()
        finally:
            self._lines.close()
            self._close()


def _type(pyarrow: Any, kind: str) -> Any:
    if kind.startswith("["):
        return pyarrow.list_(_type(pyarrow, kind[1:-1]))
    return getattr(pyarrow, {"bool": "bool_"}.get(kind, kind))()
