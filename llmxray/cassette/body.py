"""The bytes of a reply ↔ JSON that anyone can read, exact to the byte.

``events``
    The events of a stream: the JSON object that the server sent, ``[event, n]`` where it came n times in a row, or the
    text of another event. A value is "〃" if it equals that of the previous event.
``tokens``
    The entries of all ``logprobs`` lists, a row each: its values in the order of ``keys``, alternatives (rows of the
    same kind) and ``bytes`` at the end. Bytes that are the UTF-8 of the token are left out. The event has the length of
    the list in its place, and ``true`` where a delta is the text of these tokens.
``float32``
    Log-probabilities are float32 that the server wrote as doubles; rows have their shortest float32 text.
``style``
    How the server wrote JSON: "spaced", "ascii".
``text``, ``b64``
    All of any other body.

There are no special cases: `encode` reads back what it wrote. If the bytes differ, it keeps the sent text
of the number, the event or the whole body.
"""

from __future__ import annotations

import base64
import json
import re
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from itertools import islice
from typing import Any

import numpy as np

from llmxray.limits import BODY_CHARACTERS, BODY_EVENTS
from llmxray.wire.json_values import is_nested_deeper

type Event = dict[str, Any]

MALFORMED = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError)
"""Errors from reading a malformed body."""
_GAP, _DATA, _DITTO = "\n\n", "data: ", "〃"
_TEXTS = ("content", "refusal", "reasoning_content")
_SPACED = re.compile(r'\{"(?:[^"\\]|\\.)*": ')
_KEPT_NUMBER = re.compile(r'("logprob": ?)"(-?\d[\d.eE+-]*)"')


class _Number(float):
    """A number with the text that it was sent as."""

    def __init__(self, text: str) -> None:
        self.text = text


