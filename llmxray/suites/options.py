"""Options of a row, in any of the forms that data sets use.

=========================  ======================================================================
a list                     ``choices``, ``choices.text``; of texts or numbers
a list in a text           as JSON or as Python writes it: ``["one", "two"]``, ``['one', 'two']``
a mapping                  ``{"A": "one", "B": "two"}``: the keys are labels
texts with labels          ``{"text": […], "label": […]}``, or a list of such pairs
columns                    ``[option1, option2]``; a last one that is empty is no option
lines of a text            ``(A) one`` or ``A. one`` to the end, or ``- one`` below ``Options:``
=========================  ======================================================================

Where all options carry their own letter in order, as in ``["A)21", "B)22"]``, the letters become labels.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from llmxray.errors import SuiteError
from llmxray.suites.data_rows import DataRow, decode_cell, json_advice, kind_of
from llmxray.types import LETTERS

_LINE = re.compile(r"\s*(?:\(?([A-Z])[).:]|[-*•])\s+(\S.*)")
_HEADING = re.compile(r"(?:\banswer choices|(?<![^.?!]) *(?:options|choices))\s*:$", re.I)
# Prompts often end in such a line, which belongs to no option.
_PROMPT_END = re.compile(r"\s*(?:A|Answer)\s*:.*")
_MARKED = re.compile(r"(?:\(?([A-Za-z])\s?\)|([A-Za-z])[.:]\s)\s*(\S.*)", re.S)
# Lines at the end of a text that are searched for options, blank ones included.
_MOST_LINES = 200
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
        marked: the texts with their letters, where the letters were removed.
    """

    column: str
    texts: tuple[str, ...]
    labels: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    before: str | None = None
    marked: tuple[str, ...] = ()


def read_options(row: DataRow, paths: Sequence[str], labels: str | None = None) -> Options:
    """Return the options of a row.

    Args:
        paths: one column that holds them all, or one for each.
        labels: the column of their labels, where it has another name than ``label``.

    Raises:
        SuiteError: absent, of another type, fewer than two, more than there are letters, empty or equal.
    """
    if len(paths) > 1:
        texts = _without_empty_end([_text(row, path, row.value(path)) for path in paths])
        options = Options(", ".join(paths), texts, names=tuple(paths[: len(texts)]))
    else:
        options = _in_one(row, paths[0], labels)
    if (unmarked := strip_letters(options.texts)) != options.texts:
        own = options.labels or tuple(LETTERS[: len(unmarked)])
        options = replace(options, texts=unmarked, labels=own, marked=options.texts)
    refuse_unusable(row, options.column, options.texts)
    if options.labels and len(options.labels) != len(options.texts):
        raise row.error(options.column, f"{len(options.labels)} labels for {len(options.texts)} options")
    return options


def strip_letters(texts: Sequence[str]) -> tuple[str, ...]:
    """Return texts such as ``(A) 5`` or ``a ) 38`` without their letters, if all have their own in order."""
    matches = [match for text in texts if (match := _MARKED.fullmatch(text))]
    letters = "".join(match[1] or match[2] for match in matches).upper()
    in_order = len(matches) == len(texts) and letters == LETTERS[: len(letters)]
    return tuple(match[3] for match in matches) if in_order else tuple(texts)


def cut_options(question: str, texts: Sequence[str]) -> str:
    """Return a question without the lettered options in its text, since the prompt shows them, perhaps shuffled."""
    lettered = (
        rf"\(?{letter}\s?[).:]\s*{re.escape(text)}" for letter, text in zip(LETTERS, texts, strict=False)
    )
    found = re.search(r"[\s,;]*".join(lettered), question)
    if found is None:
        return question
    before, after = _without_heading(question[: found.start()]), question[found.end() :].strip()
    return f"{before}\n{'' if _PROMPT_END.fullmatch(after) else after}".strip() or question


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
    # NaN alone differs from itself.
    return value is None or value != value or (isinstance(value, str) and not value.strip())


def parse_option_lines(text: str) -> tuple[str, tuple[str, ...], tuple[str, ...]] | None:
    """Return (text above the options, labels, options) of a text that ends in options; None for others."""
    lines = text.rstrip().rsplit("\n", _MOST_LINES)
    if _PROMPT_END.fullmatch(lines[-1]):
        lines = "\n".join(lines[:-1]).rstrip().rsplit("\n", _MOST_LINES)
    matches, start = list[re.Match[str]](), len(lines)
    for number in reversed(range(len(lines))):
        if match := _LINE.fullmatch(lines[number]):
            matches.insert(0, match)
            start = number
        # The options start at the last A, since a question may have lines that look like options.
        if match[1] == "A" if match else lines[number].strip():
            break
    above, labels = "\n".join(lines[:start]).rstrip(), tuple(match[1] for match in matches)
    before, is_lettered = _without_heading(above), labels == tuple(LETTERS[: len(labels)])
    if len(matches) < 2 or not (is_lettered or (before != above and not any(labels))):
        return None
    return before, labels if is_lettered else (), tuple(match[2].strip() for match in matches)


def _without_heading(text: str) -> str:
    """A text that stands above options, without a heading such as "Answer choices:" at its end."""
    lines, newline, last = text.rstrip().rpartition("\n")
    return f"{lines}{newline}{_HEADING.sub('', last)}".rstrip()


def _in_one(row: DataRow, path: str, labels: str | None) -> Options:
    value = decode_cell(row.value(path), list, dict)
    # Both a list of labelled options and a mapping of two lists have their texts under "text".
    pairs = isinstance(value, list | tuple) and value and all(isinstance(entry, Mapping) for entry in value)
    holds_texts = pairs or (isinstance(value, Mapping) and "text" in value)
    if holds_texts and not path.endswith(".text.text"):
        return _in_one(row, f"{path}.text", labels)
    if isinstance(value, Mapping):
        texts = _without_empty_end([_text(row, path, entry) for entry in value.values()])
        return Options(path, texts, tuple(map(str, value))[: len(texts)])
    if isinstance(value, list | tuple):
        return Options(path, tuple(_text(row, path, entry) for entry in value), _labels(row, path, labels))
    parsed = parse_option_lines(value) if isinstance(value, str) else None
    if parsed is None:
        kind = f"other text{json_advice(value)}" if isinstance(value, str) else kind_of(value)
        raise row.error(path, f"must be a list, {_AS_LINES}, not {kind}")
    return Options(path, parsed[2], parsed[1], before=parsed[0])


def _labels(row: DataRow, path: str, labels: str | None) -> tuple[str, ...]:
    if labels is None:
        if path != "text" and not path.endswith(".text"):
            return ()
        try:
            values = row.value(f"{path.removesuffix('text')}label")
        except SuiteError:
            return ()
    else:
        values = decode_cell(row.value(labels), list)
    if not isinstance(values, list | tuple):
        raise row.error(labels or path, f"the labels must be a list, not {kind_of(values)}")
    return tuple(str(label).strip() for label in values)


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
