"""A recorded event stream as columns: each distinct event frame once, then texts and token entries by column.

The events of one stream repeat everything but a text, a token and its alternatives. What repeats is kept once
as a frame; what varies goes into columns, where it is small after compression and can be queried. Token
entries become one list per key; a list of dicts becomes its lengths and, again, columns. Three encodings save
most of the bytes:

=============  ==========================================================================================
``f32``        numbers that are float32 shown as double, by their shortest float32 text (``odd``: those
               that are not, by position)
``utf8_of``    lists of integers that are the UTF-8 bytes of a text beside them: not stored
``n``/``of``   lists of dicts: how many in each, and the columns of all
=============  ==========================================================================================

`encode` answers None unless `decode` gives back exactly the bytes it was given.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np

from llmxray.cassette import bounds
from llmxray.cassette.bounds import Room
from llmxray.wire import Number, assemble, disassemble, float32_text

_DATA = "data: "
_GAP = "\n\n"


def encode(body: bytes) -> dict[str, Any] | None:
    """The columns of a stream's bytes; None where they could not be rebuilt exactly."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return None
    if not text.startswith(_DATA) or _GAP not in text:
        return None
    frames: dict[str, int] = {}
    sequence: list[int] = []
    texts: list[str] = []
    counts: list[int] = []
    entries: list[Mapping[str, Any]] = []
    for event in text.split(_GAP):
        parts = disassemble(event.removeprefix(_DATA)) if event.startswith(_DATA) else None
        # A frame that is text as it stands must not be taken for one with places to fill.
        # With ten or more of either the digits run on: `_same` notices, and the body is kept as text.
        frame = f"={event}" if parts is None else f"{len(parts.texts)}{len(parts.tokens)}{parts.skeleton}"
        if parts is not None:
            texts += parts.texts
            counts += [len(group) for group in parts.tokens]
            entries += [entry for group in parts.tokens for entry in group]
        sequence.append(frames.setdefault(frame, len(frames)))
    stored = {"frames": list(frames), "events": _runs(sequence), "texts": texts}
    stored |= {"n": _runs(counts), "tokens": _columns(entries)}
    return stored if _same(stored, body) else None


def decode(stored: Mapping[str, Any], room: Room | None = None) -> bytes:
    """The bytes that `encode` was given.

    Args:
        room: the most characters to put together; by default as for a line of no bytes.

    Raises:
        ValueError, KeyError, IndexError, TypeError: these are not such columns.
    """
    room = room or bounds.REBUILT.room(0)
    frames: list[str] = stored["frames"]
    # Runs may say any number of times: what they come to is counted before it is made.
    room.take(sum(times * (len(frames[number]) + 1) for number, times in stored["events"] if times > 0))
    texts, counts = iter(stored["texts"]), iter(_unruns(stored["n"], room))
    entries = _rows(stored["tokens"], room)
    events = []
    for number in _unruns(stored["events"], room):
        frame = frames[number]
        if frame.startswith("="):
            events.append(frame[1:])
            continue
        groups = [list(islice(entries, next(counts))) for _ in range(int(frame[1]))]
        # Mostly no number needs a text of its own, and the standard encoder, in C, will do.
        exact = not any(_holds_numbers(entry) for group in groups for entry in group)
        events.append(_DATA + assemble(frame[2:], list(islice(texts, int(frame[0]))), groups, exact=exact))
    return _GAP.join(events).encode("utf-8")


def _same(stored: Mapping[str, Any], body: bytes) -> bool:
    try:
        return decode(stored) == body
    except (ValueError, KeyError, IndexError, TypeError, StopIteration):
        return False


def _runs(values: Sequence[int]) -> list[list[int]]:
    """Run-length form: [value, times] pairs."""
    runs: list[list[int]] = []
    for value in values:
        if runs and runs[-1][0] == value:
            runs[-1][1] += 1
        else:
            runs.append([value, 1])
    return runs


def _unruns(runs: Sequence[Sequence[int]], room: Room) -> list[int]:
    room.take(sum(times for _, times in runs if times > 0))
    return [value for value, times in runs for _ in range(times)]


