"""The options of a row, wherever a data set keeps them.

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
from llmxray.suites.rows import Row, TooMuchError, json_advice, kind_of
from llmxray.types import LETTERS

_LETTERED = re.compile(r"\s*\(?([A-Z])[).:]\s+(\S.*)")
_DASHED = re.compile(r"\s*[-*•]\s+(\S.*)")
_HEADING = re.compile(r"\s*(?:options|choices|answer choices)\s*:\s*", re.I)
# Prompts often end in this; it belongs to no option.
_PROMPT_END = re.compile(r"\s*(?:A|Answer)\s*:\s*")
# Python takes up to 1,000 bytes a character to read one, and options are a few lines.
_LONGEST_LIST = 65_536
# Tokens and lines of one: as many options as there are letters have sixty. Each takes 5 µs, in each row.
_MOST_TOKENS = 300
# Lines at the end of a text in which options are looked for, blank ones too.
_MOST_LINES = 1_000
_MOST_TEXTS = 3
# Each of them may read a cell's JSON anew. More than there are letters: a row need not fill the last ones.
_MOST_COLUMNS = 100
_AS_LINES = "or text that ends in lines such as '(A) one' and '(B) two'"


@dataclass(frozen=True, slots=True)
class Options:
    """The options of one row.

    Attributes:
        column: where they are, for messages.
        texts: in the order of the data.
        labels: what the data calls them; empty where it does not.
        names: the columns they stand in, where each has its own.
        before: the text before them, where they are lines of a text; None elsewhere.
    """

    column: str
    texts: tuple[str, ...]
    labels: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    before: str | None = None


def options_in(row: Row, paths: Sequence[str], labels: str | None = None) -> Options:
    """The options of a row.

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
        found = Options(", ".join(paths), texts, names=tuple(paths[: len(texts)]))
    else:
        found = _in_one(row, paths[0], labels)
    refuse_unusable(row, found.column, found.texts)
    if found.labels and len(found.labels) != len(found.texts):
        raise row.error(found.column, f"{len(found.labels)} labels for {len(found.texts)} options")
    return found


def refuse_unusable(row: Row, column: str, texts: Sequence[str]) -> None:
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
    """Whether a cell holds nothing: null, blank, or the NaN that pandas writes."""
    return value is None or (isinstance(value, str) and not value.strip()) or _is_nan(value)


def lines_of(text: str) -> tuple[str, tuple[str, ...], tuple[str, ...]] | None:
    """(text before the options, labels, options) of a text that ends in its options; None of any other."""
    lines = text.rstrip().split("\n")
    if _PROMPT_END.fullmatch(lines[-1]):
        lines = "\n".join(lines[:-1]).rstrip().split("\n")
    lettered = _last_lines(lines, _LETTERED)
    # The last A: a question may have lines that begin like options.
    first = max((place for place, (_, match) in enumerate(lettered) if match[1] == "A"), default=0)
    block = lettered[first:]
    labels = tuple(match[1] for _, match in block)
    if len(block) >= 2 and labels == tuple(LETTERS[: len(block)]):
        return _before(lines, block[0][0]), labels, tuple(match[2].strip() for _, match in block)
    dashed = _last_lines(lines, _DASHED)
    if len(dashed) >= 2 and _HEADING.fullmatch(_above(lines, dashed[0][0])):
        return _before(lines, dashed[0][0]), (), tuple(match[1].strip() for _, match in dashed)
    return None


def _last_lines(lines: Sequence[str], pattern: re.Pattern[str]) -> list[tuple[int, re.Match[str]]]:
    """The lines that match at the end of a text, with their numbers; blank ones between them are passed over."""
    found = []
    for number in range(len(lines) - 1, max(-1, len(lines) - 1 - _MOST_LINES), -1):
        match = pattern.fullmatch(lines[number])
        if match:
            found.append((number, match))
        elif lines[number].strip():
            break
    return found[::-1]


