"""Which requests are the same request, and which recorded one is nearest to a request never recorded.

A RequestKey is ``v1:`` and the SHA-256 of RFC 8785 canonical JSON of {method, path, endpoint, body}.
Fields that change no answer (`IGNORED`, padding of the stream, and those that the user names) are left out of
the body. Text is never normalised: "é" in one code point and in two are different requests. Where RFC 8785 has
no form for a value (integers beyond 2^53, lone surrogates), the raw body is hashed instead.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import rfc8785

from llmxray.errors import InputError
from llmxray.limits import JSON_DEPTH
from llmxray.safe import safe
from llmxray.types import Json
from llmxray.wire.json_values import is_nested_deeper

# Who asks, what the vendor keeps, how it is cached and billed: none of it changes what a model would say.
IGNORED = frozenset(
    {
        "user",
        "metadata",
        "safety_identifier",
        "prompt_cache_key",
        "prompt_cache_retention",
        "store",
        "service_tier",
    }
)
_SHOWN_FIELDS = 5
_SHOWN_BEFORE, _SHOWN_AFTER = 24, 48
_ABSENT = "—"
_TOO_DEEP = f"request body is nested more than {JSON_DEPTH} levels deep"


class RequestBodyError(InputError, ValueError):
    """A request that has no identity: its body is no JSON object or gives a key twice, or its head is no JSON."""


@dataclass(frozen=True, slots=True)
class FieldDiff:
    """One field in which two requests differ.

    Attributes:
        path: place in the body, such as ``messages[1].content``.
        recorded: what was recorded, as JSON text cut around the first difference; "—" when absent.
        asked: what was asked, likewise.
    """

    path: str
    recorded: str
    asked: str


def parse_body(raw: bytes) -> dict[str, Json]:
    """The JSON object of a request body.

    Raises:
        RequestBodyError: not UTF-8, not a JSON object, nested too deeply, a key given twice, NaN, or a number too large
            for a double.
    """
    try:
        body = _DECODE(raw.decode("utf-8"))
    # A ValueError too, and it says more.
    except RequestBodyError:
        raise
    except RecursionError as error:
        raise RequestBodyError(_TOO_DEEP) from error
    except ValueError as error:
        raise RequestBodyError(f"request body is not JSON: {error}") from error
    if not isinstance(body, dict):
        raise RequestBodyError("request body is not a JSON object")
    # The same everywhere: what Python itself reads depends on how deep in a program it is called.
    if raw.count(b"[") + raw.count(b"{") > JSON_DEPTH and is_nested_deeper(body):
        raise RequestBodyError(_TOO_DEEP)
    return body


def encode_body(body: Mapping[str, Json]) -> bytes:
    """The bytes to send for a body, so that the key of the mapping and of the bytes agree."""
    # ASCII only: half a surrogate pair, which UTF-8 refuses, goes through as an escape.
    return json.dumps(body, separators=(",", ":")).encode()


def request_key(
    method: str,
    path: str,
    endpoint: str,
    body: bytes | Mapping[str, Json],
    *,
    headers: Sequence[tuple[str, str]] = (),
    ignored: Collection[str] = (),
) -> str:
    """Identity of a request: ``v1:`` and 64 hex digits.

    Args:
        method: HTTP method, upper case.
        path: ``/v1/chat/completions`` and the like, whatever path the base URL has; with the query as sent.
        endpoint: label of the endpoint, not its address.
        body: the bytes as sent, or the mapping that ``encode_body`` turns into bytes.
        headers: those that change what is answered, lower-case names.
        ignored: top-level fields of the body that are left out beside `IGNORED`.

    Raises:
        RequestBodyError: see ``parse_body``; an empty body counts as ``{}``. Or the method, path, label or a header
            holds half a surrogate pair, or a mapping is no body that could be sent.
    """
    parsed = (parse_body(body) if body else {}) if isinstance(body, bytes) else body
    head: dict[str, Json] = {"method": method, "path": path, "endpoint": endpoint}
    if headers:
        head["headers"] = dict(headers)
    try:
        canonical = _canonical({**head, "body": _identifying(parsed, ignored)})
    except (ValueError, RecursionError):
        try:
            # Rounding such an integer as RFC 8785 would merges different seeds into one recording.
            raw = body if isinstance(body, bytes) else encode_body(body)
            # Canonical JSON holds no line feed, so no body can pass for a part of the head.
            canonical = rfc8785.dumps(head) + b"\n" + raw
        except (ValueError, RecursionError) as error:
            raise RequestBodyError(f"request has no canonical form: {error}") from error
    return "v1:" + hashlib.sha256(canonical).hexdigest()


def nearest_request(
    body: Mapping[str, Json],
    candidates: Iterable[tuple[str, Mapping[str, Json]]],
    *,
    ignored: Collection[str] = (),
) -> tuple[str, tuple[FieldDiff, ...]] | None:
    """The recorded request that differs from ``body`` in the fewest fields; None without candidates.

    Among equals the one whose first differing text agrees longest with the one asked, then the
    first given. Takes about 10 µs a candidate.
    """
    asked = dict(_leaves(_identifying(body, ignored)))
    best: tuple[tuple[int, int], str, dict[str, Json], list[str]] | None = None
    for key, candidate in candidates:
        recorded = dict(_leaves(_identifying(candidate, ignored)))
        # Comparison stops at the best count so far, which keeps thousands of candidates cheap.
        paths = _differing(recorded, asked, limit=best[0][0] if best else len(asked) + len(recorded))
        if paths is None:
            continue
        rank = (len(paths), -_agreement(recorded, asked, paths))
        if best is None or rank < best[0]:
            best = rank, key, recorded, paths
    if best is None:
        return None
    _, key, recorded, paths = best
    return key, tuple(FieldDiff(path, *_excerpts(recorded, asked, path)) for path in paths)


def miss_message(
    cassette: str, key: str, found: tuple[str, Sequence[FieldDiff]] | None, *, how: str = ""
) -> str:
    """One paragraph about a request that was never recorded.

    Args:
        cassette: name of the cassette that was searched.
        key: key of the request asked.
        found: what ``nearest_request`` answered.
        how: what to do about it, a whole sentence; "" for none.
    """
    opening = f"Request {_short(key)} is not recorded in cassette '{cassette}'."
    if found is None:
        middle = "The cassette has no recording to compare it with."
    elif not found[1]:
        middle = f"The same body is recorded as {_short(found[0])}, for another path or endpoint label."
    else:
        shown = [f"{d.path} (recorded {d.recorded}, asked {d.asked})" for d in found[1][:_SHOWN_FIELDS]]
        rest = len(found[1]) - len(shown)
        fields = "1 field" if len(found[1]) == 1 else f"{len(found[1])} fields"
        middle = f"The nearest recorded request, {_short(found[0])}, differs in {fields}: {'; '.join(shown)}"
        middle += f"; and {rest} more." if rest else "."
    # A client shows it in a terminal, and what was recorded may be a stranger's.
    return safe(" ".join(part for part in (opening, middle, how) if part))


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    unique = dict(pairs)
    if len(unique) < len(pairs):
        (twice, _), *_ = Counter(key for key, _ in pairs).most_common(1)
        raise RequestBodyError(f"request body has the key {json.dumps(twice)} twice; give it once")
    return unique


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise RequestBodyError(f"request body is not JSON: {text} is no number")
    return value


# Made once: `json.loads` with a hook makes a decoder for every call.
_DECODE = json.JSONDecoder(object_pairs_hook=_unique, parse_float=_finite, parse_constant=_finite).decode


_ENCODE = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def _canonical(value: Json) -> bytes:
    """RFC 8785; the encoder of the standard library takes a tenth of the time where it writes the same."""
    try:
        return _ENCODE(_plain(value)).encode()
    # A key or value of no JSON type: rfc8785 says so.
    except (ValueError, TypeError):
        return rfc8785.dumps(value)


def _plain(value: Json) -> Json:
    """The value, whole numbers as integers; ValueError for what RFC 8785 writes or sorts unlike Python."""
    if isinstance(value, str) or value is None:
        return value
    if isinstance(value, dict):
        if not all(map(str.isascii, value)):
            raise ValueError
        return {key: each if type(each) is str else _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, float) and value % 1:
        is_alike = 1e-4 <= abs(value) < 1e15
    else:
        value = int(value) if isinstance(value, float) else value
        is_alike = abs(value) < 2**53
    if not is_alike:
        raise ValueError
    return value


def _identifying(body: Mapping[str, Json], ignored: Collection[str]) -> dict[str, Json]:
    kept = {key: value for key, value in body.items() if key not in IGNORED and key not in ignored}
    options = kept.get("stream_options")
    if isinstance(options, dict) and "include_obfuscation" in options:
        options = {key: value for key, value in options.items() if key != "include_obfuscation"}
        if options:
            kept["stream_options"] = options
        else:
            del kept["stream_options"]
    return kept


def _leaves(value: Json, path: str = "") -> Iterator[tuple[str, Json]]:
    """(path, value) of everything that is not a container with something in it."""
    if isinstance(value, dict) and value:
        for key, entry in value.items():
            yield from _leaves(entry, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and value:
        for index, entry in enumerate(value):
            yield from _leaves(entry, f"{path}[{index}]")
    else:
        yield path, value


def _differing(recorded: dict[str, Json], asked: dict[str, Json], *, limit: int) -> list[str] | None:
    """Paths that differ, or None when there are more than ``limit``."""
    paths: list[str] = []
    for path in {**asked, **recorded}:
        # True == 1 in Python, but not in JSON.
        sides = [(side[path], isinstance(side[path], bool)) for side in (asked, recorded) if path in side]
        if len(sides) < 2 or sides[0] != sides[1]:
            paths.append(path)
            if len(paths) > limit:
                return None
    return paths


def _agreement(recorded: dict[str, Json], asked: dict[str, Json], paths: list[str]) -> int:
    """Characters that the first differing text has in common at its start and its end."""
    for path in paths:
        left, right = recorded.get(path), asked.get(path)
        if isinstance(left, str) and isinstance(right, str):
            start = _common_start(left, right)
            return start + _common_start(left[start:][::-1], right[start:][::-1])
    return 0


def _common_start(left: str, right: str) -> int:
    # Halving compares slices, which C does, where a loop would go through prompts by character.
    low, high = 0, min(len(left), len(right))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if left[:middle] == right[:middle] else (low, middle - 1)
    return low


def _excerpts(recorded: dict[str, Json], asked: dict[str, Json], path: str) -> tuple[str, str]:
    left, right = (
        json.dumps(side[path], ensure_ascii=False) if path in side else _ABSENT for side in (recorded, asked)
    )
    at = _common_start(left, right)
    return _around(left, at), _around(right, at)


def _around(text: str, at: int) -> str:
    low, high = max(0, at - _SHOWN_BEFORE), at + _SHOWN_AFTER
    return ("…" if low else "") + text[low:high] + ("…" if high < len(text) else "")


def _short(key: str) -> str:
    return key[:15] + "…" if len(key) > 16 else key
