"""Options of a row, in any of the forms that data sets use.

=========================  ======================================================================
a list                     ``choices``, ``choices.text``; of texts or numbers
a list in a text           as JSON or as Python writes it: ``["one", "two"]``, ``['one', 'two']``
a mapping                  ``{"A": "one", "B": "two"}``: the keys are labels
texts with labels          ``{"text": […], "label": […]}``, or a list of such pairs
columns                    ``[option1, option2]``; a last one that is empty is no option
lines of a text            ``(A) one`` or ``A. one`` to the end, or ``- one`` below ``Options:``
=========================  ======================================================================
"""

from __future__ import annotations

import io
import math
import re
import tokenize
import warnings
from ast import literal_eval
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Any

from llmxray.errors import SuiteError
from llmxray.suites.data_rows import DataRow, TooMuchError, json_advice, kind_of
from llmxray.types import LETTERS

_LETTERED = re.compile(r"\s*\(?([A-Z])[).:]\s+(\S.*)")
_DASHED = re.compile(r"\s*[-*•]\s+(\S.*)")
_HEADING = re.compile(r"\s*(?:options|choices|answer choices)\s*:\s*", re.I)
# Prompts often end in this line, which belongs to no option.
_PROMPT_END = re.compile(r"\s*(?:A|Answer)\s*:\s*")
# Python takes up to 1,000 bytes per character to parse a list, and options have a few lines.
_LONGEST_LIST = 65_536
# Limit on the tokens and lines of a list: 26 options have about sixty. A token takes 5 µs in each row.
_MOST_TOKENS = 300
# Lines at the end of a text that are searched for options, blank ones included.
_MOST_LINES = 1_000
_MOST_TEXTS = 3
# Each column may parse a cell's JSON again. The limit exceeds the number of letters, since last ones may be empty.
_MOST_COLUMNS = 100
_AS_LINES = "or text that ends in lines such as '(A) one' and '(B) two'"


@dataclass(frozen=True, slots=True)
class Options:
    """The options of one row.

    Attributes:
        column: where they are, for messages.
        texts: in the order of the data.
        labels: the data's own labels; empty where it has none.
        names: the columns they stand in, where each has its own.
        before: the text before them, where they are lines of a text; None elsewhere.
    """

    column: str
    texts: tuple[str, ...]
    labels: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    before: str | None = None


def read_options(row: DataRow, paths: Sequence[str], labels: str | None = None) -> Options:
    """Return the options of a row.

    Args:
        paths: one column that holds them all, or one for each.
        labels: the column of their labels, where it has another name than ``label``.

    Raises:
        SuiteError: absent, of another type, fewer than two, more than there are letters, empty or equal.
    """
    if len(paths) > _MOST_COLUMNS:
        raise SuiteError(f"{row.place}: {len(paths):,} columns of options; at most {_MOST_COLUMNS} are read")
    if len(paths) > 1:
        texts = _without_empty_end([_text(row, path, row.value(path)) for path in paths])
        options = Options(", ".join(paths), texts, names=tuple(paths[: len(texts)]))
    else:
        options = _in_one(row, paths[0], labels)
    refuse_unusable(row, options.column, options.texts)
    if options.labels and len(options.labels) != len(options.texts):
        raise row.error(options.column, f"{len(options.labels)} labels for {len(options.texts)} options")
    return options


def refuse_unusable(row: DataRow, column: str, texts: Sequence[str]) -> None:
    """Refuse options that cannot be asked.

    Raises:
        SuiteError: fewer than two, more than there are letters, one that is empty, or two that are equal.
    """
    if not 2 <= len(texts) <= len(LETTERS):
        raise row.error(column, f"{len(texts)} options; there must be 2 to {len(LETTERS)}")
    for index, text in enumerate(texts):
        if not text.strip():
            raise row.error(column, f"option {LETTERS[index]} is empty")
        if text in texts[:index]:
            raise row.error(column, f"options {LETTERS[texts.index(text)]} and {LETTERS[index]} are equal")


def is_missing(value: Any) -> bool:
    """Return whether a cell is empty: null, blank, or the NaN that pandas writes."""
    return value is None or (isinstance(value, str) and not value.strip()) or _is_nan(value)


def parse_option_lines(text: str) -> tuple[str, tuple[str, ...], tuple[str, ...]] | None:
    """Return (text before the options, labels, options) of a text that ends in its options; None for others."""
    lines = text.rstrip().split("\n")
    if _PROMPT_END.fullmatch(lines[-1]):
        lines = "\n".join(lines[:-1]).rstrip().split("\n")
    lettered = _last_lines(lines, _LETTERED)
    # The block starts at the last A, since a question may have lines that look like options.
    start = max((index for index, (_, match) in enumerate(lettered) if match[1] == "A"), default=0)
    block = lettered[start:]
    labels = tuple(match[1] for _, match in block)
    if len(block) >= 2 and labels == tuple(LETTERS[: len(block)]):
        return _text_before(lines, block[0][0]), labels, tuple(match[2].strip() for _, match in block)
    dashed = _last_lines(lines, _DASHED)
    if len(dashed) >= 2 and _HEADING.fullmatch(_last_filled_line(lines, dashed[0][0])):
        return _text_before(lines, dashed[0][0]), (), tuple(match[1].strip() for _, match in dashed)
    return None