def _columns(entries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    if not entries:
        return {"rows": []}
    keys = list(entries[0])
    # In order, too: a column gives every entry the keys of the first, as they stand there.
    if any(list(entry) != keys for entry in entries):
        return {"rows": [{key: _plain(value) for key, value in entry.items()} for entry in entries]}
    values = {key: [entry[key] for entry in entries] for key in keys}
    return {"keys": keys, "columns": [_column(key, values) for key in keys]}


def _column(key: str, values: Mapping[str, list[Any]]) -> Any:
    column = values[key]
    if all(isinstance(value, Number) for value in column):
        return _numbers(column)
    if all(isinstance(value, list) for value in column):
        source = _utf8_source(key, values)
        if source is not None:
            return {"utf8_of": source}
        if any(column) and all(isinstance(each, dict) for value in column for each in value):
            flat = [each for value in column for each in value]
            return {"n": _runs([len(value) for value in column]), "of": _columns(flat)}
    return {"as": [_plain(value) for value in column]}


def _numbers(column: Sequence[str]) -> dict[str, Any]:
    short = [float32_text(text) for text in column]
    # Servers print some doubles with another last digit than Python: those keep their text.
    odd = {str(at): str(text) for at, text in enumerate(column) if short[at] is None}
    if len(odd) * 4 > len(column):
        return {"num": [str(text) for text in column]}
    stored: dict[str, Any] = {"f32": [0 if text is None else float(text) for text in short]}
    return {**stored, "odd": odd} if odd else stored


def _utf8_source(key: str, values: Mapping[str, list[Any]]) -> str | None:
    for name, texts in values.items():
        if name != key and all(
            isinstance(text, str) and not isinstance(text, Number) and _utf8(text) == numbers
            for text, numbers in zip(texts, values[key], strict=True)
        ):
            return name
    return None


def _utf8(text: str) -> list[int]:
    return list(text.encode("utf-8", "surrogatepass"))


def _plain(value: Any) -> Any:
    """Numbers inside anything else keep their text under a key that JSON from servers does not use."""
    if isinstance(value, Number):
        return {"\0num": str(value)}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return value


def _unplain(value: Any) -> Any:
    if isinstance(value, list):
        return [_unplain(each) for each in value]
    if isinstance(value, dict):
        if list(value) == ["\0num"]:
            return Number(value["\0num"])
        return {key: _unplain(each) for key, each in value.items()}
    return value


def _rows(stored: Mapping[str, Any], room: Room) -> Iterator[dict[str, Any]]:
    if "rows" in stored:
        yield from (_unplain(row) for row in stored["rows"])
        return
    keys: list[str] = stored["keys"]
    columns = {key: _values(column, room) for key, column in zip(keys, stored["columns"], strict=True)}
    derived = {
        key: [_utf8(text) for text in columns[column["utf8_of"]]]
        for key, column in zip(keys, stored["columns"], strict=True)
        if "utf8_of" in column
    }
    columns |= derived
    for row in zip(*(columns[key] for key in keys), strict=True):
        yield dict(zip(keys, row, strict=True))


def _holds_numbers(entry: Mapping[str, Any]) -> bool:
    """Whether some number of a token entry keeps a text of its own."""
    return any(
        isinstance(value, Number)
        or (
            isinstance(value, list) and any(isinstance(each, dict) and _holds_numbers(each) for each in value)
        )
        for value in entry.values()
    )


def _values(column: Mapping[str, Any], room: Room) -> list[Any]:
    if "f32" in column:
        # As doubles: Python writes a double as `double_text` does.
        doubles: list[Any] = np.array(column["f32"], dtype=np.float32).astype(np.float64).tolist()
        for at, text in column.get("odd", {}).items():
            doubles[int(at)] = Number(text)
        return doubles
    if "num" in column:
        return [Number(text) for text in column["num"]]
    if "of" in column:
        rows = _rows(column["of"], room)
        return [list(islice(rows, count)) for count in _unruns(column["n"], room)]
    if "as" in column:
        return [_unplain(value) for value in column["as"]]
    return []