def _above(lines: Sequence[str], number: int) -> str:
    return next((line for line in reversed(lines[max(0, number - _MOST_LINES) : number]) if line.strip()), "")


def _before(lines: Sequence[str], number: int) -> str:
    """The text above a line, without the heading of the options."""
    text = "\n".join(lines[:number]).rstrip()
    above, _, last = text.rpartition("\n")
    return (above if _HEADING.fullmatch(last) else text).strip()


def _in_one(row: Row, path: str, labels: str | None) -> Options:
    value = row.decoded(row.value(path), list, dict)
    if isinstance(value, str):
        listed = _python_list(value)
        if listed is None:
            return _from_lines(row, path, value)
        value = listed
    # A list of options with labels, or a mapping of two lists.
    pairs = (
        isinstance(value, list | tuple) and bool(value) and all(isinstance(each, Mapping) for each in value)
    )
    holds_texts = pairs or (isinstance(value, Mapping) and "text" in value)
    # No data set has a text of a text of a text, and a stranger's may have thousands.
    if holds_texts and not path.endswith(".text" * _MOST_TEXTS):
        return _in_one(row, f"{path}.text", labels)
    if isinstance(value, Mapping):
        texts = _without_empty_end([_text(row, path, each) for each in value.values()])
        return Options(path, texts, tuple(map(str, value))[: len(texts)])
    if not isinstance(value, list | tuple):
        raise row.error(path, f"must be a list, {_AS_LINES}, not {kind_of(value)}")
    return Options(path, tuple(_text(row, path, each) for each in value), _labels(row, path, labels))


def _from_lines(row: Row, path: str, text: str) -> Options:
    found = lines_of(text)
    if found is None:
        raise row.error(path, f"must be a list, {_AS_LINES}, not other text{json_advice(text)}")
    before, labels, texts = found
    return Options(path, texts, labels, before=before)


def _labels(row: Row, path: str, labels: str | None) -> tuple[str, ...]:
    if labels is None:
        if path != "text" and not path.endswith(".text"):
            return ()
        try:
            found = row.value(f"{path.removesuffix('text')}label")
        except TooMuchError:
            raise
        except SuiteError:
            return ()
    else:
        found = row.decoded(row.value(labels), list)
    if not isinstance(found, list | tuple):
        raise row.error(labels or path, f"the labels must be a list, not {kind_of(found)}")
    return tuple(str(each).strip() for each in found)


def _python_list(text: str) -> list[str] | None:
    """The texts of a list as Python writes it; None of anything else, and of text with more than options need."""
    if len(text) > _LONGEST_LIST or not text.lstrip().startswith("[") or text.count("\n") > _MOST_TOKENS:
        return None
    try:
        read = tokenize.generate_tokens(io.StringIO(text.strip()).readline)
        tokens = [*islice(read, _MOST_TOKENS + 1)]
        if len(tokens) > _MOST_TOKENS:
            return None
        with warnings.catch_warnings():
            # Of a backslash that escapes nothing, as in '\d': data has those, and Python reads them as they stand.
            warnings.simplefilter("ignore", SyntaxWarning)
            value = literal_eval(text.strip())
    except (SyntaxError, ValueError, RecursionError, MemoryError, tokenize.TokenError):
        return None
    # Without commas, as numpy prints an array, Python joins the texts to a single one.
    written = sum(token.type == tokenize.STRING for token in tokens)
    texts = isinstance(value, list) and all(isinstance(each, str) for each in value)
    return value if texts and len(value) == written else None


def _text(row: Row, path: str, value: Any) -> str:
    if is_missing(value):
        return ""
    # True and false are numbers to Python.
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise row.error(path, f"must be a list of texts or numbers; one entry is {kind_of(value)}")
    return str(value).strip()


def _without_empty_end(texts: Sequence[str]) -> tuple[str, ...]:
    """The options without the columns that this row leaves empty."""
    used = max((place for place, text in enumerate(texts, 1) if text), default=0)
    return tuple(texts[:used])


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)
