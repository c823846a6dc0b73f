"""Columns of values: what varies between texts of one form, each column in the smallest of a few ways.

===== ==============================================================================================
``c`` one value, the same in every row
``i`` whole numbers
``d`` numbers with at most ``s`` decimals, as whole numbers of ``10**-s``
``t`` times such as ``2026-01-31T12:00:00.000Z``, as milliseconds since 1970
``x`` numbers that follow from two other columns of the same row: ``op`` of ``a`` and ``b``
``e`` few values that repeat: a list of them, and which
``s`` texts; ``p`` begins all of them, ``w`` is their length without it where that is the same
===== ==============================================================================================

Numbers are written as Python writes them (``str`` of an int, ``repr`` of a float: the shortest text that gives
the same double). Where a row of ``d``, ``i``, ``t`` or ``x`` is written otherwise, ``odd`` has its text by row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from llmxray.cassette.sections import Numbers, SectionReader, SectionWriter

type Text = Callable[[int], str]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
# Up to here each whole number has a double of its own.
_LARGEST = 1 << 53
_MOST_STEPS = 1000
# A list of a thousand numbers holds none that follow from one another, and looking for them would take hours.
_MOST_NUMERIC = 48
# What llama.cpp's `timings` work out of one another, in its order of operations: another rounds otherwise.
_OPERATIONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "=": lambda a, b: a,
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "/": lambda a, b: a / b,
    "/-1": lambda a, b: a / (b - 1),
    "per": lambda a, b: 1000.0 / a * b,
    "per-1": lambda a, b: 1000.0 / a * (b - 1),
}


def write(columns: Sequence[Sequence[str]], out: SectionWriter, name: str) -> list[dict[str, Any]]:
    """Add columns of equal length to a block; returns their descriptions, which belong in its header.

    Args:
        name: sections are called that, a dot and the number of the column.
    """
    derived = _derive(columns)
    return [
        derived.get(number) or _write(column, out, f"{name}.{number}")
        for number, column in enumerate(columns)
    ]


def read(described: Sequence[Mapping[str, Any]], sections: SectionReader, name: str) -> list[Text]:
    """For each column a function from row to text.

    Raises:
        ValueError: they are damaged.
    """
    texts: list[Text] = []
    steps: list[int] = []
    for number, column in enumerate(described):
        steps.append(_steps(column, steps))
        # Each of two columns may follow from two others, and so on: a hundred of them would take for ever.
        if steps[-1] > _MOST_STEPS:
            raise ValueError(f"column {number} of {name} follows from too many others")
        texts.append(_read(column, sections, f"{name}.{number}", texts))
    return texts


def _steps(column: Mapping[str, Any], before: Sequence[int]) -> int:
    """Columns that are read to tell one row of a column.

    Raises:
        ValueError: it follows from one that does not come before it.
    """
    if column["k"] != "x":
        return 1
    sources = column["a"], column["b"]
    if any(type(source) is not int or not 0 <= source < len(before) for source in sources):
        raise ValueError("a column that follows from none before it")
    return 1 + sum(int(before[source]) for source in sources)


def _write(column: Sequence[str], out: SectionWriter, name: str) -> dict[str, Any]:
    distinct = dict.fromkeys(column)
    if len(distinct) == 1:
        return {"k": "c", "v": column[0]}
    for kind, parse in _KINDS:
        numbers = [parse(value) for value in column]
        odd = {str(row): column[row] for row, number in enumerate(numbers) if number is None}
        if len(odd) * 8 <= len(column):
            out.ints(name, _filled(numbers))
            described: dict[str, Any] = {"k": kind[0]}
            described |= {"s": int(kind[1:])} if kind[1:] else {}
            return described | ({"odd": odd} if odd else {})
    if len(distinct) * 4 <= len(column):
        places = {value: number for number, value in enumerate(distinct)}
        out.ints(name, [places[value] for value in column])
        return {"k": "e", "v": list(distinct)}
    prefix = _common_prefix(min(distinct), max(distinct))
    rest = [value[len(prefix) :] for value in column]
    widths = {len(value) for value in rest}
    if len(widths) == 1 and all(value.isascii() for value in rest):
        out.data(name, "".join(rest).encode())
        return {"k": "s", "p": prefix, "w": widths.pop()}
    out.texts(name, rest)
    return {"k": "s", "p": prefix}


def _read(column: Mapping[str, Any], sections: SectionReader, name: str, before: Sequence[Text]) -> Text:
    kind = column["k"]
    if kind == "c":
        value: str = column["v"]
        return lambda row: value
    if kind == "e":
        values, codes = column["v"], sections.numbers(name)
        return lambda row: str(values[codes[row]])
    if kind == "s":
        return _read_texts(column, sections, name)
    plain: Text
    if kind == "x":
        plain = _read_derived(column["op"], before, column["a"], column["b"])
    else:
        plain = _number_text(kind, column.get("s", 0), sections.numbers(name))
    odd: Mapping[str, str] = column.get("odd", {})
    return (lambda row: odd[str(row)] if str(row) in odd else plain(row)) if odd else plain


def _read_texts(column: Mapping[str, Any], sections: SectionReader, name: str) -> Text:
    prefix, width = column["p"], column.get("w")
    if width is None:
        data, at = sections.joined(name)
        return lambda row: str(prefix + data[at[row] : at[row + 1] - 1].decode("utf-8", "surrogatepass"))
    joined = sections.data(name).decode("ascii")
    return lambda row: str(prefix + joined[row * width : (row + 1) * width])


def _number_text(kind: str, decimals: int, numbers: Numbers) -> Text:
    if kind == "i":
        return lambda row: str(numbers[row])
    if kind == "d":
        unit = 10.0**decimals
        # A division rounds to the double that the decimals mean; times the inverse would not.
        return lambda row: repr(numbers[row] / unit)
    if kind == "t":
        return lambda row: _time_text(numbers[row])
    raise ValueError(f"no kind of column is called {kind!r}")


def _read_derived(operation: str, columns: Sequence[Text], a: int, b: int) -> Text:
    return lambda row: _derived_text(operation, columns[a](row), columns[b](row))


def _derived_text(operation: str, a: str, b: str) -> str:
    try:
        value = _OPERATIONS[operation](_number(a), _number(b))
    except (ArithmeticError, ValueError):
        return ""
    return repr(value)


def _number(text: str) -> int | float:
    return float(text) if "." in text or "e" in text or "E" in text else int(text)


def _derive(columns: Sequence[Sequence[str]]) -> dict[int, dict[str, Any]]:
    """The columns that follow from columns before them."""
    found: dict[int, dict[str, Any]] = {}
    if not columns or not columns[0]:
        return found
    rows = len(columns[0])
    # A few rows rule out nearly every combination, before any goes through all of them.
    some = sorted({0, rows // 3, rows // 2, rows - 1})
    numeric = [
        number for number, column in enumerate(columns) if all(_NUMBER.fullmatch(column[row]) for row in some)
    ]
    if len(numeric) > _MOST_NUMERIC:
        return found
    steps = dict.fromkeys(numeric, 1)
    for number in numeric:
        column = columns[number]
        if len(set(column)) == 1:
            continue
        sources = [each for each in numeric if each < number]
        for operation, a, b in ((o, a, b) for o in _OPERATIONS for a in sources for b in sources):
            too_many = 1 + steps[a] + steps[b] > _MOST_STEPS
            if too_many or (operation == "=" and a != b):
                continue
            if any(_derived_text(operation, columns[a][r], columns[b][r]) != column[r] for r in some):
                continue
            odd = {
                str(row): column[row]
                for row in range(rows)
                if _derived_text(operation, columns[a][row], columns[b][row]) != column[row]
            }
            if len(odd) * 8 <= rows:
                found[number] = {"k": "x", "op": operation, "a": a, "b": b} | ({"odd": odd} if odd else {})
                steps[number] = 1 + steps[a] + steps[b]
                break
    return found


def _whole(text: str) -> int | None:
    # Digits of other scripts count for `isdigit` and `int`, and would come back as ours.
    if not text.lstrip("-").isdigit() or not text.isascii() or len(text) > 16:
        return None
    number = int(text)
    return number if str(number) == text and abs(number) < _LARGEST else None


def _decimal(decimals: int) -> Callable[[str], int | None]:
    unit = 10.0**decimals

    def parse(text: str) -> int | None:
        if not _NUMBER.fullmatch(text) or not abs(float(text)) * unit < _LARGEST:
            return None
        number = round(float(text) * unit)
        return number if repr(number / unit) == text else None

    return parse


def _time(text: str) -> int | None:
    if not _TIME.fullmatch(text):
        return None
    try:
        number = (datetime.fromisoformat(text) - _EPOCH) // timedelta(milliseconds=1)
        return number if _time_text(number) == text else None
    except (ValueError, OverflowError):
        return None


def _time_text(number: int) -> str:
    when = _EPOCH + timedelta(milliseconds=number)
    return f"{when:%Y-%m-%dT%H:%M:%S}.{when.microsecond // 1000:03d}Z"


_KINDS: Sequence[tuple[str, Callable[[str], int | None]]] = (
    ("i", _whole),
    *((f"d{decimals}", _decimal(decimals)) for decimals in (1, 2, 3, 6)),
    ("t", _time),
)


def _common_prefix(first: str, last: str) -> str:
    """What the first and the last of sorted texts, and so all of them, begin with."""
    size = next((n for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))
    return first[:size]


def _filled(numbers: Sequence[int | None]) -> list[int]:
    """Missing numbers as the one before, which costs least."""
    filled, last = [], 0
    for number in numbers:
        last = last if number is None else number
        filled.append(last)
    return filled
