"""Interaction ↔ one JSON object, exact to the byte and the microsecond.

The object is what a line of a recording holds. Times are integers of microseconds, as differences, because
the recorder rounds to microseconds when a chunk arrives: nothing is lost. The body is kept in the first of
three forms that rebuilds the received bytes: columns of tokens and logprobs (`columns`), text, base64. A text
of megabytes that is not ASCII is base64 as well.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import Any

from llmxray.cassette import bounds, stream_columns
from llmxray.cassette.bounds import AMISS, Room
from llmxray.cassette.scrub import is_kept
from llmxray.types import ALWAYS_IDENTIFYING, CHAT, Chunk, EndCause, Interaction, Route
from llmxray.wire.loose import is_nested_deeper

# Of a final response: those below come before one, and three digits are what HTTP has.
STATUSES = range(200, 1000)
# Of samples, tries, and requests in flight: no column, table or other tool's file is too narrow for it.
LARGEST_NUMBER = 2**31 - 1
# More than three years. No reply takes as long, and no sum of such times is too large for 64 bits.
LONGEST_US = 10**14
# Bytes of a body.
_LONGEST_TEXT = 4 << 20


def to_line(interaction: Interaction, *, with_request: bool = False) -> dict[str, Any]:
    """The JSON object of one interaction; ``with_request`` is for the journal.

    A journal line has the request in it, and the body as it came: a recorder has no time for columns.
    """
    line: dict[str, Any] = {
        "key": interaction.key,
        "sample": interaction.sample,
        "attempt": interaction.attempt,
        **head(interaction),
        **chunk_columns(interaction),
        "body": _encode_body(interaction.body, compact=not with_request),
    }
    if with_request:
        line["request"] = dict(interaction.request)
    return line


def check(interaction: Interaction) -> None:
    """Refuse an interaction that `from_line` could not read from what `to_line` writes.

    Raises:
        ValueError: it has a value that no reader takes.
    """
    each = interaction
    try:
        with_head(head(each), each.key, each.sample, each.attempt, each.request, each.chunks)
        _check_times(chunk_columns(each)["t_us"])
    except AMISS as error:
        raise ValueError(f"{type(error).__name__}: {error}") from error
    if is_nested_deeper(each.request):
        raise ValueError("a request that is nested too deeply")


def from_line(
    line: Mapping[str, Any], request: Mapping[str, Any] | None = None, *, size: int = 0, journal: bool = False
) -> Interaction:
    """The inverse of `to_line`; the request comes from the line or from the argument.

    Args:
        size: bytes of the line's text, by which the length of its body is limited.
        journal: whether it is a line of a journal, which holds no columns.

    Raises:
        ValueError: a field is missing or of the wrong kind, or the body does not have the stated length.
    """
    try:
        if journal and "columns" in line["body"]:
            raise ValueError("a body in columns, which no journal holds")
        body = _decode_body(line["body"], bounds.REBUILT.room(size))
        lengths = line["len"]
        _check_times(line["t_us"])
        # One below zero would give a byte to two chunks.
        if min(lengths, default=0) < 0 or sum(lengths) != len(body):
            raise ValueError(f"body has {len(body)} bytes, its chunks {sum(lengths)}")
        ends = list(accumulate(lengths, initial=0))
        times = accumulate(line["t_us"])
        # A division gives the very double that rounding to microseconds gave; times 1e-6 would not.
        chunks = tuple(
            Chunk(t / 1e6, body[start:end]) for t, (start, end) in zip(times, pairwise(ends), strict=True)
        )
        request = line["request"] if request is None else request
        return with_head(line, line["key"], line["sample"], line["attempt"], request, chunks)
    # Lines may be edited by hand: whatever is amiss in one becomes one kind of error, which the caller places.
    except AMISS as error:
        raise ValueError(f"not a recorded interaction ({type(error).__name__}: {error})") from error


def head(interaction: Interaction) -> dict[str, Any]:
    """What is one value a recording, its address and request apart."""
    return {
        "endpoint": interaction.endpoint,
        "status": interaction.status,
        "headers": [list(pair) for pair in interaction.headers],
        "end": interaction.end.value,
        "error": interaction.error,
        "at": interaction.started_at,
        "in_flight": interaction.concurrency,
        # Absent for chat: cassettes without other routes are written as ever.
        **({} if interaction.route == CHAT else {"route": _route_line(interaction.route)}),
    }


def with_head(
    head: Mapping[str, Any],
    key: str,
    sample: int,
    attempt: int,
    request: Mapping[str, Any],
    chunks: tuple[Chunk, ...],
) -> Interaction:
    """The interaction that has that `head`.

    Raises:
        ValueError, KeyError, TypeError: a field is missing or of the wrong kind.
    """
    headers = tuple([(name, value) for name, value in head["headers"]])
    texts = (key, head["endpoint"], head["error"], head["at"])
    numbers = (sample, attempt, head["in_flight"], head["status"] or 0)
    # A stranger's file may have anything here, and what is wrong would show far from where it stands.
    if {*map(type, texts)} != {str} or {*map(type, numbers)} != {int} or not isinstance(request, Mapping):
        raise ValueError("a field of the wrong kind")
    for each in (sample, attempt, head["in_flight"]):
        check_number(each)
    _check_headers(headers)
    if head["status"] is not None and head["status"] not in STATUSES:
        raise ValueError(f"a status of {head['status']}")
    return Interaction(
        key=key,
        sample=sample,
        attempt=attempt,
        endpoint=head["endpoint"],
        request=request,
        status=head["status"],
        headers=headers,
        chunks=chunks,
        end=EndCause(head["end"]),
        error=head["error"],
        started_at=head["at"],
        concurrency=head["in_flight"],
        route=_route(head.get("route")),
    )


def check_number(number: int) -> None:
    """Refuse what is no sample, try, or number of requests in flight.

    Raises:
        ValueError: it is below 0 or beyond `LARGEST_NUMBER`.
    """
    if not 0 <= number <= LARGEST_NUMBER:
        raise ValueError(f"a sample, attempt or in_flight that is not from 0 to {LARGEST_NUMBER:,}")


def _check_times(differences: list[int]) -> None:
    """Refuse times of chunks that no clock has: each since the one before, in microseconds.

    Raises:
        ValueError, TypeError: one is no whole number, comes before the one before it, or is beyond `LONGEST_US`.
    """
    if not {*map(type, differences)} <= {int} or min(differences, default=0) < 0:
        raise ValueError("a chunk that came before the one before it")
    if sum(differences) > LONGEST_US:
        raise ValueError(f"a chunk that came after more than {LONGEST_US // 10**6:,} s")


# Replies of one server have the same few sets of headers.
@lru_cache(maxsize=256)
def _check_headers(headers: tuple[tuple[Any, Any], ...]) -> None:
    """Refuse headers that no recorder keeps, and no proxy can send again.

    Raises:
        ValueError, TypeError: there are some.
    """
    if not all(type(each) is str and each.isprintable() for pair in headers for each in pair):
        raise ValueError("a header that is no text, or one with a control character")
    # Of a stranger's cassette: a redirect would send a client elsewhere, with its key.
    for name, _ in headers:
        if not is_kept(name):
            raise ValueError(f"a header that no recording keeps, {name[:40]!r}")


def _route_line(route: Route) -> dict[str, Any]:
    line: dict[str, Any] = {"method": route.method, "path": route.path}
    if route.headers:
        line["headers"] = [list(pair) for pair in route.headers]
    return line | ({"ignored": list(route.ignored)} if route.ignored else {})


def _route(line: Mapping[str, Any] | None) -> Route:
    if line is None:
        return CHAT
    headers = tuple((name, value) for name, value in line.get("headers", ()))
    ignored = tuple(map(str, line.get("ignored", ())))
    # What a cassette leaves out, whoever records into it leaves out too: all questions would be one.
    if not ALWAYS_IDENTIFYING.isdisjoint(ignored):
        raise ValueError(f"leaves {min(ALWAYS_IDENTIFYING & {*ignored})!r} out of what tells requests apart")
    return Route(str(line["method"]), str(line["path"]), headers, ignored)


def checksum(interaction: Interaction) -> int:
    """CRC-32 of a recording: of the JSON text of its address, head and chunks, then of its body."""
    about = {
        "key": interaction.key,
        "sample": interaction.sample,
        "attempt": interaction.attempt,
        **head(interaction),
        **chunk_columns(interaction),
    }
    # Of what was received, not of how it is stored: stored in another form, it keeps its checksum.
    return zlib.crc32(interaction.body, zlib.crc32(dumps(about).encode("utf-8", "surrogatepass")))


def chunk_columns(interaction: Interaction) -> dict[str, list[int]]:
    """Per chunk: microseconds since the one before, and bytes."""
    return {
        "t_us": _differences([round(chunk.t_s * 1e6) for chunk in interaction.chunks]),
        "len": [len(chunk.raw) for chunk in interaction.chunks],
    }


def loads_strictly(text: bytes) -> Any:
    """JSON in which no key stands twice.

    Raises:
        ValueError: not JSON, nested too deeply, or a key stands twice.
    """
    try:
        return json.loads(text, object_pairs_hook=_unique)
    except RecursionError as error:
        raise ValueError("is nested too deeply") from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # Readers differ in which of two they keep, so that one file would say two things.
    unique = dict(pairs)
    if len(unique) < len(pairs):
        (twice, _), *_ = Counter(name for name, _ in pairs).most_common(1)
        raise ValueError(f"the key {twice!r} stands twice")
    return unique


def dumps(value: Any) -> str:
    """JSON as every file of a cassette has it: one line, compact, readable text."""
    # Python writes NaN all the same unless told: other readers would stop there.
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _differences(values: list[int]) -> list[int]:
    return [now - before for before, now in pairwise([0, *values])]


def _encode_body(body: bytes, *, compact: bool) -> dict[str, Any]:
    stored = stream_columns.encode(body) if compact else None
    if stored is not None:
        return {"columns": stored}
    # As a text, each character takes as much as the widest one, and a line of the journal is held several times.
    if len(body) <= _LONGEST_TEXT or body.isascii():
        with suppress(UnicodeDecodeError):
            return {"text": body.decode("utf-8")}
    return {"b64": base64.b64encode(body).decode("ascii")}


def _decode_body(stored: Mapping[str, Any], room: Room) -> bytes:
    if "columns" in stored:
        return stream_columns.decode(stored["columns"], room)
    if "text" in stored:
        text: str = stored["text"]
        return text.encode("utf-8")
    # Without `validate` Python skips what is no base64, and damage would pass.
    return base64.b64decode(stored["b64"], validate=True)
