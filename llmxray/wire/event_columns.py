"""A stream event's JSON text ↔ what varies in it (texts, token entries) and what repeats (skeleton).

A cassette keeps the varying values as columns and each skeleton once. Nothing is trusted:
``disassemble`` answers only where ``assemble`` gives back exactly the text it was given.
Numbers in token entries keep the text they were sent as (``Number``).
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Mapping, Sequence
from json.encoder import encode_basestring, encode_basestring_ascii
from typing import NamedTuple

import numpy as np

from llmxray.types import Json
from llmxray.wire.openai import event_parts

# Marks for the eye: a cassette's JSON lines are meant to be read. Replies may hold them, see `disassemble`.
_MARK = re.compile(r"⟦(text|tokens)( ascii)?⟧")
# The first key tells for the whole event: a server writes all of it with one encoder.
_SPACED = re.compile(r'\{"(?:[^"\\]|\\.)*": ')
_FLOAT32_MAX = 3.4028234663852886e38
_ENCODE = {
    (spaced, ascii_only): json.JSONEncoder(
        ensure_ascii=ascii_only, separators=(", ", ": ") if spaced else (",", ":")
    ).encode
    for spaced in (False, True)
    for ascii_only in (False, True)
}


class Number(str):
    """The text of a JSON number with a fraction, an exponent or no value (``NaN``)."""

    __slots__ = ()


class EventColumns(NamedTuple):
    """A stream event taken apart.

    Attributes:
        skeleton: the event's text with ``⟦text⟧`` and ``⟦tokens⟧`` where the values were; the
            variants ``⟦text ascii⟧`` and ``⟦tokens ascii⟧`` escape all beyond ASCII.
        texts: texts of the deltas, in order.
        tokens: token entries of each ``logprobs.content``, in order; keys in order as sent.
    """

    skeleton: str
    texts: tuple[str, ...]
    tokens: tuple[Sequence[Mapping[str, Json]], ...]


def disassemble(payload_text: str) -> EventColumns | None:
    """Take the JSON text of one stream event apart; None where it could not be rebuilt exactly."""
    try:
        return _taken_apart(payload_text)
    # Read by a parser in C, which goes deeper than what writes the value again.
    except RecursionError:
        return None


def _taken_apart(payload_text: str) -> EventColumns | None:
    try:
        # As text: Python would write -0.10 and 1E+2 back as other digits.
        payload = json.loads(payload_text, parse_float=Number, parse_constant=Number)
    except ValueError:
        return None
    if not isinstance(payload, dict):
        return None
    texts, tokens = event_parts(payload)
    spaced = _is_spaced(payload_text)
    colon = ": " if spaced else ":"
    spans: list[tuple[int, int, str]] = []
    for kind, named in (("text", texts), ("tokens", [("content", entries) for entries in tokens])):
        cursor = 0
        for field, value in named:
            span = _find(payload_text, f'"{field}"{colon}', value, kind, cursor, spaced)
            if span is None:
                return None
            spans.append(span)
            cursor = span[1]
    columns = EventColumns(_cut(payload_text, spans), tuple(t for _, t in texts), tuple(tokens))
    # A mark in the event's own text would be taken for one of ours.
    if len(_MARK.findall(columns.skeleton)) != len(spans):
        return None
    return columns if assemble(*columns) == payload_text else None


def assemble(
    skeleton: str,
    texts: Sequence[str],
    tokens: Sequence[Sequence[Mapping[str, Json]]],
    *,
    exact: bool = False,
) -> str:
    """The JSON text that ``disassemble`` took apart.

    Args:
        exact: the tokens hold no ``Number``: each number's text is what Python writes for it. Much faster.

    Raises:
        ValueError: more or fewer values than the skeleton has places.
    """
    spaced = _is_spaced(skeleton)
    values: dict[str, list[object]] = {"text": list(reversed(texts)), "tokens": list(reversed(tokens))}

    def fill(mark: re.Match[str]) -> str:
        if not values[mark[1]]:
            raise ValueError(f"skeleton has more {mark[1]} places than values")
        value, ascii_only = values[mark[1]].pop(), bool(mark[2])
        if exact:
            return _ENCODE[spaced, ascii_only](value)
        return _dump(value, spaced, ascii_only=ascii_only)

    text = _MARK.sub(fill, skeleton)
    if values["text"] or values["tokens"]:
        raise ValueError("skeleton has fewer places than values")
    return text


def float32_text(text: str) -> str | None:
    """Shortest text of a number sent as a float32 widened to double: "-7.533501148223877" → "-7.533501".

    None where ``double_text`` of the short form would not give back exactly ``text``.
    """
    value = float(text)
    # Written so that NaN is refused too; beyond the maximum the cast would warn.
    if not abs(value) <= _FLOAT32_MAX:
        return None
    short = str(np.float32(value))
    return short if double_text(short) == text else None


def double_text(short: str) -> str:
    """Text of the double that equals the float32 nearest to ``short``; inverse of ``float32_text``."""
    (value,) = struct.unpack("<f", struct.pack("<f", float(short)))
    return repr(value)


def _find(
    text: str, key: str, value: object, kind: str, cursor: int, spaced: bool
) -> tuple[int, int, str] | None:
    """Where ``value`` stands behind ``key``, and the mark for it."""
    # The same key and value elsewhere in the event would do as well: filling in gives the same text.
    for flag in ("", " ascii"):
        dumped = _dump(value, spaced, ascii_only=bool(flag))
        start = text.find(key + dumped, cursor)
        if start >= 0:
            start += len(key)
            return start, start + len(dumped), f"⟦{kind}{flag}⟧"
    return None


def _cut(text: str, spans: list[tuple[int, int, str]]) -> str:
    pieces, at = [], 0
    for start, end, mark in sorted(spans):
        pieces += [text[at:start], mark]
        at = end
    return "".join((*pieces, text[at:]))


def _is_spaced(text: str) -> bool:
    return _SPACED.match(text) is not None


def _dump(value: object, spaced: bool, *, ascii_only: bool) -> str:
    # Of our own, for `json.dumps` would put quotes around a `Number`, which is a str.
    quote = encode_basestring_ascii if ascii_only else encode_basestring
    comma, colon = (", ", ": ") if spaced else (",", ":")

    def dump(value: object) -> str:
        if isinstance(value, Number):
            return value
        if isinstance(value, str):
            return quote(value)
        if isinstance(value, dict):
            return "{" + comma.join([quote(k) + colon + dump(v) for k, v in value.items()]) + "}"
        if isinstance(value, list | tuple):
            return "[" + comma.join([dump(entry) for entry in value]) + "]"
        # Not isinstance: True is an int, and `str` writes it with a capital.
        return str(value) if type(value) is int else json.dumps(value)

    return dump(value)