def encode(body: bytes) -> dict[str, Any]:
    """The JSON of these bytes in a recording's line."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return {"b64": base64.b64encode(body).decode("ascii")}
    with suppress(*MALFORMED):
        stored = _take_apart(text)
        if stored and not is_nested_deeper(stored) and decode(json.loads(_compact(stored).encode())) == body:
            return stored
    return {"text": text}


def decode(stored: Mapping[str, Any]) -> bytes:
    """The bytes.

    Raises:
        `MALFORMED`: it is malformed.
    """
    if "b64" in stored:
        # Otherwise Python would skip other characters.
        return base64.b64decode(stored["b64"], validate=True)
    return "".join(pieces(stored)).encode("utf-8")


def pieces(stored: Mapping[str, Any]) -> list[str]:
    """The texts of the events, each with the blank line behind it; together they are the body.

    Raises:
        `MALFORMED`: it is malformed.
    """
    if "text" in stored:
        return [stored["text"]]
    write, texts, left = _writer(stored.get("style", "")), list[str](), BODY_CHARACTERS
    for event in events(stored, kept=True):
        texts.append((event if isinstance(event, str) else _DATA + write(event)) + _GAP)
        left -= len(texts[-1])
        if left < 0:
            raise ValueError(f"a body of more than {BODY_CHARACTERS:,} characters")
    texts[-1] = texts[-1].removesuffix(_GAP)
    return [_KEPT_NUMBER.sub(r"\1\2", text) for text in texts] if stored.get("kept") else texts


def events(stored: Mapping[str, Any], *, kept: bool = False) -> list[Event | str]:
    """The events as sent; those that are not JSON objects as text.

    Args:
        kept: give numbers that were kept as text as that text.

    Raises:
        `MALFORMED`: it is malformed.
    """
    entries = _read_rows(stored, kept=kept) if "tokens" in stored else iter(())
    whole, before = list[Event | str](), dict[str, Any]()
    for each in stored["events"]:
        event, times = each if isinstance(each, list) else (each, 1)
        if len(whole) + times > BODY_EVENTS:
            raise ValueError(f"more than {BODY_EVENTS:,} events")
        if isinstance(event, str):
            whole += [event] * times
            continue
        for _ in range(times):
            before = {name: before[name] if value == _DITTO else value for name, value in event.items()}
            if before.get("choices"):
                before["choices"] = [_filled(choice, entries) for choice in before["choices"]]
            whole.append(before)
    return whole


def _filled(choice: Event, entries: Iterator[Event]) -> Event:
    """A choice with its token entries, and with the text that they spell."""
    if not (lists := choice.get("logprobs")):
        return choice
    lists = {name: list(islice(entries, n)) if type(n) is int else n for name, n in lists.items()}
    filled, delta = {**choice, "logprobs": lists}, choice.get("delta", {})
    for name in _TEXTS:
        if delta.get(name) is True:
            filled["delta"] = {**delta, name: _spelled(lists[name])}
    return filled


def _spelled(entries: Sequence[Event]) -> str:
    return "".join([entry["token"] for entry in entries])


def _read_rows(stored: Mapping[str, Any], *, kept: bool) -> Iterator[Event]:
    keys, narrow, was_kept = stored["keys"], stored.get("float32"), stored.get("kept")
    names = [key for key in keys if key != "bytes"]
    token, logprob = names.index("token"), names.index("logprob")
    place_of_bytes = keys.index("bytes") if "bytes" in keys else None
    # An alternative has no alternatives.
    n = len(names) - (names[-1] == "top_logprobs")

    def entry(row: list[Any], n_values: int) -> Event:
        row, number = [*row], row[logprob]
        if narrow and type(number) is float:
            row[logprob] = _as_double(number)
        elif was_kept and not kept and type(number) is str:
            row[logprob] = float(number)
        if place_of_bytes is not None:
            listed = row[n_values] if len(row) > n_values else _utf8(row[token])
            row = [*row[:place_of_bytes], listed, *row[place_of_bytes:n_values]]
        return dict(zip(keys, row, strict=False))

    for row in stored["tokens"]:
        if len(names) > n and row[n]:
            row = [*row[:n], [entry(alternative, n) for alternative in row[n]], *row[n + 1 :]]
        yield entry(row, len(names))


def _take_apart(text: str) -> dict[str, Any] | None:
    """The events and tokens of a stream of JSON objects; None for another text."""
    if (first := text.find(_DATA + "{")) < 0:
        return None
    styles = ["spaced"] if _SPACED.match(text, first + len(_DATA)) else []
    styles += ["ascii"] if text.isascii() and "\\u" in text else []
    style = " ".join(styles)
    write, runs, entries, before = _writer(style), list[list[Any]](), list[Event](), dict[str, Any]()
    for piece in text.split(_GAP):
        event = _read_event(piece)
        short: Event | str = piece
        # Numbers of tokens are looked at one by one.
        if event is not None and (_has_tokens(event) or _DATA + write(event) == piece):
            short = {name: _ditto(value, before.get(name)) for name, value in event.items()}
            before = event
            if "choices" in event:
                short["choices"] = [_emptied(choice, entries) for choice in event["choices"]]
        if runs and type(runs[-1][0]) is type(short) and runs[-1][0] == short:
            runs[-1][1] += 1
        else:
            runs.append([short, 1])
    stored: dict[str, Any] = {"style": style} if style else {}
    stored["events"] = [event if times == 1 else [event, times] for event, times in runs]
    return stored | (_rows(entries) if entries else {})


def _read_event(piece: str) -> Event | None:
    with suppress(ValueError):
        if piece.startswith(_DATA + "{"):
            event: Event = json.loads(piece.removeprefix(_DATA), parse_float=_Number)
            return event
    return None


def _has_tokens(event: Event) -> bool:
    return any(choice.get("logprobs") for choice in event.get("choices") or ())


def _ditto(value: Any, before: Any) -> Any:
    return _DITTO if type(value) in (str, int) and value and value == before else value


def _emptied(choice: Event, entries: list[Event]) -> Event:
    """A choice without its token entries, which are added to the list."""
    if not (lists := choice.get("logprobs")):
        return choice
    lengths, delta = dict(lists), dict(choice.get("delta", {}))
    for name in _TEXTS:
        if listed := lists.get(name):
            lengths[name] = len(listed)
            entries += listed
            if delta.get(name) == _spelled(listed):
                delta[name] = True
    return {**choice, "logprobs": lengths, **({"delta": delta} if "delta" in choice else {})}


def _rows(entries: Sequence[Event]) -> dict[str, Any]:
    keys = list(entries[0])
    names = [key for key in keys if key not in ("bytes", "top_logprobs")]
    logprob = names.index("logprob")
    alternatives = [each for entry in entries for each in entry.get("top_logprobs") or ()]
    numbers = [entry["logprob"] for entry in (*entries, *alternatives) if type(entry["logprob"]) is _Number]
    narrow = sum(repr(_as_double(_as_float32(number))) == number.text for number in numbers) * 2 > len(
        numbers
    )
    any_kept = False

    def row(entry: Event) -> list[Any]:
        nonlocal any_kept
        values = [entry[name] for name in names]
        if type(number := entry["logprob"]) is _Number:
            short = _as_float32(number) if narrow else float(number)
            is_exact = repr(_as_double(short) if narrow else short) == number.text
            values[logprob] = short if is_exact else number.text
            any_kept |= not is_exact
        if "top_logprobs" in entry:
            values.append([row(alternative) for alternative in entry["top_logprobs"] or ()])
        if "bytes" in keys and entry["bytes"] != _utf8(entry["token"]):
            values.append(entry["bytes"])
        return values

    tokens = [row(entry) for entry in entries]
    marks = {"float32": True} if narrow else {}
    return {"keys": keys, **marks, **({"kept": True} if any_kept else {}), "tokens": tokens}


@lru_cache(8192)
def _utf8(token: str) -> list[int]:
    return list(token.encode("utf-8"))


def _as_float32(number: float) -> float:
    """The double whose shortest text is that of the float32."""
    with np.errstate(over="ignore"):
        return float(str(np.float32(number)))


def _as_double(number: float) -> float:
    """The float32 nearest to a number, as the double that a server writes."""
    value: float = struct.unpack("f", struct.pack("f", number))[0]
    return value


@lru_cache(4)
def _writer(style: str) -> Callable[[Any], str]:
    """What writes JSON as the server did."""
    separators = (", ", ": ") if "spaced" in style else (",", ":")
    return json.JSONEncoder(ensure_ascii="ascii" in style, separators=separators, allow_nan=False).encode


_compact = _writer("")
