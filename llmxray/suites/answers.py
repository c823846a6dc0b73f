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
from typing import Any

from llmxray.experiment import AnswerIs
from llmxray.suites.data_rows import DataRow, kind_of, list_names, quote_value
from llmxray.suites.options import Options, is_missing
from llmxray.types import LETTERS

_MARKED = re.compile(r"[(\[]?\s*([^\s()\[\]]+?)\s*[)\].:]*")
# Python refuses to parse numbers of thousands of digits, and an index has a few.
_WHOLE = re.compile(r"[-+]?\d{1,18}(\.0*)?")
_LONGEST_MARKED = 200
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
    return _READERS[kind](row, column, value, options)


def option_with_text(row: DataRow, column: str, options: Options) -> int | None:
    """Return the index of the option whose text equals the answer; None if there is none."""
    value = row.value(column)
    return None if is_missing(value) else _find_index(str(value).strip(), options.texts)


def _by_letter(row: DataRow, column: str, value: Any, options: Options) -> int:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise row.error(column, f"must be a letter, not {quote_value(value)}{_other_kinds(options, value)}")
    text = str(value).strip()
    match = _match_label(text)
    label = match[1] if match else text
    count = len(options.texts)
    for names in filter(None, (options.labels, options.names)):
        for index in (_find_index(text, names), _find_index(label, names)):
            if index is not None:
                return index
    # Where the data has labels of its own, only they are letters.
    if not options.labels and len(label) == 1 and label.upper() in LETTERS[:count]:
        return LETTERS.index(label.upper())
    choices = (
        f"one of the labels {list_names(options.labels)}"
        if options.labels
        else f"a letter from A to {LETTERS[count - 1]}"
    )
    raise row.error(column, f"{quote_value(value)} is not {choices}{_other_kinds(options, value)}")


def _by_index(row: DataRow, column: str, value: Any, options: Options) -> int:
    return _index_from(row, column, value, options, 0)


def _by_index_from_1(row: DataRow, column: str, value: Any, options: Options) -> int:
    return _index_from(row, column, value, options, 1)


def _index_from(row: DataRow, column: str, value: Any, options: Options, base: int) -> int:
    number = _parse_whole_number(value)
    if number is None:
        raise row.error(
            column, f"must be a whole number, not {quote_value(value)}{_other_kinds(options, value)}"
        )
    last = len(options.texts) - 1 + base
    if not base <= number <= last:
        hint = _NO_ANSWER if number < 0 else _off_by_one(number, base, last)
        raise row.error(column, f"{number} is not a number from {base} to {last}; {hint}")
    return number - base


def _off_by_one(number: int, base: int, last: int) -> str:
    if not base and number == last + 1:
        return "if the first option is 1, write 'answer_is: index1'"
    if base and not number:
        return "if the first option is 0, write 'answer_is: index'"
    return "look at the column and at 'choices'"


def _by_text(row: DataRow, column: str, value: Any, options: Options) -> int:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise row.error(
            column, f"must be the text of an option, not {kind_of(value)}{_other_kinds(options, value)}"
        )
    index = _find_index(str(value).strip(), options.texts)
    if index is None:
        quoted = ", ".join(repr(text[:30]) for text in options.texts[:_MOST_QUOTED])
        raise row.error(
            column, f"{quote_value(value)} is none of the options {quoted}{_other_kinds(options, value)}"
        )
    return index


def _by_truth(row: DataRow, column: str, value: Any, options: Options) -> int:
    word = str(value).strip().casefold()
    if isinstance(value, float) or word not in (*_TRUE, *_FALSE):
        raise row.error(
            column, f"must be true or false, not {quote_value(value)}{_other_kinds(options, value)}"
        )
    option_words = [text.strip().casefold() for text in options.texts]
    # Options such as "no" and "yes" show their meaning in any order; of other words the first means true.
    swapped = option_words[0] in _FALSE and option_words[1] in _TRUE
    return int((word in _TRUE) == swapped)


_READERS: Mapping[AnswerIs, Callable[[DataRow, str, Any, Options], int]] = {
    "letter": _by_letter,
    "index": _by_index,
    "index1": _by_index_from_1,
    "text": _by_text,
    "bool": _by_truth,
}


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


def _match_label(text: str) -> re.Match[str] | None:
    """Match a letter or label with the marks around it; a long text is neither, and would take long to search."""
    return _MARKED.fullmatch(text) if len(text) <= _LONGEST_MARKED else None


def _other_kinds(options: Options, value: Any) -> str:
    """Advice on the `answer_is` that the value would fit, "" for none."""
    count, number = len(options.texts), _parse_whole_number(value)
    fits: list[str] = []
    if isinstance(value, bool):
        fits.append("bool")
    elif number is not None:
        fits += [kind for kind, base in (("index", 0), ("index1", 1)) if base <= number < count + base]
    elif isinstance(value, str) and _find_index(value.strip(), options.texts) is not None:
        fits.append("text")
    elif isinstance(value, str) and (match := _match_label(value.strip())):
        fits += ["letter"] if match[1].upper() in tuple(LETTERS[:count]) else []
    return f"; perhaps 'answer_is: {' or '.join(fits)}'" if fits else ""
