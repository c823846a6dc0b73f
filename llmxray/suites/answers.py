"""Index of the right option, read from the answer's column as `answer_is` says.

=======  ==================================================================
letter   ``B``, ``b``, ``(B)`` or ``B.``; a label of the data; a column's name
index    a number counted from 0
index1   a number counted from 1
text     the text of an option
bool     true and false, for two options such as yes and no
=======  ==================================================================
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from llmxray.experiment import AnswerIs
from llmxray.suites.data_rows import DataRow, kind_of, list_names, quote_value
from llmxray.suites.options import Options, is_missing
from llmxray.types import LETTERS

# Around a letter, as in "(B)" or "B.".
_MARKS = " ()[].:"
# Python refuses to parse numbers of thousands of digits, and an index has a few.
_WHOLE = re.compile(r"[-+]?\d{1,18}(\.0*)?")
_TRUE, _FALSE = ("true", "yes", "1", "t", "y"), ("false", "no", "0", "f", "n")
_NO_ANSWER = "this split may be published without answers; name another 'split'"
_MOST_QUOTED = 6


def right_index(row: DataRow, column: str, kind: AnswerIs, options: Options) -> int:
    """Return the index of the right option, from 0.

    Raises:
        SuiteError: absent, empty, of another kind, or none of the options.
    """
    value = row.value(column)
    if is_missing(value):
        raise row.error(column, f"is empty; {_NO_ANSWER}")
    index = _READERS[kind](value, options)
    if isinstance(index, int):
        return index
    fits = [
        other
        for other, read in _READERS.items()
        if isinstance(read(value, options), int) and (other != "bool" or isinstance(value, bool))
    ]
    raise row.error(column, f"{index}; perhaps 'answer_is: {' or '.join(fits)}'" if fits else index)


def option_with_text(row: DataRow, column: str, options: Options) -> int | None:
    """Return the index of the option whose text equals the answer; None if there is none."""
    value = row.value(column)
    return None if is_missing(value) else _find_text(str(value).strip(), options)


# Each reader returns the index, or the reason why the value has none.
def _by_letter(value: Any, options: Options) -> int | str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return f"must be a letter, not {quote_value(value)}"
    text = str(value).strip()
    label = text.strip(_MARKS)
    letters = LETTERS[: len(options.texts)]
    for names in filter(None, (options.labels, options.names)):
        for index in (_find_index(text, names), _find_index(label, names)):
            if index is not None:
                return index
    # Where the data has labels of its own, only they are letters.
    if options.labels:
        return f"{quote_value(value)} is not one of the labels {list_names(options.labels)}"
    if len(label) == 1 and label.upper() in letters:
        return letters.index(label.upper())
    return f"{quote_value(value)} is not a letter from A to {letters[-1]}"


def _by_index(value: Any, options: Options, first: int = 0) -> int | str:
    number = _parse_whole_number(value)
    if number is None:
        return f"must be a whole number, not {quote_value(value)}"
    last = len(options.texts) - 1 + first
    if first <= number <= last:
        return number - first
    return f"{number} is not a number from {first} to {last}{f'; {_NO_ANSWER}' if number < 0 else ''}"


def _by_text(value: Any, options: Options) -> int | str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return f"must be the text of an option, not {kind_of(value)}"
    index = _find_text(str(value).strip(), options)
    quoted = ", ".join(repr(text[:30]) for text in options.texts[:_MOST_QUOTED])
    return f"{quote_value(value)} is none of the options {quoted}" if index is None else index


def _by_truth(value: Any, options: Options) -> int | str:
    word = str(value).strip().casefold()
    if isinstance(value, float) or word not in (*_TRUE, *_FALSE):
        return f"must be true or false, not {quote_value(value)}"
    option_words = [text.strip().casefold() for text in options.texts]
    # Options such as "no" and "yes" show their meaning in any order; of other words the first means true.
    swapped = option_words[0] in _FALSE and option_words[1] in _TRUE
    return int((word in _TRUE) == swapped)


_READERS: Mapping[AnswerIs, Callable[[Any, Options], int | str]] = {
    "letter": _by_letter,
    "index": _by_index,
    "index1": partial(_by_index, first=1),
    "text": _by_text,
    "bool": _by_truth,
}


def _find_text(text: str, options: Options) -> int | None:
    index = _find_index(text, options.texts)
    return index if index is not None else _find_index(text, options.marked)


def _find_index(text: str, among: Sequence[str]) -> int | None:
    """Index of an equal text, else of the only one that differs in case and white space alone."""
    if text in among:
        return list(among).index(text)
    matches = [index for index, candidate in enumerate(among) if _fold(candidate) == _fold(text)]
    return matches[0] if len(matches) == 1 else None


def _fold(text: str) -> str:
    return " ".join(text.split()).casefold()


def _parse_whole_number(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 1e18 else None
    text = str(value).strip()
    return int(text.split(".")[0]) if isinstance(value, str | int) and _WHOLE.fullmatch(text) else None
