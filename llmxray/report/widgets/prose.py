"""Filters for text of ours: its statistics can be hidden and shown, and its terms open their explanation.

A template says which of its values are such text, and of which kind: `prose` for sentences of ours, `stated` for those
of the experiment file, `phrase` for what is no whole sentence, `note` for the small print in the head of a column. An
explanation stands once, at the end of its page, and opens as a popover, which needs no script.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from markupsafe import Markup, escape

from llmxray.report.wording.terms import TERMS, Term

# Names of tests and intervals; "95%" by itself may be a result.
_NAMED = re.compile(
    r"95%(?: confidence| Wilson)? intervals?|95% CI|Wilson|Newcombe|Holm|McNemar|[Pp]ermutation test|[Ss]ign[- ]flip|"
    r"Fisher|Welch|Cochran|[Bb]ootstrap|\badjusted\b|a power of|\bsignificant\b"
)
# An interval or a p-value.
_STATISTIC = re.compile(rf"95%(?: CI)? [+−]?[\d.]+%? to|p\u00a0[=<>]\u00a0|no interval|{_NAMED.pattern}")
_BRACKETS = re.compile(r"( \([^()]*\))")
_ENDS = re.compile(r"(?<=[.!?])(?= )")
_PARTS = re.compile(r"(?=[,;] )")
_IN_NOTE = re.compile(rf"\b95%|{_NAMED.pattern}|^, Holm")
_PATTERNS = [re.compile(term.pattern) if term.pattern else None for term in TERMS]
_BUTTON = Markup(
    '<span class="whole">{}<button type="button" class="term" popovertarget="{}">{}</button>{}</span>'
)


@dataclass(slots=True, kw_only=True)
class Explained:
    """What a page has explained so far.

    Attributes:
        name: of the page: it begins the ids of its explanations, for in a file of many pages none may come twice.
        explains: whether it explains terms: there is a page that defines them.
        labels: of conditions, those that hold a name of a test: a sentence about such a model names no test.
        places: of `TERMS`, those explained, and whether a reader who hides the statistics has seen it.
    """

    name: str = ""
    explains: bool = False
    labels: Sequence[str] = ()
    places: dict[int, bool] = field(default_factory=dict)


_PAGE: ContextVar[Explained] = ContextVar("page")


@contextmanager
def on_page(name: str, *, explains: bool, labels: Iterable[str] = ()) -> Iterator[None]:
    """Render a page: until the end of the context, terms are explained where they first stand in it.

    Args:
        labels: of the conditions that it speaks of.
    """
    token = _PAGE.set(Explained(name=name, explains=explains, labels=[*filter(_NAMED.search, labels)]))
    try:
        yield
    finally:
        _PAGE.reset(token)


def explanations() -> list[tuple[str, Term]]:
    """The terms that the page explains, each with the id of its explanation."""
    current = _PAGE.get()
    return [(_id(current, place), TERMS[place]) for place in sorted(current.places)]


def prose(text: str) -> Markup:
    """Sentences. One that names a test is a statistic as a whole; in others, brackets with an interval or a p-value."""
    return _joined(map(_sentence, _sentences(text)))


def stated(text: str) -> Markup:
    """What an author says: brackets with an interval or a p-value are statistics, and a sentence always stays."""
    return _by_brackets(_BRACKETS.split(text))


def phrase(text: str) -> Markup:
    """What is no sentence: brackets with an interval or a p-value are statistics, and terms stay words."""
    return _joined(_marked(each) if _is_statistic(each) else escape(each) for each in _BRACKETS.split(text))


def note(text: str) -> Markup:
    """Small print, parted by commas: those parts are statistics that name an interval or a test."""
    return _joined(_marked(each) if _IN_NOTE.search(each) else escape(each) for each in _PARTS.split(text))


def _sentences(text: str) -> Iterator[list[str]]:
    """Each sentence, taken apart at its brackets."""
    sentence: list[str] = []
    for place, part in enumerate(_BRACKETS.split(text)):
        # A stop within brackets ends nothing.
        first, *others = [part] if place % 2 else _ENDS.split(part)
        sentence.append(first)
        for other in others:
            yield sentence
            sentence = [other]
    yield sentence


def _sentence(parts: Sequence[str]) -> Markup:
    rest = "".join(part for part in parts if not _is_statistic(part))
    for label in _PAGE.get().labels:
        rest = rest.replace(label, "")
    if _NAMED.search(rest):
        return _marked(_with_terms("".join(parts), seen=False))
    return _by_brackets(parts)


def _by_brackets(parts: Iterable[str]) -> Markup:
    return _joined(
        _marked(_with_terms(part, seen=False)) if _is_statistic(part) else _with_terms(part, seen=True)
        for part in parts
    )


def _is_statistic(part: str) -> bool:
    return part.startswith(" (") and part.endswith(")") and _STATISTIC.search(part) is not None


def _marked(text: str) -> Markup:
    return Markup('<span class="stat">{}</span>').format(text)


def _joined(parts: Iterable[Markup]) -> Markup:
    return Markup("").join(parts)


def _with_terms(text: str, *, seen: bool) -> Markup:
    """The text with buttons where the page needs a term explained.

    Args:
        seen: whether a reader sees it who hides the statistics: what is hidden then explains nothing to them.
    """
    current = _PAGE.get()
    found: list[tuple[int, int, int]] = []
    for place, pattern in enumerate(_PATTERNS) if current.explains else ():
        known = current.places.get(place)
        if pattern and (known is None or (seen and not known)) and (match := pattern.search(text)):
            found.append((*match.span(1), place))
    found.sort()
    made, done = Markup(), 0
    for at, (start, end, place) in enumerate(found):
        if start < done:
            continue
        current.places[place] = seen
        # A line may break on either side of a button: its bracket or its number would stand on another line.
        before = max(done, start - len(text[:start].rsplit(" ", 1)[-1]))
        after = end + len(text[end:].split(" ", 1)[0])
        if at + 1 < len(found):
            after = max(end, min(after, found[at + 1][0]))
        made += escape(text[done:before]) + _BUTTON.format(
            text[before:start], _id(current, place), text[start:end], text[end:after]
        )
        done = after
    return made + escape(text[done:])


def _id(current: Explained, place: int) -> str:
    return f"about-{current.name}-{place}"
