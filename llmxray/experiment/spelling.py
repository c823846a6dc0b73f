"""Suggestions for misspelt keys and names."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from itertools import islice

# A word is compared with at most so many words, of at most this length, because comparing long words takes time.
_MOST_COMPARED, _LONGEST = 200, 100


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word most similar to ``word``, or None if none is near."""
    if len(word) > _LONGEST:
        return None
    # Words are compared without case and separators, so that baseURL is near base_url.
    by_form = {_form(name): name for name in islice(known, _MOST_COMPARED) if len(name) <= _LONGEST}
    matches = difflib.get_close_matches(_form(word), by_form, n=1, cutoff=0.6)
    return by_form[matches[0]] if matches else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``; did you mean 'tiny'?``, or "" if no known word is near."""
    match = nearest(word, known)
    return f"; did you mean '{match}'?" if match else ""


def no_such(kind: str, word: str, known: Sequence[str]) -> str:
    """``no condition 'tinny'; did you mean 'tiny'?``, or with the known words instead."""
    return f"no {kind} {word!r}{did_you_mean(word, known) or f'; there is {", ".join(known)}'}"


def slip_of(word: str, known: Iterable[str]) -> str | None:
    """The known word that ``word`` misspells: one edit away, or in another style (``topP``); None if there is none."""
    return next((name for name in known if word != name and one_edit_apart(_form(word), _form(name))), None)


def one_edit_apart(left: str, right: str) -> bool:
    """Whether at most one insertion, deletion, replacement or swap of neighbours turns one into the other."""
    if abs(len(left) - len(right)) > 1:
        return False
    # Behind the common beginning, one edit must make the two rests equal.
    start = 0
    while start < min(len(left), len(right)) and left[start] == right[start]:
        start += 1
    rest_left, rest_right = left[start:], right[start:]
    swapped = rest_left[1::-1] + rest_left[2:] if len(rest_left) > 1 else rest_left
    return (
        rest_left[1:] == rest_right[1:]
        or rest_left[1:] == rest_right
        or rest_left == rest_right[1:]
        or swapped == rest_right
    )


def _form(word: str) -> str:
    return word.lower().replace("-", "").replace("_", "")
