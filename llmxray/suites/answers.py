"""Which option is the right one: the answer's column, read as `answer_is` says.

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
from llmxray.suites.options import Options, is_missing
from llmxray.suites.rows import Row, kind_of, names_there, shown
from llmxray.types import LETTERS

_MARKED = re.compile(r"[(\[]?\s*([^\s()\[\]]+?)\s*[)\].:]*")
# Python reads no number of thousands of digits, and nobody counts options with more than a few.
_WHOLE = re.compile(r"[-+]?\d{1,18}(\.0*)?")
_LONGEST_MARKED = 200
_TRUE, _FALSE = ("true", "yes", "1", "t", "y"), ("false", "no", "0", "f", "n")
_NO_ANSWER = "this split may be published without answers; name another 'split'"
_MOST_QUOTED = 6


def position(row: Row, column: str, kind: AnswerIs, options: Options) -> int:
    """Index of the right option, from 0.

    Raises:
        SuiteError: absent, empty, of another kind, or none of the options.
    """
    value = row.value(column)
    if is_missing(value):
        raise row.error(column, f"is empty; {_NO_ANSWER}")
    return _READERS[kind](row, column, value, options)


def also_text(row: Row, column: str, options: Options) -> int | None:
    """Index of the option whose text an answer is, whatever else it may be; None of none."""
    value = row.value(column)
    return None if is_missing(value) else _place(str(value).strip(), options.texts)


def _by_letter(row: Row, column: str, value: Any, options: Options) -> int:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise row.error(column, f"must be a letter, not {shown(value)}{_other_kinds(options, value)}")
    text = str(value).strip()
    marked = _marked(text)
    bare = marked[1] if marked else text
    count = len(options.texts)
    for names in filter(None, (options.labels, options.names)):
        for found in (_place(text, names), _place(bare, names)):
            if found is not None:
                return found
    # The data's own labels leave no other letters.
    if not options.labels and len(bare) == 1 and bare.upper() in LETTERS[:count]:
        return LETTERS.index(bare.upper())
    known = (
        f"one of the labels {names_there(options.labels)}"
        if options.labels
        else f"a letter from A to {LETTERS[count - 1]}"
    )
    raise row.error(column, f"{shown(value)} is not {known}{_other_kinds(options, value)}")


def _by_index(row: Row, column: str, value: Any, options: Options) -> int:
    return _counted(row, column, value, options, 0)


def _by_index_from_1(row: Row, column: str, value: Any, options: Options) -> int:
    return _counted(row, column, value, options, 1)


def _counted(row: Row, column: str, value: Any, options: Options, first: int) -> int:
    number = _whole(value)
    if number is None:
        raise row.error(column, f"must be a whole number, not {shown(value)}{_other_kinds(options, value)}")
    last = len(options.texts) - 1 + first
    if not first <= number <= last:
        hint = _NO_ANSWER if number < 0 else _off_by_one(number, first, last)
        raise row.error(column, f"{number} is not a number from {first} to {last}; {hint}")
    return number - first


def _off_by_one(number: int, first: int, last: int) -> str:
    if not first and number == last + 1:
        return "if the first option is 1, write 'answer_is: index1'"
    if first and not number:
        return "if the first option is 0, write 'answer_is: index'"
    return "look at the column and at 'choices'"


def _by_text(row: Row, column: str, value: Any, options: Options) -> int:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise row.error(
            column, f"must be the text of an option, not {kind_of(value)}{_other_kinds(options, value)}"
        )
    found = _place(str(value).strip(), options.texts)
    if found is None:
        there = ", ".join(repr(text[:30]) for text in options.texts[:_MOST_QUOTED])
        raise row.error(
            column, f"{shown(value)} is none of the options {there}{_other_kinds(options, value)}"
        )
    return found


def _by_truth(row: Row, column: str, value: Any, options: Options) -> int:
    said = str(value).strip().casefold()
    if isinstance(value, float) or said not in (*_TRUE, *_FALSE):
        raise row.error(column, f"must be true or false, not {shown(value)}{_other_kinds(options, value)}")
    meant = [text.strip().casefold() for text in options.texts]
    # Words say themselves which is which, in any order; of other words the first is for true.
    swapped = meant[0] in _FALSE and meant[1] in _TRUE
    return int((said in _TRUE) == swapped)


_READERS: Mapping[AnswerIs, Callable[[Row, str, Any, Options], int]] = {
    "letter": _by_letter,
    "index": _by_index,
    "index1": _by_index_from_1,
    "text": _by_text,
    "bool": _by_truth,
}


def _place(text: str, among: Sequence[str]) -> int | None:
    """Index of a text; of the only one that differs in case and white space alone where none is equal."""
    if text in among:
        return list(among).index(text)
    alike = [place for place, each in enumerate(among) if _folded(each) == _folded(text)]
    return alike[0] if len(alike) == 1 else None


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _whole(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 1e18 else None
    text = str(value).strip()
    return int(text.split(".")[0]) if isinstance(value, str | int) and _WHOLE.fullmatch(text) else None


def _marked(text: str) -> re.Match[str] | None:
    """A letter or label with the marks around it; a long text is neither, and would be looked through for long."""
    return _MARKED.fullmatch(text) if len(text) <= _LONGEST_MARKED else None


def _other_kinds(options: Options, value: Any) -> str:
    """Which `answer_is` the value would fit, as advice."""
    count, number = len(options.texts), _whole(value)
    fits: list[str] = []
    if isinstance(value, bool):
        fits.append("bool")
    elif number is not None:
        fits += [kind for kind, first in (("index", 0), ("index1", 1)) if first <= number < count + first]
    elif isinstance(value, str) and _place(value.strip(), options.texts) is not None:
        fits.append("text")
    elif isinstance(value, str) and (marked := _marked(value.strip())):
        fits += ["letter"] if marked[1].upper() in tuple(LETTERS[:count]) else []
    return f"; perhaps 'answer_is: {' or '.join(fits)}'" if fits else ""
