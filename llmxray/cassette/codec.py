"""Interaction ↔ one JSON object: a line of the journal, or of a sealed file of recordings.

Times are whole microseconds, each since the one before: the recorder rounds to them, so nothing is lost.
"""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import Any

from llmxray.cassette import body
from llmxray.cassette.body import MALFORMED
from llmxray.cassette.scrub import is_recorded_header
from llmxray.limits import JSON_CHARACTERS
from llmxray.types import ALWAYS_IDENTIFYING, CHAT, Chunk, Completion, EndCause, Interaction, Route
from llmxray.wire import read_interaction
from llmxray.wire.json_values import is_nested_deeper
from llmxray.wire.openai import ReplyReader

STATUSES = range(200, 1000)
"""Of a final response; HTTP has three digits."""
LARGEST_NUMBER = 2**31 - 1
"""Of samples, tries, and requests in flight."""
# More than three years: no sum of such times is too large for 64 bits.
_LONGEST_US = 10**14
_GAP = b"\n\n"


def dumps(value: Any) -> str:
    """JSON as every file of a cassette has it: on one line, compact, readable text."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        # Half a surrogate pair: UTF-8 cannot encode it.
        return json.dumps(value, separators=(",", ":"), allow_nan=False)
    return text


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


_decode = json.JSONDecoder(parse_constant=_refuse_constant).decode


def loads(line: bytes | str) -> Any:
    """The value of a line.

    Raises:
        ValueError: it is not JSON, or nested too deeply.
    """
    try:
        return _decode(line if isinstance(line, str) else line.decode())
    except RecursionError as error:
        raise ValueError("is nested too deeply") from error


def loads_strictly(text: bytes) -> Any:
    """JSON without duplicate keys.

    Raises:
        ValueError: not JSON, nested too deeply, or a duplicate key.
    """
    try:
        return json.loads(text, object_pairs_hook=_unique)
    except RecursionError as error:
        raise ValueError("is nested too deeply") from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # Of two, readers keep different ones: one file would have two meanings.
    unique = dict(pairs)
    if len(unique) < len(pairs):
        (twice, _), *_ = Counter(name for name, _ in pairs).most_common(1)
        raise ValueError(f"the key {twice!r} stands twice")
    return unique


def to_journal(interaction: Interaction) -> dict[str, Any]:
    """The object of a journal's line, with the request in it and the body as it came: a recorder is in a hurry.

    Raises:
        ValueError: no reader would take it.
    """
    raw = interaction.body
    try:
        stored = {"text": raw.decode("utf-8")}
    except UnicodeDecodeError:
        stored = {"b64": base64.b64encode(raw).decode("ascii")}
    line = {
        "key": interaction.key,
        **_head(interaction),
        "len": [len(chunk.raw) for chunk in interaction.chunks],
        "request": dict(interaction.request),
        "body": stored,
    }
    if is_nested_deeper(interaction.request):
        raise ValueError("a request that is nested too deeply")
    from_journal(line)
    return line


def from_journal(line: Mapping[str, Any]) -> Interaction:
    """The inverse of `to_journal`.

    Raises:
        ValueError: no recorder wrote it.
    """
    with _as_recorded():
        raw = body.decode(line["body"])
        return _interaction(line, line["key"], line["request"], _cut(raw, line["len"]))


def to_line(interaction: Interaction, request: int, reply: Completion) -> str:
    """The line of a sealed recording, in the most readable form that gives every byte again.

    Args:
        request: place of its request in the requests file.
        reply: what it reads as.
    """
    chunks = [chunk.raw for chunk in interaction.chunks]
    lengths = [len(chunk) for chunk in chunks]
    # Nearly always a chunk is whole events.
    in_events = [-chunk.count(_GAP) for chunk in chunks]
    said = {"reply": reply.text} if reply.text else {}
    stored = body.encode(interaction.body)
    for counts in (in_events, lengths) if "events" in stored and 0 not in in_events else (lengths,):
        line = dumps({"request": request, **said, **_head(interaction), "len": counts, **stored})
        with suppress(*MALFORMED):
            if _chunks(loads(line)) == chunks:
                return line
    raise AssertionError("a body that is kept as text or as base64 is exact")


def from_line(line: bytes, key: str, request: Mapping[str, Any]) -> Interaction:
    """The inverse of `to_line`.

    Raises:
        ValueError: it is not a line of a recording.
    """
    with _as_recorded():
        stored = _parsed(line)
        return _interaction(stored, key, request, _chunks(stored))


def read_reply(line: bytes, key: str) -> Completion:
    """The reply of a recording: `read_interaction` of `from_line`, without putting its bytes together where it can.

    Raises:
        ValueError: it is not a line of a recording.
    """
    with _as_recorded():
        stored = _parsed(line)
        lengths = stored["len"]
        is_chat = "route" not in stored or _route(stored["route"]).is_chat
        told = body.events(stored) if is_chat and "events" in stored and stored["status"] == 200 else []
        # Anything else is read from its bytes.
        if told and max(lengths) < 0 and len(told) == 1 - sum(lengths) and len(line) <= JSON_CHARACTERS:
            # An event arrives with the chunk that completes it.
            times = _times(stored["t_us"])
            arrivals = [t_s for t_s, n in zip(times, lengths, strict=True) for _ in range(-n)]
            reader = ReplyReader()
            for event, t_s in zip(told, arrivals, strict=False):
                if isinstance(event, str) and event.strip() != "data: [DONE]":
                    break
                if isinstance(event, dict):
                    reader.take(event, t_s)
                else:
                    reader.saw_done = True
                if reader.is_full or reader.saw_done:
                    return reader.completion(times[-1])
            else:
                return reader.completion(times[-1])
        return read_interaction(from_line(line, key, {}))


def head_of(line: bytes, key: str) -> Interaction:
    """A recording without its request and its chunks.

    Raises:
        ValueError: it is not a line of a recording.
    """
    with _as_recorded():
        return _interaction(_parsed(line), key, {}, None)


# Scoring a trial reads reply, end and bytes of the same line.
_parsed = lru_cache(maxsize=16)(loads)


@contextmanager
def _as_recorded() -> Iterator[None]:
    try:
        yield
    except MALFORMED as error:
        raise ValueError(f"not a recorded interaction ({type(error).__name__}: {error})") from error


def _head(interaction: Interaction) -> dict[str, Any]:
    route = interaction.route
    micros = [round(chunk.t_s * 1e6) for chunk in interaction.chunks]
    return {
        "sample": interaction.sample,
        "attempt": interaction.attempt,
        "endpoint": interaction.endpoint,
        "status": interaction.status,
        "end": interaction.end.value,
        "error": interaction.error,
        "at": interaction.started_at,
        "in_flight": interaction.concurrency,
        "headers": [list(pair) for pair in interaction.headers],
        **({} if route == CHAT else {"route": _route_line(route)}),
        "t_us": [now - before for before, now in pairwise([0, *micros])],
    }


def _interaction(
    stored: Mapping[str, Any], key: str, request: Mapping[str, Any], pieces: Sequence[bytes] | None
) -> Interaction:
    headers = tuple((name, value) for name, value in stored["headers"])
    texts = (
        key,
        stored["endpoint"],
        stored["error"],
        stored["at"],
        *(each for pair in headers for each in pair),
    )
    numbers = (stored["sample"], stored["attempt"], stored["in_flight"])
    status = stored["status"]
    # A stranger's file may hold anything; check it here, not at its use.
    if not all(type(text) is str for text in texts) or not isinstance(request, Mapping):
        raise ValueError("a field of the wrong kind")
    if not all(type(number) is int and 0 <= number <= LARGEST_NUMBER for number in numbers):
        raise ValueError(f"a sample, attempt or in_flight that is not from 0 to {LARGEST_NUMBER:,}")
    if status is not None and (type(status) is not int or status not in STATUSES):
        raise ValueError(f"a status of {status}")
    for name, value in headers:
        # A redirect would send a client elsewhere, with its key.
        if not is_recorded_header(name) or not value.isprintable():
            raise ValueError(f"a header that no recording keeps, {name[:40]!r}")
    times = _times(stored["t_us"])
    if pieces is not None and len(pieces) != len(times):
        raise ValueError(f"{len(times)} times, {len(pieces)} chunks")
    return Interaction(
        key=key,
        sample=stored["sample"],
        attempt=stored["attempt"],
        endpoint=stored["endpoint"],
        request=request,
        status=status,
        headers=headers,
        chunks=() if pieces is None else tuple(map(Chunk, times, pieces)),
        end=EndCause(stored["end"]),
        error=stored["error"],
        started_at=stored["at"],
        concurrency=stored["in_flight"],
        route=_route(stored["route"]) if "route" in stored else CHAT,
    )


def _times(differences: Sequence[int]) -> list[float]:
    """Seconds since the request from microseconds since the chunk before."""
    if not all(type(each) is int and each >= 0 for each in differences) or sum(differences) > _LONGEST_US:
        raise ValueError("a chunk that came before the one before it, or years later")
    # A division gives the very double that rounding to microseconds gave; times 1e-6 would not.
    return [t / 1e6 for t in accumulate(differences)]


def _chunks(stored: Mapping[str, Any]) -> list[bytes]:
    """The chunks: of so many bytes, or, below zero, of so many events with the blank line behind each."""
    lengths = stored["len"]
    if "events" not in stored or max(lengths, default=0) >= 0:
        return _cut(body.decode(stored), lengths)
    texts = body.pieces(stored)
    ends = list(accumulate((-n for n in lengths), initial=0))
    if ends[-1] != len(texts) - 1 or texts[-1]:
        raise ValueError(f"{len(texts) - 1} events, its chunks have {ends[-1]}")
    return ["".join(texts[start:end]).encode("utf-8") for start, end in pairwise(ends)]


def _cut(raw: bytes, lengths: Sequence[int]) -> list[bytes]:
    # One below zero would give a byte to two chunks.
    if min(lengths, default=0) < 0 or sum(lengths) != len(raw):
        raise ValueError(f"body has {len(raw)} bytes, its chunks {sum(lengths)}")
    return [raw[start:end] for start, end in pairwise(accumulate(lengths, initial=0))]


def _route_line(route: Route) -> dict[str, Any]:
    line: dict[str, Any] = {"method": route.method, "path": route.path}
    if route.headers:
        line["headers"] = [list(pair) for pair in route.headers]
    return line | ({"ignored": list(route.ignored)} if route.ignored else {})


def _route(line: Mapping[str, Any]) -> Route:
    headers = tuple((name, value) for name, value in line.get("headers", ()))
    ignored = tuple(map(str, line.get("ignored", ())))
    # Recording into this cassette would treat all questions as one.
    if not ALWAYS_IDENTIFYING.isdisjoint(ignored):
        raise ValueError(f"leaves {min(ALWAYS_IDENTIFYING & {*ignored})!r} out of what tells requests apart")
    return Route(str(line["method"]), str(line["path"]), headers, ignored)