def _last_lines(lines: Sequence[str], pattern: re.Pattern[str]) -> list[tuple[int, re.Match[str]]]:
    """Matching lines at the end of a text, with their numbers; blank lines between them are skipped."""
    matches = []
    for number in range(len(lines) - 1, max(-1, len(lines) - 1 - _MOST_LINES), -1):
        match = pattern.fullmatch(lines[number])
        if match:
            matches.append((number, match))
        elif lines[number].strip():
            break
    return matches[::-1]


def _last_filled_line(lines: Sequence[str], number: int) -> str:
    return next((line for line in reversed(lines[max(0, number - _MOST_LINES) : number]) if line.strip()), "")


def _text_before(lines: Sequence[str], number: int) -> str:
    """Text above a line, without the heading of the options."""
    text = "\n".join(lines[:number]).rstrip()
    above, _, last = text.rpartition("\n")
    return (above if _HEADING.fullmatch(last) else text).strip()


def _in_one(row: DataRow, path: str, labels: str | None) -> Options:
    value = row.decode(row.value(path), list, dict)
    if isinstance(value, str):
        entries = _python_list(value)
        if entries is None:
            return _from_lines(row, path, value)
        value = entries
    # Both a list of labelled options and a mapping of two lists have their texts under "text".
    pairs = (
        isinstance(value, list | tuple) and bool(value) and all(isinstance(entry, Mapping) for entry in value)
    )
    holds_texts = pairs or (isinstance(value, Mapping) and "text" in value)
    # Data sets nest "text" at most twice; a hostile one may do so thousands of times.
    if holds_texts and not path.endswith(".text" * _MOST_TEXTS):
        return _in_one(row, f"{path}.text", labels)
    if isinstance(value, Mapping):
        texts = _without_empty_end([_text(row, path, entry) for entry in value.values()])
        return Options(path, texts, tuple(map(str, value))[: len(texts)])
    if not isinstance(value, list | tuple):
        raise row.error(path, f"must be a list, {_AS_LINES}, not {kind_of(value)}")
    return Options(path, tuple(_text(row, path, entry) for entry in value), _labels(row, path, labels))


def _from_lines(row: DataRow, path: str, text: str) -> Options:
    parsed = parse_option_lines(text)
    if parsed is None:
        raise row.error(path, f"must be a list, {_AS_LINES}, not other text{json_advice(text)}")
    before, labels, texts = parsed
    return Options(path, texts, labels, before=before)


def _labels(row: DataRow, path: str, labels: str | None) -> tuple[str, ...]:
    if labels is None:
        if path != "text" and not path.endswith(".text"):
            return ()
        try:
            values = row.value(f"{path.removesuffix('text')}label")
        except TooMuchError:
            raise
        except SuiteError:
            return ()
    else:
        values = row.decode(row.value(labels), list)
    if not isinstance(values, list | tuple):
        raise row.error(labels or path, f"the labels must be a list, not {kind_of(values)}")
    return tuple(str(label).strip() for label in values)


def _python_list(text: str) -> list[str] | None:
    """Texts of a list in Python's notation; None for anything else, and for text longer than options need."""
    if len(text) > _LONGEST_LIST or not text.lstrip().startswith("[") or text.count("\n") > _MOST_TOKENS:
        return None
    try:
        generated = tokenize.generate_tokens(io.StringIO(text.strip()).readline)
        tokens = [*islice(generated, _MOST_TOKENS + 1)]
        if len(tokens) > _MOST_TOKENS:
            return None
        with warnings.catch_warnings():
            # Python warns of a backslash that escapes nothing, as in '\d', and reads it as it stands.
            warnings.simplefilter("ignore", SyntaxWarning)
            value = literal_eval(text.strip())
    except (SyntaxError, ValueError, RecursionError, MemoryError, tokenize.TokenError):
        return None
    # numpy prints arrays without commas, and Python joins adjacent strings to one.
    n_strings = sum(token.type == tokenize.STRING for token in tokens)
    texts = isinstance(value, list) and all(isinstance(entry, str) for entry in value)
    return value if texts and len(value) == n_strings else None


def _text(row: DataRow, path: str, value: Any) -> str:
    if is_missing(value):
        return ""
    # In Python True and False are numbers too.
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise row.error(path, f"must be a list of texts or numbers; one entry is {kind_of(value)}")
    return str(value).strip()


def _without_empty_end(texts: Sequence[str]) -> tuple[str, ...]:
    """Options without the last columns that this row leaves empty."""
    used = max((position for position, text in enumerate(texts, 1) if text), default=0)
    return tuple(texts[:used])


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)
