"""Bodies in JSON lines, read as docs/cassette.md says and with nothing of llmxray."""

from __future__ import annotations

import base64
import json
import re
import struct
from collections.abc import Iterator
from itertools import islice
from typing import Any

_MARK = re.compile(r"⟦(text|tokens)( ascii)?⟧")


class Text(str):
    """The text of a number, to be written as it stands."""


def body_of(body: dict[str, Any]) -> bytes:
    """The body of an interaction."""
    if "text" in body:
        return str(body["text"]).encode("utf-8")
    if "b64" in body:
        return base64.b64decode(body["b64"])
    columns = body["columns"]
    texts, entries = iter(columns["texts"]), rows_of(columns["tokens"])
    sizes = iter(unrun(columns["n"]))
    events = []
    for frame in (columns["frames"][number] for number in unrun(columns["events"])):
        if frame[0] == "=":
            events.append(frame[1:])
            continue
        lists = [list(islice(entries, next(sizes))) for _ in range(int(frame[1]))]
        events.append(f"data: {filled(frame[2:], list(islice(texts, int(frame[0]))), lists)}")
    return "\n\n".join(events).encode("utf-8")


def unrun(runs: list[list[int]]) -> list[int]:
    """[value, times] pairs written out."""
    return [value for value, times in runs for _ in range(times)]


def filled(frame: str, texts: list[str], lists: list[list[Any]]) -> str:
    """The JSON text of an event; its first key tells whether a space follows commas and colons."""
    spaced = bool(re.match(r'\{"(?:[^"\\]|\\.)*": ', frame))
    values: dict[str, Iterator[Any]] = {"text": iter(texts), "tokens": iter(lists)}
    return _MARK.sub(lambda mark: written(next(values[mark[1]]), spaced, bool(mark[2])), frame)


def written(value: Any, spaced: bool, ascii_only: bool) -> str:
    """A value as JSON."""
    comma, colon = (", ", ": ") if spaced else (",", ":")
    if isinstance(value, Text):
        return str(value)
    if isinstance(value, list):
        return f"[{comma.join(written(each, spaced, ascii_only) for each in value)}]"
    if isinstance(value, dict):
        pairs = (
            json.dumps(key, ensure_ascii=ascii_only) + colon + written(each, spaced, ascii_only)
            for key, each in value.items()
        )
        return "{" + comma.join(pairs) + "}"
    return json.dumps(value, ensure_ascii=ascii_only)


def rows_of(stored: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Token entries."""
    if "rows" in stored:
        yield from (plain(row) for row in stored["rows"])
        return
    columns: dict[str, list[Any]] = {}
    for key, column in zip(stored["keys"], stored["columns"], strict=True):
        columns[key] = [] if "utf8_of" in column else values_of(column)
    for key, column in zip(stored["keys"], stored["columns"], strict=True):
        if "utf8_of" in column:
            columns[key] = [
                list(text.encode("utf-8", "surrogatepass")) for text in columns[column["utf8_of"]]
            ]
    for row in zip(*columns.values(), strict=True):
        yield dict(zip(columns, row, strict=True))


def values_of(column: dict[str, Any]) -> list[Any]:
    """The values of a column."""
    if "f32" in column:
        values: list[Any] = [struct.unpack("<f", struct.pack("<f", each))[0] for each in column["f32"]]
        for place, text in column.get("odd", {}).items():
            values[int(place)] = Text(text)
        return values
    if "num" in column:
        return [Text(text) for text in column["num"]]
    if "of" in column:
        rows = rows_of(column["of"])
        return [list(islice(rows, size)) for size in unrun(column["n"])]
    return [plain(each) for each in column["as"]]


def plain(value: Any) -> Any:
    """A value in which numbers that keep their text are marked by the key NUL num."""
    if isinstance(value, dict):
        return Text(value["\0num"]) if list(value) == ["\0num"] else {k: plain(v) for k, v in value.items()}
    return [plain(each) for each in value] if isinstance(value, list) else value
